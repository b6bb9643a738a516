/* Transmitted values: f64, f32 or bf16 (the upper half of an f32), little-endian, rounded to nearest, ties to even. */
#include "algo/coding.h"
#include "base/bytes.h"

#include <assert.h>
#include <math.h>

#define F64_EXPONENT  0x7ff0000000000000u
#define F32_EXPONENT  0x7f800000u
#define BF16_EXPONENT 0x7f80u

size_t gsp__value_bytes(enum gsp_values values)
{
    switch (values) {
    case GSP_F64:
        return 8;
    case GSP_F32:
        return 4;
    case GSP_BF16:
        return 2;
    }
    assert(!"a width of values");
    return 0;
}

static inline uint32_t float_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The double nearest to x among those that bf16 has: 8 bits, or below 2^-126 a multiple of 2^-133, its smallest number.
 * The conversion to float is then exact, or infinite for what is too large. By way of a rounded float, some would be
 * rounded twice and go the wrong way. */
static inline float to_bf16(double x)
{
    const uint64_t dropped = UINT64_C(1) << 45;
    uint64_t bits = gsp__bits_of(x);
    double normal = gsp__double_of((bits + (dropped / 2 - 1) + (bits >> 45 & 1)) & ~(dropped - 1));
    double small = fabs(x) + 0x1.8p-81 - 0x1.8p-81;
    double rounded = fabs(x) < 0x1p-126 ? copysign(small, x) : normal;
    return (float)(rounded - (x - x)); /* NaN if x is not finite, whatever the carry made of it */
}

/* The float's upper half is the bf16. */
static bool pack_bf16(size_t n, const double *v, uint8_t *out)
{
    enum { BLOCK = 128 };
    uint32_t bad = 0;
    for (size_t at = 0; at < n; at += BLOCK) {
        float rounded[BLOCK];
        size_t part = gsp__smaller(BLOCK, n - at);
        for (size_t i = 0; i < part; i++) rounded[i] = to_bf16(v[at + i]);
        for (size_t i = 0; i < part; i++) {
            uint32_t bits = float_bits(rounded[i]);
            bad |= (bits & F32_EXPONENT) == F32_EXPONENT;
            gsp__store16(out + 2 * (at + i), (uint16_t)(bits >> 16));
        }
    }
    return !bad;
}

bool gsp__values_pack(enum gsp_values values, size_t n, const double *v, uint8_t *out)
{
    uint64_t bad = 0;
    switch (values) {
    case GSP_F64:
        for (size_t i = 0; i < n; i++) {
            uint64_t bits = gsp__bits_of(v[i]);
            bad |= (bits & F64_EXPONENT) == F64_EXPONENT;
            gsp__store64(out + 8 * i, bits);
        }
        break;
    case GSP_F32:
        for (size_t i = 0; i < n; i++) {
            uint32_t bits = float_bits((float)v[i]);
            bad |= (bits & F32_EXPONENT) == F32_EXPONENT;
            gsp__store32(out + 4 * i, bits);
        }
        break;
    case GSP_BF16:
        return pack_bf16(n, v, out);
    }
    return !bad;
}

void gsp__values_unpack(enum gsp_values values, size_t n, const uint8_t *bytes, double *out)
{
    switch (values) {
    case GSP_F64:
        for (size_t i = 0; i < n; i++) out[i] = gsp__double_of(gsp__load64(bytes + 8 * i));
        break;
    case GSP_F32:
        for (size_t i = 0; i < n; i++) out[i] = float_of(gsp__load32(bytes + 4 * i));
        break;
    case GSP_BF16:
        for (size_t i = 0; i < n; i++) out[i] = float_of((uint32_t)gsp__load16(bytes + 2 * i) << 16);
        break;
    }
}

double gsp__value_at(enum gsp_values values, const uint8_t *bytes, size_t i)
{
    double value;
    gsp__values_unpack(values, 1, bytes + i * gsp__value_bytes(values), &value);
    return value;
}

bool gsp__values_finite(enum gsp_values values, size_t n, const uint8_t *bytes)
{
    uint64_t bad = 0;
    switch (values) {
    case GSP_F64:
        for (size_t i = 0; i < n; i++) bad |= (gsp__load64(bytes + 8 * i) & F64_EXPONENT) == F64_EXPONENT;
        break;
    case GSP_F32:
        for (size_t i = 0; i < n; i++) bad |= (gsp__load32(bytes + 4 * i) & F32_EXPONENT) == F32_EXPONENT;
        break;
    case GSP_BF16:
        for (size_t i = 0; i < n; i++) bad |= (gsp__load16(bytes + 2 * i) & BF16_EXPONENT) == BF16_EXPONENT;
        break;
    }
    return !bad;
}
