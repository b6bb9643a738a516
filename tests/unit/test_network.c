/* peers.conf and gossipd.conf: what they mean, and every way in which they can be wrong. */
#include <gossip/config.h>

#include "config_cases.h"

#include <sodium.h>
#include <stdlib.h>

static struct gsp_problems problems;
static struct gsp_network *network;
static struct gsp_daemon_config *config;

static void clear(void)
{
    gsp_problems_clear(&problems);
    gsp_network_free(network);
    gsp_daemon_config_free(config);
    network = NULL;
    config = NULL;
}

static int parse(const char *text)
{
    clear();
    return gsp_network_parse(&network, "peers.conf", text, strlen(text), &problems);
}

static int parse_daemon(const char *text)
{
    clear();
    return gsp_daemon_config_parse(&config, "gossipd.conf", text, strlen(text), &problems);
}

/* Valid public keys: multiples of the base point. */
#define KEY_1 "L+V9o0fNYkMVKNqsX7spBzD/9oSvxM/C7ZCZX1jLO3Q=" /* of the secret 1, 0, 0, ... */
#define KEY_2 "QiyOemIn17yhNQs+K7cnn3iXuHu2hUt4PGDoAxGuMHk=" /* of 9, 0, 0, ... */
#define KEY_3 "jSD4x7v7mvPaTvUy7UTvxozmQrxdDFyx17kblsdO3wI=" /* of 17, 0, 0, ... */

#define NODE(name, key, port) "[Node]\nName = " name "\nPublicKey = " key "\nEndpoint = 127.0.0.1:" port "\n"

START_TEST(test_keys_are_what_they_claim)
{
    static const char *const texts[] = {KEY_1, KEY_2, KEY_3};
    for (uint8_t i = 0; i < 3; i++) {
        uint8_t secret[32] = {(uint8_t)(8 * i + 1)}, public_key[32];
        char text[45];
        crypto_scalarmult_base(public_key, secret);
        gsp_key_encode(text, public_key);
        ck_assert_str_eq(text, texts[i]);
    }
}
END_TEST

START_TEST(reads_a_network)
{
    ck_assert_int_eq(parse("[Network]\nName = demo net\nTopology = edges\nWeights = explicit\n" //
                           NODE("b", KEY_1, "7401") NODE("a", KEY_2, "7402")                    //
                           "[Node]\nName = c.x-1\nPublicKey = " KEY_3 "\n"
                           "[Edge]\nBetween = a   b\nWeight = 0.25\n"
                           "[Edge]\nWeight = 0.5\nBetween = c.x-1 b\n"),
                     0);
    expect_count(&problems, 0);
    ck_assert_str_eq(network->name, "demo net");
    ck_assert_str_eq(network->topology, "edges");
    ck_assert_int_eq(network->topology_line, 3);
    ck_assert_int_eq(network->weights, GSP_WEIGHTS_EXPLICIT);
    ck_assert_uint_eq(network->count, 3);
    ck_assert_str_eq(network->nodes[0].name, "b");
    ck_assert_str_eq(network->nodes[1].host, "127.0.0.1");
    ck_assert_uint_eq(network->nodes[1].port, 7402);
    ck_assert_str_eq(network->nodes[2].host, "");
    ck_assert_int_eq(network->nodes[1].line, 9);
    ck_assert_uint_eq(network->edge_count, 2);
    ck_assert_uint_eq(network->edges[0].a, 1);
    ck_assert_uint_eq(network->edges[0].b, 0);
    ck_assert_double_eq(network->edges[1].weight, 0.5);
    ck_assert_int_eq(network->edges[1].line, 19);
    ck_assert_int_eq(gsp_network_find(network, "c.x-1"), 2);
    ck_assert_int_eq(gsp_network_find(network, "c"), -1);
}
END_TEST

START_TEST(weights_default_to_metropolis)
{
    ck_assert_int_eq(parse("[Network]\nName = x\nTopology = random:degree=2,seed=1\n" NODE("a", KEY_1, "1")), 0);
    ck_assert_int_eq(network->weights, GSP_WEIGHTS_METROPOLIS);
    ck_assert_str_eq(network->topology, "random:degree=2,seed=1");
}
END_TEST

