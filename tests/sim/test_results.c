/* What a run leaves behind, a run that fails in the middle of a step, and what status says of one that waits. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/node.h"
#include "sim/inside.h"
#include "sim/look.h"
#include "sim/puppet.h"
#include "unit/run_suite.h"

enum { NODES = 3, LONG = 20 * 60 * 1000 };

static const char first_run[] =
    "rounds=20\ngossip_steps=2\neta=0.01\ngamma=0.1\ncompressor=none:values=f64\nobjective=linear\n"
    "checkpoint_every=2\n";
static const char next_run[] =
    "rounds=20\ngossip_steps=2\neta=0.01\ngamma=0.1\ncompressor=none:values=f64\nobjective=linear\n"
    "checkpoint_every=2\ninit=last\n";

static struct cluster *slow_disks(uint64_t seed, size_t nodes, uint64_t disk_max, uint64_t job_max)
{
    const struct cluster_options options = {.seed = seed,
                                            .nodes = nodes,
                                            .topology = "ring",
                                            .delay_max = 5,
                                            .job_max = job_max,
                                            .disk_max = disk_max,
                                            .features = 4,
                                            .rows = 8,
                                            .objective = "linear"};
    return cluster_new(&options);
}

/* The number of the run that began. */
static uint64_t begin(struct cluster *cluster, const char *settings)
{
    struct cluster_reply reply = {0};
    cluster_start_now(cluster, 0, settings, &reply);
    while (!reply.done) cluster_play_for(cluster, 10);
    ck_assert_msg(reply.exit_code == 0, "%s", reply.message);
    return look_state(cluster_peer(cluster, 0))->run.epoch;
}

static void run_to_end(struct cluster *cluster, const char *settings)
{
    begin(cluster, settings);
    ck_assert(cluster_play(cluster, cluster_ended, cluster_now(cluster) + LONG));
    cluster_play_for(cluster, 3000); /* the news of it */
}

/* ---- the result ---- */

static bool writes_result(const struct cluster *cluster)
{
    const struct gsp_peer *peer = cluster_peer(cluster, 1);
    return look_run(peer).there && look_run(peer).stage == LOOK_SAVING && look_result_is_written(peer);
}

/* Killed when both checkpoints of the end are on the disk and the result, as the seed has it, may not be: what follows
 * begins from it still. */
START_TEST(a_result_that_was_cut_short_is_made_again)
{
    double undisturbed[NODES] = {0};
    for (int disturbed = 0; disturbed < 2; disturbed++) {
        struct cluster *cluster = slow_disks((uint64_t)_i, NODES, 50, 5);
        run_to_end(cluster, first_run);
        begin(cluster, next_run);
        if (disturbed) {
            ck_assert(cluster_play(cluster, writes_result, cluster_now(cluster) + LONG));
            cluster_kill(cluster, 1);
            cluster_play_for(cluster, 300);
            cluster_revive(cluster, 1);
        }
        ck_assert(cluster_play(cluster, cluster_ended, cluster_now(cluster) + LONG));
        cluster_play_for(cluster, 3000);
        run_to_end(cluster, next_run);
        for (size_t i = 0; i < NODES; i++) {
            double x = gsp_node_x(look_node(cluster_peer(cluster, i)))[0];
            if (!disturbed) undisturbed[i] = x;
            ck_assert(x == undisturbed[i]);
        }
        cluster_free(cluster);
    }
}
END_TEST

static bool some_are_done(const struct cluster *cluster)
{
    size_t ended = 0, active = 0;
    for (size_t i = 0; i < cluster_size(cluster); i++) {
        struct look_run run = look_run(cluster_peer(cluster, i));
        ended += run.key.epoch == 2 && run.stage == LOOK_ENDED;
        active += run.stage == LOOK_ACTIVE;
    }
    return ended && active;
}

/* Some have saved the result of a run that others then abort: the nodes' last results are of two runs. */
START_TEST(results_of_two_runs_are_not_mixed)
{
    struct cluster *cluster = slow_disks(1, 8, 1, 600);
    struct cluster_reply stop = {0}, start = {0};
    run_to_end(cluster, first_run);
    begin(cluster, first_run);
    ck_assert(cluster_play(cluster, some_are_done, cluster_now(cluster) + LONG));
    size_t late = 0;
    while (look_run(cluster_peer(cluster, late)).stage != LOOK_ACTIVE) late++;
    cluster_stop(cluster, late, cluster_now(cluster), true, &stop);
    cluster_play_for(cluster, 5000);
    ck_assert_uint_eq(look_result(cluster_peer(cluster, late)).epoch, 1);
    cluster_start_now(cluster, late, next_run, &start);
    cluster_play_for(cluster, 5000);
    ck_assert(start.done);
    ck_assert_int_eq(start.exit_code, GSP_REPLY_CONFIG);
    ck_assert_msg(strstr(start.message, "is run 1's, that of ") && strstr(start.message, "run 2's"), "%s",
                  start.message);
    cluster_free(cluster);
}
END_TEST

