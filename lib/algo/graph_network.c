/* From the network file to its graph, and the hash that tells whether two hosts mean the same network. */
#include "graph.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct builder {
    const struct gsp_network *network;
    const char *file;
    struct gsp_problems *problems;
    struct gsp_graph *graph;
};

static int collect_edges(const struct builder *builder, struct gsp__edge_list *edges)
{
    const struct gsp_network *network = builder->network;
    struct gsp_error error = {0};
    int rc = 0;
    if (strcmp(network->topology, "edges") == 0) {
        for (size_t i = 0; i < network->edge_count && !rc; i++)
            rc = gsp__edges_add(edges, network->edges[i].a, network->edges[i].b, network->edges[i].weight);
    } else {
        rc = gsp__topology_edges(edges, network->topology, network->count, &error);
        if (rc == GSP_ERR_CONFIG)
            gsp_problems_add(builder->problems, "%s:%d: %s", builder->file, network->topology_line, error.message);
    }
    return rc;
}

/* Explicit weights must leave no node a negative weight for itself. What rounding leaves below 0 counts as 0. */
static int check_self_weights(const struct builder *builder)
{
    struct gsp_graph *graph = builder->graph;
    int rc = 0;
    for (size_t i = 0; i < graph->count; i++) {
        if (graph->self_weight[i] < -1e-12) {
            char sum[32];
            gsp_number_format(sum, sizeof sum, 1 - graph->self_weight[i]);
            gsp_problems_add(builder->problems,
                             "%s:%d: the weights of %s's edges sum to %s; they may sum to 1 at most (the rest is its "
                             "weight for itself): make them smaller",
                             builder->file, builder->network->nodes[i].line, graph->names[i], sum);
            rc = GSP_ERR_CONFIG;
        }
        if (graph->self_weight[i] < 0) graph->self_weight[i] = 0;
    }
    return rc;
}

static int check_connected(const struct builder *builder)
{
    const struct gsp_graph *graph = builder->graph;
    size_t *distance = gsp_alloc(graph->count, sizeof *distance), depth;
    uint32_t *queue = gsp_alloc(graph->count, sizeof *queue);
    int rc = distance && queue ? 0 : GSP_ERR_NOMEM;
    if (!rc && gsp__graph_search(graph, 0, distance, queue, &depth) < graph->count) rc = GSP_ERR_CONFIG;
    for (size_t i = 0; rc == GSP_ERR_CONFIG && i < graph->count; i++)
        if (distance[i] == SIZE_MAX)
            gsp_problems_add(builder->problems,
                             "%s:%d: %s cannot be reached from %s: no path of edges joins them; add an [Edge]",
                             builder->file, builder->network->nodes[i].line, graph->names[i], graph->names[0]);
    free(distance);
    free(queue);
    return rc;
}

/* Of two neighbours one must be able to dial the other. Networks that were not read from a file (line 0) are not
 * dialed. */
static int check_reachable(const struct builder *builder)
{
    const struct gsp_graph *graph = builder->graph;
    const struct gsp_network_node *nodes = builder->network->nodes;
    int rc = 0;
    for (size_t i = 0; i < graph->count; i++) {
        if (*nodes[i].host || nodes[i].line == 0) continue;
        for (size_t k = graph->first[i]; k < graph->first[i + 1]; k++) {
            size_t other = graph->neighbour[k];
            if (other < i || *nodes[other].host) continue;
            gsp_problems_add(builder->problems,
                             "%s:%d: %s and its neighbour %s have no Endpoint, so neither can dial the other: give one "
                             "of them an Endpoint",
                             builder->file, nodes[i].line, graph->names[i], graph->names[other]);
            rc = GSP_ERR_CONFIG;
            break;
        }
    }
    return rc;
}

static int connect(const struct builder *builder, const struct gsp__edge_list *edges)
{
    struct gsp_error error = {0};
    const struct gsp_network *network = builder->network;
    int rc = gsp__graph_connect(builder->graph, edges, network->weights, &error);
    if (rc) {
        if (rc == GSP_ERR_CONFIG)
            gsp_problems_add(builder->problems, "%s:%d: %s", builder->file, network->topology_line, error.message);
        return rc;
    }
    int weights = check_self_weights(builder), connected = check_connected(builder);
    int reachable = check_reachable(builder);
    if (connected == GSP_ERR_NOMEM) return connected;
    return weights || connected || reachable ? GSP_ERR_CONFIG : gsp__graph_measure(builder->graph);
}

int gsp_graph_from_network(struct gsp_graph **out, const char *file, const struct gsp_network *network,
                           struct gsp_problems *problems)
{
    struct gsp__edge_list edges = {0};
    struct builder builder = {.network = network, .file = file, .problems = problems};
    int rc = gsp__graph_new(&builder.graph, network->count);
    if (rc) goto done;
    for (size_t i = 0; i < network->count; i++)
        memcpy(builder.graph->names[i], network->nodes[i].name, sizeof network->nodes[i].name);
    rc = collect_edges(&builder, &edges);
    if (!rc) rc = connect(&builder, &edges);
done:
    gsp__edges_clear(&edges);
    if (rc && rc != GSP_ERR_CONFIG)
        gsp_problems_add(problems, "%s: %s while building the graph", file, gsp_strerror(rc));
    if (rc)
        gsp_graph_free(builder.graph);
    else
        *out = builder.graph;
    return rc;
}

/* ---- the hash ---- */

static void hash_number(crypto_generichash_state *state, uint64_t number)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(number >> (8 * i));
    crypto_generichash_update(state, bytes, sizeof bytes);
}

static void hash_text(crypto_generichash_state *state, const char *text)
{
    hash_number(state, strlen(text));
    crypto_generichash_update(state, (const uint8_t *)text, strlen(text));
}

static int compare_nodes(const void *a, const void *b)
{
    const struct gsp_network_node *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

/* A node, and its edges to the nodes that follow it by name. */
static void hash_node(crypto_generichash_state *state, const struct gsp_graph *graph, size_t index,
                      const uint8_t public_key[GSP_KEY_BYTES])
{
    hash_text(state, graph->names[index]);
    crypto_generichash_update(state, public_key, GSP_KEY_BYTES);
    for (size_t k = graph->first[index]; k < graph->first[index + 1]; k++) {
        const char *other = graph->names[graph->neighbour[k]];
        if (strcmp(other, graph->names[index]) < 0) continue;
        uint64_t weight;
        memcpy(&weight, &graph->weight[k], sizeof weight);
        hash_text(state, other);
        hash_number(state, weight);
    }
    hash_number(state, 0); /* no name is empty: the end of this node's edges */
}

void gsp_network_hash(uint8_t hash[32], const struct gsp_network *network, const struct gsp_graph *graph)
{
    const struct gsp_network_node *order[GSP_NODES_MAX]; /* by name: the order of the file does not count */
    for (size_t i = 0; i < network->count; i++) order[i] = &network->nodes[i];
    qsort(order, network->count, sizeof *order, compare_nodes);
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, 32);
    hash_text(&state, "gossipd network 1");
    hash_text(&state, network->name);
    hash_number(&state, network->count);
    for (size_t i = 0; i < network->count; i++)
        hash_node(&state, graph, (size_t)(order[i] - network->nodes), order[i]->public_key);
    crypto_generichash_final(&state, hash, 32);
}
