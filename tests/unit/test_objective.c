/* Objectives against naive loops in long double and finite differences. */
#include "data_cases.h"
#include "objective_cases.h"
#include "objective_definitions.h"

#include "../../lib/data/objective.h"

#include <cblas.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>

/* Over the rows whose entry in `use` is set (all if NULL). */
static long double naive(const struct gsp_dataset *data, const struct gsp_objective_choice *kind, double l2,
                         const bool *use, const double *x, long double *gradient)
{
    size_t d = gsp_objective_dimension(data, kind, CLASSES), rows = 0;
    long double loss = 0, margins[CLASSES], derivative[CLASSES], units[UNITS_MAX], slopes[UNITS_MAX];
    for (size_t i = 0; i < d; i++) gradient[i] = 0;
    for (size_t row = 0; row < data->rows; row++) {
        if (use && !use[row]) continue;
        rows++;
        define_margins(kind, data, row, x, margins, units, slopes);
        loss += definitions[definition_of(kind)].loss(kind->parameter, margins, data->targets[row], derivative);
        define_backward(kind, data, row, x, derivative, units, slopes, gradient);
    }
    loss /= rows;
    for (size_t i = 0; i < d; i++) {
        gradient[i] = gradient[i] / rows + (long double)l2 * x[i];
        loss += 0.5L * l2 * x[i] * x[i];
    }
    return loss;
}

static void compare(const char *what, double got, long double expected, double tolerance)
{
    ck_assert_msg(fabsl(got - expected) <= tolerance * (1 + fabsl(expected)), "%s: %.17g, not %.17Lg", what, got,
                  expected);
}

static void compare_all(const struct gsp_dataset *data, const struct gsp_objective_choice *kind, double l2,
                        size_t batch, const bool *use, uint64_t round)
{
    size_t d = gsp_objective_dimension(data, kind, CLASSES);
    size_t layers = kind->hidden ? kind->hidden + outputs_of(kind) * (kind->hidden + 1) : 0;
    ck_assert_uint_eq(d, (kind->hidden ? kind->hidden : outputs_of(kind)) * data->columns + layers);
    ck_assert_uint_eq(gsp_objective_columns(kind, CLASSES, d), data->columns);
    if (kind->hidden > 1) ck_assert_uint_eq(gsp_objective_columns(kind, CLASSES, d + 1), 0);
    double *x = random_point(d, 1 / sqrt((double)data->columns), 3), *gradient = gsp_vector(d), loss;
    long double *expected = calloc(d, sizeof *expected);
    struct gsp_objective *objective = new_objective(data, kind, l2, batch);
    long double expected_loss = naive(data, kind, l2, use, x, expected);
    double tolerance = data->dtype == GSP_FLOAT32 ? 4e-6 : 1e-13;
    char what[128];
    snprintf(what, sizeof what, "%s, %zu rows of %zu, %s", kind->kind->name, data->rows, data->columns,
             data->dtype == GSP_FLOAT32 ? "float32" : "float64");
    gsp_objective_gradient(objective, round, x, gradient, &loss);
    compare(what, loss, expected_loss, tolerance);
    for (size_t i = 0; i < d; i++) compare(what, gradient[i], expected[i], tolerance);
    if (!use) compare(what, gsp_objective_loss(objective, x), expected_loss, tolerance);
    gsp_objective_free(objective);
    free(x);
    free(gradient);
    free(expected);
}

START_TEST(gradients_equal_naive_loops_at_block_boundaries)
{
    const enum gsp_dtype dtype = _i / KINDS ? GSP_FLOAT32 : GSP_FLOAT64;
    const struct gsp_objective_choice *kind = &kinds[_i % KINDS];
    const size_t widths[] = {1, 7, 300};
    for (size_t w = 0; w < 3; w++) {
        size_t block = gsp__block_rows(dtype, widths[w]);
        const size_t rows[] = {1, 2, block - 1, block, block + 1, 2 * block + 3};
        for (size_t r = 0; r < 6; r++) {
            struct gsp_dataset *data = random_dataset(dtype, rows[r], widths[w], labels_of(kind), 10 + r);
            compare_all(data, kind, r % 2 ? 0.01 : 0, 0, NULL, 1);
            gsp_dataset_free(data);
        }
    }
}
END_TEST

