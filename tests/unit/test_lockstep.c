/* gossip-sim's own parts: one node is plain gradient descent, no gossip is n of them, and what is measured. */
#include "data_cases.h"

#include "../../tools/sim/sim.h"

#include <cblas.h>
#include <math.h>

struct start {
    const double *x0;
    size_t dimension;
};

static const double *start_at(void *context, size_t node)
{
    const struct start *start = context;
    return start->x0 + node * start->dimension;
}

enum { ROWS = 90, COLUMNS = 11, NODES = 9, ROUNDS = 25 };
static const double eta = 0.07, l2 = 0.01, eta_decay = 0.9;

static void make_shards(struct shards *shards, const struct gsp_graph *graph, const char *objective)
{
    struct gsp_dataset *data = random_dataset(GSP_FLOAT64, ROWS, COLUMNS, strcmp(objective, "linear") ? 2 : 0, 3);
    struct gsp_error error = {0};
    size_t first[NODES + 1];
    for (size_t i = 0; i <= graph->count; i++) first[i] = ROWS / graph->count * i;
    struct gsp_objective_config config = {.l2 = l2};
    ck_assert(!gsp_objective_parse(&config.choice, objective, &error));
    ck_assert(!shards_cut(shards, &data, graph->count, first, &error));
    ck_assert_ptr_null(data);
    ck_assert_msg(!shards_objectives(shards, graph, &config, &error), "%s", error.message);
}

static struct gsp_node_config config_of(const struct gsp_graph *graph, uint64_t gossip_steps)
{
    struct gsp_node_config config = {.graph = graph,
                                     .dimension = COLUMNS,
                                     .gossip_steps = gossip_steps,
                                     .eta = eta,
                                     .eta_decay = eta_decay,
                                     .gamma = 0.5,
                                     .seed = 4,
                                     .gradients = true};
    ck_assert(!gsp_compressor_parse(&config.compressor, "topk:fraction=0.2,values=f64", NULL));
    return config;
}

/* Gradient descent as one writes it down: (1/m) A^T (A x - y) + l2 x. */
static void descend(const struct gsp_dataset *data, double *x)
{
    double step = eta;
    for (int round = 0; round < ROUNDS; round++, step *= eta_decay) {
        double g[COLUMNS] = {0};
        for (size_t row = 0; row < data->rows; row++) {
            double residual = -data->targets[row];
            for (size_t j = 0; j < COLUMNS; j++) residual += feature(data, row, j) * x[j];
            for (size_t j = 0; j < COLUMNS; j++) g[j] += residual * feature(data, row, j) / (double)data->rows;
        }
        for (size_t j = 0; j < COLUMNS; j++) x[j] -= step * (g[j] + l2 * x[j]);
    }
}

/* One node, whatever Q; and nine nodes that do not talk. */
START_TEST(without_neighbours_it_is_gradient_descent)
{
    size_t count = _i < 3 ? 1 : NODES;
    uint64_t gossip_steps = _i < 3 ? (uint64_t)_i : 0;
    struct gsp_graph *graph;
    struct gsp_error error = {0};
    struct shards shards;
    struct lockstep lockstep;
    double x0[NODES * COLUMNS];
    for (size_t i = 0; i < NODES * COLUMNS; i++) x0[i] = sin((double)i);
    ck_assert(!gsp_graph_topology(&graph, "torus", count, GSP_WEIGHTS_METROPOLIS, &error));
    make_shards(&shards, graph, "linear");
    struct start start = {x0, COLUMNS};
    const struct gsp_node_config config = config_of(graph, gossip_steps);
    ck_assert(!lockstep_init(&lockstep, &config, shards.objectives, start_at, &start));
    for (int round = 0; round < ROUNDS; round++) ck_assert_msg(!lockstep_round(&lockstep, &error), "%s", error.message);
    for (size_t i = 0; i < count; i++) {
        double expected[COLUMNS];
        memcpy(expected, x0 + i * COLUMNS, sizeof expected);
        descend(shards.data[i], expected);
        for (size_t j = 0; j < COLUMNS; j++)
            ck_assert_double_eq_tol(gsp_node_x(lockstep.nodes[i])[j], expected[j], 1e-13);
    }
    ck_assert(gossip_steps ? lockstep_payload_bytes(&lockstep) > 0 : lockstep_payload_bytes(&lockstep) == 0);
    lockstep_clear(&lockstep);
    shards_clear(&shards);
    gsp_graph_free(graph);
}
END_TEST

/* The simulator's shortcuts (no copies, no messages taken in) change nothing: the same run with nodes that keep copies
 * and are handed every message, in an order that differs each step. */
