/* Graphs: where topologies put their nodes, that every mixing matrix is doubly stochastic, distances and spectra, what
 * a network file may not be, and the hash. */
#include "lib/algo/graph.h"

#include "config_cases.h"

#include <math.h>
#include <stdlib.h>

static struct gsp_graph *make(const char *topology, size_t count, enum gsp_weights weights)
{
    struct gsp_graph *graph = NULL;
    struct gsp_error error = {0};
    int rc = gsp_graph_topology(&graph, topology, count, weights, &error);
    ck_assert_msg(!rc, "%s of %zu: %s", topology, count, error.message);
    return graph;
}

static double weight_between(const struct gsp_graph *graph, size_t a, size_t b)
{
    if (a == b) return graph->self_weight[a];
    for (size_t k = graph->first[a]; k < graph->first[a + 1]; k++)
        if (graph->neighbour[k] == b) return graph->weight[k];
    return 0;
}

/* Symmetric, non-negative, rows sum to 1, neighbours in the order of names and never twice. */
static void check_matrix(const struct gsp_graph *graph)
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

/* Distances by Floyd and Warshall; returns the greatest. */
static size_t slow_diameter(const struct gsp_graph *graph)
{
    size_t n = graph->count, far = n + 1, *d = gsp_alloc(n * n, sizeof *d), greatest = 0;
    for (size_t i = 0; i < n * n; i++) d[i] = i / n == i % n ? 0 : far;
    for (size_t i = 0; i < n; i++)
        for (size_t k = graph->first[i]; k < graph->first[i + 1]; k++) d[i * n + graph->neighbour[k]] = 1;
    for (size_t m = 0; m < n; m++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                if (d[i * n + m] + d[m * n + j] < d[i * n + j]) d[i * n + j] = d[i * n + m] + d[m * n + j];
    for (size_t i = 0; i < n * n; i++)
        if (d[i] > greatest) greatest = d[i];
    free(d);
    return greatest;
}

/* |W - 11^T/n| and |I - W| by the power method on the square: lower bounds that come close. */
static void slow_spectrum(const struct gsp_graph *graph, double *second, double *beta)
{
    size_t n = graph->count;
    for (int which = 0; which < 2; which++) {
        struct gsp_stream stream = test_stream(17);
        double *v = gsp_vector(n), *w = gsp_vector(n), norm = 0;
        for (size_t i = 0; i < n; i++) v[i] = gsp_stream_normal(&stream);
        for (int step = 0; step < 4000; step++) {
            double mean = 0;
            for (size_t i = 0; i < n; i++) mean += v[i] / (double)n;
            for (size_t i = 0; i < n; i++) v[i] -= mean;
            norm = gsp_norm2(n, v);
            if (norm == 0) break;
            for (size_t i = 0; i < n; i++) v[i] /= norm;
            for (size_t i = 0; i < n; i++) {
                w[i] = graph->self_weight[i] * v[i];
                for (size_t k = graph->first[i]; k < graph->first[i + 1]; k++)
                    w[i] += graph->weight[k] * v[graph->neighbour[k]];
                if (which) w[i] = v[i] - w[i];
            }
            norm = gsp_norm2(n, w);
            double *swap = v;
            v = w;
            w = swap;
        }
        *(which ? beta : second) = norm;
        free(v);
        free(w);
    }
}

static const char *any_topology(struct gsp_stream *stream, size_t *count)
{
    static const char *const topologies[] = {"ring", "torus", "grid", "star", "complete", "hypercube"};
    static _Thread_local char text[64];
    size_t which = gsp_stream_below(stream, 7);
    *count = 2 + gsp_stream_below(stream, 28);
    if (which == 1) *count = (3 + gsp_stream_below(stream, 3)) * (3 + gsp_stream_below(stream, 3));
    if (which == 5) *count = (size_t)1 << gsp_stream_below(stream, 6);
    if (which < 6) return topologies[which];
    *count += 2;
    size_t degree = 2 + gsp_stream_below(stream, *count - 2);
    if (degree % 2 && *count % 2) degree--;
    snprintf(text, sizeof text, "random:seed=%u,degree=%zu", gsp_stream_u32(stream), degree);
    return text;
}

START_TEST(every_graph_keeps_its_promises)
{
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct gsp_stream stream = test_stream(seed);
        size_t count;
        const char *topology = any_topology(&stream, &count);
        struct gsp_graph *graph = make(topology, count, GSP_WEIGHTS_METROPOLIS);
        check_matrix(graph);
        ck_assert_msg(graph->diameter == slow_diameter(graph), "seed %llu", (unsigned long long)seed);
        double second, beta;
        slow_spectrum(graph, &second, &beta);
        ck_assert_msg(fabs(1 - graph->delta - second) < 1e-4 && fabs(graph->beta - beta) < 1e-4,
                      "seed %llu: %s of %zu: delta %g, beta %g, but %g and %g", (unsigned long long)seed, topology,
                      count, graph->delta, graph->beta, 1 - second, beta);
        gsp_graph_free(graph);
    }
}
END_TEST

