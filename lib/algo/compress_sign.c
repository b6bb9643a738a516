/* sign: each bucket is sent as its scale |v|_1 / n and a bit a coordinate: 1 for v >= 0 (+ scale), 0 for - scale. */
#include "algo/coding.h"

static int encode(struct gsp_codec *codec, const double *v, const struct gsp_draws *draws, struct gsp__draft *draft)
{
    (void)draws;
    size_t d = codec->d, bucket = gsp__bucket_length(&codec->compressor, d);
    size_t width = gsp__value_bytes(codec->compressor.values);
    for (size_t b = 0; b < codec->layout.values; b++) {
        size_t first = b * bucket, n = gsp__smaller(bucket, d - first);
        double scale = gsp_norm1(n, v + first) / (double)n;
        if (!gsp__values_pack(codec->compressor.values, 1, &scale, draft->values + b * width)) return GSP_ERR_DIVERGED;
    }
    for (size_t at = 0; at < d; at += GSP__CHUNK) {
        uint32_t positive[GSP__CHUNK];
        size_t n = gsp__smaller(GSP__CHUNK, d - at);
        for (size_t i = 0; i < n; i++) positive[i] = v[at + i] >= 0;
        gsp__fields_pack(n, 1, positive, draft->fields + at / 8);
    }
    return 0;
}

static const struct gsp__levels minus_and_plus = {.s = 1, .step = 2};

static int check(struct gsp_codec *codec, const struct gsp__coded *message, uint8_t *longer, struct gsp_error *error)
{
    return gsp__levels_check(codec, minus_and_plus, message, longer, error);
}

static void apply(struct gsp_codec *codec, const struct gsp__coded *message, const struct gsp_draws *draws,
                  double weight, double *sum, double *copy)
{
    (void)draws;
    gsp__levels_apply(codec, minus_and_plus, message, weight, sum, copy);
}

static struct gsp__layout layout(const struct gsp_compressor *compressor, size_t d)
{
    return (struct gsp__layout){GSP__CODING_SIGNS, 0, gsp__bucket_count(compressor, d), d, 1};
}

/* Of one coordinate alone; a vector of equal ones loses nothing. */
static double omega(const struct gsp_compressor *compressor, size_t d, double roundoff)
{
    return (1 - roundoff * roundoff) / (double)gsp__bucket_length(compressor, d);
}

static const struct gsp_parameter parameters[] = {GSP__BUCKET, GSP__VALUES, {0}};

const struct gsp__compressor_ops gsp__sign_ops = {
    .kind = {.name = "sign",
             .help = "the signs, and the mean magnitude of each bucket of N numbers (without N: of all)",
             .example = "sign:bucket=128",
             .parameters = parameters},
    .layout = layout,
    .omega = omega,
    .bucketed = true,
    .encode = encode,
    .check = check,
    .apply = apply};
