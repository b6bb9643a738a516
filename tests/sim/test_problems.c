/* Problems that answer later, as one that another process computes: a network comes to the same bits as where gradients
 * are computed at once, whatever dies meanwhile, and a problem that fails or answers nonsense fails the run for all. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/node.h"
#include "sim/look.h"
#include "sim/scene.h"
#include "sim/tell.h"
#include "unit/run_suite.h"

/* ---- deaths of the problem ---- */

static const struct danger dangers[] = {
    {GSP_ASK_GRADIENT, GSP_JOB_DONE, 1, 0, 1000, 1},   /* at every question */
    {GSP_ASK_GRADIENT, GSP_JOB_DONE, 1, 700, 1000, 1}, /* and away for long */
    {GSP_ASK_GRADIENT, GSP_JOB_DONE, 3, 5, 1000, 1},   /* three times before an answer */
    {GSP_ASK_EVALUATE, GSP_JOB_DONE, 2, 3, 1000, 1},   /* at the evaluation */
    {-1, GSP_JOB_MIX, 0, 0, 1000, 1},                  /* while a step is mixed */
    {-1, GSP_JOB_GRADIENT, 0, 0, 1000, 1},             /* while one goes on with its gradient */
    {-1, GSP_JOB_SAVE, 0, 0, 1000, 1},                 /* while a checkpoint is packed */
    {-1, GSP_JOB_SAVE, 0, 10, 1000, 1},                /* or written */
};
enum { DANGERS = sizeof dangers / sizeof *dangers };

START_TEST(a_problem_that_dies_changes_nothing)
{
    struct scene scene = {.victim = 2, .danger = dangers[_i]};
    struct cluster_reply reply;
    scene_undisturbed(CLUSTER_AT_ONCE, "ring", SCENE_SETTINGS);
    struct cluster *cluster = scene_make(&scene, CLUSTER_LATER, "ring");
    scene_begin(cluster, SCENE_SETTINGS, &reply);
    scene_end(cluster, GSP_PHASE_DONE);
    scene_check_same(cluster);
    ck_assert_uint_gt(scene.deaths, 0);
    if (scene.danger.ask == GSP_ASK_GRADIENT) ck_assert_uint_ge(scene.deaths, 30 * scene.danger.attempts);
    scene.danger.pass = 0;
    cluster_kill_problem(cluster, scene.victim, 0); /* when the run has ended */
    cluster_play_for(cluster, 100);
    scene_check_same(cluster);
    scene_check_next_run(cluster);
    cluster_free(cluster);
}
END_TEST

/* ---- a problem with a state, which dies with what computes: its node goes back to a checkpoint ---- */

/* Not every time, or it would never get on. */
START_TEST(a_state_survives_its_process)
{
    struct scene scene = {.victim = 2, .danger = dangers[_i]};
    struct cluster_reply reply;
    scene.danger.pass = 3;
    scene.danger.most = 15;
    scene_undisturbed(CLUSTER_STATEFUL, "ring", SCENE_SETTINGS);
    struct cluster *cluster = scene_make(&scene, CLUSTER_STATEFUL, "ring");
    scene_begin(cluster, SCENE_SETTINGS, &reply);
    scene_end(cluster, GSP_PHASE_DONE);
    scene_check_same(cluster);
    ck_assert_uint_gt(scene.deaths, 0);
    scene.danger.pass = 0;
    cluster_kill_problem(cluster, scene.victim, 0); /* when the run has ended */
    cluster_play_for(cluster, 100);
    scene_check_same(cluster);
    scene_check_next_run(cluster);
    cluster_free(cluster);
}
END_TEST