/* ---- a failing step ---- */

static bool computes(const struct cluster *cluster)
{
    const struct gsp_peer *peer = cluster_peer(cluster, 0);
    return look_computes(peer);
}

static struct gsp_message message_of_run(enum gsp_message_type type)
{
    struct gsp_message message = {.type = type};
    struct gsp_run_key key = {.epoch = 1, .id = {1}};
    if (type == GSP_MSG_RUN_STATE) message.u.run_state.run = key;
    if (type == GSP_MSG_RUN_HELLO) message.u.run_hello.run = key;
    if (type == GSP_MSG_LOST) message.u.gone.run = key;
    return message;
}

static void say_hello(struct puppet *puppet)
{
    struct gsp_message message = message_of_run(GSP_MSG_RUN_HELLO);
    message.u.run_hello.expect = message.u.run_hello.have = message.u.run_hello.durable = 1;
    message.u.run_hello.digest = gsp__digest_start(message.u.run_hello.run.id, "n001");
    puppet_say(puppet, &message);
}

static void begin_run(struct puppet *puppet, const char *settings)
{
    struct gsp_message message = message_of_run(GSP_MSG_RUN_STATE), heard;
    strcpy(message.u.run_state.origin, "n002");
    strcpy(message.u.run_state.settings, settings);
    puppet_say(puppet, &message);
    while (!puppet_hear(puppet, GSP_MSG_RUN_HELLO, &heard)) cluster_play_for(puppet->cluster, 1);
    say_hello(puppet);
}

static void say_step(struct puppet *puppet, uint64_t step)
{
    uint8_t payload[1 + 4 * sizeof(double)] = {1};
    struct gsp_message message = {.type = GSP_MSG_GOSSIP};
    message.u.gossip.step = step;
    message.u.gossip.payload = payload;
    message.u.gossip.length = sizeof payload;
    puppet_say(puppet, &message);
}

