/* What is known of a compressor without running it: its text, how much it keeps, how well it contracts, how many bytes
 * it sends. What differs between kinds is in their files. */
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

unsigned gsp__bits_for(uint64_t count)
{
    unsigned bits = 0;
    while (bits < 64 && UINT64_C(1) << bits < count) bits++;
    return bits;
}

const struct gsp__compressor_ops *gsp__ops(const struct gsp_compressor *compressor)
{
    return (const struct gsp__compressor_ops *)compressor->kind;
}

struct gsp__layout gsp__layout(const struct gsp_compressor *compressor, size_t d)
{
    assert(d > 0);
    return gsp__ops(compressor)->layout(compressor, d);
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
double gsp__qsgd_tau(size_t bits, size_t n)
{
    double s = (double)(UINT64_C(1) << bits);
    double slow = sqrt((double)n) / s, fast = (double)n / (s * s);
    return 1 + (slow < fast ? slow : fast);
}

double gsp_compressor_omega(const struct gsp_compressor *compressor, size_t d)
{
    static const double unit_roundoff[] = {[GSP_F64] = 0x1p-53, [GSP_F32] = 0x1p-24, [GSP_BF16] = 0x1p-8};
    return gsp__ops(compressor)->omega(compressor, d, unit_roundoff[compressor->values]);
}

bool gsp_compressor_scale_free(const struct gsp_compressor *compressor)
{
    return !gsp__ops(compressor)->bucketed || compressor->bucket != 0;
}

/* ---- the table, and compressors as text ---- */

const char *const gsp__value_words[] = {[GSP_F64] = "f64", [GSP_F32] = "f32", [GSP_BF16] = "bf16", NULL};
_Static_assert(sizeof(enum gsp_values) == sizeof(int), "a width is stored as the parameter of a kind");

const struct gsp_kind *const *gsp_compressor_kinds(void)
{
#define ENTRY(name) &gsp__##name##_ops.kind,
    static const struct gsp_kind *const kinds[] = {GSP__COMPRESSORS(ENTRY) NULL};
#undef ENTRY
    return kinds;
}

int gsp_compressor_parse(struct gsp_compressor *out, const char *text, struct gsp_error *error)
{
    struct gsp_compressor parsed = {0};
    int rc = gsp_kind_parse(gsp_compressor_kinds(), "compressor", text, &parsed.kind, &parsed, error);
    if (!rc && gsp__ops(&parsed)->refuse && (rc = gsp__ops(&parsed)->refuse(&parsed, error)))
        gsp_error_prefix(error, "compressor \"%s\"", text);
    if (!rc) *out = parsed;
    return rc;
}

void gsp_compressor_format(const struct gsp_compressor *compressor, char *text, size_t size)
{
    gsp_kind_format(compressor->kind, compressor, text, size);
}
