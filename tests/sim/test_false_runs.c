/* Runs that a false neighbour begins or ends: settings that cannot run, impossible numbers, a stop too late. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "algo/node.h"
#include "sim/look.h"
#include "sim/puppet.h"
#include "sim/script.h"
#include "unit/run_suite.h"

START_TEST(run_state_without_a_run_ends_the_link)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    for (int i = 0; i < 3; i++) {
        struct gsp_message message = {.type = GSP_MSG_RUN_STATE};
        message.u.run_state.stop_round = i == 0 ? 5 : 0;
        message.u.run_state.aborted = i == 1;
        snprintf(message.u.run_state.abort_node, sizeof message.u.run_state.abort_node, "n002");
        puppet_link(&puppet, cluster, 1, 0);
        puppet_say(&puppet, &message);
        ck_assert(puppet_hung_up(&puppet));
        ck_assert(!look_state(cluster_peer(cluster, 0))->aborted);
        puppet_end(&puppet);
        cluster_play_for(cluster, 100);
    }
    cluster_free(cluster);
}
END_TEST

START_TEST(impossible_epoch_ends_the_link)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    script_say(&puppet, script_run_state(UINT64_MAX, 1, CLUSTER_SETTINGS));
    ck_assert(puppet_hung_up(&puppet));
    ck_assert_uint_eq(look_state(cluster_peer(cluster, 0))->run.epoch, 0);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* CLUSTER_SETTINGS, with one of them changed. */
static void change_settings(char *text, size_t size, const char *change)
{
    char all[] = CLUSTER_SETTINGS, *rest = all;
    size_t key = strcspn(change, "=") + 1, used = (size_t)snprintf(text, size, "%s\n", change);
    for (char *line; (line = strsep(&rest, "\n"));)
        if (*line && strncmp(line, change, key) != 0) used += (size_t)snprintf(text + used, size - used, "%s\n", line);
}

/* Settings that only a node with other rules than ours would flood: the run is aborted with the reason. */
START_TEST(settings_that_cannot_run_abort)
{
    static const struct {
        const char *change, *words;
    } cases[] = {
        {"gossip_steps=0", "gossip_steps"},
        {"eta=auto", "eta"},
        {"gamma=auto", "gamma"},
        {"objective=softmax", "classes"},
        {"rounds=none", "rounds"},
        {"compressor=zip", "compressor"},
        {"objective=zip", "objective"},
        {"objective=logistic", "label"},
        {"init=last", "init=last"},
        {"init=file:x.npy", "no files here"},
    };
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char settings[400];
        change_settings(settings, sizeof settings, cases[i].change);
        script_say(&puppet, script_run_state(1 + i, 1, settings));
        cluster_play_for(cluster, 100);
        const struct gsp_run_state *state = look_state(cluster_peer(cluster, 0));
        ck_assert_uint_eq(state->run.epoch, 1 + i);
        ck_assert_msg(state->aborted && strstr(state->abort_reason, cases[i].words), "%s: %s", cases[i].change,
                      state->abort_reason);
        ck_assert(!puppet_hung_up(&puppet));
    }
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* A run that comes aborted, for a reason that prevails over ours, and could not run here either: it has ended. */
START_TEST(aborted_run_that_cannot_run_has_ended)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    struct gsp_message message = script_run_state(1, 1, "rounds=none");
    message.u.run_state.aborted = true;
    strcpy(message.u.run_state.abort_node, "a");
    strcpy(message.u.run_state.abort_reason, "none");
    script_say(&puppet, message);
    cluster_play_for(cluster, 100);
    const struct gsp_peer *peer = cluster_peer(cluster, 0);
    ck_assert(look_run(peer).there && look_run(peer).stage == LOOK_ENDED && look_run(peer).end == GSP_PHASE_FAILED);
    ck_assert_str_eq(look_state(peer)->abort_node, "a");
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* A run that would not fit is refused before anything is allocated for it. */
START_TEST(run_larger_than_the_memory_aborts)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 700000);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    script_say(&puppet, script_run_state(1, 1, CLUSTER_SETTINGS));
    cluster_play_for(cluster, 100);
    const struct gsp_peer *peer = cluster_peer(cluster, 0);
    ck_assert(look_state(peer)->aborted);
    ck_assert_msg(strstr(look_state(peer)->abort_reason, "MB") != NULL, "%s", look_state(peer)->abort_reason);
    ck_assert_ptr_null(look_node(peer));
    ck_assert(!look_run(peer).objective);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* A stop of a round that is past must end the run, not leave the node waiting for ever. */
START_TEST(stop_that_comes_too_late_aborts)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    script_begin_run(&puppet, 1, CLUSTER_SETTINGS);
    for (uint64_t step = 1; step <= 6; step++) {
        script_say_gossip(&puppet, 4, step);
        cluster_play_for(cluster, 50);
    }
    ck_assert_uint_eq(gsp_node_step(look_node(cluster_peer(cluster, 0))), 7);
    struct gsp_message stop = script_run_state(1, 1, CLUSTER_SETTINGS);
    stop.u.run_state.stop_round = 3; /* its last step is 6, and 7 has begun */
    puppet_say(&puppet, &stop);
    cluster_play_for(cluster, 100);
    ck_assert(look_state(cluster_peer(cluster, 0))->aborted);
    ck_assert_ptr_nonnull(strstr(look_state(cluster_peer(cluster, 0))->abort_reason, "stop"));
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* A stop before the first step, while the data are still being measured, is a stop like any other. */
START_TEST(stop_while_a_run_is_prepared)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    struct cluster_reply stop = {0};
    puppet_link(&puppet, cluster, 1, 0);
    look_unmeasure(cluster_peer(cluster, 0)); /* a job keeps the run from beginning */
    cluster_play_for(cluster, 1);
    script_say(&puppet, script_run_state(1, 1, CLUSTER_SETTINGS));
    cluster_stop(cluster, 0, cluster_now(cluster), false, &stop);
    cluster_play_for(cluster, 100);
    ck_assert(stop.done);
    ck_assert(!look_state(cluster_peer(cluster, 0))->aborted);
    ck_assert_uint_eq(look_state(cluster_peer(cluster, 0))->stop_round, 3);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("false runs");
    TCase *tests = tcase_create("false runs");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, run_state_without_a_run_ends_the_link);
    tcase_add_test(tests, impossible_epoch_ends_the_link);
    tcase_add_test(tests, settings_that_cannot_run_abort);
    tcase_add_test(tests, aborted_run_that_cannot_run_has_ended);
    tcase_add_test(tests, run_larger_than_the_memory_aborts);
    tcase_add_test(tests, stop_that_comes_too_late_aborts);
    tcase_add_test(tests, stop_while_a_run_is_prepared);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
