/* What the files of the graph share. */
#ifndef GOSSIP_ALGO_GRAPH_H
#define GOSSIP_ALGO_GRAPH_H

#include <gossip/algo.h>

struct gsp__edge {
    uint32_t a, b;
    double weight; /* explicit weights only */
};

struct gsp__edge_list {
    size_t count, capacity;
    struct gsp__edge *items;
};
int gsp__edges_add(struct gsp__edge_list *edges, size_t a, size_t b, double weight);
void gsp__edges_clear(struct gsp__edge_list *edges);

/* The edges of a named topology over `count` nodes in their order. GSP_ERR_CONFIG with the reason: an unknown name, or
 * a count that does not fit, naming the nearest that do. */
int gsp__topology_edges(struct gsp__edge_list *edges, const char *topology, size_t count, struct gsp_error *error);
/* A connected graph in which every node has `degree` neighbours, the same for equal seeds. */
int gsp__random_regular(struct gsp__edge_list *edges, size_t count, size_t degree, uint64_t seed,
                        struct gsp_error *error);

/* A graph of `count` nodes whose names are still empty. */
int gsp__graph_new(struct gsp_graph **out, size_t count);
/* Fills in neighbours (sorted by name), weights and self weights. The edges are distinct and join different nodes.
 * GSP_ERR_CONFIG if uniform weights meet an irregular graph. Explicit weights may leave a negative self weight: the
 * caller looks. */
int gsp__graph_connect(struct gsp_graph *graph, const struct gsp__edge_list *edges, enum gsp_weights weights,
                       struct gsp_error *error);
/* Breadth-first search from `start`: fills distance[] (SIZE_MAX where unreachable), returns how many nodes are reached
 * and the greatest distance among them. `queue` has room for all nodes. */
size_t gsp__graph_search(const struct gsp_graph *graph, size_t start, size_t *distance, uint32_t *queue, size_t *depth);
/* The diameter, delta and beta of a connected graph. */
int gsp__graph_measure(struct gsp_graph *graph);

/* Two ways to the extreme eigenvalues of W beside the 1 of the constant vector: `greatest` and `least` of the rest. The
 * first takes count^2 doubles. count > 1. */
int gsp__spectrum_dense(const struct gsp_graph *graph, double *greatest, double *least);
int gsp__spectrum_lanczos(const struct gsp_graph *graph, double *greatest, double *least);
int gsp__graph_spectrum(struct gsp_graph *graph);

#endif
