/* Problems that answer later, as one that another process computes: a network comes to the same bits as where gradients
 * are computed at once, whatever dies meanwhile, and a problem that fails or answers nonsense fails the run for all.
 * `test_problems SEED` plays one seed of the fates. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/node.h"
#include "sim/fate.h"
#include "sim/look.h"
#include "sim/tell.h"
#include "unit/run_suite.h"

enum { NODES = 4, FEATURES = 5, LONG = 60 * 60 * 1000, FIRST_SEED = 1 };
#ifdef __SANITIZE_ADDRESS__
enum { SEEDS = 20 };
#else
enum { SEEDS = 100 };
#endif

#define SETTINGS                                                                                                       \
    "rounds=30\ngossip_steps=2\neta=0.02\ngamma=0.2\ncompressor=topk:fraction=0.5\nobjective=linear\nbatch=3\n"        \
    "checkpoint_every=2\n"

/* ---- clusters that are watched ---- */

/* What computes the gradients of node `victim` dies whenever it is asked this, or hands out a job at this stage. */
struct danger {
    int ask; /* enum gsp_ask; -1: at no question */
    enum gsp_job_stage stage;
    uint64_t attempts; /* at a question: not any more after so many attempts at it */
    uint64_t away;     /* ms until it is there again */
    size_t most;       /* deaths, after each of which others may pass: */
    uint64_t pass;     /* every so manieth occasion is taken */
};

struct scene {
    struct cluster *cluster;
    size_t victim;
    struct danger danger;
    size_t occasions, deaths, asked, answers_due;
    struct gsp_question last, before; /* what the victim asked */
};

static bool is_occasion(const struct danger *danger, const struct gsp_action *action)
{
    if (action->type == GSP_ACTION_JOB) return gsp_job_stage(action->job) == danger->stage;
    return action->type == GSP_ACTION_ASK && (int)action->question.ask == danger->ask &&
           action->question.attempt <= danger->attempts;
}

static void watch(void *context, const struct cluster *cluster, size_t node, const struct gsp_action *action)
{
    struct scene *scene = context;
    const struct danger *danger = &scene->danger;
    (void)cluster;
    if (!scene->cluster || node != scene->victim || !action) return;
    if (action->type == GSP_ACTION_ASK) {
        scene->asked++;
        scene->before = scene->last;
        scene->last = action->question;
    }
    if (!danger->pass || !is_occasion(danger, action) || scene->occasions++ % danger->pass) return;
    if (scene->deaths == danger->most) return;
    cluster_kill_problem(scene->cluster, node, danger->away);
    scene->deaths++;
}

static struct cluster *make(struct scene *scene, enum cluster_problem problem, const char *topology)
{
    struct cluster_options options = {.seed = 7,
                                      .nodes = NODES,
                                      .topology = topology,
                                      .delay_max = 5,
                                      .job_max = 20,
                                      .disk_max = 30,
                                      .features = FEATURES,
                                      .rows = 8,
                                      .objective = "linear",
                                      .problem = problem,
                                      .watch = watch,
                                      .watch_context = scene};
    return scene->cluster = cluster_new(&options);
}

static void begin(struct cluster *cluster, const char *settings, struct cluster_reply *reply)
{
    *reply = (struct cluster_reply){0};
    cluster_start_now(cluster, 0, settings, reply);
    for (int i = 0; i < 2000 && !reply->done; i++) cluster_play_for(cluster, 10);
    ck_assert_msg(reply->done && reply->exit_code == 0, "start: %s", reply->message);
}

static void end_all(struct cluster *cluster, enum gsp_phase phase)
{
    ck_assert(cluster_play(cluster, cluster_ended, cluster_now(cluster) + LONG));
    for (size_t i = 0; i < cluster_size(cluster); i++) {
        struct look_run run = look_run(cluster_peer(cluster, i));
        if (!cluster_peer(cluster, i)) continue;
        ck_assert_msg(run.end == phase, "node %zu: %s: %s", i, gsp_phase_name(run.end),
                      look_state(cluster_peer(cluster, i))->abort_reason);
        ck_assert_msg(look_at_rest(cluster_peer(cluster, i)), "node %zu has lent its vectors for ever", i);
    }
}

