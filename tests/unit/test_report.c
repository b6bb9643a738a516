/* Status for people, held against text written down here, and for programs, read back. */
#include <gossip/report.h>

#include "report/page.h"
#include "tools/ctl/advice.h"
#include "unit/run_suite.h"
#include "unit/wire_contents.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct gsp_style NARROW = {false, 80}, WIDE = {false, 120}, UNLIMITED = {false, 0}, COLOURED = {true, 80};

/* ---- a network to report on ---- */

enum { NODES = 5, LINKS = 4 };

/* As gossipctl prints it, with its words for what to do next. */
static char *status_text(const struct gsp_reply *reply, const struct gsp_style *style)
{
    return gsp_report_status(reply, advice_text(reply), style);
}

struct network {
    struct gsp_summary nodes[NODES];
    struct gsp_link_status links[LINKS];
    struct gsp_reply reply;
};

static void fill_link(struct gsp_link_status *link, const char *name, const char *state, double rtt_ms)
{
    snprintf(link->name, sizeof link->name, "%s", name);
    snprintf(link->state, sizeof link->state, "%s", state);
    link->rtt_ms = rtt_ms;
}

/* n001 .. n005, half-way through run 3. */
static struct network *make_network(void)
{
    struct network *network = gsp_alloc(1, sizeof *network);
    for (int i = 0; i < NODES; i++) {
        struct gsp_summary *node = &network->nodes[i];
        snprintf(node->node, sizeof node->node, "n%03d", i + 1);
        node->number = 7;
        node->phase = GSP_PHASE_RUNNING;
        node->run = (struct gsp_run_key){.epoch = 3, .id = {0xab, 0xcd}};
        node->round = 412;
        node->rounds = 1000;
        node->gossip_step = 2;
        node->loss = 0.4375;
        node->accuracy = 0.842;
        node->consensus_error = 0.0012;
        node->seconds = 72.25;
        node->bytes_sent = 12900000;
        node->bytes_received = 38700000;
    }
    fill_link(&network->links[0], "n002", "up", 0.5);
    fill_link(&network->links[1], "n003", "up", 120);
    fill_link(&network->links[2], "n004", "down", NAN);
    fill_link(&network->links[3], "n005", "refused", NAN);
    network->links[0].bytes_sent = 4300000;
    network->links[0].bytes_received = 1023;
    strcpy(network->links[2].detail, "connection refused by d.example:7400; tried again in 12 s");
    network->reply = (struct gsp_reply){
        .node_count = 1, .nodes = network->nodes, .link_count = LINKS, .links = network->links, .version = "0.1.0"};
    strcpy(network->reply.settings, "rounds=1000\ncompressor=qsgd:bits=4,bucket=128\n");
    return network;
}

static void assert_text(char *text, const char *expected)
{
    ck_assert_str_eq(text, expected);
    free(text);
}

/* ---- one node ---- */

START_TEST(a_running_node_at_80_columns)
{
    struct network *network = make_network();
    assert_text(status_text(&network->reply, &NARROW),
                "n001  running  run 3\n"
                "  round      412 of 1000  [############-------------------]  41 %, gossip step 2\n"
                "  time       1m12s, about 1m43s left\n"
                "  loss       0.4375\n"
                "  accuracy   84.2 %\n"
                "  consensus  1.2e-03\n"
                "  traffic    12.3 MiB sent, 36.9 MiB received\n"
                "  peers      2 of 4 up\n"
                "\n"
                "  PEER  STATE       RTT     SENT  RECEIVED\n"
                "  n002  up       0.5 ms  4.1 MiB    1023 B\n"
                "  n003  up       120 ms      0 B       0 B\n"
                "  n004  down          -      0 B       0 B\n"
                "  n005  refused       -      0 B       0 B\n"
                "\n"
                "  down       n004: connection refused by d.example:7400; tried again in 12 s\n");
    free(network);
}
END_TEST

