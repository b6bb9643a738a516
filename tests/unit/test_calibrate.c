/* Calibrated gammas: they contract on graphs and compressors drawn from seeds, from other starts than the
 * calibration's. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gossip/algo.h>

#include "unit/run_suite.h"

enum { CASES = 200, STEPS = 400, NODES_MAX = 12, D_MAX = 160 };

struct consensus {
    struct gsp_graph *graph;
    struct gsp_compressor compressor;
    size_t d;
    struct gsp_node *nodes[NODES_MAX];
};

static double spread(const struct consensus *c)
{
    double sum = 0;
    for (size_t j = 0; j < c->d; j++) {
        double mean = 0;
        for (size_t i = 0; i < c->graph->count; i++) mean += gsp_node_x(c->nodes[i])[j] / (double)c->graph->count;
        for (size_t i = 0; i < c->graph->count; i++) sum += pow(gsp_node_x(c->nodes[i])[j] - mean, 2);
    }
    return sqrt(sum);
}

/* Plays consensus with this gamma; returns the error at the end over that at the start, or infinity. */
static double play(struct consensus *c, double gamma, uint64_t seed)
{
    double x0[D_MAX], before, after = INFINITY;
    for (size_t i = 0; i < c->graph->count; i++) {
        struct gsp_node_config config = {.graph = c->graph,
                                         .self = i,
                                         .dimension = c->d,
                                         .compressor = c->compressor,
                                         .gossip_steps = 1,
                                         .gamma = gamma,
                                         .seed = seed,
                                         .others = c->nodes};
        gsp_initial_point(x0, c->d, GSP_INIT_NORMAL, seed, c->graph->names[i]);
        ck_assert_int_eq(gsp_node_new(&c->nodes[i], &config, x0), 0);
        gsp_node_allow(c->nodes[i], STEPS);
    }
    before = spread(c);
    int rc = 0;
    for (int half = 0; half < 2 * STEPS && !rc; half++)
        for (size_t i = 0; i < c->graph->count && !rc; i++) {
            struct gsp_work work;
            ck_assert(gsp_node_next(c->nodes[i], &work));
            rc = half % 2 ? gsp_work_mix(&work) : gsp_work_encode(&work);
            if (!rc) rc = gsp_node_finish(c->nodes[i], &work);
        }
    ck_assert(!rc || rc == GSP_ERR_DIVERGED);
    if (!rc) after = spread(c);
    for (size_t i = 0; i < c->graph->count; i++) gsp_node_free(c->nodes[i]);
    return after / before;
}

static void draw(struct consensus *c, uint64_t seed)
{
    static const char *const topologies[] = {"ring", "complete", "star", "grid", "random:degree=3,seed=5"};
    static const char *const compressors[] = {"none",
                                              "topk:fraction=0.1",
                                              "topk:fraction=0.02",
                                              "randk:fraction=0.2",
                                              "dropout:p=0.3",
                                              "qsgd:bits=8",
                                              "qsgd:bits=4",
                                              "qsgd:bits=2",
                                              "qsgd:bits=1",
                                              "qsgd:bits=4,bucket=32",
                                              "qsgd:bits=2,bucket=16,values=bf16",
                                              "sign",
                                              "sign:bucket=16"};
    struct gsp_stream random;
    uint8_t key[32];
    gsp_stream_key(key, seed, "case", "test");
    gsp_stream_init(&random, key, 0);
    size_t kind = gsp_stream_below(&random, 5), n = 3 + gsp_stream_below(&random, NODES_MAX - 2);
    if (kind == 4) n = 4 + 2 * gsp_stream_below(&random, 5);
    c->d = 20 + gsp_stream_below(&random, D_MAX - 19);
    struct gsp_error error = {0};
    ck_assert_msg(gsp_graph_topology(&c->graph, topologies[kind], n, GSP_WEIGHTS_METROPOLIS, &error) == 0, "%s",
                  error.message);
    const char *text = compressors[gsp_stream_below(&random, sizeof compressors / sizeof *compressors)];
    ck_assert_int_eq(gsp_compressor_parse(&c->compressor, text, NULL), 0);
}

START_TEST(never_diverges)
{
    struct consensus c = {0};
    draw(&c, (uint64_t)_i);
    double gamma = 0;
    ck_assert_int_eq(gsp_gamma_calibrate(&gamma, c.graph, &c.compressor, c.d, (uint64_t)_i, NULL, NULL), 0);
    ck_assert(gamma > 0 && gamma <= 1);
    char text[64];
    gsp_compressor_format(&c.compressor, text, sizeof text);
    double ratio = play(&c, gamma, 1000 + (uint64_t)_i);
    ck_assert_msg(ratio < 1, "case %d: n = %zu, d = %zu, %s, gamma %g: the error grew %g times", _i, c.graph->count,
                  c.d, text, gamma, ratio);
    gsp_graph_free(c.graph);
}
END_TEST

/* The margin is real: what was measured to diverge is at least 1.9 times as much. And the play can tell: far too large
 * a gamma does diverge in it. */
START_TEST(too_large_diverges)
{
    struct consensus c = {.d = D_MAX};
    ck_assert_int_eq(gsp_graph_topology(&c.graph, "torus", 9, GSP_WEIGHTS_METROPOLIS, NULL), 0);
    ck_assert_int_eq(gsp_compressor_parse(&c.compressor, "topk:fraction=0.02", NULL), 0);
    double gamma = 0;
    ck_assert_int_eq(gsp_gamma_calibrate(&gamma, c.graph, &c.compressor, c.d, 1, NULL, NULL), 0);
    ck_assert(gamma < 0.3);
    ck_assert(play(&c, gamma, 2) < 1);
    ck_assert(play(&c, 1.5 * gamma, 2) < 1);
    ck_assert(play(&c, 1, 2) > 1);
    gsp_graph_free(c.graph);
}
END_TEST

/* The same inputs give the same gamma; a calibration can be cancelled. */
START_TEST(deterministic_and_cancellable)
{
    struct consensus c = {0};
    double first = 0, second = 0;
    volatile bool cancelled = true;
    ck_assert_int_eq(gsp_graph_topology(&c.graph, "ring", 6, GSP_WEIGHTS_METROPOLIS, NULL), 0);
    ck_assert_int_eq(gsp_compressor_parse(&c.compressor, "qsgd:bits=4", NULL), 0);
    ck_assert_int_eq(gsp_gamma_calibrate(&first, c.graph, &c.compressor, 100, 1, NULL, NULL), 0);
    ck_assert_int_eq(gsp_gamma_calibrate(&second, c.graph, &c.compressor, 100, 1, NULL, NULL), 0);
    ck_assert(first == second);
    struct gsp_error error;
    ck_assert_int_eq(gsp_gamma_calibrate(&first, c.graph, &c.compressor, 100, 1, &cancelled, &error), GSP_ERR_STATE);
    gsp_graph_free(c.graph);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calibrate");
    TCase *tests = tcase_create("gamma");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, never_diverges, 0, CASES);
    tcase_add_test(tests, too_large_diverges);
    tcase_add_test(tests, deterministic_and_cancellable);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
