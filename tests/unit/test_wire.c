/* Messages: what is packed comes back. Random contents come from seeds; the loop number of a test is the seed. */
#include "unit/run_suite.h"
#include "unit/wire_contents.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- comparing ---- */

static void assert_same_number(double a, double b)
{
    ck_assert_msg(memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b)), "%g is not %g", a, b);
}

static void assert_same_summary(const struct gsp_summary *a, const struct gsp_summary *b)
{
    struct gsp_summary one = *a, two = *b;
    double *const ones[] = {&one.loss,     &one.accuracy,   &one.consensus_error, &one.seconds,
                            &one.residual, &one.target_max, &one.target_min,      &one.lambda_max};
    double *const twos[] = {&two.loss,     &two.accuracy,   &two.consensus_error, &two.seconds,
                            &two.residual, &two.target_max, &two.target_min,      &two.lambda_max};
    for (size_t i = 0; i < sizeof ones / sizeof *ones; i++) {
        assert_same_number(*ones[i], *twos[i]);
        *ones[i] = *twos[i] = 0;
    }
    /* Text beyond its end, and padding, are not part of a summary. */
    ck_assert_str_eq(one.node, two.node);
    ck_assert_str_eq(one.reason, two.reason);
    ck_assert_uint_eq(one.number, two.number);
    ck_assert_uint_eq(one.poll, two.poll);
    ck_assert_int_eq(one.phase, two.phase);
    ck_assert_int_eq(gsp_run_key_compare(&one.run, &two.run), 0);
    ck_assert_int_eq(one.ended, two.ended);
    ck_assert_uint_eq(one.result, two.result);
    ck_assert_uint_eq(one.round, two.round);
    ck_assert_uint_eq(one.rounds, two.rounds);
    ck_assert_uint_eq(one.step, two.step);
    ck_assert_uint_eq(one.gossip_step, two.gossip_step);
    ck_assert_uint_eq(one.bytes_sent, two.bytes_sent);
    ck_assert_uint_eq(one.bytes_received, two.bytes_received);
    ck_assert_uint_eq(one.waiting_count, two.waiting_count);
    for (size_t i = 0; i < GSP_WAITING_MAX; i++) ck_assert_str_eq(one.waiting[i], two.waiting[i]);
    ck_assert_uint_eq(one.rows, two.rows);
    ck_assert_uint_eq(one.columns, two.columns);
    ck_assert_uint_eq(one.dtype, two.dtype);
    ck_assert_int_eq(one.targets_whole, two.targets_whole);
    ck_assert_uint_eq(one.columns_named, two.columns_named);
}

static bool is_vector(enum gsp_message_type type)
{
    return type == GSP_MSG_COPY || type == GSP_MSG_RESYNC;
}

static void assert_same_message(const struct gsp_message *a, const struct gsp_message *b)
{
    ck_assert_int_eq(a->type, b->type);
    if (a->type == GSP_MSG_SUMMARY) {
        assert_same_summary(&a->u.summary, &b->u.summary);
    } else if (a->type == GSP_MSG_GOSSIP) {
        ck_assert_uint_eq(a->u.gossip.step, b->u.gossip.step);
        ck_assert_uint_eq(a->u.gossip.length, b->u.gossip.length);
        ck_assert(memcmp(a->u.gossip.payload, b->u.gossip.payload, a->u.gossip.length) == 0);
    } else if (is_vector(a->type)) {
        ck_assert_int_eq(gsp_run_key_compare(&a->u.vector.run, &b->u.vector.run), 0);
        ck_assert_uint_eq(a->u.vector.step, b->u.vector.step);
        ck_assert_uint_eq(a->u.vector.digest, b->u.vector.digest);
        ck_assert_uint_eq(a->u.vector.length, b->u.vector.length);
        ck_assert(memcmp(a->u.vector.z, b->u.vector.z, a->u.vector.length) == 0);
    } else {
        /* Both were zeroed before they were filled. */
        ck_assert_mem_eq(&a->u, &b->u, sizeof a->u);
    }
}

