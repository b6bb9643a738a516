/* Row kernels: every build, of doubles and of floats, against their definition, bit for bit, at every width and number
 * of rows, anywhere in memory. */
#include "base/cpu.h"
#include "base/vec.h"
#include "data/rows.h"
#include "unit/run_suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 9, MOST_COLUMNS = 70, MOST_OUTPUTS = 3, FLOAT_LANES = 32 };

static gsp__rows_kernel *const doubles[] = {gsp__rows_double_plain, gsp__rows_double_avx2, gsp__rows_double_avx512};
static gsp__rows_kernel *const floats[] = {gsp__rows_float_plain, gsp__rows_float_avx2, gsp__rows_float_avx512};

/* Of those, what this processor can run. */
static size_t builds(void)
{
    return gsp__has_avx512() ? 3 : gsp__has_avx2() ? 2 : 1;
}

/* Both precisions of the same numbers, so that one table serves both. */
struct numbers {
    double wide[MOST_ROWS * MOST_COLUMNS + 4];
    float narrow[MOST_ROWS * MOST_COLUMNS + 4];
};

static void fill(struct gsp_stream *stream, struct numbers *out)
{
    for (size_t i = 0; i < sizeof out->wide / sizeof *out->wide; i++) {
        out->wide[i] = ldexp(gsp_stream_normal(stream), (int)gsp_stream_below(stream, 40) - 20);
        out->narrow[i] = (float)out->wide[i];
    }
}

/* Element i in lane i mod 32, the lanes then added in pairs 16, 8, 4, 2, 1 apart. */
static float float_dot(size_t n, const float *a, const float *b)
{
    float lane[FLOAT_LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        volatile float product = a[i] * b[i]; /* volatile: rounded before the addition */
        lane[i % FLOAT_LANES] += product;
    }
    for (size_t width = FLOAT_LANES / 2; width; width /= 2)
        for (size_t l = 0; l < width; l++) lane[l] += lane[l + width];
    return lane[0];
}

struct shape {
    size_t forward, backward, columns, outputs;
};

static void expect_same(const char *what, size_t build, struct shape shape, size_t bytes, const void *got,
                        const void *expected)
{
    ck_assert_msg(memcmp(got, expected, bytes) == 0,
                  "%s of build %zu: %zu rows forward, %zu backward of %zu, %zu outputs", what, build, shape.forward,
                  shape.backward, shape.columns, shape.outputs);
}

/* `features` go forward, `back` backward, with `point` for the parameters and the factors. */
static struct gsp__rows_work work_of(struct shape shape, const void *features, const void *back, const void *point,
                                     const void *ahead)
{
    return (struct gsp__rows_work){.columns = shape.columns,
                                   .outputs = shape.outputs,
                                   .forward = shape.forward,
                                   .backward = shape.backward,
                                   .forward_features = features,
                                   .point = point,
                                   .backward_features = back,
                                   .factors = point,
                                   .ahead = ahead};
}

/* The sum begins with `point`, too. */
static void compare_doubles(struct shape shape, const double *features, const double *back, const double *point,
                            const double *ahead)
{
    double margins[MOST_ROWS * MOST_OUTPUTS + 1], expected[MOST_ROWS * MOST_OUTPUTS + 1];
    double sum[MOST_OUTPUTS * MOST_COLUMNS + 1], expected_sum[MOST_OUTPUTS * MOST_COLUMNS + 1];
    size_t columns = shape.columns, outputs = shape.outputs, cells = shape.forward * outputs, all = outputs * columns;
    memcpy(expected_sum, point, all * sizeof *point);
    expected[cells] = margins[cells] = expected_sum[all] = sum[all] = 7; /* nothing may be written behind the end */
    for (size_t o = 0; o < outputs; o++) {
        for (size_t r = 0; r < shape.forward; r++)
            expected[r * outputs + o] = gsp__vec_plain.dot(columns, features + r * columns, point + o * columns);
        for (size_t r = 0; r < shape.backward; r++)
            gsp__vec_plain.axpy(columns, point[r * outputs + o], back + r * columns, expected_sum + o * columns);
    }
    struct gsp__rows_work work = work_of(shape, features, back, point, ahead);
    work.margins = margins;
    work.sum = sum;
    for (size_t k = 0; k < builds(); k++) {
        memset(margins, 0xff, cells * sizeof *margins);
        memcpy(sum, point, all * sizeof *point);
        doubles[k](&work);
        expect_same("margins", k, shape, (cells + 1) * sizeof *margins, margins, expected);
        expect_same("sum", k, shape, (all + 1) * sizeof *sum, sum, expected_sum);
    }
}

