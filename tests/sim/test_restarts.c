/* Nodes that are killed and come back, and nodes with nothing to do. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/node.h"
#include "sim/cluster.h"
#include "sim/look.h"
#include "sim/tell.h"
#include "unit/run_suite.h"

enum { LONG = 20 * 60 * 1000 };

static const struct gsp_node *node_of(const struct cluster *cluster, size_t i)
{
    return look_node(cluster_peer(cluster, i));
}

/* ---- nodes that are killed and come back ---- */

static void check_same_end(const struct cluster *cluster, const double *undisturbed)
{
    for (size_t i = 0; i < cluster_size(cluster); i++) {
        struct look_run run = look_run(cluster_peer(cluster, i));
        ck_assert_msg(run.end == GSP_PHASE_DONE, "%s", look_state(cluster_peer(cluster, i))->abort_reason);
        ck_assert(gsp_node_x(run.node)[0] == undisturbed[i]);
    }
}

/* One node, or all at once, are killed again and again; the disk has checkpoints of every second round. */
START_TEST(restart_in_the_middle_of_a_run_changes_nothing)
{
    static const char settings[] = "rounds=40\ngossip_steps=2\neta=0.01\ngamma=0.1\ncompressor=none\n"
                                   "objective=linear\ncheckpoint_every=2\n";
    double undisturbed[5] = {0};
    for (int disturbed = 0; disturbed < 2; disturbed++) {
        struct cluster *cluster = cluster_small("ring", 5, 0, 4);
        struct cluster_reply reply = {0};
        cluster_start_now(cluster, 0, settings, &reply);
        size_t victim = (size_t)_i % 5;
        for (int deaths = 0; disturbed && deaths < 4; deaths++) {
            cluster_play_for(cluster, 700);
            for (size_t i = 0; i < 5; i++)
                if (i == victim || _i >= 5) cluster_kill(cluster, i);
            cluster_play_for(cluster, 300);
            for (size_t i = 0; i < 5; i++)
                if (i == victim || _i >= 5) cluster_revive(cluster, i);
        }
        ck_assert(cluster_play(cluster, cluster_ended, LONG));
        ck_assert_int_eq(reply.exit_code, 0);
        for (size_t i = 0; i < 5 && !disturbed; i++) undisturbed[i] = gsp_node_x(node_of(cluster, i))[0];
        check_same_end(cluster, undisturbed);
        cluster_free(cluster);
    }
}
END_TEST

static bool begun_everywhere(const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster_size(cluster); i++) {
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        if (peer && (!look_node(peer) || gsp_node_log_end(look_node(peer)) < 2)) return false;
    }
    return true;
}

/* Killed before any neighbour has forgotten its first step: the run goes on as if nothing had been. Node 0's death
 * holds all others at the first steps; `_i` chooses who dies with it. */
START_TEST(restart_before_the_first_step_is_forgotten_is_exact)
{
    double undisturbed[4] = {0};
    for (int disturbed = 0; disturbed < 2; disturbed++) {
        struct cluster *cluster = cluster_small("complete", 4, 0, 4);
        struct cluster_reply reply = {0};
        cluster_start_now(cluster, 0, CLUSTER_SETTINGS, &reply);
        if (disturbed) {
            ck_assert(cluster_play(cluster, begun_everywhere, LONG));
            cluster_kill(cluster, 0);
            for (size_t victim = 1; victim < 4; victim++) {
                if (!(_i >> (victim - 1) & 1)) continue;
                cluster_play_for(cluster, 700);
                cluster_kill(cluster, victim);
                cluster_play_for(cluster, 700);
                cluster_revive(cluster, victim);
            }
            cluster_play_for(cluster, 2000);
            cluster_revive(cluster, 0);
        }
        ck_assert(cluster_play(cluster, cluster_ended, LONG));
        for (size_t i = 0; i < 4; i++) {
            struct look_run run = look_run(cluster_peer(cluster, i));
            ck_assert_msg(run.end == GSP_PHASE_DONE, "%s", look_state(cluster_peer(cluster, i))->abort_reason);
            if (!disturbed) undisturbed[i] = gsp_node_x(run.node)[0];
            ck_assert(gsp_node_x(run.node)[0] == undisturbed[i]);
        }
        cluster_free(cluster);
    }
}
END_TEST

