/* Bytes from outside that are no messages of ours: refused, without harm. Random contents come from seeds; the loop
 * number of a test is the seed. */
#include "unit/run_suite.h"
#include "unit/unpack_any.h"
#include "unit/wire_contents.h"

#include "wire/codec.h"
#include "wire/text.h"

#include "peer.pb-c.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

START_TEST(random_bytes_do_no_harm)
{
    struct gsp_stream stream = stream_of(_i, "bytes");
    for (int i = 0; i < 500; i++) {
        size_t length = gsp_stream_below(&stream, 120);
        uint8_t *bytes = malloc(length ? length : 1);
        gsp_stream_bytes(&stream, bytes, length);
        for (int kind = 0; kind < 3; kind++) unpack_any(kind, bytes, length);
        free(bytes);
    }
}
END_TEST

/* Flips, overwrites, removes, repeats a few bytes. */
static uint8_t *mutate(struct gsp_stream *stream, const uint8_t *body, size_t length, size_t *out_length)
{
    uint8_t *bytes = malloc(2 * length + 1);
    memcpy(bytes, body, length);
    for (uint64_t i = 1 + gsp_stream_below(stream, 3); i && length; i--) {
        size_t at = gsp_stream_below(stream, length), span = 1 + gsp_stream_below(stream, length - at);
        switch (gsp_stream_below(stream, 4)) {
        case 0:
            bytes[at] ^= (uint8_t)(1u << gsp_stream_below(stream, 8));
            break;
        case 1:
            bytes[at] = (uint8_t)gsp_stream_u32(stream);
            break;
        case 2:
            memmove(bytes + at, bytes + at + span, length - at - span);
            length -= span;
            break;
        default:
            if (length + span > 2 * *out_length) break;
            memmove(bytes + at + span, bytes + at, length - at);
            length += span;
        }
    }
    *out_length = length;
    return realloc(bytes, length ? length : 1);
}

START_TEST(changed_messages_do_no_harm)
{
    struct gsp_stream stream = stream_of(_i, "mutations");
    for (enum gsp_message_type type = GSP_MSG_WELCOME; type <= GSP_MSG_GREATEST; type++) {
        struct gsp_message message;
        size_t length;
        uint8_t *body = packed_message(_i, type, &message, &length);
        for (int i = 0; i < 100; i++) {
            size_t changed_length = length;
            uint8_t *changed = mutate(&stream, body, length, &changed_length);
            unpack_any(0, changed, changed_length);
            free(changed);
        }
        free(body);
    }
}
END_TEST

START_TEST(changed_replies_do_no_harm)
{
    struct gsp_stream stream = stream_of(_i, "replies");
    struct gsp_reply reply;
    struct gsp_buffer packed = {0};
    size_t length;
    any_reply(&stream, &reply);
    reply.node_count = reply.node_count > 3 ? 3 : reply.node_count;
    ck_assert_int_eq(gsp_reply_pack(&reply, &packed), 0);
    gsp_reply_clear(&reply);
    uint8_t *body = body_of(&packed, &length);
    for (int i = 0; i < 100; i++) {
        size_t changed_length = length;
        uint8_t *changed = mutate(&stream, body, length, &changed_length);
        unpack_any(2, changed, changed_length);
        free(changed);
    }
    free(body);
}
END_TEST

START_TEST(cut_messages_are_refused)
{
    for (enum gsp_message_type type = GSP_MSG_WELCOME; type <= GSP_MSG_GREATEST; type++) {
        struct gsp_message message;
        size_t length;
        uint8_t *body = packed_message(_i, type, &message, &length);
        for (size_t cut = 0; cut < length; cut++) {
            uint8_t *copy = malloc(cut ? cut : 1);
            memcpy(copy, body, cut);
            ck_assert_int_eq(unpack_any(0, copy, cut), GSP_ERR_FORMAT);
            free(copy);
        }
        uint8_t *longer = calloc(1, length + 1);
        memcpy(longer, body, length);
        ck_assert_int_eq(unpack_any(0, longer, length + 1), GSP_ERR_FORMAT);
        free(longer);
        free(body);
    }
}
END_TEST

START_TEST(two_messages_in_one_are_refused)
{
    uint8_t both[] = {0x3a, 2, 8, 1, 0x52, 2, 8, 1}, twice[] = {0x3a, 2, 8, 1, 0x3a, 2, 8, 1};
    ck_assert_int_eq(unpack_any(0, both, 4), 0);
    ck_assert_int_eq(unpack_any(0, both + 4, 4), 0);
    ck_assert_int_eq(unpack_any(0, both, 8), GSP_ERR_FORMAT);
    ck_assert_int_eq(unpack_any(0, twice, 8), GSP_ERR_FORMAT);
}
END_TEST

