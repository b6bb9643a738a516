/* topk: the k coordinates of largest magnitude; of equal ones those of lower index. */
#include "algo/coding.h"
#include "algo/select.h"
#include "base/bytes.h"

#include <assert.h>
#include <math.h>

static int allocate(struct gsp_codec *codec)
{
    codec->index = gsp_alloc(codec->d, sizeof *codec->index);
    codec->keys = gsp_alloc(codec->d, sizeof *codec->keys);
    return codec->index && codec->keys ? 0 : GSP_ERR_NOMEM;
}

/* Magnitudes as integers: in the same order, with infinities and NaN above all numbers. */
static inline uint64_t key_of(double x)
{
    return gsp__bits_of(x) & ~(UINT64_C(1) << 63);
}

/* A magnitude that somewhat more than k coordinates reach, judged by a sample. A bad guess costs time, nothing else. */
static uint64_t guess_threshold(struct gsp_codec *codec, const double *v, size_t k)
{
    enum { SAMPLE_LEAST = 64, SAMPLE_MOST = 512, SHARE = 16 };
    size_t sample = gsp__smaller(codec->d / SHARE, SAMPLE_MOST);
    if (sample < SAMPLE_LEAST || k > codec->d / 2) return 0;
    for (uint64_t j = 0; j < sample; j++) {
        uint64_t scattered = j * UINT64_C(0x9e3779b97f4a7c15) >> 32; /* steps of the golden ratio: no period */
        codec->keys[j] = key_of(v[scattered * codec->d >> 32]);
    }
    double expected = (double)sample * (double)k / (double)codec->d;
    size_t rank = (size_t)(expected + 3 * sqrt(expected)) + 4;
    return gsp__select(codec->keys, sample, gsp__smaller(rank, sample)).key;
}

/* Coordinates whose key is at least `least`, into codec->index. */
static size_t gather(struct gsp_codec *codec, const double *v, uint64_t least)
{
    uint32_t *index = codec->index;
    size_t count = 0;
    for (size_t i = 0; i < codec->d; i++) {
        index[count] = (uint32_t)i;
        count += key_of(v[i]) >= least;
    }
    return count;
}

void gsp__choose(struct gsp_codec *codec, const double *v, size_t k)
{
    size_t candidates = gather(codec, v, guess_threshold(codec, v, k));
    if (candidates < k) candidates = gather(codec, v, 0);
    for (size_t j = 0; j < candidates; j++) codec->keys[j] = key_of(v[codec->index[j]]);
    struct gsp__rank least = gsp__select(codec->keys, candidates, k);
    size_t count = 0;
    for (size_t j = 0; count < k; j++) {
        uint32_t i = codec->index[j];
        uint64_t key = key_of(v[i]);
        bool tie = key == least.key && least.ties > 0;
        least.ties -= tie;
        codec->index[count] = i;
        count += key > least.key || tie;
    }
}

static int encode(struct gsp_codec *codec, const double *v, const struct gsp_draws *draws, struct gsp__draft *draft)
{
    (void)draws;
    size_t k = codec->layout.values, width = gsp__value_bytes(codec->compressor.values);
    bool finite = true; /* what is not finite has the greatest keys, so looking at the chosen is enough */
    gsp__choose(codec, v, k);
    for (size_t at = 0; at < k; at += GSP__CHUNK) {
        double chosen[GSP__CHUNK];
        size_t n = gsp__smaller(GSP__CHUNK, k - at);
        for (size_t j = 0; j < n; j++) chosen[j] = v[codec->index[at + j]];
        finite &= gsp__values_pack(codec->compressor.values, n, chosen, draft->values + at * width);
    }
    if (finite) gsp__set_write(codec, draft);
    return finite ? 0 : GSP_ERR_DIVERGED;
}

static int check(struct gsp_codec *codec, const struct gsp__coded *message, uint8_t *longer, struct gsp_error *error)
{
    struct gsp__set_reader set;
    size_t k = codec->layout.values;
    bool good = gsp__set_open(&set, codec, message);
    if (longer) memset(longer, 0, gsp__fields_bytes(codec->layout.fields, codec->layout.field_bits));
    for (size_t at = 0; good && at < k; at += GSP__CHUNK) {
        uint32_t index[GSP__CHUNK];
        size_t n = gsp__smaller(GSP__CHUNK, k - at);
        good = gsp__set_next(&set, n, index);
        if (good && longer) gsp__set_put(codec, at, n, index, longer);
    }
    if (good && gsp__set_ended(&set)) return 0;
    return gsp_error_set(error, GSP_ERR_FORMAT, "the payload does not name %zu ascending coordinates below %zu", k,
                         codec->d);
}

static void apply(struct gsp_codec *codec, const struct gsp__coded *message, const struct gsp_draws *draws,
                  double weight, double *sum, double *copy)
{
    (void)draws;
    struct gsp__set_reader set;
    size_t k = codec->layout.values, width = gsp__value_bytes(codec->compressor.values);
    bool good = gsp__set_open(&set, codec, message);
    for (size_t at = 0; at < k; at += GSP__CHUNK) {
        uint32_t index[GSP__CHUNK];
        double m[GSP__CHUNK];
        size_t n = gsp__smaller(GSP__CHUNK, k - at);
        good = good && gsp__set_next(&set, n, index);
        assert(good); /* it was checked */
        gsp__values_unpack(codec->compressor.values, n, message->values + at * width, m);
        gsp__add_sparse(n, index, m, weight, sum, copy);
    }
}

static struct gsp__layout layout(const struct gsp_compressor *compressor, size_t d)
{
    size_t k = gsp__topk_count(compressor->fraction, d);
    unsigned bits = gsp__bits_for(d);
    if ((double)k * bits <= (double)d) return (struct gsp__layout){GSP__CODING_INDICES, GSP__CODING_GAPS, k, k, bits};
    return (struct gsp__layout){GSP__CODING_BITMAP, GSP__CODING_GAPS, k, d, 1};
}

static double omega(const struct gsp_compressor *compressor, size_t d, double roundoff)
{
    return (1 - roundoff * roundoff) * (double)gsp__topk_count(compressor->fraction, d) / (double)d;
}

static const struct gsp_parameter parameters[] = {GSP__FRACTION, GSP__VALUES, {0}};

const struct gsp__compressor_ops gsp__topk_ops = {
    .kind = {.name = "topk",
             .help = "the F d numbers of greatest magnitude, and which they are",
             .example = "topk:fraction=0.1",
             .parameters = parameters},
    .layout = layout,
    .omega = omega,
    .allocate = allocate,
    .encode = encode,
    .check = check,
    .apply = apply};
