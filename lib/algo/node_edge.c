/* Edges that do not count while a neighbour is away, and are taken in again. */
#include "algo/node.h"

#include <assert.h>
#include <stdlib.h>

void gsp_node_edge_down(struct gsp_node *node, size_t slot)
{
    assert(slot < node->degree && !node->config.others && !node->working);
    struct gsp__neighbour *neighbour = &node->neighbours[slot];
    neighbour->down = true;
    neighbour->awaited = false;
    neighbour->expected = node->step; /* what came before is nothing to go on from */
    gsp__resync_free(neighbour->resync);
    neighbour->resync = NULL;
    gsp__node_drop_held(node, neighbour);
    gsp__node_catch_up(node);
}

void gsp_node_edge_up(struct gsp_node *node, size_t slot, uint64_t step)
{
    assert(slot < node->degree && !node->config.others && !node->working && step >= node->step);
    struct gsp__neighbour *neighbour = &node->neighbours[slot];
    bool resynced = neighbour->expected >= step; /* the other end was first, and its z is here */
    neighbour->down = false;
    neighbour->since = step;
    if (!resynced) {
        neighbour->expected = step;
        neighbour->awaited = true;
        gsp__resync_free(neighbour->resync);
        neighbour->resync = NULL;
        gsp__node_drop_held(node, neighbour);
    }
    gsp__node_catch_up(node);
}

bool gsp_node_edge(const struct gsp_node *node, size_t slot, uint64_t *since)
{
    assert(slot < node->degree);
    *since = node->neighbours[slot].since;
    return node->neighbours[slot].down;
}

void gsp_node_take_back(struct gsp_node *node)
{
    assert(!node->working);
    if (!node->begun) return;
    gsp__log_drop_last(&node->log);
    node->begun = false;
}

void gsp_node_jump(struct gsp_node *node, uint64_t step)
{
    assert(!node->working && step >= node->step && node->config.gossip_steps);
    gsp_node_take_back(node);
    gsp__momentum_close(node);
    uint64_t digest = gsp_node_digest(node, node->step - 1);
    gsp__log_drop_below(&node->log, node->step);
    node->log.base = step;
    node->log.base_digest = digest;
    free(node->base_z);
    node->base_z = NULL;
    node->step = step;
    node->round = (step - 1) / node->config.gossip_steps;
    for (size_t slot = 0; slot < node->degree; slot++) {
        struct gsp__neighbour *neighbour = &node->neighbours[slot];
        if (neighbour->expected < step) gsp__node_drop_held(node, neighbour);
    }
    gsp__node_catch_up(node);
}
