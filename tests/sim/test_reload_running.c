/* Network files that change while a run goes on: it ends on the network that it began with. */
#include <check.h>
#include <string.h>

#include "algo/node.h"
#include "sim/files.h"
#include "unit/run_suite.h"

enum { FIRST_SEED = 1, LONG = 20 * 60 * 1000 };

static bool first_four_ended(const struct cluster *cluster)
{
    return files_ended_among(cluster, "0123");
}

static void check_reason(const struct cluster *cluster, size_t i, const char *words)
{
    struct gsp_summary summary;
    look_summary(cluster_peer(cluster, i), &summary);
    ck_assert_msg(strstr(summary.reason, words) != NULL, "node %zu: %s", i, summary.reason);
}

/* Nobody leaves the old ring before its run has ended at the neighbours, too. */
static bool ring_left_in_order(const struct cluster *cluster)
{
    for (size_t i = 0; i < FILES_NODES; i++) {
        if (!look_run(cluster_peer(cluster, i)).there || !look_run(cluster_peer(cluster, i)).over) continue;
        ck_assert_int_eq(look_run(cluster_peer(cluster, (i + 1) % FILES_NODES)).stage, LOOK_ENDED);
        ck_assert_int_eq(look_run(cluster_peer(cluster, (i + FILES_NODES - 1) % FILES_NODES)).stage, LOOK_ENDED);
    }
    return cluster_ended(cluster);
}

/* Other edges: the run goes on to its end on those that it began with, and then they count. */
START_TEST(other_edges_during_a_run)
{
    struct file ring = {.topology = "ring", .members = "01234"},
                complete = {.topology = "complete", .members = "01234"};
    struct cluster_reply replies[FILES_NODES], start = {0};
    struct gsp_stream random;
    const double *x[FILES_NODES];
    files_undisturbed((uint64_t)_i, &ring);
    files_random(&random, (uint64_t)_i);
    struct cluster *cluster = files_cluster((uint64_t)_i, "ring", 30);
    cluster_play_for(cluster, FILES_HEALED);
    cluster_start_now(cluster, 0, CLUSTER_SETTINGS, &start);
    cluster_play_for(cluster, 300);
    ck_assert_int_eq(start.exit_code, 0);
    ck_assert(!cluster_ended(cluster));
    files_reload_all(cluster, &complete, &random, 500 + 3000 * (_i % 2), replies);
    ck_assert(cluster_play(cluster, ring_left_in_order, LONG));
    for (size_t i = 0; i < FILES_NODES; i++) x[i] = gsp_node_x(look_node(cluster_peer(cluster, i)));
    files_check_results(&ring, x);
    cluster_play_for(cluster, 40000); /* until the last cut is healed, too */
    for (size_t i = 0; i < FILES_NODES; i++) ck_assert_int_eq(look_run(cluster_peer(cluster, i)).end, GSP_PHASE_DONE);
    files_check_healed(cluster, &complete);
    files_undisturbed((uint64_t)_i, &complete);
    files_play_run(cluster, &complete, 3, x);
    files_check_results(&complete, x);
    cluster_free(cluster);
}
END_TEST

START_TEST(removal_during_a_run)
{
    struct file small = {.topology = "ring", .members = "0123"};
    struct cluster_reply replies[FILES_NODES], start = {0}, stop = {0};
    struct gsp_stream random;
    const double *x[FILES_NODES];
    files_undisturbed((uint64_t)_i, &small);
    files_random(&random, (uint64_t)_i);
    struct cluster *cluster = files_cluster((uint64_t)_i, "ring", 0);
    cluster_play_for(cluster, FILES_HEALED);
    cluster_start_now(cluster, 4, CLUSTER_ENDLESS, &start);
    cluster_play_for(cluster, 2000);
    ck_assert_int_eq(start.exit_code, 0);
    files_reload_all(cluster, &small, &random, 100, replies);
    cluster_play_for(cluster, 101 + 2 * (1 + (uint64_t)_i % 40));
    for (size_t slot = 0; slot < 2; slot++) ck_assert(!look_link(cluster_peer(cluster, 4), slot).up); /* at once */
    cluster_play_for(cluster, 60000);
    for (size_t slot = 0; slot < 2; slot++) { /* and for good */
        struct look_link link = look_link(cluster_peer(cluster, 4), slot);
        ck_assert(!link.up);
        ck_assert_msg(*link.detail, "no word why");
    }
    for (size_t i = 0; i < 4; i++) {
        ck_assert_msg(strstr(replies[i].message, "waits for the end of run 1") != NULL, "%s", replies[i].message);
        check_reason(cluster, i, "n005 is not in it any more");
        ck_assert(look_run(cluster_peer(cluster, i)).waiting);
    }
    cluster_stop(cluster, (size_t)_i % 4, cluster_now(cluster) + 1, true, &stop);
    ck_assert(cluster_play(cluster, first_four_ended, LONG));
    cluster_play_for(cluster, FILES_HEALED);
    files_check_healed(cluster, &small);
    files_play_run(cluster, &small, 2, x);
    files_check_results(&small, x);
    cluster_free(cluster);
}
END_TEST