START_TEST(a_failed_node_gives_reason_and_remedy)
{
    static const char reason[] = "n003: the loss is not finite in round 12: eta=4 is too large. Start again with a "
                                 "smaller eta, for instance eta=0.4, or with eta=auto";
    struct network *network = make_network();
    network->nodes[0].phase = GSP_PHASE_FAILED;
    network->nodes[0].loss = network->nodes[0].accuracy = network->nodes[0].consensus_error = NAN;
    network->reply.link_count = 0;
    strcpy(network->nodes[0].reason, reason);
    assert_text(status_text(&network->reply, &NARROW),
                "n001  failed  run 3\n"
                "  reason     n003: the loss is not finite in round 12: eta=4 is too large. Start\n"
                "             again with a smaller eta, for instance eta=0.4, or with eta=auto\n"
                "  round      412 of 1000  [############-------------------]  41 %, gossip step 2\n"
                "  time       1m12s\n"
                "  traffic    12.3 MiB sent, 36.9 MiB received\n"
                "  next       mend what the reason names, then gossipctl start with settings to\n"
                "             suit\n");
    assert_text(status_text(&network->reply, &WIDE),
                "n001  failed  run 3\n"
                "  reason     n003: the loss is not finite in round 12: eta=4 is too large. Start again with a smaller "
                "eta, for instance\n"
                "             eta=0.4, or with eta=auto\n"
                "  round      412 of 1000  [####################------------------------------]  41 %, gossip step 2\n"
                "  time       1m12s\n"
                "  traffic    12.3 MiB sent, 36.9 MiB received\n"
                "  next       mend what the reason names, then gossipctl start with settings to suit\n");
    free(network);
}
END_TEST

START_TEST(a_waiting_node_says_for_whom)
{
    struct network *network = make_network();
    struct gsp_summary *node = &network->nodes[0];
    node->phase = GSP_PHASE_WAITING;
    node->waiting_count = GSP_WAITING_MAX + 3;
    node->seconds = node->loss = node->accuracy = node->consensus_error = NAN;
    node->gossip_step = 0;
    for (int i = 0; i < GSP_WAITING_MAX; i++) snprintf(node->waiting[i], sizeof node->waiting[i], "n%03d", i + 2);
    network->reply.link_count = 0;
    assert_text(status_text(&network->reply, &NARROW),
                "n001  waiting  run 3\n"
                "  round      412 of 1000  [##################----------------------------]  41 %\n"
                "  waiting    for n002, n003, n004, n005, n006, n007, n008, n009, n010, n011,\n"
                "             n012, n013, n014, n015, n016, n017 and 3 more\n"
                "  traffic    12.3 MiB sent, 36.9 MiB received\n"
                "  next       see that those nodes run and can be reached; the run goes on by\n"
                "             itself. To give it up: gossipctl stop --now\n");
    free(network);
}
END_TEST

START_TEST(an_idle_node_says_how_to_begin)
{
    struct gsp_summary node = {.node = "alone", .number = 1, .phase = GSP_PHASE_IDLE};
    node.loss = node.accuracy = node.consensus_error = node.seconds = NAN;
    struct gsp_reply reply = {.node_count = 1, .nodes = &node};
    assert_text(status_text(&reply, &UNLIMITED),
                "alone  idle\n"
                "  traffic    0 B sent, 0 B received\n"
                "  next       gossipctl start --wait trains on the whole network with settings that need no tuning\n");
    assert_text(gsp_report_peers(&reply, &UNLIMITED), "no peers: peers.conf has no edge at this node\n");
    node.number = 0;
    assert_text(status_text(&reply, &UNLIMITED), "alone  unknown\n");
    reply.node_count = 0;
    assert_text(status_text(&reply, &UNLIMITED), "nothing is known of this node\n");
}
END_TEST

/* 29 / 100 in binary is a little less than that. */
START_TEST(percent_are_whole_where_they_are)
{
    struct network *network = make_network();
    for (uint64_t round = 0; round <= 100; round++) {
        char expected[64];
        network->nodes[0].round = round;
        network->nodes[0].rounds = 100;
        char *text = status_text(&network->reply, &NARROW);
        snprintf(expected, sizeof expected, "  %llu %%", (unsigned long long)round);
        ck_assert_msg(strstr(text, expected), "round %llu: %s", (unsigned long long)round, text);
        free(text);
    }
    free(network);
}
END_TEST

START_TEST(a_run_stopped_at_once_promises_no_model)
{
    struct network *network = make_network();
    struct gsp_summary *node = &network->nodes[0];
    node->phase = GSP_PHASE_STOPPED;
    node->result = node->run.epoch;
    char *text = status_text(&network->reply, &NARROW);
    ck_assert_ptr_nonnull(strstr(text, "init=last goes on from it"));
    free(text);
    node->result--;
    text = status_text(&network->reply, &NARROW);
    ck_assert_ptr_nonnull(strstr(text, "this run has no result"));
    ck_assert_ptr_null(strstr(text, "init=last"));
    free(text);
    free(network);
}
END_TEST

