/* Levels and a scale a bucket, as qsgd and sign send them: m_i = level_i * scale, one multiplication. */
#include "algo/ans.h"
#include "algo/coding.h"
#include "base/bytes.h"
#include "base/cpu.h"

#include <assert.h>
#include <math.h>

/* The fields of a message, whichever form they have. */
struct fields {
    const struct gsp__coded *message;
    unsigned bits;
    struct gsp__ans_reader coded;
};

static bool open_fields(struct fields *fields, struct gsp_codec *codec, const struct gsp__coded *message)
{
    *fields = (struct fields){.message = message, .bits = codec->layout.field_bits};
    return !message->shorter ||
           gsp__ans_open(&fields->coded, codec->ans, codec->d, message->fields, message->fields_length);
}

/* Fields first .. first + n - 1, asked for in ascending order. */
static void next_fields(struct fields *fields, size_t first, size_t n, uint32_t *out)
{
    const struct gsp__coded *message = fields->message;
    if (message->shorter) {
        gsp__ans_read(&fields->coded, n, out);
    } else {
        gsp__fields_unpack(message->fields, message->fields_length, first, n, fields->bits, out);
    }
}

static int check_scales(const struct gsp_codec *codec, uint32_t s, const uint8_t *scales, struct gsp_error *error)
{
    for (size_t b = 0; b < codec->layout.values; b++) {
        double scale = gsp__value_at(codec->compressor.values, scales, b);
        if (signbit(scale)) return gsp_error_set(error, GSP_ERR_FORMAT, "the scale of bucket %zu is negative", b);
        if (!isfinite(scale * s)) {
            return gsp_error_set(error, GSP_ERR_FORMAT, "the scale of bucket %zu is too large", b);
        }
    }
    return 0;
}

int gsp__levels_check(struct gsp_codec *codec, struct gsp__levels levels, const struct gsp__coded *message,
                      uint8_t *longer, struct gsp_error *error)
{
    int rc = check_scales(codec, levels.s, message->values, error);
    if (rc) return rc;
    uint32_t greatest = 2 * levels.s / levels.step, most = 0, least = greatest;
    size_t present = 0; /* levels other than 0 */
    if (!message->shorter && greatest == (UINT32_C(1) << codec->layout.field_bits) - 1) return 0; /* all are in range */
    struct fields fields;
    if (!open_fields(&fields, codec, message))
        return gsp_error_set(error, GSP_ERR_FORMAT, "the coded levels begin with no valid table");
    for (size_t at = 0; at < codec->d; at += GSP__CHUNK) {
        uint32_t field[GSP__CHUNK];
        size_t n = gsp__smaller(GSP__CHUNK, codec->d - at);
        next_fields(&fields, at, n, field);
        if (longer) gsp__fields_pack(n, fields.bits, field, longer + at / 8 * fields.bits);
        for (size_t i = 0; i < n; i++) most = field[i] > most ? field[i] : most;
        for (size_t i = 0; i < n; i++) least = field[i] < least ? field[i] : least;
        for (size_t i = 0; i < n && levels.most; i++) present += field[i] != levels.s;
    }
    if (most > greatest) {
        return gsp_error_set(error, GSP_ERR_FORMAT, "the payload holds level %u of %u", most, greatest);
    }
    if (present > levels.most)
        return gsp_error_set(error, GSP_ERR_FORMAT, "the payload holds %zu levels that are not 0, of %zu", present,
                             levels.most);
    if (message->shorter && !gsp__ans_ended(&fields.coded, least, most))
        return gsp_error_set(error, GSP_ERR_FORMAT, "the coded levels do not end where the payload does");
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

void gsp__levels_apply(struct gsp_codec *codec, struct gsp__levels levels, const struct gsp__coded *message,
                       double weight, double *sum, double *copy)
{
    struct fields fields;
    bool open = open_fields(&fields, codec, message);
    assert(open); /* it was checked */
    size_t bucket = gsp__bucket_length(&codec->compressor, codec->d);
    for (size_t at = 0; at < codec->d; at += GSP__CHUNK) {
        uint32_t field[GSP__CHUNK];
        double m[GSP__CHUNK];
        size_t n = gsp__smaller(GSP__CHUNK, codec->d - at);
        next_fields(&fields, at, n, field);
        for (size_t i = 0; i < n;) {
            size_t b = (at + i) / bucket, part = gsp__smaller((b + 1) * bucket - (at + i), n - i);
            double scale = gsp__value_at(codec->compressor.values, message->values, b);
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