/* What status says was sent is the run's: it goes on over a death, stands still once the run is over, and begins anew
 * with the next. */
START_TEST(the_bytes_of_status_are_the_run_s)
{
    struct cluster *cluster = cluster_small("ring", 5, 0, 4);
    struct cluster_reply first = {0}, second = {0};
    struct gsp_summary killed, ended, later, again;
    cluster_start_now(cluster, 0, CLUSTER_SETTINGS "checkpoint_every=2\n", &first);
    cluster_play_for(cluster, 500);
    ck_assert(!cluster_ended(cluster));
    look_summary(cluster_peer(cluster, 2), &killed);
    cluster_kill(cluster, 2);
    cluster_revive(cluster, 2);
    ck_assert(cluster_play(cluster, cluster_ended, LONG));
    look_summary(cluster_peer(cluster, 2), &ended);
    ck_assert(ended.bytes_sent > killed.bytes_sent && ended.bytes_received > killed.bytes_received);
    cluster_play_for(cluster, 60000);
    look_summary(cluster_peer(cluster, 2), &later);
    ck_assert(later.bytes_sent == ended.bytes_sent && later.bytes_received == ended.bytes_received);
    cluster_start_now(cluster, 1, CLUSTER_ENDLESS, &second);
    cluster_play_for(cluster, 200);
    look_summary(cluster_peer(cluster, 2), &again);
    ck_assert(again.run.epoch == 2 && again.bytes_sent > 0 && again.bytes_sent < ended.bytes_sent / 2);
    cluster_free(cluster);
}
END_TEST

static bool log_is_too_long(const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster_size(cluster); i++) {
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        struct look_run run = look_run(peer);
        if (!run.node) continue;
        if (gsp_node_log_end(run.node) - gsp_node_log_base(run.node) > run.reach + 2) return true;
    }
    return false;
}

static bool leaf_asks(const struct cluster *cluster)
{
    struct look_run run = look_run(cluster_peer(cluster, 2));
    return run.there && run.stage == LOOK_LOST;
}

/* A leaf of a star has lost its disk and asks the hub for its state; in this moment the hub loses its own. So the leaf
 * begins at the first step again, and the hub goes on where the other leaves have copies of it, far ahead: what the
 * leaf sends until then is for nobody, and it does not keep it. */
START_TEST(what_nobody_needs_is_not_kept)
{
    struct cluster *cluster = cluster_small("star", 4, 0, 4);
    struct cluster_reply reply = {0};
    cluster_start_now(cluster, 0, CLUSTER_SETTINGS "checkpoint_every=2\n", &reply);
    ck_assert(cluster_play(cluster, cluster_ended, LONG));
    cluster_kill(cluster, 2);
    cluster_wipe(cluster, 2);
    cluster_revive(cluster, 2);
    ck_assert(cluster_play(cluster, leaf_asks, LONG));
    cluster_kill(cluster, 0);
    cluster_wipe(cluster, 0);
    cluster_revive(cluster, 0);
    ck_assert_msg(!cluster_play(cluster, log_is_too_long, cluster_now(cluster) + 300000), "a log is longer than L + 2");
    ck_assert(cluster_ended(cluster));
    cluster_free(cluster);
}
END_TEST

static void check_phases(const struct cluster *cluster, size_t except, enum gsp_phase phase)
{
    for (size_t i = 0; i < cluster_size(cluster); i++) {
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        ck_assert_msg(!look_state(peer)->aborted, "%s", look_state(peer)->abort_reason);
        if (i != except) ck_assert_int_eq(look_run(peer).end, phase);
    }
}

/* A node is restarted between two runs: the result of the others stays what it is, and the next start works, at that
 * node or another. */
