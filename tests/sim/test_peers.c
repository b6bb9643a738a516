/* Whole networks in virtual time, from seeds: whatever the delays, cuts and partitions, every node ends at the same
 * round with bit for bit the parameters of the undisturbed run. `test_peers SEED` plays one seed; CLUSTER_LOG=1 shows
 * its logs. */
#include <assert.h>
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/node.h"
#include "sim/cluster.h"
#include "sim/look.h"
#include "unit/run_suite.h"

enum { FIRST_SEED = 1, SEEDS = 60, LONGEST = 30 * 60 * 1000 };

struct plan {
    struct cluster_options options;
    struct gsp_settings settings;
    char text[1024];
};

static uint64_t below(struct gsp_stream *random, uint64_t bound)
{
    return gsp_stream_below(random, bound);
}

static void draw_network(struct plan *plan, struct gsp_stream *random)
{
    static const char *const topologies[] = {"ring", "complete", "star", "grid", "torus", "random:degree=4,seed=3"};
    size_t kind = below(random, 6);
    plan->options.topology = topologies[kind];
    plan->options.nodes = kind == 4 ? 9 : kind == 5 ? 10 : 2 + below(random, 8);
    if (kind == 3) plan->options.nodes = 6;
    plan->options.objective = below(random, 2) ? "linear" : "relu";
    plan->options.features = 1 + below(random, 40);
    plan->options.rows = 5 + below(random, 20);
}

static void draw_steps(struct plan *plan)
{
    struct gsp_stream random;
    uint8_t key[32];
    gsp_stream_key(key, plan->options.seed, "plan", "steps");
    gsp_stream_init(&random, key, 0);
    size_t used = strlen(plan->text);
    snprintf(plan->text + used, sizeof plan->text - used, "momentum=%s\neta_schedule=%s\n",
             below(&random, 2) ? "0" : "0.9", below(&random, 3) ? "constant" : "cosine");
    if (below(&random, 4)) return;
    used = strlen(plan->text);
    snprintf(plan->text + used, sizeof plan->text - used, "objective=mlp:hidden=3,activation=gelu\n");
}

static void draw_settings(struct plan *plan, struct gsp_stream *random)
{
    static const char *const compressors[] = {
        "none",        "topk:fraction=0.2", "randk:fraction=0.3,values=f64",    "dropout:p=0.5",
        "qsgd:bits=4", "sign:bucket=8",     "qsgd:bits=2,bucket=16,values=bf16"};
    struct gsp_error error = {0};
    snprintf(
        plan->text, sizeof plan->text,
        "rounds=%llu\ngossip_steps=%llu\neta=0.01\neta_decay=0.99\ngamma=%s\ncompressor=%s\nobjective=%s\nl2=0.001\n"
        "seed=%llu\ninit=%s\nbatch=%d\n",
        (unsigned long long)(1 + below(random, 25)), (unsigned long long)(1 + below(random, 5)),
        below(random, 4) ? "0.05" : "auto", compressors[below(random, 7)], plan->options.objective,
        (unsigned long long)plan->options.seed, below(random, 2) ? "auto" : "normal", (int)below(random, 2) * 3);
    draw_steps(plan);
    gsp_settings_default(&plan->settings);
    char copy[sizeof plan->text], *rest = copy;
    snprintf(copy, sizeof copy, "%s", plan->text);
    for (char *line; (line = strsep(&rest, "\n"));)
        if (*line) ck_assert_msg(gsp_settings_set(&plan->settings, line, &error) == 0, "%s", error.message);
}

static void draw(struct plan *plan, uint64_t seed, bool faults)
{
    struct gsp_stream random;
    uint8_t key[32];
    gsp_stream_key(key, seed, "plan", "test");
    gsp_stream_init(&random, key, 0);
    *plan = (struct plan){.options.seed = seed};
    draw_network(plan, &random);
    draw_settings(plan, &random);
    plan->options.delay_max = 1 + below(&random, 60);
    plan->options.job_max = below(&random, 30);
    if (!faults) return;
    plan->options.cuts = below(&random, 60);
    plan->options.partitions = below(&random, 6);
    plan->options.cut_until = 2000 + below(&random, 20000);
}