START_TEST(a_finished_node_says_what_to_do_with_the_model)
{
    struct network *network = make_network();
    network->nodes[0].phase = GSP_PHASE_DONE;
    network->nodes[0].round = 1000;
    network->nodes[0].gossip_step = 0;
    network->reply.link_count = 0;
    assert_text(status_text(&network->reply, &NARROW),
                "n001  done  run 3\n"
                "  round      1000 of 1000  [############################################]  100 %\n"
                "  time       1m12s\n"
                "  loss       0.4375\n"
                "  accuracy   84.2 %\n"
                "  consensus  1.2e-03\n"
                "  traffic    12.3 MiB sent, 36.9 MiB received\n"
                "  next       gossipctl dump x --out model.npy saves the model; gossipctl start\n"
                "             init=last goes on from it\n");
    free(network);
}
END_TEST

/* ---- all nodes ---- */

static struct network *make_troubled_network(void)
{
    struct network *network = make_network();
    struct gsp_summary *nodes = network->nodes;
    network->reply.node_count = NODES;
    nodes[1].phase = GSP_PHASE_WAITING;
    nodes[1].waiting_count = 2;
    strcpy(nodes[1].waiting[0], "n004");
    strcpy(nodes[1].waiting[1], "n005");
    nodes[2].phase = GSP_PHASE_FAILED;
    nodes[2].loss = NAN;
    strcpy(nodes[2].reason, "n003: no memory for a run of 100 million parameters");
    nodes[3] = nodes[2];
    strcpy(nodes[3].node, "n004");
    nodes[4] = (struct gsp_summary){.node = "n005"};
    return network;
}

START_TEST(all_nodes_at_80_columns)
{
    struct network *network = make_troubled_network();
    assert_text(gsp_report_status_all(&network->reply, &NARROW),
                "NODE  PHASE       ROUND    LOSS  ACCURACY  CONSENSUS      SENT  WAITING FOR\n"
                "n001  running  412/1000  0.4375    84.2 %    1.2e-03  12.3 MiB\n"
                "n002  waiting  412/1000  0.4375    84.2 %    1.2e-03  12.3 MiB  n004, n005\n"
                "n003  failed   412/1000       -    84.2 %    1.2e-03  12.3 MiB\n"
                "n004  failed   412/1000       -    84.2 %    1.2e-03  12.3 MiB\n"
                "n005  unknown         -       -         -          -         -\n"
                "\n"
                "5 nodes: 1 running, 1 waiting, 2 failed, 1 unknown\n"
                "  reason     n003, n004: n003: no memory for a run of 100 million parameters\n");
    free(network);
}
END_TEST

START_TEST(all_nodes_at_120_columns)
{
    struct network *network = make_troubled_network();
    assert_text(gsp_report_status_all(&network->reply, &WIDE),
                "NODE  PHASE       ROUND    LOSS  ACCURACY  CONSENSUS      SENT  RECEIVED   TIME  WAITING FOR\n"
                "n001  running  412/1000  0.4375    84.2 %    1.2e-03  12.3 MiB  36.9 MiB  1m12s\n"
                "n002  waiting  412/1000  0.4375    84.2 %    1.2e-03  12.3 MiB  36.9 MiB  1m12s  n004, n005\n"
                "n003  failed   412/1000       -    84.2 %    1.2e-03  12.3 MiB  36.9 MiB  1m12s\n"
                "n004  failed   412/1000       -    84.2 %    1.2e-03  12.3 MiB  36.9 MiB  1m12s\n"
                "n005  unknown         -       -         -          -         -         -      -\n"
                "\n"
                "5 nodes: 1 running, 1 waiting, 2 failed, 1 unknown\n"
                "  reason     n003, n004: n003: no memory for a run of 100 million parameters\n");
    free(network);
}
END_TEST

START_TEST(a_reason_that_all_share_stands_once)
{
    struct network *network = make_network();
    network->reply.node_count = 2;
    for (int i = 0; i < 2; i++) strcpy(network->nodes[i].reason, "stop after round 420");
    assert_text(gsp_report_status_all(&network->reply, &NARROW),
                "NODE  PHASE       ROUND    LOSS  ACCURACY  CONSENSUS      SENT  RECEIVED   TIME\n"
                "n001  running  412/1000  0.4375    84.2 %    1.2e-03  12.3 MiB  36.9 MiB  1m12s\n"
                "n002  running  412/1000  0.4375    84.2 %    1.2e-03  12.3 MiB  36.9 MiB  1m12s\n"
                "\n"
                "2 nodes: 2 running\n"
                "  reason     stop after round 420\n");
    free(network);
}
END_TEST