/* The results of an undisturbed run; a test is a process of its own. */
static double want[NODES][FEATURES + 1];

static void undisturbed(enum cluster_problem problem, const char *topology, const char *settings)
{
    struct scene scene = {0};
    struct cluster_reply reply;
    struct cluster *cluster = make(&scene, problem, topology);
    begin(cluster, settings, &reply);
    end_all(cluster, GSP_PHASE_DONE);
    for (size_t i = 0; i < NODES; i++) {
        size_t d = look_run(cluster_peer(cluster, i)).d;
        ck_assert_uint_le(d, FEATURES + 1);
        memcpy(want[i], gsp_node_x(look_node(cluster_peer(cluster, i))), d * sizeof(double));
    }
    cluster_free(cluster);
}

static void check_same(const struct cluster *cluster)
{
    for (size_t i = 0; i < NODES; i++) {
        struct look_run run = look_run(cluster_peer(cluster, i));
        ck_assert_msg(memcmp(want[i], gsp_node_x(run.node), run.d * sizeof(double)) == 0,
                      "node %zu has another x than without the disturbance", i);
        ck_assert_str_eq(run.note, "");
    }
}

/* A run after the one that was disturbed. */
static void check_next_run(struct cluster *cluster)
{
    struct cluster_reply reply;
    begin(cluster, SETTINGS "init=normal\n", &reply);
    end_all(cluster, GSP_PHASE_DONE);
}

static bool asks_for_gradient(const struct scene *scene)
{
    return look_asks(cluster_peer(scene->cluster, scene->victim)) && scene->last.ask == GSP_ASK_GRADIENT;
}

/* Until the victim waits for the gradient of this round or a later one, which nobody computes. */
static void mute_at(struct scene *scene, uint64_t round)
{
    struct cluster *cluster = scene->cluster;
    for (int i = 0; i < LONG && !(asks_for_gradient(scene) && scene->last.round >= round); i++)
        cluster_play_for(cluster, 1);
    cluster_mute_problem(cluster, scene->victim, true);
    cluster_play_for(cluster, 2000); /* the neighbours come to where they wait for it */
    ck_assert(asks_for_gradient(scene));
}

static void unmute(struct scene *scene)
{
    cluster_mute_problem(scene->cluster, scene->victim, false);
    cluster_kill_problem(scene->cluster, scene->victim, 0);
}

/* ---- fates ---- */

static void play_fate(enum fate_kind kind, uint64_t seed)
{
    struct fate fate;
    struct fate_sum sum = {0};
    char wrong[600] = "";
    fate_draw(&fate, kind, seed);
    fate.options.problem = CLUSTER_LATER;
    fate.problem_deaths = seed % 9;
    ck_assert_msg(fate_play(&fate, &sum, wrong, sizeof wrong), "kind %d, seed %llu: %s", (int)kind,
                  (unsigned long long)seed, wrong);
    ck_assert_uint_eq(sum.problem_deaths, fate.problem_deaths);
}

/* Compared to the bits with where gradients are computed at once, without a disturbance. */
START_TEST(crashes_change_nothing)
{
    play_fate(FATE_CRASHES, (uint64_t)_i);
}
END_TEST

START_TEST(stops_are_at_one_round)
{
    play_fate(FATE_STOPS, (uint64_t)_i);
}
END_TEST

START_TEST(lost_disks_and_neighbours_are_made_good)
{
    play_fate((enum fate_kind)(FATE_WIPES + _i % 3), (uint64_t)_i);
}
END_TEST

/* ---- deaths of the problem ---- */

