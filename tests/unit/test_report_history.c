/* A history for people and for programs. */
#include <gossip/report.h>

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit/run_suite.h"

static struct gsp_history_row round_of(uint64_t round, double loss, double accuracy)
{
    return (struct gsp_history_row){.round = round,
                                    .loss = loss,
                                    .accuracy = accuracy,
                                    .consensus_error = round ? 0.0123 : NAN,
                                    .payload_bytes = 1024 * (double)round,
                                    .bytes_sent = 4096 * (double)round,
                                    .bytes_received = 5000 * (double)round,
                                    .gradient_seconds = 0.5,
                                    .coding_seconds = 0.0625,
                                    .waiting_seconds = 12,
                                    .seconds = 60.25};
}

START_TEST(a_history_is_a_table)
{
    struct gsp_history_row rows[] = {round_of(0, 2.3026, NAN), round_of(100, 0.25, 0.814)};
    struct gsp_history history = {.node = "n001", .run = "3-00112233", .count = 2, .rows = rows};
    char *wide = gsp_report_history(&history, &(struct gsp_style){0}),
         *narrow = gsp_report_history(&history, &(struct gsp_style){.width = 80});
    ck_assert_str_eq(
        wide,
        "ROUND    LOSS  ACCURACY  CONSENSUS    PAYLOAD       SENT   RECEIVED  GRADIENT  CODING  WAITING  SECONDS\n"
        "    0  2.3026                    -        0 B        0 B        0 B     0.500   0.062   12.000   60.250\n"
        "  100  0.2500    81.4 %    1.2e-02  100.0 KiB  400.0 KiB  488.3 KiB     0.500   0.062   12.000   60.250\n");
    ck_assert_ptr_nonnull(strstr(narrow, "ROUND    LOSS  ACCURACY  CONSENSUS"));
    ck_assert_ptr_null(strstr(narrow, "RECEIVED"));
    free(wide);
    free(narrow);
}
END_TEST

START_TEST(a_history_is_an_object_with_rows)
{
    struct gsp_history_row rows[] = {round_of(0, 1.0 / 3, NAN), round_of(100, INFINITY, 0.814)};
    struct gsp_history history = {.node = "n001", .run = "3-00112233", .count = 2, .rows = rows};
    char *text = gsp_report_history_json(&history);
    json_t *object = json_loads(text, 0, NULL), *list = json_object_get(object, "rows");
    ck_assert_str_eq(json_string_value(json_object_get(object, "node")), "n001");
    ck_assert_int_eq(json_integer_value(json_object_get(object, "run")), 3);
    ck_assert_uint_eq(json_array_size(list), 2);
    json_t *first = json_array_get(list, 0), *second = json_array_get(list, 1);
    ck_assert_uint_eq(json_object_size(first), 11);
    ck_assert(json_real_value(json_object_get(first, "loss")) == 1.0 / 3);
    ck_assert(json_is_null(json_object_get(first, "accuracy")));
    ck_assert(json_is_null(json_object_get(first, "consensus_error")));
    ck_assert(json_is_null(json_object_get(second, "loss")));
    ck_assert_int_eq(json_integer_value(json_object_get(second, "bytes_sent")), 409600);
    ck_assert(json_real_value(json_object_get(second, "waiting_seconds")) == 12);
    json_decref(object);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report of a history");
    TCase *tests = tcase_create("history");
    tcase_add_test(tests, a_history_is_a_table);
    tcase_add_test(tests, a_history_is_an_object_with_rows);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
