/* Rice's code: of each integer the low bits as fields, then all quotients in unary. Near the entropy where small ones
 * are likelier by a constant factor, as gaps between randomly chosen coordinates are. */
#include "algo/coding.h"
#include "base/bytes.h"

#include <string.h>

size_t gsp__rice_bytes(size_t n, const uint32_t *integers, unsigned bits)
{
    uint64_t unary = n;
    for (size_t i = 0; i < n; i++) unary += integers[i] >> bits;
    return gsp__fields_bytes(n, bits) + (size_t)((unary + 7) / 8);
}

void gsp__rice_pack(size_t n, const uint32_t *integers, unsigned bits, uint8_t *out)
{
    size_t low_bytes = gsp__fields_bytes(n, bits);
    uint8_t *unary = out + low_bytes;
    uint64_t place = 0;
    memset(unary, 0, gsp__rice_bytes(n, integers, bits) - low_bytes);
    for (size_t at = 0; at < n; at += GSP__CHUNK) {
        uint32_t low[GSP__CHUNK];
        size_t part = gsp__smaller(GSP__CHUNK, n - at);
        for (size_t i = 0; i < part; i++) {
            low[i] = integers[at + i] & ((UINT32_C(1) << bits) - 1);
            place += integers[at + i] >> bits;
            unary[place / 8] |= (uint8_t)(1u << place % 8);
            place++;
        }
        gsp__fields_pack(part, bits, low, out + at / 8 * bits);
    }
}

static void refill(struct gsp__rice_reader *reader)
{
    size_t left = (size_t)(reader->end - reader->at);
    if (left >= 8) {
        reader->word = gsp__load64(reader->at);
        reader->filled = 64;
        reader->at += 8;
        return;
    }
    reader->word = 0;
    for (size_t j = 0; j < left; j++) reader->word |= (uint64_t)reader->at[j] << (8 * j);
    reader->filled = (unsigned)(8 * left);
    reader->at = reader->end;
}

bool gsp__rice_open(struct gsp__rice_reader *reader, size_t n, unsigned bits, const uint8_t *bytes, size_t length)
{
    size_t low_bytes = gsp__fields_bytes(n, bits);
    if (length < low_bytes) return false;
    *reader = (struct gsp__rice_reader){
        .low = bytes, .low_bytes = low_bytes, .bits = bits, .at = bytes + low_bytes, .end = bytes + length};
    return true;
}

/* The zeros before the next one; those of a run that never ends stand for all that is left. */
static uint64_t next_quotient(struct gsp__rice_reader *reader)
{
    uint64_t zeros = 0;
    while (!reader->word) {
        zeros += reader->filled;
        reader->filled = 0;
        if (reader->at == reader->end) {
            reader->short_of = true;
            return zeros;
        }
        refill(reader);
    }
    unsigned run = (unsigned)__builtin_ctzll(reader->word);
    reader->word = reader->word >> run >> 1;
    reader->filled -= run + 1;
    return zeros + run;
}

void gsp__rice_read(struct gsp__rice_reader *reader, size_t n, uint64_t *integers)
{
    uint32_t low[GSP__CHUNK];
    for (size_t at = 0; at < n; at += GSP__CHUNK) {
        size_t part = gsp__smaller(GSP__CHUNK, n - at);
        gsp__fields_unpack(reader->low, reader->low_bytes, reader->done, part, reader->bits, low);
        for (size_t i = 0; i < part; i++) integers[at + i] = next_quotient(reader) << reader->bits | low[i];
        reader->done += part;
    }
}

size_t gsp__rice_left(const struct gsp__rice_reader *reader)
{
    return (size_t)(reader->end - reader->at) + reader->filled / 8;
}

bool gsp__rice_ended(const struct gsp__rice_reader *reader)
{
    return !reader->short_of && !reader->word && gsp__rice_left(reader) == 0;
}
