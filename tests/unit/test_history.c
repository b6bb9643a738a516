/* History files: what is written reads back, what is damaged is cut off or named. */
#include <gossip/store.h>

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit/run_suite.h"

static struct gsp_history_row row_of(uint64_t round)
{
    return (struct gsp_history_row){.round = round,
                                    .loss = 1.0 / 3 / (double)(round + 1),
                                    .accuracy = round % 4 ? NAN : 0.25,
                                    .consensus_error = round ? 1e-300 * (double)round : NAN,
                                    .payload_bytes = 1e6 * (double)round,
                                    .bytes_sent = 9007199254740992.0 - (double)round,
                                    .bytes_received = 17,
                                    .gradient_seconds = 0.1234567891,
                                    .coding_seconds = 0,
                                    .waiting_seconds = 3600,
                                    .seconds = 1.5 * (double)round};
}

static void put(struct gsp_buffer *out, const char *node, const char *run, uint64_t first, uint64_t last)
{
    for (uint64_t round = first; round <= last; round++) {
        struct gsp_history_row row = row_of(round);
        ck_assert_int_eq(gsp_history_put_row(out, &row, node, run), 0);
    }
}

static struct gsp_buffer file_of(uint64_t last)
{
    struct gsp_buffer text = {0};
    ck_assert_int_eq(gsp_history_put_header(&text), 0);
    put(&text, "n001", "3-1f0c99ab", 0, last);
    return text;
}

static void same(double a, double b)
{
    ck_assert_msg((isnan(a) && isnan(b)) || a == b, "%.17g is not %.17g", a, b);
}

static void same_row(const struct gsp_history_row *got, uint64_t round)
{
    struct gsp_history_row want = row_of(round);
    ck_assert_uint_eq(got->round, round);
    same(got->loss, want.loss);
    same(got->accuracy, want.accuracy);
    same(got->consensus_error, want.consensus_error);
    same(got->payload_bytes, want.payload_bytes);
    same(got->bytes_sent, want.bytes_sent);
    same(got->bytes_received, want.bytes_received);
    ck_assert_double_eq_tol(got->gradient_seconds, want.gradient_seconds, 5.1e-7);
    same(got->coding_seconds, want.coding_seconds);
    same(got->waiting_seconds, want.waiting_seconds);
    same(got->seconds, want.seconds);
}

START_TEST(what_is_written_reads_back)
{
    struct gsp_buffer text = file_of(50);
    struct gsp_history *histories;
    size_t count;
    struct gsp_error error = {0};
    /* Half a line more: it is still being written. */
    ck_assert_int_eq(gsp_buffer_append(&text, "51,0.0", 6), 0);
    ck_assert_msg(gsp_history_parse(&histories, &count, "h", (char *)text.data, text.length, &error) == 0, "%s",
                  error.message);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(histories->node, "n001");
    ck_assert_str_eq(histories->run, "3-1f0c99ab");
    ck_assert_uint_eq(histories->count, 51);
    for (uint64_t round = 0; round <= 50; round++) same_row(&histories->rows[round], round);
    gsp_histories_free(histories, count);
    gsp_buffer_clear(&text);
}
END_TEST

START_TEST(a_run_is_named_by_its_number_and_the_beginning_of_its_id)
{
    struct gsp_run_key run = {.epoch = UINT64_MAX, .id = {0x1f, 0x0c, 0x99, 0xab, 0x77}};
    char name[GSP_HISTORY_RUN];
    gsp_history_run(name, &run);
    ck_assert_str_eq(name, "18446744073709551615-1f0c99ab");
}
END_TEST

START_TEST(nodes_in_one_file_are_told_apart)
{
    struct gsp_buffer text = {0};
    struct gsp_history *histories;
    size_t count;
    ck_assert_int_eq(gsp_history_put_header(&text), 0);
    for (uint64_t round = 0; round < 20; round++) {
        put(&text, "n002", "1-00000000", round, round);
        put(&text, "n001", "1-00000000", round, round);
        put(&text, "n003", "1-00000000", round, round);
    }
    ck_assert_int_eq(gsp_history_parse(&histories, &count, "h", (char *)text.data, text.length, NULL), 0);
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(histories[0].node, "n002");
    ck_assert_str_eq(histories[2].node, "n003");
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(histories[i].count, 20);
        same_row(&histories[i].rows[19], 19);
    }
    gsp_histories_free(histories, count);
    gsp_buffer_clear(&text);
}
END_TEST

START_TEST(columns_are_found_by_name)
{
    const char text[] = "seconds,round,unheard_of,loss\r\n0.5,7,x,1e-3\r\n";
    struct gsp_history *histories;
    size_t count;
    ck_assert_int_eq(gsp_history_parse(&histories, &count, "h", text, strlen(text), NULL), 0);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(histories->node, "");
    ck_assert_uint_eq(histories->rows[0].round, 7);
    same(histories->rows[0].loss, 1e-3);
    same(histories->rows[0].seconds, 0.5);
    ck_assert(isnan(histories->rows[0].accuracy));
    gsp_histories_free(histories, count);
}
END_TEST