static void assert_no_line_beyond(const char *text, size_t width)
{
    while (*text) {
        char line[512];
        size_t length = strcspn(text, "\n");
        ck_assert_uint_lt(length, sizeof line);
        memcpy(line, text, length);
        line[length] = 0;
        ck_assert_msg(gsp__text_columns(line) <= width, "%zu columns, not %zu: %s", gsp__text_columns(line), width,
                      line);
        ck_assert_msg(!length || line[length - 1] != ' ', "ends in a space: \"%s\"", line);
        text += length + 1;
    }
}

/* Every width from a small terminal on; a long list of names costs no column that would fit beside a short one. */
START_TEST(lines_keep_within_the_width)
{
    struct network *network = make_troubled_network();
    struct gsp_summary *node = &network->nodes[1];
    node->waiting_count = GSP_WAITING_MAX;
    for (int i = 0; i < GSP_WAITING_MAX; i++) snprintf(node->waiting[i], sizeof node->waiting[i], "site-%02d.lab", i);
    for (size_t width = 56; width <= 200; width++) {
        const struct gsp_style style = {false, width};
        char *all = gsp_report_status_all(&network->reply, &style);
        char *one = status_text(&network->reply, &style), *peers = gsp_report_peers(&network->reply, &style);
        assert_no_line_beyond(all, width);
        assert_no_line_beyond(one, width);
        assert_no_line_beyond(peers, width);
        if (width >= 120) ck_assert_ptr_nonnull(strstr(all, "RECEIVED   TIME  WAITING FOR\n"));
        if (width >= 120) ck_assert_ptr_nonnull(strstr(all, "site-00.lab, "));
        free(all);
        free(one);
        free(peers);
    }
    free(network);
}
END_TEST

START_TEST(colours_change_nothing_but_colour)
{
    struct network *network = make_troubled_network();
    const struct gsp_reply *reply = &network->reply;
    char *const plain[] = {status_text(reply, &NARROW), gsp_report_status_all(reply, &NARROW),
                           gsp_report_peers(reply, &NARROW)};
    char *const coloured[] = {status_text(reply, &COLOURED), gsp_report_status_all(reply, &COLOURED),
                              gsp_report_peers(reply, &COLOURED)};
    ck_assert_ptr_nonnull(strstr(coloured[1], "\x1b[31mfailed\x1b[0m "));
    for (int i = 0; i < 3; i++) {
        char *out = coloured[i];
        ck_assert_ptr_null(strchr(plain[i], '\x1b'));
        ck_assert_ptr_nonnull(strchr(out, '\x1b'));
        for (const char *in = coloured[i]; *in;) {
            if (*in == '\x1b')
                in += strcspn(in, "m") + 1;
            else
                *out++ = *in++;
        }
        *out = 0;
        ck_assert_str_eq(coloured[i], plain[i]);
        free(coloured[i]);
        free(plain[i]);
    }
    free(network);
}
END_TEST

/* ---- numbers ---- */

static void assert_bytes(uint64_t bytes, const char *expected)
{
    char text[GSP_SHORT];
    gsp_format_bytes(text, bytes);
    ck_assert_str_eq(text, expected);
}

static void assert_seconds(double seconds, const char *expected)
{
    char text[GSP_SHORT];
    gsp_format_seconds(text, seconds);
    ck_assert_str_eq(text, expected);
}

static void assert_number(double number, const char *expected)
{
    char text[GSP_SHORT];
    gsp__format_number(text, number);
    ck_assert_str_eq(text, expected);
}

START_TEST(numbers_read_well)
{
    assert_bytes(0, "0 B");
    assert_bytes(1023, "1023 B");
    assert_bytes(1024, "1.0 KiB");
    assert_bytes(1048524, "1023.9 KiB");
    assert_bytes(1048525, "1.0 MiB");
    assert_bytes(UINT64_MAX, "16.0 EiB");
    assert_seconds(0, "0.0 s");
    assert_seconds(9.94, "9.9 s");
    assert_seconds(9.96, "10 s");
    assert_seconds(59.4, "59 s");
    assert_seconds(59.6, "1m00s");
    assert_seconds(3599.6, "1h00m");
    assert_seconds(86399, "23h59m");
    assert_seconds(90000, "1d01h");
    assert_seconds(NAN, "-");
    assert_number(NAN, "-");
    assert_number(0, "0");
    assert_number(-0.25, "-0.2500");
    assert_number(12.3456, "12.346");
    assert_number(99999, "99999.0");
    assert_number(1e-4, "1.000e-04");
    assert_number(1e5, "1.000e+05");
}
END_TEST

