/* What is known of a compressor without running it: how much it keeps, how well it contracts, how many bytes it sends.
 */
#include "algo/coding.h"

#include <assert.h>
#include <math.h>

size_t gsp__topk_count(double fraction, size_t d)
{
    double k = nearbyint(fraction * (double)d); /* programs never change the rounding mode: halves go to even */
    if (k < 1) return 1;
    return k < (double)d ? (size_t)k : d;
}

size_t gsp__bucket_length(const struct gsp_compressor *compressor, size_t d)
{
    return compressor->bucket && compressor->bucket < d ? compressor->bucket : d;
}

size_t gsp__bucket_count(const struct gsp_compressor *compressor, size_t d)
{
    size_t length = gsp__bucket_length(compressor, d);
    return d / length + (d % length != 0);
}

/* ceil(log2(count)) */
static unsigned bits_for(uint64_t count)
{
    unsigned bits = 0;
    while (bits < 64 && UINT64_C(1) << bits < count) bits++;
    return bits;
}

struct gsp__layout gsp__layout(const struct gsp_compressor *compressor, size_t d)
{
    assert(d > 0);
    switch (compressor->kind) {
    case GSP_NONE:
        return (struct gsp__layout){.coding = GSP__CODING_DENSE, .values = d};
    case GSP_TOPK: {
        size_t k = gsp__topk_count(compressor->fraction, d);
        unsigned bits = bits_for(d);
        if ((double)k * bits <= (double)d)
            return (struct gsp__layout){GSP__CODING_INDICES, GSP__CODING_GAPS, k, k, bits};
        return (struct gsp__layout){GSP__CODING_BITMAP, GSP__CODING_GAPS, k, d, 1};
    }
    case GSP_RANDK:
        return (struct gsp__layout){.coding = GSP__CODING_DRAWN, .values = gsp__topk_count(compressor->fraction, d)};
    case GSP_DROPOUT:
        return (struct gsp__layout){.coding = GSP__CODING_DRAWN, .values = d};
    case GSP_QSGD: {
        unsigned bits = bits_for((UINT64_C(2) << compressor->bits) + 1);
        return (struct gsp__layout){GSP__CODING_LEVELS, GSP__CODING_ANS, gsp__bucket_count(compressor, d), d, bits};
    }
    case GSP_SIGN:
        return (struct gsp__layout){GSP__CODING_SIGNS, 0, gsp__bucket_count(compressor, d), d, 1};
    }
    assert(!"a kind of compressor");
    return (struct gsp__layout){0};
}

size_t gsp__layout_length(const struct gsp__layout *layout, enum gsp_values values)
{
    return 1 + layout->values * gsp__value_bytes(values) + gsp__fields_bytes(layout->fields, layout->field_bits);
}

size_t gsp_compressor_bound(const struct gsp_compressor *compressor, size_t d)
{
    struct gsp__layout layout = gsp__layout(compressor, d);
    return gsp__layout_length(&layout, compressor->values);
}

/* tau = 1 + min(sqrt(n) / s, n / s^2) */
double gsp__qsgd_tau(unsigned bits, size_t n)
{
    double s = (double)(UINT64_C(1) << bits);
    double slow = sqrt((double)n) / s, fast = (double)n / (s * s);
    return 1 + (slow < fast ? slow : fast);
}

/* dropout that multiplies by 1/p: of |v|^2, a part 1 - p is lost with what is dropped and p ((1 + e) / p - 1)^2 with
 * what is blown up. Positive for p above 1/2 only. */
static double omega_unbiased(double p, double e)
{
    double excess = 1 - p + e;
    return fmax(0, p - excess * excess / p);
}

double gsp_compressor_omega(const struct gsp_compressor *compressor, size_t d)
{
    /* Rounding a value, or a scale, moves it by a factor 1 + e, |e| <= the unit roundoff; in each of the compressors
     * that turns omega into at least (1 - e^2) omega. */
    static const double unit_roundoff[] = {[GSP_F64] = 0x1p-53, [GSP_F32] = 0x1p-24, [GSP_BF16] = 0x1p-8};
    double e = unit_roundoff[compressor->values], rounding = 1 - e * e;
    size_t bucket = gsp__bucket_length(compressor, d);
    switch (compressor->kind) {
    case GSP_NONE:
        return rounding;
    case GSP_TOPK:
    case GSP_RANDK:
        return rounding * (double)gsp__topk_count(compressor->fraction, d) / (double)d;
    case GSP_DROPOUT:
        if (compressor->unbiased) return omega_unbiased(compressor->p, e);
        return rounding * compressor->p;
    case GSP_QSGD:
        return rounding / gsp__qsgd_tau(compressor->bits, bucket);
    case GSP_SIGN:
        return rounding / (double)bucket; /* of one coordinate alone; a vector of equal ones loses nothing */
    }
    assert(!"a kind of compressor");
    return 0;
}

bool gsp_compressor_scale_free(const struct gsp_compressor *compressor)
{
    return (compressor->kind != GSP_QSGD && compressor->kind != GSP_SIGN) || compressor->bucket != 0;
}
