/* What else may come while a question to a problem is out: dumps, stops, failures elsewhere, a shutdown, a reload. */
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

/* ---- what else comes while a question is out ---- */

START_TEST(a_dump_waits_for_the_gradient)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply, dump = {0};
    scene_undisturbed(CLUSTER_AT_ONCE, "ring", SCENE_SETTINGS);
    struct cluster *cluster = scene_make(&scene, CLUSTER_LATER, "ring");
    scene_begin(cluster, SCENE_SETTINGS, &reply);
    scene_mute_at(&scene, 4);
    cluster_request(cluster, 1, cluster_now(cluster), &(struct gsp_request){.type = GSP_REQ_DUMP, .vector = 'x'},
                    &dump);
    cluster_play_for(cluster, 5000);
    ck_assert(!dump.done);
    scene_unmute(&scene);
    cluster_play_for(cluster, 1000);
    ck_assert_msg(dump.done && dump.exit_code == 0, "dump: %s", dump.message);
    scene_end(cluster, GSP_PHASE_DONE);
    scene_check_same(cluster);
    cluster_free(cluster);
}
END_TEST

/* The stop is at a later round than the question's. */
START_TEST(a_stop_waits_for_the_gradient)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply, stop = {0};
    struct cluster *cluster = scene_make(&scene, CLUSTER_LATER, "ring");
    scene_begin(cluster, SCENE_SETTINGS "rounds=5000\n", &reply);
    scene_mute_at(&scene, 4);
    cluster_stop(cluster, 0, cluster_now(cluster) + 1, false, &stop);
    cluster_play_for(cluster, 60000);
    ck_assert(!cluster_ended(cluster));
    scene_unmute(&scene);
    scene_end(cluster, GSP_PHASE_STOPPED);
    scene_check_next_run(cluster);
    cluster_free(cluster);
}
END_TEST

/* An answer that comes after the end counts for nothing. */
START_TEST(a_stop_at_once_does_not)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply, stop = {0};
    struct cluster *cluster = scene_make(&scene, CLUSTER_LATER, "ring");
    scene_begin(cluster, SCENE_SETTINGS "rounds=5000\n", &reply);
    scene_mute_at(&scene, 4);
    cluster_stop(cluster, _i ? scene.victim : 0, cluster_now(cluster) + 1, true, &stop);
    ck_assert(cluster_play(cluster, cluster_ended, cluster_now(cluster) + 10000));
    scene_end(cluster, GSP_PHASE_STOPPED);
    struct gsp_answer answer = {.question = scene.last, .failure = "too late"};
    cluster_answer(cluster, scene.victim, &answer);
    scene_end(cluster, GSP_PHASE_STOPPED);
    scene_unmute(&scene);
    scene_check_next_run(cluster);
    cluster_free(cluster);
}
END_TEST

START_TEST(a_failure_elsewhere_ends_the_run_here)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply;
    struct cluster *cluster = scene_make(&scene, CLUSTER_LATER, "ring");
    scene_begin(cluster, SCENE_SETTINGS, &reply);
    scene_mute_at(&scene, 4);
    scene.victim = 2; /* whose questions are looked at from now on */
    scene_unmute(&(struct scene){.cluster = cluster, .victim = 1});
    scene_mute_at(&scene, 6);
    cluster_mute_problem(cluster, 1, true);
    cluster_play_for(cluster, 1000);
    struct gsp_answer answer = {.question = scene.last, .failure = "the worker is out of order"};
    cluster_answer(cluster, scene.victim, &answer);
    cluster_mute_problem(cluster, 1, false);
    scene_check_failed(&scene, "the worker is out of order");
    cluster_free(cluster);
}
END_TEST

static void check_shut_down(struct cluster *cluster, size_t node)
{
    for (int i = 0; i < 10000 && !gsp_peer_finished(cluster_peer(cluster, node)); i++) cluster_play_for(cluster, 1);
    ck_assert(gsp_peer_finished(cluster_peer(cluster, node)));
}