START_TEST(restart_of_an_idle_node)
{
    struct cluster *cluster = cluster_small("ring", 5, 0, 4);
    struct cluster_reply first = {0}, second = {0};
    cluster_start_now(cluster, 0, CLUSTER_SETTINGS, &first);
    cluster_play_for(cluster, 10000);
    ck_assert(cluster_ended(cluster));
    check_phases(cluster, SIZE_MAX, GSP_PHASE_DONE);
    size_t victim = 2;
    uint64_t number = look_heard(cluster_peer(cluster, victim), victim)->number;
    cluster_kill(cluster, victim);
    cluster_play_for(cluster, 2000);
    cluster_revive(cluster, victim);
    cluster_play_for(cluster, 4000);
    check_phases(cluster, SIZE_MAX, GSP_PHASE_DONE);
    ck_assert_uint_gt(look_heard(cluster_peer(cluster, 0), victim)->number, number);
    cluster_start_now(cluster, _i ? victim : 0, CLUSTER_SETTINGS, &second);
    cluster_play_for(cluster, 10000);
    ck_assert_msg(second.done && second.exit_code == 0, "%s", second.message);
    ck_assert_uint_eq(look_state(cluster_peer(cluster, victim))->run.epoch, 2);
    ck_assert(cluster_ended(cluster));
    check_phases(cluster, SIZE_MAX, GSP_PHASE_DONE);
    cluster_free(cluster);
}
END_TEST

/* A start as soon as the process is there, when it knows neither its number nor its count of polls. */
START_TEST(start_right_after_a_restart)
{
    struct cluster *cluster = cluster_small("ring", 5, 0, 4);
    struct cluster_reply replies[3] = {0};
    for (int i = 0; i < 2; i++) { /* polls, so that the count matters */
        cluster_start_now(cluster, 2, CLUSTER_SETTINGS, &replies[i]);
        cluster_play_for(cluster, 10000);
        ck_assert(cluster_ended(cluster));
    }
    cluster_kill(cluster, 2);
    cluster_play_for(cluster, (uint64_t)_i * 1000);
    cluster_revive(cluster, 2);
    cluster_start_now(cluster, 2, CLUSTER_SETTINGS, &replies[2]);
    cluster_play_for(cluster, 25000);
    ck_assert(replies[2].done);
    ck_assert_msg(replies[2].exit_code == 0 || strstr(replies[2].message, "first"), "%s", replies[2].message);
    cluster_free(cluster);
}
END_TEST

/* Nodes die and come back at random times around short runs: every run ends, alike everywhere, whoever has a result has
 * that of the undisturbed run, and the next run works. */
struct fate {
    struct cluster_options options;
    char settings[400];
    double x[CLUSTER_NODES_MAX];
};

static void draw_fate(struct fate *fate, struct gsp_stream *random)
{
    static const char *const topologies[] = {"ring", "complete", "star"};
    fate->options = (struct cluster_options){.seed = gsp_stream_below(random, 1000000),
                                             .nodes = 3 + gsp_stream_below(random, 3),
                                             .topology = topologies[gsp_stream_below(random, 3)],
                                             .delay_max = 1 + gsp_stream_below(random, 40),
                                             .job_max = gsp_stream_below(random, 30),
                                             .features = 3,
                                             .rows = 8,
                                             .objective = "linear"};
    snprintf(fate->settings, sizeof fate->settings,
             "rounds=%d\ngossip_steps=%d\neta=0.01\ngamma=0.1\ncompressor=none\nobjective=linear\n",
             1 + (int)gsp_stream_below(random, 6), 1 + (int)gsp_stream_below(random, 3));
}

static void play_undisturbed(struct fate *fate)
{
    struct cluster_reply reply = {0};
    struct cluster *cluster = cluster_new(&fate->options);
    cluster_start_now(cluster, 0, fate->settings, &reply);
    ck_assert(cluster_play(cluster, cluster_ended, LONG));
    for (size_t i = 0; i < fate->options.nodes; i++) fate->x[i] = gsp_node_x(node_of(cluster, i))[0];
    cluster_free(cluster);
}

