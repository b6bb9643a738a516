/* A fate: everything that happens to one network, drawn from a seed, and what must hold at its end. */
#ifndef TESTS_SIM_FATE_H
#define TESTS_SIM_FATE_H

#include "sim/cluster.h"

struct fate {
    uint64_t seed;
    struct cluster_options options;
    char settings[640];
    uint64_t rounds, gossip_steps;
    size_t deaths, power_cuts, damages, wipes, full_disks, stops, absences; /* how many of each there are */
    size_t problem_deaths; /* of what computes gradients, if that answers later; none is drawn */
};

/* What a fate came to, summed up over many by the caller. */
struct fate_sum {
    uint64_t runs, virtual_ms, deaths, power_cuts, damages, wipes, full_disks, cuts, stops, absences, resyncs, aborted,
        problem_deaths;
};

/* Which dangers there may be. */
enum fate_kind {
    FATE_CRASHES, /* deaths, power cuts, damaged files, full disks, cut connections, partitions: all of it changes
                     nothing */
    FATE_STOPS,   /* the same, and stops: all nodes stop at one round */
    FATE_WIPES,   /* lost disks: the run ends, copies equal originals */
    FATE_LOSSES,  /* on_peer_loss=reweight, and nodes that stay away: the others go on, and take them in again */
    FATE_BOTH,    /* nodes that stay away and lost disks: the same */
    FATE_KINDS
};

void fate_draw(struct fate *fate, enum fate_kind kind, uint64_t seed);
/* Plays it; false, with a word in `wrong`, if something that must hold does not. */
bool fate_play(const struct fate *fate, struct fate_sum *sum, char *wrong, size_t size);

#endif
