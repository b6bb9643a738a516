/* Smoothness, and the steps that follow from it, against an explicit eigenvalue computation. */
#include "data_cases.h"
#include "objective_cases.h"
#include "objective_definitions.h"

#include "../../lib/data/objective.h"

#include <cblas.h>
#include <math.h>

/* The greatest eigenvalue of A^T A / m by Jacobi's rotations. */
static double explicit_lambda(const struct gsp_dataset *data)
{
    enum { MOST = 40, SWEEPS = 60 };
    static double m[MOST][MOST];
    size_t n = data->columns;
    double greatest = 0;
    ck_assert_uint_le(n, MOST);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            long double sum = 0;
            for (size_t row = 0; row < data->rows; row++)
                sum += (long double)feature(data, row, i) * feature(data, row, j);
            m[i][j] = (double)(sum / data->rows);
        }
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++) {
                if (m[p][q] == 0) continue;
                /* the lesser of the two angles, without which the sweeps may not converge */
                double angle = 0.5 * atan(2 * m[p][q] / (m[q][q] - m[p][p])), c = cos(angle), s = sin(angle);
                for (size_t k = 0; k < n; k++) {
                    double a = m[k][p], b = m[k][q];
                    m[k][p] = c * a - s * b;
                    m[k][q] = s * a + c * b;
                }
                for (size_t k = 0; k < n; k++) {
                    double a = m[p][k], b = m[q][k];
                    m[p][k] = c * a - s * b;
                    m[q][k] = s * a + c * b;
                }
            }
    for (size_t i = 0; i < n; i++) greatest = fmax(greatest, m[i][i]);
    return greatest;
}

START_TEST(lambda_is_the_greatest_eigenvalue_or_slightly_more)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        const enum gsp_dtype dtype = seed % 2 ? GSP_FLOAT32 : GSP_FLOAT64;
        size_t columns = 1 + (size_t)(seed * 7 % 40), rows = 1 + (size_t)(seed * 13 % 90);
        struct gsp_dataset *data = random_dataset(dtype, rows, columns, 0, seed);
        if (seed % 3 == 0) /* a strong common direction, as images and a bias column have */
            for (size_t row = 0; row < rows; row++)
                for (size_t j = 0; j < columns; j++) set_feature(data, row, j, 3 + feature(data, row, j));
        double expected = explicit_lambda(data), got = gsp_lambda_max(data);
        ck_assert_msg(got >= 0.999 * expected && got <= 1.006 * expected, "seed %llu, %zu x %zu: %g, not %g",
                      (unsigned long long)seed, rows, columns, got, expected);
        gsp_dataset_free(data);
    }
}
END_TEST

START_TEST(lambda_of_degenerate_data)
{
    struct gsp_dataset *data = random_dataset(GSP_FLOAT64, 6, 6, 0, 1);
    for (size_t i = 0; i < 36; i++) set_feature(data, i / 6, i % 6, 0);
    ck_assert_double_eq(gsp_lambda_max(data), 0);
    ck_assert_double_eq(gsp_eta_auto(named("linear"), 0, 0, 0), 1);
    for (size_t i = 0; i < 6; i++) set_feature(data, i, i, 3); /* A^T A / m = 9 / 6 I */
    ck_assert_double_eq_tol(gsp_lambda_max(data), 1.5, 0.0076);
    gsp_dataset_free(data);
}
END_TEST

/* Squares, or sums of them, that no double holds: infinite, or one infinity less another. */
START_TEST(lambda_of_data_that_overflow_is_not_known)
{
    static const double rows[][2] = {{1e200, 1}, {1e200, -1e200}, {1e200, 1e200}, {1e154, 1e154}};
    for (size_t rotation = 0; rotation < 4; rotation++) {
        struct gsp_dataset *data = random_dataset(GSP_FLOAT64, 3, 2, 0, 1);
        for (size_t row = 0; row < 3; row++)
            for (size_t column = 0; column < 2; column++)
                set_feature(data, row, column, rows[(row + rotation) % 4][column]);
        ck_assert(isnan(gsp_lambda_max(data)));
        gsp_dataset_free(data);
    }
}
END_TEST

START_TEST(smoothness_and_step_follow_from_lambda)
{
    ck_assert_double_eq(gsp_smoothness(named("linear"), 8, 0.5), 8.5);
    ck_assert_double_eq(gsp_smoothness(named("relu"), 8, 0.5), 8.5);
    ck_assert_double_eq(gsp_smoothness(named("geman"), 8, 0.5), 72.5);
    ck_assert_double_eq(gsp_smoothness(named("logistic"), 8, 0.5), 2.5);
    ck_assert_double_eq(gsp_smoothness(named("softmax"), 8, 0.5), 4.5);
    ck_assert(isnan(gsp_smoothness(named("mlp:hidden=3"), 8, 0.5)));
    /* Gradient descent with the step of eta=auto never goes up (but for rounding). */
    for (int i = 0; i < KINDS; i++) {
        if (definitions[definition_of(&kinds[i])].kinks || !gsp__family(&kinds[i])->curvature) continue;
        struct gsp_dataset *data = random_dataset(GSP_FLOAT64, 60, 8, labels_of(&kinds[i]), 3);
        struct gsp_objective *objective = new_objective(data, &kinds[i], 0.01, 0);
        size_t d = gsp_objective_dimension(data, &kinds[i], CLASSES);
        double *x = random_point(d, 1, 1), *g = gsp_vector(d), last = INFINITY, loss;
        double eta = gsp_eta_auto(&kinds[i], CLASSES, gsp_lambda_max(data), 0.01);
        for (uint64_t round = 1; round <= 50; round++) {
            gsp_objective_gradient(objective, round, x, g, &loss);
            ck_assert_double_le(loss, last + 1e-12);
            last = loss;
            gsp_axpy(d, -eta, g, x);
        }
        gsp_objective_free(objective);
        gsp_dataset_free(data);
        free(x);
        free(g);
    }
}
END_TEST

/* Along a margin, the slope changes by the kind's curvature at most, and somewhere by almost as much. */
START_TEST(curvature_is_the_greatest_second_derivative)
{
    const struct gsp_objective_choice *kind = &kinds[_i];
    const struct gsp__family *family = gsp__family(kind);
    if (gsp__outputs(kind, CLASSES) > 1) return; /* of several outputs: by descent, above */
    if (!family->curvature) return;              /* none is known */
    const double step = 1e-4, bound = family->curvature(kind->parameter);
    double greatest = 0;
    for (double margin = -20; margin <= 20; margin += 0x1p-6) {
        double target = 0, low = margin, high = margin + step;
        if (definitions[definition_of(kind)].kinks && low <= 0 && high > 0) continue;
        family->residuals(kind->parameter, 1, 1, &low, &target);
        family->residuals(kind->parameter, 1, 1, &high, &target);
        greatest = fmax(greatest, fabs(high - low) / step);
    }
    ck_assert_msg(greatest <= bound * (1 + 1e-6) && greatest >= 0.99 * bound, "%s: %g, not %g", kind->kind->name,
                  greatest, bound);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, lambda_is_the_greatest_eigenvalue_or_slightly_more);
    tcase_add_test(tcase, lambda_of_degenerate_data);
    tcase_add_test(tcase, lambda_of_data_that_overflow_is_not_known);
    tcase_add_test(tcase, smoothness_and_step_follow_from_lambda);
    tcase_add_loop_test(tcase, curvature_is_the_greatest_second_derivative, 0, KINDS);
}

int main(void)
{
    openblas_set_num_threads(1);
    choose_all();
    return run_suite("smoothness", add);
}