START_TEST(every_message_comes_back)
{
    for (enum gsp_message_type type = GSP_MSG_WELCOME; type <= GSP_MSG_GREATEST; type++) {
        struct gsp_message message, back;
        struct gsp_error error = {0};
        struct gsp_buffer again = {0};
        size_t length;
        uint8_t *body = packed_message(_i, type, &message, &length);
        ck_assert_msg(gsp_message_unpack(&back, body, length, &error) == 0, "seed %d, type %d: %s", _i, type,
                      error.message);
        assert_same_message(&message, &back);
        size_t most = type == GSP_MSG_GOSSIP ? message.u.gossip.length + GSP_GOSSIP_OVERHEAD
                      : is_vector(type)      ? message.u.vector.length + GSP_VECTOR_OVERHEAD
                                             : GSP_MESSAGE_MAX;
        ck_assert_uint_le(length, most);
        ck_assert_int_eq(gsp_message_pack(&back, &again), 0);
        ck_assert_uint_eq(again.length, length + 4);
        ck_assert_mem_eq(again.data + 4, body, length);
        gsp_message_clear(&back);
        gsp_buffer_clear(&again);
        free(body);
    }
}
END_TEST

START_TEST(gossip_costs_few_bytes_and_is_not_copied)
{
    struct gsp_buffer packed = {0};
    uint8_t payload[1000] = {1, 2, 3};
    struct gsp_message message = {.type = GSP_MSG_GOSSIP}, back;
    message.u.gossip.step = 300;
    message.u.gossip.payload = payload;
    message.u.gossip.length = sizeof payload;
    ck_assert_int_eq(gsp_message_pack(&message, &packed), 0);
    ck_assert_uint_le(packed.length, sizeof payload + 4 + 10);
    ck_assert_int_eq(gsp_message_unpack(&back, packed.data + 4, packed.length - 4, NULL), 0);
    ck_assert_ptr_eq(back.u.gossip.payload, packed.data + packed.length - sizeof payload);
    gsp_buffer_clear(&packed);
}
END_TEST

START_TEST(packing_appends)
{
    struct gsp_buffer packed = {0};
    struct gsp_message message = {.type = GSP_MSG_HAVE};
    message.u.have.step = 5;
    ck_assert_int_eq(gsp_message_pack(&message, &packed), 0);
    size_t first = packed.length;
    ck_assert_int_eq(gsp_message_pack(&message, &packed), 0);
    ck_assert_uint_eq(packed.length, 2 * first);
    ck_assert_mem_eq(packed.data, packed.data + first, first);
    gsp_buffer_clear(&packed);
}
END_TEST

/* ---- the control socket ---- */

START_TEST(every_request_comes_back)
{
    char settings[3000];
    struct gsp_request request, back;
    struct gsp_stream stream = stream_of(_i, "request");
    struct gsp_buffer packed = {0};
    struct gsp_error error = {0};
    size_t length;
    any_request(&stream, &request, settings, sizeof settings);
    ck_assert_int_eq(gsp_request_pack(&request, &packed), 0);
    uint8_t *body = body_of(&packed, &length);
    ck_assert_msg(gsp_request_unpack(&back, body, length, &error) == 0, "%s", error.message);
    ck_assert_int_eq(back.type, request.type);
    ck_assert_int_eq(back.now, request.now);
    ck_assert_int_eq(back.vector, request.vector);
    ck_assert_pstr_eq(back.settings, request.settings);
    gsp_request_clear(&back);
    free(body);
}
END_TEST

static void assert_same_worker(const struct gsp_worker_status *a, const struct gsp_worker_status *b)
{
    ck_assert_int_eq(a->phase, b->phase);
    ck_assert_str_eq(a->detail, b->detail);
    assert_same_number(a->phase_seconds, b->phase_seconds);
    assert_same_number(a->step_seconds, b->step_seconds);
    ck_assert_uint_eq(a->metric_count, b->metric_count);
    for (size_t i = 0; i < a->metric_count; i++) {
        ck_assert_str_eq(a->metrics[i].name, b->metrics[i].name);
        assert_same_number(a->metrics[i].value, b->metrics[i].value);
    }
}

