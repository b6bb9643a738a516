/* The memory that messages from outside may take: little for what is sound, none for what is not. Random contents come
 * from seeds; the loop number of a test is the seed. */
#include "unit/run_suite.h"
#include "unit/unpack_any.h"
#include "unit/wire_contents.h"

#include "wire/codec.h"

#include "control.pb-c.h"
#include "peer.pb-c.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct gsp__repeat REPEATS[] = {
    {&gossipd__summary__descriptor, 21, GSP_WAITING_MAX},
    {&gossipd__reply__descriptor, 8, GSP_NODES_MAX},
    {&gossipd__reply__descriptor, 9, GSP_NODES_MAX},
    {&gossipd__reply__descriptor, 10, GSP_DUMP_CHUNK},
    {NULL, 0, 0},
};

/* What unpacking takes at most, over everything it lets through, stays below the cap with room to spare. */
START_TEST(valid_messages_stay_far_below_the_cap)
{
    for (enum gsp_message_type type = GSP_MSG_WELCOME; type <= GSP_MSG_GREATEST; type++) {
        struct gsp_message message;
        struct gsp__allocator allocator;
        ProtobufCMessage *pb;
        size_t length;
        uint8_t *body = packed_message(_i, type, &message, &length);
        gsp__allocator_init(&allocator, GSP__UNPACK_BASE + GSP__UNPACK_FACTOR * length);
        ck_assert_int_eq(gsp__unpack(&pb, &gossipd__message__descriptor, REPEATS, body, length, &allocator, NULL), 0);
        ck_assert_msg(2 * allocator.used <= allocator.limit, "type %d: %zu bytes took %zu", type, length,
                      allocator.used);
        gsp__unpacked_free(pb, &allocator);
        free(body);
    }
}
END_TEST

/* The densest reply: nodes of which nothing is known, links without anything. */
START_TEST(the_densest_reply_stays_below_the_cap)
{
    struct gsp_reply reply = {.node_count = GSP_NODES_MAX, .link_count = GSP_NODES_MAX};
    struct gsp_buffer packed = {0};
    struct gsp__allocator allocator;
    ProtobufCMessage *pb;
    reply.nodes = gsp_alloc(reply.node_count, sizeof *reply.nodes);
    reply.links = gsp_alloc(reply.link_count, sizeof *reply.links);
    for (size_t i = 0; i < GSP_NODES_MAX; i++) {
        struct gsp_summary *node = &reply.nodes[i];
        node->node[0] = reply.links[i].name[0] = 'a';
        node->loss = node->accuracy = node->consensus_error = node->seconds = node->residual = NAN;
        node->target_max = node->target_min = node->lambda_max = reply.links[i].rtt_ms = NAN;
    }
    ck_assert_int_eq(gsp_reply_pack(&reply, &packed), 0);
    size_t length = packed.length - 4;
    gsp__allocator_init(&allocator, GSP__UNPACK_BASE + GSP__UNPACK_FACTOR * length);
    ck_assert_int_eq(gsp__unpack(&pb, &gossipd__reply__descriptor, REPEATS, packed.data + 4, length, &allocator, NULL),
                     0);
    ck_assert_msg(2 * allocator.used <= allocator.limit, "%zu bytes took %zu", length, allocator.used);
    gsp__unpacked_free(pb, &allocator);
    gsp_buffer_clear(&packed);
    gsp_reply_clear(&reply);
}
END_TEST