/* ---- the undisturbed run: the same nodes in lockstep ---- */

struct reference {
    struct gsp_node *nodes[CLUSTER_NODES_MAX];
    struct gsp_objective *objectives[CLUSTER_NODES_MAX];
    double losses[CLUSTER_NODES_MAX]; /* of the last gradients */
};

static void reference_new(struct reference *reference, const struct cluster *cluster,
                          const struct gsp_settings *settings)
{
    const struct gsp_graph *graph = cluster_graph(cluster);
    for (size_t i = 0; i < graph->count; i++) {
        struct gsp_node_config config = {.graph = graph, .self = i, .gradients = true, .others = reference->nodes};
        struct gsp_objective_config objective = {
            .l2 = settings->l2, .batch = settings->batch, .seed = settings->seed, .node = graph->names[i]};
        double x0[256];
        gsp_node_config_take(&config, settings);
        ck_assert_int_eq(gsp_objective_parse(&objective.choice, settings->objective, NULL), 0);
        config.dimension = gsp_objective_dimension(cluster_data(cluster, i), &objective.choice, 0);
        ck_assert_uint_le(config.dimension, sizeof x0 / sizeof *x0);
        ck_assert_int_eq(gsp_compressor_parse(&config.compressor, settings->compressor, NULL), 0);
        gsp_initial_point(x0, config.dimension, settings->init, settings->seed, graph->names[i]);
        if (settings->init != GSP_INIT_ZEROS) gsp_objective_scale(&objective.choice, 0, config.dimension, x0);
        ck_assert_int_eq(gsp_node_new(&reference->nodes[i], &config, x0), 0);
        ck_assert_int_eq(gsp_objective_new(&reference->objectives[i], cluster_data(cluster, i), &objective, NULL), 0);
    }
}

static void reference_round(struct reference *reference, size_t n, uint64_t round, uint64_t gossip_steps)
{
    for (size_t i = 0; i < n; i++) gsp_node_allow(reference->nodes[i], round * gossip_steps);
    for (uint64_t half = 0; half < 2 * gossip_steps; half++)
        for (size_t i = 0; i < n; i++) {
            struct gsp_work work;
            ck_assert(gsp_node_next(reference->nodes[i], &work));
            if (work.stages & GSP_STAGE_MIX) ck_assert_int_eq(gsp_work_mix(&work), 0);
            if (work.stages & GSP_STAGE_GRADIENT) {
                gsp_objective_gradient(reference->objectives[i], work.round, work.x, work.gradient,
                                       &reference->losses[i]);
                ck_assert_int_eq(gsp_work_gradient(&work), 0);
            }
            if (work.stages & GSP_STAGE_ENCODE) ck_assert_int_eq(gsp_work_encode(&work), 0);
            ck_assert_int_eq(gsp_node_finish(reference->nodes[i], &work), 0);
        }
}

static void reference_free(struct reference *reference, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        gsp_node_free(reference->nodes[i]);
        gsp_objective_free(reference->objectives[i]);
    }
}

/* ---- what must hold at the end ---- */

static void check_copies(const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster_size(cluster); i++) {
        const struct gsp_node *node = look_node(cluster_peer(cluster, i));
        for (size_t slot = 0; slot < node->degree; slot++) {
            const struct gsp_node *other = look_node(cluster_peer(cluster, node->neighbours[slot].node));
            ck_assert_msg(memcmp(node->neighbours[slot].copy, other->z, node->d * sizeof(double)) == 0,
                          "the copy at %zu of %zu's z differs", i, node->neighbours[slot].node);
        }
    }
}

