/* Products of a block of rows with the parameters, and back, by OpenBLAS in the data's precision. */
#include "objective.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

size_t gsp__block_rows(enum gsp_dtype dtype, size_t columns)
{
    const size_t cache = 256 * 1024, least = 8, most = 1024;
    size_t rows = cache / gsp__dtype_size(dtype) / columns;
    return rows < least ? least : rows > most ? most : rows;
}

int gsp__product_init(struct gsp__product *product, enum gsp_dtype dtype, size_t columns, size_t outputs, bool backward)
{
    bool narrow = dtype == GSP_FLOAT32;
    *product = (struct gsp__product){
        .dtype = dtype, .columns = columns, .outputs = outputs, .block = gsp__block_rows(dtype, columns)};
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

/* Vectors go through gemv, which is faster than gemm with one column. */
void gsp__product_forward(struct gsp__product *product, const void *features, size_t rows)
{
    blasint m = (blasint)rows, n = (blasint)product->columns, c = (blasint)product->outputs;
    if (product->dtype == GSP_FLOAT64) {
        if (c == 1)
            cblas_dgemv(CblasRowMajor, CblasNoTrans, m, n, 1, features, n, product->point, 1, 0, product->margins, 1);
        else
            cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, c, n, 1, features, n, product->point, n, 0,
                        product->margins, c);
        return;
    }
    const float *narrow = product->narrow;
    if (c == 1)
        cblas_sgemv(CblasRowMajor, CblasNoTrans, m, n, 1, features, n, product->point, 1, 0, product->narrow, 1);
    else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, c, n, 1, features, n, product->point, n, 0,
                    product->narrow, c);
    for (size_t i = 0; i < rows * product->outputs; i++) product->margins[i] = narrow[i];
}

void gsp__product_backward(struct gsp__product *product, const void *features, size_t rows)
{
    blasint m = (blasint)rows, n = (blasint)product->columns, c = (blasint)product->outputs;
    if (product->dtype == GSP_FLOAT64) {
        if (c == 1)
            cblas_dgemv(CblasRowMajor, CblasTrans, m, n, 1, features, n, product->margins, 1, 1, product->sum, 1);
        else
            cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, c, n, m, 1, product->margins, c, features, n, 1,
                        product->sum, n);
        return;
    }
    float *narrow = product->narrow;
    const float *partial = product->partial;
    for (size_t i = 0; i < rows * product->outputs; i++) narrow[i] = (float)product->margins[i];
    if (c == 1)
        cblas_sgemv(CblasRowMajor, CblasTrans, m, n, 1, features, n, narrow, 1, 0, product->partial, 1);
    else
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, c, n, m, 1, narrow, c, features, n, 0, product->partial,
                    n);
    for (size_t i = 0; i < product->outputs * product->columns; i++) product->sum[i] += partial[i];
}