/* ---- JSON ---- */

static json_t *parsed(char *text)
{
    json_error_t problem;
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
    ck_assert_msg(json, "%s in %s", problem.text, text);
    free(text);
    return json;
}

static void assert_keys(const json_t *object, const char *keys)
{
    char all[400] = "";
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        strcat(all, key);
        strcat(all, " ");
    }
    ck_assert_str_eq(all, keys);
}

static void assert_null(const json_t *object, const char *const *keys)
{
    for (; *keys; keys++) ck_assert_msg(json_is_null(json_object_get(object, *keys)), "%s is not null", *keys);
}

#define NODE_KEYS                                                                                                      \
    "node phase reason run run_id round rounds gossip_step loss accuracy consensus_error bytes_sent bytes_received "   \
    "waiting_for waiting_count seconds peers "

START_TEST(json_of_one_node)
{
    struct network *network = make_network();
    json_t *json = parsed(gsp_report_status_json(&network->reply));
    assert_keys(json, NODE_KEYS "settings version ");
    json_t *peers = json_object_get(json, "peers"), *peer = json_array_get(peers, 0), *down = json_array_get(peers, 2);
    ck_assert_str_eq(json_string_value(json_object_get(json, "node")), "n001");
    ck_assert_str_eq(json_string_value(json_object_get(json, "phase")), "running");
    ck_assert(json_is_null(json_object_get(json, "reason")));
    ck_assert_int_eq(json_integer_value(json_object_get(json, "run")), 3);
    ck_assert_str_eq(json_string_value(json_object_get(json, "run_id")), "abcd0000000000000000000000000000");
    ck_assert_int_eq(json_integer_value(json_object_get(json, "round")), 412);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "rounds")), 1000);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "gossip_step")), 2);
    ck_assert(json_real_value(json_object_get(json, "loss")) == 0.4375);
    ck_assert(json_real_value(json_object_get(json, "accuracy")) == 0.842);
    ck_assert(json_real_value(json_object_get(json, "consensus_error")) == 0.0012);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "bytes_sent")), 12900000);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "bytes_received")), 38700000);
    ck_assert(json_is_array(json_object_get(json, "waiting_for")));
    ck_assert_uint_eq(json_array_size(json_object_get(json, "waiting_for")), 0);
    ck_assert(json_real_value(json_object_get(json, "seconds")) == 72.25);
    ck_assert_uint_eq(json_array_size(peers), LINKS);
    assert_keys(peer, "name state bytes_sent bytes_received rtt_ms detail ");
    ck_assert_str_eq(json_string_value(json_object_get(peer, "name")), "n002");
    ck_assert_str_eq(json_string_value(json_object_get(peer, "state")), "up");
    ck_assert_int_eq(json_integer_value(json_object_get(peer, "bytes_sent")), 4300000);
    ck_assert_int_eq(json_integer_value(json_object_get(peer, "bytes_received")), 1023);
    ck_assert(json_real_value(json_object_get(peer, "rtt_ms")) == 0.5);
    ck_assert(json_is_null(json_object_get(down, "rtt_ms")));
    json_t *settings = json_object_get(json, "settings");
    ck_assert_uint_eq(json_object_size(settings), 2);
    ck_assert_str_eq(json_string_value(json_object_get(settings, "rounds")), "1000");
    ck_assert_str_eq(json_string_value(json_object_get(settings, "compressor")), "qsgd:bits=4,bucket=128");
    json_decref(json);
    free(network);
}
END_TEST

