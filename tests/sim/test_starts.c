/* Starts that something comes in the way of while their run is on its way to the disk: whatever is answered comes true,
 * at all nodes. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cluster.h"
#include "sim/look.h"
#include "sim/tell.h"
#include "unit/run_suite.h"

enum { NODES = 3, LONG = 20 * 60 * 1000 };

static bool writes(const struct cluster *cluster)
{
    return look_state_is_written(cluster_peer(cluster, 0));
}

/* A start at node 0 whose run is on its way to the disk, and will not be there at once. */
static struct cluster *begin(struct cluster_reply *start)
{
    struct cluster_options options = {.seed = 11,
                                      .nodes = NODES,
                                      .topology = "ring",
                                      .delay_max = 5,
                                      .job_max = 5,
                                      .disk_max = 500,
                                      .features = 4,
                                      .rows = 8,
                                      .objective = "linear"};
    struct cluster *cluster = cluster_new(&options);
    cluster_start_now(cluster, 0, CLUSTER_ENDLESS, start);
    ck_assert(cluster_play(cluster, writes, LONG));
    ck_assert(!start->done);
    return cluster;
}

/* What happens now happens before it is on the disk. */
static void play_while_it_writes(struct cluster *cluster)
{
    cluster_play_for(cluster, 2);
    ck_assert(writes(cluster));
}

static void check_runs(const struct cluster *cluster, const struct cluster_reply *start)
{
    ck_assert_msg(start->done && start->exit_code == 0, "start: %s", start->message);
    ck_assert_str_eq(start->message, "run 1 has begun");
    for (size_t i = 0; i < NODES; i++) {
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        ck_assert_uint_eq(look_state(peer)->run.epoch, 1);
        ck_assert_msg(!look_state(peer)->aborted, "node %zu: %s", i, look_state(peer)->abort_reason);
        ck_assert_int_eq(look_run(peer).stage, LOOK_ACTIVE);
        ck_assert_uint_gt(gsp_node_step(look_node(peer)), 10);
    }
}

/* Nowhere, nor after a restart; and the next start begins. */
static void check_never_begins(struct cluster *cluster)
{
    struct cluster_reply again = {0};
    cluster_play_for(cluster, 30000);
    for (size_t i = 0; i < NODES; i++) {
        ck_assert_uint_eq(look_state(cluster_peer(cluster, i))->run.epoch, 0);
        ck_assert_uint_eq(look_wanted(cluster_peer(cluster, i))->run.epoch, 0);
    }
    cluster_kill(cluster, 0);
    cluster_revive(cluster, 0);
    cluster_play_for(cluster, 5000);
    for (size_t i = 0; i < NODES; i++) ck_assert_uint_eq(look_state(cluster_peer(cluster, i))->run.epoch, 0);
    cluster_start_now(cluster, 0, CLUSTER_ENDLESS, &again);
    cluster_play_for(cluster, 10000);
    check_runs(cluster, &again);
}

/* ---- a stop ---- */

START_TEST(stop_follows_its_start)
{
    struct cluster_reply start = {0}, stop = {0};
    struct cluster *cluster = begin(&start);
    cluster_stop(cluster, 0, cluster_now(cluster), false, &stop);
    play_while_it_writes(cluster);
    ck_assert(!start.done && !stop.done);
    ck_assert(cluster_play(cluster, cluster_ended, LONG));
    ck_assert_str_eq(start.message, "run 1 has begun");
    ck_assert_str_eq(stop.message, "run 1 ends after round 3");
    for (size_t i = 0; i < NODES; i++) {
        ck_assert_int_eq(look_run(cluster_peer(cluster, i)).end, GSP_PHASE_STOPPED);
        ck_assert_uint_eq(look_run(cluster_peer(cluster, i)).last_round, 3);
    }
    cluster_free(cluster);
}
END_TEST

