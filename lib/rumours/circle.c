/* All nodes of the network in force, and what is known of them. */
#include "rumours/inside.h"

#include <stdlib.h>

void gsp__circle_free(struct gsp__circle *circle)
{
    for (size_t slot = 0; circle->audience && slot < circle->slot_count; slot++)
        free(circle->audience[slot].summary_due);
    free(circle->audience);
    free(circle->nodes);
    *circle = (struct gsp__circle){0};
}

static int make_circle(struct gsp__circle *circle, size_t node_count, size_t slot_count)
{
    *circle = (struct gsp__circle){.node_count = node_count, .slot_count = slot_count};
    circle->nodes = gsp_alloc(node_count, sizeof *circle->nodes);
    circle->audience = gsp_alloc(slot_count, sizeof *circle->audience);
    bool whole = circle->nodes && circle->audience;
    for (size_t slot = 0; whole && slot < slot_count; slot++) {
        bool **due = &circle->audience[slot].summary_due;
        *due = gsp_alloc(node_count, sizeof **due);
        whole = *due;
    }
    if (whole) return 0;
    gsp__circle_free(circle);
    return GSP_ERR_NOMEM;
}

/* What was known of nodes that stay is kept. */
static void carry_over(const struct gsp__rumours *rumours, const struct gsp_network *network,
                       struct gsp__circle *circle)
{
    const struct gsp_network *before = rumours->host->place.network;
    for (size_t i = 0; before && i < network->count; i++) {
        long old = gsp__same_node(before, &network->nodes[i]);
        if (old >= 0) circle->nodes[i] = rumours->circle.nodes[old];
    }
}

int gsp__rumours_enter(struct gsp__rumours *rumours, const struct gsp_network *network, const struct gsp_graph *graph,
                       size_t self)
{
    const struct gsp__place next = {.network = network, .graph = graph, .self = self};
    struct gsp__circle circle;
    int rc = gsp__transport_prepare(rumours->transport, &next);
    if (!rc) rc = gsp__exchange_prepare(rumours->exchange, &next);
    if (!rc) rc = make_circle(&circle, network->count, graph->first[self + 1] - graph->first[self]);
    if (rc) return rc;
    carry_over(rumours, network, &circle);
    gsp__circle_free(&rumours->circle);
    rumours->circle = circle;
    gsp__host_enter(rumours->host, network, graph, self);
    gsp__exchange_enter(rumours->exchange);
    gsp__transport_enter(rumours->transport);
    return 0;
}

struct gsp__known_node *gsp__own_entry(struct gsp__rumours *rumours)
{
    return &rumours->circle.nodes[rumours->host->place.self];
}

bool gsp__rumours_majority(const struct gsp__rumours *rumours)
{
    const struct gsp__circle *circle = &rumours->circle;
    uint64_t half = (uint64_t)(1000 * gsp__runs_settings(rumours->runs)->loss_time) / 2;
    size_t heard = 0;
    for (size_t i = 0; i < circle->node_count; i++) {
        const struct gsp__known_node *node = &circle->nodes[i];
        bool fresh = node->summary.number && rumours->host->now < node->heard_at + half;
        heard += i == rumours->host->place.self || fresh;
    }
    return 2 * heard > circle->node_count;
}

void gsp__reload_drop_next(struct gsp__rumours *rumours)
{
    rumours->host->place.next = NULL;
    gsp_graph_free(rumours->reload.next_graph);
    gsp_network_free(rumours->reload.next_network);
    rumours->reload.next_graph = NULL;
    rumours->reload.next_network = NULL;
}

void gsp__reload_clear(struct gsp__rumours *rumours)
{
    gsp__reload_drop_next(rumours);
    gsp_graph_free(rumours->reload.graph);
    gsp_network_free(rumours->reload.network);
    rumours->reload.graph = NULL;
    rumours->reload.network = NULL;
}