/* Another machine may come to other bits, and nobody would see it. */
START_TEST(another_fingerprint_is_said_for_as_long_as_the_run_is)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply;
    struct cluster *cluster = scene_make(&scene, CLUSTER_STATEFUL, "ring");
    scene_begin(cluster, SCENE_SETTINGS, &reply);
    while (scene.stores < 4) cluster_play_for(cluster, 1);
    cluster_kill(cluster, scene.victim);
    cluster_set_maker(cluster, scene.victim, "another test");
    cluster_revive(cluster, scene.victim);
    scene_end(cluster, GSP_PHASE_DONE);
    for (int life = 0; life < 2; life++) {
        struct gsp_summary summary;
        look_summary(cluster_peer(cluster, scene.victim), &summary);
        ck_assert_msg(strstr(summary.reason, "computed by a test, not another test"), "%s", summary.reason);
        cluster_kill(cluster, scene.victim);
        cluster_revive(cluster, scene.victim);
        cluster_play_for(cluster, 100);
    }
    cluster_free(cluster);
}
END_TEST

static bool victim_went_on(const struct cluster *cluster)
{
    return strstr(look_run(cluster_peer(cluster, 1)).note, "its disk was lost") != NULL;
}

/* x comes back from the neighbours, what is carried besides x does not: that is said for as long as the run is, at once
 * or (1) when what computes comes at last; and not of one that carries nothing (2). */
START_TEST(a_lost_disk_costs_the_state_and_says_so)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply;
    struct gsp_summary summary;
    struct cluster *cluster = scene_make(&scene, _i ? CLUSTER_LATER : CLUSTER_STATEFUL, "ring");
    scene_begin(cluster, SCENE_SETTINGS, &reply);
    while (scene.stores < 4) cluster_play_for(cluster, 1);
    cluster_kill(cluster, scene.victim);
    cluster_wipe(cluster, scene.victim);
    cluster_revive(cluster, scene.victim);
    ck_assert(cluster_play(cluster, victim_went_on, cluster_now(cluster) + SCENE_LONG));
    scene_end(cluster, GSP_PHASE_DONE);
    for (int life = 0; life < 2; life++) {
        look_summary(cluster_peer(cluster, scene.victim), &summary);
        bool said = strstr(summary.reason, "inexact: what its worker had kept up to step ") != NULL;
        ck_assert_msg(said == !_i, "%s", summary.reason);
        cluster_kill(cluster, scene.victim);
        cluster_revive(cluster, scene.victim);
        cluster_play_for(cluster, 100);
    }
    cluster_free(cluster);
}
END_TEST

/* Its own rounds and losses, each once. */
static void check_history(const struct cluster *cluster, size_t node)
{
    struct gsp_history *history;
    ck_assert_uint_eq(cluster_history(cluster, node, &history), 1);
    ck_assert_uint_eq(history->count, 31);
    for (size_t i = 0; i < history->count; i++) ck_assert_uint_eq(history->rows[i].round, i);
    gsp_histories_free(history, 1);
}

/* Else the next life would begin with rounds that the history, cut back to the older checkpoint, has not. */
START_TEST(a_checkpoint_on_its_way_is_what_the_node_goes_back_to)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply;
    scene_undisturbed(CLUSTER_STATEFUL, "ring", SCENE_SETTINGS);
    struct cluster *cluster = scene_make(&scene, CLUSTER_STATEFUL, "ring");
    scene_begin(cluster, SCENE_SETTINGS, &reply);
    for (int i = 0; i < 5; i++) {
        size_t before = scene.stores;
        while (scene.stores < before + 2) cluster_play_for(cluster, 1);
        cluster_kill_problem(cluster, scene.victim, 0);
        cluster_play_for(cluster, 40);
        cluster_kill(cluster, scene.victim);
        cluster_revive(cluster, scene.victim);
    }
    scene_end(cluster, GSP_PHASE_DONE);
    scene_check_same(cluster);
    check_history(cluster, scene.victim);
    cluster_free(cluster);
}
END_TEST

/* One that cannot be written is not waited for, in the middle of the run; at its end there is nothing to go back for.
 */
