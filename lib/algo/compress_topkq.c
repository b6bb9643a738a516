/* topkq: of the k coordinates of largest magnitude, levels as qsgd's; all others have level 0. Most levels are then 0,
 * which the variable-length code of levels tells in few bits: neither the set nor its size is sent. */
#include "algo/ans.h"
#include "algo/coding.h"

static int allocate(struct gsp_codec *codec)
{
    codec->norms = gsp_vector(gsp__kept(codec->compressor.fraction, codec->d));
    codec->index = gsp_alloc(codec->d, sizeof *codec->index);
    codec->keys = gsp_alloc(codec->d, sizeof *codec->keys);
    codec->ans = gsp__ans_new(UINT32_C(1) << codec->compressor.bits);
    return codec->norms && codec->index && codec->keys && codec->ans ? 0 : GSP_ERR_NOMEM;
}

/* The levels of a bucket's n numbers, that of kept coordinate j + first into keys[j + first]; its scale is packed.
 * False if that is not finite. */
static bool quantise_bucket(struct gsp_codec *codec, size_t first, size_t n, struct gsp__uniforms *uniforms,
                            uint8_t *scale_bytes)
{
    const double *kept = codec->norms + first;
    double s = (double)(UINT32_C(1) << codec->compressor.bits), norm = gsp__norm(n, kept);
    double scale = norm / (s * gsp__qsgd_tau(codec->compressor.bits, n));
    if (!gsp__values_pack(codec->compressor.values, 1, &scale, scale_bytes)) return false;
    for (size_t at = 0; at < n; at += GSP__CHUNK) {
        double u[GSP__CHUNK];
        uint32_t field[GSP__CHUNK];
        size_t part = gsp__smaller(GSP__CHUNK, n - at);
        gsp__uniforms_next(uniforms, first + at, part, u);
        gsp__quantise(part, kept + at, s, norm > 0 ? norm : 1, u, field);
        for (size_t j = 0; j < part; j++) codec->keys[first + at + j] = field[j];
    }
    return true;
}

/* From the set in codec->index and its levels in codec->keys makes d fields in codec->index: from the last one down, so
 * that no coordinate is overwritten before it is read. */
static void spread(struct gsp_codec *codec, size_t k)
{
    uint32_t zero = UINT32_C(1) << codec->compressor.bits, *index = codec->index;
    for (size_t i = codec->d; i-- > 0;) {
        bool kept = k > 0 && index[k - 1] == i;
        k -= kept;
        index[i] = kept ? (uint32_t)codec->keys[k] : zero;
    }
}

static int encode(struct gsp_codec *codec, const double *v, const struct gsp_draws *draws, struct gsp__draft *draft)
{
    size_t k = gsp__kept(codec->compressor.fraction, codec->d), width = gsp__value_bytes(codec->compressor.values);
    size_t bucket = gsp__bucket_length(&codec->compressor, codec->d), first = 0;
    struct gsp__uniforms uniforms;
    gsp__uniforms_init(&uniforms, draws);
    gsp__choose(codec, v, k);
    for (size_t j = 0; j < k; j++) codec->norms[j] = v[codec->index[j]];
    for (size_t b = 0; b < codec->layout.values; b++) {
        size_t last = first;
        while (last < k && codec->index[last] / bucket == b) last++;
        if (!quantise_bucket(codec, first, last - first, &uniforms, draft->values + b * width)) return GSP_ERR_DIVERGED;
        first = last;
    }
    spread(codec, k);
    gsp__levels_write(codec, draft);
    return 0;
}

static struct gsp__levels levels_of(const struct gsp_codec *codec)
{
    return (struct gsp__levels){
        .s = UINT32_C(1) << codec->compressor.bits, .step = 1, .most = gsp__kept(codec->compressor.fraction, codec->d)};
}

static int check(struct gsp_codec *codec, const struct gsp__message *message, uint8_t *longer, struct gsp_error *error)
{
    return gsp__levels_check(codec, levels_of(codec), message, longer, error);
}

static void apply(struct gsp_codec *codec, const struct gsp__message *message, const struct gsp_draws *draws,
                  double weight, double *sum, double *copy)
{
    (void)draws;
    gsp__levels_apply(codec, levels_of(codec), message, weight, sum, copy);
}

/* What topk leaves is lost, and of w, what it keeps, as much as qsgd loses of so many numbers: E|C(v) - v|^2 =
 * |v|^2 - |w|^2 + E|Q(w) - w|^2 <= |v|^2 - |w|^2 / tau, and |w|^2 is k/d of |v|^2 at least. No bucket has more than
 * min(k, bucket) of the kept numbers. */
static double omega(const struct gsp_compressor *compressor, size_t d, double roundoff)
{
    size_t k = gsp__kept(compressor->fraction, d), most = gsp__smaller(k, gsp__bucket_length(compressor, d));
    return (1 - roundoff * roundoff) * (double)k / ((double)d * gsp__qsgd_tau(compressor->bits, most));
}

static const struct gsp_parameter parameters[] = {GSP__FRACTION, GSP__BITS, GSP__BUCKET, GSP__VALUES, {0}};

const struct gsp__compressor_ops gsp__topkq_ops = {
    .kind = {.name = "topkq",
             .help = "the F d numbers of greatest magnitude, rounded as qsgd does",
             .example = "topkq:fraction=0.1,bits=4",
             .parameters = parameters},
    .layout = gsp__levels_layout,
    .omega = omega,
    .bucketed = true,
    .allocate = allocate,
    .encode = encode,
    .check = check,
    .apply = apply};
