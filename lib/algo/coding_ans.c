/* Levels by rANS. A symbol is a token with its sign, or zero. The writer goes from the last level to the first, so that
 * the reader goes forward; each state takes every fourth level. */
#include "algo/ans.h"
#include "algo/coding.h"
#include "base/bytes.h"
#include "base/cpu.h"

#include <stdlib.h>
#include <string.h>

/* States are kept from LEAST on, below LEAST << 16, by words of 16 bits. */
#define LEAST (UINT32_C(1) << 15)
enum { WORD = 2, STATE = 4, RECIPROCAL_BITS = 44 };

enum { BASE_BITS = 28 };
#define BASE_MASK ((UINT32_C(1) << BASE_BITS) - 1)

struct code {
    uint64_t reciprocal; /* 2^44 / frequency, rounded up: exact for the states that it divides */
    uint32_t frequency, start;
};

struct gsp__ans {
    uint32_t s;
    bool extras; /* a token of the model in hand has plain bits */
    struct gsp__ans_model model;
    uint32_t base[GSP__SYMBOLS_MAX]; /* the least field of a symbol */
    uint8_t extra[GSP__SYMBOLS_MAX]; /* and the plain bits above it */
    struct code code[GSP__SYMBOLS_MAX];
    uint64_t slot[GSP__ANS_SLOTS]; /* the symbol's base (28 bits), extra (4), frequency (16), the slot's place in it */
    uint8_t symbol[];              /* of each of the 2s + 1 fields */
};

static unsigned symbols_of(unsigned tokens)
{
    return 2 * tokens - 1;
}

/* 0: zero; 2t - 1: + token t; 2t: - token t */
struct gsp__ans *gsp__ans_new(uint32_t s)
{
    struct gsp__ans *ans = calloc(1, sizeof *ans + 2 * (size_t)s + 1);
    if (!ans) return NULL;
    ans->s = s;
    for (unsigned symbol = 0; symbol < symbols_of(gsp__token_of(s) + 1); symbol++) {
        unsigned extra;
        uint32_t low = gsp__token_low((symbol + 1) / 2, &extra);
        ans->extra[symbol] = (uint8_t)extra;
        ans->base[symbol] = symbol % 2 ? s + low : s - (low + (UINT32_C(1) << extra) - 1);
    }
    for (uint32_t magnitude = 0; magnitude <= s; magnitude++) {
        unsigned token = gsp__token_of(magnitude);
        ans->symbol[s - magnitude] = (uint8_t)(2 * token);
        ans->symbol[s + magnitude] = (uint8_t)(token ? 2 * token - 1 : 0);
    }
    return ans;
}

void gsp__ans_free(struct gsp__ans *ans)
{
    free(ans);
}

/* ---- writing ---- */

static void fit_model(struct gsp__ans *ans, size_t d, const uint32_t *fields)
{
    uint32_t part[4][GSP__SYMBOLS_MAX] = {0}, counts[GSP__TOKENS_MAX] = {0}; /* parts: an addition waits for no other */
    for (size_t i = 0; i < d; i++) part[i % 4][ans->symbol[fields[i]]]++;
    for (unsigned symbol = 0; symbol < GSP__SYMBOLS_MAX; symbol++)
        for (unsigned j = 0; j < 4; j++) counts[(symbol + 1) / 2] += part[j][symbol];
    gsp__ans_model_fit(&ans->model, counts, d);
    uint32_t start = 0;
    ans->extras = ans->extra[symbols_of(ans->model.tokens) - 1] > 0;
    for (unsigned symbol = 0; symbol < symbols_of(ans->model.tokens); symbol++) {
        uint32_t frequency = ans->model.frequency[(symbol + 1) / 2];
        if (!frequency) continue;
        uint64_t reciprocal = ((UINT64_C(1) << RECIPROCAL_BITS) + frequency - 1) / frequency;
        ans->code[symbol] = (struct code){reciprocal, frequency, start};
        start += frequency;
    }
}

/* Moves the low word of a state to the bytes before *at if it is not below `limit`. */
static inline uint32_t spill(uint32_t state, uint32_t limit, uint8_t **at)
{
    uint32_t full = 0 - (uint32_t)(state >= limit); /* a mask: a branch would be guessed wrongly every few levels */
    gsp__store16(*at - WORD, (uint16_t)state);
    *at -= WORD & full;
    return state >> (16 & full);
}

