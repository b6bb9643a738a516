/* Levels and a scale a bucket, as qsgd and sign send them: m_i = level_i * scale, one multiplication. */
#include "algo/bytes.h"
#include "algo/coding.h"
#include "base/cpu.h"

#include <math.h>

int gsp__levels_check(const struct gsp_codec *codec, struct gsp__levels levels, const uint8_t *scales,
                      const uint8_t *fields, struct gsp_error *error)
{
    for (size_t b = 0; b < codec->layout.values; b++) {
        double scale = gsp__value_at(codec->compressor.values, scales, b);
        if (signbit(scale)) return gsp_error_set(error, GSP_ERR_FORMAT, "the scale of bucket %zu is negative", b);
        if (!isfinite(scale * levels.s)) {
            return gsp_error_set(error, GSP_ERR_FORMAT, "the scale of bucket %zu is too large", b);
        }
    }
    unsigned bits = codec->layout.field_bits;
    uint32_t greatest = 2 * levels.s / levels.step, worst = 0;
    if (greatest == (UINT32_C(1) << bits) - 1) return 0; /* whatever the bits, they are in range */
    size_t length = gsp__fields_bytes(codec->d, bits);
    for (size_t at = 0; at < codec->d; at += GSP__CHUNK) {
        uint32_t field[GSP__CHUNK];
        size_t n = gsp__smaller(GSP__CHUNK, codec->d - at);
        gsp__fields_unpack(fields, length, at, n, bits, field);
        for (size_t i = 0; i < n; i++) worst = field[i] > worst ? field[i] : worst;
    }
    if (worst > greatest) {
        return gsp_error_set(error, GSP_ERR_FORMAT, "the payload holds level %u of %u", worst, greatest);
    }
    return 0;
}

GSP__BODY void multiply(size_t n, const uint32_t *field, struct gsp__levels levels, double scale, double *m)
{
    for (size_t i = 0; i < n; i++) m[i] = (double)((int32_t)(field[i] * levels.step) - (int32_t)levels.s) * scale;
}

static void multiply_plain(size_t n, const uint32_t *field, struct gsp__levels levels, double scale, double *m)
{
    multiply(n, field, levels, scale, m);
}

GSP__AVX2 static void multiply_avx2(size_t n, const uint32_t *field, struct gsp__levels levels, double scale, double *m)
{
    multiply(n, field, levels, scale, m);
}

void gsp__levels_apply(const struct gsp_codec *codec, struct gsp__levels levels, const uint8_t *scales,
                       const uint8_t *fields, double weight, double *sum, double *copy)
{
    size_t bucket = gsp__bucket_length(&codec->compressor, codec->d);
    size_t length = gsp__fields_bytes(codec->d, codec->layout.field_bits);
    for (size_t at = 0; at < codec->d; at += GSP__CHUNK) {
        uint32_t field[GSP__CHUNK];
        double m[GSP__CHUNK];
        size_t n = gsp__smaller(GSP__CHUNK, codec->d - at);
        gsp__fields_unpack(fields, length, at, n, codec->layout.field_bits, field);
        for (size_t i = 0; i < n;) {
            size_t b = (at + i) / bucket, part = gsp__smaller((b + 1) * bucket - (at + i), n - i);
            double scale = gsp__value_at(codec->compressor.values, scales, b);
            if (gsp__has_avx2()) {
                multiply_avx2(part, field + i, levels, scale, m + i);
            } else {
                multiply_plain(part, field + i, levels, scale, m + i);
            }
            i += part;
        }
        gsp__add_dense(n, m, weight, sum + at, copy ? copy + at : NULL);
    }
}