enum { UNANSWERED, DEAD, ANSWERED, FAILED, SHUTDOWNS };

/* Nothing waits for the answer; what comes all the same does no harm and begins nothing, and the next life asks again.
 */
START_TEST(a_shutdown_does_not_wait)
{
    static const double zeros[SCENE_FEATURES];
    struct scene scene = {.victim = 1};
    struct cluster_reply reply;
    scene_undisturbed(CLUSTER_AT_ONCE, "ring", SCENE_SETTINGS);
    struct cluster *cluster = scene_make(&scene, CLUSTER_LATER, "ring");
    scene_begin(cluster, SCENE_SETTINGS, &reply);
    scene_mute_at(&scene, 4);
    size_t asked = scene.asked, jobs = scene.jobs;
    tell_shutdown(cluster_peer(cluster, 1), cluster_now(cluster));
    struct gsp_answer answer = {
        .question = scene.last, .dtype = GSP_FLOAT64, .vector = zeros, .dimension = SCENE_FEATURES};
    if (_i == FAILED) answer.failure = "killed";
    if (_i == DEAD) scene_unmute(&scene);
    if (_i == ANSWERED || _i == FAILED) cluster_answer(cluster, 1, &answer);
    check_shut_down(cluster, 1);
    cluster_play_for(cluster, 1000);
    ck_assert(gsp_peer_finished(cluster_peer(cluster, 1)));
    ck_assert_uint_eq(scene.asked, asked);
    ck_assert_uint_eq(scene.jobs, jobs);
    cluster_kill(cluster, 1);
    cluster_mute_problem(cluster, 1, false);
    cluster_revive(cluster, 1);
    scene_end(cluster, GSP_PHASE_DONE);
    scene_check_same(cluster);
    cluster_free(cluster);
}
END_TEST

/* The network without its last node; that one hears of it, too. */
static const char *smaller_network(const struct cluster *cluster, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "[Network]\nName = virtual\nTopology = ring\n");
    for (size_t i = 0; i + 1 < SCENE_NODES; i++) {
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
    return gsp_peer_network(cluster_peer(cluster, i))->count == SCENE_NODES - 1;
}

START_TEST(a_reload_waits_for_the_end_of_the_run)
{
    struct scene scene = {.victim = 1};
    struct cluster_reply reply, reloads[SCENE_NODES] = {0}, stop = {0};
    char text[2048];
    struct cluster *cluster = scene_make(&scene, CLUSTER_LATER, "ring");
    scene_begin(cluster, SCENE_SETTINGS "rounds=5000\n", &reply);
    scene_mute_at(&scene, 4);
    smaller_network(cluster, text, sizeof text);
    for (size_t i = 0; i + 1 < SCENE_NODES; i++) {
        cluster_write_file(cluster, i, text);
        cluster_reload(cluster, i, cluster_now(cluster) + 1, &reloads[i]);
    }
    cluster_play_for(cluster, 3000);
    for (size_t i = 0; i + 1 < SCENE_NODES; i++) ck_assert(reloads[i].done && !in_smaller_network(cluster, i));
    cluster_stop(cluster, 0, cluster_now(cluster) + 1, true, &stop);
    cluster_play_for(cluster, 60000);
    for (size_t i = 0; i + 1 < SCENE_NODES; i++) ck_assert(in_smaller_network(cluster, i));
    cluster_kill(cluster, SCENE_NODES - 1);
    scene_unmute(&scene);
    scene_check_next_run(cluster);
    cluster_free(cluster);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("what comes while a question is out");
    TCase *tests = tcase_create("virtual time");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_dump_waits_for_the_gradient);
    tcase_add_test(tests, a_stop_waits_for_the_gradient);
    tcase_add_loop_test(tests, a_stop_at_once_does_not, 0, 2);
    tcase_add_test(tests, a_failure_elsewhere_ends_the_run_here);
    tcase_add_loop_test(tests, a_shutdown_does_not_wait, 0, SHUTDOWNS);
    tcase_add_test(tests, a_reload_waits_for_the_end_of_the_run);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
