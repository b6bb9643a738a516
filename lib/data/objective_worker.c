/* What a worker computes in another process (doc/worker.md): here it has a name and a dimension, and nothing else. */
#include "objective.h"

static const struct gsp_parameter parameters[] = {
    {.key = "dimension",
     .letter = "D",
     .type = GSP_PARAMETER_COUNT,
     .offset = offsetof(struct gsp_objective_choice, dimension),
     .fallback = 0,
     .maximum = GSP_WORKER_DIMENSION_MAX},
    {0},
};

const struct gsp__family gsp__worker = {
    .kind = {.name = "worker",
             .help = "what the node's own worker computes, a program of yours; D, of its model, comes from the workers",
             .example = "worker",
             .parameters = parameters}};
