/* A small network whose gradients are answered later, watched: what computes those of one node dies when a test wants
 * it, or falls silent. */
#ifndef TESTS_SIM_SCENE_H
#define TESTS_SIM_SCENE_H

#include "sim/cluster.h"

enum { SCENE_NODES = 4, SCENE_FEATURES = 5, SCENE_LONG = 60 * 60 * 1000 };

#define SCENE_SETTINGS                                                                                                 \
    "rounds=30\ngossip_steps=2\neta=0.02\ngamma=0.2\ncompressor=topk:fraction=0.5\nobjective=linear\nbatch=3\n"        \
    "checkpoint_every=2\n"

/* What computes the gradients of node `victim` dies whenever it is asked this, or hands out a job at this stage. */
struct danger {
    int ask; /* enum gsp_ask; -1: at no question */
    enum gsp_job_stage stage;
    uint64_t attempts; /* at a question: not any more after so many attempts at it */
    uint64_t away;     /* ms until it is there again */
    size_t most;       /* deaths in all */
    uint64_t pass;     /* of so many occasions the first is taken; 0: none */
};

struct scene {
    struct cluster *cluster;
    size_t victim;
    struct danger danger;
    size_t occasions, deaths, asked;
    size_t jobs, stores;              /* what the victim handed out besides; of files, checkpoints alone */
    struct gsp_question last, before; /* what the victim asked */
};

/* A new cluster, watched by the scene, which must live as long. */
struct cluster *scene_make(struct scene *scene, enum cluster_problem problem, const char *topology);
/* Starts a run at node 0, which must begin. */
void scene_begin(struct cluster *cluster, const char *settings, struct cluster_reply *reply);
/* Plays to the end of the run: in this phase at every node, with nothing lent any more. */
void scene_end(struct cluster *cluster, enum gsp_phase phase);
/* Plays a run that nothing disturbs, and keeps its results for scene_check_same; a test is a process of its own. */
void scene_undisturbed(enum cluster_problem problem, const char *topology, const char *settings);
/* The results are those of the undisturbed run, and no note says otherwise. */
void scene_check_same(const struct cluster *cluster);
/* A run after the one that was disturbed. */
void scene_check_next_run(struct cluster *cluster);
/* The victim waits for a gradient. */
bool scene_asks_for_gradient(const struct scene *scene);
/* Until the victim waits for the gradient of this round or a later one, which nobody computes. */
void scene_mute_at(struct scene *scene, uint64_t round);
/* What computes is there again. */
void scene_unmute(struct scene *scene);
/* The run fails everywhere, with these words, and another one can follow. */
void scene_check_failed(struct scene *scene, const char *words);

#endif
