/* Files that a node keeps: they come back as they were, and nothing but a whole one is taken. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gossip/store.h>

#include "unit/run_suite.h"
#include "unit/section_cases.h"

#include <xxhash.h>

enum { MAGIC = 8, HASH = 16 };

static struct gsp_kept example(void)
{
    struct gsp_kept kept = {.kind = GSP_KEPT_CHECKPOINT,
                            .generation = 77,
                            .seconds = 1.5,
                            .loss = 0.25,
                            .accuracy = NAN,
                            .first_loss = 3,
                            .final = true,
                            .bytes_sent = UINT64_C(1) << 40,
                            .bytes_received = 11};
    memset(kept.network_hash, 7, sizeof kept.network_hash);
    memset(kept.data_digest, 9, sizeof kept.data_digest);
    kept.state.run.epoch = 4;
    memset(kept.state.run.id, 5, sizeof kept.state.run.id);
    strcpy(kept.state.origin, "n001");
    strcpy(kept.state.settings, "rounds=3\n");
    kept.state.stop_round = 2;
    return kept;
}

static struct gsp_buffer written(const struct gsp_kept *kept, const char *body)
{
    struct gsp_buffer bytes = {0};
    ck_assert_int_eq(gsp_kept_begin(kept, &bytes), 0);
    ck_assert_int_eq(gsp_buffer_append(&bytes, body, strlen(body)), 0);
    ck_assert_int_eq(gsp_kept_seal(&bytes), 0);
    return bytes;
}

START_TEST(comes_back_as_it_was)
{
    struct gsp_kept kept = example(), back;
    struct gsp_error error = {0};
    struct gsp_buffer bytes = written(&kept, "the body");
    ck_assert_msg(gsp_kept_read(&back, GSP_KEPT_CHECKPOINT, bytes.data, bytes.length, &error) == 0, "%s",
                  error.message);
    ck_assert_uint_eq(back.generation, 77);
    ck_assert_mem_eq(back.network_hash, kept.network_hash, 32);
    ck_assert_mem_eq(back.data_digest, kept.data_digest, 16);
    ck_assert(back.seconds == 1.5 && back.loss == 0.25 && isnan(back.accuracy) && back.first_loss == 3 && back.final);
    ck_assert(back.bytes_sent == kept.bytes_sent && back.bytes_received == 11);
    ck_assert_str_eq(back.state.settings, "rounds=3\n");
    ck_assert_uint_eq(back.state.stop_round, 2);
    ck_assert_int_eq(gsp_run_key_compare(&back.state.run, &kept.state.run), 0);
    ck_assert_uint_eq(back.length, 8);
    ck_assert_mem_eq(back.body, "the body", 8);
    gsp_buffer_clear(&bytes);
}
END_TEST

static void put_hash(struct gsp_buffer *bytes)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes->data, bytes->length));
    ck_assert_int_eq(gsp_buffer_append(bytes, canonical.digest, HASH), 0);
}

/* Left alone, with a reason that says `text`. */
static void foreign(const void *bytes, size_t length, const char *text)
{
    struct gsp_kept kept;
    struct gsp_error error = {0};
    ck_assert_int_eq(gsp_kept_read(&kept, GSP_KEPT_CHECKPOINT, bytes, length, &error), GSP_ERR_FOREIGN);
    ck_assert_msg(strstr(error.message, text), "not '%s' but: %s", text, error.message);
}

static void damaged(const void *bytes, size_t length)
{
    struct gsp_kept kept;
    ck_assert_int_eq(gsp_kept_read(&kept, GSP_KEPT_CHECKPOINT, bytes, length, NULL), GSP_ERR_FORMAT);
}

