/* qsgd: each bucket is sent as its scale |v|_2 / (s tau) and, for each coordinate, the integer
 * sign(v) floor(s |v| / |v|_2 + u), u uniform in [0, 1), s = 2^bits. */
#include "algo/ans.h"
#include "algo/coding.h"
#include "base/bytes.h"
#include "base/cpu.h"

#include <math.h>

static int allocate(struct gsp_codec *codec)
{
    codec->norms = gsp_vector(codec->layout.values);
    codec->index = gsp_alloc(codec->d, sizeof *codec->index);
    codec->ans = gsp__ans_new(UINT32_C(1) << codec->compressor.bits);
    return codec->norms && codec->index && codec->ans ? 0 : GSP_ERR_NOMEM;
}

double gsp__norm(size_t n, const double *v)
{
    double square = gsp_dot(n, v, v);
    if (square >= 0x1p-900 || isnan(square)) return sqrt(square);
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (v[i] * 0x1p600) * (v[i] * 0x1p600);
    return sqrt(sum) * 0x1p-600;
}

/* s |v| / norm is evaluated as the authors' code does. Levels of a bucket of zeros (norm 1 instead of 0) are zero. */
GSP__BODY void quantise(size_t n, const double *v, double s, double norm, const double *u, uint32_t *field)
{
    for (size_t i = 0; i < n; i++) {
        double level = s * fabs(v[i]) / norm + u[i];
        level = level > s ? s : level;
        field[i] = (uint32_t)((int32_t)copysign(level, v[i]) + (int32_t)s);
    }
}

static void quantise_plain(size_t n, const double *v, double s, double norm, const double *u, uint32_t *field)
{
    quantise(n, v, s, norm, u, field);
}

GSP__AVX2 static void quantise_avx2(size_t n, const double *v, double s, double norm, const double *u, uint32_t *field)
{
    quantise(n, v, s, norm, u, field);
}

void gsp__quantise(size_t n, const double *v, double s, double norm, const double *u, uint32_t *field)
{
    if (gsp__has_avx2()) {
        quantise_avx2(n, v, s, norm, u, field);
    } else {
        quantise_plain(n, v, s, norm, u, field);
    }
}

/* The norms, and the scales as they are sent. A norm whose square did not overflow leaves room for s |v|. */
static bool measure(struct gsp_codec *codec, const double *v, uint8_t *scales)
{
    enum gsp_values values = codec->compressor.values;
    size_t d = codec->d, bucket = gsp__bucket_length(&codec->compressor, d), width = gsp__value_bytes(values);
    double s = (double)(UINT32_C(1) << codec->compressor.bits);
    double tau = gsp__qsgd_tau(codec->compressor.bits, bucket);
    for (size_t b = 0; b < codec->layout.values; b++) {
        size_t first = b * bucket, n = gsp__smaller(bucket, d - first);
        double norm = gsp__norm(n, v + first);
        double scale = norm / (s * (n == bucket ? tau : gsp__qsgd_tau(codec->compressor.bits, n)));
        if (!gsp__values_pack(values, 1, &scale, scales + b * width)) return false;
        codec->norms[b] = norm > 0 ? norm : 1;
    }
    return true;
}

void gsp__levels_write(struct gsp_codec *codec, struct gsp__draft *draft)
{
    size_t length = gsp__ans_write(codec->ans, codec->d, codec->index, draft->fields, draft->fields_length);
    draft->shorter = length > 0;
    if (draft->shorter) {
        draft->fields_length = length;
    } else {
        gsp__fields_pack(codec->d, codec->layout.field_bits, codec->index, draft->fields);
    }
}

static int encode(struct gsp_codec *codec, const double *v, const struct gsp_draws *draws, struct gsp__draft *draft)
{
    if (!measure(codec, v, draft->values)) return GSP_ERR_DIVERGED;
    size_t bucket = gsp__bucket_length(&codec->compressor, codec->d);
    double s = (double)(UINT32_C(1) << codec->compressor.bits);
    struct gsp__uniforms uniforms;
    gsp__uniforms_init(&uniforms, draws);
    for (size_t at = 0; at < codec->d; at += GSP__CHUNK) {
        double u[GSP__CHUNK];
        uint32_t *field = codec->index + at;
        size_t n = gsp__smaller(GSP__CHUNK, codec->d - at);
        gsp__uniforms_next(&uniforms, at, n, u);
        for (size_t i = 0; i < n;) {
            size_t b = (at + i) / bucket, part = gsp__smaller((b + 1) * bucket - (at + i), n - i);
            gsp__quantise(part, v + at + i, s, codec->norms[b], u + i, field + i);
            i += part;
        }
    }
    gsp__levels_write(codec, draft);
    return 0;
}

static struct gsp__levels levels_of(const struct gsp_codec *codec)
{
    return (struct gsp__levels){.s = UINT32_C(1) << codec->compressor.bits, .step = 1};
}

static int check(struct gsp_codec *codec, const struct gsp__coded *message, uint8_t *longer, struct gsp_error *error)
{
    return gsp__levels_check(codec, levels_of(codec), message, longer, error);
}

static void apply(struct gsp_codec *codec, const struct gsp__coded *message, const struct gsp_draws *draws,
                  double weight, double *sum, double *copy)
{
    (void)draws;
    gsp__levels_apply(codec, levels_of(codec), message, weight, sum, copy);
}

struct gsp__layout gsp__levels_layout(const struct gsp_compressor *compressor, size_t d)
{
    unsigned bits = gsp__bits_for((UINT64_C(2) << compressor->bits) + 1);
    return (struct gsp__layout){GSP__CODING_LEVELS, GSP__CODING_ANS, gsp__bucket_count(compressor, d), d, bits};
}

static double omega(const struct gsp_compressor *compressor, size_t d, double roundoff)
{
    return (1 - roundoff * roundoff) / gsp__qsgd_tau(compressor->bits, gsp__bucket_length(compressor, d));
}

static const struct gsp_parameter parameters[] = {GSP__BITS, GSP__BUCKET, GSP__VALUES, {0}};

const struct gsp__compressor_ops gsp__qsgd_ops = {
    .kind = {.name = "qsgd",
             .help = "every number, rounded at random to one of 2^B levels up to the Euclidean norm of its bucket of N "
                     "numbers (without N: of all)",
             .example = "qsgd:bits=4,bucket=128",
             .parameters = parameters},
    .layout = gsp__levels_layout,
    .omega = omega,
    .bucketed = true,
    .allocate = allocate,
    .encode = encode,
    .check = check,
    .apply = apply};
