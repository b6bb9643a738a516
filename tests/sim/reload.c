/* Network files that change while the nodes of a cluster run, and dials by what they say. */
#include "sim/inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/tell.h"

void cluster_write_file(struct cluster *cluster, size_t node, const char *text)
{
    cluster->files[node] = text;
}

void cluster_reload(struct cluster *cluster, size_t node, uint64_t at, struct cluster_reply *reply)
{
    cluster_request(cluster, node, at, &(struct gsp_request){.type = GSP_REQ_RELOAD}, reply);
}

void cluster_move(struct cluster *cluster, size_t node)
{
    cluster->moved[node] = true;
}

void cluster_read_file(const struct cluster *cluster, size_t node, struct gsp_network **network,
                       struct gsp_graph **graph, struct gsp_problems *problems)
{
    const char *text = cluster->files[node];
    assert(text);
    if (gsp_network_parse(network, "peers.conf", text, strlen(text), problems)) return;
    if (gsp_graph_from_network(graph, "peers.conf", *network, problems) == 0) return;
    gsp_network_free(*network);
    *network = NULL;
}

void cluster_reload_file(struct cluster *cluster, size_t node, uint64_t client)
{
    struct gsp_network *network = NULL;
    struct gsp_graph *graph = NULL;
    struct gsp_problems problems = {0};
    cluster_read_file(cluster, node, &network, &graph, &problems);
    tell_reload(cluster->peers[node], client, network, graph, &problems, cluster->now);
    gsp_problems_clear(&problems);
}

size_t cluster_index(const struct cluster *cluster, size_t node, size_t known)
{
    const struct gsp_network *network = gsp_peer_network(cluster->peers[node]);
    assert(known < network->count);
    long index = gsp_network_find(cluster->network, network->nodes[known].name);
    assert(index >= 0);
    return (size_t)index;
}

bool cluster_reachable(const struct cluster *cluster, size_t node, size_t known)
{
    const char *host = gsp_peer_network(cluster->peers[node])->nodes[known].host;
    bool moved = cluster->moved[cluster_index(cluster, node, known)];
    assert(*host); /* who has no Endpoint is not dialed */
    return moved == (strncmp(host, "moved", 5) == 0);
}

void cluster_undial(struct cluster *cluster, size_t node)
{
    for (size_t i = 0; i < cluster->event_count; i++) {
        struct event *event = &cluster->events[i];
        if (event->node == node && (event->type == CONNECTED || event->type == DIAL_FAILED)) event->type = NOTHING;
    }
}
