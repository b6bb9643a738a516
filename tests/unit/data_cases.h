/* Data sets that tests make up, and files from bytes. */
#ifndef GSP_TEST_DATA_CASES_H
#define GSP_TEST_DATA_CASES_H

#include <gossip/data.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>

static inline struct gsp_file file_of(const char *name, const void *bytes, size_t length)
{
    return (struct gsp_file){.name = name, .bytes = bytes, .length = length};
}

static inline double feature(const struct gsp_dataset *data, size_t row, size_t column)
{
    size_t at = row * data->columns + column;
    return data->dtype == GSP_FLOAT32 ? ((const float *)data->features)[at] : ((const double *)data->features)[at];
}

static inline void set_feature(struct gsp_dataset *data, size_t row, size_t column, double value)
{
    size_t at = row * data->columns + column;
    if (data->dtype == GSP_FLOAT32)
        ((float *)data->features)[at] = (float)value;
    else
        ((double *)data->features)[at] = value;
}

/* Features N(0, 1); targets whole numbers below `classes`, or N(0, 1) if that is 0. */
static inline struct gsp_dataset *random_dataset(enum gsp_dtype dtype, size_t rows, size_t columns, size_t classes,
                                                 uint64_t seed)
{
    struct gsp_stream stream;
    uint8_t key[32];
    gsp_stream_key(key, seed, "", "test data");
    gsp_stream_init(&stream, key, 0);
    struct gsp_dataset *data = gsp_alloc(1, sizeof *data);
    ck_assert_ptr_nonnull(data);
    size_t bytes = rows * columns * (dtype == GSP_FLOAT32 ? sizeof(float) : sizeof(double));
    *data = (struct gsp_dataset){.dtype = dtype, .rows = rows, .columns = columns};
    data->features = aligned_alloc(64, (bytes / 64 + 1) * 64);
    data->targets = gsp_vector(rows);
    ck_assert(data->features && data->targets);
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < columns; column++) set_feature(data, row, column, gsp_stream_normal(&stream));
        data->targets[row] = classes ? (double)gsp_stream_below(&stream, classes) : gsp_stream_normal(&stream);
    }
    return data;
}

#endif