START_TEST(every_reply_comes_back)
{
    struct gsp_reply reply, back;
    struct gsp_stream stream = stream_of(_i, "reply");
    struct gsp_buffer packed = {0};
    struct gsp_error error = {0};
    size_t length;
    any_reply(&stream, &reply);
    ck_assert_int_eq(gsp_reply_pack(&reply, &packed), 0);
    uint8_t *body = body_of(&packed, &length);
    ck_assert_msg(gsp_reply_unpack(&back, body, length, &error) == 0, "seed %d: %s", _i, error.message);
    ck_assert_int_eq(back.code, reply.code);
    ck_assert_int_eq(back.more, reply.more);
    ck_assert_str_eq(back.message, reply.message);
    ck_assert_str_eq(back.version, reply.version);
    ck_assert_str_eq(back.settings, reply.settings);
    ck_assert_int_eq(gsp_run_key_compare(&back.run, &reply.run), 0);
    ck_assert_uint_eq(back.node_count, reply.node_count);
    ck_assert_uint_eq(back.link_count, reply.link_count);
    ck_assert_uint_eq(back.value_count, reply.value_count);
    ck_assert_uint_eq(back.value_total, reply.value_total);
    ck_assert_uint_eq(back.value_offset, reply.value_offset);
    for (size_t i = 0; i < reply.node_count; i++) assert_same_summary(&back.nodes[i], &reply.nodes[i]);
    for (size_t i = 0; i < reply.link_count; i++) {
        ck_assert_str_eq(back.links[i].name, reply.links[i].name);
        ck_assert_str_eq(back.links[i].state, reply.links[i].state);
        ck_assert_str_eq(back.links[i].detail, reply.links[i].detail);
        ck_assert_uint_eq(back.links[i].bytes_sent, reply.links[i].bytes_sent);
        ck_assert_uint_eq(back.links[i].bytes_received, reply.links[i].bytes_received);
        assert_same_number(back.links[i].rtt_ms, reply.links[i].rtt_ms);
    }
    assert_same_worker(&back.worker, &reply.worker);
    for (size_t i = 0; i < reply.value_count; i++) assert_same_number(back.values[i], reply.values[i]);
    ck_assert_uint_eq(back.part_length, reply.part_length);
    if (reply.part_length) ck_assert_mem_eq(back.part, reply.part, reply.part_length);
    ck_assert_uint_eq(back.part_total, reply.part_total);
    ck_assert_uint_eq(back.part_offset, reply.part_offset);
    gsp_reply_clear(&reply);
    gsp_reply_clear(&back);
    free(body);
}
END_TEST

/* The daemons of before sent the exit codes 64 and 78: no program may take such a reply for another answer than it is.
 */
START_TEST(a_reply_with_an_unknown_code_is_refused)
{
    static const uint8_t known[] = {GSP_REPLY_DONE, GSP_REPLY_FAILED, GSP_REPLY_USAGE, GSP_REPLY_CONFIG};
    struct gsp_reply reply = {.code = GSP_REPLY_FAILED}, back;
    struct gsp_buffer packed = {0};
    struct gsp_error error = {0};
    size_t length;
    ck_assert_int_eq(gsp_reply_pack(&reply, &packed), 0);
    uint8_t *body = body_of(&packed, &length);
    ck_assert_uint_eq(body[1], GSP_REPLY_FAILED); /* after its tag */
    for (uint8_t code = 0; code < 128; code++) {
        bool valid = memchr(known, code, sizeof known);
        body[1] = code;
        ck_assert_int_eq(gsp_reply_unpack(&back, body, length, &error), valid ? 0 : GSP_ERR_FORMAT);
        reply.code = (enum gsp_reply_code)code;
        ck_assert_int_eq(gsp_reply_pack(&reply, &packed), valid ? 0 : GSP_ERR_FORMAT);
    }
    gsp_buffer_clear(&packed);
    free(body);
}
END_TEST

