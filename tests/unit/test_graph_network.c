/* Graphs from a network file: weights that it gives, what it may not be, and the hash of the network. */
#include "config_cases.h"
#include "graph_cases.h"

#include <gossip/config.h>

#include <math.h>
#include <stdlib.h>

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
    Suite *suite = suite_create("graph of a network");
    TCase *all = tcase_create("all");
    tcase_add_test(all, explicit_weights_are_taken);
    tcase_add_test(all, wrong_networks_are_refused_with_all_that_is_wrong);
    tcase_add_test(all, neighbours_follow_names);
    tcase_add_test(all, hash_is_of_what_matters);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
