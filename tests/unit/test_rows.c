/* Row kernels: both builds, of doubles and of floats, against their definition, bit for bit, at every width and number
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

enum { MOST_ROWS = 7, MOST_COLUMNS = 70, MOST_OUTPUTS = 3, FLOAT_LANES = 32 };

static const struct gsp__rows_kernels *doubles[2] = {&gsp__rows_double_plain}, *floats[2] = {&gsp__rows_float_plain};
static size_t build_count = 1;

/* Both precisions of the same numbers, so that one table serves both. */
struct numbers {
    double wide[2 * MOST_ROWS * MOST_COLUMNS + 4];
    float narrow[2 * MOST_ROWS * MOST_COLUMNS + 4];
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
    size_t rows, columns, outputs;
};

static void expect_same(const char *what, struct shape shape, size_t bytes, const void *got, const void *expected)
{
    ck_assert_msg(!memcmp(got, expected, bytes), "%s: %zu rows of %zu, %zu outputs", what, shape.rows, shape.columns,
                  shape.outputs);
}

static void compare_doubles(struct shape shape, const double *features, const double *point, const double *ahead)
{
    double margins[MOST_ROWS * MOST_OUTPUTS + 1], expected[MOST_ROWS * MOST_OUTPUTS + 1];
    double sum[MOST_OUTPUTS * MOST_COLUMNS + 1], expected_sum[MOST_OUTPUTS * MOST_COLUMNS + 1];
    size_t columns = shape.columns, outputs = shape.outputs, cells = shape.rows * outputs, all = outputs * columns;
    memcpy(expected_sum, point, all * sizeof *point);
    expected[cells] = margins[cells] = expected_sum[all] = sum[all] = 7; /* nothing may be written behind the end */
    for (size_t r = 0; r < shape.rows; r++)
        for (size_t o = 0; o < outputs; o++) {
            const double *row = features + r * columns;
            double margin = gsp__vec_plain.dot(columns, row, point + o * columns);
            expected[r * outputs + o] = margin;
            gsp__vec_plain.axpy(columns, margin, row, expected_sum + o * columns);
        }
    for (size_t k = 0; k < build_count; k++) {
        doubles[k]->dot(shape.rows, columns, outputs, features, point, margins, ahead);
        expect_same("dot", shape, (cells + 1) * sizeof *margins, margins, expected);
        memcpy(sum, point, all * sizeof *point);
        doubles[k]->add(shape.rows, columns, outputs, features, margins, sum, ahead);
        expect_same("add", shape, (all + 1) * sizeof *sum, sum, expected_sum);
    }
}

static void compare_floats(struct shape shape, const float *features, const float *point, const float *ahead)
{
    float margins[MOST_ROWS * MOST_OUTPUTS + 1], expected[MOST_ROWS * MOST_OUTPUTS + 1];
    float sum[MOST_OUTPUTS * MOST_COLUMNS + 1], expected_sum[MOST_OUTPUTS * MOST_COLUMNS + 1];
    size_t columns = shape.columns, outputs = shape.outputs, cells = shape.rows * outputs, all = outputs * columns;
    memcpy(expected_sum, point, all * sizeof *point);
    expected[cells] = margins[cells] = expected_sum[all] = sum[all] = 7;
    for (size_t r = 0; r < shape.rows; r++)
        for (size_t o = 0; o < outputs; o++) {
            const float *row = features + r * columns;
            float margin = expected[r * outputs + o] = float_dot(columns, row, point + o * columns);
            for (size_t i = 0; i < columns; i++) {
                volatile float product = margin * row[i];
                expected_sum[o * columns + i] += product;
            }
        }
    for (size_t k = 0; k < build_count; k++) {
        floats[k]->dot(shape.rows, columns, outputs, features, point, margins, ahead);
        expect_same("dot of floats", shape, (cells + 1) * sizeof *margins, margins, expected);
        memcpy(sum, point, all * sizeof *point);
        floats[k]->add(shape.rows, columns, outputs, features, margins, sum, ahead);
        expect_same("add of floats", shape, (all + 1) * sizeof *sum, sum, expected_sum);
    }
}

START_TEST(kernels_are_their_definition)
{
    static struct numbers features, point;
    struct gsp_stream stream;
    uint8_t key[32];
    gsp_stream_key(key, 1, "test_rows", "numbers");
    gsp_stream_init(&stream, key, 0);
    fill(&stream, &features);
    fill(&stream, &point);
    for (size_t rows = 0; rows <= MOST_ROWS; rows++)
        for (size_t columns = 1; columns <= MOST_COLUMNS; columns++)
            for (size_t outputs = 1; outputs <= MOST_OUTPUTS; outputs++) {
                struct shape shape = {rows, columns, outputs};
                size_t offset = (rows + outputs) % 4, ahead = columns % 4 + rows * columns;
                const double *wide = features.wide, *point_wide = point.wide + offset;
                const float *narrow = features.narrow, *point_narrow = point.narrow + offset;
                compare_doubles(shape, wide + columns % 4, point_wide, wide + ahead);
                compare_doubles(shape, wide + columns % 4, point_wide, NULL);
                compare_floats(shape, narrow + columns % 4, point_narrow, narrow + ahead);
                compare_floats(shape, narrow + columns % 4, point_narrow, NULL);
            }
}
END_TEST

START_TEST(what_is_not_finite_is_kept)
{
    double features[8] = {1, INFINITY, NAN, 2, 3, 4, 5, -INFINITY}, x[2] = {0, 1}, margins[4], sum[2] = {0};
    for (size_t k = 0; k < build_count; k++) {
        doubles[k]->dot(4, 2, 1, features, x, margins, NULL);
        ck_assert(isinf(margins[0]) && isnan(margins[1]) && margins[2] == 4 && isinf(margins[3]));
        doubles[k]->add(4, 2, 1, features, margins, sum, NULL);
        ck_assert(isnan(sum[0]) && isnan(sum[1]));
    }
}
END_TEST

int main(void)
{
    if (gsp__has_avx2()) {
        doubles[1] = &gsp__rows_double_avx2;
        floats[1] = &gsp__rows_float_avx2;
        build_count = 2;
    }
    Suite *suite = suite_create("rows");
    TCase *test_case = tcase_create("rows");
    tcase_add_test(test_case, kernels_are_their_definition);
    tcase_add_test(test_case, what_is_not_finite_is_kept);
    suite_add_tcase(suite, test_case);
    return run_suite(suite);
}
