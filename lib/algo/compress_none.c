/* none: C(v) = v, but for the rounding of transmitted values. */
#include "algo/coding.h"

static int encode(struct gsp_codec *codec, const double *v, const struct gsp_draws *draws, struct gsp__draft *draft)
{
    (void)draws;
    return gsp__values_pack(codec->compressor.values, codec->d, v, draft->values) ? 0 : GSP_ERR_DIVERGED;
}

static void apply(struct gsp_codec *codec, const struct gsp__coded *message, const struct gsp_draws *draws,
                  double weight, double *sum, double *copy)
{
    (void)draws;
    size_t width = gsp__value_bytes(codec->compressor.values);
    for (size_t at = 0; at < codec->d; at += GSP__CHUNK) {
        double m[GSP__CHUNK];
        size_t n = gsp__smaller(GSP__CHUNK, codec->d - at);
        gsp__values_unpack(codec->compressor.values, n, message->values + at * width, m);
        gsp__add_dense(n, m, weight, sum + at, copy ? copy + at : NULL);
    }
}

static struct gsp__layout layout(const struct gsp_compressor *compressor, size_t d)
{
    (void)compressor;
    return (struct gsp__layout){.coding = GSP__CODING_DENSE, .values = d};
}

static double omega(const struct gsp_compressor *compressor, size_t d, double roundoff)
{
    (void)compressor;
    (void)d;
    return 1 - roundoff * roundoff;
}

static const struct gsp_parameter parameters[] = {GSP__VALUES, {0}};

const struct gsp__compressor_ops gsp__none_ops = {
    .kind = {.name = "none", .help = "all d numbers", .example = "none", .parameters = parameters},
    .layout = layout,
    .omega = omega,
    .encode = encode,
    .apply = apply};