/* The layout of gspkept2, put down here once more: there is no code left that writes it. */
static struct gsp_buffer written_before(const struct gsp_kept *kept, const char *body)
{
    struct gsp_buffer bytes = {0}, state = {0};
    const struct gsp_message message = {.type = GSP_MSG_RUN_STATE, .u.run_state = kept->state};
    const double numbers[] = {kept->seconds, kept->loss, kept->accuracy, kept->first_loss};
    int rc = gsp_message_pack(&message, &state);
    if (!rc) rc = gsp_buffer_append(&bytes, "gspkept2", MAGIC);
    if (!rc) rc = gsp_buffer_append_u64(&bytes, kept->kind);
    if (!rc) rc = gsp_buffer_append_u64(&bytes, kept->generation);
    if (!rc) rc = gsp_buffer_append(&bytes, kept->network_hash, sizeof kept->network_hash);
    if (!rc) rc = gsp_buffer_append(&bytes, kept->data_digest, sizeof kept->data_digest);
    if (!rc) rc = gsp_buffer_append_doubles(&bytes, numbers, 4);
    const uint64_t rest[] = {kept->final, kept->bytes_sent, kept->bytes_received, state.length, strlen(body)};
    for (size_t i = 0; !rc && i < 5; i++) rc = gsp_buffer_append_u64(&bytes, rest[i]);
    if (!rc) rc = gsp_buffer_append(&bytes, state.data, state.length);
    if (!rc) rc = gsp_buffer_append(&bytes, body, strlen(body));
    ck_assert_int_eq(rc, 0);
    put_hash(&bytes);
    gsp_buffer_clear(&state);
    return bytes;
}

/* What is read of it makes the same file as what was written down. */
START_TEST(the_format_before_is_read)
{
    struct gsp_kept kept = example(), back;
    for (int kind = GSP_KEPT_RUN; kind <= GSP_KEPT_RESULT; kind++) {
        const char *body = kind == GSP_KEPT_RUN ? "" : "the body";
        char copy[16] = "";
        struct gsp_error error = {0};
        kept.kind = (enum gsp_kept_kind)kind;
        struct gsp_buffer before = written_before(&kept, body), now = written(&kept, body);
        int rc = gsp_kept_read(&back, kept.kind, before.data, before.length, &error);
        ck_assert_msg(rc == 0, "%s", error.message);
        ck_assert_uint_eq(back.length, strlen(body));
        memcpy(copy, back.body, back.length);
        struct gsp_buffer again = written(&back, copy);
        ck_assert_uint_eq(again.length, now.length);
        ck_assert_mem_eq(again.data, now.data, now.length);
        for (size_t cut = 0; cut < before.length; cut++) damaged(before.data, cut);
        gsp_buffer_clear(&before);
        gsp_buffer_clear(&now);
        gsp_buffer_clear(&again);
    }
}
END_TEST

/* Sections of a later version, in front: what may be passed over is, what may not is named. */
START_TEST(sections_of_a_later_version)
{
    struct gsp_kept kept = example(), back;
    struct gsp_buffer bytes = written(&kept, "the body");
    for (uint32_t may_skip = 0; may_skip < 2; may_skip++) {
        struct gsp_buffer later = {0};
        ck_assert_int_eq(gsp_buffer_append(&later, bytes.data, MAGIC), 0);
        put_section(&later, "problem", 2, may_skip, "abc", 3);
        ck_assert_int_eq(gsp_buffer_append(&later, bytes.data + MAGIC, bytes.length - MAGIC - HASH), 0);
        put_hash(&later);
        if (may_skip) {
            ck_assert_int_eq(gsp_kept_read(&back, GSP_KEPT_CHECKPOINT, later.data, later.length, NULL), 0);
            ck_assert_uint_eq(back.length, 8);
            ck_assert_mem_eq(back.body, "the body", 8);
        } else {
            foreign(later.data, later.length, "a section problem, version 2, which this gossipd does not know");
        }
        damaged(later.data, later.length - 1);
        gsp_buffer_clear(&later);
    }
    gsp_buffer_clear(&bytes);
}
END_TEST

START_TEST(files_of_others_are_left_alone)
{
    struct gsp_kept kept = example();
    struct gsp_buffer bytes = written(&kept, "the body");
    char rest[1000] = "gspkept4 and whatever comes behind it";
    foreign(rest, sizeof rest,
            "of the format gspkept4: a newer gossipd can read it; this one reads gspkept2 to gspkept3");
    foreign(rest, MAGIC, "gspkept4"); /* however it may have been cut: that is for the newer one to say */
    rest[7] = '1';
    foreign(rest, sizeof rest, "of the format gspkept1: an older gossipd can read it");
    rest[7] = 1;
    foreign(rest, sizeof rest, "not a file that gossipd wrote");
    foreign("\211PNG\r\n\032\n", 8, "not a file that gossipd wrote");
    foreign("hi\n", 3, "not a file that gossipd wrote");
    foreign("a text that somebody put there\n", 31, "not a file that gossipd wrote");
    bytes.data[0] ^= 1;
    damaged(bytes.data, bytes.length); /* ours but for one bit */
    bytes.data[20] ^= 1;
    foreign(bytes.data, bytes.length, "not a file that gossipd wrote"); /* nothing shows any more that it was */
    gsp_buffer_clear(&bytes);
}
END_TEST