static const struct danger dangers[] = {
    {GSP_ASK_GRADIENT, GSP_JOB_DONE, 1, 0, 1000, 1},   /* at every question */
    {GSP_ASK_GRADIENT, GSP_JOB_DONE, 1, 700, 1000, 1}, /* and away for long */
    {GSP_ASK_GRADIENT, GSP_JOB_DONE, 3, 5, 1000, 1},   /* three times before an answer */
    {GSP_ASK_EVALUATE, GSP_JOB_DONE, 2, 3, 1000, 1},   /* at the evaluation */
    {-1, GSP_JOB_MIX, 0, 0, 1000, 1},                  /* in the first half of a step */
    {-1, GSP_JOB_GRADIENT, 0, 0, 1000, 1},             /* in the second half */
    {-1, GSP_JOB_SAVE, 0, 0, 1000, 1},                 /* while a checkpoint is packed */
    {-1, GSP_JOB_SAVE, 0, 10, 1000, 1},                /* or written */
};
enum { DANGERS = sizeof dangers / sizeof *dangers };

START_TEST(a_problem_that_dies_changes_nothing)
{
    struct scene scene = {.victim = 2, .danger = dangers[_i]};
    struct cluster_reply reply;
    undisturbed(CLUSTER_AT_ONCE, "ring", SETTINGS);
    struct cluster *cluster = make(&scene, CLUSTER_LATER, "ring");
    begin(cluster, SETTINGS, &reply);
    end_all(cluster, GSP_PHASE_DONE);
    check_same(cluster);
    ck_assert_uint_gt(scene.deaths, 0);
    if (scene.danger.ask == GSP_ASK_GRADIENT) ck_assert_uint_ge(scene.deaths, 30 * scene.danger.attempts);
    scene.danger.pass = 0;
    cluster_kill_problem(cluster, scene.victim, 0); /* when the run has ended */
    cluster_play_for(cluster, 100);
    check_same(cluster);
    check_next_run(cluster);
    cluster_free(cluster);
}
END_TEST

/* ---- a problem with a state, which dies with what computes: its node goes back to a checkpoint ---- */

static void play_stateful_fate(enum fate_kind kind, uint64_t seed)
{
    struct fate fate;
    struct fate_sum sum = {0};
    char wrong[600] = "";
    fate_draw(&fate, kind, seed);
    fate.options.problem = CLUSTER_STATEFUL;
    fate.problem_deaths = seed % 9;
    ck_assert_msg(fate_play(&fate, &sum, wrong, sizeof wrong), "kind %d, seed %llu: %s", (int)kind,
                  (unsigned long long)seed, wrong);
}

START_TEST(a_state_survives_crashes)
{
    play_stateful_fate(_i % 2 ? FATE_STOPS : FATE_CRASHES, (uint64_t)_i);
}
END_TEST

/* Not every time, or it would never get on. */
START_TEST(a_state_survives_its_process)
{
    struct scene scene = {.victim = 2, .danger = dangers[_i]};
    struct cluster_reply reply;
    scene.danger.pass = 3;
    scene.danger.most = 15;
    undisturbed(CLUSTER_STATEFUL, "ring", SETTINGS);
    struct cluster *cluster = make(&scene, CLUSTER_STATEFUL, "ring");
    begin(cluster, SETTINGS, &reply);
    end_all(cluster, GSP_PHASE_DONE);
    check_same(cluster);
    ck_assert_uint_gt(scene.deaths, 0);
    scene.danger.pass = 0;
    cluster_kill_problem(cluster, scene.victim, 0); /* when the run has ended */
    cluster_play_for(cluster, 100);
    check_same(cluster);
    check_next_run(cluster);
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
    undisturbed(CLUSTER_AT_ONCE, "star", SETTINGS);
    struct cluster *cluster = make(&scene, CLUSTER_LATER, "star");
    begin(cluster, SETTINGS, &reply);
    for (size_t i = 0; i < LONG && !cluster_ended(cluster); i++) {
        cluster_play_for(cluster, 1);
        waiting += look_asks(cluster_peer(cluster, scene.victim));
        for (size_t which = 0; which < 7 && scene.asked > 1; which++) answer_wrongly(&scene, which);
    }
    end_all(cluster, GSP_PHASE_DONE);
    check_same(cluster);
    ck_assert_uint_gt(waiting, 0);
    check_next_run(cluster);
    cluster_free(cluster);
}
END_TEST