/* The daemons' histories have every round once, each with the loss of the undisturbed run to the last bit. */
static void check_histories(const struct gsp_history *const *histories, const struct reference *reference, size_t n,
                            uint64_t round)
{
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_gt(histories[i]->count, round);
        ck_assert_uint_eq(histories[i]->rows[round].round, round);
        ck_assert_msg(histories[i]->rows[round].loss == reference->losses[i],
                      "node %zu, round %llu: loss %.17g, not %.17g", i, (unsigned long long)round,
                      histories[i]->rows[round].loss, reference->losses[i]);
    }
}

static void check_result(const struct plan *plan, const struct cluster *cluster)
{
    size_t n = cluster_size(cluster);
    struct gsp_settings settings;
    ck_assert_int_eq(gsp_settings_parse(&settings, look_state(cluster_peer(cluster, 0))->settings, NULL), 0);
    uint64_t rounds = look_run(cluster_peer(cluster, 0)).last_round;
    struct reference reference = {0};
    reference_new(&reference, cluster, &settings);
    struct gsp_history *histories[CLUSTER_NODES_MAX];
    for (size_t i = 0; i < n; i++) ck_assert_uint_eq(cluster_history(cluster, i, &histories[i]), 1);
    for (uint64_t round = 1; round <= rounds; round++) {
        reference_round(&reference, n, round, settings.gossip_steps);
        check_histories((const struct gsp_history *const *)histories, &reference, n, round - 1);
    }
    for (size_t i = 0; i < n; i++) {
        reference.losses[i] = gsp_objective_loss(reference.objectives[i], gsp_node_x(reference.nodes[i]));
        ck_assert_uint_eq(histories[i]->count, rounds + 1);
    }
    check_histories((const struct gsp_history *const *)histories, &reference, n, rounds);
    for (size_t i = 0; i < n; i++) gsp_histories_free(histories[i], 1);
    for (size_t i = 0; i < n; i++) {
        struct look_run run = look_run(cluster_peer(cluster, i));
        ck_assert_msg(run.end != GSP_PHASE_FAILED, "seed %llu: %s: %s", (unsigned long long)plan->options.seed,
                      look_state(cluster_peer(cluster, i))->abort_node,
                      look_state(cluster_peer(cluster, i))->abort_reason);
        ck_assert_uint_eq(gsp_node_round(run.node), rounds);
        ck_assert_msg(memcmp(gsp_node_x(run.node), gsp_node_x(reference.nodes[i]), run.d * sizeof(double)) == 0,
                      "seed %llu: x of node %zu differs from the undisturbed run's",
                      (unsigned long long)plan->options.seed, i);
    }
    check_copies(cluster);
    reference_free(&reference, n);
}

static void play_seed(uint64_t seed, bool faults)
{
    struct plan plan;
    draw(&plan, seed, faults);
    struct cluster *cluster = cluster_new(&plan.options);
    struct cluster_reply reply = {0};
    cluster_start(cluster, seed % plan.options.nodes, 1500, plan.text, &reply);
    bool ended = cluster_play(cluster, cluster_ended, LONGEST);
    ck_assert_msg(reply.done && reply.exit_code == 0, "seed %llu: start: %s", (unsigned long long)seed, reply.message);
    ck_assert_msg(ended, "seed %llu: not ended after %llu virtual ms", (unsigned long long)seed,
                  (unsigned long long)cluster_now(cluster));
    check_result(&plan, cluster);
    cluster_free(cluster);
}

START_TEST(undisturbed_equals_lockstep)
{
    play_seed((uint64_t)_i, false);
}
END_TEST

START_TEST(cuts_and_delays_change_nothing)
{
    play_seed((uint64_t)_i, true);
}
END_TEST

