/* target_loss, in virtual time: every node ends at the same round, done, and not before the mean loss was reached.
 * `test_target SEED` plays one seed. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cluster.h"
#include "sim/look.h"
#include "unit/run_suite.h"

enum { FIRST_SEED = 1, SEEDS = 24, LONGEST = 60 * 60 * 1000 };

#define SETTINGS "rounds=100000\ngossip_steps=2\neta=0.05\ngamma=0.3\ncompressor=topk:fraction=0.5\nobjective=linear\n"

static struct cluster *cluster_of(uint64_t seed)
{
    static const char *const topologies[] = {"ring", "complete", "star", "grid", "torus"};
    static const size_t nodes[] = {5, 4, 7, 6, 9};
    struct cluster_options options = {.seed = seed,
                                      .nodes = nodes[seed % 5],
                                      .topology = topologies[seed % 5],
                                      .delay_max = 1 + seed * 7 % 60,
                                      .job_max = seed * 5 % 30,
                                      .cuts = seed % 3 * 10,
                                      .cut_until = 20000,
                                      .features = 6,
                                      .rows = 8,
                                      .objective = "linear"};
    return cluster_new(&options);
}

/* The mean of the nodes' losses after a round, by their histories. */
static double mean_loss(const struct cluster *cluster, uint64_t round)
{
    double sum = 0;
    for (size_t i = 0; i < cluster_size(cluster); i++) {
        struct gsp_history *history;
        ck_assert_uint_eq(cluster_history(cluster, i, &history), 1);
        ck_assert_uint_gt(history->count, round);
        sum += history->rows[round].loss;
        gsp_histories_free(history, 1);
    }
    return sum / (double)cluster_size(cluster);
}

START_TEST(all_end_at_one_round_with_the_loss_reached)
{
    struct cluster *cluster = cluster_of((uint64_t)_i);
    struct cluster_reply reply = {0};
    const double target = 0.3;
    cluster_start(cluster, 0, 1500, SETTINGS "target_loss=0.3\n", &reply);
    ck_assert(cluster_play(cluster, cluster_ended, LONGEST));
    ck_assert_msg(reply.done && reply.exit_code == 0, "start: %s", reply.message);
    uint64_t round = look_run(cluster_peer(cluster, 0)).last_round;
    ck_assert_uint_lt(round, 100000);
    for (size_t i = 0; i < cluster_size(cluster); i++) {
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        struct gsp_summary summary;
        ck_assert_int_eq(look_run(peer).end, GSP_PHASE_DONE);
        ck_assert_uint_eq(gsp_node_round(look_node(peer)), round);
        look_summary(cluster_peer(cluster, i), &summary);
        ck_assert_msg(strstr(summary.reason, "target") != NULL, "node %zu: reason '%s'", i, summary.reason);
    }
    ck_assert_msg(mean_loss(cluster, round) <= target, "seed %d: ended at round %llu with %g", _i,
                  (unsigned long long)round, mean_loss(cluster, round));
    ck_assert_msg(mean_loss(cluster, 0) > target, "seed %d: the target was reached from the beginning", _i);
    cluster_free(cluster);
}
END_TEST

/* Reached in the last rounds, or never: the run ends as it would have. */
START_TEST(a_target_out_of_reach_changes_nothing)
{
    struct cluster *cluster = cluster_of((uint64_t)_i);
    struct cluster_reply reply = {0};
    cluster_start(cluster, 0, 1500, SETTINGS "rounds=40\ntarget_loss=1e-12\n", &reply);
    ck_assert(cluster_play(cluster, cluster_ended, LONGEST));
    for (size_t i = 0; i < cluster_size(cluster); i++) {
        ck_assert_int_eq(look_run(cluster_peer(cluster, i)).end, GSP_PHASE_DONE);
        ck_assert_uint_eq(gsp_node_round(look_node(cluster_peer(cluster, i))), 40);
    }
    cluster_free(cluster);
}
END_TEST

/* A stop by hand is a stop, with a target or without. */
START_TEST(a_stop_before_the_target_is_a_stop)
{
    struct cluster *cluster = cluster_of((uint64_t)_i);
    struct cluster_reply reply = {0}, stop = {0};
    cluster_start(cluster, 0, 1500, SETTINGS "target_loss=1e-12\n", &reply);
    cluster_stop(cluster, 1, 20000, false, &stop);
    ck_assert(cluster_play(cluster, cluster_ended, LONGEST));
    for (size_t i = 0; i < cluster_size(cluster); i++)
        ck_assert_int_eq(look_run(cluster_peer(cluster, i)).end, GSP_PHASE_STOPPED);
    cluster_free(cluster);
}
END_TEST

static void count_lines(void *context, enum gsp_log_level level, const char *message)
{
    (void)level;
    *(size_t *)context += strstr(message, "mean loss") != NULL;
}

/* Reached when a stop would take effect with the last round: nothing is stopped, and the log is not filled with it. */
START_TEST(a_target_reached_at_the_end_is_not_logged_again_and_again)
{
    struct cluster_options options = {.seed = 11,
                                      .nodes = 8,
                                      .topology = "ring",
                                      .delay_max = 5,
                                      .job_max = 3000,
                                      .features = 4,
                                      .rows = 8,
                                      .objective = "linear"};
    struct cluster *cluster = cluster_new(&options);
    struct cluster_reply reply = {0};
    size_t lines[8] = {0};
    for (size_t i = 0; i < 8; i++)
        look_set_log(cluster_peer(cluster, i), (struct gsp_log){.write = count_lines, .context = &lines[i]});
    cluster_start_now(cluster, 0, SETTINGS "rounds=5\ngossip_steps=1\ntarget_loss=1000\n", &reply);
    ck_assert(cluster_play(cluster, cluster_ended, LONGEST));
    ck_assert_msg(reply.done && reply.exit_code == 0, "start: %s", reply.message);
    for (size_t i = 0; i < 8; i++) {
        ck_assert_uint_le(lines[i], 1);
        ck_assert_int_eq(look_run(cluster_peer(cluster, i)).end, GSP_PHASE_DONE);
    }
    cluster_free(cluster);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("target loss");
    TCase *tests = tcase_create("virtual time");
    int first = argc == 2 ? atoi(argv[1]) : FIRST_SEED, last = argc == 2 ? first + 1 : FIRST_SEED + SEEDS;
    int few = argc == 2 ? last : FIRST_SEED + SEEDS / 4;
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, all_end_at_one_round_with_the_loss_reached, first, last);
    tcase_add_loop_test(tests, a_target_out_of_reach_changes_nothing, first, few);
    tcase_add_loop_test(tests, a_stop_before_the_target_is_a_stop, first, few);
    if (argc != 2) tcase_add_test(tests, a_target_reached_at_the_end_is_not_logged_again_and_again);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