/* The run of the question that is out fails on all nodes, for this reason. */
static void check_failed(struct scene *scene, const char *words)
{
    struct cluster *cluster = scene->cluster;
    end_all(cluster, GSP_PHASE_FAILED);
    for (size_t i = 0; i < NODES; i++) {
        const struct gsp_run_state *state = look_state(cluster_peer(cluster, i));
        ck_assert_str_eq(state->abort_node, cluster_network(cluster)->nodes[scene->victim].name);
        ck_assert_msg(strstr(state->abort_reason, words) != NULL, "node %zu: %s", i, state->abort_reason);
    }
    unmute(scene); /* its death comes after the end */
    check_next_run(cluster);
}

static const double nonsense[FEATURES + 2] = {NAN, INFINITY};
static const struct {
    struct gsp_answer answer; /* its question is put in */
    const char *words;
} failures[] = {
    {{.failure = "the worker ran out of memory"}, "the worker ran out of memory"},
    {{.gradient = nonsense, .dimension = FEATURES + 2}, "a gradient of 7 values came for"},
    {{.gradient = nonsense, .dimension = 1}, "a gradient of 1 values came for"},
    {{.dimension = FEATURES}, "a gradient of 0 values came for"},
    {{.gradient = nonsense, .loss = 1}, "diverged"}, /* of the right length: put in, too */
    {{.gradient = nonsense + 2, .loss = NAN}, "diverged"},
};
enum { FAILURES = sizeof failures / sizeof *failures };

START_TEST(an_answer_that_is_none_fails_the_run_everywhere)
{
    struct scene scene = {.victim = 3};
    struct cluster_reply reply;
    struct cluster *cluster = make(&scene, CLUSTER_LATER, "ring");
    begin(cluster, SETTINGS, &reply);
    mute_at(&scene, 5);
    struct gsp_answer answer = failures[_i].answer;
    answer.question = scene.last;
    if (answer.gradient && !answer.dimension) answer.dimension = look_run(cluster_peer(cluster, 3)).d;
    cluster_answer(cluster, scene.victim, &answer);
    check_failed(&scene, failures[_i].words);
    cluster_free(cluster);
}
END_TEST

START_TEST(an_evaluation_that_fails_fails_the_run_everywhere)
{
    struct scene scene = {.victim = 3};
    struct cluster_reply reply;
    struct cluster *cluster = make(&scene, CLUSTER_LATER, "ring");
    begin(cluster, SETTINGS, &reply);
    for (int i = 0; i < LONG && !(scene.asked && scene.last.ask == GSP_ASK_EVALUATE); i++) cluster_play_for(cluster, 1);
    ck_assert(look_asks(cluster_peer(cluster, scene.victim)));
    struct gsp_answer answer = {.question = scene.last, .failure = "no rows to test on"};
    cluster_answer(cluster, scene.victim, &answer);
    check_failed(&scene, "no rows to test on");
    cluster_free(cluster);
}
END_TEST

/* ---- what else comes while a question is out ---- */

START_TEST(a_dump_waits_for_the_gradient)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply, dump = {0};
    undisturbed(CLUSTER_AT_ONCE, "ring", SETTINGS);
    struct cluster *cluster = make(&scene, CLUSTER_LATER, "ring");
    begin(cluster, SETTINGS, &reply);
    mute_at(&scene, 4);
    cluster_request(cluster, 1, cluster_now(cluster), &(struct gsp_request){.type = GSP_REQ_DUMP, .vector = 'x'},
                    &dump);
    cluster_play_for(cluster, 5000);
    ck_assert(!dump.done);
    unmute(&scene);
    cluster_play_for(cluster, 1000);
    ck_assert_msg(dump.done && dump.exit_code == 0, "dump: %s", dump.message);
    end_all(cluster, GSP_PHASE_DONE);
    check_same(cluster);
    cluster_free(cluster);
}
END_TEST

