/* Named topologies: how nodes are placed in the order they are listed, and which edges join them. */
#include "graph.h"

#include <stdio.h>
#include <string.h>

/* The greatest divisor of n that is not above its square root: the short side of the most nearly square a x b. */
static size_t short_side(size_t n)
{
    size_t a = 1;
    for (size_t i = 1; i * i <= n; i++)
        if (n % i == 0) a = i;
    return a;
}

static bool torus_fits(size_t n)
{
    return short_side(n) >= 3;
}

static bool hypercube_fits(size_t n)
{
    return (n & (n - 1)) == 0;
}

/* "9 or 12": the nearest counts that fit below and above n. */
static void nearest(size_t n, bool (*fits)(size_t), char *text, size_t size)
{
    size_t below = n, above = n;
    while (below > 1 && !fits(below)) below--;
    while (above <= GSP_NODES_MAX && !fits(above)) above++;
    if (below > 1 && above <= GSP_NODES_MAX)
        snprintf(text, size, "%zu or %zu", below, above);
    else
        snprintf(text, size, "%zu", below > 1 ? below : above);
}

static int ring(struct gsp__edge_list *edges, size_t n)
{
    int rc = 0;
    for (size_t i = 0; i + 1 < n && !rc; i++) rc = gsp__edges_add(edges, i, i + 1, 0);
    if (n > 2 && !rc) rc = gsp__edges_add(edges, n - 1, 0, 0);
    return rc;
}

/* Row by row; `around` joins the ends of rows and columns too. */
static int lattice(struct gsp__edge_list *edges, size_t n, bool around)
{
    size_t rows = short_side(n), columns = n / rows;
    int rc = 0;
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) {
            size_t here = r * columns + c;
            if (!rc && (c + 1 < columns || around))
                rc = gsp__edges_add(edges, here, r * columns + (c + 1) % columns, 0);
            if (!rc && (r + 1 < rows || around)) rc = gsp__edges_add(edges, here, (r + 1) % rows * columns + c, 0);
        }
    return rc;
}

static int star(struct gsp__edge_list *edges, size_t n)
{
    int rc = 0;
    for (size_t i = 1; i < n && !rc; i++) rc = gsp__edges_add(edges, 0, i, 0);
    return rc;
}

static int complete(struct gsp__edge_list *edges, size_t n)
{
    int rc = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n && !rc; j++) rc = gsp__edges_add(edges, i, j, 0);
    return rc;
}

static int hypercube(struct gsp__edge_list *edges, size_t n)
{
    int rc = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t bit = 1; bit < n && !rc; bit *= 2)
            if (!(i & bit)) rc = gsp__edges_add(edges, i, i | bit, 0);
    return rc;
}

/* One "key=value" of "degree=4,seed=1". */
static int random_parameter(const char *item, size_t length, uint64_t *node_degree, uint64_t *seed)
{
    char text[64];
    if (length >= sizeof text) return GSP_ERR_CONFIG;
    memcpy(text, item, length);
    text[length] = 0;
    if (strncmp(text, "degree=", 7) == 0) return gsp_count_parse(node_degree, text + 7);
    if (strncmp(text, "seed=", 5) == 0) return gsp_count_parse(seed, text + 5);
    return GSP_ERR_CONFIG;
}

static int random_edges(struct gsp__edge_list *edges, const char *parameters, size_t n, struct gsp_error *error)
{
    uint64_t node_degree = 0, seed = 1;
    for (const char *item = parameters;;) {
        size_t length = strcspn(item, ",");
        if (random_parameter(item, length, &node_degree, &seed))
            return gsp_error_set(error, GSP_ERR_CONFIG,
                                 "topology random:%.40s: write random:degree=4,seed=1 (two whole numbers)", parameters);
        if (!item[length]) break;
        item += length + 1;
    }
    if (n == 1) return 0;
    if (node_degree < 1 || node_degree >= n)
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "topology random:%.40s: each of %zu nodes can have 1 to %zu neighbours: give "
                             "degree=NUMBER in that range",
                             parameters, n, n - 1);
    if (node_degree == 1 && n > 2)
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "topology random:%.40s: with one neighbour each, %zu nodes are not connected: give "
                             "degree=2 or more",
                             parameters, n);
    if (n * node_degree % 2)
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "topology random:%.40s: an odd degree needs an even number of nodes, not %zu: change one",
                             parameters, n);
    return gsp__random_regular(edges, n, (size_t)node_degree, seed, error);
}

int gsp__topology_edges(struct gsp__edge_list *edges, const char *topology, size_t n, struct gsp_error *error)
{
    static const char *const names[] = {
        "ring", "torus", "grid", "star", "complete", "hypercube", "random:degree=4,seed=1", NULL};
    char fit[64];
    if (strcmp(topology, "ring") == 0) return ring(edges, n);
    if (strcmp(topology, "grid") == 0) return lattice(edges, n, false);
    if (strcmp(topology, "star") == 0) return star(edges, n);
    if (strcmp(topology, "complete") == 0) return complete(edges, n);
    if (strncmp(topology, "random:", 7) == 0) return random_edges(edges, topology + 7, n, error);
    if (strcmp(topology, "torus") == 0) {
        if (n == 1) return 0;
        if (torus_fits(n)) return lattice(edges, n, true);
        nearest(n, torus_fits, fit, sizeof fit);
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "a torus cannot have %zu nodes (it is a x b, both 3 or more): the nearest that can is %s",
                             n, fit);
    }
    if (strcmp(topology, "hypercube") == 0) {
        if (hypercube_fits(n)) return hypercube(edges, n);
        nearest(n, hypercube_fits, fit, sizeof fit);
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "a hypercube cannot have %zu nodes (it has a power of two): the nearest that can is %s", n,
                             fit);
    }
    if (strcmp(topology, "edges") == 0)
        return gsp_error_set(error, GSP_ERR_CONFIG, "topology edges is given by the [Edge] sections of a peers file");
    const char *near = gsp_suggest(topology, names);
    return gsp_error_set(error, GSP_ERR_CONFIG,
                         "there is no topology '%.40s'%s%s%s one of ring, torus, grid, star, complete, hypercube, "
                         "random:degree=4,seed=1",
                         topology, near ? "; did you mean " : "", near ? near : "", near ? "? Give" : ": give");
}
