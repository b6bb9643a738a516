/* Products of a block of rows with the parameters, and back, in the data's precision. */
#include "base/cpu.h"
#include "data/rows.h"
#include "objective.h"

#include <stdlib.h>
#include <string.h>

static const struct gsp__rows_kernels *kernels_for(enum gsp_dtype dtype)
{
    if (dtype == GSP_FLOAT32) return gsp__has_avx2() ? &gsp__rows_float_avx2 : &gsp__rows_float_plain;
    return gsp__has_avx2() ? &gsp__rows_double_avx2 : &gsp__rows_double_plain;
}

size_t gsp__block_rows(enum gsp_dtype dtype, size_t columns)
{
    const size_t cache = 256 * 1024, least = 8, most = 1024;
    size_t rows = cache / gsp__dtype_size(dtype) / columns;
    return rows < least ? least : rows > most ? most : rows;
}

int gsp__product_init(struct gsp__product *product, enum gsp_dtype dtype, size_t columns, size_t outputs, bool backward)
{
    bool narrow = dtype == GSP_FLOAT32;
    *product = (struct gsp__product){.dtype = dtype,
                                     .columns = columns,
                                     .outputs = outputs,
                                     .block = gsp__block_rows(dtype, columns),
                                     .kernels = kernels_for(dtype)};
    product->point = gsp__matrix(dtype, outputs, columns);
    product->margins = gsp__matrix(GSP_FLOAT64, product->block, outputs);
    if (narrow) product->narrow = gsp__matrix(dtype, product->block, outputs);
    if (backward) product->sum = gsp__matrix(GSP_FLOAT64, outputs, columns);
    if (backward && narrow) product->partial = gsp__matrix(dtype, outputs, columns);
    if (product->point && product->margins && (!narrow || product->narrow) && (!backward || product->sum) &&
        (!backward || !narrow || product->partial))
        return 0;
    gsp__product_clear(product);
    return GSP_ERR_NOMEM;
}

void gsp__product_clear(struct gsp__product *product)
{
    free(product->point);
    free(product->narrow);
    free(product->margins);
    free(product->partial);
    free(product->sum);
    *product = (struct gsp__product){0};
}

void gsp__product_begin(struct gsp__product *product, const double *x)
{
    size_t count = product->outputs * product->columns;
    if (product->dtype == GSP_FLOAT32)
        for (size_t i = 0; i < count; i++) ((float *)product->point)[i] = (float)x[i];
    else
        memcpy(product->point, x, count * sizeof *x);
    if (product->sum) memset(product->sum, 0, count * sizeof *product->sum);
}

void gsp__product_forward(struct gsp__product *product, const void *features, size_t rows, const void *ahead)
{
    size_t columns = product->columns, outputs = product->outputs;
    if (product->dtype == GSP_FLOAT64) {
        product->kernels->dot(rows, columns, outputs, features, product->point, product->margins, ahead);
        return;
    }
    const float *narrow = product->narrow;
    product->kernels->dot(rows, columns, outputs, features, product->point, product->narrow, ahead);
    for (size_t i = 0; i < rows * outputs; i++) product->margins[i] = narrow[i];
}

void gsp__product_backward(struct gsp__product *product, const void *features, size_t rows, const void *ahead)
{
    size_t columns = product->columns, outputs = product->outputs;
    if (product->dtype == GSP_FLOAT64) {
        product->kernels->add(rows, columns, outputs, features, product->margins, product->sum, ahead);
        return;
    }
    float *narrow = product->narrow;
    const float *partial = product->partial;
    for (size_t i = 0; i < rows * outputs; i++) narrow[i] = (float)product->margins[i];
    memset(product->partial, 0, outputs * columns * sizeof *partial);
    product->kernels->add(rows, columns, outputs, features, narrow, product->partial, ahead);
    for (size_t i = 0; i < outputs * columns; i++) product->sum[i] += partial[i];
}
