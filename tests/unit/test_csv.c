/* Comma-separated values: what is read, and the message for what is not. */
#include "data_cases.h"

#include "../../lib/data/internal.h"

#include <math.h>
#include <stdio.h>

static struct gsp_file csv(const char *text)
{
    return file_of("d/train.csv", text, strlen(text));
}

static struct gsp_dataset *good(const char *text)
{
    struct gsp_file file = csv(text);
    return read_good(&file, NULL, false, 0);
}

static void bad(const char *text, const char *first, const char *second)
{
    struct gsp_file file = csv(text);
    read_bad(&file, NULL, 0, first, second);
}

START_TEST(rows_are_read_with_the_target_last)
{
    const char *const same[] = {"1,2,3\n4,5,6\n",
                                "1,2,3\n4,5,6",
                                "1,2,3\r\n4,5,6\r\n",
                                "a,b,c\n1,2,3\n4,5,6\n",
                                "\"first, second\",c,d\n1,2,3\n4,5,6\n",
                                "\n1,2,3\n\n  \n4,5,6\n\n",
                                " 1 ,\t2, 3\n\"4\",\"5\",\"6\"\n",
                                "\xef\xbb\xbf\61,2,3\n4,5,6\n",
                                "+1,2.0,3e0\n.4e1,5.,600E-2\n"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct gsp_dataset *data = good(same[i]);
        ck_assert_int_eq(data->dtype, GSP_FLOAT64);
        ck_assert_uint_eq(data->rows, 2);
        ck_assert_uint_eq(data->columns, 2);
        for (size_t k = 0; k < 4; k++) ck_assert_double_eq(feature(data, k / 2, k % 2), (double)(k + 1 + k / 2));
        ck_assert_double_eq(data->targets[0], 3);
        ck_assert_double_eq(data->targets[1], 6);
        ck_assert(data->targets_whole && data->target_max == 6 && data->target_min == 3);
        gsp_dataset_free(data);
    }
}
END_TEST

START_TEST(labels_may_stand_in_a_file_of_their_own)
{
    struct gsp_file file = csv("1,2\n3,4\n5,6\n"), labels = file_of("labels.csv", "label\n7\n-8.5\n9\n", 15),
                    few = file_of("labels.csv", "7\n8\n", 4), wide = file_of("labels.csv", "7,1\n8,1\n9,1\n", 12);
    struct gsp_dataset *data = read_good(&file, &labels, true, 0);
    ck_assert_uint_eq(data->rows, 3);
    ck_assert_uint_eq(data->columns, 3);
    for (size_t row = 0; row < 3; row++) ck_assert_double_eq(feature(data, row, 2), 1);
    ck_assert_double_eq(feature(data, 2, 1), 6);
    ck_assert_double_eq(data->targets[1], -8.5);
    ck_assert(!data->targets_whole && data->target_max == 9 && data->target_min == -8.5);
    gsp_dataset_free(data);
    read_bad(&file, &few, 0, "d/train.csv has 3 rows", "labels.csv has 2 labels");
    read_bad(&file, &wide, 0, "labels.csv: 2 columns", "one label a line");
}
END_TEST

START_TEST(every_refusal_names_file_line_and_column)
{
    bad("1,2,3\n4,x,6\n", "d/train.csv:2: column 2 is 'x'", "Drop");
    bad("a,b\n1,2\nc,d\n", "d/train.csv:3: column 1 'a' is 'c'", "Drop");
    bad("1,2,3\n\n4,5\n", "d/train.csv:3: 2 columns", "have 3");
    bad("1,2,3\n4\n", "d/train.csv:2: 1 column,", "have 3");
    bad("1,2,3\n4,5,6,7,8\n", "d/train.csv:2: 5 columns", "have 3");
    bad("1,2,3\n4,5,-INF\n", "d/train.csv:2: column 3 is infinite", "finite");
    bad("1,1e999,3\n", "d/train.csv:1: column 2 is infinite", "finite");
    bad("1,2\n0x10,3\n", "d/train.csv:2: column 1 is '0x10'", "no number");
    bad("1,2\n\"3,4\n", "d/train.csv:2: a quote", "never closed");
    bad("1\n2\n", "no features", "1 column one is the target");
    bad("a,b\n", "no rows in it but the header", "d/train.csv");
    bad("", "empty", "d/train.csv");
    bad("1,2\n\x01\x02"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,3\n",
        "d/train.csv:2: column 1 is '?\?aaa", "...'");
}
END_TEST

