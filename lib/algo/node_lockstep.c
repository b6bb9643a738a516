/* The messages of a step for all nodes of a simulator at once. Where everybody hears everybody, a message would be
 * decoded once a neighbour, and every s would wait for all messages to come out of memory. Here each is decoded once,
 * and the sums go on a piece of the coordinates at a time, small enough that all messages' pieces stay in the cache. No
 * coordinate sees its additions in another order. */
#include "algo/coding.h"
#include "algo/node.h"

#include <stdlib.h>

/* Decoding by way of 0 + 1 m, which is m; -0 becomes 0, which makes no difference to sums that begin at 0. */
static void decode_all(struct gsp_node *const *nodes, size_t count, double *messages)
{
    for (size_t i = 0; i < count; i++) {
        struct gsp_node *node = nodes[i];
        const struct gsp__payload *own = &gsp__log_at(&node->log, node->step)->payload;
        struct gsp_draws draws = {.key = node->key, .step = node->step};
        gsp_codec_apply(node->codec, own->bytes, own->length, &draws, 1, messages + i * node->d, NULL);
    }
}

/* Sparse messages are applied faster one by one. */
static bool dense(size_t values, const double *messages)
{
    const size_t share = 16;
    size_t set = 0;
    for (size_t i = 0; i < values; i++) set += messages[i] != 0;
    return set >= values / share;
}

/* The edges are read from the graph, which is far smaller than all that nodes know of their neighbours. */
static void add_piece(struct gsp_node *node, size_t first, size_t n, const double *messages)
{
    const struct gsp_graph *graph = node->config.graph;
    size_t self = node->config.self;
    gsp__add_dense(n, messages + self * node->d + first, node->self_weight, node->s + first, node->z + first);
    for (size_t edge = graph->first[self]; edge < graph->first[self + 1]; edge++) {
        const double *message = messages + graph->neighbour[edge] * node->d + first;
        gsp__add_dense(n, message, graph->weight[edge], node->s + first, NULL);
    }
}

/* In lockstep, its message encoded, and no edge that does not count. */
static bool ready(const struct gsp_node *node)
{
    if (!node->config.others || !node->begun || node->stale || node->added) return false;
    for (size_t slot = 0; slot < node->degree; slot++)
        if (!node->neighbours[slot].counted) return false;
    return true;
}

void gsp_nodes_add_messages(struct gsp_node *const *nodes, size_t count)
{
    enum { PIECE = 128 };
    size_t d = nodes[0]->d, values;
    for (size_t i = 0; i < count; i++)
        if (!ready(nodes[i])) return;
    double *messages = __builtin_mul_overflow(count, d, &values) ? NULL : gsp_alloc(values, sizeof *messages);
    if (!messages) return;
    decode_all(nodes, count, messages);
    if (dense(values, messages)) {
        for (size_t first = 0; first < d; first += PIECE)
            for (size_t i = 0; i < count; i++) add_piece(nodes[i], first, gsp__smaller(PIECE, d - first), messages);
        for (size_t i = 0; i < count; i++) nodes[i]->added = true;
    }
    free(messages);
}
