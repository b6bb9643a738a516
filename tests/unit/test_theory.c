/* Step sizes: the safe one of consensus, and that of the gradient at every round. */
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

START_TEST(eta_is_the_formula)
{
    const double pi = 3.14159265358979323846;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct gsp_stream stream = test_stream(seed);
        struct gsp_node_config config = {.eta = gsp_stream_uniform(&stream),
                                         .eta_decay = 1 - 0.01 * gsp_stream_uniform(&stream),
                                         .rounds = 1 + gsp_stream_below(&stream, 1000)};
        uint64_t round = 1 + gsp_stream_below(&stream, config.rounds);
        double constant = config.eta * pow(config.eta_decay, (double)(round - 1));
        ck_assert_double_eq_tol(gsp_eta_at(&config, round), constant, 1e-13 * constant);
        config.eta_schedule = GSP_ETA_COSINE;
        double part = (1 + cos(pi * (double)(round - 1) / (double)config.rounds)) / 2;
        ck_assert_double_eq_tol(gsp_eta_at(&config, round), constant * part, 1e-13 * constant);
    }
}
END_TEST

/* Whole at first, ever smaller, and never 0, however many rounds there are. */
START_TEST(cosine_falls_to_the_end)
{
    struct gsp_node_config config = {.eta = 0.3, .eta_decay = 1, .eta_schedule = GSP_ETA_COSINE, .rounds = 1000};
    double before = INFINITY;
    ck_assert(gsp_eta_at(&config, 1) == 0.3);
    ck_assert_double_eq_tol(gsp_eta_at(&config, 501), 0.15, 1e-16);
    for (uint64_t round = 1; round <= config.rounds; round++) {
        ck_assert(gsp_eta_at(&config, round) < before);
        before = gsp_eta_at(&config, round);
    }
    config.rounds = 1000000000;
    ck_assert(gsp_eta_at(&config, config.rounds) > 0);
    config.rounds = 1;
    ck_assert(gsp_eta_at(&config, 1) == 0.3);
}
END_TEST

/* As they were recorded: x depends on them. */
START_TEST(eta_has_its_bits)
{
    struct gsp_node_config config = {.eta = 0.1, .eta_decay = 0.99, .eta_schedule = GSP_ETA_COSINE, .rounds = 7};
    static const double recorded[] = {0x1.999999999999ap-4, 0x1.816cdc85bcb86p-4, 0x1.45dfc80cad365p-4,
                                      0x1.e5df38c4410a4p-5, 0x1.31e831e0538c7p-5, 0x1.2552171632aaap-6,
                                      0x1.3183e5437defbp-8};
    for (size_t i = 0; i < sizeof recorded / sizeof *recorded; i++)
        if (gsp_eta_at(&config, i + 1) != recorded[i])
            ck_abort_msg("round %zu: %a, not %a", i + 1, gsp_eta_at(&config, i + 1), recorded[i]);
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
    tcase_add_test(all, eta_is_the_formula);
    tcase_add_test(all, cosine_falls_to_the_end);
    tcase_add_test(all, eta_has_its_bits);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