START_TEST(both_ways_to_the_spectrum_agree)
{
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct gsp_stream stream = test_stream(seed);
        size_t count;
        const char *topology = any_topology(&stream, &count);
        struct gsp_graph *graph = make(topology, count, GSP_WEIGHTS_METROPOLIS);
        double greatest[2], least[2];
        if (count > 1) {
            ck_assert_int_eq(gsp__spectrum_dense(graph, &greatest[0], &least[0]), 0);
            ck_assert_int_eq(gsp__spectrum_lanczos(graph, &greatest[1], &least[1]), 0);
            ck_assert_msg(fabs(greatest[0] - greatest[1]) < 1e-9 && fabs(least[0] - least[1]) < 1e-9,
                          "seed %llu: %s of %zu: %g %g and %g %g", (unsigned long long)seed, topology, count,
                          greatest[0], least[0], greatest[1], least[1]);
        }
        gsp_graph_free(graph);
    }
}
END_TEST

/* Closed forms, small and large: a ring's eigenvalues are 1/3 + 2/3 cos(2 pi k / n). */
START_TEST(known_spectra)
{
    static const size_t sizes[] = {3, 4, 5, 16, 512, 513, 1001, 4096};
    const double pi = 3.14159265358979323846;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i];
        struct gsp_graph *graph = make("ring", n, GSP_WEIGHTS_UNIFORM);
        double second = 1.0 / 3 + 2.0 / 3 * cos(2 * pi / (double)n);
        double least = 1.0 / 3 + 2.0 / 3 * cos(2 * pi * (double)(n / 2) / (double)n);
        ck_assert_double_eq_tol(graph->delta, 1 - fmax(second, fabs(least)), 1e-6 * graph->delta + 1e-14);
        ck_assert_double_eq_tol(graph->beta, 1 - least, 1e-6);
        ck_assert_uint_eq(graph->diameter, n / 2);
        gsp_graph_free(graph);
    }
    struct gsp_graph *torus = make("torus", 16, GSP_WEIGHTS_UNIFORM);
    ck_assert_double_eq_tol(torus->delta, 0.4, 1e-12);
    ck_assert_double_eq_tol(torus->beta, 1.6, 1e-12);
    gsp_graph_free(torus);
    struct gsp_graph *complete = make("complete", 1024, GSP_WEIGHTS_UNIFORM);
    ck_assert_double_eq_tol(complete->delta, 1, 1e-12);
    ck_assert_double_eq_tol(complete->beta, 1, 1e-12);
    ck_assert_uint_eq(complete->diameter, 1);
    ck_assert_str_eq(complete->names[1023], "n1024");
    ck_assert_str_eq(complete->names[0], "n0001");
    gsp_graph_free(complete);
}
END_TEST