/* A stop at a random time at a random node: everybody stops at the same round, and x is that round's. */
START_TEST(stop_is_the_same_round_everywhere)
{
    struct plan plan;
    draw(&plan, (uint64_t)_i, true);
    struct cluster *cluster = cluster_new(&plan.options);
    struct cluster_reply start = {0}, stop = {0};
    strcat(plan.text, "rounds=400\n");
    cluster_start(cluster, 0, 1500, plan.text, &start);
    cluster_stop(cluster, (size_t)_i % plan.options.nodes, 6000 + (uint64_t)(_i % 7) * 900, false, &stop);
    ck_assert(cluster_play(cluster, cluster_ended, LONGEST));
    ck_assert_int_eq(start.exit_code, 0);
    ck_assert(stop.done);
    struct look_run run = look_run(cluster_peer(cluster, 0));
    if (strstr(stop.message, "ends after")) {
        ck_assert_int_eq(run.end, GSP_PHASE_STOPPED);
        ck_assert_uint_lt(run.last_round, 400);
    }
    check_result(&plan, cluster);
    cluster_free(cluster);
}
END_TEST

/* Two starts at once: one run is left, the same at all nodes, and whoever lost knows by its key. */
START_TEST(two_starts_leave_one_run)
{
    struct plan plan;
    draw(&plan, (uint64_t)_i, false);
    struct cluster *cluster = cluster_new(&plan.options);
    struct cluster_reply first = {0}, second = {0};
    cluster_start(cluster, 0, 3000, plan.text, &first);
    cluster_start(cluster, plan.options.nodes - 1, 3000 + (uint64_t)(_i % 5) * 20, plan.text, &second);
    ck_assert(cluster_play(cluster, cluster_ended, LONGEST));
    ck_assert(first.done && second.done);
    struct gsp_run_key key = look_state(cluster_peer(cluster, 0))->run;
    int winners = first.exit_code == 0 && gsp_run_key_compare(&first.run, &key) == 0;
    winners += second.exit_code == 0 && gsp_run_key_compare(&second.run, &key) == 0;
    ck_assert_int_ge(winners, 1);
    check_result(&plan, cluster);
    cluster_free(cluster);
}
END_TEST

/* relu, whose gradient at zeros is 0: refused there by name, and by itself begun elsewhere, the same at all nodes. */
START_TEST(no_run_stands_still)
{
    struct cluster_options options = {
        .seed = 5, .nodes = 3, .topology = "ring", .delay_max = 5, .features = 4, .rows = 8, .objective = "relu"};
    struct cluster *cluster = cluster_new(&options);
    struct cluster_reply refused = {0}, begun = {0};
    cluster_start(cluster, 1, 1500, "objective=relu\ninit=zeros\nrounds=2\n", &refused);
    cluster_play_for(cluster, 10000);
    ck_assert_msg(refused.done && refused.exit_code == GSP_REPLY_USAGE, "%d: %s", refused.exit_code, refused.message);
    ck_assert_msg(strstr(refused.message, "init=zeros") && strstr(refused.message, "normal-same"), "%s",
                  refused.message);
    cluster_start(cluster, 1, cluster_now(cluster) + 10, "objective=relu\nrounds=2\neta=0.01\ngamma=0.1\n", &begun);
    ck_assert(cluster_play(cluster, cluster_ended, LONGEST));
    ck_assert_msg(begun.exit_code == 0, "%s", begun.message);
    ck_assert_ptr_nonnull(strstr(look_state(cluster_peer(cluster, 2))->settings, "\ninit=normal-same\n"));
    cluster_free(cluster);
}
END_TEST

static bool second_run_ended(const struct cluster *cluster)
{
    return cluster_ended(cluster) && look_state(cluster_peer(cluster, 0))->run.epoch == 2;
}

/* A second run after the first, from its x: ten rounds and ten more are twenty when nothing is compressed away. */
START_TEST(runs_follow_each_other)
{
    struct plan plan;
    draw(&plan, (uint64_t)_i, true);
    struct cluster *cluster = cluster_new(&plan.options);
    struct cluster_reply first = {0}, second = {0};
    cluster_start(cluster, 0, 1500, plan.text, &first);
    ck_assert(cluster_play(cluster, cluster_ended, LONGEST));
    double before = gsp_node_x(look_node(cluster_peer(cluster, 0)))[0];
    strcat(plan.text, "rounds=1\neta=0.000000001\ngamma=0.000000001\ninit=last\n");
    cluster_start(cluster, plan.options.nodes - 1, cluster_now(cluster) + 10, plan.text, &second);
    ck_assert_msg(cluster_play(cluster, second_run_ended, 2 * LONGEST), "second start: %s", second.message);
    ck_assert_int_eq(second.exit_code, 0);
    double after = gsp_node_x(look_node(cluster_peer(cluster, 0)))[0];
    ck_assert_double_eq_tol(before, after, 1e-3 * (1 + fabs(before)));
    cluster_free(cluster);
}
END_TEST