GSP__BODY uint32_t put(const struct gsp__ans *ans, uint32_t state, uint32_t field, bool extras, uint8_t **at)
{
    unsigned symbol = ans->symbol[field];
    const struct code *code = &ans->code[symbol];
    if (extras) {
        unsigned extra = ans->extra[symbol];
        state = spill(state, UINT32_C(1) << (31 - extra), at);
        state = state << extra | (field - ans->base[symbol]);
    }
    state = spill(state, code->frequency << (31 - GSP__ANS_BITS), at);
    uint32_t quotient = (uint32_t)(state * code->reciprocal >> RECIPROCAL_BITS);
    return (quotient << GSP__ANS_BITS) + code->start + (state - quotient * code->frequency);
}

enum { MOST = 2 * WORD * GSP__ANS_LANES }; /* bytes that a turn of all lanes can take */

/* The fields, last first, into the bytes before `end` but not before `begin`; returns where they begin, NULL if there
 * is no room. */
GSP__BODY uint8_t *write_lanes(const struct gsp__ans *ans, size_t d, const uint32_t *fields, bool extras,
                               uint8_t *begin, uint8_t *end)
{
    uint32_t state[GSP__ANS_LANES] = {LEAST, LEAST, LEAST, LEAST};
    uint8_t *at = end;
    size_t i = d;
    if (end - begin < MOST + GSP__ANS_LANES * STATE) return NULL;
    begin += MOST + GSP__ANS_LANES * STATE;
    for (; i % GSP__ANS_LANES; i--) state[(i - 1) % GSP__ANS_LANES] = put(ans, LEAST, fields[i - 1], extras, &at);
    for (; i > 0 && at >= begin; i -= GSP__ANS_LANES)
        for (size_t lane = GSP__ANS_LANES; lane-- > 0;)
            state[lane] = put(ans, state[lane], fields[i - GSP__ANS_LANES + lane], extras, &at);
    if (at < begin) return NULL;
    for (size_t lane = GSP__ANS_LANES; lane-- > 0;) gsp__store32(at -= STATE, state[lane]);
    return at;
}

/* One state, from 0 on: it spills nothing before it is worth it, so that short messages waste nothing. */
GSP__BODY uint8_t *write_single(const struct gsp__ans *ans, size_t d, const uint32_t *fields, bool extras,
                                uint8_t *begin, uint8_t *end)
{
    uint32_t state = 0;
    uint8_t *at = end;
    if (end - begin < 2 * WORD + STATE) return NULL;
    begin += 2 * WORD + STATE;
    for (size_t i = d; i > 0; i--) {
        if (at < begin) return NULL;
        state = put(ans, state, fields[i - 1], extras, &at);
    }
    for (; state > UINT8_MAX; state >>= 16) gsp__store16(at -= WORD, (uint16_t)state);
    if (state) *--at = (uint8_t)state;
    return at;
}

size_t gsp__ans_write(struct gsp__ans *ans, size_t d, const uint32_t *fields, uint8_t *out, size_t room)
{
    uint8_t table[GSP__ANS_TABLE_MAX];
    fit_model(ans, d, fields);
    size_t before = gsp__ans_model_write(&ans->model, table);
    if (before >= room) return 0;
    uint8_t *begin = out + before, *end = out + room, *at;
    if (gsp__ans_lanes(&ans->model, d) == 1)
        at = ans->extras ? write_single(ans, d, fields, true, begin, end)
                         : write_single(ans, d, fields, false, begin, end);
    else
        at = ans->extras ? write_lanes(ans, d, fields, true, begin, end)
                         : write_lanes(ans, d, fields, false, begin, end);
    if (!at || at == begin) return 0;
    memcpy(out, table, before);
    memmove(begin, at, (size_t)(end - at));
    return before + (size_t)(end - at);
}

/* ---- reading ---- */

static void lay_slots(struct gsp__ans *ans)
{
    uint64_t *slot = ans->slot;
    for (unsigned symbol = 0; symbol < symbols_of(ans->model.tokens); symbol++) {
        uint64_t frequency = ans->model.frequency[(symbol + 1) / 2];
        uint64_t entry = frequency << 32 | (uint64_t)ans->extra[symbol] << BASE_BITS | (ans->base[symbol] & BASE_MASK);
        for (uint64_t j = 0; j < frequency; j++) *slot++ = entry | j << 48;
    }
}

/* The state that a single lane ended with: a byte if the number of bytes is odd, then words as usual. */
static bool take_single(struct gsp__ans_reader *reader)
{
    uint32_t state = 0;
    if (reader->at == reader->end) return true;
    if ((reader->end - reader->at) % WORD) state = *reader->at++;
    for (; state < LEAST && reader->at < reader->end; reader->at += WORD) {
        state = state << 16 | gsp__load16(reader->at);
        if (!state) return false;
    }
    reader->state[0] = state;
    return state > 0;
}

