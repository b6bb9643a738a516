/* Quasi-global momentum against its definition, written out with the beginning of the round remembered; and what it
 * costs who does not want it. */
#include <math.h>
#include <stdlib.h>

#include "algo/node.h"
#include "unit/config_cases.h"

enum { N = 5, D = 7 };

/* f_i(x) = (i + 1) |x - i|^2 / 2 */
static double slope(size_t i, double x)
{
    return (double)(i + 1) * (x - (double)i);
}

static void turn(struct gsp_node *node, size_t i)
{
    struct gsp_work work;
    ck_assert(gsp_node_next(node, &work));
    if (work.stages & GSP_STAGE_MIX) ck_assert_int_eq(gsp_work_mix(&work), 0);
    if (work.stages & GSP_STAGE_GRADIENT) {
        ck_assert(work.eta == gsp_eta_at(&node->config, work.round));
        for (size_t j = 0; j < D; j++) work.gradient[j] = slope(i, work.x[j]);
        ck_assert_int_eq(gsp_work_gradient(&work), 0);
    }
    if (work.stages & GSP_STAGE_ENCODE) ck_assert_int_eq(gsp_work_encode(&work), 0);
    ck_assert_int_eq(gsp_node_finish(node, &work), 0);
}

struct state {
    double x[N][D], z[N][D], s[N][D], m[N][D];
};

/* A round, with C = identity on a ring of equal weights. */
static void round_of(struct state *state, const struct gsp_node_config *config, double eta)
{
    double begin[N][D], message[N][D], mu = config->momentum;
    memcpy(begin, state->x, sizeof begin);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < D; j++) state->x[i][j] -= eta * (slope(i, begin[i][j]) + mu * state->m[i][j]);
    for (uint64_t q = 0; q < config->gossip_steps; q++) {
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < D; j++) message[i][j] = state->x[i][j] - state->z[i][j];
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < D; j++) {
                state->s[i][j] += (message[i][j] + message[(i + 1) % N][j] + message[(i + N - 1) % N][j]) / 3;
                state->z[i][j] += message[i][j];
                state->x[i][j] += config->gamma * (state->s[i][j] - state->z[i][j]);
            }
    }
    for (size_t i = 0; i < N && eta > 0; i++)
        for (size_t j = 0; j < D; j++)
            state->m[i][j] = mu * state->m[i][j] + (1 - mu) * (begin[i][j] - state->x[i][j]) / eta;
}

static const double momenta[] = {0.5, 0.9, 0.999};

/* _i: a momentum and Q from 0 on; with the cosine, since m must not depend on which eta it was made of. */
START_TEST(is_its_definition)
{
    enum { ROUNDS = 30 };
    struct gsp_node_config config = {.dimension = D,
                                     .gossip_steps = (uint64_t)_i % 4,
                                     .eta = 0.05,
                                     .eta_decay = 1,
                                     .eta_schedule = GSP_ETA_COSINE,
                                     .rounds = ROUNDS,
                                     .momentum = momenta[_i / 4],
                                     .gamma = 0.4,
                                     .gradients = true};
    struct gsp_graph *graph;
    struct gsp_node *nodes[N];
    struct state state = {0};
    ck_assert_int_eq(gsp_graph_topology(&graph, "ring", N, GSP_WEIGHTS_UNIFORM, NULL), 0);
    ck_assert_int_eq(gsp_compressor_parse(&config.compressor, "none:values=f64", NULL), 0);
    config.graph = graph;
    config.others = nodes;
    for (size_t i = 0; i < N; i++) {
        config.self = i;
        for (size_t j = 0; j < D; j++) state.x[i][j] = sin((double)(3 * i + j));
        ck_assert_int_eq(gsp_node_new(&nodes[i], &config, state.x[i]), 0);
        gsp_node_allow(nodes[i], UINT64_MAX);
    }
    for (uint64_t t = 1; t <= ROUNDS; t++) {
        round_of(&state, &config, gsp_eta_at(&config, t));
        for (uint64_t piece = 0; piece < (config.gossip_steps ? 2 * config.gossip_steps : 1); piece++)
            for (size_t i = 0; i < N; i++) turn(nodes[i], i);
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < D; j++) {
                ck_assert_double_eq_tol(nodes[i]->x[j], state.x[i][j], 1e-12);
                ck_assert_double_eq_tol(nodes[i]->momentum[j], state.m[i][j], 1e-10);
            }
    }
    for (size_t i = 0; i < N; i++) gsp_node_free(nodes[i]);
    gsp_graph_free(graph);
}
END_TEST

/* A step of size 0, or next to it, says nothing of the direction. */
START_TEST(no_step_leaves_it_as_it_is)
{
    struct gsp_node_config config = {
        .dimension = D, .eta = 0.1, .eta_decay = _i ? 0x1p-600 : 0, .momentum = 0.5, .gradients = true};
    struct gsp_graph *graph;
    struct gsp_node *node;
    double x0[D] = {1, 2, 3}, before[D];
    ck_assert_int_eq(gsp_graph_topology(&graph, "ring", 1, GSP_WEIGHTS_METROPOLIS, NULL), 0);
    ck_assert_int_eq(gsp_compressor_parse(&config.compressor, "none", NULL), 0);
    config.graph = graph;
    ck_assert_int_eq(gsp_node_new(&node, &config, x0), 0);
    gsp_node_allow(node, 5);
    turn(node, 0);
    memcpy(before, node->momentum, sizeof before);
    ck_assert_double_eq_tol(before[0], 0.5, 1e-15); /* half of the gradient at 1 */
    for (int round = 2; round <= 5; round++) turn(node, 0);
    ck_assert_mem_eq(node->momentum, before, sizeof before);
    gsp_node_free(node);
    gsp_graph_free(graph);
}
END_TEST

/* Nothing is kept or saved for a momentum of 0; and a state with one is not taken for a node without. */
START_TEST(none_costs_nothing)
{
    struct gsp_node_config config = {
        .dimension = D, .gossip_steps = 2, .eta = 0.1, .eta_decay = 1, .gamma = 0.2, .momentum = 0.5};
    struct gsp_graph *graph;
    struct gsp_node *with, *without, *loaded = NULL;
    struct gsp_buffer more = {0}, less = {0};
    struct gsp_error error = {0};
    double x0[D] = {0};
    ck_assert_int_eq(gsp_graph_topology(&graph, "ring", 3, GSP_WEIGHTS_METROPOLIS, NULL), 0);
    ck_assert_int_eq(gsp_compressor_parse(&config.compressor, "none", NULL), 0);
    config.graph = graph;
    ck_assert_int_eq(gsp_node_new(&with, &config, x0), 0);
    config.momentum = 0;
    ck_assert_int_eq(gsp_node_new(&without, &config, x0), 0);
    ck_assert_ptr_null(without->momentum);
    ck_assert(gsp_node_save(with, &more) == 0 && gsp_node_save(without, &less) == 0);
    ck_assert_uint_eq(more.length - less.length, 24 + 8 + D * sizeof(double)); /* a section's header, a round, m */
    ck_assert_int_eq(gsp_node_load(&loaded, &config, more.data, more.length, &error), GSP_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.message, "section momentum"));
    gsp_buffer_clear(&more);
    gsp_buffer_clear(&less);
    gsp_node_free(with);
    gsp_node_free(without);
    gsp_graph_free(graph);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("momentum");
    TCase *tests = tcase_create("momentum");
    tcase_add_loop_test(tests, is_its_definition, 0, 12);
    tcase_add_loop_test(tests, no_step_leaves_it_as_it_is, 0, 2);
    tcase_add_test(tests, none_costs_nothing);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
