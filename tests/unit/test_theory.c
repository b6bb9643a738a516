/* The safe consensus step size. */
#include <gossip/algo.h>

#include "config_cases.h"

#include <math.h>

START_TEST(gamma_safe_is_the_formula)
{
    /* Theorem 2 of CHOCO, worked by hand for the 4 x 4 torus: delta 2/5, beta 8/5. */
    struct gsp_graph graph = {.delta = 0.4, .beta = 1.6};
    ck_assert_double_eq_tol(gsp_gamma_safe(&graph, 1), 0.16 / 15.648, 1e-15);
    ck_assert_double_eq_tol(gsp_gamma_safe(&graph, 0.1), 0.016 / (6.4 + 0.16 + 10.24 + 2.048 - 0.32), 1e-15);
    graph = (struct gsp_graph){.delta = 1, .beta = 1};
    ck_assert_double_eq_tol(gsp_gamma_safe(&graph, 1), 1.0 / 15, 1e-15);
}
END_TEST

START_TEST(gamma_safe_stays_in_bounds)
{
    for (uint64_t seed = 0; seed < 5000; seed++) {
        struct gsp_stream stream = test_stream(seed);
        double delta = gsp_stream_uniform(&stream), beta = delta + (2 - delta) * gsp_stream_uniform(&stream);
        double omega = gsp_stream_uniform(&stream), more = omega + (1 - omega) * gsp_stream_uniform(&stream);
        struct gsp_graph graph = {.delta = delta, .beta = beta};
        double gamma = gsp_gamma_safe(&graph, omega), greater = gsp_gamma_safe(&graph, more);
        ck_assert_msg(isfinite(gamma) && gamma >= 0 && gamma <= 1.0 / 8, "seed %llu: %g", (unsigned long long)seed,
                      gamma);
        ck_assert_msg(greater >= gamma, "seed %llu: less compression must allow more", (unsigned long long)seed);
    }
}
END_TEST

START_TEST(no_gap_no_promise)
{
    struct gsp_graph graph = {.delta = 0, .beta = 2};
    ck_assert_double_eq(gsp_gamma_safe(&graph, 1), 0);
    graph.beta = 0;
    ck_assert_double_eq(gsp_gamma_safe(&graph, 1), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("theory");
    TCase *all = tcase_create("all");
    tcase_add_test(all, gamma_safe_is_the_formula);
    tcase_add_test(all, gamma_safe_stays_in_bounds);
    tcase_add_test(all, no_gap_no_promise);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