static bool take_lanes(struct gsp__ans_reader *reader)
{
    if (reader->end - reader->at < GSP__ANS_LANES * STATE) return false;
    for (unsigned lane = 0; lane < GSP__ANS_LANES; lane++, reader->at += STATE) {
        reader->state[lane] = gsp__load32(reader->at);
        if (reader->state[lane] < LEAST || reader->state[lane] >= LEAST << 16) return false;
    }
    return true;
}

bool gsp__ans_open(struct gsp__ans_reader *reader, struct gsp__ans *ans, size_t d, const uint8_t *bytes, size_t length)
{
    size_t table = gsp__ans_model_read(&ans->model, gsp__token_of(ans->s) + 1, bytes, length);
    if (!table) return false;
    ans->extras = ans->extra[symbols_of(ans->model.tokens) - 1] > 0;
    lay_slots(ans);
    *reader = (struct gsp__ans_reader){.ans = ans, .at = bytes + table, .end = bytes + length};
    reader->lanes = gsp__ans_lanes(&ans->model, d);
    return reader->lanes == 1 ? take_single(reader) : take_lanes(reader);
}

/* `end`: NULL if so many bytes are left that none can be missing. Where they are missing the state stays low, which is
 * where a single one starts. */
static inline uint32_t refill(uint32_t state, const uint8_t **at, const uint8_t *end)
{
    if (end) {
        if (state >= LEAST || end - *at < WORD) return state;
        *at += WORD;
        return state << 16 | gsp__load16(*at - WORD);
    }
    uint32_t low = 0 - (uint32_t)(state < LEAST); /* a mask: a branch would be guessed wrongly every few levels */
    uint32_t word = gsp__load16(*at) & low;
    *at += WORD & low;
    return state << (16 & low) | word;
}

GSP__BODY uint32_t get(const struct gsp__ans *ans, uint32_t *state, bool extras, const uint8_t **at, const uint8_t *end)
{
    uint64_t entry = ans->slot[*state % GSP__ANS_SLOTS];
    uint32_t field = (uint32_t)entry, x = *state >> GSP__ANS_BITS;
    x = x * (uint16_t)(entry >> 32) + (uint32_t)(entry >> 48);
    x = refill(x, at, end);
    if (extras) {
        unsigned extra = field >> BASE_BITS;
        field = (field + (x & ((UINT32_C(1) << extra) - 1))) & BASE_MASK; /* the base of -s is below 0 */
        x = refill(x >> extra, at, end);
    }
    *state = x;
    return field;
}

GSP__BODY void read_fields(struct gsp__ans_reader *reader, size_t n, bool extras, uint32_t *fields)
{
    const struct gsp__ans *ans = reader->ans;
    const uint8_t *at = reader->at, *end = reader->end;
    size_t i = 0;
    if (reader->lanes == 1) {
        uint32_t state = reader->state[0];
        for (; i < n; i++) fields[i] = get(ans, &state, extras, &at, end);
        reader->state[0] = state;
    } else {
        uint32_t state[GSP__ANS_LANES];
        memcpy(state, reader->state, sizeof state);
        for (; i + GSP__ANS_LANES <= n && end - at >= MOST; i += GSP__ANS_LANES)
            for (size_t lane = 0; lane < GSP__ANS_LANES; lane++)
                fields[i + lane] = get(ans, &state[lane], extras, &at, NULL);
        for (; i < n; i++) fields[i] = get(ans, &state[i % GSP__ANS_LANES], extras, &at, end);
        memcpy(reader->state, state, sizeof state);
    }
    reader->at = at;
}

void gsp__ans_read(struct gsp__ans_reader *reader, size_t n, uint32_t *fields)
{
    if (reader->ans->extras) {
        read_fields(reader, n, true, fields);
    } else {
        read_fields(reader, n, false, fields);
    }
}

bool gsp__ans_ended(const struct gsp__ans_reader *reader, uint32_t least, uint32_t greatest)
{
    uint32_t s = reader->ans->s, below = least < s ? s - least : 0, above = greatest > s ? greatest - s : 0;
    if (gsp__token_of(below > above ? below : above) + 1 != reader->ans->model.tokens) return false;
    uint32_t start = reader->lanes == 1 ? 0 : LEAST, difference = 0;
    for (unsigned lane = 0; lane < reader->lanes; lane++) difference |= reader->state[lane] ^ start;
    return reader->at == reader->end && !difference;
}