START_TEST(lockstep_equals_nodes_that_exchange_messages)
{
    struct gsp_graph *graph;
    struct gsp_error error = {0};
    struct shards shards;
    struct lockstep lockstep;
    struct gsp_node *nodes[NODES];
    double x0[NODES * COLUMNS];
    for (size_t i = 0; i < NODES * COLUMNS; i++) x0[i] = cos((double)i);
    ck_assert(!gsp_graph_topology(&graph, "torus", NODES, GSP_WEIGHTS_METROPOLIS, &error));
    make_shards(&shards, graph, "logistic");
    struct start start = {x0, COLUMNS};
    struct gsp_node_config config = config_of(graph, 3);
    ck_assert(!gsp_compressor_parse(&config.compressor, "qsgd:bits=3,bucket=4", NULL));
    ck_assert(!lockstep_init(&lockstep, &config, shards.objectives, start_at, &start));
    for (int round = 0; round < ROUNDS; round++) ck_assert(!lockstep_round(&lockstep, &error));
    for (size_t i = 0; i < NODES; i++) {
        config.self = i;
        ck_assert(!gsp_node_new(&nodes[i], &config, x0 + i * COLUMNS));
        gsp_node_allow(nodes[i], 3 * ROUNDS);
    }
    for (size_t turn = 0, idle = 0; idle < 2 * NODES; turn++, idle++) {
        size_t i = turn * 4 % NODES; /* 4 and 9 have no common factor */
        struct gsp_work work;
        while (gsp_node_next(nodes[i], &work)) {
            double loss;
            idle = 0;
            if (work.stages & GSP_STAGE_MIX) ck_assert(!gsp_work_mix(&work));
            if (work.stages & GSP_STAGE_GRADIENT) {
                gsp_objective_gradient(shards.objectives[i], work.round, work.x, work.gradient, &loss);
                ck_assert(!gsp_work_gradient(&work));
            }
            if (work.stages & GSP_STAGE_ENCODE) ck_assert(!gsp_work_encode(&work));
            ck_assert(!gsp_node_finish(nodes[i], &work));
            if (!(work.stages & GSP_STAGE_ENCODE)) continue;
            for (size_t j = 0; j < NODES; j++)
                for (size_t entry = graph->first[j]; entry < graph->first[j + 1]; entry++) {
                    if (graph->neighbour[entry] != i) continue;
                    size_t length;
                    const uint8_t *payload = gsp_node_log_view(nodes[i], work.step, &length);
                    ck_assert_msg(
                        !gsp_node_accept(nodes[j], entry - graph->first[j], work.step, payload, length, &error), "%s",
                        error.message);
                }
        }
    }
    for (size_t i = 0; i < NODES; i++) {
        ck_assert_uint_eq(gsp_node_round(nodes[i]), ROUNDS);
        ck_assert_mem_eq(gsp_node_x(nodes[i]), gsp_node_x(lockstep.nodes[i]), COLUMNS * sizeof(double));
        gsp_node_free(nodes[i]);
    }
    lockstep_clear(&lockstep);
    shards_clear(&shards);
    gsp_graph_free(graph);
}
END_TEST

START_TEST(measures_are_as_defined)
{
    struct gsp_graph *graph;
    struct gsp_error error = {0};
    struct shards shards;
    struct lockstep lockstep;
    double x0[NODES * COLUMNS], mean[COLUMNS], expected[COLUMNS] = {0}, squares = 0, size = 0, loss = 0;
    for (size_t i = 0; i < NODES * COLUMNS; i++) {
        x0[i] = sin((double)(i * i));
        expected[i % COLUMNS] += x0[i] / NODES;
    }
    ck_assert(!gsp_graph_topology(&graph, "torus", NODES, GSP_WEIGHTS_METROPOLIS, &error));
    make_shards(&shards, graph, "linear");
    struct start start = {x0, COLUMNS};
    const struct gsp_node_config config = config_of(graph, 1);
    ck_assert(!lockstep_init(&lockstep, &config, shards.objectives, start_at, &start));
    lockstep_mean(&lockstep, mean);
    for (size_t j = 0; j < COLUMNS; j++) {
        ck_assert_double_eq_tol(mean[j], expected[j], 1e-15);
        size += mean[j] * mean[j];
    }
    for (size_t i = 0; i < NODES * COLUMNS; i++) squares += pow(x0[i] - mean[i % COLUMNS], 2);
    ck_assert_double_eq_tol(lockstep_consensus_error(&lockstep, mean), sqrt(squares / NODES) / sqrt(size), 1e-13);
    for (size_t i = 0; i < NODES; i++)
        for (size_t row = 0; row < shards.data[i]->rows; row++) {
            double residual = -shards.data[i]->targets[row];
            for (size_t j = 0; j < COLUMNS; j++) residual += feature(shards.data[i], row, j) * mean[j];
            loss += residual * residual / (2 * ROWS);
        }
    ck_assert_double_eq_tol(shards_loss(&shards, mean), loss + l2 / 2 * size, 1e-13);
    lockstep_clear(&lockstep);
    shards_clear(&shards);
    gsp_graph_free(graph);
}
END_TEST

START_TEST(numbers_are_printed_in_plain_decimals)
{
    const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},
                 {1, "1"},
                 {-2.5, "-2.5"},
                 {1e-5, "0.00001"},
                 {0.1, "0.1"},
                 {123456789012345678.0, "123456789012345680"},
                 {1e22, "10000000000000000000000"},
                 {1.0 / 3, "0.333333333333333"},
                 {2e-20 / 3, "0.00000000000000000000666666666666667"},
                 {100, "100"},
                 {NAN, "nan"},
                 {-INFINITY, "-inf"}};
    char text[400];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sim_plain(text, sizeof text, cases[i].value);
        if (i == 5)
            ck_assert_double_eq(strtod(text, NULL), cases[i].value);
        else
            ck_assert_str_eq(text, cases[i].text);
    }
    sim_plain(text, sizeof text, -1.7e308);
    ck_assert(strlen(text) < sizeof text - 1 && strtod(text, NULL) == -1.7e308);
    sim_plain(text, sizeof text, -5e-324);
    ck_assert(strlen(text) < sizeof text - 1 && !strchr(text, 'e'));
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, without_neighbours_it_is_gradient_descent, 0, 4);
    tcase_add_test(tcase, lockstep_equals_nodes_that_exchange_messages);
    tcase_add_test(tcase, measures_are_as_defined);
    tcase_add_test(tcase, numbers_are_printed_in_plain_decimals);
}

int main(void)
{
    openblas_set_num_threads(1);
    return run_suite("lockstep", add);
}
