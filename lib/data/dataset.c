/* Data sets in memory: allocation, order, shards. */
#include "internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>

size_t gsp__dtype_size(enum gsp_dtype dtype)
{
    return dtype == GSP_FLOAT32 ? sizeof(float) : sizeof(double);
}

/* A gradient reads all of its matrix once: in pages of 2 MB, where the system has them, the processor looks up fewer
 * addresses and fetches further ahead. */
static void *allocate_large(size_t bytes)
{
    const size_t page = 2 * 1024 * 1024;
    size_t whole = (bytes + page - 1) / page * page;
    void *memory = aligned_alloc(page, whole);
#ifdef MADV_HUGEPAGE
    if (memory) madvise(memory, whole, MADV_HUGEPAGE); /* as good without */
#endif
    return memory;
}

void *gsp__matrix(enum gsp_dtype dtype, size_t rows, size_t columns)
{
    enum { ALIGNMENT = 64, LARGE = 8 * 1024 * 1024 };
    size_t bytes;
    if (__builtin_mul_overflow(rows, columns, &bytes) ||
        __builtin_mul_overflow(bytes, gsp__dtype_size(dtype), &bytes) || bytes > SIZE_MAX / 2)
        return NULL;
    if (bytes >= LARGE) return allocate_large(bytes);
    return aligned_alloc(ALIGNMENT, (bytes / ALIGNMENT + 1) * ALIGNMENT);
}

int gsp__dataset_shape(struct gsp_dataset *dataset, const char *name, enum gsp_dtype dtype, size_t rows, size_t columns,
                       bool bias, struct gsp_error *error)
{
    assert(!dataset->features && rows && columns);
    size_t width = columns + bias;
    dataset->features = gsp__matrix(dtype, rows, width);
    if (!dataset->features)
        return gsp_error_set(error, GSP_ERR_NOMEM, "%s: no memory for %zu rows of %zu columns; cut it into shards",
                             name, rows, width);
    dataset->dtype = dtype;
    dataset->rows = rows;
    dataset->columns = width;
    if (bias)
        for (size_t row = 0; row < rows; row++) {
            if (dtype == GSP_FLOAT32)
                ((float *)dataset->features)[row * width + columns] = 1;
            else
                ((double *)dataset->features)[row * width + columns] = 1;
        }
    return 0;
}

void gsp__dataset_finish(struct gsp_dataset *dataset)
{
    dataset->target_max = dataset->target_min = dataset->targets[0];
    bool whole = true, signs = true;
    for (size_t row = 0; row < dataset->rows; row++) {
        double target = dataset->targets[row];
        dataset->target_max = fmax(dataset->target_max, target);
        dataset->target_min = fmin(dataset->target_min, target);
        whole &= target >= 0 && target == floor(target);
        signs &= fabs(target) == 1;
    }
    dataset->targets_whole = whole || signs;
}

void gsp_dataset_free(struct gsp_dataset *dataset)
{
    if (!dataset) return;
    free(dataset->features);
    free(dataset->targets);
    gsp_schema_free(dataset->schema);
    free(dataset->notes);
    free(dataset);
}

struct ranked {
    double target;
    size_t row;
};

/* Ties go by row, which makes the order stable whatever the sort. */
static int compare_ranked(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->target != b->target) return a->target < b->target ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

int gsp_dataset_sort(struct gsp_dataset *dataset)
{
    size_t width = dataset->columns * gsp__dtype_size(dataset->dtype);
    struct ranked *order = gsp_alloc(dataset->rows, sizeof *order);
    char *features = dataset->features, *held = gsp_alloc(width, 1);
    if (!order || !held) {
        free(order);
        free(held);
        return GSP_ERR_NOMEM;
    }
    for (size_t row = 0; row < dataset->rows; row++) order[row] = (struct ranked){dataset->targets[row], row};
    qsort(order, dataset->rows, sizeof *order, compare_ranked);
    for (size_t row = 0; row < dataset->rows; row++) dataset->targets[row] = order[row].target;
    /* Rows move along the cycles of the permutation, so that no second matrix is needed. */
    for (size_t start = 0; start < dataset->rows; start++) {
        if (order[start].row == start) continue;
        memcpy(held, features + start * width, width);
        size_t to = start;
        for (size_t from = order[to].row; from != start; from = order[to].row) {
            memcpy(features + to * width, features + from * width, width);
            order[to].row = to;
            to = from;
        }
        memcpy(features + to * width, held, width);
        order[to].row = to;
    }
    free(order);
    free(held);
    return 0;
}

void gsp_dataset_split(struct gsp_dataset *dataset, double threshold)
{
    for (size_t row = 0; row < dataset->rows; row++) dataset->targets[row] = dataset->targets[row] >= threshold;
    gsp__dataset_finish(dataset);
}

void gsp_shard_range(size_t rows, size_t count, size_t index, size_t *first, size_t *last)
{
    assert(count && index < count);
    size_t share = rows / count;
    *first = index * share;
    *last = index + 1 == count ? rows : *first + share;
}

int gsp_dataset_slice(struct gsp_dataset **out, const struct gsp_dataset *dataset, size_t first, size_t last)
{
    assert(first < last && last <= dataset->rows);
    struct gsp_dataset *slice = gsp_alloc(1, sizeof *slice);
    if (!slice) return GSP_ERR_NOMEM;
    slice->dtype = dataset->dtype;
    slice->rows = last - first;
    slice->columns = dataset->columns;
    slice->features = gsp__matrix(slice->dtype, slice->rows, slice->columns);
    slice->targets = gsp__matrix(GSP_FLOAT64, slice->rows, 1);
    if (!slice->features || !slice->targets) {
        gsp_dataset_free(slice);
        return GSP_ERR_NOMEM;
    }
    size_t width = slice->columns * gsp__dtype_size(slice->dtype);
    memcpy(slice->features, (const char *)dataset->features + first * width, slice->rows * width);
    memcpy(slice->targets, dataset->targets + first, slice->rows * sizeof *slice->targets);
    gsp__dataset_finish(slice);
    *out = slice;
    return 0;
}
