/* The compressors as algorithm and payload define them, written for reading. */
#ifndef TESTS_UNIT_COMPRESS_DEFINITION_H
#define TESTS_UNIT_COMPRESS_DEFINITION_H

#include <gossip/algo.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static inline double rounded(enum gsp_values values, double x)
{
    if (values == GSP_F64 || x == 0) return x;
    if (values == GSP_F32) return (double)(float)x;
    int exponent;
    frexp(x, &exponent);
    int unit = exponent - 8 < -133 ? -133 : exponent - 8;
    return ldexp(nearbyint(ldexp(x, -unit)), unit);
}

static inline size_t k_of(double fraction, size_t d)
{
    double exact = fraction * (double)d, k = floor(exact);
    if (exact - k > 0.5 || (exact - k == 0.5 && fmod(k, 2) == 1)) k++;
    return k < 1 ? 1 : (size_t)k;
}

static const double *sorted_by;

static inline int by_magnitude_then_index(const void *a, const void *b)
{
    size_t i = *(const size_t *)a, j = *(const size_t *)b;
    double x = fabs(sorted_by[i]), y = fabs(sorted_by[j]);
    return x != y ? (x < y ? 1 : -1) : (i < j ? -1 : 1);
}

static bool *kept_by_topk; /* by the last one defined */

static inline void define_topk(const struct gsp_compressor *c, size_t d, const double *v, double *m)
{
    size_t *order = calloc(d + 1, sizeof *order);
    for (size_t i = 0; i < d; i++) order[i] = i;
    sorted_by = v;
    qsort(order, d, sizeof *order, by_magnitude_then_index);
    memset(m, 0, d * sizeof *m);
    free(kept_by_topk);
    kept_by_topk = calloc(d + 1, sizeof *kept_by_topk);
    for (size_t j = 0; j < k_of(c->fraction, d); j++) {
        m[order[j]] = rounded(c->values, v[order[j]]);
        kept_by_topk[order[j]] = true;
    }
    free(order);
}

static inline void define_randk(const struct gsp_compressor *c, size_t d, const double *v, const double *u,
                                struct gsp_stream *stream, double *m)
{
    bool *taken = calloc(d + 1, sizeof *taken);
    for (size_t j = d - k_of(c->fraction, d); j < d; j++) {
        size_t i = u ? (size_t)floor(*u++ * (double)(j + 1)) : (size_t)gsp_stream_below(stream, j + 1);
        taken[taken[i] ? j : i] = true;
    }
    for (size_t i = 0; i < d; i++) m[i] = taken[i] ? rounded(c->values, v[i]) : 0;
    free(taken);
}

static inline void define_qsgd(const struct gsp_compressor *c, size_t n, const double *v, const double *u, double *m)
{
    double s = pow(2, c->bits), norm = gsp_norm2(n, v);
    double tau = 1 + fmin(sqrt((double)n) / s, (double)n / (s * s));
    double scale = rounded(c->values, norm / (s * tau));
    for (size_t i = 0; i < n; i++) {
        double level = norm > 0 ? fmin(floor(s * fabs(v[i]) / norm + u[i]), s) : 0;
        m[i] = (v[i] < 0 ? -level : level) * scale;
    }
}

/* qsgd, bucket by bucket, of what topk keeps; the j-th coordinate kept takes u[j]. */
static inline void define_topkq(const struct gsp_compressor *c, size_t d, size_t bucket, const double *v,
                                const double *u, double *m)
{
    struct gsp_compressor exact = *c;
    exact.values = GSP_F64;
    define_topk(&exact, d, v, m);
    double *kept = gsp_vector(d), *sent = gsp_vector(d);
    for (size_t at = 0; at < d; at += bucket) {
        size_t n = 0;
        for (size_t i = at; i < d && i < at + bucket; i++)
            if (kept_by_topk[i]) kept[n++] = v[i];
        define_qsgd(c, n, kept, u, sent);
        u += n;
        n = 0;
        for (size_t i = at; i < d && i < at + bucket; i++) m[i] = kept_by_topk[i] ? sent[n++] : 0;
    }
    free(kept);
    free(sent);
}

static inline void define_sign(const struct gsp_compressor *c, size_t n, const double *v, double *m)
{
    double scale = rounded(c->values, gsp_norm1(n, v) / (double)n);
    for (size_t i = 0; i < n; i++) m[i] = v[i] >= 0 ? scale : -scale;
}

/* m = C(v) */
static inline void define(const struct gsp_compressor *c, size_t d, const double *v, const struct gsp_draws *draws,
                          double *m)
{
    struct gsp_stream stream;
    gsp_stream_init(&stream, draws->key, draws->step);
    double *u = gsp_vector(d);
    if (is(c, "dropout") || is(c, "qsgd") || is(c, "topkq")) {
        for (size_t i = 0; i < d; i++)
            u[i] = draws->recorded ? draws->recorded[i] : ldexp(gsp_stream_u32(&stream), -32);
    }
    size_t bucket = c->bucket && c->bucket < d ? c->bucket : d;
    if (is(c, "none"))
        for (size_t i = 0; i < d; i++) m[i] = rounded(c->values, v[i]);
    else if (is(c, "topk"))
        define_topk(c, d, v, m);
    else if (is(c, "randk"))
        define_randk(c, d, v, draws->recorded, &stream, m);
    else if (is(c, "dropout"))
        for (size_t i = 0; i < d; i++) m[i] = u[i] < c->p ? rounded(c->values, c->unbiased ? v[i] / c->p : v[i]) : 0;
    else if (is(c, "topkq"))
        define_topkq(c, d, bucket, v, u, m);
    else if (is(c, "qsgd") || is(c, "sign"))
        for (size_t at = 0; at < d; at += bucket) {
            size_t n = at + bucket < d ? bucket : d - at;
            if (is(c, "qsgd")) define_qsgd(c, n, v + at, u + at, m + at);
            if (is(c, "sign")) define_sign(c, n, v + at, m + at);
        }
    else
        ck_abort_msg("%s has no definition here", c->kind->name);
    free(u);
}

#endif