/* Against strtod, which is correctly rounded: written numbers of all sizes, digits and exponents. */
START_TEST(numbers_are_correctly_rounded)
{
    struct gsp_stream stream;
    uint8_t key[32];
    gsp_stream_key(key, 1, "", "numbers");
    gsp_stream_init(&stream, key, 0);
    for (int i = 0; i < 200000; i++) {
        char text[64];
        double value, got = NAN;
        uint64_t raw = gsp_stream_u64(&stream);
        memcpy(&value, &raw, sizeof value);
        if (!isfinite(value) || i % 2) value = gsp_stream_normal(&stream) * 1000;
        snprintf(text, sizeof text, i % 4 < 2 ? "%.*g" : "%.*e", (int)(raw % 20), value);
        ck_assert_ptr_eq(gsp__scan_number(text, text + strlen(text), &got), text + strlen(text));
        double expected = strtod(text, NULL);
        ck_assert_msg(memcmp(&got, &expected, sizeof got) == 0, "%s: %.17g, not %.17g", text, got, expected);
    }
}
END_TEST

START_TEST(numbers_at_the_edges)
{
    const char *const texts[] = {"0",
                                 "-0",
                                 "9007199254740993",
                                 "18446744073709551615",
                                 "123456789012345678901234567890",
                                 "0.000000000000000000000000000000000000000000000000000001",
                                 "4.9e-324",
                                 "2e-324",
                                 "1.7976931348623157e308",
                                 "1e22",
                                 "1e23",
                                 "1e-22",
                                 "1e-400000000000000000000",
                                 "00000000000000000000000000000000001",
                                 "2.2250738585072011e-308",
                                 "1.",
                                 ".5",
                                 "1e5",
                                 "1E+05"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double got = NAN, expected = strtod(texts[i], NULL);
        const char *end = texts[i] + strlen(texts[i]);
        ck_assert_ptr_eq(gsp__scan_number(texts[i], end, &got), end);
        ck_assert_msg(memcmp(&got, &expected, sizeof got) == 0, "%s: %.17g, not %.17g", texts[i], got, expected);
    }
    const char *const none[] = {"", "-", ".", "+.", "e5", "-e5", "x", "--1", " 1", "na"};
    double ignored;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_msg(!gsp__scan_number(none[i], none[i] + strlen(none[i]), &ignored), "'%s' was read", none[i]);
    const char *const parts[] = {"1e", "1e+", "1ex", "1-", "1.2.3", "1 2"};
    const size_t lengths[] = {1, 1, 1, 1, 3, 1};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        ck_assert_ptr_eq(gsp__scan_number(parts[i], parts[i] + strlen(parts[i]), &ignored), parts[i] + lengths[i]);
}
END_TEST

START_TEST(damage_is_survived)
{
    const char text[] = "a,\"b\",c\n1,2,3\n-4.5e3,\"5\",6\r\n7,8,9\n";
    struct gsp_stream stream;
    uint8_t key[32];
    gsp_stream_key(key, 2, "", "damage");
    gsp_stream_init(&stream, key, 0);
    for (size_t cut = 0; cut < sizeof text; cut++) read_damaged("t.csv", text, cut);
    for (int i = 0; i < 5000; i++) {
        char copy[sizeof text];
        memcpy(copy, text, sizeof text);
        for (uint64_t n = 1 + gsp_stream_below(&stream, 4); n; n--)
            copy[gsp_stream_below(&stream, sizeof copy)] = "\n\r,\"; \t-e.0#:x\0\xff"[gsp_stream_below(&stream, 17)];
        read_damaged("t.csv", copy, gsp_stream_below(&stream, sizeof copy + 1));
    }
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, rows_are_read_with_the_target_last);
    tcase_add_test(tcase, labels_may_stand_in_a_file_of_their_own);
    tcase_add_test(tcase, every_refusal_names_file_line_and_column);
    tcase_add_test(tcase, numbers_are_correctly_rounded);
    tcase_add_test(tcase, numbers_at_the_edges);
    tcase_add_test(tcase, damage_is_survived);
}

int main(void)
{
    return run_suite("csv", add);
}
