/* Graphs: where topologies put their nodes, that every mixing matrix is doubly stochastic, distances and spectra. */
#include "lib/algo/graph.h"

#include "config_cases.h"
#include "graph_cases.h"

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
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
