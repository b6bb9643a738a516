/* What compressors count: coordinates that are kept, buckets, bits; and what their parameters are called. */
#include "algo/coding.h"

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

unsigned gsp__bits_for(uint64_t count)
{
    unsigned bits = 0;
    while (bits < 64 && UINT64_C(1) << bits < count) bits++;
    return bits;
}

/* tau = 1 + min(sqrt(n) / s, n / s^2) */
double gsp__qsgd_tau(size_t bits, size_t n)
{
    double s = (double)(UINT64_C(1) << bits);
    double slow = sqrt((double)n) / s, fast = (double)n / (s * s);
    return 1 + (slow < fast ? slow : fast);
}

const char *const gsp__value_words[] = {[GSP_F64] = "f64", [GSP_F32] = "f32", [GSP_BF16] = "bf16", NULL};
_Static_assert(sizeof(enum gsp_values) == sizeof(int), "a width is stored as the parameter of a kind");
