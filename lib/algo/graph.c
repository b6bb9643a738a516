/* The graph: neighbours in the order of their names, mixing weights, connectivity and diameter. */
#include "graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int gsp__edges_add(struct gsp__edge_list *edges, size_t a, size_t b, double weight)
{
    if (edges->count == edges->capacity) {
        size_t capacity = edges->capacity ? 2 * edges->capacity : 64;
        struct gsp__edge *grown = realloc(edges->items, capacity * sizeof *grown);
        if (!grown) return GSP_ERR_NOMEM;
        edges->items = grown;
        edges->capacity = capacity;
    }
    edges->items[edges->count++] = (struct gsp__edge){(uint32_t)a, (uint32_t)b, weight};
    return 0;
}

void gsp__edges_clear(struct gsp__edge_list *edges)
{
    free(edges->items);
    *edges = (struct gsp__edge_list){0};
}

int gsp__graph_new(struct gsp_graph **out, size_t count)
{
    struct gsp_graph *graph = gsp_alloc(1, sizeof *graph);
    if (!graph) return GSP_ERR_NOMEM;
    graph->count = count;
    graph->names = gsp_alloc(count, sizeof *graph->names);
    graph->first = gsp_alloc(count + 1, sizeof *graph->first);
    graph->self_weight = gsp_alloc(count, sizeof *graph->self_weight);
    if (!graph->names || !graph->first || !graph->self_weight) {
        gsp_graph_free(graph);
        return GSP_ERR_NOMEM;
    }
    *out = graph;
    return 0;
}

void gsp_graph_free(struct gsp_graph *graph)
{
    if (!graph) return;
    free(graph->names);
    free(graph->first);
    free(graph->neighbour);
    free(graph->weight);
    free(graph->self_weight);
    free(graph);
}