START_TEST(a_full_disk_holds_up_no_way_back)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply;
    scene_undisturbed(CLUSTER_STATEFUL, "ring", SCENE_SETTINGS);
    struct cluster *cluster = scene_make(&scene, CLUSTER_STATEFUL, "ring");
    scene_begin(cluster, SCENE_SETTINGS, &reply);
    enum look_stage stage = _i ? LOOK_SAVING : LOOK_ACTIVE;
    while (scene.stores < 3) cluster_play_for(cluster, 1);
    while (_i && look_run(cluster_peer(cluster, 1)).stage != LOOK_SAVING) cluster_play_for(cluster, 1);
    cluster_fill(cluster, 1, true);
    cluster_play_for(cluster, 5000);
    ck_assert_int_eq(look_run(cluster_peer(cluster, 1)).stage, stage);
    const struct gsp_node *node = look_node(cluster_peer(cluster, 1));
    uint64_t step = gsp_node_step(node);
    cluster_kill_problem(cluster, 1, 0);
    cluster_play_for(cluster, 1);
    if (_i) ck_assert_ptr_eq(look_node(cluster_peer(cluster, 1)), node);
    cluster_play_for(cluster, 5000);
    ck_assert_ptr_nonnull(look_node(cluster_peer(cluster, 1)));
    ck_assert_uint_eq(gsp_node_step(look_node(cluster_peer(cluster, 1))), step);
    cluster_fill(cluster, 1, false);
    scene_end(cluster, GSP_PHASE_DONE);
    scene_check_same(cluster);
    check_history(cluster, scene.victim);
    cluster_free(cluster);
}
END_TEST

/* Nor is one that turns out not to be written while the node already waits for it. */
START_TEST(a_disk_that_gets_full_holds_up_no_way_back)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply;
    scene_undisturbed(CLUSTER_STATEFUL, "ring", SCENE_SETTINGS);
    struct cluster *cluster = scene_make(&scene, CLUSTER_STATEFUL, "ring");
    scene_begin(cluster, SCENE_SETTINGS, &reply);
    while (scene.stores < 4) cluster_play_for(cluster, 1);
    cluster_fill(cluster, 1, true);
    while (!look_run(cluster_peer(cluster, 1)).state_kept) cluster_play_for(cluster, 1);
    cluster_kill_problem(cluster, 1, 0);
    cluster_play_for(cluster, 1);
    ck_assert_ptr_null(look_node(cluster_peer(cluster, 1)));
    cluster_play_for(cluster, 5000);
    ck_assert_ptr_nonnull(look_node(cluster_peer(cluster, 1)));
    cluster_fill(cluster, 1, false);
    scene_end(cluster, GSP_PHASE_DONE);
    scene_check_same(cluster);
    check_history(cluster, scene.victim);
    cluster_free(cluster);
}
END_TEST

/* ---- answers ---- */

/* Answers to what was not asked, or not any more; each of them would fail the run. */
static void answer_wrongly(struct scene *scene, size_t which)
{
    const struct gsp_question right = scene->last;
    struct gsp_answer answer = {.question = right, .failure = "this was not asked"};
    struct gsp_question *question = &answer.question;
    bool asks = look_asks(cluster_peer(scene->cluster, scene->victim));
    switch (which) {
    case 0: /* it was answered already */
        if (asks) *question = scene->before;
        break;
    case 1:
        question->ask = right.ask == GSP_ASK_GRADIENT ? GSP_ASK_EVALUATE : GSP_ASK_GRADIENT;
        break;
    case 2:
        question->attempt++;
        break;
    case 3:
        question->attempt--;
        break;
    case 4:
        question->round++;
        break;
    case 5:
        question->run.id[0] ^= 1;
        break;
    default:
        question->run.epoch++;
    }
    cluster_answer(scene->cluster, scene->victim, &answer);
}

START_TEST(answers_to_what_is_not_asked_count_for_nothing)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply;
    size_t waiting = 0;
    scene_undisturbed(CLUSTER_AT_ONCE, "star", SCENE_SETTINGS);
    struct cluster *cluster = scene_make(&scene, CLUSTER_LATER, "star");
    scene_begin(cluster, SCENE_SETTINGS, &reply);
    for (size_t i = 0; i < SCENE_LONG && !cluster_ended(cluster); i++) {
        cluster_play_for(cluster, 1);
        waiting += look_asks(cluster_peer(cluster, scene.victim));
        for (size_t which = 0; which < 7 && scene.asked > 1; which++) answer_wrongly(&scene, which);
    }
    scene_end(cluster, GSP_PHASE_DONE);
    scene_check_same(cluster);
    ck_assert_uint_gt(waiting, 0);
    scene_check_next_run(cluster);
    cluster_free(cluster);
}
END_TEST

