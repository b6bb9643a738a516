/* Sets of k coordinates in ascending order, as topk sends them: as gaps, or, where those are no shorter, as indices or
 * a bitmap. */
#include "algo/coding.h"
#include "base/bytes.h"

#include <string.h>

enum { RICE_BITS_MAX = 31, WORD = 8 }; /* WORD: bytes of a bitmap that are looked at together */

/* ---- writing ---- */

void gsp__set_put(const struct gsp_codec *codec, size_t first, size_t n, const uint32_t *index, uint8_t *fields)
{
    if (codec->layout.coding == GSP__CODING_BITMAP) {
        for (size_t j = 0; j < n; j++) fields[index[j] / 8] |= (uint8_t)(1u << index[j] % 8);
    } else {
        gsp__fields_pack(n, codec->layout.field_bits, index, fields + first / 8 * codec->layout.field_bits);
    }
}

/* Turns the indices into the numbers of coordinates left out before each. */
static uint32_t *gaps_of(struct gsp_codec *codec)
{
    uint32_t next = 0, *index = codec->index;
    for (size_t j = 0; j < codec->layout.values; j++) {
        uint32_t i = index[j];
        index[j] = i - next;
        next = i + 1;
    }
    return index;
}

/* One byte with the parameter of Rice's code that suits these gaps, then the code. False if that is no shorter than the
 * draft's fields. */
static bool write_gaps(struct gsp_codec *codec, struct gsp__draft *draft)
{
    size_t k = codec->layout.values;
    const uint32_t *gaps = gaps_of(codec);
    unsigned bits = 0;
    size_t least = gsp__rice_bytes(k, gaps, 0);
    for (size_t more; bits < RICE_BITS_MAX && (more = gsp__rice_bytes(k, gaps, bits + 1)) < least; bits++) least = more;
    if (1 + least >= draft->fields_length) return false;
    draft->fields[0] = (uint8_t)bits;
    gsp__rice_pack(k, gaps, bits, draft->fields + 1);
    draft->fields_length = 1 + least;
    draft->shorter = true;
    return true;
}

static void restore_indices(struct gsp_codec *codec)
{
    uint32_t next = 0, *index = codec->index;
    for (size_t j = 0; j < codec->layout.values; j++) {
        index[j] += next;
        next = index[j] + 1;
    }
}

void gsp__set_write(struct gsp_codec *codec, struct gsp__draft *draft)
{
    if (write_gaps(codec, draft)) return;
    restore_indices(codec);
    memset(draft->fields, 0, draft->fields_length);
    gsp__set_put(codec, 0, codec->layout.values, codec->index, draft->fields);
}

/* ---- reading ---- */

bool gsp__set_open(struct gsp__set_reader *reader, const struct gsp_codec *codec, const struct gsp__coded *message)
{
    *reader = (struct gsp__set_reader){.codec = codec, .message = message};
    if (!message->shorter) return true;
    if (message->fields_length < 1 || message->fields[0] > RICE_BITS_MAX) return false;
    return gsp__rice_open(&reader->gaps, codec->layout.values, message->fields[0], message->fields + 1,
                          message->fields_length - 1);
}

static bool next_gaps(struct gsp__set_reader *reader, size_t n, uint32_t *index)
{
    uint64_t gaps[GSP__CHUNK], d = reader->codec->d;
    gsp__rice_read(&reader->gaps, n, gaps);
    for (size_t j = 0; j < n; j++) {
        if (gaps[j] >= d - reader->next) return false;
        index[j] = (uint32_t)(reader->next + gaps[j]);
        reader->next += gaps[j] + 1;
    }
    return true;
}

/* Eight bytes of the bitmap, or what is left of it. */
static uint64_t word_at(const struct gsp__coded *message, size_t at)
{
    uint8_t last[WORD] = {0};
    size_t left = message->fields_length - at;
    if (left >= WORD) return gsp__load64(message->fields + at);
    memcpy(last, message->fields + at, left);
    return gsp__load64(last);
}

static bool next_ones(struct gsp__set_reader *reader, size_t n, uint32_t *index)
{
    const struct gsp__coded *message = reader->message;
    uint64_t word = reader->word;
    size_t at = reader->at;
    for (size_t j = 0; j < n; j++) {
        for (; !word; at += WORD) {
            if (at >= message->fields_length) return false;
            word = word_at(message, at);
        }
        index[j] = (uint32_t)(8 * (at - WORD) + (unsigned)__builtin_ctzll(word));
        word &= word - 1;
    }
    reader->word = word;
    reader->at = at;
    return true;
}

static bool next_indices(struct gsp__set_reader *reader, size_t n, uint32_t *index)
{
    const struct gsp__coded *message = reader->message;
    gsp__fields_unpack(message->fields, message->fields_length, reader->at, n, reader->codec->layout.field_bits, index);
    reader->at += n;
    for (size_t j = 0; j < n; j++) {
        if (index[j] < reader->next) return false;
        reader->next = (uint64_t)index[j] + 1;
    }
    return reader->next <= reader->codec->d;
}

bool gsp__set_next(struct gsp__set_reader *reader, size_t n, uint32_t *index)
{
    if (reader->message->shorter) return next_gaps(reader, n, index);
    return reader->codec->layout.coding == GSP__CODING_BITMAP ? next_ones(reader, n, index)
                                                              : next_indices(reader, n, index);
}

bool gsp__set_ended(const struct gsp__set_reader *reader)
{
    const struct gsp__coded *message = reader->message;
    if (message->shorter) return gsp__rice_ended(&reader->gaps);
    if (reader->codec->layout.coding != GSP__CODING_BITMAP) return true;
    for (size_t at = reader->at; at < message->fields_length; at++)
        if (message->fields[at]) return false;
    return !reader->word;
}
