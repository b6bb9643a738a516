/* Fields of a fixed number of bits, packed without gaps: bit b of field i is bit (i * bits + b) of the bytes, counted
 * from the low bit of the first. */
#include "algo/bytes.h"
#include "algo/coding.h"

void gsp__fields_pack(size_t n, unsigned bits, const uint32_t *fields, uint8_t *out)
{
    size_t i = 0;
    if (bits <= 8) {
        for (; i + 8 <= n; i += 8) {
            uint64_t word = 0;
            for (unsigned j = 0; j < 8; j++) word |= (uint64_t)fields[i + j] << (j * bits);
            for (unsigned j = 0; j < bits; j++) out[j] = (uint8_t)(word >> (8 * j));
            out += bits;
        }
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
    for (; filled; filled = filled < 8 ? 0 : filled - 8) {
        *out++ = (uint8_t)word;
        word >>= 8;
    }
}

void gsp__fields_unpack(const uint8_t *bytes, size_t length, size_t first, size_t n, unsigned bits, uint32_t *out)
{
    const uint64_t mask = (UINT64_C(1) << bits) - 1;
    uint64_t bit = (uint64_t)first * bits;
    size_t i = 0, quick = 0;
    if (length >= 8 && bits) {
        /* Fields that begin in or before the last byte at which eight can be loaded. */
        uint64_t end = (uint64_t)(length - 8) * 8 + 7;
        if (bit <= end) quick = (size_t)((end - bit) / bits + 1);
        if (quick > n) quick = n;
    }
    for (; i < quick; i++, bit += bits) {
        out[i] = (uint32_t)(gsp__load64(bytes + (bit >> 3)) >> (bit & 7) & mask);
    }
    for (; i < n; i++, bit += bits) {
        uint64_t word = 0;
        size_t at = (size_t)(bit >> 3);
        for (size_t j = at; j < length && j < at + 8; j++) word |= (uint64_t)bytes[j] << (8 * (j - at));
        out[i] = (uint32_t)(word >> (bit & 7) & mask);
    }
}
