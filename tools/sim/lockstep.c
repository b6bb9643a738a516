/* All nodes step by step: everyone encodes step k before anyone mixes it. */
#include "sim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int lockstep_init(struct lockstep *lockstep, const struct gsp_node_config *config,
                  struct gsp_objective *const *objectives, const double *(*start)(void *context, size_t node),
                  void *context)
{
    const size_t many = 16; /* neighbours */
    size_t count = config->graph->count;
    *lockstep = (struct lockstep){.count = count,
                                  .crowded = config->graph->first[count] >= many * count,
                                  .dimension = config->dimension,
                                  .gossip_steps = config->gossip_steps,
                                  .objectives = objectives};
    lockstep->nodes = gsp_alloc(lockstep->count, sizeof *lockstep->nodes);
    lockstep->losses = gsp_alloc(lockstep->count, sizeof *lockstep->losses);
    if (!lockstep->nodes || !lockstep->losses) {
        lockstep_clear(lockstep);
        return GSP_ERR_NOMEM;
    }
    for (size_t i = 0; i < lockstep->count; i++) {
        struct gsp_node_config own = *config;
        own.self = i;
        own.others = lockstep->nodes;
        int rc = gsp_node_new(&lockstep->nodes[i], &own, start(context, i));
        if (rc) {
            lockstep_clear(lockstep);
            return rc;
        }
        gsp_node_allow(lockstep->nodes[i], UINT64_MAX);
    }
    return 0;
}

void lockstep_clear(struct lockstep *lockstep)
{
    for (size_t i = 0; lockstep->nodes && i < lockstep->count; i++) gsp_node_free(lockstep->nodes[i]);
    free(lockstep->nodes);
    free(lockstep->losses);
    *lockstep = (struct lockstep){0};
}

static int diverged(const struct lockstep *lockstep, size_t node, const char *what, struct gsp_error *error)
{
    return gsp_error_set(error, GSP_ERR_DIVERGED, "the run diverged: %s is not finite at node %zu of %zu in round %llu",
                         what, node + 1, lockstep->count, (unsigned long long)lockstep->round + 1);
}

/* The node's next piece of work, all of its stages. */
static int work(struct lockstep *lockstep, size_t i, struct gsp_error *error)
{
    struct gsp_work work;
    double *loss = &lockstep->losses[i];
    int rc = 0;
    if (!gsp_node_next(lockstep->nodes[i], &work)) abort(); /* in lockstep there is always something to do */
    if (lockstep->recorded)
        work.recorded = lockstep->recorded + ((work.step - 1) * lockstep->count + i) * lockstep->dimension;
    if (work.stages & GSP_STAGE_MIX) rc = gsp_work_mix(&work);
    if (!rc && work.stages & GSP_STAGE_GRADIENT) {
        bool update = false;
        if (lockstep->source)
            rc = lockstep->source->take(lockstep->source->context, i, &work, loss, &update, error);
        else
            gsp_objective_gradient(lockstep->objectives[i], work.round, work.x, work.gradient, loss);
        if (rc) return rc;
        if (!isfinite(*loss)) return diverged(lockstep, i, "the loss", error);
        rc = update ? gsp_work_update(&work) : gsp_work_gradient(&work);
    }
    if (!rc && work.stages & GSP_STAGE_ENCODE) rc = gsp_work_encode(&work);
    if (rc == GSP_ERR_DIVERGED) return diverged(lockstep, i, "a parameter", error);
    if (!rc) rc = gsp_node_finish(lockstep->nodes[i], &work);
    return rc ? gsp_error_set(error, rc, "%s", gsp_strerror(rc)) : 0;
}

int lockstep_round(struct lockstep *lockstep, struct gsp_error *error)
{
    /* Without gossip a round is one piece of work; else each gossip step is an encode and a mix. */
    uint64_t pieces = lockstep->gossip_steps ? 2 * lockstep->gossip_steps : 1;
    int begun = lockstep->source ? lockstep->source->begin(lockstep->source->context, lockstep, error) : 0;
    if (begun) return begun;
    for (uint64_t piece = 0; piece < pieces; piece++) {
        if (piece % 2 && lockstep->crowded) gsp_nodes_add_messages(lockstep->nodes, lockstep->count);
        for (size_t i = 0; i < lockstep->count; i++) {
            int rc = work(lockstep, i, error);
            if (rc) return rc;
        }
    }
    lockstep->round++;
    return 0;
}

void lockstep_mean(const struct lockstep *lockstep, double *mean)
{
    memset(mean, 0, lockstep->dimension * sizeof *mean);
    for (size_t i = 0; i < lockstep->count; i++) gsp_axpy(lockstep->dimension, 1, gsp_node_x(lockstep->nodes[i]), mean);
    for (size_t j = 0; j < lockstep->dimension; j++) mean[j] /= (double)lockstep->count;
}

double lockstep_consensus_error(const struct lockstep *lockstep, const double *mean)
{
    double squares = 0;
    for (size_t i = 0; i < lockstep->count; i++) {
        const double *x = gsp_node_x(lockstep->nodes[i]);
        for (size_t j = 0; j < lockstep->dimension; j++) squares += (x[j] - mean[j]) * (x[j] - mean[j]);
    }
    if (squares == 0) return 0;
    double distance = sqrt(squares / (double)lockstep->count), size = gsp_norm2(lockstep->dimension, mean);
    return size > 0 ? distance / size : distance;
}

double lockstep_payload_bytes(const struct lockstep *lockstep)
{
    uint64_t total = 0;
    for (size_t i = 0; i < lockstep->count; i++) total += gsp_node_counters(lockstep->nodes[i])->payload_bytes;
    return (double)total / (double)lockstep->count;
}
