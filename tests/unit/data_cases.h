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

/* Reads what must be good. */
static inline struct gsp_dataset *read_good(const struct gsp_file *data, const struct gsp_file *labels, bool bias,
                                            size_t features)
{
    struct gsp_dataset *dataset = NULL;
    struct gsp_error error = {0};
    const struct gsp_data_options options = {.bias = bias, .features = features};
    int rc = gsp_dataset_read(&dataset, data, labels, &options, &error);
    ck_assert_msg(!rc, "%s", error.message);
    ck_assert_ptr_nonnull(dataset);
    ck_assert_uint_eq((uintptr_t)dataset->features % 64, 0);
    return dataset;
}

/* Reads what must be refused as unusable data, with a message that holds every one of the expected pieces. */
static inline void read_bad(const struct gsp_file *data, const struct gsp_file *labels, size_t features,
                            const char *first, const char *second)
{
    struct gsp_dataset *dataset = NULL;
    struct gsp_error error = {0};
    const struct gsp_data_options options = {.features = features};
    ck_assert_int_eq(gsp_dataset_read(&dataset, data, labels, &options, &error), GSP_ERR_DATA);
    ck_assert_ptr_null(dataset);
    ck_assert_int_eq(error.code, GSP_ERR_DATA);
    ck_assert_msg(strstr(error.message, first), "'%s' lacks '%s'", error.message, first);
    ck_assert_msg(strstr(error.message, second), "'%s' lacks '%s'", error.message, second);
}

/* Reads damaged bytes: whatever comes of it, it must be clean (run under the sanitizers). The copy has its exact size,
 * so that reading beyond the end is found. */
static inline void read_damaged(const char *name, const void *bytes, size_t length)
{
    uint8_t *copy = malloc(length ? length : 1);
    struct gsp_dataset *dataset = NULL;
    struct gsp_error error = {0};
    const struct gsp_data_options options = {0};
    ck_assert_ptr_nonnull(copy);
    if (length) memcpy(copy, bytes, length);
    const struct gsp_file file = file_of(name, copy, length);
    int rc = gsp_dataset_read(&dataset, &file, NULL, &options, &error);
    if (rc)
        ck_assert_msg(!dataset && *error.message, "a refusal without a reason");
    else
        gsp_dataset_free(dataset);
    free(copy);
}

static inline int run_suite(const char *name, void (*add)(TCase *))
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 60);
    add(tcase);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
