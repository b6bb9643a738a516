/* Products of a block of rows with the parameters, and back, in the data's precision. */
#include "base/cpu.h"
#include "objective.h"

#include <stdlib.h>
#include <string.h>

static gsp__rows_kernel *kernel_for(enum gsp_dtype dtype)
{
    bool narrow = dtype == GSP_FLOAT32;
    if (gsp__has_avx512()) return narrow ? gsp__rows_float_avx512 : gsp__rows_double_avx512;
    if (gsp__has_avx2()) return narrow ? gsp__rows_float_avx2 : gsp__rows_double_avx2;
    return narrow ? gsp__rows_float_plain : gsp__rows_double_plain;
}

size_t gsp__block_rows(enum gsp_dtype dtype, size_t columns)
{
    /* Three blocks are in the cache at a time. Each block of floats costs an addition of its sum in double precision;
     * of doubles the sum does not depend on the blocks. */
    bool narrow = dtype == GSP_FLOAT32;
    const size_t cache = (narrow ? 256 : 32) * 1024, least = narrow ? 8 : 4, most = 1024;
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
                                     .kernel = kernel_for(dtype)};
    product->point = gsp__matrix(dtype, outputs, columns);
    product->margins = gsp__matrix(GSP_FLOAT64, product->block, outputs);
    product->got = gsp__matrix(dtype, product->block, outputs);
    if (backward) product->given = gsp__matrix(dtype, product->block, outputs);
    if (backward) product->sum = gsp__matrix(GSP_FLOAT64, outputs, columns);
    if (backward && narrow) product->partial = gsp__matrix(dtype, outputs, columns);
    bool forth = product->point && product->margins && product->got;
    bool back = product->given && product->sum && (product->partial || !narrow);
    if (forth && (back || !backward)) return 0;
    gsp__product_clear(product);
    return GSP_ERR_NOMEM;
}

double gsp__product_memory(enum gsp_dtype dtype, size_t columns, size_t outputs, bool backward)
{
    double block = (double)gsp__block_rows(dtype, columns) * (double)outputs, all = (double)outputs * (double)columns;
    double element = (double)gsp__dtype_size(dtype), forth = all * element + block * (sizeof(double) + element);
    return backward ? forth + all * (sizeof(double) + element) + block * element : forth;
}

void gsp__product_clear(struct gsp__product *product)
{
    free(product->point);
    free(product->margins);
    free(product->given);
    free(product->got);
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

/* A block's margins between double and the data's precision. */
static void narrow_margins(const struct gsp__product *product, size_t count)
{
    if (product->dtype == GSP_FLOAT32)
        for (size_t i = 0; i < count; i++) ((float *)product->given)[i] = (float)product->margins[i];
    else
        memcpy(product->given, product->margins, count * sizeof *product->margins);
}

static void widen_margins(const struct gsp__product *product, size_t count)
{
    if (product->dtype == GSP_FLOAT32)
        for (size_t i = 0; i < count; i++) product->margins[i] = ((const float *)product->got)[i];
    else
        memcpy(product->margins, product->got, count * sizeof *product->margins);
}

void gsp__product_step(struct gsp__product *product, const void *features, size_t rows, const void *next,
                       size_t next_rows, const void *ahead)
{
    size_t outputs = product->outputs, cells = outputs * product->columns;
    bool narrow = product->dtype == GSP_FLOAT32;
    float *partial = product->partial;
    if (rows) narrow_margins(product, rows * outputs);
    if (rows && narrow) memset(partial, 0, cells * sizeof *partial);
    product->kernel(&(struct gsp__rows_work){
        .columns = product->columns,
        .outputs = outputs,
        .forward = next_rows,
        .backward = rows,
        .forward_features = next,
        .point = product->point,
        .margins = product->got,
        .backward_features = features,
        .factors = product->given,
        .sum = narrow ? product->partial : product->sum,
        .ahead = ahead,
    });
    widen_margins(product, next_rows * outputs);
    for (size_t i = 0; rows && narrow && i < cells; i++) product->sum[i] += partial[i];
}

double gsp__product_pass(struct gsp__product *product, const struct gsp_dataset *data, gsp__judge *judge, void *context,
                         bool backward)
{
    const char *features = data->features;
    size_t width = data->columns * gsp__dtype_size(data->dtype);
    size_t done = 0, held = 0; /* rows gone forward; the last of them, in a block that has to go backward yet */
    double total = 0;
    while (done < data->rows || held) {
        size_t left = data->rows - done, next = left < product->block ? left : product->block;
        const char *block = features + done * width, *ahead = left >= 2 * next ? block + next * width : NULL;
        gsp__product_step(product, block - held * width, held, block, next, ahead);
        if (judge) total += judge(context, next, product->margins, data->targets + done);
        done += next;
        held = backward ? next : 0;
    }
    return total;
}
