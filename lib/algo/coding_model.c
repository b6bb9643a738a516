/* The model of a message's levels: how often which magnitude occurs, and its table of few bytes. */
#include "algo/ans.h"
#include "algo/coding.h"

#include <assert.h>
#include <string.h>

enum {
    PLAIN_TOKENS = 16, /* magnitudes below are a token each */
    EIGHTHS = 3,       /* tokens an octave above, as a power of 2 */
    TABLE_BITS = 3,    /* of the Rice code of the table */
    LANES_WORTH = 2048 /* expected non-zero levels from which the bytes of more states do not matter */
};

static unsigned octave(uint32_t x)
{
    return 31 - (unsigned)__builtin_clz(x);
}

unsigned gsp__token_of(uint32_t magnitude)
{
    if (magnitude < PLAIN_TOKENS) return magnitude;
    unsigned e = octave(magnitude);
    return PLAIN_TOKENS + ((e - 4) << EIGHTHS) + (magnitude >> (e - EIGHTHS) & ((1u << EIGHTHS) - 1));
}

uint32_t gsp__token_low(unsigned token, unsigned *extra)
{
    *extra = 0;
    if (token < PLAIN_TOKENS) return token;
    unsigned e = 4 + ((token - PLAIN_TOKENS) >> EIGHTHS), m = token & ((1u << EIGHTHS) - 1);
    *extra = e - EIGHTHS;
    return ((1u << EIGHTHS) + m) << *extra;
}

/* Frequencies have four significant bits, as magnitudes have before their plain bits: the same numbers name them. */
static unsigned rank_of(uint64_t frequency)
{
    unsigned extra, rank = gsp__token_of((uint32_t)frequency);
    uint32_t low = gsp__token_low(rank, &extra), high = gsp__token_low(rank + 1, &extra);
    return rank + (frequency - low > high - frequency);
}

static uint16_t frequency_of(unsigned rank)
{
    unsigned extra;
    return (uint16_t)gsp__token_low(rank, &extra);
}

void gsp__ans_model_fit(struct gsp__ans_model *model, const uint32_t *counts, size_t d)
{
    unsigned sum = 0;
    memset(model, 0, sizeof *model);
    model->tokens = 1;
    for (unsigned t = 1; t < GSP__TOKENS_MAX; t++) {
        if (!counts[t]) continue;
        uint64_t share = ((uint64_t)counts[t] * (GSP__ANS_SLOTS / 2) + d / 2) / d;
        model->frequency[t] = frequency_of(rank_of(share ? share : 1));
        sum += 2u * model->frequency[t];
        model->tokens = t + 1;
    }
    while (sum >= GSP__ANS_SLOTS) { /* zero keeps a place, whether it occurs or not */
        unsigned greatest = 1;
        for (unsigned t = 2; t < model->tokens; t++)
            if (model->frequency[t] > model->frequency[greatest]) greatest = t;
        uint16_t less = frequency_of(gsp__token_of(model->frequency[greatest]) - 1);
        sum -= 2u * (model->frequency[greatest] - less);
        model->frequency[greatest] = less;
    }
    model->frequency[0] = (uint16_t)(GSP__ANS_SLOTS - sum);
}

unsigned gsp__ans_lanes(const struct gsp__ans_model *model, size_t d)
{
    uint64_t nonzero = (uint64_t)d * (unsigned)(GSP__ANS_SLOTS - model->frequency[0]) / GSP__ANS_SLOTS;
    return nonzero >= LANES_WORTH ? GSP__ANS_LANES : 1;
}

/* ---- the table: how many tokens, then by Rice's code the steps from one rank to the next ---- */

enum { RANK_BEFORE = 56 }; /* of frequency 512: an eighth for each sign */

/* 0, -1, 1, -2, ... as 0, 1, 2, 3, ... */
static uint32_t folded(int step)
{
    return step < 0 ? 2 * (uint32_t)-step - 1 : 2 * (uint32_t)step;
}

size_t gsp__ans_model_write(const struct gsp__ans_model *model, uint8_t *table)
{
    uint32_t steps[GSP__TOKENS_MAX];
    int before = RANK_BEFORE;
    for (unsigned t = 1; t < model->tokens; t++) {
        int rank = (int)gsp__token_of(model->frequency[t]);
        steps[t - 1] = folded(rank - before);
        before = rank;
    }
    table[0] = (uint8_t)model->tokens;
    gsp__rice_pack(model->tokens - 1, steps, TABLE_BITS, table + 1);
    return 1 + gsp__rice_bytes(model->tokens - 1, steps, TABLE_BITS);
}

size_t gsp__ans_model_read(struct gsp__ans_model *model, unsigned most, const uint8_t *bytes, size_t length)
{
    struct gsp__rice_reader reader;
    uint64_t steps[GSP__TOKENS_MAX];
    memset(model, 0, sizeof *model);
    if (length < 1 || bytes[0] < 1 || bytes[0] > most) return 0;
    model->tokens = bytes[0];
    if (!gsp__rice_open(&reader, model->tokens - 1, TABLE_BITS, bytes + 1, length - 1)) return 0;
    gsp__rice_read(&reader, model->tokens - 1, steps);
    int rank = RANK_BEFORE;
    unsigned sum = 0, greatest = gsp__token_of(GSP__ANS_SLOTS / 2);
    for (unsigned t = 1; t < model->tokens; t++) {
        uint64_t step = steps[t - 1];
        if (step > 2 * greatest) return 0;
        rank += step % 2 ? -(int)(step / 2) - 1 : (int)(step / 2);
        if (rank < 0 || rank > (int)greatest) return 0;
        model->frequency[t] = frequency_of((unsigned)rank);
        sum += 2u * model->frequency[t];
    }
    if (reader.short_of || sum >= GSP__ANS_SLOTS) return 0;
    if (reader.word & ((1u << reader.filled % 8) - 1)) return 0; /* padding of the last byte */
    if (model->tokens > 1 && model->frequency[model->tokens - 1] == 0) return 0;
    model->frequency[0] = (uint16_t)(GSP__ANS_SLOTS - sum);
    return length - gsp__rice_left(&reader);
}
