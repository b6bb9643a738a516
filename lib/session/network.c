/* What a peer keeps of its network: a link to each neighbour, and what it knows of each node. */
#include "session/peer.h"

#include <stdlib.h>
#include <string.h>

/* Index of the node with this name and this key, or -1. */
long gsp__network_same_node(const struct gsp_network *network, const struct gsp_network_node *node)
{
    long i = gsp_network_find(network, node->name);
    return i >= 0 && memcmp(network->nodes[i].public_key, node->public_key, GSP_KEY_BYTES) == 0 ? i : -1;
}

/* What was known of nodes that stay, and their links' traffic, is kept. */
static void carry_over(const struct gsp_peer *peer, const struct gsp_network *network, struct gsp__link *links,
                       size_t link_count, struct gsp__known_node *nodes)
{
    const struct gsp_network *before = peer->config.network;
    for (size_t i = 0; i < network->count; i++) {
        long old = gsp__network_same_node(before, &network->nodes[i]);
        if (old >= 0) nodes[i] = peer->nodes[old];
    }
    for (size_t slot = 0; slot < link_count; slot++) {
        long old = gsp__network_same_node(before, &network->nodes[links[slot].node]);
        for (size_t i = 0; old >= 0 && i < peer->link_count; i++) {
            if (peer->links[i].node != (size_t)old) continue;
            links[slot].bytes_sent = peer->links[i].bytes_sent;
            links[slot].bytes_received = peer->links[i].bytes_received;
        }
    }
}

/* Makes this the network in force, at the peer's birth or in place of the one before; no connection may be up. If it
 * fails, nothing has changed. */
int gsp__network_enter(struct gsp_peer *peer, const struct gsp_network *network, const struct gsp_graph *graph,
                       size_t self)
{
    size_t first = graph->first[self], count = graph->first[self + 1] - first;
    struct gsp__link *links = gsp_alloc(count, sizeof *links);
    struct gsp__known_node *nodes = gsp_alloc(graph->count, sizeof *nodes);
    if (!links || !nodes) {
        free(links);
        free(nodes);
        return GSP_ERR_NOMEM;
    }
    for (size_t slot = 0; slot < count; slot++)
        links[slot] = (struct gsp__link){.node = graph->neighbour[first + slot], .slot = slot, .have = 1, .durable = 1};
    if (peer->nodes) carry_over(peer, network, links, count, nodes);
    free(peer->links);
    free(peer->nodes);
    peer->links = links;
    peer->link_count = count;
    peer->nodes = nodes;
    peer->config.network = network;
    peer->config.graph = graph;
    peer->config.self = self;
    peer->name = network->nodes[self].name;
    gsp_network_hash(peer->network_hash, network, graph);
    for (size_t slot = 0; slot < count; slot++) gsp__dial_first(peer, &links[slot]);
    return 0;
}

const struct gsp_network *gsp_peer_network(const struct gsp_peer *peer)
{
    return peer->config.network;
}