/* The stop is at a later round than the question's. */
START_TEST(a_stop_waits_for_the_gradient)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply, stop = {0};
    struct cluster *cluster = make(&scene, CLUSTER_LATER, "ring");
    begin(cluster, SETTINGS "rounds=5000\n", &reply);
    mute_at(&scene, 4);
    cluster_stop(cluster, 0, cluster_now(cluster) + 1, false, &stop);
    cluster_play_for(cluster, 60000);
    ck_assert(!cluster_ended(cluster));
    unmute(&scene);
    end_all(cluster, GSP_PHASE_STOPPED);
    check_next_run(cluster);
    cluster_free(cluster);
}
END_TEST

/* An answer that comes after the end counts for nothing. */
START_TEST(a_stop_at_once_does_not)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply, stop = {0};
    struct cluster *cluster = make(&scene, CLUSTER_LATER, "ring");
    begin(cluster, SETTINGS "rounds=5000\n", &reply);
    mute_at(&scene, 4);
    cluster_stop(cluster, _i ? scene.victim : 0, cluster_now(cluster) + 1, true, &stop);
    ck_assert(cluster_play(cluster, cluster_ended, cluster_now(cluster) + 10000));
    end_all(cluster, GSP_PHASE_STOPPED);
    struct gsp_answer answer = {.question = scene.last, .failure = "too late"};
    cluster_answer(cluster, scene.victim, &answer);
    end_all(cluster, GSP_PHASE_STOPPED);
    unmute(&scene);
    check_next_run(cluster);
    cluster_free(cluster);
}
END_TEST

START_TEST(a_failure_elsewhere_ends_the_run_here)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply;
    struct cluster *cluster = make(&scene, CLUSTER_LATER, "ring");
    begin(cluster, SETTINGS, &reply);
    mute_at(&scene, 4);
    scene.victim = 2; /* whose questions are looked at from now on */
    unmute(&(struct scene){.cluster = cluster, .victim = 1});
    mute_at(&scene, 6);
    cluster_mute_problem(cluster, 1, true);
    cluster_play_for(cluster, 1000);
    struct gsp_answer answer = {.question = scene.last, .failure = "the worker is out of order"};
    cluster_answer(cluster, scene.victim, &answer);
    cluster_mute_problem(cluster, 1, false);
    check_failed(&scene, "the worker is out of order");
    cluster_free(cluster);
}
END_TEST

static void check_shut_down(struct cluster *cluster, size_t node)
{
    for (int i = 0; i < 10000 && !gsp_peer_finished(cluster_peer(cluster, node)); i++) cluster_play_for(cluster, 1);
    ck_assert(gsp_peer_finished(cluster_peer(cluster, node)));
}

/* Nothing waits for the answer; one that comes all the same does no harm, and after a restart it is asked again. */
START_TEST(a_shutdown_does_not_wait)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply;
    undisturbed(CLUSTER_AT_ONCE, "ring", SETTINGS);
    struct cluster *cluster = make(&scene, CLUSTER_LATER, "ring");
    begin(cluster, SETTINGS, &reply);
    mute_at(&scene, 4);
    size_t asked = scene.asked;
    tell_shutdown(cluster_peer(cluster, 1), cluster_now(cluster));
    if (_i == 1) unmute(&scene);
    if (_i == 2) cluster_answer(cluster, 1, &(struct gsp_answer){.question = scene.last, .failure = "killed"});
    check_shut_down(cluster, 1);
    cluster_play_for(cluster, 1000);
    ck_assert(gsp_peer_finished(cluster_peer(cluster, 1)));
    ck_assert_uint_eq(scene.asked, asked); /* who ends has no more questions */
    cluster_kill(cluster, 1);
    cluster_mute_problem(cluster, 1, false);
    cluster_revive(cluster, 1);
    end_all(cluster, GSP_PHASE_DONE);
    check_same(cluster);
    cluster_free(cluster);
}
END_TEST