/* The neighbours of node `index` (from 0), as numbers from 1: "2 4 5". */
static void expect_neighbours(const char *topology, size_t count, size_t index, const char *expected)
{
    struct gsp_graph *graph = make(topology, count, GSP_WEIGHTS_METROPOLIS);
    char text[200] = "";
    for (size_t k = graph->first[index]; k < graph->first[index + 1]; k++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%u", *text ? " " : "", graph->neighbour[k] + 1);
    ck_assert_str_eq(text, expected);
    gsp_graph_free(graph);
}

START_TEST(nodes_are_placed_in_order)
{
    expect_neighbours("ring", 1, 0, "");
    expect_neighbours("ring", 2, 0, "2");
    expect_neighbours("ring", 5, 0, "2 5");
    expect_neighbours("ring", 5, 4, "1 4");
    expect_neighbours("torus", 9, 0, "2 3 4 7");
    expect_neighbours("torus", 12, 4, "1 6 8 9"); /* 3 rows of 4 */
    expect_neighbours("torus", 16, 5, "2 5 7 10");
    expect_neighbours("torus", 1, 0, "");
    expect_neighbours("grid", 12, 4, "1 6 9");
    expect_neighbours("grid", 7, 3, "3 5"); /* a prime number makes a line */
    expect_neighbours("grid", 6, 0, "2 4");
    expect_neighbours("star", 4, 0, "2 3 4");
    expect_neighbours("star", 4, 2, "1");
    expect_neighbours("complete", 4, 2, "1 2 4");
    expect_neighbours("hypercube", 8, 0, "2 3 5");
    expect_neighbours("hypercube", 8, 6, "3 5 8");
    expect_neighbours("hypercube", 1, 0, "");
    expect_neighbours("random:degree=4", 1, 0, "");
    expect_neighbours("random:degree=1", 2, 1, "1");
    expect_neighbours("random:degree=3,seed=9", 4, 1, "1 3 4");
}
END_TEST

START_TEST(random_graphs_are_regular_and_from_their_seed)
{
    for (uint64_t seed = 0; seed < 30; seed++) {
        char text[64];
        size_t degree = 2 + seed % 5, n = 20 + 2 * seed;
        snprintf(text, sizeof text, "random:degree=%zu,seed=%llu", degree, (unsigned long long)seed);
        struct gsp_graph *one = make(text, n, GSP_WEIGHTS_UNIFORM), *two = make(text, n, GSP_WEIGHTS_UNIFORM);
        snprintf(text, sizeof text, "random:degree=%zu,seed=%llu", degree, (unsigned long long)seed + 1);
        struct gsp_graph *other = make(text, n, GSP_WEIGHTS_UNIFORM);
        for (size_t i = 0; i < n; i++) ck_assert_uint_eq(one->first[i + 1] - one->first[i], degree);
        size_t bytes = n * degree * sizeof *one->neighbour;
        ck_assert_mem_eq(one->neighbour, two->neighbour, bytes);
        ck_assert_mem_ne(one->neighbour, other->neighbour, bytes);
        gsp_graph_free(one);
        gsp_graph_free(two);
        gsp_graph_free(other);
    }
    /* The links of one known graph: other versions must draw the same. */
    expect_neighbours("random:degree=3,seed=1", 10, 0, "5 7 10");
}
END_TEST

static void expect_refused(const char *topology, size_t count, enum gsp_weights weights, const char *part)
{
    struct gsp_graph *graph = NULL;
    struct gsp_error error = {0};
    ck_assert_int_eq(gsp_graph_topology(&graph, topology, count, weights, &error), GSP_ERR_CONFIG);
    ck_assert_ptr_null(graph);
    ck_assert_msg(strstr(error.message, part), "%s", error.message);
}

START_TEST(refuses_what_cannot_be)
{
    expect_refused("torus", 10, GSP_WEIGHTS_METROPOLIS, "the nearest that can is 9 or 12");
    expect_refused("torus", 8, GSP_WEIGHTS_METROPOLIS, "the nearest that can is 9");
    expect_refused("torus", 13, GSP_WEIGHTS_METROPOLIS, "12 or 15");
    expect_refused("hypercube", 9, GSP_WEIGHTS_METROPOLIS, "8 or 16");
    expect_refused("ring", 0, GSP_WEIGHTS_METROPOLIS, "1 to 4096");
    expect_refused("ring", 4097, GSP_WEIGHTS_METROPOLIS, "1 to 4096");
    expect_refused("star", 4, GSP_WEIGHTS_UNIFORM, "n001 has 3 and n002 has 1: use metropolis");
    expect_refused("ring", 4, GSP_WEIGHTS_EXPLICIT, "[Edge]");
    expect_refused("rnig", 4, GSP_WEIGHTS_METROPOLIS, "did you mean ring?");
    expect_refused("edges", 4, GSP_WEIGHTS_METROPOLIS, "[Edge]");
    expect_refused("random:degree=3", 5, GSP_WEIGHTS_METROPOLIS, "even number of nodes");
    expect_refused("random:degree=5", 5, GSP_WEIGHTS_METROPOLIS, "1 to 4 neighbours");
    expect_refused("random:degree=1", 4, GSP_WEIGHTS_METROPOLIS, "not connected");
    expect_refused("random:seed=1", 4, GSP_WEIGHTS_METROPOLIS, "degree=NUMBER");
    expect_refused("random:degree=x", 4, GSP_WEIGHTS_METROPOLIS, "two whole numbers");
    expect_refused("random:", 4, GSP_WEIGHTS_METROPOLIS, "two whole numbers");
    expect_refused("random:degree=2,", 4, GSP_WEIGHTS_METROPOLIS, "two whole numbers");
}
END_TEST

/* ---- from a network file ---- */

enum { MOST = 12 };
struct case_network {
    struct gsp_network network;
    struct gsp_network_node nodes[MOST];
    struct gsp_network_edge edges[MOST * MOST];
};

static void start_network(struct case_network *c, size_t count, enum gsp_weights weights)
{
    memset(c, 0, sizeof *c);
    c->network = (struct gsp_network){.name = "test",
                                      .topology = "edges",
                                      .weights = weights,
                                      .count = count,
                                      .nodes = c->nodes,
                                      .edges = c->edges,
                                      .topology_line = 3};
    for (size_t i = 0; i < count; i++) {
        snprintf(c->nodes[i].name, sizeof c->nodes[i].name, "n%03zu", i + 1);
        snprintf(c->nodes[i].host, sizeof c->nodes[i].host, "h");
        c->nodes[i].port = (uint16_t)(1000 + i);
        c->nodes[i].line = 10 * (int)(i + 1);
        c->nodes[i].public_key[0] = (uint8_t)(i + 1);
    }
}

static void add_edge(struct case_network *c, size_t a, size_t b, double weight)
{
    c->edges[c->network.edge_count++] = (struct gsp_network_edge){.a = a, .b = b, .weight = weight};
}

START_TEST(explicit_weights_are_taken)
{
    struct case_network c;
    struct gsp_problems problems = {0};
    struct gsp_graph *graph = NULL;
    start_network(&c, 3, GSP_WEIGHTS_EXPLICIT);
    add_edge(&c, 0, 1, 0.25);
    add_edge(&c, 2, 1, 0.75);
    ck_assert_int_eq(gsp_graph_from_network(&graph, "f", &c.network, &problems), 0);
    check_matrix(graph);
    ck_assert_double_eq(weight_between(graph, 0, 1), 0.25);
    ck_assert_double_eq(weight_between(graph, 1, 2), 0.75);
    ck_assert_double_eq(weight_between(graph, 0, 0), 0.75);
    ck_assert_double_eq(weight_between(graph, 1, 1), 0);
    ck_assert_double_eq(weight_between(graph, 0, 2), 0);
    gsp_graph_free(graph);
}
END_TEST

START_TEST(wrong_networks_are_refused_with_all_that_is_wrong)
{
    struct case_network c;
    struct gsp_problems problems = {0};
    struct gsp_graph *graph = NULL;
    start_network(&c, 6, GSP_WEIGHTS_EXPLICIT);
    add_edge(&c, 0, 1, 0.5);
    add_edge(&c, 1, 2, 0.75);
    add_edge(&c, 3, 4, 0.5);
    c.nodes[3].host[0] = c.nodes[4].host[0] = 0;
    ck_assert_int_eq(gsp_graph_from_network(&graph, "f", &c.network, &problems), GSP_ERR_CONFIG);
    expect_problem(&problems, "f:20: ", "the weights of n002's edges sum to 1.25; they may sum to 1 at most");
    expect_problem(&problems, "f:40: ", "n004 cannot be reached from n001");
    expect_problem(&problems, "f:50: ", "n005 cannot be reached from n001");
    expect_problem(&problems, "f:60: ", "n006 cannot be reached from n001");
    expect_problem(&problems, "f:40: ", "n004 and its neighbour n005 have no Endpoint");
    expect_count(&problems, 5);
    ck_assert_ptr_null(graph);
    gsp_problems_clear(&problems);

    start_network(&c, 4, GSP_WEIGHTS_UNIFORM);
    snprintf(c.network.topology, sizeof c.network.topology, "star");
    ck_assert_int_eq(gsp_graph_from_network(&graph, "f", &c.network, &problems), GSP_ERR_CONFIG);
    expect_problem(&problems, "f:3: ", "use metropolis");
    gsp_problems_clear(&problems);
    snprintf(c.network.topology, sizeof c.network.topology, "torus");
    ck_assert_int_eq(gsp_graph_from_network(&graph, "f", &c.network, &problems), GSP_ERR_CONFIG);
    expect_problem(&problems, "f:3: ", "the nearest that can is 9");
    gsp_problems_clear(&problems);
}
END_TEST

/* Lists end up in the order of names, whatever the order of nodes and edges. */
START_TEST(neighbours_follow_names)
{
    struct case_network c;
    struct gsp_problems problems = {0};
    struct gsp_graph *graph = NULL;
    start_network(&c, 5, GSP_WEIGHTS_METROPOLIS);
    static const char *const names[] = {"m", "z", "a.b", "a-b", "b"};
    for (size_t i = 0; i < 5; i++) snprintf(c.nodes[i].name, sizeof c.nodes[i].name, "%s", names[i]);
    for (size_t i = 1; i < 5; i++) add_edge(&c, i % 2 ? 0 : i, i % 2 ? i : 0, 0);
    ck_assert_int_eq(gsp_graph_from_network(&graph, "f", &c.network, &problems), 0);
    check_matrix(graph);
    static const uint32_t expected[] = {3, 2, 4, 1}; /* a-b, a.b, b, z */
    ck_assert_mem_eq(graph->neighbour, expected, sizeof expected);
    gsp_graph_free(graph);
}
END_TEST

static void hash_of(uint8_t hash[32], const struct case_network *c)
{
    struct gsp_problems problems = {0};
    struct gsp_graph *graph = NULL;
    int rc = gsp_graph_from_network(&graph, "f", &c->network, &problems);
    ck_assert_msg(!rc, "%s", problems.count ? problems.messages[0] : "");
    gsp_network_hash(hash, &c->network, graph);
    gsp_graph_free(graph);
}

static struct case_network base_network(void)
{
    struct case_network c;
    start_network(&c, 5, GSP_WEIGHTS_EXPLICIT);
    for (size_t i = 0; i < 5; i++) add_edge(&c, i, (i + 1) % 5, 0.125 + 0.0625 * (double)i);
    return c;
}

/* The copy has pointers of its own. */
static struct case_network *attach(struct case_network *c)
{
    c->network.nodes = c->nodes;
    c->network.edges = c->edges;
    return c;
}

START_TEST(hash_is_of_what_matters)
{
    uint8_t hash[32], other[32];
    struct case_network base = base_network(), c = base;
    hash_of(hash, attach(&base));

    /* Not: endpoints, lines, the order of nodes and edges, how an edge is written. */
    for (size_t i = 0; i < 5; i++) {
        struct gsp_network_node node = base.nodes[i];
        snprintf(node.host, sizeof node.host, "elsewhere");
        node.line = 99;
        c.nodes[4 - i] = node;
    }
    for (size_t e = 0; e < 5; e++)
        c.edges[(e + 2) % 5] = (struct gsp_network_edge){
            .a = 4 - base.edges[e].b, .b = 4 - base.edges[e].a, .weight = base.edges[e].weight};
    hash_of(other, attach(&c));
    ck_assert_mem_eq(hash, other, 32);

    /* But: the network's name, a node's name or key, an edge, a weight. */
    c = base;
    c.network.name[0] = 'T';
    hash_of(other, attach(&c));
    ck_assert_mem_ne(hash, other, 32);
    c = base;
    c.nodes[2].name[3] = '9';
    hash_of(other, attach(&c));
    ck_assert_mem_ne(hash, other, 32);
    c = base;
    c.nodes[2].public_key[31] ^= 1;
    hash_of(other, attach(&c));
    ck_assert_mem_ne(hash, other, 32);
    c = base;
    c.edges[3].weight = nextafter(c.edges[3].weight, 1);
    hash_of(other, attach(&c));
    ck_assert_mem_ne(hash, other, 32);
    c = base;
    c.network.edge_count--;
    hash_of(other, attach(&c));
    ck_assert_mem_ne(hash, other, 32);

    /* A topology by name and the same edges by hand are one network. */
    start_network(&c, 5, GSP_WEIGHTS_METROPOLIS);
    for (size_t i = 0; i < 5; i++) add_edge(&c, i, (i + 1) % 5, 0);
    hash_of(hash, attach(&c));
    snprintf(c.network.topology, sizeof c.network.topology, "ring");
    hash_of(other, attach(&c));
    ck_assert_mem_eq(hash, other, 32);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, every_graph_keeps_its_promises);
    tcase_add_test(all, both_ways_to_the_spectrum_agree);
    tcase_add_test(all, known_spectra);
    tcase_add_test(all, nodes_are_placed_in_order);
    tcase_add_test(all, random_graphs_are_regular_and_from_their_seed);
    tcase_add_test(all, refuses_what_cannot_be);
    tcase_add_test(all, explicit_weights_are_taken);
    tcase_add_test(all, wrong_networks_are_refused_with_all_that_is_wrong);
    tcase_add_test(all, neighbours_follow_names);
    tcase_add_test(all, hash_is_of_what_matters);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
