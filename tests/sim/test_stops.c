/* Stops at nodes that are in no state to know better: whatever they answer comes true, at all nodes alike. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cluster.h"
#include "sim/look.h"
#include "sim/puppet.h"
#include "unit/run_suite.h"

enum { LONG = 20 * 60 * 1000 };

#define OFTEN  CLUSTER_ENDLESS "checkpoint_every=2\n"
#define SELDOM CLUSTER_ENDLESS "checkpoint_every=1000\n"

static struct cluster *cluster_of(const char *topology, size_t nodes, uint64_t seed, uint64_t disk_max)
{
    struct cluster_options options = {.seed = seed,
                                      .nodes = nodes,
                                      .topology = topology,
                                      .delay_max = 5,
                                      .job_max = 5,
                                      .disk_max = disk_max,
                                      .features = 4,
                                      .rows = 8,
                                      .objective = "linear"};
    return cluster_new(&options);
}

/* Nobody failed, and all have ended at the round that the reply told. */
static void check_stopped(const struct cluster *cluster, const struct cluster_reply *stop)
{
    unsigned long long run, round;
    ck_assert_msg(stop->done && stop->exit_code == 0, "stop: %s", stop->message);
    ck_assert_msg(sscanf(stop->message, "run %llu ends after round %llu", &run, &round) == 2, "%s", stop->message);
    for (size_t i = 0; i < cluster_size(cluster); i++) {
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        ck_assert_msg(!look_state(peer)->aborted, "node %zu: %s", i, look_state(peer)->abort_reason);
        ck_assert_uint_eq(look_state(peer)->run.epoch, run);
        ck_assert_int_eq(look_run(peer).end, GSP_PHASE_STOPPED);
        ck_assert_uint_eq(look_run(peer).last_round, round);
    }
}

/* ---- nodes that have lost their disk ---- */

static bool second_is_lost(const struct cluster *cluster)
{
    struct look_run run = look_run(cluster_peer(cluster, 1));
    return run.there && run.stage == LOOK_LOST;
}

static bool second_has_begun(const struct cluster *cluster)
{
    struct look_run run = look_run(cluster_peer(cluster, 1));
    return run.node;
}

static void lose_disk(struct cluster *cluster, size_t node)
{
    cluster_kill(cluster, node);
    cluster_wipe(cluster, node);
    cluster_play_for(cluster, 2000);
    cluster_revive(cluster, node);
}

/* It waits for what a neighbour has of it, and cannot know how far the run is. */
START_TEST(stop_at_a_node_that_waits_for_its_state)
{
    struct cluster *cluster = cluster_small("complete", 4, 0, 4);
    struct cluster_reply start = {0}, refused = {0}, stop = {0};
    cluster_start_now(cluster, 0, OFTEN, &start);
    cluster_play_for(cluster, 10000);
    cluster_kill(cluster, 3);
    lose_disk(cluster, 1);
    ck_assert(cluster_play(cluster, second_is_lost, LONG));
    cluster_stop(cluster, 1, cluster_now(cluster), false, &refused);
    cluster_play_for(cluster, 3000);
    ck_assert(second_is_lost(cluster));
    ck_assert_msg(refused.done && refused.exit_code == 1, "%s", refused.message);
    ck_assert_msg(strstr(refused.message, "gossipctl stop at another node") != NULL, "%s", refused.message);
    cluster_stop(cluster, 2, cluster_now(cluster), false, &stop);
    cluster_play_for(cluster, 3000);
    cluster_revive(cluster, 3);
    ck_assert(cluster_play(cluster, cluster_ended, LONG));
    check_stopped(cluster, &stop);
    cluster_free(cluster);
}
END_TEST

START_TEST(stop_now_at_a_node_that_waits_for_its_state)
{
    struct cluster *cluster = cluster_small("complete", 4, 0, 4);
    struct cluster_reply start = {0}, stop = {0};
    cluster_start_now(cluster, 0, OFTEN, &start);
    cluster_play_for(cluster, 10000);
    cluster_kill(cluster, 3);
    lose_disk(cluster, 1);
    ck_assert(cluster_play(cluster, second_is_lost, LONG));
    cluster_stop(cluster, 1, cluster_now(cluster), true, &stop);
    ck_assert(cluster_play(cluster, cluster_ended, cluster_now(cluster) + 3000));
    ck_assert_str_eq(stop.message, "run 1 is stopped at once, wherever each node is");
    cluster_revive(cluster, 3); /* it hears of it later, and from its neighbours alone */
    ck_assert(cluster_play(cluster, cluster_ended, LONG));
    cluster_kill(cluster, 0); /* and whoever was restarted has it from its disk */
    cluster_revive(cluster, 0);
    for (size_t i = 0; i < 4; i++) {
        ck_assert(look_state(cluster_peer(cluster, i))->aborted);
        ck_assert_int_eq(look_run(cluster_peer(cluster, i)).end, GSP_PHASE_STOPPED);
    }
    cluster_free(cluster);
}
END_TEST