/* stop --now and divergence end the run everywhere with the reason of one node. */
static void check_aborted(const struct cluster *cluster, enum gsp_phase phase, const char *words)
{
    for (size_t i = 0; i < cluster_size(cluster); i++) {
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        ck_assert_int_eq(look_run(peer).end, phase);
        ck_assert_msg(strstr(look_state(peer)->abort_reason, words) != NULL, "reason: %s",
                      look_state(peer)->abort_reason);
        ck_assert_str_eq(look_state(peer)->abort_reason, look_state(cluster_peer(cluster, 0))->abort_reason);
    }
}

static bool aborted_alike(const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster_size(cluster); i++)
        if (!look_state(cluster_peer(cluster, i))->aborted ||
            strcmp(look_state(cluster_peer(cluster, i))->abort_reason,
                   look_state(cluster_peer(cluster, 0))->abort_reason) != 0)
            return false;
    return true;
}

START_TEST(stop_now_aborts_everywhere)
{
    struct plan plan;
    draw(&plan, (uint64_t)_i, true);
    struct cluster *cluster = cluster_new(&plan.options);
    struct cluster_reply start = {0}, stop = {0};
    strcat(plan.text, "rounds=1000\n");
    cluster_start(cluster, 0, 1500, plan.text, &start);
    cluster_stop(cluster, plan.options.nodes - 1, 9000, true, &stop);
    ck_assert(cluster_play(cluster, aborted_alike, LONGEST));
    check_aborted(cluster, GSP_PHASE_STOPPED, "stop --now");
    cluster_free(cluster);
}
END_TEST

START_TEST(divergence_aborts_everywhere)
{
    struct plan plan;
    draw(&plan, (uint64_t)_i, true);
    struct cluster *cluster = cluster_new(&plan.options);
    struct cluster_reply start = {0};
    strcat(plan.text, "rounds=1000\neta=1e5\nbatch=0\nobjective=linear\n");
    cluster_start(cluster, 0, 1500, plan.text, &start);
    ck_assert(cluster_play(cluster, aborted_alike, LONGEST));
    check_aborted(cluster, GSP_PHASE_FAILED, "diverged");
    ck_assert_ptr_nonnull(strstr(look_state(cluster_peer(cluster, 0))->abort_reason, "eta=auto"));
    cluster_free(cluster);
}
END_TEST

/* All seeds, or with one argument that seed alone. */
static Suite *suite(const char *one)
{
    Suite *suite = suite_create("peers");
    TCase *tests = tcase_create("virtual time");
    int first = one ? atoi(one) : FIRST_SEED, last = one ? first + 1 : FIRST_SEED + SEEDS;
    int half = one ? last : FIRST_SEED + SEEDS / 2, few = one ? last : FIRST_SEED + SEEDS / 6;
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, undisturbed_equals_lockstep, first, half);
    tcase_add_loop_test(tests, cuts_and_delays_change_nothing, first, last);
    tcase_add_loop_test(tests, stop_is_the_same_round_everywhere, first, half);
    tcase_add_loop_test(tests, two_starts_leave_one_run, first, half);
    tcase_add_test(tests, no_run_stands_still);
    tcase_add_loop_test(tests, runs_follow_each_other, first, few);
    tcase_add_loop_test(tests, stop_now_aborts_everywhere, first, few);
    tcase_add_loop_test(tests, divergence_aborts_everywhere, first, few);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv)
{
    return run_suite(suite(argc == 2 ? argv[1] : NULL));
}