/* Whole files that don't belong there: another kind, and sections that make no sense though the hash is right. */
START_TEST(whole_files_are_never_damaged)
{
    struct gsp_kept kept = example();
    kept.kind = GSP_KEPT_RESULT;
    struct gsp_buffer bytes = written(&kept, "the body");
    foreign(bytes.data, bytes.length, "it is a result, not a checkpoint");
    bytes.length = MAGIC;
    put_section(&bytes, "body", 1, 0, "", 0);
    put_hash(&bytes);
    foreign(bytes.data, bytes.length, "it is whole, but this gossipd can't read it: section about is lacking");
    gsp_buffer_clear(&bytes);
}
END_TEST

START_TEST(zeros_are_damage)
{
    struct gsp_kept kept = example();
    struct gsp_buffer bytes = written(&kept, "the body");
    memset(bytes.data, 0, MAGIC);
    damaged(bytes.data, bytes.length);
    memset(bytes.data, 0, bytes.length);
    for (size_t length = 0; length < bytes.length; length++) damaged(bytes.data, length);
    gsp_buffer_clear(&bytes);
}
END_TEST

/* As a power failure or a bad disk would leave it. */
START_TEST(anything_but_the_whole_is_refused)
{
    struct gsp_kept kept = example(), back;
    struct gsp_buffer bytes = written(&kept, "0123456789");
    for (size_t cut = 0; cut < bytes.length; cut++) {
        uint8_t *copy = malloc(cut ? cut : 1);
        memcpy(copy, bytes.data, cut);
        ck_assert_int_eq(gsp_kept_read(&back, GSP_KEPT_CHECKPOINT, copy, cut, NULL), GSP_ERR_FORMAT);
        free(copy);
    }
    for (size_t bit = 0; bit < 8 * bytes.length; bit++) {
        bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert_int_eq(gsp_kept_read(&back, GSP_KEPT_CHECKPOINT, bytes.data, bytes.length, NULL), GSP_ERR_FORMAT);
        bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    ck_assert_int_eq(gsp_kept_read(&back, GSP_KEPT_CHECKPOINT, bytes.data, bytes.length, NULL), 0);
    gsp_buffer_clear(&bytes);
}
END_TEST

START_TEST(every_byte_of_the_data_counts)
{
    double features[6] = {1, 2, 3, 4, 5, 6}, targets[2] = {0, 1};
    struct gsp_dataset data = {.dtype = GSP_FLOAT64, .rows = 2, .columns = 3, .features = features, .targets = targets};
    uint8_t first[16], other[16];
    gsp_data_digest(first, &data);
    features[5] = 7;
    gsp_data_digest(other, &data);
    ck_assert_mem_ne(first, other, 16);
    features[5] = 6;
    targets[0] = 1;
    gsp_data_digest(other, &data);
    ck_assert_mem_ne(first, other, 16);
    targets[0] = 0;
    data.rows = 3;
    data.columns = 2;
    double more[3] = {0, 1, 0};
    data.targets = more;
    gsp_data_digest(other, &data);
    ck_assert_mem_ne(first, other, 16);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store");
    TCase *tests = tcase_create("store");
    tcase_add_test(tests, comes_back_as_it_was);
    tcase_add_test(tests, the_format_before_is_read);
    tcase_add_test(tests, sections_of_a_later_version);
    tcase_add_test(tests, files_of_others_are_left_alone);
    tcase_add_test(tests, whole_files_are_never_damaged);
    tcase_add_test(tests, zeros_are_damage);
    tcase_add_test(tests, anything_but_the_whole_is_refused);
    tcase_add_test(tests, every_byte_of_the_data_counts);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