static size_t degree(const struct gsp_graph *graph, size_t node)
{
    return graph->first[node + 1] - graph->first[node];
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The nodes in the order of their names. */
static int name_order(const struct gsp_graph *graph, uint32_t *order)
{
    const char **names = gsp_alloc(graph->count, sizeof *names);
    if (!names) return GSP_ERR_NOMEM;
    for (size_t i = 0; i < graph->count; i++) names[i] = graph->names[i];
    qsort(names, graph->count, sizeof *names, compare_names);
    for (size_t i = 0; i < graph->count; i++)
        order[i] = (uint32_t)((names[i] - graph->names[0]) / (ptrdiff_t)sizeof graph->names[0]);
    free(names);
    return 0;
}

/* Fills neighbour and weight from the edges. Each node in the order of names is written into the lists of its
 * neighbours, so that every list ends up in that order without being sorted. */
static int fill_neighbours(struct gsp_graph *graph, const struct gsp__edge_list *edges)
{
    size_t n = graph->count;
    int rc = GSP_ERR_NOMEM;
    size_t *end = gsp_alloc(n, sizeof *end);
    uint32_t *order = gsp_alloc(n, sizeof *order);
    size_t *incident = gsp_alloc(2 * edges->count, sizeof *incident); /* edge numbers, grouped by node */
    if (!end || !order || !incident) goto done;
    rc = name_order(graph, order);
    if (rc) goto done;
    memcpy(end, graph->first, n * sizeof *end);
    for (size_t e = 0; e < edges->count; e++) {
        incident[end[edges->items[e].a]++] = e;
        incident[end[edges->items[e].b]++] = e;
    }
    memcpy(end, graph->first, n * sizeof *end);
    for (size_t i = 0; i < n; i++) {
        uint32_t node = order[i];
        for (size_t k = graph->first[node]; k < graph->first[node + 1]; k++) {
            const struct gsp__edge *edge = &edges->items[incident[k]];
            uint32_t other = edge->a == node ? edge->b : edge->a;
            graph->weight[end[other]] = edge->weight;
            graph->neighbour[end[other]++] = node;
        }
    }
done:
    free(end);
    free(order);
    free(incident);
    return rc;
}

static int check_regular(const struct gsp_graph *graph, struct gsp_error *error)
{
    for (size_t i = 1; i < graph->count; i++)
        if (degree(graph, i) != degree(graph, 0))
            return gsp_error_set(error, GSP_ERR_CONFIG,
                                 "uniform weights need a graph in which all nodes have as many neighbours, but %s has "
                                 "%zu and %s has %zu: use metropolis",
                                 graph->names[0], degree(graph, 0), graph->names[i], degree(graph, i));
    return 0;
}

static void fill_weights(struct gsp_graph *graph, enum gsp_weights weights)
{
    for (size_t i = 0; i < graph->count; i++) {
        double sum = 0;
        for (size_t k = graph->first[i]; k < graph->first[i + 1]; k++) {
            size_t other = degree(graph, graph->neighbour[k]), own = degree(graph, i);
            if (weights != GSP_WEIGHTS_EXPLICIT) graph->weight[k] = 1.0 / (1.0 + (double)(own > other ? own : other));
            sum += graph->weight[k];
        }
        graph->self_weight[i] = 1.0 - sum;
    }
}

int gsp__graph_connect(struct gsp_graph *graph, const struct gsp__edge_list *edges, enum gsp_weights weights,
                       struct gsp_error *error)
{
    graph->neighbour = gsp_alloc(2 * edges->count, sizeof *graph->neighbour);
    graph->weight = gsp_alloc(2 * edges->count, sizeof *graph->weight);
    if (!graph->neighbour || !graph->weight) return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    for (size_t e = 0; e < edges->count; e++) {
        graph->first[edges->items[e].a + 1]++;
        graph->first[edges->items[e].b + 1]++;
    }
    for (size_t i = 0; i < graph->count; i++) graph->first[i + 1] += graph->first[i];
    int rc = fill_neighbours(graph, edges);
    if (rc) return gsp_error_set(error, rc, "out of memory");
    if (weights == GSP_WEIGHTS_UNIFORM) rc = check_regular(graph, error);
    if (!rc) fill_weights(graph, weights);
    return rc;
}

size_t gsp__graph_search(const struct gsp_graph *graph, size_t start, size_t *distance, uint32_t *queue, size_t *depth)
{
    for (size_t i = 0; i < graph->count; i++) distance[i] = SIZE_MAX;
    size_t head = 0, tail = 0;
    queue[tail++] = (uint32_t)start;
    distance[start] = 0;
    while (head < tail && tail < graph->count) { /* dense graphs are done after a few nodes */
        size_t node = queue[head++];
        for (size_t k = graph->first[node]; k < graph->first[node + 1]; k++) {
            uint32_t other = graph->neighbour[k];
            if (distance[other] != SIZE_MAX) continue;
            distance[other] = distance[node] + 1;
            queue[tail++] = other;
        }
    }
    *depth = distance[queue[tail - 1]];
    return tail;
}

int gsp__graph_measure(struct gsp_graph *graph)
{
    size_t *distance = gsp_alloc(graph->count, sizeof *distance);
    uint32_t *queue = gsp_alloc(graph->count, sizeof *queue);
    int rc = distance && queue ? 0 : GSP_ERR_NOMEM;
    graph->diameter = 0;
    for (size_t i = 0; i < graph->count && !rc; i++) {
        size_t depth;
        gsp__graph_search(graph, i, distance, queue, &depth);
        if (depth > graph->diameter) graph->diameter = depth;
    }
    free(distance);
    free(queue);
    return rc ? rc : gsp__graph_spectrum(graph);
}

static int number_width(size_t count)
{
    int width = 3;
    for (size_t reach = 1000; reach <= count; reach *= 10) width++;
    return width;
}

int gsp_graph_topology(struct gsp_graph **out, const char *topology, size_t count, enum gsp_weights weights,
                       struct gsp_error *error)
{
    struct gsp__edge_list edges = {0};
    struct gsp_graph *graph = NULL;
    if (count < 1 || count > GSP_NODES_MAX)
        return gsp_error_set(error, GSP_ERR_CONFIG, "a network of %zu nodes: there may be 1 to %d", count,
                             GSP_NODES_MAX);
    if (weights == GSP_WEIGHTS_EXPLICIT)
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "explicit weights are given by the [Edge] sections of a peers file");
    int rc = gsp__topology_edges(&edges, topology, count, error);
    if (rc) goto done;
    rc = gsp__graph_new(&graph, count);
    if (rc) goto done;
    for (size_t i = 0; i < count; i++)
        snprintf(graph->names[i], sizeof graph->names[i], "n%0*zu", number_width(count), i + 1);
    rc = gsp__graph_connect(graph, &edges, weights, error);
    if (!rc) rc = gsp__graph_measure(graph);
done:
    gsp__edges_clear(&edges);
    if (rc == GSP_ERR_NOMEM) gsp_error_set(error, rc, "out of memory for a graph of %zu nodes", count);
    if (rc)
        gsp_graph_free(graph);
    else
        *out = graph;
    return rc;
}