/* Its neighbours still have all messages: it begins again at step 1, in a run that is far beyond. */
START_TEST(stop_at_a_node_that_begins_again)
{
    struct cluster *cluster = cluster_of(_i % 2 ? "ring" : "complete", 4, (uint64_t)_i, 2);
    struct cluster_reply start = {0}, stop = {0};
    cluster_start_now(cluster, 0, SELDOM, &start);
    cluster_play_for(cluster, 10000);
    uint64_t far = gsp_node_step(look_node(cluster_peer(cluster, 0)));
    ck_assert_uint_gt(far, 100);
    lose_disk(cluster, 1);
    ck_assert(cluster_play(cluster, second_has_begun, LONG));
    cluster_stop(cluster, 1, cluster_now(cluster), false, &stop);
    cluster_play_for(cluster, 1);
    ck_assert_uint_lt(gsp_node_step(look_node(cluster_peer(cluster, 1))), far);
    ck_assert(cluster_play(cluster, cluster_ended, LONG));
    check_stopped(cluster, &stop);
    cluster_free(cluster);
}
END_TEST

/* ---- stops while another is on its way to the disk ---- */

static bool first_writes(const struct cluster *cluster)
{
    return look_state_is_written(cluster_peer(cluster, 0));
}

static bool first_has_written(const struct cluster *cluster)
{
    return !look_state_pends(cluster_peer(cluster, 0));
}

/* The first stop is no longer what happens: both speak of the abort, and not before it is on the disk. */
START_TEST(stop_now_overtakes_a_stop)
{
    struct cluster *cluster = cluster_of("ring", 3, 11, 500);
    struct cluster_reply start = {0}, stop = {0}, now = {0};
    cluster_start_now(cluster, 0, CLUSTER_ENDLESS, &start);
    cluster_play_for(cluster, 6000);
    cluster_stop(cluster, 0, cluster_now(cluster), false, &stop);
    ck_assert(cluster_play(cluster, first_writes, LONG));
    cluster_stop(cluster, 0, cluster_now(cluster), true, &now);
    cluster_play_for(cluster, 1);
    ck_assert(first_writes(cluster) && look_state_is_due(cluster_peer(cluster, 0)));
    ck_assert(cluster_play(cluster, first_has_written, LONG));
    ck_assert(look_state(cluster_peer(cluster, 0))->aborted);
    ck_assert_str_eq(stop.message, "run 1 is stopped at once, wherever each node is");
    ck_assert_str_eq(now.message, "run 1 is stopped at once, wherever each node is");
    cluster_free(cluster);
}
END_TEST

/* Node 0 of two, in run 1, whose other node is the test; what it is told of is some time on its way to the disk. */
static struct cluster *begin_with_puppet(struct puppet *puppet, struct gsp_message *run_state)
{
    struct cluster_options options = {.seed = 11,
                                      .nodes = 2,
                                      .topology = "complete",
                                      .absent = 1,
                                      .delay_max = 5,
                                      .job_max = 5,
                                      .disk_max = 1000,
                                      .features = 4,
                                      .rows = 8,
                                      .objective = "linear"};
    struct cluster *cluster = cluster_new(&options);
    *run_state = (struct gsp_message){.type = GSP_MSG_RUN_STATE, .u.run_state.run = {.epoch = 1, .id = {1}}};
    snprintf(run_state->u.run_state.origin, sizeof run_state->u.run_state.origin, "n002");
    snprintf(run_state->u.run_state.settings, sizeof run_state->u.run_state.settings, "%s", CLUSTER_ENDLESS);
    puppet_link(puppet, cluster, 1, 0);
    puppet_say(puppet, run_state);
    cluster_play_for(cluster, 3000);
    ck_assert_uint_eq(look_state(cluster_peer(cluster, 0))->run.epoch, 1);
    return cluster;
}