static bool hub_has_lost_a_leaf(const struct cluster *cluster)
{
    return !files_down_link(cluster, 0).up;
}

/* The hub of a star moves; the leaves, which nobody can dial, learn where to, and the run goes on to its exact end. */
START_TEST(endpoint_during_a_run)
{
    struct file star = {.topology = "star", .members = "01234", .silent = "1234"};
    struct file moved = {.topology = "star", .members = "04321", .silent = "1234", .moved = "0"};
    struct cluster_reply replies[FILES_NODES], start = {0};
    struct gsp_stream random;
    const double *x[FILES_NODES];
    files_undisturbed((uint64_t)_i, &star);
    files_random(&random, (uint64_t)_i);
    struct cluster *cluster = files_cluster((uint64_t)_i, "star", 200);
    files_reload_all(cluster, &star, &random, 10, replies);
    cluster_play_for(cluster, FILES_HEALED);
    for (size_t i = 0; i < FILES_NODES; i++)
        ck_assert_msg(strstr(replies[i].message, "moved") != NULL, "%s", replies[i].message);
    cluster_start_now(cluster, 0, CLUSTER_SETTINGS "rounds=400\n", &start);
    cluster_play_for(cluster, 1000);
    cluster_move(cluster, 0);
    ck_assert(cluster_play(cluster, hub_has_lost_a_leaf, LONG));
    cluster_play_for(cluster, 20000);
    ck_assert(!cluster_ended(cluster));
    ck_assert(hub_has_lost_a_leaf(cluster));
    files_reload_all(cluster, &moved, &random, 1000, replies);
    ck_assert(cluster_play(cluster, cluster_ended, LONG));
    for (size_t i = 0; i < FILES_NODES; i++) {
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        ck_assert_str_eq(replies[i].message, "moved n001");
        ck_assert_int_eq(look_run(peer).end, GSP_PHASE_DONE);
        x[i] = gsp_node_x(look_node(peer));
    }
    struct cluster *still = files_cluster((uint64_t)_i, "star", 0);
    cluster_play_for(still, FILES_HEALED);
    start = (struct cluster_reply){0};
    cluster_start_now(still, 0, CLUSTER_SETTINGS "rounds=400\n", &start);
    ck_assert(cluster_play(still, cluster_ended, LONG));
    for (size_t i = 0; i < FILES_NODES; i++) {
        const double *want = gsp_node_x(look_node(cluster_peer(still, i)));
        ck_assert(memcmp(x[i], want, FILES_FEATURES * sizeof *want) == 0);
    }
    cluster_free(still);
    cluster_free(cluster);
}
END_TEST

/* Changed and changed back during a run: nothing waits any more, and who was cut off is back. */
START_TEST(changed_back)
{
    struct file small = {.topology = "ring", .members = "0123"}, all = {.topology = "ring", .members = "01234"};
    struct cluster_reply replies[FILES_NODES], start = {0};
    struct gsp_stream random;
    const double *x[FILES_NODES];
    files_undisturbed(7, &all);
    files_random(&random, 7);
    struct cluster *cluster = files_cluster(7, "ring", 0);
    cluster_play_for(cluster, FILES_HEALED);
    cluster_start_now(cluster, 1, CLUSTER_SETTINGS, &start);
    cluster_play_for(cluster, 200);
    files_reload_all(cluster, &small, &random, 10, replies);
    cluster_play_for(cluster, 20000);
    ck_assert(!cluster_ended(cluster));
    files_reload_all(cluster, &all, &random, 10, replies);
    ck_assert(cluster_play(cluster, cluster_ended, LONG));
    for (size_t i = 0; i < FILES_NODES; i++) x[i] = gsp_node_x(look_node(cluster_peer(cluster, i)));
    files_check_results(&all, x);
    files_check_healed(cluster, &all);
    cluster_free(cluster);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reload running");
    TCase *tests = tcase_create("reload running");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, other_edges_during_a_run, FIRST_SEED, FIRST_SEED + 10);
    tcase_add_loop_test(tests, removal_during_a_run, FIRST_SEED, FIRST_SEED + 10);
    tcase_add_loop_test(tests, endpoint_during_a_run, FIRST_SEED, FIRST_SEED + 5);
    tcase_add_test(tests, changed_back);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