/* Many empty parts: protobuf-c would make a struct of each. Nothing at all is allocated for them. */
START_TEST(empty_parts_take_no_memory)
{
    enum { SIZE = 1 << 20 };
    static const uint8_t tags[] = {8 << 3 | 2, 9 << 3 | 2}; /* Reply.nodes, Reply.links */
    uint8_t *bytes = calloc(1, SIZE);
    for (size_t i = 0; i < SIZE; i += 2) bytes[i] = tags[_i];
    struct gsp__allocator allocator;
    ProtobufCMessage *pb;
    gsp__allocator_init(&allocator, GSP_REPLY_MAX);
    ck_assert_int_eq(gsp__unpack(&pb, &gossipd__reply__descriptor, REPEATS, bytes, SIZE, &allocator, NULL),
                     GSP_ERR_FORMAT);
    ck_assert_uint_eq(allocator.used, 0);
    ck_assert_int_eq(unpack_any(2, bytes, SIZE), GSP_ERR_FORMAT);
    free(bytes);
}
END_TEST

/* Deep nesting, as protobuf-c can't take it: ends at the depth of our messages. */
START_TEST(nesting_is_refused)
{
    enum { SIZE = 8000 };
    uint8_t bytes[SIZE];
    for (int tag = 1; tag < 16; tag++) {
        for (size_t i = 0; i < SIZE; i += 3) {
            size_t rest = SIZE - i - 3;
            bytes[i] = (uint8_t)(tag << 3 | 2);
            if (i + 1 < SIZE) bytes[i + 1] = (uint8_t)(rest | 0x80);
            if (i + 2 < SIZE) bytes[i + 2] = (uint8_t)(rest >> 7);
        }
        for (int kind = 0; kind < 3; kind++) ck_assert_int_eq(unpack_any(kind, bytes, SIZE), GSP_ERR_FORMAT);
    }
}
END_TEST

/* At any limit of memory protobuf-c gives up without a leak or a wrong access. */
START_TEST(any_cap_is_survived)
{
    struct gsp_message message;
    size_t length;
    uint8_t *body = packed_message(4, GSP_MSG_SUMMARY, &message, &length);
    bool succeeded = false;
    for (size_t limit = 0; limit < 8192; limit += 3) {
        struct gsp__allocator allocator;
        struct gsp_error error = {0};
        ProtobufCMessage *pb;
        gsp__allocator_init(&allocator, limit);
        int rc = gsp__unpack(&pb, &gossipd__message__descriptor, REPEATS, body, length, &allocator, &error);
        ck_assert(!rc || (rc == GSP_ERR_LIMIT && !succeeded));
        ck_assert_uint_le(allocator.used, limit);
        succeeded = !rc;
        if (succeeded) gsp__unpacked_free(pb, &allocator);
    }
    ck_assert(succeeded);
    free(body);
}
END_TEST

START_TEST(long_messages_are_refused_unread)
{
    uint8_t *bytes = calloc(1, GSP_REPLY_MAX + 1u);
    struct gsp_buffer packed = {0};
    struct gsp_request request = {.type = GSP_REQ_START};
    ck_assert_int_eq(unpack_any(0, bytes, GSP_MESSAGE_MAX + 1), GSP_ERR_FORMAT);
    ck_assert_int_eq(unpack_any(1, bytes, GSP_REQUEST_MAX + 1), GSP_ERR_FORMAT);
    ck_assert_int_eq(unpack_any(2, bytes, GSP_REPLY_MAX + 1u), GSP_ERR_FORMAT);
    memset(bytes, 'a', GSP_REQUEST_MAX);
    bytes[GSP_REQUEST_MAX] = 0;
    request.settings = (char *)bytes;
    ck_assert_int_eq(gsp_request_pack(&request, &packed), GSP_ERR_LIMIT);
    gsp_buffer_clear(&packed);
    free(bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory of messages");
    TCase *tests = tcase_create("memory of messages");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, valid_messages_stay_far_below_the_cap, 0, SEEDS);
    tcase_add_test(tests, the_densest_reply_stays_below_the_cap);
    tcase_add_loop_test(tests, empty_parts_take_no_memory, 0, 2);
    tcase_add_test(tests, nesting_is_refused);
    tcase_add_test(tests, any_cap_is_survived);
    tcase_add_test(tests, long_messages_are_refused_unread);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
