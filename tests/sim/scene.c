/* A network whose gradients are answered later, watched. */
#include "sim/scene.h"

#include <check.h>
#include <string.h>

#include "algo/node.h"
#include "sim/look.h"

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
    scene->jobs += action->type == GSP_ACTION_JOB;
    scene->stores += action->type == GSP_ACTION_STORE &&
                     (action->file == GSP_KEEP_CHECKPOINT_A || action->file == GSP_KEEP_CHECKPOINT_B);
    if (!danger->pass || !is_occasion(danger, action) || scene->occasions++ % danger->pass) return;
    if (scene->deaths == danger->most) return;
    cluster_kill_problem(scene->cluster, node, danger->away);
    scene->deaths++;
}

struct cluster *scene_make(struct scene *scene, enum cluster_problem problem, const char *topology)
{
    struct cluster_options options = {.seed = 7,
                                      .nodes = SCENE_NODES,
                                      .topology = topology,
                                      .delay_max = 5,
                                      .job_max = 20,
                                      .disk_max = 30,
                                      .features = SCENE_FEATURES,
                                      .rows = 8,
                                      .objective = "linear",
                                      .problem = problem,
                                      .watch = watch,
                                      .watch_context = scene};
    return scene->cluster = cluster_new(&options);
}

void scene_begin(struct cluster *cluster, const char *settings, struct cluster_reply *reply)
{
    *reply = (struct cluster_reply){0};
    cluster_start_now(cluster, 0, settings, reply);
    for (int i = 0; i < 2000 && !reply->done; i++) cluster_play_for(cluster, 10);
    ck_assert_msg(reply->done && reply->exit_code == 0, "start: %s", reply->message);
}

void scene_end(struct cluster *cluster, enum gsp_phase phase)
{
    ck_assert(cluster_play(cluster, cluster_ended, cluster_now(cluster) + SCENE_LONG));
    for (size_t i = 0; i < cluster_size(cluster); i++) {
        struct look_run run = look_run(cluster_peer(cluster, i));
        if (!cluster_peer(cluster, i)) continue;
        ck_assert_msg(run.end == phase, "node %zu: %s: %s", i, gsp_phase_name(run.end),
                      look_state(cluster_peer(cluster, i))->abort_reason);
        ck_assert_msg(look_at_rest(cluster_peer(cluster, i)), "node %zu has lent its vectors for ever", i);
    }
}

/* The results of an undisturbed run; a test is a process of its own. */
static double want[SCENE_NODES][SCENE_FEATURES + 1];

void scene_undisturbed(enum cluster_problem problem, const char *topology, const char *settings)
{
    struct scene scene = {0};
    struct cluster_reply reply;
    struct cluster *cluster = scene_make(&scene, problem, topology);
    scene_begin(cluster, settings, &reply);
    scene_end(cluster, GSP_PHASE_DONE);
    for (size_t i = 0; i < SCENE_NODES; i++) {
        size_t d = look_run(cluster_peer(cluster, i)).d;
        ck_assert_uint_le(d, SCENE_FEATURES + 1);
        memcpy(want[i], gsp_node_x(look_node(cluster_peer(cluster, i))), d * sizeof(double));
    }
    cluster_free(cluster);
}

void scene_check_same(const struct cluster *cluster)
{
    for (size_t i = 0; i < SCENE_NODES; i++) {
        struct look_run run = look_run(cluster_peer(cluster, i));
        ck_assert_msg(memcmp(want[i], gsp_node_x(run.node), run.d * sizeof(double)) == 0,
                      "node %zu has another x than without the disturbance", i);
        ck_assert_str_eq(run.note, "");
    }
}

/* A run after the one that was disturbed. */
void scene_check_next_run(struct cluster *cluster)
{
    struct cluster_reply reply;
    scene_begin(cluster, SCENE_SETTINGS "init=normal\n", &reply);
    scene_end(cluster, GSP_PHASE_DONE);
}

bool scene_asks_for_gradient(const struct scene *scene)
{
    return look_asks(cluster_peer(scene->cluster, scene->victim)) && scene->last.ask == GSP_ASK_GRADIENT;
}

/* Until the victim waits for the gradient of this round or a later one, which nobody computes. */
void scene_mute_at(struct scene *scene, uint64_t round)
{
    struct cluster *cluster = scene->cluster;
    for (int i = 0; i < SCENE_LONG && !(scene_asks_for_gradient(scene) && scene->last.round >= round); i++)
        cluster_play_for(cluster, 1);
    cluster_mute_problem(cluster, scene->victim, true);
    cluster_play_for(cluster, 2000); /* the neighbours come to where they wait for it */
    ck_assert(scene_asks_for_gradient(scene));
}

void scene_unmute(struct scene *scene)
{
    cluster_mute_problem(scene->cluster, scene->victim, false);
    cluster_kill_problem(scene->cluster, scene->victim, 0);
}

/* The run of the question that is out fails on all nodes, for this reason. */
void scene_check_failed(struct scene *scene, const char *words)
{
    struct cluster *cluster = scene->cluster;
    scene_end(cluster, GSP_PHASE_FAILED);
    for (size_t i = 0; i < SCENE_NODES; i++) {
        const struct gsp_run_state *state = look_state(cluster_peer(cluster, i));
        ck_assert_str_eq(state->abort_node, cluster_network(cluster)->nodes[scene->victim].name);
        ck_assert_msg(strstr(state->abort_reason, words) != NULL, "node %zu: %s", i, state->abort_reason);
    }
    scene_unmute(scene); /* its death comes after the end */
    scene_check_next_run(cluster);
}