static void say_abort(struct puppet *puppet, struct gsp_message *message, const char *node, bool asked)
{
    struct gsp_run_state *state = &message->u.run_state;
    state->aborted = true;
    state->abort_asked = asked;
    snprintf(state->abort_node, sizeof state->abort_node, "%s", node);
    puppet_say(puppet, message);
    cluster_play_for(puppet->cluster, 3000);
}

/* Whatever comes first, and whoever sorts first, so that all nodes say the same. */
START_TEST(failure_prevails_over_stop_now)
{
    struct puppet puppet;
    struct gsp_message message;
    struct cluster *cluster = begin_with_puppet(&puppet, &message);
    const struct gsp_peer *peer = cluster_peer(cluster, 0);
    say_abort(&puppet, &message, "m", true);
    ck_assert_int_eq(look_run(peer).end, GSP_PHASE_STOPPED);
    say_abort(&puppet, &message, "z", false);
    ck_assert_int_eq(look_run(peer).end, GSP_PHASE_FAILED);
    say_abort(&puppet, &message, "a", true);
    ck_assert_int_eq(look_run(peer).end, GSP_PHASE_FAILED);
    ck_assert_str_eq(look_state(peer)->abort_node, "z");
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

START_TEST(stop_behind_a_later_one_of_a_neighbour)
{
    struct puppet puppet;
    struct gsp_message message;
    struct cluster_reply stop = {0};
    struct cluster *cluster = begin_with_puppet(&puppet, &message);
    message.u.run_state.stop_round = 100;
    puppet_say(&puppet, &message);
    ck_assert(cluster_play(cluster, first_writes, LONG));
    cluster_stop(cluster, 0, cluster_now(cluster), false, &stop);
    cluster_play_for(cluster, 1);
    ck_assert(first_writes(cluster) && look_state_is_due(cluster_peer(cluster, 0)));
    ck_assert(cluster_play(cluster, first_has_written, LONG));
    ck_assert_uint_eq(look_state(cluster_peer(cluster, 0))->stop_round, 3);
    ck_assert_str_eq(stop.message, "run 1 ends after round 3");
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* Another run takes the place of the one that was to be stopped. */
START_TEST(stop_of_a_run_that_gives_way)
{
    struct puppet puppet;
    struct gsp_message message;
    struct cluster_reply stop = {0};
    struct cluster *cluster = begin_with_puppet(&puppet, &message);
    cluster_stop(cluster, 0, cluster_now(cluster), false, &stop);
    ck_assert(cluster_play(cluster, first_writes, LONG));
    message.u.run_state.run.epoch = 2;
    puppet_say(&puppet, &message);
    ck_assert(cluster_play(cluster, first_has_written, LONG));
    ck_assert_uint_eq(look_state(cluster_peer(cluster, 0))->run.epoch, 2);
    ck_assert_int_eq(stop.exit_code, 1);
    ck_assert_str_eq(stop.message, "the run gave way to run 2, started at n002; to end that one, too: gossipctl stop");
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* It fails here, which is on its way to the disk: there is no round to stop at, nor is one looked for. */
START_TEST(stop_of_a_run_that_cannot_run)
{
    struct puppet puppet;
    struct gsp_message message;
    struct cluster_reply stop = {0};
    struct cluster *cluster = begin_with_puppet(&puppet, &message);
    message.u.run_state.run.epoch = 2;
    snprintf(message.u.run_state.settings, sizeof message.u.run_state.settings, "%sgossip_steps=0\n", CLUSTER_ENDLESS);
    puppet_say(&puppet, &message);
    while (look_state(cluster_peer(cluster, 0))->run.epoch < 2) cluster_play_for(cluster, 1);
    ck_assert(first_writes(cluster) && look_run(cluster_peer(cluster, 0)).halted);
    cluster_stop(cluster, 0, cluster_now(cluster), false, &stop);
    ck_assert(cluster_play(cluster, first_has_written, LONG));
    ck_assert_str_eq(stop.message, "run 2 has failed");
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stops");
    TCase *tests = tcase_create("stops");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, stop_at_a_node_that_waits_for_its_state);
    tcase_add_test(tests, stop_now_at_a_node_that_waits_for_its_state);
    tcase_add_loop_test(tests, stop_at_a_node_that_begins_again, 0, 10);
    tcase_add_test(tests, stop_now_overtakes_a_stop);
    tcase_add_test(tests, failure_prevails_over_stop_now);
    tcase_add_test(tests, stop_behind_a_later_one_of_a_neighbour);
    tcase_add_test(tests, stop_of_a_run_that_gives_way);
    tcase_add_test(tests, stop_of_a_run_that_cannot_run);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