/* Each is Have{1}, written in a way that the shortest form is not. */
START_TEST(only_the_shortest_form_is_taken)
{
    static const uint8_t have[] = {0x3a, 2, 8, 1};
    static const uint8_t long_tag[] = {0xba, 0, 2, 8, 1}, long_length[] = {0x3a, 0x82, 0, 8, 1};
    static const uint8_t long_value[] = {0x3a, 3, 8, 0x81, 0}, twice[] = {0x3a, 4, 8, 1, 8, 1};
    static const uint8_t unknown[] = {0x3a, 4, 8, 1, 16, 1}, fixed[] = {0x3a, 9, 9, 1, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t field_zero[] = {0x3a, 4, 8, 1, 0, 1}, group[] = {0x3a, 2, 11, 12};
    static const uint8_t too_large[] = {0x3a, 11, 8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2};
    ck_assert_int_eq(unpack_any(0, have, sizeof have), 0);
    ck_assert_int_eq(unpack_any(0, long_tag, sizeof long_tag), GSP_ERR_FORMAT);
    ck_assert_int_eq(unpack_any(0, long_length, sizeof long_length), GSP_ERR_FORMAT);
    ck_assert_int_eq(unpack_any(0, long_value, sizeof long_value), GSP_ERR_FORMAT);
    ck_assert_int_eq(unpack_any(0, twice, sizeof twice), GSP_ERR_FORMAT);
    ck_assert_int_eq(unpack_any(0, unknown, sizeof unknown), GSP_ERR_FORMAT);
    ck_assert_int_eq(unpack_any(0, fixed, sizeof fixed), GSP_ERR_FORMAT);
    ck_assert_int_eq(unpack_any(0, field_zero, sizeof field_zero), GSP_ERR_FORMAT);
    ck_assert_int_eq(unpack_any(0, group, sizeof group), GSP_ERR_FORMAT);
    ck_assert_int_eq(unpack_any(0, too_large, sizeof too_large), GSP_ERR_FORMAT);
}
END_TEST

/* A summary that unpacks, each with one thing changed below our checks: every change must be refused. */
struct wrong {
    const char *what;
    void (*make)(Gossipd__Summary *summary);
};

static char bad_utf8[] = "\xc3(", escape[] = "\x1b[2J", c1[] = "\xc2\x9b", upper[] = "N001", empty[] = "";
static char long_name[] = "a23456789-123456789-123456789-123", long_reason[GSP_REASON_MAX + 2];
static char surrogate[] = "\xed\xa0\x80", overlong[] = "\xc0\xaf", beyond[] = "\xf4\x90\x80\x80", stray[] = "\x80";
static char *seventeen[GSP_WAITING_MAX + 1];

static void loss_nan(Gossipd__Summary *s)
{
    s->has_loss = 1;
    s->loss = NAN;
}
static void loss_infinite(Gossipd__Summary *s)
{
    s->has_loss = 1;
    s->loss = -INFINITY;
}
static void accuracy_large(Gossipd__Summary *s)
{
    s->has_accuracy = 1;
    s->accuracy = 1.0000001;
}
static void error_negative(Gossipd__Summary *s)
{
    s->has_consensus_error = 1;
    s->consensus_error = -1e-9;
}
static void phase_unknown(Gossipd__Summary *s)
{
    s->phase = (Gossipd__Phase)6;
}
static void round_large(Gossipd__Summary *s)
{
    s->round = GSP_COUNT_MAX + 1;
}
static void id_short(Gossipd__Summary *s)
{
    s->run_id.len = 15;
}
static void id_without_run(Gossipd__Summary *s)
{
    s->epoch = 0;
}
static void name_upper(Gossipd__Summary *s)
{
    s->node = upper;
}
static void name_empty(Gossipd__Summary *s)
{
    s->node = empty;
}
static void name_long(Gossipd__Summary *s)
{
    s->node = long_name;
}
static void reason_bad_utf8(Gossipd__Summary *s)
{
    s->reason = bad_utf8;
}
static void reason_escape(Gossipd__Summary *s)
{
    s->reason = escape;
}
static void reason_c1(Gossipd__Summary *s)
{
    s->reason = c1;
}
static void reason_surrogate(Gossipd__Summary *s)
{
    s->reason = surrogate;
}
static void reason_overlong(Gossipd__Summary *s)
{
    s->reason = overlong;
}
static void reason_beyond(Gossipd__Summary *s)
{
    s->reason = beyond;
}
static void reason_stray(Gossipd__Summary *s)
{
    s->reason = stray;
}
static void reason_long(Gossipd__Summary *s)
{
    s->reason = long_reason;
}
static void waiting_miscounted(Gossipd__Summary *s)
{
    s->waiting_count = 3;
}
static void waiting_many(Gossipd__Summary *s)
{
    s->waiting_count = s->n_waiting = GSP_WAITING_MAX + 1;
}
static void waiting_unnamed(Gossipd__Summary *s)
{
    s->waiting_count = s->n_waiting = 1;
    s->waiting[0] = upper;
}

static const struct wrong WRONG[] = {
    {"a NaN", loss_nan},
    {"an infinity", loss_infinite},
    {"accuracy above 1", accuracy_large},
    {"a negative consensus error", error_negative},
    {"an unknown phase", phase_unknown},
    {"a round above all counts", round_large},
    {"a short id", id_short},
    {"an id in epoch 0", id_without_run},
    {"a name in capitals", name_upper},
    {"an empty name", name_empty},
    {"a long name", name_long},
    {"broken UTF-8", reason_bad_utf8},
    {"an escape sequence", reason_escape},
    {"a C1 control", reason_c1},
    {"a surrogate", reason_surrogate},
    {"an overlong character", reason_overlong},
    {"a character beyond Unicode", reason_beyond},
    {"a stray continuation", reason_stray},
    {"a long reason", reason_long},
    {"a wrong number of names", waiting_miscounted},
    {"too many names", waiting_many},
    {"an impossible name to wait for", waiting_unnamed},
};

static int pack_and_unpack(Gossipd__Summary *summary)
{
    struct gsp_buffer packed = {0};
    Gossipd__Message message = GOSSIPD__MESSAGE__INIT;
    message.body_case = GOSSIPD__MESSAGE__BODY_SUMMARY;
    message.summary = summary;
    ck_assert_int_eq(gsp__pack(&message.base, SIZE_MAX, &packed), 0);
    int rc = unpack_any(0, packed.data + 4, packed.length - 4);
    gsp_buffer_clear(&packed);
    return rc;
}

START_TEST(wrong_contents_are_refused)
{
    static char name[] = "n001";
    uint8_t id[GSP_RUN_ID_BYTES] = {1};
    Gossipd__Summary summary = GOSSIPD__SUMMARY__INIT;
    memset(long_reason, 'r', sizeof long_reason - 1);
    for (size_t i = 0; i <= GSP_WAITING_MAX; i++) seventeen[i] = name;
    summary.node = name;
    summary.epoch = 1;
    summary.run_id = (ProtobufCBinaryData){sizeof id, id};
    summary.waiting = seventeen;
    ck_assert_int_eq(pack_and_unpack(&summary), 0);
    WRONG[_i].make(&summary);
    ck_assert_msg(pack_and_unpack(&summary) == GSP_ERR_FORMAT, "%s was taken", WRONG[_i].what);
}
END_TEST

START_TEST(a_nul_inside_a_text_is_refused)
{
    /* Close{"ab"}, then with a NUL in the middle of three bytes. */
    static const uint8_t good[] = {0x62, 4, 10, 2, 'a', 'b'}, bad[] = {0x62, 5, 10, 3, 'a', 0, 'b'};
    ck_assert_int_eq(unpack_any(0, good, sizeof good), 0);
    ck_assert_int_eq(unpack_any(0, bad, sizeof bad), GSP_ERR_FORMAT);
}
END_TEST

static Suite *wire_suite(void)
{
    Suite *suite = suite_create("wire from outside");
    TCase *tests = tcase_create("wire from outside");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, random_bytes_do_no_harm, 0, SEEDS);
    tcase_add_loop_test(tests, changed_messages_do_no_harm, 0, SEEDS);
    tcase_add_loop_test(tests, changed_replies_do_no_harm, 0, SEEDS);
    tcase_add_loop_test(tests, cut_messages_are_refused, 0, 5);
    tcase_add_test(tests, two_messages_in_one_are_refused);
    tcase_add_test(tests, only_the_shortest_form_is_taken);
    tcase_add_loop_test(tests, wrong_contents_are_refused, 0, sizeof WRONG / sizeof *WRONG);
    tcase_add_test(tests, a_nul_inside_a_text_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return run_suite(wire_suite());
}