START_TEST(tells_all_that_is_wrong_with_nodes)
{
    ck_assert_int_eq(parse("[Network]\nName = demo\nTopology = trous\nWeight = uniform\n"       /* 3, 4 */
                           NODE("n001", KEY_1, "7401")                                          /* 5 */
                           NODE("n001", KEY_2, "7402")                                          /* 9 */
                           NODE("n002", KEY_1, "7401")                                          /* 13 */
                           "[Node]\nName = N_3\nPublicKey = " KEY_3 "x\nEndpoint = here\n"      /* 17 */
                           "[Node]\nPublicKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" /* 21 */
                           "[Node]\nName = n004\nEndpiont = a:1\n"),                            /* 23 */
                     GSP_ERR_CONFIG);
    expect_problem(&problems, "peers.conf:3: ", "Topology = trous is not known; did you mean torus?");
    expect_problem(&problems, "peers.conf:4: ", "no key 'Weight'; did you mean Weights?");
    expect_problem(&problems, "peers.conf:9: ", "the same Name as the node on line 5");
    expect_problem(&problems, "peers.conf:13: ", "the same PublicKey as the node on line 5");
    expect_problem(&problems, "peers.conf:13: ", "the same Endpoint as the node on line 5");
    expect_problem(&problems, "peers.conf:18: ", "Name = N_3 is not a node's name");
    expect_problem(&problems, "peers.conf:19: ", "not a key: a key is 44 characters");
    expect_problem(&problems, "peers.conf:20: ", "the port is missing");
    expect_problem(&problems, "peers.conf:21: ", "lacks Name");
    expect_problem(&problems, "peers.conf:22: ", "low order");
    expect_problem(&problems, "peers.conf:23: ", "lacks PublicKey");
    expect_problem(&problems, "peers.conf:25: ", "did you mean Endpoint?");
    expect_count(&problems, 12);
    ck_assert_ptr_null(network);
}
END_TEST

START_TEST(tells_all_that_is_wrong_with_edges)
{
    ck_assert_int_eq(parse("[Network]\nName = demo\nTopology = edges\n" NODE("n001", KEY_1, "7401")
                               NODE("n002", KEY_2, "7402") /* to line 11 */
                           "[Edge]\nBetween = n001 n002\n"
                           "[Edge]\nBetween = n002 n001\n"
                           "[Edge]\nBetween = n001 n001\n"
                           "[Edge]\nBetween = n001 n03\n"
                           "[Edge]\nBetween = n001\n"
                           "[Edge]\nBetween = n001 n002 n001\n"
                           "[Edge]\nBetween = n001 n002\nWeight = 0.5\n"
                           "[Edge]\n"),
                     GSP_ERR_CONFIG);
    expect_problem(&problems, "peers.conf:14: ", "n002 and n001 are joined already on line 12");
    expect_problem(&problems, "peers.conf:17: ", "joins n001 with itself");
    expect_problem(&problems, "peers.conf:19: ", "there is no node 'n03'; did you mean n00");
    expect_problem(&problems, "peers.conf:21: ", "must name two nodes, as in");
    expect_problem(&problems, "peers.conf:23: ", "no more");
    expect_problem(&problems, "peers.conf:26: ", "Weight is only used with Weights = explicit");
    expect_problem(&problems, "peers.conf:24: ", "joined already on line 14");
    expect_problem(&problems, "peers.conf:27: ", "lacks Between");
    expect_count(&problems, 8);
}
END_TEST

START_TEST(tells_what_does_not_go_together)
{
    static const char nodes[] = NODE("a", KEY_1, "1") NODE("b", KEY_2, "2");
    char text[1000];
    snprintf(text, sizeof text, "[Network]\nName = x\nTopology = ring\nWeights = explicit\n%s[Edge]\nBetween = a b\n",
             nodes);
    ck_assert_int_eq(parse(text), GSP_ERR_CONFIG);
    expect_problem(&problems, "peers.conf:4: ", "Weights = explicit needs Topology = edges");
    expect_problem(&problems, "peers.conf:13: ", "[Edge] is only used with Topology = edges");
    expect_count(&problems, 2);
    snprintf(text, sizeof text,
             "[Network]\nName = x\nTopology = edges\nWeights = explicit\n%s[Edge]\nBetween = a b\n[Edge]\nBetween = a "
             "b\nWeight = 0\n",
             nodes);
    ck_assert_int_eq(parse(text), GSP_ERR_CONFIG);
    expect_problem(&problems, "peers.conf:13: ", "lacks its Weight");
    expect_problem(&problems, "peers.conf:17: ", "carries nothing");
    ck_assert_int_eq(parse("[Network]\nName = x\nTopology = ring\n"), GSP_ERR_CONFIG);
    expect_problem(&problems, "peers.conf: ", "there is no [Node]");
    ck_assert_int_eq(parse(""), GSP_ERR_CONFIG);
    expect_problem(&problems, "peers.conf: ", "there is no [Network]");
}
END_TEST