static bool adopted(const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster_size(cluster); i++)
        if (look_state(cluster_peer(cluster, i))->run.epoch == 0) return false;
    return true;
}

START_TEST(deaths_at_any_time_leave_no_run_hanging)
{
    struct gsp_stream random;
    uint8_t key[32];
    struct fate fate;
    struct cluster_reply reply = {0};
    gsp_stream_key(key, (uint64_t)_i, "fate", "test");
    gsp_stream_init(&random, key, 0);
    draw_fate(&fate, &random);
    play_undisturbed(&fate);
    struct cluster *cluster = cluster_new(&fate.options);
    cluster_start_now(cluster, 0, fate.settings, &reply);
    ck_assert(cluster_play(cluster, adopted, LONG));
    for (uint64_t deaths = 1 + gsp_stream_below(&random, 3); deaths; deaths--) {
        cluster_play_for(cluster, gsp_stream_below(&random, 800));
        size_t victim = gsp_stream_below(&random, fate.options.nodes);
        cluster_kill(cluster, victim);
        cluster_play_for(cluster, gsp_stream_below(&random, 2) * gsp_stream_below(&random, 1500));
        cluster_revive(cluster, victim);
    }
    ck_assert_msg(cluster_play(cluster, cluster_ended, LONG), "fate %d: never ended", _i);
    cluster_play_for(cluster, 5000);
    const struct gsp_run_state *state = look_state(cluster_peer(cluster, 0));
    for (size_t i = 0; i < fate.options.nodes; i++) {
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        ck_assert_int_eq(look_state(peer)->aborted, state->aborted);
        ck_assert_str_eq(look_state(peer)->abort_reason, state->abort_reason);
        if (!state->aborted) ck_assert(gsp_node_x(look_node(peer))[0] == fate.x[i]);
    }
    struct cluster_reply second = {0};
    cluster_start_now(cluster, fate.options.nodes - 1, fate.settings, &second);
    cluster_play_for(cluster, 60000);
    ck_assert_msg(second.done && second.exit_code == 0, "fate %d: %s", _i, second.message);
    ck_assert(cluster_ended(cluster));
    for (size_t i = 0; i < fate.options.nodes; i++) ck_assert(gsp_node_x(node_of(cluster, i))[0] == fate.x[i]);
    cluster_free(cluster);
}
END_TEST

/* ---- time ---- */

/* Nothing to do but to wait: heartbeats and pings, no timers that fire for nothing. */
START_TEST(waiting_does_not_spin)
{
    struct cluster *cluster = cluster_small("ring", 4, 0, 4);
    struct cluster_reply reply = {0};
    cluster_start_now(cluster, 0, CLUSTER_ENDLESS, &reply);
    cluster_play_for(cluster, 5000);
    cluster_kill(cluster, 0);
    size_t before = cluster_ticks(cluster);
    cluster_play_for(cluster, 20000);
    ck_assert_uint_le(cluster_ticks(cluster) - before, 100);
    ck_assert_int_eq(look_heard(cluster_peer(cluster, 1), 1)->phase, GSP_PHASE_WAITING);
    ck_assert_str_eq(look_heard(cluster_peer(cluster, 2), 1)->waiting[0], "n001");
    cluster_free(cluster);
}
END_TEST

START_TEST(idling_does_not_spin)
{
    struct cluster *cluster = cluster_small("torus", 9, 0, 4);
    cluster_play_for(cluster, 20000);
    size_t before = cluster_ticks(cluster);
    cluster_play_for(cluster, 100000);
    ck_assert_uint_le((cluster_ticks(cluster) - before) / 9, 100); /* pings: 4 links, each 5 s */
    cluster_free(cluster);
}
END_TEST

static bool writing_run_state(const struct cluster *cluster)
{
    return look_state_is_written(cluster_peer(cluster, 0));
}

