/* randk and dropout: a random set of coordinates is kept. The set is not sent: both ends draw it from the sender's
 * stream. And the uniforms that dropout and qsgd draw, one a coordinate. */
#include "algo/coding.h"
#include "base/bytes.h"
#include "base/cpu.h"

#include <math.h>

void gsp__uniforms_init(struct gsp__uniforms *uniforms, const struct gsp_draws *draws)
{
    uniforms->recorded = draws->recorded;
    if (!draws->recorded) gsp_stream_init(&uniforms->stream, draws->key, draws->step);
}

/* The 32 bits become the low bits of the mantissa of 2^52: quicker than converting unsigned integers. */
GSP__BODY void to_uniforms(size_t n, const uint8_t *bytes, double *out)
{
    const uint64_t two_to_52 = UINT64_C(0x4330000000000000);
    for (size_t i = 0; i < n; i++) out[i] = (gsp__double_of(two_to_52 | gsp__load32(bytes + 4 * i)) - 0x1p52) * 0x1p-32;
}

static void to_uniforms_plain(size_t n, const uint8_t *bytes, double *out)
{
    to_uniforms(n, bytes, out);
}

GSP__AVX2 static void to_uniforms_avx2(size_t n, const uint8_t *bytes, double *out)
{
    to_uniforms(n, bytes, out);
}

void gsp__uniforms_next(struct gsp__uniforms *uniforms, size_t first, size_t n, double *out)
{
    if (uniforms->recorded) {
        memcpy(out, uniforms->recorded + first, n * sizeof *out);
        return;
    }
    uint8_t bytes[4 * GSP__CHUNK];
    for (size_t at = 0; at < n; at += GSP__CHUNK) {
        size_t part = gsp__smaller(GSP__CHUNK, n - at);
        gsp_stream_bytes(&uniforms->stream, bytes, 4 * part);
        if (gsp__has_avx2()) {
            to_uniforms_avx2(part, bytes, out + at);
        } else {
            to_uniforms_plain(part, bytes, out + at);
        }
    }
}

/* ---- the sets ---- */

/* k of d without replacement, by Floyd's algorithm: for j = d - k .. d - 1 a number below j + 1 is drawn and taken, or
 * j if it was taken already. Recorded uniforms stand for the draws from the first on. */
static size_t draw_randk(struct gsp_codec *codec, const struct gsp_draws *draws)
{
    size_t d = codec->d, k = codec->layout.values, words = d / 64 + 1, count = 0;
    uint64_t *taken = codec->keys;
    struct gsp_stream stream;
    if (!draws->recorded) gsp_stream_init(&stream, draws->key, draws->step);
    memset(taken, 0, words * sizeof *taken);
    for (size_t j = d - k; j < d; j++) {
        size_t i;
        if (draws->recorded) {
            i = gsp__smaller((size_t)(draws->recorded[j - (d - k)] * (double)(j + 1)), j);
        } else {
            i = (size_t)gsp_stream_below(&stream, j + 1);
        }
        if (taken[i / 64] >> i % 64 & 1) i = j;
        taken[i / 64] |= UINT64_C(1) << i % 64;
    }
    for (size_t w = 0; w < words; w++) {
        for (uint64_t word = taken[w]; word; word &= word - 1) {
            codec->index[count++] = (uint32_t)(w * 64 + (unsigned)__builtin_ctzll(word));
        }
    }
    return count;
}

/* Coordinate i is kept if its uniform is below p. */
static size_t draw_dropout(struct gsp_codec *codec, const struct gsp_draws *draws)
{
    struct gsp__uniforms uniforms;
    size_t count = 0;
    gsp__uniforms_init(&uniforms, draws);
    for (size_t at = 0; at < codec->d; at += GSP__CHUNK) {
        double u[GSP__CHUNK];
        size_t n = gsp__smaller(GSP__CHUNK, codec->d - at);
        gsp__uniforms_next(&uniforms, at, n, u);
        for (size_t i = 0; i < n; i++) {
            codec->index[count] = (uint32_t)(at + i);
            count += u[i] < codec->compressor.p;
        }
    }
    return count;
}

/* Leaves the set in codec->index and returns its size. A set is needed to check and to apply a message, and to encode
 * it and apply it to oneself: the last one drawn is remembered. */
static size_t draw(struct gsp_codec *codec, const struct gsp_draws *draws)
{
    if (!draws->recorded && codec->drawn.valid && codec->drawn.step == draws->step &&
        memcmp(codec->drawn.key, draws->key, sizeof codec->drawn.key) == 0) {
        return codec->drawn.count;
    }
    codec->drawn.valid = false;
    size_t count = codec->ops == &gsp__randk_ops ? draw_randk(codec, draws) : draw_dropout(codec, draws);
    if (!draws->recorded) {
        codec->drawn.valid = true;
        codec->drawn.step = draws->step;
        codec->drawn.count = count;
        memcpy(codec->drawn.key, draws->key, sizeof codec->drawn.key);
    }
    return count;
}

