/* Files that a node keeps: they come back as they were, and nothing but a whole one is taken. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gossip/store.h>

#include "unit/run_suite.h"

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
    ck_assert_int_eq(gsp_kept_read(&back, GSP_KEPT_RUN, bytes.data, bytes.length, NULL), GSP_ERR_FORMAT);
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
    tcase_add_test(tests, anything_but_the_whole_is_refused);
    tcase_add_test(tests, every_byte_of_the_data_counts);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
