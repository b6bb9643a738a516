/* What is known of a compressor without running it: its text, how much it keeps, how well it contracts, how many bytes
 * it sends. What differs between kinds is in their files. */
#include "algo/coding.h"

#include <assert.h>

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
