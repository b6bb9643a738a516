/* A recorded trajectory of the paper authors' own code: one folder of npy and json files (tests/golden/README.md). */
#ifndef GOSSIP_TOOLS_SIM_GOLDEN_CASE_H
#define GOSSIP_TOOLS_SIM_GOLDEN_CASE_H

#include "sim.h"

/* The most that params.json may ask for: d, iterations and Q; bits of qsgd. */
enum { GOLDEN_MOST = 1000000, GOLDEN_BITS_MAX = 16 };

struct golden_case {
    size_t count, dimension, iterations, gossip_steps;
    double eta, gamma, l2;
    struct gsp_objective_choice objective;
    struct gsp_compressor compressor;
    bool draws; /* the compressor's, recorded in unif.npy */
    struct gsp_graph *graph;
    struct shards shards;
    double *trajectory; /* (iterations + 1) x count x dimension */
    double *z, *s;      /* count x dimension, at the end */
    double *x0;         /* count x dimension */
    double *loss;       /* iterations + 1 */
    double *uniforms;   /* draws: (iterations Q) x count x dimension; else NULL */
};
int golden_case_load(struct golden_case *out, const char *folder, struct gsp_error *error);
void golden_case_clear(struct golden_case *golden);

#endif