/* Who asked for the stop does not wait for the answer: it is a stop nevertheless. */
START_TEST(stop_now_follows_its_start)
{
    struct cluster_reply start = {0}, stop = {0};
    struct cluster *cluster = begin(&start);
    cluster_stop(cluster, 0, cluster_now(cluster), true, &stop);
    play_while_it_writes(cluster);
    ck_assert(!start.done && !stop.done);
    ck_assert_uint_eq(look_stop_count(cluster_peer(cluster, 0)), 1);
    if (_i)
        tell_client_gone(cluster_peer(cluster, 0), look_stop_client(cluster_peer(cluster, 0)), cluster_now(cluster));
    ck_assert(cluster_play(cluster, cluster_ended, LONG));
    ck_assert_str_eq(start.message, "run 1 has begun");
    ck_assert_str_eq(stop.message, _i ? "" : "run 1 is stopped at once, wherever each node is");
    for (size_t i = 0; i < NODES; i++) {
        ck_assert_str_eq(look_state(cluster_peer(cluster, i))->abort_node, "n001");
        ck_assert_str_eq(look_state(cluster_peer(cluster, i))->abort_reason, "stopped at once by gossipctl stop --now");
    }
    cluster_free(cluster);
}
END_TEST

/* ---- a disk that is full ---- */

static bool start_is_answered(const struct cluster *cluster)
{
    return !look_start(cluster_peer(cluster, 0)).active;
}

START_TEST(stop_of_a_run_that_cannot_be_written)
{
    struct cluster_reply start = {0}, stop = {0};
    struct cluster *cluster = begin(&start);
    cluster_fill(cluster, 0, true);
    cluster_stop(cluster, 0, cluster_now(cluster), _i, &stop);
    play_while_it_writes(cluster);
    cluster_play_for(cluster, 20000);
    ck_assert_int_eq(start.exit_code, 1);
    ck_assert_msg(strstr(start.message, "make room, then start again") != NULL, "%s", start.message);
    ck_assert_msg(stop.done && stop.exit_code == 0, "%s", stop.message);
    ck_assert_str_eq(stop.message, "nothing is running: run 1 has not begun, since it could not be written to this "
                                   "node's state folder: No space left on device; make room");
    cluster_fill(cluster, 0, false);
    check_never_begins(cluster);
    cluster_free(cluster);
}
END_TEST

/* The run is on the disk, the stop finds no room. */
START_TEST(stop_that_cannot_be_written_waits_for_room)
{
    struct cluster_reply start = {0}, stop = {0};
    struct cluster *cluster = begin(&start);
    cluster_stop(cluster, 0, cluster_now(cluster), false, &stop);
    play_while_it_writes(cluster);
    ck_assert(cluster_play(cluster, start_is_answered, LONG));
    ck_assert_str_eq(start.message, "run 1 has begun");
    cluster_fill(cluster, 0, true);
    cluster_play_for(cluster, 20000);
    ck_assert_int_eq(stop.exit_code, 1);
    ck_assert_msg(strstr(stop.message, "takes effect as soon as it is written") != NULL, "%s", stop.message);
    cluster_fill(cluster, 0, false);
    ck_assert(cluster_play(cluster, cluster_ended, LONG));
    for (size_t i = 0; i < NODES; i++) ck_assert_uint_eq(look_run(cluster_peer(cluster, i)).last_round, 3);
    cluster_free(cluster);
}
END_TEST

static bool waits_for_the_disk(const struct cluster *cluster)
{
    const struct gsp_peer *peer = cluster_peer(cluster, 0);
    return look_start(peer).active && look_start(peer).decided && !look_state_is_written(peer);
}

/* The disk was full before, so the run of a second start has yet to be handed to it: then it can be taken back, by a
 * stop, who asked going away, or the end of the daemon. */
START_TEST(start_that_is_not_yet_written_is_given_up)
{
    struct cluster_reply first = {0}, start = {0}, stop = {0};
    struct cluster *cluster = begin(&first);
    cluster_fill(cluster, 0, true);
    cluster_play_for(cluster, 10000);
    ck_assert_int_eq(first.exit_code, 1);
    cluster_start_now(cluster, 0, CLUSTER_ENDLESS, &start);
    ck_assert(cluster_play(cluster, waits_for_the_disk, LONG));
    struct gsp_peer *peer = cluster_peer(cluster, 0);
    if (_i == 0) cluster_stop(cluster, 0, cluster_now(cluster), false, &stop);
    if (_i == 1) tell_client_gone(peer, look_start(peer).client, cluster_now(cluster));
    if (_i == 2) tell_shutdown(peer, cluster_now(cluster));
    cluster_play_for(cluster, 1000);
    ck_assert_int_eq(start.exit_code, 1);
    ck_assert_str_eq(start.message, _i == 0   ? "stopped before it began"
                                    : _i == 1 ? "given up"
                                              : "gossipd is shutting down");
    if (_i == 0) ck_assert_str_eq(stop.message, "nothing is running");
    cluster_fill(cluster, 0, false);
    if (_i == 2) {
        cluster_kill(cluster, 0);
        cluster_revive(cluster, 0);
    }
    check_never_begins(cluster);
    cluster_free(cluster);
}
END_TEST

