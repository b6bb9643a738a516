/* Status for people, held against text written down here. */
#include "report/page.h"
#include "unit/report_cases.h"
#include "unit/run_suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct gsp_style NARROW = {false, 80}, WIDE = {false, 120}, UNLIMITED = {false, 0}, COLOURED = {true, 80};

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
START_TEST(a_node_says_what_its_worker_does)
{
    struct network *network = make_network();
    struct gsp_reply *reply = &network->reply;
    reply->node_count = 1;
    reply->link_count = 0;
    strcpy(network->nodes[0].model.name, "mine");
    network->nodes[0].model.dimension = 50890;
    reply->worker = (struct gsp_worker_status){
        .phase = GSP_WORKER_COMPUTING, .phase_seconds = 35, .step_seconds = 0.2125, .metric_count = 2};
    reply->worker.metrics[0] = (struct gsp_metric){"perplexity", 12.5};
    reply->worker.metrics[1] = (struct gsp_metric){"lr", NAN};
    char *text = status_text(reply, &(struct gsp_style){.width = 100});
    ck_assert_msg(strstr(text, "  worker     mine, 50890 parameters: computing for 35 s, last step 0.212 s\n") != NULL,
                  "%s", text);
    ck_assert_msg(strstr(text, "  metrics    perplexity 12.500, lr -\n") != NULL, "%s", text);
    free(text);
    network->nodes[0].phase = GSP_PHASE_WAITING;
    network->nodes[0].waiting_count = 1;
    strcpy(network->nodes[0].waiting[0], "n001");
    network->nodes[0].model.dimension = 0;
    reply->worker.phase = GSP_WORKER_AWAY;
    strcpy(reply->worker.detail, "killed by signal 9, 2nd try");
    text = status_text(reply, &(struct gsp_style){.width = 100});
    ck_assert_msg(strstr(text, "  worker     away for 35 s, last step 0.212 s: killed by signal 9, 2nd try\n") != NULL,
                  "%s", text);
    ck_assert_msg(strstr(text, "see that its worker can run") != NULL, "%s", text);
    free(text);
    free(network);
}
END_TEST

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

static Suite *report_suite(void)
{
    Suite *suite = suite_create("report");
    TCase *tests = tcase_create("report");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_running_node_at_80_columns);
    tcase_add_test(tests, a_failed_node_gives_reason_and_remedy);
    tcase_add_test(tests, a_waiting_node_says_for_whom);
    tcase_add_test(tests, an_idle_node_says_how_to_begin);
    tcase_add_test(tests, a_node_says_what_its_worker_does);
    tcase_add_test(tests, percent_are_whole_where_they_are);
    tcase_add_test(tests, a_finished_node_says_what_to_do_with_the_model);
    tcase_add_test(tests, a_run_stopped_at_once_promises_no_model);
    tcase_add_test(tests, all_nodes_at_80_columns);
    tcase_add_test(tests, all_nodes_at_120_columns);
    tcase_add_test(tests, a_reason_that_all_share_stands_once);
    tcase_add_test(tests, lines_keep_within_the_width);
    tcase_add_test(tests, colours_change_nothing_but_colour);
    tcase_add_test(tests, numbers_read_well);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return run_suite(report_suite());
}
