/* What the tests of graphs share: weights, and what holds for every matrix of them. */
#ifndef TESTS_UNIT_GRAPH_CASES_H
#define TESTS_UNIT_GRAPH_CASES_H

#include <gossip/algo.h>

#include <check.h>

static inline double weight_between(const struct gsp_graph *graph, size_t a, size_t b)
{
    if (a == b) return graph->self_weight[a];
    for (size_t k = graph->first[a]; k < graph->first[a + 1]; k++)
        if (graph->neighbour[k] == b) return graph->weight[k];
    return 0;
}

/* Symmetric, non-negative, rows sum to 1, neighbours in the order of names and never twice. */
static inline void check_matrix(const struct gsp_graph *graph)
{
    for (size_t i = 0; i < graph->count; i++) {
        double sum = graph->self_weight[i];
        ck_assert(graph->self_weight[i] >= 0);
        for (size_t k = graph->first[i]; k < graph->first[i + 1]; k++) {
            size_t j = graph->neighbour[k];
            ck_assert_uint_ne(i, j);
            ck_assert(graph->weight[k] > 0);
            ck_assert(graph->weight[k] == weight_between(graph, j, i));
            if (k > graph->first[i]) ck_assert_str_lt(graph->names[graph->neighbour[k - 1]], graph->names[j]);
            sum += graph->weight[k];
        }
        ck_assert_double_eq_tol(sum, 1, 1e-12);
    }
}

#endif