START_TEST(endpoints_are_hosts_with_ports)
{
    static const char form[] = "[Network]\nName = x\nTopology = ring\n"
                               "[Node]\nName = a\nPublicKey = " KEY_1 "\nEndpoint = a.example:7400\n"
                               "[Node]\nName = b\nPublicKey = " KEY_2 "\nEndpoint = %s\n";
    char text[500];
    snprintf(text, sizeof text, form, "b.example:7400");
    ck_assert_int_eq(parse(text), 0);
    snprintf(text, sizeof text, form, "a.example:7401");
    ck_assert_int_eq(parse(text), 0);
    snprintf(text, sizeof text, form, "A.Example:7400");
    ck_assert_int_eq(parse(text), GSP_ERR_CONFIG);
    expect_problem(&problems, "peers.conf:8: ", "the same Endpoint as the node on line 4");
}
END_TEST

/* The canonical encodings of the points whose order divides 8. */
START_TEST(refuses_points_of_low_order)
{
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        uint8_t key[32];
        char encoded[45], text[400];
        sodium_hex2bin(key, sizeof key, points[i], 64, NULL, NULL, NULL);
        gsp_key_encode(encoded, key);
        snprintf(text, sizeof text, "[Network]\nName = x\nTopology = ring\n[Node]\nName = a\nPublicKey = %s\n",
                 encoded);
        ck_assert_int_eq(parse(text), GSP_ERR_CONFIG);
        expect_problem(&problems, "peers.conf:6: ", "low order");
    }
}
END_TEST

START_TEST(too_many_nodes_are_refused)
{
    struct gsp_buffer text = {0};
    static const char head[] = "[Network]\nName = x\nTopology = ring\n";
    ck_assert_int_eq(gsp_buffer_append(&text, head, strlen(head)), 0);
    for (int i = 0; i <= GSP_NODES_MAX; i++) {
        uint8_t secret[32] = {(uint8_t)i, (uint8_t)(i >> 8), 1}, public_key[32];
        char key[45], node[200];
        memset(public_key, 9, sizeof public_key);
        memcpy(public_key, secret, 3);
        gsp_key_encode(key, public_key);
        snprintf(node, sizeof node, "[Node]\nName = n%d\nPublicKey = %s\nEndpoint = a:%d\n", i, key, i + 1);
        ck_assert_int_eq(gsp_buffer_append(&text, node, strlen(node)), 0);
        if (i == 99) ck_assert_int_eq(gsp_network_parse(&network, "p", (char *)text.data, text.length, &problems), 0);
    }
    ck_assert_uint_eq(network->count, 100);
    clear();
    ck_assert_int_eq(gsp_network_parse(&network, "p", (char *)text.data, text.length, &problems), GSP_ERR_CONFIG);
    expect_problem(&problems, "p: ", "4097 nodes are more than 4096");
    gsp_buffer_clear(&text);
}
END_TEST

static const char whole[] = "[Network]\nName = demo\nTopology = edges\nWeights = explicit # w\n" //
    NODE("n001", KEY_1, "7401") NODE("n002", KEY_2, "7402") NODE("n003", KEY_3, "7403")          //
    "[Edge]\nBetween = n001 n002\nWeight = 0.25\n[Edge]\nBetween = n003 n002\nWeight = 0.25\n";

/* A file with a few bytes changed, dropped or doubled is parsed or refused with a problem, and never crashes. */
START_TEST(survives_damage)
{
    ck_assert_int_eq(parse(whole), 0);
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct gsp_stream stream = test_stream(seed);
        char text[2 * sizeof whole];
        size_t length = strlen(whole);
        memcpy(text, whole, length);
        for (size_t hits = 1 + gsp_stream_below(&stream, 4); hits > 0; hits--) {
            size_t at = gsp_stream_below(&stream, length), span = gsp_stream_below(&stream, length - at);
            switch (gsp_stream_below(&stream, 3)) {
            case 0:
                text[at] = (char)gsp_stream_below(&stream, 256);
                break;
            case 1:
                memmove(text + at, text + at + span, length - at - span);
                length -= span;
                break;
            default:
                if (length + span > sizeof text) break;
                memmove(text + at + span, text + at, length - at);
                length += span;
            }
            if (length == 0) break;
        }
        clear();
        int rc = gsp_network_parse(&network, "f", text, length, &problems);
        ck_assert_msg((rc == 0) == (problems.count == 0) && (rc == 0) == (network != NULL), "seed %llu",
                      (unsigned long long)seed);
        clear();
        rc = gsp_daemon_config_parse(&config, "f", text, length, &problems);
        ck_assert_msg(rc == GSP_ERR_CONFIG && problems.count > 0, "seed %llu", (unsigned long long)seed);
    }
}
END_TEST