START_TEST(the_greatest_replies_fit)
{
    struct gsp_reply reply = {.node_count = GSP_NODES_MAX, .link_count = GSP_NODES_MAX}, back;
    struct gsp_stream stream = stream_of(1, "greatest");
    struct gsp_buffer packed = {0};
    struct gsp_error error = {0};
    reply.nodes = gsp_alloc(GSP_NODES_MAX, sizeof *reply.nodes);
    reply.links = gsp_alloc(GSP_NODES_MAX, sizeof *reply.links);
    reply.value_count = reply.value_total = GSP_DUMP_CHUNK;
    reply.values = gsp_vector(GSP_DUMP_CHUNK);
    for (size_t i = 0; i < GSP_NODES_MAX; i++) {
        any_summary(&stream, &reply.nodes[i]);
        memset(reply.nodes[i].reason, 'r', GSP_REASON_MAX);
        any_name(&stream, reply.links[i].name);
        memset(reply.links[i].detail, 'd', GSP_REASON_MAX);
    }
    ck_assert_int_eq(gsp_reply_pack(&reply, &packed), 0);
    ck_assert_msg(gsp_reply_unpack(&back, packed.data + 4, packed.length - 4, &error) == 0, "%s", error.message);
    gsp_reply_clear(&back);
    gsp_buffer_clear(&packed);
    reply.link_count++; /* one too many, refused before it is looked at */
    ck_assert_int_eq(gsp_reply_pack(&reply, &packed), GSP_ERR_FORMAT);
    gsp_reply_clear(&reply);
}
END_TEST

/* What packing is given by mistake never becomes a message that the other side would refuse. */
START_TEST(packing_keeps_to_the_rules)
{
    struct gsp_buffer packed = {0};
    struct gsp_message message = {.type = GSP_MSG_SUMMARY}, back;
    struct gsp_summary *summary = &message.u.summary;
    strcpy(summary->node, "n001");
    strcpy(summary->reason, "ok \x1b[31mred\xc3 \xe4\xb8\xad\x7f");
    summary->loss = INFINITY;
    summary->accuracy = 2;
    summary->lambda_max = -1;
    ck_assert_int_eq(gsp_message_pack(&message, &packed), 0);
    ck_assert_int_eq(gsp_message_unpack(&back, packed.data + 4, packed.length - 4, NULL), 0);
    ck_assert_str_eq(back.u.summary.reason, "ok ?[31mred? \xe4\xb8\xad?");
    ck_assert(isnan(back.u.summary.loss) && isnan(back.u.summary.accuracy) && isnan(back.u.summary.lambda_max));
    gsp_buffer_clear(&packed);
    strcpy(summary->node, "N001");
    ck_assert_int_eq(gsp_message_pack(&message, &packed), GSP_ERR_FORMAT);
    message.type = (enum gsp_message_type)(GSP_MSG_GREATEST + 1);
    ck_assert_int_eq(gsp_message_pack(&message, &packed), GSP_ERR_FORMAT);
    ck_assert_uint_eq(packed.length, 0);
    gsp_buffer_clear(&packed);
}
END_TEST

/* ---- the rest ---- */

START_TEST(run_keys_are_ordered)
{
    struct gsp_run_key none = {0}, a = {.epoch = 1, .id = {0x7f}}, b = {.epoch = 1, .id = {0x80}}, c = {.epoch = 2};
    ck_assert_int_eq(gsp_run_key_compare(&none, &none), 0);
    ck_assert_int_lt(gsp_run_key_compare(&none, &a), 0);
    ck_assert_int_lt(gsp_run_key_compare(&a, &b), 0);
    ck_assert_int_lt(gsp_run_key_compare(&b, &c), 0);
    ck_assert_int_gt(gsp_run_key_compare(&c, &a), 0);
    ck_assert_int_eq(gsp_run_key_compare(&b, &b), 0);
}
END_TEST

START_TEST(phases_have_their_names)
{
    static const char *const names[] = {"idle", "running", "waiting", "done", "stopped", "failed", "unknown"};
    for (int i = 0; i < 7; i++) ck_assert_str_eq(gsp_phase_name((enum gsp_phase)i), names[i]);
}
END_TEST

static Suite *wire_suite(void)
{
    Suite *suite = suite_create("wire");
    TCase *tests = tcase_create("wire");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_message_comes_back, 0, SEEDS);
    tcase_add_test(tests, gossip_costs_few_bytes_and_is_not_copied);
    tcase_add_test(tests, packing_appends);
    tcase_add_loop_test(tests, every_request_comes_back, 0, SEEDS);
    tcase_add_loop_test(tests, every_reply_comes_back, 0, SEEDS);
    tcase_add_test(tests, a_reply_with_an_unknown_code_is_refused);
    tcase_add_test(tests, the_greatest_replies_fit);
    tcase_add_test(tests, packing_keeps_to_the_rules);
    tcase_add_test(tests, run_keys_are_ordered);
    tcase_add_test(tests, phases_have_their_names);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return run_suite(wire_suite());
}