/* ---- who asked, the network file, the daemon ---- */

static void keep_line(void *context, enum gsp_log_level level, const char *message)
{
    (void)level;
    if (strstr(message, "who asked") != NULL) snprintf(context, GSP_REASON_MAX, "%s", message);
}

START_TEST(client_that_goes_while_its_run_is_written)
{
    char line[GSP_REASON_MAX] = "";
    struct cluster_reply start = {0};
    struct cluster *cluster = begin(&start);
    struct gsp_peer *peer = cluster_peer(cluster, 0);
    look_set_log(peer, (struct gsp_log){.write = keep_line, .context = line});
    tell_client_gone(peer, look_start(peer).client, cluster_now(cluster));
    play_while_it_writes(cluster);
    ck_assert_str_eq(line, "who asked for run 1 has gone; the run is on its way to the disk and begins all the same; "
                           "end it with: gossipctl stop");
    cluster_play_for(cluster, 5000);
    check_runs(cluster, &start); /* nobody hears the answer */
    cluster_free(cluster);
}
END_TEST

static const char *other_edges(const struct cluster *cluster, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "[Network]\nName = virtual\nTopology = star\n");
    for (size_t i = 0; i < NODES; i++) {
        char key[45];
        gsp_key_encode(key, cluster_network(cluster)->nodes[i].public_key);
        used += (size_t)snprintf(text + used, size - used,
                                 "[Node]\nName = n%03zu\nPublicKey = %s\nEndpoint = host%zu:7400\n", i + 1, key, i);
    }
    return text;
}

START_TEST(network_file_that_comes_while_a_run_is_written)
{
    char text[1024];
    struct cluster_reply start = {0}, reload = {0};
    struct cluster *cluster = begin(&start);
    cluster_write_file(cluster, 0, other_edges(cluster, text, sizeof text));
    cluster_reload(cluster, 0, cluster_now(cluster), &reload);
    play_while_it_writes(cluster);
    ck_assert_int_eq(reload.exit_code, 0);
    ck_assert_str_eq(reload.message, "other edges or weights: the new peers.conf waits for run 1, which is just "
                                     "beginning; to end it: gossipctl stop");
    cluster_play_for(cluster, 5000);
    check_runs(cluster, &start);
    ck_assert(look_reload_pends(cluster_peer(cluster, 0)));
    cluster_free(cluster);
}
END_TEST

static bool first_is_finished(const struct cluster *cluster)
{
    return gsp_peer_finished(cluster_peer(cluster, 0));
}

/* It has begun, if only here, and goes on after the restart. */
START_TEST(daemon_that_ends_while_a_run_is_written)
{
    struct cluster_reply start = {0};
    struct cluster *cluster = begin(&start);
    tell_shutdown(cluster_peer(cluster, 0), cluster_now(cluster));
    ck_assert(cluster_play(cluster, first_is_finished, LONG));
    cluster_kill(cluster, 0);
    cluster_revive(cluster, 0);
    cluster_play_for(cluster, 10000);
    check_runs(cluster, &start);
    cluster_free(cluster);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("starts");
    TCase *tests = tcase_create("starts");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, stop_follows_its_start);
    tcase_add_loop_test(tests, stop_now_follows_its_start, 0, 2);
    tcase_add_loop_test(tests, stop_of_a_run_that_cannot_be_written, 0, 2);
    tcase_add_test(tests, stop_that_cannot_be_written_waits_for_room);
    tcase_add_loop_test(tests, start_that_is_not_yet_written_is_given_up, 0, 3);
    tcase_add_test(tests, client_that_goes_while_its_run_is_written);
    tcase_add_test(tests, network_file_that_comes_while_a_run_is_written);
    tcase_add_test(tests, daemon_that_ends_while_a_run_is_written);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
