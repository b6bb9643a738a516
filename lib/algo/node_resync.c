/* What lost state is made good with: a neighbour's z taken over as it is, and a node built from its neighbours' copies.
 */
#include "algo/node.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void gsp__resync_free(struct gsp__resync *resync)
{
    if (!resync) return;
    free(resync->z);
    free(resync);
}

static double *duplicate(const double *values, size_t d)
{
    double *copy = gsp_vector(d);
    if (copy) memcpy(copy, values, d * sizeof *copy);
    return copy;
}

/* Forgets what is held; what the work in hand reads is freed when that is finished. */
void gsp__node_drop_held(const struct gsp_node *node, struct gsp__neighbour *neighbour)
{
    for (int i = 0; i < GSP__HELD_MAX; i++) {
        uint8_t *bytes = neighbour->held[i].bytes;
        if (node->working && bytes && bytes == neighbour->mixing.bytes)
            neighbour->orphaned = true;
        else
            free(bytes);
        neighbour->held[i] = (struct gsp__payload){0};
    }
    neighbour->held_count = 0;
}

int gsp_node_resync(struct gsp_node *node, size_t slot, uint64_t step, const double *z, uint64_t digest)
{
    assert(slot < node->degree && !node->config.others);
    struct gsp__neighbour *neighbour = &node->neighbours[slot];
    if (step < node->step || step < neighbour->expected) return GSP_ERR_STATE;
    struct gsp__resync *resync = gsp_alloc(1, sizeof *resync);
    if (!resync) return GSP_ERR_NOMEM;
    *resync = (struct gsp__resync){.step = step, .digest = digest, .z = duplicate(z, node->d)};
    if (!resync->z) {
        free(resync);
        return GSP_ERR_NOMEM;
    }
    gsp__resync_free(neighbour->resync);
    gsp__node_drop_held(node, neighbour);
    neighbour->resync = resync;
    neighbour->expected = step;
    neighbour->received_digest = digest;
    neighbour->awaited = false;
    if (!node->working) gsp__node_catch_up(node);
    return 0;
}

static void take_over(struct gsp_node *node, struct gsp__neighbour *neighbour)
{
    struct gsp__resync *resync = neighbour->resync;
    free(neighbour->copy);
    neighbour->copy = resync->z;
    neighbour->applied_digest = resync->digest;
    free(resync);
    neighbour->resync = NULL;
    node->stale = true;
}

static bool counts(const struct gsp_node *node, const struct gsp__neighbour *neighbour)
{
    return !neighbour->down && node->step >= neighbour->since;
}

/* Both ends of an edge that does not count keep its weight for themselves. */
static void recount(struct gsp_node *node)
{
    bool changed = false;
    for (size_t slot = 0; slot < node->degree; slot++)
        changed |= node->neighbours[slot].counted != counts(node, &node->neighbours[slot]);
    if (!changed) return;
    node->self_weight = node->config.graph->self_weight[node->config.self];
    for (size_t slot = 0; slot < node->degree; slot++) {
        struct gsp__neighbour *neighbour = &node->neighbours[slot];
        neighbour->counted = counts(node, neighbour);
        if (!neighbour->counted) node->self_weight += neighbour->weight;
    }
    node->stale = true;
}

void gsp__node_catch_up(struct gsp_node *node)
{
    for (size_t slot = 0; slot < node->degree; slot++) {
        struct gsp__neighbour *neighbour = &node->neighbours[slot];
        if (neighbour->resync && neighbour->resync->step <= node->step) take_over(node, neighbour);
    }
    recount(node);
}

/* Its edge went down before anything of it was there. */
static bool never_heard_of(const struct gsp_node *node, const struct gsp__neighbour *neighbour)
{
    const char *name = node->config.graph->names[neighbour->node];
    return neighbour->applied_digest == gsp__digest_start(node->config.run_id, name);
}

int gsp_node_copy_of(const struct gsp_node *node, size_t slot, double *z, uint64_t *step, uint64_t *digest)
{
    assert(slot < node->degree && !node->config.others && !node->working);
    const struct gsp__neighbour *neighbour = &node->neighbours[slot];
    if (neighbour->awaited || (neighbour->down && never_heard_of(node, neighbour))) return GSP_ERR_STATE;
    const struct gsp__resync *resync = neighbour->resync;
    memcpy(z, resync ? resync->z : neighbour->copy, node->d * sizeof *z);
    for (uint64_t k = neighbour->expected - neighbour->held_count; k < neighbour->expected; k++) {
        const struct gsp__payload *held = &neighbour->held[k % GSP__HELD_MAX];
        struct gsp_draws draws = {.key = neighbour->key, .step = k};
        /* A weight of 1 is exact: z += m, as the copy itself would be. */
        gsp_codec_apply(node->codec, held->bytes, held->length, &draws, 1, z, NULL);
    }
    *step = neighbour->expected;
    *digest = neighbour->received_digest;
    return 0;
}

int gsp_node_recover(struct gsp_node **out, const struct gsp_node_config *config, uint64_t step, const double *z,
                     uint64_t digest)
{
    struct gsp_node *node = NULL;
    assert(step > 0 && config->gossip_steps > 0);
    int rc = gsp_node_new(&node, config, z);
    if (rc) return rc;
    memcpy(node->z, z, node->d * sizeof *z);
    node->base_z = duplicate(z, node->d);
    if (!node->base_z) {
        gsp_node_free(node);
        return GSP_ERR_NOMEM;
    }
    node->step = step;
    node->round = (step - 1) / config->gossip_steps;
    node->log.base = step;
    node->log.base_digest = digest;
    for (size_t slot = 0; slot < node->degree; slot++) {
        node->neighbours[slot].expected = step;
        node->neighbours[slot].awaited = true;
    }
    *out = node;
    return 0;
}

bool gsp_node_awaits(const struct gsp_node *node, size_t slot)
{
    assert(slot < node->degree);
    return node->neighbours[slot].awaited;
}

bool gsp_node_awaits_any(const struct gsp_node *node)
{
    for (size_t slot = 0; slot < node->degree; slot++)
        if (node->neighbours[slot].awaited && counts(node, &node->neighbours[slot])) return true;
    return false;
}

const double *gsp_node_log_z(const struct gsp_node *node)
{
    return node->base_z;
}
