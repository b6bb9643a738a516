/* Status for programs, read back; and status of whatever a peer may send. */
#include "unit/report_cases.h"
#include "unit/run_suite.h"
#include "unit/wire_contents.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    assert_keys(json, NODE_KEYS "settings version worker ");
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

START_TEST(json_of_a_worker)
{
    struct network *network = make_network();
    json_t *json = parsed(gsp_report_status_json(&network->reply));
    ck_assert(json_is_null(json_object_get(json, "worker"))); /* of a node that is to have none */
    json_decref(json);
    network->reply.worker = (struct gsp_worker_status){
        .phase = GSP_WORKER_EVALUATING, .phase_seconds = 1.5, .step_seconds = NAN, .metric_count = 2};
    network->reply.worker.metrics[0] = (struct gsp_metric){"perplexity", 12.5};
    network->reply.worker.metrics[1] = (struct gsp_metric){"lr", NAN};
    json = parsed(gsp_report_status_json(&network->reply));
    json_t *worker = json_object_get(json, "worker"), *metrics = json_object_get(worker, "metrics");
    assert_keys(worker, "phase phase_seconds step_seconds detail model dimension metrics ");
    ck_assert_str_eq(json_string_value(json_object_get(worker, "phase")), "evaluating");
    ck_assert(json_real_value(json_object_get(worker, "phase_seconds")) == 1.5);
    ck_assert(json_is_null(json_object_get(worker, "step_seconds")));
    ck_assert(json_is_null(json_object_get(worker, "detail")));
    ck_assert(json_is_null(json_object_get(worker, "dimension")));
    ck_assert(json_real_value(json_object_get(metrics, "perplexity")) == 12.5);
    ck_assert(json_is_null(json_object_get(metrics, "lr")));
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

int main(void)
{
    Suite *suite = suite_create("report as JSON");
    TCase *tests = tcase_create("report as JSON");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, json_of_one_node);
    tcase_add_test(tests, json_of_a_worker);
    tcase_add_test(tests, json_of_all_nodes);
    tcase_add_test(tests, json_of_an_idle_node_knows_no_run);
    tcase_add_loop_test(tests, anything_can_be_shown, 0, SEEDS);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
