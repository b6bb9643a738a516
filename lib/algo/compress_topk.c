/* topk: the k coordinates of largest magnitude; of equal ones those of lower index. */
#include "algo/bytes.h"
#include "algo/coding.h"
#include "algo/select.h"

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

/* Leaves the k coordinates in codec->index, ascending. */
static void choose(struct gsp_codec *codec, const double *v, size_t k)
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

static void write_bitmap(struct gsp_codec *codec, size_t k, uint8_t *fields)
{
    memset(fields, 0, gsp__fields_bytes(codec->d, 1));
    for (size_t j = 0; j < k; j++) fields[codec->index[j] / 8] |= (uint8_t)(1u << codec->index[j] % 8);
}

static int encode(struct gsp_codec *codec, const double *v, const struct gsp_draws *draws, uint8_t *values,
                  uint8_t *fields)
{
    (void)draws;
    size_t k = codec->layout.values, width = gsp__value_bytes(codec->compressor.values);
    bool finite = true; /* what is not finite has the greatest keys, so looking at the chosen is enough */
    choose(codec, v, k);
    for (size_t at = 0; at < k; at += GSP__CHUNK) {
        double chosen[GSP__CHUNK];
        size_t n = gsp__smaller(GSP__CHUNK, k - at);
        for (size_t j = 0; j < n; j++) chosen[j] = v[codec->index[at + j]];
        finite &= gsp__values_pack(codec->compressor.values, n, chosen, values + at * width);
    }
    if (codec->layout.coding == GSP__CODING_BITMAP) {
        write_bitmap(codec, k, fields);
    } else {
        gsp__fields_pack(k, codec->layout.field_bits, codec->index, fields);
    }
    return finite ? 0 : GSP_ERR_DIVERGED;
}

static int check_indices(const struct gsp_codec *codec, const uint8_t *fields, struct gsp_error *error)
{
    size_t k = codec->layout.values, length = gsp__fields_bytes(k, codec->layout.field_bits);
    uint64_t next = 0;
    for (size_t at = 0; at < k; at += GSP__CHUNK) {
        uint32_t index[GSP__CHUNK];
        size_t n = gsp__smaller(GSP__CHUNK, k - at);
        gsp__fields_unpack(fields, length, at, n, codec->layout.field_bits, index);
        for (size_t j = 0; j < n; j++) {
            if (index[j] < next) return gsp_error_set(error, GSP_ERR_FORMAT, "index %zu does not ascend", at + j);
            next = (uint64_t)index[j] + 1;
        }
    }
    if (next > codec->d) {
        return gsp_error_set(error, GSP_ERR_FORMAT, "index %ju is not below the dimension %zu", (uintmax_t)next - 1,
                             codec->d);
    }
    return 0;
}

static int check_bitmap(const struct gsp_codec *codec, const uint8_t *fields, struct gsp_error *error)
{
    size_t set = 0, length = gsp__fields_bytes(codec->d, 1);
    size_t at = 0;
    for (; at + 8 <= length; at += 8) set += (unsigned)__builtin_popcountll(gsp__load64(fields + at));
    for (; at < length; at++) set += (unsigned)__builtin_popcount(fields[at]);
    if (set != codec->layout.values) {
        return gsp_error_set(error, GSP_ERR_FORMAT, "the bitmap names %zu coordinates, not %zu", set,
                             codec->layout.values);
    }
    return 0;
}

static int check(const struct gsp_codec *codec, const uint8_t *values, const uint8_t *fields, struct gsp_error *error)
{
    (void)values;
    if (codec->layout.coding == GSP__CODING_BITMAP) return check_bitmap(codec, fields, error);
    return check_indices(codec, fields, error);
}

static void apply_indices(struct gsp_codec *codec, const uint8_t *values, const uint8_t *fields, double weight,
                          double *sum, double *copy)
{
    size_t k = codec->layout.values, width = gsp__value_bytes(codec->compressor.values);
    size_t length = gsp__fields_bytes(k, codec->layout.field_bits);
    for (size_t at = 0; at < k; at += GSP__CHUNK) {
        uint32_t index[GSP__CHUNK];
        double m[GSP__CHUNK];
        size_t n = gsp__smaller(GSP__CHUNK, k - at);
        gsp__fields_unpack(fields, length, at, n, codec->layout.field_bits, index);
        gsp__values_unpack(codec->compressor.values, n, values + at * width, m);
        gsp__add_sparse(n, index, m, weight, sum, copy);
    }
}

static void apply_bitmap(struct gsp_codec *codec, const uint8_t *values, const uint8_t *fields, double weight,
                         double *sum, double *copy)
{
    size_t width = gsp__value_bytes(codec->compressor.values), length = gsp__fields_bytes(codec->d, 1);
    size_t done = 0;
    for (size_t at = 0; at < length; at += 8) {
        uint32_t index[64];
        double m[64];
        size_t n = 0;
        uint64_t word = 0;
        if (at + 8 <= length) {
            word = gsp__load64(fields + at);
        } else {
            for (size_t j = at; j < length; j++) word |= (uint64_t)fields[j] << (8 * (j - at));
        }
        for (; word; word &= word - 1) index[n++] = (uint32_t)(at * 8 + (unsigned)__builtin_ctzll(word));
        gsp__values_unpack(codec->compressor.values, n, values + done * width, m);
        gsp__add_sparse(n, index, m, weight, sum, copy);
        done += n;
    }
}

static void apply(struct gsp_codec *codec, const uint8_t *values, const uint8_t *fields, const struct gsp_draws *draws,
                  double weight, double *sum, double *copy)
{
    (void)draws;
    if (codec->layout.coding == GSP__CODING_BITMAP) {
        apply_bitmap(codec, values, fields, weight, sum, copy);
    } else {
        apply_indices(codec, values, fields, weight, sum, copy);
    }
}

const struct gsp__compressor_ops gsp__topk_ops = {
    .allocate = allocate, .encode = encode, .check = check, .apply = apply};