static int allocate(struct gsp_codec *codec)
{
    codec->index = gsp_alloc(codec->layout.values, sizeof *codec->index);
    if (!codec->index) return GSP_ERR_NOMEM;
    if (codec->ops == &gsp__dropout_ops) return 0;
    codec->keys = gsp_alloc(codec->d / 64 + 1, sizeof *codec->keys);
    return codec->keys ? 0 : GSP_ERR_NOMEM;
}

static int encode(struct gsp_codec *codec, const double *v, const struct gsp_draws *draws, struct gsp__draft *draft)
{
    if (!gsp_finite(codec->d, v)) return GSP_ERR_DIVERGED;
    size_t count = draw(codec, draws), width = gsp__value_bytes(codec->compressor.values);
    bool finite = true;
    for (size_t at = 0; at < count; at += GSP__CHUNK) {
        double kept[GSP__CHUNK];
        size_t n = gsp__smaller(GSP__CHUNK, count - at);
        for (size_t j = 0; j < n; j++) kept[j] = v[codec->index[at + j]];
        for (size_t j = 0; codec->compressor.unbiased && j < n; j++) kept[j] /= codec->compressor.p;
        finite &= gsp__values_pack(codec->compressor.values, n, kept, draft->values + at * width);
    }
    return finite ? 0 : GSP_ERR_DIVERGED;
}

static void apply(struct gsp_codec *codec, const struct gsp__coded *message, const struct gsp_draws *draws,
                  double weight, double *sum, double *copy)
{
    size_t count = draw(codec, draws), width = gsp__value_bytes(codec->compressor.values);
    for (size_t at = 0; at < count; at += GSP__CHUNK) {
        double m[GSP__CHUNK];
        size_t n = gsp__smaller(GSP__CHUNK, count - at);
        gsp__values_unpack(codec->compressor.values, n, message->values + at * width, m);
        gsp__add_sparse(n, codec->index + at, m, weight, sum, copy);
    }
}

/* ---- randk ---- */

static struct gsp__layout layout_randk(const struct gsp_compressor *compressor, size_t d)
{
    return (struct gsp__layout){.coding = GSP__CODING_DRAWN, .values = gsp__topk_count(compressor->fraction, d)};
}

static double omega_randk(const struct gsp_compressor *compressor, size_t d, double roundoff)
{
    return (1 - roundoff * roundoff) * (double)gsp__topk_count(compressor->fraction, d) / (double)d;
}

static const struct gsp_parameter randk_parameters[] = {GSP__FRACTION, GSP__VALUES, {0}};

const struct gsp__compressor_ops gsp__randk_ops = {
    .kind = {.name = "randk",
             .help = "F d numbers drawn anew each time, by both ends: which they are is not sent",
             .example = "randk:fraction=0.1",
             .parameters = randk_parameters},
    .layout = layout_randk,
    .omega = omega_randk,
    .allocate = allocate,
    .encode = encode,
    .apply = apply};

/* ---- dropout ---- */

static struct gsp__layout layout_dropout(const struct gsp_compressor *compressor, size_t d)
{
    (void)compressor;
    return (struct gsp__layout){.coding = GSP__CODING_DRAWN, .values = d};
}

/* With `unbiased`: of |v|^2, a part 1 - p is lost with what is dropped and p ((1 + e) / p - 1)^2 with what is blown up.
 * Positive for p above 1/2 only. */
static double omega_dropout(const struct gsp_compressor *compressor, size_t d, double roundoff)
{
    (void)d;
    double p = compressor->p, excess = 1 - p + roundoff;
    return compressor->unbiased ? fmax(0, p - excess * excess / p) : (1 - roundoff * roundoff) * p;
}

static int refuse_dropout(const struct gsp_compressor *compressor, struct gsp_error *error)
{
    if (!compressor->unbiased || compressor->p > 0.5) return 0;
    return gsp_error_set(error, GSP_ERR_CONFIG,
                         "unbiased dropout with p=%g never contracts: it needs p above 0.5; without \"unbiased\" any p "
                         "works",
                         compressor->p);
}

static const struct gsp_parameter dropout_parameters[] = {
    {.key = "p",
     .letter = "P",
     .type = GSP_PARAMETER_NUMBER,
     .offset = offsetof(struct gsp_compressor, p),
     .required = true,
     .maximum = 1},
    {.key = "unbiased", .type = GSP_PARAMETER_FLAG, .offset = offsetof(struct gsp_compressor, unbiased)},
    GSP__VALUES,
    {0}};

const struct gsp__compressor_ops gsp__dropout_ops = {
    .kind = {.name = "dropout",
             .help = "each number with probability P, drawn by both ends; unbiased: divided by P, which must be above "
                     "0.5",
             .example = "dropout:p=0.5",
             .parameters = dropout_parameters},
    .refuse = refuse_dropout,
    .layout = layout_dropout,
    .omega = omega_dropout,
    .allocate = allocate,
    .count = draw,
    .encode = encode,
    .apply = apply};