static void compare_floats(struct shape shape, const float *features, const float *back, const float *point,
                           const float *ahead)
{
    float margins[MOST_ROWS * MOST_OUTPUTS + 1], expected[MOST_ROWS * MOST_OUTPUTS + 1];
    float sum[MOST_OUTPUTS * MOST_COLUMNS + 1], expected_sum[MOST_OUTPUTS * MOST_COLUMNS + 1];
    size_t columns = shape.columns, outputs = shape.outputs, cells = shape.forward * outputs, all = outputs * columns;
    memcpy(expected_sum, point, all * sizeof *point);
    expected[cells] = margins[cells] = expected_sum[all] = sum[all] = 7;
    for (size_t o = 0; o < outputs; o++) {
        for (size_t r = 0; r < shape.forward; r++)
            expected[r * outputs + o] = float_dot(columns, features + r * columns, point + o * columns);
        for (size_t r = 0; r < shape.backward; r++)
            for (size_t i = 0; i < columns; i++) {
                volatile float product = point[r * outputs + o] * back[r * columns + i];
                expected_sum[o * columns + i] += product;
            }
    }
    struct gsp__rows_work work = work_of(shape, features, back, point, ahead);
    work.margins = margins;
    work.sum = sum;
    for (size_t k = 0; k < builds(); k++) {
        memset(margins, 0xff, cells * sizeof *margins);
        memcpy(sum, point, all * sizeof *point);
        floats[k](&work);
        expect_same("margins of floats", k, shape, (cells + 1) * sizeof *margins, margins, expected);
        expect_same("sum of floats", k, shape, (all + 1) * sizeof *sum, sum, expected_sum);
    }
}

/* Anywhere in memory, with and without rows ahead. */
static void compare(struct shape shape, const struct numbers *features, const struct numbers *back,
                    const struct numbers *point)
{
    size_t from = shape.columns % 4, offset = (shape.forward + shape.outputs) % 4;
    const double *wide = features->wide + from, *wide_back = back->wide + offset;
    const float *narrow = features->narrow + from, *narrow_back = back->narrow + offset;
    compare_doubles(shape, wide, wide_back, point->wide + offset, wide_back);
    compare_doubles(shape, wide, wide_back, point->wide + offset, NULL);
    compare_floats(shape, narrow, narrow_back, point->narrow + offset, narrow_back);
    compare_floats(shape, narrow, narrow_back, point->narrow + offset, NULL);
}

START_TEST(kernels_are_their_definition)
{
    static struct numbers features, back, point;
    struct gsp_stream stream;
    uint8_t key[32];
    gsp_stream_key(key, 1, "test_rows", "numbers");
    gsp_stream_init(&stream, key, 0);
    fill(&stream, &features);
    fill(&stream, &back);
    fill(&stream, &point);
    for (size_t columns = 1; columns <= MOST_COLUMNS; columns++)
        for (size_t forward = 0; forward <= MOST_ROWS; forward++)
            for (size_t backward = 0; backward <= MOST_ROWS; backward++)
                compare((struct shape){forward, backward, columns, 1 + (forward + backward) % MOST_OUTPUTS}, &features,
                        &back, &point);
}
END_TEST

START_TEST(what_is_not_finite_is_kept)
{
    double features[8] = {1, INFINITY, NAN, 2, 3, 4, 5, -INFINITY}, x[2] = {0, 1}, margins[4], sum[2];
    for (size_t k = 0; k < builds(); k++) {
        struct gsp__rows_work forward = {.columns = 2, .outputs = 1, .forward = 4, .forward_features = features};
        forward.point = x;
        forward.margins = margins;
        doubles[k](&forward);
        ck_assert(isinf(margins[0]) && isnan(margins[1]) && margins[2] == 4 && isinf(margins[3]));
        struct gsp__rows_work backward = {.columns = 2, .outputs = 1, .backward = 4, .backward_features = features};
        backward.factors = margins;
        backward.sum = memset(sum, 0, sizeof sum);
        doubles[k](&backward);
        ck_assert(isnan(sum[0]) && isnan(sum[1]));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rows");
    TCase *test_case = tcase_create("rows");
    tcase_add_test(test_case, kernels_are_their_definition);
    tcase_add_test(test_case, what_is_not_finite_is_kept);
    suite_add_tcase(suite, test_case);
    return run_suite(suite);
}