START_TEST(json_of_all_nodes)
{
    static const char *const unheard[] = {"phase",      "reason",  "run",           "run_id",          "round",
                                          "rounds",     "loss",    "gossip_step",   "consensus_error", "accuracy",
                                          "peers",      "seconds", "waiting_count", "bytes_received",  "waiting_for",
                                          "bytes_sent", NULL};
    struct network *network = make_troubled_network();
    json_t *json = parsed(gsp_report_status_all_json(&network->reply));
    assert_keys(json, "nodes ");
    const json_t *nodes = json_object_get(json, "nodes"), *waits = json_array_get(nodes, 1);
    ck_assert_uint_eq(json_array_size(nodes), NODES);
    for (size_t i = 0; i < NODES; i++) {
        const json_t *node = json_array_get(nodes, i);
        assert_keys(node, NODE_KEYS);
        ck_assert_str_eq(json_string_value(json_object_get(node, "node")), network->nodes[i].node);
    }
    assert_null(json_array_get(nodes, 4), unheard);
    ck_assert(json_is_null(json_object_get(json_array_get(nodes, 2), "loss")));
    ck_assert_str_eq(json_string_value(json_object_get(json_array_get(nodes, 2), "reason")), network->nodes[2].reason);
    ck_assert_uint_eq(json_array_size(json_object_get(waits, "waiting_for")), 2);
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(waits, "waiting_for"), 1)), "n005");
    json_decref(json);
    free(network);
}
END_TEST

START_TEST(json_of_an_idle_node_knows_no_run)
{
    static const char *const unknown[] = {"run",  "run_id",   "round",           "rounds",  "gossip_step",
                                          "loss", "accuracy", "consensus_error", "seconds", NULL};
    struct gsp_summary node = {.node = "n001", .number = 1, .phase = GSP_PHASE_IDLE};
    node.loss = node.accuracy = node.consensus_error = node.seconds = NAN;
    struct gsp_reply reply = {.node_count = 1, .nodes = &node};
    json_t *json = parsed(gsp_report_status_json(&reply));
    assert_null(json, unknown);
    ck_assert_str_eq(json_string_value(json_object_get(json, "phase")), "idle");
    ck_assert_int_eq(json_integer_value(json_object_get(json, "bytes_sent")), 0);
    ck_assert(json_is_array(json_object_get(json, "peers")));
    json_decref(json);
    json = parsed(gsp_report_peers_json(&reply));
    assert_keys(json, "node peers ");
    json_decref(json);
}
END_TEST

/* Whatever a peer may send shows without a control character, and as well-formed JSON. */
START_TEST(anything_can_be_shown)
{
    struct gsp_reply reply;
    struct gsp_stream stream = stream_of(_i, "report");
    const struct gsp_style style = {false, gsp_stream_below(&stream, 150)};
    any_reply(&stream, &reply);
    char *const texts[] = {status_text(&reply, &style), gsp_report_status_all(&reply, &style),
                           gsp_report_peers(&reply, &style)};
    for (int i = 0; i < 3; i++) {
        ck_assert_ptr_nonnull(texts[i]);
        for (const char *at = texts[i]; *at; at++)
            if ((uint8_t)*at < 0x20 && *at != '\n') ck_abort_msg("seed %d shows byte %d", _i, *at);
        free(texts[i]);
    }
    json_t *all = parsed(gsp_report_status_all_json(&reply));
    ck_assert_uint_eq(json_array_size(json_object_get(all, "nodes")), reply.node_count);
    json_decref(all);
    json_decref(parsed(gsp_report_status_json(&reply)));
    json_decref(parsed(gsp_report_peers_json(&reply)));
    gsp_reply_clear(&reply);
}
END_TEST

static Suite *report_suite(void)
{
    Suite *suite = suite_create("report");
    TCase *tests = tcase_create("report");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_running_node_at_80_columns);
    tcase_add_test(tests, a_failed_node_gives_reason_and_remedy);
    tcase_add_test(tests, a_waiting_node_says_for_whom);
    tcase_add_test(tests, an_idle_node_says_how_to_begin);
    tcase_add_test(tests, percent_are_whole_where_they_are);
    tcase_add_test(tests, a_finished_node_says_what_to_do_with_the_model);
    tcase_add_test(tests, a_run_stopped_at_once_promises_no_model);
    tcase_add_test(tests, all_nodes_at_80_columns);
    tcase_add_test(tests, all_nodes_at_120_columns);
    tcase_add_test(tests, a_reason_that_all_share_stands_once);
    tcase_add_test(tests, lines_keep_within_the_width);
    tcase_add_test(tests, colours_change_nothing_but_colour);
    tcase_add_test(tests, numbers_read_well);
    tcase_add_test(tests, json_of_one_node);
    tcase_add_test(tests, json_of_all_nodes);
    tcase_add_test(tests, json_of_an_idle_node_knows_no_run);
    tcase_add_loop_test(tests, anything_can_be_shown, 0, SEEDS);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return run_suite(report_suite());
}