/* What a block of floats sums in single precision is part of the result, and must not change. */
START_TEST(blocks_of_floats_are_what_they_were)
{
    const size_t expected[][2] = {{1, 1024}, {64, 1024}, {65, 1008}, {784, 83}, {8192, 8}, {8193, 8}, {20000, 8}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        ck_assert_uint_eq(gsp__block_rows(GSP_FLOAT32, expected[i][0]), expected[i][1]);
}
END_TEST

/* What a run is said to need is no less than what it takes, whatever the precision of the test data. */
START_TEST(memory_is_not_more_than_is_said)
{
    const size_t widths[] = {1, 7, 64, 300, 9000}, classes = 500;
    for (size_t i = 0; i < 2 * sizeof widths / sizeof *widths; i++) {
        const enum gsp_dtype dtype = i % 2 ? GSP_FLOAT32 : GSP_FLOAT64;
        struct gsp_dataset *data = random_dataset(dtype, 40, widths[i / 2], CLASSES, 3);
        struct gsp_objective *objective = NULL;
        struct gsp_objective_config config = {
            .choice = *named("softmax"), .classes = classes, .batch = 20, .node = "n001"};
        struct gsp__product evaluation;
        struct mallinfo2 before = mallinfo2();
        ck_assert(!gsp_objective_new(&objective, data, &config, NULL));
        ck_assert(!gsp__product_init(&evaluation, GSP_FLOAT32, data->columns, classes, false));
        struct mallinfo2 after = mallinfo2();
        double taken = (double)(after.uordblks - before.uordblks) + (double)(after.hblkhd - before.hblkhd);
        const double small = 16384; /* structures, and what malloc adds to each block */
        ck_assert_msg(taken <= gsp_objective_memory(data, named("softmax"), classes) + small, "%zu columns: %.0f bytes",
                      data->columns, taken);
        gsp__product_clear(&evaluation);
        gsp_objective_free(objective);
        gsp_dataset_free(data);
    }
}
END_TEST

START_TEST(gradients_are_the_slope_of_the_loss)
{
    const struct gsp_objective_choice *kind = &kinds[_i];
    const double step = 1e-6, l2 = 0.03;
    struct gsp_dataset *data = random_dataset(GSP_FLOAT64, 50, 6, labels_of(kind), 77);
    size_t d = gsp_objective_dimension(data, kind, CLASSES);
    double *x = random_point(d, 0.5, 4), *gradient = gsp_vector(d), ignored;
    struct gsp_objective *objective = new_objective(data, kind, l2, 0);
    gsp_objective_gradient(objective, 1, x, gradient, &ignored);
    for (size_t i = 0; i < d; i++) {
        double at = x[i];
        x[i] = at + step;
        double above = gsp_objective_loss(objective, x);
        x[i] = at - step;
        double below = gsp_objective_loss(objective, x);
        x[i] = at;
        ck_assert_double_eq_tol(gradient[i], (above - below) / (2 * step), 1e-7);
    }
    gsp_objective_free(objective);
    gsp_dataset_free(data);
    free(x);
    free(gradient);
}
END_TEST

/* A shard cut from a larger set, or read from a file of its own, gives the same bits; so do vectors at any address. */
START_TEST(results_do_not_depend_on_addresses)
{
    const enum gsp_dtype dtype = _i / KINDS ? GSP_FLOAT32 : GSP_FLOAT64;
    const struct gsp_objective_choice *kind = &kinds[_i % KINDS];
    struct gsp_dataset *whole = random_dataset(dtype, 400, 301, labels_of(kind), 12), *slice;
    ck_assert_int_eq(gsp_dataset_slice(&slice, whole, 37, 337), 0);
    size_t d = gsp_objective_dimension(whole, kind, CLASSES), size = dtype == GSP_FLOAT32 ? 4 : 8;
    struct gsp_dataset view = *whole;
    view.rows = 300;
    view.features = (char *)whole->features + 37 * whole->columns * size;
    view.targets = whole->targets + 37;
    double *x = random_point(d, 0.1, 4), *g = gsp_vector(d), *moved = gsp_vector(2 * d + 2), loss, moved_loss;
    struct gsp_objective *first = new_objective(slice, kind, 0.01, 0), *second = new_objective(&view, kind, 0.01, 0);
    gsp_objective_gradient(first, 1, x, g, &loss);
    memcpy(moved + 1, x, d * sizeof *x);
    gsp_objective_gradient(second, 1, moved + 1, moved + d + 2, &moved_loss);
    ck_assert_mem_eq(g, moved + d + 2, d * sizeof *g);
    ck_assert_mem_eq(&loss, &moved_loss, sizeof loss);
    gsp_objective_free(first);
    gsp_objective_free(second);
    gsp_dataset_free(slice);
    gsp_dataset_free(whole);
    free(x);
    free(g);
    free(moved);
}
END_TEST

START_TEST(extreme_margins_stay_finite)
{
    const enum gsp_dtype dtype = _i / 2 ? GSP_FLOAT32 : GSP_FLOAT64;
    const bool softmax = _i % 2;
    struct gsp_dataset *data = random_dataset(dtype, 2, 1, 2, 1);
    struct gsp_objective *objective = new_objective(data, named(softmax ? "softmax" : "logistic"), 0, 0);
    const double sizes[] = {40, 1e3, 1e6, 1e30};
    for (size_t i = 0; i < 4; i++)
        for (int wrong = 0; wrong < 2; wrong++) {
            double x[CLASSES] = {softmax ? -1 : 1, 1, 0, 0}, g[CLASSES], loss;
            for (size_t row = 0; row < 2; row++) {
                set_feature(data, row, 0, row ? sizes[i] : -sizes[i]);
                data->targets[row] = wrong ? (double)!row : (double)row;
            }
            gsp_objective_gradient(objective, 1, x, g, &loss);
            ck_assert(isfinite(loss) && gsp_finite(softmax ? CLASSES : 1, g));
            double expected = wrong ? sizes[i] * (softmax ? 2 : 1) : 0;
            ck_assert_double_eq_tol(loss, expected, 1e-6 * expected + 1e-15);
            ck_assert_double_eq_tol(g[softmax ? 1 : 0], wrong ? sizes[i] : 0, 1e-6 * sizes[i] * wrong + 1e-14);
        }
    gsp_objective_free(objective);
    gsp_dataset_free(data);
}
END_TEST

START_TEST(a_non_finite_point_shows_in_the_loss)
{
    const struct gsp_objective_choice *kind = &kinds[_i];
    struct gsp_dataset *data = random_dataset(GSP_FLOAT64, 10, 3, labels_of(kind), 1);
    size_t d = gsp_objective_dimension(data, kind, CLASSES);
    struct gsp_objective *objective = new_objective(data, kind, 0, 0);
    double *x = random_point(d, 1, 1), *g = gsp_vector(d), loss;
    x[d - 1] = NAN;
    gsp_objective_gradient(objective, 1, x, g, &loss);
    ck_assert(!isfinite(loss));
    gsp_objective_free(objective);
    gsp_dataset_free(data);
    free(x);
    free(g);
}
END_TEST

static void refused(struct gsp_dataset *data, const struct gsp_objective_choice *kind, size_t classes,
                    const char *expected)
{
    struct gsp_objective *objective = NULL;
    struct gsp_error error = {0};
    const struct gsp_objective_config config = {.choice = *kind, .classes = classes};
    ck_assert_int_eq(gsp_objective_new(&objective, data, &config, &error), GSP_ERR_DATA);
    ck_assert_ptr_null(objective);
    ck_assert_msg(strstr(error.message, expected), "'%s' lacks '%s'", error.message, expected);
}

START_TEST(labels_out_of_range_are_refused_by_row)
{
    struct gsp_dataset *data = random_dataset(GSP_FLOAT64, 5, 2, 2, 1);
    data->targets[3] = -1;
    refused(data, named("logistic"), 0, "row 4: label -1");
    refused(data, named("logistic"), 0, "needs labels 0 and 1, or -1 and 1");
    refused(data, named("softmax"), 3, "row 4: label -1, but classes=3");
    data->targets[3] = 3;
    refused(data, named("softmax"), 3, "row 4: label 3, but classes=3");
    data->targets[3] = 0.5;
    refused(data, named("softmax"), 3, "row 4: label 0.5");
    refused(data, named("logistic"), 0, "row 4: label 0.5");
    data->targets[3] = 1;
    refused(data, named("softmax"), 1, "classes=1");
    gsp_dataset_free(data);
}
END_TEST

/* ---- batches ---- */

START_TEST(a_batch_is_a_sample_without_replacement)
{
    enum { ROWS = 130, DRAWS = 4000 };
    const size_t sizes[] = {1, 7, 65, 129, 130};
    uint8_t key[32];
    gsp_stream_key(key, 3, "n001", "batch");
    for (size_t s = 0; s < 5; s++) {
        unsigned counts[ROWS] = {0};
        uint64_t chosen[3], again[3];
        for (uint64_t round = 1; round <= DRAWS; round++) {
            size_t total = 0;
            gsp__batch_draw(chosen, ROWS, sizes[s], key, round);
            gsp__batch_draw(again, ROWS, sizes[s], key, round);
            ck_assert_mem_eq(chosen, again, sizeof chosen);
            for (size_t row = 0; row < ROWS; row++) {
                bool in = chosen[row / 64] >> row % 64 & 1;
                counts[row] += in;
                total += in;
            }
            ck_assert_uint_eq(total, sizes[s]);
            ck_assert_uint_eq(chosen[2] >> (ROWS - 128), 0);
        }
        /* Each row comes as often as the others: 6 standard deviations of the binomial. */
        double p = (double)sizes[s] / ROWS, deviation = sqrt(DRAWS * p * (1 - p));
        for (size_t row = 0; row < ROWS; row++) ck_assert_double_eq_tol(counts[row], DRAWS * p, 6 * deviation + 1e-9);
    }
}
END_TEST

START_TEST(a_stochastic_gradient_is_the_mean_over_its_batch)
{
    const enum gsp_dtype dtype = _i / KINDS ? GSP_FLOAT32 : GSP_FLOAT64;
    const struct gsp_objective_choice *kind = &kinds[_i % KINDS];
    size_t block = gsp__block_rows(dtype, 300);
    const size_t rows = 2 * block + 40, batches[] = {1, 5, block, block + 1, rows - 1};
    struct gsp_dataset *data = random_dataset(dtype, rows, 300, labels_of(kind), 8);
    uint64_t *chosen = gsp_alloc(rows / 64 + 1, sizeof *chosen);
    bool *use = gsp_alloc(rows, sizeof *use);
    uint8_t key[32];
    gsp_stream_key(key, 5, "n001", "batch");
    for (size_t b = 0; b < 5; b++) {
        gsp__batch_draw(chosen, rows, batches[b], key, 9);
        for (size_t row = 0; row < rows; row++) use[row] = chosen[row / 64] >> row % 64 & 1;
        compare_all(data, kind, 0.001, batches[b], use, 9);
    }
    compare_all(data, kind, 0.001, rows, NULL, 9);
    compare_all(data, kind, 0.001, rows + 1, NULL, 9);
    free(use);
    free(chosen);
    gsp_dataset_free(data);
}
END_TEST

/* ---- the metric ---- */

START_TEST(the_metric_counts_right_answers_or_squares)
{
    const enum gsp_dtype dtype = _i / KINDS ? GSP_FLOAT32 : GSP_FLOAT64;
    const struct gsp_objective_choice *kind = &kinds[_i % KINDS];
    struct gsp_dataset *train = random_dataset(GSP_FLOAT64, 3, 9, labels_of(kind), 1);
    struct gsp_dataset *test = random_dataset(dtype, 2500, 9, labels_of(kind), 2);
    struct gsp_objective *objective = new_objective(train, kind, 0.5, 0);
    double *x = random_point(gsp_objective_dimension(train, kind, CLASSES), 1, 6);
    long double total = 0;
    for (size_t row = 0; row < test->rows; row++) {
        long double margins[CLASSES] = {0}, units[UNITS_MAX], slopes[UNITS_MAX];
        size_t best = 0;
        define_margins(kind, test, row, x, margins, units, slopes);
        for (size_t k = 0; k < outputs_of(kind); k++)
            if (margins[k] > margins[best]) best = k;
        long double (*guess)(long double margin) = definitions[definition_of(kind)].guess;
        long double error = (guess ? guess(margins[0]) : margins[0]) - test->targets[row];
        if (gsp_objective_takes_classes(kind))
            total += (double)best == test->targets[row];
        else if (gsp_objective_takes_labels(kind))
            total += (margins[0] > 0) == (test->targets[row] > 0);
        else
            total += error * error;
    }
    double got = gsp_objective_metric(objective, test, x);
    ck_assert_double_eq_tol(got, (double)(total / test->rows), dtype == GSP_FLOAT32 ? 1e-5 : 1e-12);
    ck_assert(gsp_objective_metric_is_accuracy(kind) == gsp_objective_takes_labels(kind));
    gsp_objective_free(objective);
    gsp_dataset_free(train);
    gsp_dataset_free(test);
    free(x);
}
END_TEST

/* ---- what doc/algorithm.md says of geman ---- */

START_TEST(geman_is_not_convex_but_polyak_lojasiewicz)
{
    bool bent_down = false;
    for (double residual = -20; residual <= 20; residual += 0x1p-6) {
        double slope = residual, near = residual + 1e-4, none = 0;
        double loss = gsp__geman.residuals(NULL, 1, 1, &slope, &none);
        gsp__geman.residuals(NULL, 1, 1, &near, &none);
        bent_down |= near < slope;
        ck_assert_double_ge(slope * slope, 2.0 / 9 * loss * (1 - 1e-12));
        ck_assert_double_le(near - slope, 9 * 1e-4 * (1 + 1e-9));
    }
    ck_assert(bent_down);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, gradients_equal_naive_loops_at_block_boundaries, 0, 2 * KINDS);
    tcase_add_test(tcase, blocks_of_floats_are_what_they_were);
    tcase_add_test(tcase, memory_is_not_more_than_is_said);
    tcase_add_loop_test(tcase, gradients_are_the_slope_of_the_loss, 0, KINDS);
    tcase_add_loop_test(tcase, results_do_not_depend_on_addresses, 0, 2 * KINDS);
    tcase_add_loop_test(tcase, extreme_margins_stay_finite, 0, 4);
    tcase_add_loop_test(tcase, a_non_finite_point_shows_in_the_loss, 0, KINDS);
    tcase_add_test(tcase, labels_out_of_range_are_refused_by_row);
    tcase_add_test(tcase, a_batch_is_a_sample_without_replacement);
    tcase_add_loop_test(tcase, a_stochastic_gradient_is_the_mean_over_its_batch, 0, 2 * KINDS);
    tcase_add_test(tcase, geman_is_not_convex_but_polyak_lojasiewicz);
    tcase_add_loop_test(tcase, the_metric_counts_right_answers_or_squares, 0, 2 * KINDS);
}

int main(void)
{
    openblas_set_num_threads(1);
    choose_all();
    return run_suite("objective", add);
}
