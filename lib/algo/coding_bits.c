/* Fields of a fixed number of bits, packed without gaps: bit b of field i is bit (i * bits + b) of the bytes, counted
 * from the low bit of the first. */
#include "algo/coding.h"
#include "base/bytes.h"
#include "base/cpu.h"

#include <assert.h>

void gsp__fields_pack(size_t n, unsigned bits, const uint32_t *fields, uint8_t *out)
{
    const uint8_t *end = out + gsp__fields_bytes(n, bits);
    size_t i = 0;
    /* Eight fields are `bits` bytes: one word, whose unused bytes the next overwrites. */
    for (; bits <= 8 && i + 8 <= n && out + 8 <= end; i += 8, out += bits) {
        uint64_t word = 0;
        for (unsigned j = 0; j < 8; j++) word |= (uint64_t)fields[i + j] << (j * bits);
        gsp__store64(out, word);
    }
    uint64_t word = 0;
    unsigned filled = 0;
    for (; i < n; i++) {
        word |= (uint64_t)fields[i] << filled;
        filled += bits;
        if (filled < 32) continue;
        gsp__store32(out, (uint32_t)word);
        out += 4;
        word >>= 32;
        filled -= 32;
    }
    for (; out < end; word >>= 8) *out++ = (uint8_t)word;
}

/* Field i alone, wherever it lies. */
static uint32_t field_at(const uint8_t *bytes, size_t length, size_t i, unsigned bits)
{
    uint64_t word = 0, bit = (uint64_t)i * bits;
    size_t at = (size_t)(bit >> 3);
    for (size_t j = at; j < length && j < at + 8; j++) word |= (uint64_t)bytes[j] << (8 * (j - at));
    return (uint32_t)(word >> (bit & 7) & ((UINT64_C(1) << bits) - 1));
}

/* Groups of eight fields of up to 16 bits, four from each load of eight bytes; 4 * bits / 8 + 8 bytes must be there
 * from the start of every group. */
GSP__BODY void unpack_groups(const uint8_t *bytes, size_t groups, unsigned bits, uint32_t *out)
{
    const uint64_t mask = (UINT64_C(1) << bits) - 1;
    for (size_t g = 0; g < groups; g++, bytes += bits, out += 8) {
        uint64_t low = gsp__load64(bytes), high = gsp__load64(bytes + bits / 2) >> (4 * bits & 7);
        for (unsigned j = 0; j < 4; j++) out[j] = (uint32_t)(low >> (j * bits) & mask);
        for (unsigned j = 0; j < 4; j++) out[4 + j] = (uint32_t)(high >> (j * bits) & mask);
    }
}

static void unpack_groups_plain(const uint8_t *bytes, size_t groups, unsigned bits, uint32_t *out)
{
    unpack_groups(bytes, groups, bits, out);
}

GSP__AVX2 static void unpack_groups_avx2(const uint8_t *bytes, size_t groups, unsigned bits, uint32_t *out)
{
    unpack_groups(bytes, groups, bits, out);
}

void gsp__fields_unpack(const uint8_t *bytes, size_t length, size_t first, size_t n, unsigned bits, uint32_t *out)
{
    assert(first % 8 == 0);
    size_t i = 0, start = first / 8 * bits; /* of the first field, in bytes */
    size_t margin = bits / 2 + 8;
    if (bits && bits <= 16 && start + margin <= length) {
        size_t groups = gsp__smaller((length - margin - start) / bits + 1, n / 8);
        if (gsp__has_avx2()) {
            unpack_groups_avx2(bytes + start, groups, bits, out);
        } else {
            unpack_groups_plain(bytes + start, groups, bits, out);
        }
        i = 8 * groups;
    } else if (bits > 16 && length >= 8) {
        const uint64_t mask = (UINT64_C(1) << bits) - 1, last = (uint64_t)(length - 8) * 8;
        for (uint64_t bit = (uint64_t)first * bits; i < n && bit <= last; i++, bit += bits) {
            out[i] = (uint32_t)(gsp__load64(bytes + (bit >> 3)) >> (bit & 7) & mask);
        }
    }
    for (; i < n; i++) out[i] = field_at(bytes, length, first + i, bits);
}
