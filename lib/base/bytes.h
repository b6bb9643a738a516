/* Little-endian numbers at any address. */
#ifndef GSP_BASE_BYTES_H
#define GSP_BASE_BYTES_H

#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define GSP__LE(width, x) (x)
#else
#define GSP__LE(width, x) __builtin_bswap##width(x)
#endif

static inline uint16_t gsp__load16(const uint8_t *from)
{
    uint16_t x;
    memcpy(&x, from, sizeof x);
    return GSP__LE(16, x);
}

static inline uint32_t gsp__load32(const uint8_t *from)
{
    uint32_t x;
    memcpy(&x, from, sizeof x);
    return GSP__LE(32, x);
}

static inline uint64_t gsp__load64(const uint8_t *from)
{
    uint64_t x;
    memcpy(&x, from, sizeof x);
    return GSP__LE(64, x);
}

static inline void gsp__store16(uint8_t *to, uint16_t x)
{
    uint16_t little = GSP__LE(16, x);
    memcpy(to, &little, sizeof little);
}

static inline void gsp__store32(uint8_t *to, uint32_t x)
{
    uint32_t little = GSP__LE(32, x);
    memcpy(to, &little, sizeof little);
}

static inline void gsp__store64(uint8_t *to, uint64_t x)
{
    uint64_t little = GSP__LE(64, x);
    memcpy(to, &little, sizeof little);
}

static inline uint64_t gsp__bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double gsp__double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

#endif