/* A neighbour loses its disk while the step that diverges, or that an abort overtakes, is computed. */
START_TEST(a_lost_neighbour_of_a_run_that_fails)
{
    const struct cluster_options options = {.seed = 11,
                                            .nodes = 2,
                                            .topology = "complete",
                                            .absent = 1,
                                            .delay_max = 5,
                                            .job_max = 200,
                                            .disk_max = 2000,
                                            .features = 4,
                                            .rows = 8,
                                            .objective = "linear"};
    struct cluster *cluster = cluster_new(&options);
    const struct gsp_peer *peer = cluster_peer(cluster, 0);
    struct puppet puppet;
    struct cluster_reply reply = {0};
    char settings[200];
    puppet_link(&puppet, cluster, 1, 0);
    snprintf(settings, sizeof settings,
             "rounds=50\ngossip_steps=1\neta=%s\ngamma=0.1\ncompressor=none:values=f64\nobjective=linear\n",
             _i ? "0.01" : "1000000000");
    begin_run(&puppet, settings);
    for (uint64_t step = 1; !look_run(peer).halted && step < 10; step++) {
        say_step(&puppet, step);
        ck_assert(cluster_play(cluster, computes, cluster_now(cluster) + LONG));
        if (_i && step == 3) cluster_stop(cluster, 0, cluster_now(cluster) + 1, true, &reply);
        if (_i && step == 3) cluster_play_for(cluster, 2);
        while (!look_run(peer).halted && gsp_node_step(look_node(peer)) <= step) cluster_play_for(cluster, 1);
    }
    ck_assert(look_run(peer).halted && look_run(peer).stage == LOOK_ACTIVE);
    struct gsp_message lost = message_of_run(GSP_MSG_LOST);
    puppet_say(&puppet, &lost);
    cluster_play_for(cluster, 10000);
    ck_assert_int_eq(look_run(peer).end, _i ? GSP_PHASE_STOPPED : GSP_PHASE_FAILED);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* ---- what status says ---- */

static bool waits(const struct cluster *cluster)
{
    struct gsp_summary summary;
    look_summary(cluster_peer(cluster, 0), &summary);
    return summary.phase == GSP_PHASE_WAITING;
}

/* A stop that is still ahead, or what happened before, does not hide for whom a node waits. */
START_TEST(status_says_for_whom_it_waits)
{
    struct cluster *cluster = slow_disks(1, NODES, 1, 50);
    struct gsp_summary summary;
    begin(cluster, CLUSTER_ENDLESS);
    cluster_play_for(cluster, 2000);
    cluster_kill(cluster, 1);
    ck_assert(cluster_play(cluster, waits, cluster_now(cluster) + LONG));
    struct gsp_peer *peer = cluster_peer(cluster, 0);
    look_set_note(peer, "goes on without n007 since step 5");
    cluster_play_for(cluster, 5000);
    look_summary(peer, &summary);
    ck_assert_uint_eq(summary.waiting_count, 1);
    ck_assert_msg(strncmp(summary.reason, "waiting for n002 for ", 21) == 0, "%s", summary.reason);
    ck_assert_msg(strstr(summary.reason, "; goes on without n007 since step 5"), "%s", summary.reason);
    cluster_free(cluster);
}
END_TEST

static bool gathers(const struct cluster *cluster)
{
    struct look_run run = look_run(cluster_peer(cluster, 1));
    return run.there && run.fenced && run.gathering;
}

/* Back after a lost disk it has to hear from all neighbours before it writes. */
START_TEST(who_gathers_does_not_wait_for_its_own_disk)
{
    static const char settings[] = "rounds=100000\ngossip_steps=2\neta=0.01\ngamma=0.1\ncompressor=topk:fraction=0.5\n"
                                   "objective=linear\ncheckpoint_every=2\n";
    struct cluster *cluster = slow_disks(1, 4, 5, 5);
    struct gsp_summary summary;
    begin(cluster, settings);
    cluster_play_for(cluster, 10000);
    cluster_kill(cluster, 1);
    cluster_wipe(cluster, 1);
    cluster_play_for(cluster, 1000);
    cluster_revive(cluster, 1);
    ck_assert(cluster_play(cluster, gathers, cluster_now(cluster) + LONG));
    cluster_kill(cluster, 2);
    cluster_play_for(cluster, 20000);
    look_summary(cluster_peer(cluster, 1), &summary);
    ck_assert_msg(strncmp(summary.reason, "waiting for n003 for ", 21) == 0, "%s", summary.reason);
    cluster_free(cluster);
}
END_TEST

/* What dump gives out after a run that failed before its first step are the parameters of the run before: it must say
 * so, or their settings and number would be taken for the new run's. */
START_TEST(a_dump_says_which_run_it_is_of)
{
    struct cluster *cluster = slow_disks(3, NODES, 0, 5);
    struct cluster_reply reply = {0};
    run_to_end(cluster, first_run);
    begin(cluster, "rounds=7\neta=0.01\ngamma=0.1\nobjective=linear\ninit=file:there-is-none.npy\n");
    ck_assert(cluster_play(cluster, cluster_ended, cluster_now(cluster) + LONG));
    ck_assert(look_state(cluster_peer(cluster, 1))->aborted);
    cluster_request(cluster, 1, cluster_now(cluster), &(struct gsp_request){.type = GSP_REQ_DUMP, .vector = 'x'},
                    &reply);
    cluster_play_for(cluster, 1000);
    ck_assert(reply.done && reply.exit_code == 0);
    ck_assert_uint_eq(look_state(cluster_peer(cluster, 1))->run.epoch, 2);
    ck_assert_uint_eq(reply.run.epoch, 1);
    ck_assert_uint_eq(reply.round, 20);
    ck_assert_ptr_nonnull(strstr(reply.settings, "rounds=20\n"));
    cluster_free(cluster);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("results");
    TCase *tests = tcase_create("results");
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, a_result_that_was_cut_short_is_made_again, 1, 9);
    tcase_add_test(tests, a_dump_says_which_run_it_is_of);
    tcase_add_test(tests, results_of_two_runs_are_not_mixed);
    tcase_add_loop_test(tests, a_lost_neighbour_of_a_run_that_fails, 0, 2);
    tcase_add_test(tests, status_says_for_whom_it_waits);
    tcase_add_test(tests, who_gathers_does_not_wait_for_its_own_disk);
    return run_suite(suite);
}