/* The network without its last node; that one hears of it, too. */
static const char *smaller_network(const struct cluster *cluster, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "[Network]\nName = virtual\nTopology = ring\n");
    for (size_t i = 0; i + 1 < NODES; i++) {
        const struct gsp_network_node *node = &cluster_network(cluster)->nodes[i];
        char key[45];
        gsp_key_encode(key, node->public_key);
        used += (size_t)snprintf(text + used, size - used,
                                 "[Node]\nName = %s\nPublicKey = %s\nEndpoint = host%zu:7400\n", node->name, key, i);
    }
    return text;
}

static bool in_smaller_network(const struct cluster *cluster, size_t i)
{
    return gsp_peer_network(cluster_peer(cluster, i))->count == NODES - 1;
}

START_TEST(a_reload_waits_for_the_end_of_the_run)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply, reloads[NODES] = {0}, stop = {0};
    char text[2048];
    struct cluster *cluster = make(&scene, CLUSTER_LATER, "ring");
    begin(cluster, SETTINGS "rounds=5000\n", &reply);
    mute_at(&scene, 4);
    smaller_network(cluster, text, sizeof text);
    for (size_t i = 0; i + 1 < NODES; i++) {
        cluster_write_file(cluster, i, text);
        cluster_reload(cluster, i, cluster_now(cluster) + 1, &reloads[i]);
    }
    cluster_play_for(cluster, 3000);
    for (size_t i = 0; i + 1 < NODES; i++) ck_assert(reloads[i].done && !in_smaller_network(cluster, i));
    cluster_stop(cluster, 0, cluster_now(cluster) + 1, true, &stop);
    cluster_play_for(cluster, 60000);
    for (size_t i = 0; i + 1 < NODES; i++) ck_assert(in_smaller_network(cluster, i));
    cluster_kill(cluster, NODES - 1);
    unmute(&scene);
    check_next_run(cluster);
    cluster_free(cluster);
}
END_TEST

/* ---- the suite ---- */

static void add_fates(Suite *suite, int first, int last)
{
    TCase *tests = tcase_create("fates");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, crashes_change_nothing, first, last);
    tcase_add_loop_test(tests, stops_are_at_one_round, first, last);
    tcase_add_loop_test(tests, lost_disks_and_neighbours_are_made_good, first, last);
    tcase_add_loop_test(tests, a_state_survives_crashes, first, last);
    suite_add_tcase(suite, tests);
}

int main(int argc, char **argv)
{
    Suite *suite = suite_create("problems that answer later");
    if (argc == 2) {
        add_fates(suite, atoi(argv[1]), atoi(argv[1]) + 1);
        return run_suite(suite);
    }
    TCase *tests = tcase_create("virtual time");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, a_problem_that_dies_changes_nothing, 0, DANGERS);
    tcase_add_loop_test(tests, a_state_survives_its_process, 0, DANGERS);
    tcase_add_test(tests, answers_to_what_is_not_asked_count_for_nothing);
    tcase_add_loop_test(tests, an_answer_that_is_none_fails_the_run_everywhere, 0, FAILURES);
    tcase_add_test(tests, an_evaluation_that_fails_fails_the_run_everywhere);
    tcase_add_test(tests, a_dump_waits_for_the_gradient);
    tcase_add_test(tests, a_stop_waits_for_the_gradient);
    tcase_add_loop_test(tests, a_stop_at_once_does_not, 0, 2);
    tcase_add_test(tests, a_failure_elsewhere_ends_the_run_here);
    tcase_add_loop_test(tests, a_shutdown_does_not_wait, 0, 3);
    tcase_add_test(tests, a_reload_waits_for_the_end_of_the_run);
    suite_add_tcase(suite, tests);
    add_fates(suite, FIRST_SEED, FIRST_SEED + SEEDS);
    return run_suite(suite);
}