START_TEST(reads_a_daemons_file)
{
    ck_assert_int_eq(parse_daemon("[Daemon]\nNode = n001\nPeers = ../peers.conf\nPrivateKey = n001.key\n"
                                  "Listen = [::1]:7401\nState = state\n"
                                  "[Data]\nTrain = shard one.npz # x\nLabels = l.npy\nTest = t\nTestLabels = tl\n"
                                  "Bias = yes\nFeatures = 784\n"),
                     0);
    ck_assert_str_eq(config->node, "n001");
    ck_assert_str_eq(config->peers, "../peers.conf");
    ck_assert_str_eq(config->private_key, "n001.key");
    ck_assert_str_eq(config->listen_host, "::1");
    ck_assert_uint_eq(config->listen_port, 7401);
    ck_assert_str_eq(config->state, "state");
    ck_assert_str_eq(config->data.train, "shard one.npz");
    ck_assert_str_eq(config->data.labels, "l.npy");
    ck_assert_str_eq(config->data.test, "t");
    ck_assert_str_eq(config->data.test_labels, "tl");
    ck_assert(config->data.bias);
    ck_assert_uint_eq(config->data.features, 784);
    ck_assert_int_eq(parse_daemon("[Daemon]\nNode = a\nPeers = p\nPrivateKey = k\n[Data]\nTrain = x\n"), 0);
    ck_assert_str_eq(config->state, "/var/lib/gossipd");
    ck_assert_uint_eq(config->listen_port, 0);
    ck_assert_ptr_null(config->data.labels);
    ck_assert(!config->data.bias);
}
END_TEST

START_TEST(tells_all_that_is_wrong_with_a_daemons_file)
{
    ck_assert_int_eq(parse_daemon("[Daemon]\nNode = N\nPeer = p\nListen = 7401\nHTTP = a:1\n"
                                  "[Data]\nTestLabels = x\nBias = true\nFeatures = 0\n"),
                     GSP_ERR_CONFIG);
    expect_problem(&problems, "gossipd.conf:1: ", "lacks Peers");
    expect_problem(&problems, "gossipd.conf:1: ", "lacks PrivateKey");
    expect_problem(&problems, "gossipd.conf:2: ", "not a node's name");
    expect_problem(&problems, "gossipd.conf:3: ", "did you mean Peers?");
    expect_problem(&problems, "gossipd.conf:4: ", "Listen = '7401' is not host:port");
    expect_problem(&problems, "gossipd.conf:5: ", "no key 'HTTP'");
    expect_problem(&problems, "gossipd.conf:6: ", "lacks Train");
    expect_problem(&problems, "gossipd.conf:7: ", "TestLabels needs Test");
    expect_problem(&problems, "gossipd.conf:8: ", "neither yes nor no");
    expect_problem(&problems, "gossipd.conf:9: ", "out of range");
    expect_count(&problems, 10);
    ck_assert_ptr_null(config);
}
END_TEST

START_TEST(tables_are_complete)
{
    const struct gsp_option *const tables[] = {gsp_network_options(), gsp_daemon_options()};
    for (size_t t = 0; t < 2; t++)
        for (const struct gsp_option *option = tables[t]; option->key; option++) {
            char reason[400] = "";
            ck_assert_ptr_nonnull(option->section);
            ck_assert_ptr_nonnull(option->help);
            ck_assert(!option->required || !option->fallback);
            if (option->fallback)
                ck_assert_msg(gsp_option_check(option, option->fallback, reason, sizeof reason) == 0, "%s", reason);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("network");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, NULL, clear);
    tcase_set_timeout(all, 60);
    tcase_add_test(all, test_keys_are_what_they_claim);
    tcase_add_test(all, reads_a_network);
    tcase_add_test(all, weights_default_to_metropolis);
    tcase_add_test(all, tells_all_that_is_wrong_with_nodes);
    tcase_add_test(all, tells_all_that_is_wrong_with_edges);
    tcase_add_test(all, tells_what_does_not_go_together);
    tcase_add_test(all, endpoints_are_hosts_with_ports);
    tcase_add_test(all, refuses_points_of_low_order);
    tcase_add_test(all, too_many_nodes_are_refused);
    tcase_add_test(all, survives_damage);
    tcase_add_test(all, reads_a_daemons_file);
    tcase_add_test(all, tells_all_that_is_wrong_with_a_daemons_file);
    tcase_add_test(all, tables_are_complete);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