/* A start whose time passes while its run is on its way to the disk: nothing is left to be done at that time. */
START_TEST(start_on_a_slow_disk_does_not_spin)
{
    struct cluster_options options = {.seed = 11,
                                      .nodes = 3,
                                      .topology = "ring",
                                      .delay_max = 5,
                                      .job_max = 5,
                                      .disk_max = 4000,
                                      .features = 4,
                                      .rows = 8,
                                      .objective = "linear"};
    struct cluster *cluster = cluster_new(&options);
    struct cluster_reply reply = {0};
    cluster_start_now(cluster, 0, CLUSTER_ENDLESS "timeout=1.5\n", &reply);
    ck_assert(cluster_play(cluster, writing_run_state, LONG));
    struct gsp_peer *peer = cluster_peer(cluster, 0);
    uint64_t time_is_over = look_start(peer).deadline;
    while (writing_run_state(cluster) && cluster_now(cluster) <= time_is_over + 100) {
        tell_tick(peer, cluster_now(cluster));
        ck_assert_uint_gt(gsp_peer_deadline(peer), cluster_now(cluster));
        cluster_play_for(cluster, 1);
    }
    ck_assert_uint_gt(cluster_now(cluster), time_is_over);
    cluster_play_for(cluster, 5000);
    ck_assert_msg(reply.done && reply.exit_code == 0, "%s", reply.message);
    cluster_free(cluster);
}
END_TEST

/* Both ends of every edge use one and the same connection, whoever dialed first and whatever was cut. */
START_TEST(one_connection_an_edge_remains)
{
    struct cluster_options options = {.seed = (uint64_t)_i,
                                      .nodes = 6,
                                      .topology = "complete",
                                      .delay_max = 10 + 20 * (uint64_t)_i,
                                      .cuts = 40,
                                      .partitions = 4,
                                      .cut_until = 6000,
                                      .features = 2,
                                      .rows = 4,
                                      .objective = "linear"};
    struct cluster *cluster = cluster_new(&options);
    cluster_play(cluster, NULL, 60000);
    for (size_t i = 0; i < 6; i++)
        for (size_t slot = 0; slot < look_link_count(cluster_peer(cluster, i)); slot++) {
            struct look_link link = look_link(cluster_peer(cluster, i), slot);
            struct look_link back = look_link_to(cluster_peer(cluster, link.node), i);
            ck_assert(link.up && back.up);
            ck_assert_uint_eq(link.connection, back.connection);
        }
    cluster_free(cluster);
}
END_TEST

/* All, or with one argument that fate alone (CLUSTER_LOG=1 shows its logs). */
static Suite *suite(const char *fate)
{
    Suite *suite = suite_create("restarts");
    TCase *tests = tcase_create("restarts");
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    if (fate) {
        tcase_add_loop_test(tests, deaths_at_any_time_leave_no_run_hanging, atoi(fate), atoi(fate) + 1);
        return suite;
    }
    tcase_add_loop_test(tests, restart_in_the_middle_of_a_run_changes_nothing, 0, 6);
    tcase_add_loop_test(tests, restart_before_the_first_step_is_forgotten_is_exact, 0, 8);
    tcase_add_test(tests, the_bytes_of_status_are_the_run_s);
    tcase_add_test(tests, what_nobody_needs_is_not_kept);
    tcase_add_loop_test(tests, restart_of_an_idle_node, 0, 2);
    tcase_add_loop_test(tests, start_right_after_a_restart, 0, 3);
    tcase_add_loop_test(tests, deaths_at_any_time_leave_no_run_hanging, 0, 100);
    tcase_add_test(tests, waiting_does_not_spin);
    tcase_add_test(tests, idling_does_not_spin);
    tcase_add_test(tests, start_on_a_slow_disk_does_not_spin);
    tcase_add_loop_test(tests, one_connection_an_edge_remains, 0, 10);
    return suite;
}

int main(int argc, char **argv)
{
    return run_suite(suite(argc == 2 ? argv[1] : NULL));
}