static const struct {
    const char *text, *said;
} bad_files[] = {
    {"", "empty"},
    {"round,loss\n", "no round in it yet"},
    {"1,2\n", "h:1: no history"},
    {"round,accuracy\n1,2\n", "h:1: no history"},
    {"round,loss,loss\n1,2,3\n", "h:1: a column is there twice"},
    {"round,loss\n1\n", "h:2: fewer cells"},
    {"round,loss\n1,2\n2,3,4\n", "h:3: more cells"},
    {"round,loss\n-1,2\n", "h:2: the round is no whole number"},
    {"round,loss\n1,x\n", "h:2: a cell is no number"},
    {"round,loss\n1,nan\n", "h:2: a cell is no number"},
    {"round,loss\n1,2\n1,2\n", "h:3: the rounds of a node do not ascend"},
    {"round,loss,run\n1,2,a\n2,2,b\n", "h:3: a line of another run"},
    {"round,loss,node\n1,2,n12345678901234567890123456789012345\n", "h:2: the node's name is too long"},
    {"round,loss\n1,2222222222222222222222222222222222222222222222222222222222222222222222\n",
     "h:2: a cell is too long"},
};

START_TEST(a_damaged_file_is_named_with_its_line)
{
    struct gsp_history *histories = NULL;
    size_t count = 0;
    struct gsp_error error = {0};
    const char *text = bad_files[_i].text;
    ck_assert_int_eq(gsp_history_parse(&histories, &count, "h", text, strlen(text), &error), GSP_ERR_DATA);
    ck_assert_msg(strstr(error.message, bad_files[_i].said), "'%s' does not say '%s'", error.message,
                  bad_files[_i].said);
}
END_TEST

/* Wherever the file ends and wherever the run goes on: all whole lines before that round are kept, nothing else. */
START_TEST(a_history_goes_on_at_any_round)
{
    enum { ROUNDS = 8 };
    size_t before[ROUNDS + 1]; /* bytes before the line of a round */
    for (uint64_t round = 0; round <= ROUNDS; round++) {
        struct gsp_buffer text = {0};
        ck_assert_int_eq(gsp_history_put_header(&text), 0);
        if (round) put(&text, "n001", "3-1f0c99ab", 0, round - 1);
        before[round] = text.length;
        gsp_buffer_clear(&text);
    }
    struct gsp_buffer whole = file_of(ROUNDS - 1);
    for (size_t length = 0; length <= whole.length; length++)
        for (uint64_t next = 0; next <= ROUNDS; next++) {
            uint64_t after, there = 0;
            while (there < ROUNDS && before[there + 1] <= length) there++;
            size_t kept = gsp_history_keep((char *)whole.data, length, "3-1f0c99ab", next, &after);
            ck_assert_uint_eq(after, there < next ? there : next);
            ck_assert_uint_eq(kept, length < before[0] ? 0 : before[after]);
        }
    gsp_buffer_clear(&whole);
}
END_TEST

START_TEST(lines_of_another_run_and_damaged_ones_are_not_kept)
{
    struct gsp_buffer text = file_of(9), other = {0};
    char *bytes = (char *)text.data;
    uint64_t after;
    size_t header = (size_t)((char *)memchr(bytes, '\n', text.length) - bytes) + 1;
    ck_assert_uint_eq(gsp_history_keep(bytes, text.length, "3-1f0c99ac", 5, &after), header);
    ck_assert_uint_eq(after, 0);
    ck_assert_uint_eq(gsp_history_keep(bytes, text.length, "0c99ab", 5, &after), header);
    /* round 4 twice */
    size_t four = gsp_history_keep(bytes, text.length, "3-1f0c99ab", 5, &after);
    ck_assert_uint_eq(after, 5);
    ck_assert_int_eq(gsp_buffer_append(&other, bytes, four), 0);
    put(&other, "n001", "3-1f0c99ab", 4, 6);
    ck_assert_uint_eq(gsp_history_keep((char *)other.data, other.length, "3-1f0c99ab", 9, &after), four);
    *(char *)memchr(bytes + four, ',', text.length - four) = '5'; /* a line that lacks a cell */
    ck_assert_uint_eq(gsp_history_keep(bytes, text.length, "3-1f0c99ab", 9, &after), four);
    bytes[0] = 'R';
    ck_assert_uint_eq(gsp_history_keep(bytes, text.length, "3-1f0c99ab", 9, &after), 0);
    gsp_buffer_clear(&text);
    gsp_buffer_clear(&other);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("history");
    TCase *tests = tcase_create("history");
    tcase_add_test(tests, what_is_written_reads_back);
    tcase_add_test(tests, a_run_is_named_by_its_number_and_the_beginning_of_its_id);
    tcase_add_test(tests, nodes_in_one_file_are_told_apart);
    tcase_add_test(tests, columns_are_found_by_name);
    tcase_add_loop_test(tests, a_damaged_file_is_named_with_its_line, 0, (int)(sizeof bad_files / sizeof *bad_files));
    tcase_add_test(tests, a_history_goes_on_at_any_round);
    tcase_add_test(tests, lines_of_another_run_and_damaged_ones_are_not_kept);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