static const double nonsense[SCENE_FEATURES + 2] = {NAN, INFINITY};
static const struct {
    struct gsp_answer answer; /* its question is put in */
    const char *words;
} failures[] = {
    {{.failure = "the worker ran out of memory"}, "the worker ran out of memory"},
    {{.dtype = GSP_FLOAT64, .vector = nonsense, .dimension = SCENE_FEATURES + 2}, "a gradient of 7 values came for"},
    {{.dtype = GSP_FLOAT64, .vector = nonsense, .dimension = 1}, "a gradient of 1 values came for"},
    {{.dimension = SCENE_FEATURES}, "a gradient of 0 values came for"},
    {{.dtype = GSP_FLOAT64, .vector = nonsense, .loss = 1}, "diverged"}, /* of the right length: put in, too */
    {{.dtype = GSP_FLOAT64, .vector = nonsense + 2, .loss = NAN}, "diverged"},
};
enum { FAILURES = sizeof failures / sizeof *failures };

START_TEST(an_answer_that_is_none_fails_the_run_everywhere)
{
    struct scene scene = {.victim = 3};
    struct cluster_reply reply;
    struct cluster *cluster = scene_make(&scene, CLUSTER_LATER, "ring");
    scene_begin(cluster, SCENE_SETTINGS, &reply);
    scene_mute_at(&scene, 5);
    struct gsp_answer answer = failures[_i].answer;
    answer.question = scene.last;
    if (answer.vector && !answer.dimension) answer.dimension = look_run(cluster_peer(cluster, 3)).d;
    cluster_answer(cluster, scene.victim, &answer);
    scene_check_failed(&scene, failures[_i].words);
    cluster_free(cluster);
}
END_TEST

START_TEST(an_evaluation_that_fails_fails_the_run_everywhere)
{
    struct scene scene = {.victim = 3};
    struct cluster_reply reply;
    struct cluster *cluster = scene_make(&scene, CLUSTER_LATER, "ring");
    scene_begin(cluster, SCENE_SETTINGS, &reply);
    for (int i = 0; i < SCENE_LONG && !(scene.asked && scene.last.ask == GSP_ASK_EVALUATE); i++)
        cluster_play_for(cluster, 1);
    ck_assert(look_asks(cluster_peer(cluster, scene.victim)));
    struct gsp_answer answer = {.question = scene.last, .failure = "no rows to test on"};
    cluster_answer(cluster, scene.victim, &answer);
    scene_check_failed(&scene, "no rows to test on");
    cluster_free(cluster);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("problems that answer later");
    TCase *tests = tcase_create("virtual time");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, a_problem_that_dies_changes_nothing, 0, DANGERS);
    tcase_add_loop_test(tests, a_state_survives_its_process, 0, DANGERS);
    tcase_add_test(tests, another_fingerprint_is_said_for_as_long_as_the_run_is);
    tcase_add_loop_test(tests, a_lost_disk_costs_the_state_and_says_so, 0, 2);
    tcase_add_test(tests, a_checkpoint_on_its_way_is_what_the_node_goes_back_to);
    tcase_add_loop_test(tests, a_full_disk_holds_up_no_way_back, 0, 2);
    tcase_add_test(tests, a_disk_that_gets_full_holds_up_no_way_back);
    tcase_add_test(tests, answers_to_what_is_not_asked_count_for_nothing);
    tcase_add_loop_test(tests, an_answer_that_is_none_fails_the_run_everywhere, 0, FAILURES);
    tcase_add_test(tests, an_evaluation_that_fails_fails_the_run_everywhere);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
