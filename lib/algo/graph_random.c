/* A random connected regular graph: a circulant one, whose edges then swap ends at random. Swaps keep every degree and
 * reach every such graph; nothing is ever rejected as a whole, so dense graphs cost no more than sparse ones. */
#include "graph.h"

#include <stdlib.h>
#include <string.h>

struct weaver {
    struct gsp__edge_list *edges;
    size_t count;
    uint64_t *joined; /* a bit for every ordered pair of nodes */
    size_t words;     /* of 64 bits a row */
    struct gsp_stream stream;
};

static bool joined(const struct weaver *weaver, size_t a, size_t b)
{
    return weaver->joined[a * weaver->words + b / 64] >> (b % 64) & 1;
}

static void flip(struct weaver *weaver, size_t a, size_t b)
{
    weaver->joined[a * weaver->words + b / 64] ^= UINT64_C(1) << (b % 64);
    weaver->joined[b * weaver->words + a / 64] ^= UINT64_C(1) << (a % 64);
}

static int circulant(struct weaver *weaver, size_t degree)
{
    size_t n = weaver->count;
    int rc = 0;
    for (size_t step = 1; step <= degree / 2; step++)
        for (size_t i = 0; i < n && !rc; i++) rc = gsp__edges_add(weaver->edges, i, (i + step) % n, 0);
    for (size_t i = 0; degree % 2 && i < n / 2 && !rc; i++) rc = gsp__edges_add(weaver->edges, i, i + n / 2, 0);
    for (size_t e = 0; e < weaver->edges->count; e++)
        flip(weaver, weaver->edges->items[e].a, weaver->edges->items[e].b);
    return rc;
}

/* a-b and c-d become a-d and c-b, unless that would join a node with itself or twice with another. */
static void swap(struct weaver *weaver)
{
    struct gsp__edge *items = weaver->edges->items;
    struct gsp__edge *first = &items[gsp_stream_below(&weaver->stream, weaver->edges->count)];
    struct gsp__edge *second = &items[gsp_stream_below(&weaver->stream, weaver->edges->count)];
    bool turned = gsp_stream_below(&weaver->stream, 2) != 0;
    uint32_t c = turned ? second->b : second->a, d = turned ? second->a : second->b;
    if (first->a == c || first->a == d || first->b == c || first->b == d) return;
    if (joined(weaver, first->a, d) || joined(weaver, c, first->b)) return;
    flip(weaver, first->a, first->b);
    flip(weaver, c, d);
    *second = (struct gsp__edge){c, first->b, 0};
    first->b = d;
    flip(weaver, first->a, first->b);
    flip(weaver, second->a, second->b);
}

static size_t root(size_t *parent, size_t node)
{
    while (parent[node] != node) {
        parent[node] = parent[parent[node]];
        node = parent[node];
    }
    return node;
}

static bool connected(const struct gsp__edge_list *edges, size_t count, size_t *parent)
{
    size_t parts = count;
    for (size_t i = 0; i < count; i++) parent[i] = i;
    for (size_t e = 0; e < edges->count; e++) {
        size_t a = root(parent, edges->items[e].a), b = root(parent, edges->items[e].b);
        if (a == b) continue;
        parent[a] = b;
        parts--;
    }
    return parts == 1;
}

int gsp__random_regular(struct gsp__edge_list *edges, size_t count, size_t degree, uint64_t seed,
                        struct gsp_error *error)
{
    enum { SWAPS_PER_EDGE = 10, MOST_TRIES = 100000 };
    uint8_t key[32];
    struct weaver weaver = {.edges = edges, .count = count, .words = (count + 63) / 64};
    weaver.joined = gsp_alloc(count * weaver.words, sizeof *weaver.joined);
    size_t *parent = gsp_alloc(count, sizeof *parent);
    int rc = weaver.joined && parent ? circulant(&weaver, degree) : GSP_ERR_NOMEM;
    if (rc) goto done;
    gsp_stream_key(key, seed, "", "topology");
    gsp_stream_init(&weaver.stream, key, 0);
    for (size_t i = 0; i < SWAPS_PER_EDGE * edges->count; i++) swap(&weaver);
    /* Only rings (degree 2) fall apart often; about one in sqrt(count) is whole. */
    for (size_t tries = 0; !connected(edges, count, parent); tries++) {
        if (tries == MOST_TRIES) {
            rc = gsp_error_set(error, GSP_ERR_CONFIG,
                               "no connected random graph of %zu nodes with degree %zu was found with seed %llu: "
                               "change the degree or the seed",
                               count, degree, (unsigned long long)seed);
            break;
        }
        for (size_t i = 0; i < edges->count; i++) swap(&weaver);
    }
done:
    free(weaver.joined);
    free(parent);
    return rc;
}
