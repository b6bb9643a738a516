/* The libsvm format: sparse rows become dense. */
#include "data_cases.h"

static struct gsp_file svm(const char *text)
{
    return file_of("train.libsvm", text, strlen(text));
}

static void bad(const char *text, size_t features, const char *first, const char *second)
{
    struct gsp_file file = svm(text);
    read_bad(&file, NULL, features, first, second);
}

START_TEST(rows_become_dense)
{
    const char *const same[] = {"1 1:0.5 3:2\n-1 2:-1e1\n0\n", "+1 1:.5 3:2.0 \r\n-1  2:-10\r\n0\r\n",
                                "# a comment\n1 1:0.5 2:0 3:2 # more 7:7\n\n-1\t2:-10\n0"};
    const double expected[3][3] = {{0.5, 0, 2}, {0, -10, 0}, {0, 0, 0}};
    for (size_t i = 0; i < 3; i++)
        for (size_t width = 0; width < 6; width += 5) {
            struct gsp_file file = svm(same[i]);
            struct gsp_dataset *data = read_good(&file, NULL, width, width);
            ck_assert_int_eq(data->dtype, GSP_FLOAT64);
            ck_assert_uint_eq(data->rows, 3);
            ck_assert_uint_eq(data->columns, width ? 6 : 3);
            for (size_t row = 0; row < 3; row++) {
                ck_assert_double_eq(data->targets[row], row ? (double)row - 2 : 1);
                for (size_t column = 0; column < data->columns; column++)
                    ck_assert_double_eq(feature(data, row, column), column == 5  ? 1
                                                                    : column < 3 ? expected[row][column]
                                                                                 : 0);
            }
            gsp_dataset_free(data);
        }
}
END_TEST

START_TEST(it_is_told_by_content_whatever_the_name)
{
    struct gsp_file file = file_of("data.csv", "1 1:2 2:3\n", 10), named = file_of("data.svm", "1\n1\n", 4);
    struct gsp_dataset *data = read_good(&file, NULL, false, 0);
    ck_assert_uint_eq(data->columns, 2);
    gsp_dataset_free(data);
    data = read_good(&named, NULL, false, 4);
    ck_assert_uint_eq(data->columns, 4);
    gsp_dataset_free(data);
    read_bad(&named, NULL, 0, "no features", "data.svm");
}
END_TEST

START_TEST(indices_count_from_0_where_one_is_0)
{
    struct gsp_file file = svm("1 0:2 1:3\n-1 1:4\n"), ones = svm("1 1:2 2:3\n");
    const struct gsp_data_options zero = {.base = GSP_BASE_ZERO}, one = {.base = GSP_BASE_ONE};
    struct gsp_error error = {0};
    struct gsp_dataset *from_zero = read_good(&file, NULL, false, 0), *from_one = read_good(&ones, NULL, false, 0),
                       *told = NULL, *refused = NULL;
    ck_assert_uint_eq(from_zero->columns, 2);
    ck_assert_double_eq(feature(from_zero, 0, 0), 2);
    ck_assert_double_eq(feature(from_zero, 1, 1), 4);
    ck_assert(from_zero->targets_whole && from_zero->target_min == -1); /* labels all the same */
    ck_assert_uint_eq(from_one->columns, 2);
    ck_assert_uint_ne(from_zero->columns_named, from_one->columns_named);
    ck_assert(!gsp_dataset_read(&told, &ones, NULL, &zero, &error));
    ck_assert_uint_eq(told->columns, 3);
    ck_assert_uint_eq(told->columns_named, from_zero->columns_named);
    ck_assert_int_eq(gsp_dataset_read(&refused, &file, NULL, &one, &error), GSP_ERR_DATA);
    ck_assert_ptr_nonnull(
        strstr(error.message, "train.libsvm:1: '0:2' has index 0, but the others are counted from 1: Base = 0"));
    gsp_dataset_free(from_zero);
    gsp_dataset_free(from_one);
    gsp_dataset_free(told);
}
END_TEST

START_TEST(every_refusal_names_file_and_line)
{
    bad("1 1:2\n1 2:3 0:2\n", 0, "train.libsvm:2: '2:3' is out of order", "sort its pairs");
    bad("1 1:2\n1 2:2 2:3\n", 0, "train.libsvm:2: '2:3' has the index of the pair before it", "once");
    bad("1 5:2 4:3\n", 0, "train.libsvm:1: '5:2' is out of order", "sort its pairs");
    bad("1 1:2 9:1 3:1\n", 0, "train.libsvm:1: '9:1' is out of order", "sort its pairs");
    bad("1 1:2 6:1\n", 5, "train.libsvm:1: '6:1' lies beyond", "Features");
    bad("1 1:2\nx 1:2\n", 0, "train.libsvm:2: 'x'", "label");
    bad("1 1:2\n1,2 1:2\n", 0, "train.libsvm:2: '1,2'", "label");
    bad("1 qid:3 1:2\n", 0, "train.libsvm:1: 'qid:3'", "remove it");
    bad("1 1:2 3\n", 0, "train.libsvm:1: '3'", "pair");
    bad("1 1:2 a:3\n", 0, "train.libsvm:1: 'a:3'", "has no index");
    bad("1 1:2 -2:3\n", 0, "train.libsvm:1: '-2:3'", "has no index");
    bad("1 1:2 2:\n", 0, "train.libsvm:1: '2:'", "not a number");
    bad("1 1:2 2:3x\n", 0, "train.libsvm:1: '2:3x'", "not a number");
    bad("1 1:2 2:nan\n", 0, "train.libsvm:1: '2:nan'", "finite");
    bad("inf 1:2\n", 0, "train.libsvm:1: 'inf'", "finite");
    bad("1 1:2\n1 99999999999:1\n", 0, "train.libsvm:2: index 99999999999", "without gaps");
    bad("1 1:2\n1 99999999999999999999:1\n", 0, "train.libsvm:2:", "has no index");
    bad("1 1:2\n", (size_t)1 << 60, "train.libsvm: a width of", "Features = N");
    bad("# nothing\n", 0, "no rows", "train.libsvm");
}
END_TEST

START_TEST(labels_apart_replace_its_own)
{
    struct gsp_file file = svm("1 1:2\n2 1:3\n"), labels = file_of("l.csv", "5\n6\n", 4);
    struct gsp_dataset *data = read_good(&file, &labels, false, 0);
    ck_assert_double_eq(data->targets[1], 6);
    gsp_dataset_free(data);
    read_bad(&file, &file, 0, "train.libsvm: a libsvm file", "one number a line");
}
END_TEST

START_TEST(damage_is_survived)
{
    const char text[] = "1 1:0.5 3:2 # c\r\n-1 2:-10\n0 qid:1 4:1\n";
    struct gsp_stream stream;
    uint8_t key[32];
    gsp_stream_key(key, 3, "", "damage");
    gsp_stream_init(&stream, key, 0);
    for (size_t cut = 0; cut < sizeof text; cut++) read_damaged("t.svm", text, cut);
    for (int i = 0; i < 5000; i++) {
        char copy[sizeof text];
        memcpy(copy, text, sizeof text);
        for (uint64_t n = 1 + gsp_stream_below(&stream, 4); n; n--)
            copy[gsp_stream_below(&stream, sizeof copy)] = "\n\r,\"; \t-e.0#:x\0\xff"[gsp_stream_below(&stream, 17)];
        read_damaged("t.svm", copy, gsp_stream_below(&stream, sizeof copy + 1));
    }
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, rows_become_dense);
    tcase_add_test(tcase, it_is_told_by_content_whatever_the_name);
    tcase_add_test(tcase, indices_count_from_0_where_one_is_0);
    tcase_add_test(tcase, every_refusal_names_file_and_line);
    tcase_add_test(tcase, labels_apart_replace_its_own);
    tcase_add_test(tcase, damage_is_survived);
}

int main(void)
{
    return run_suite("libsvm", add);
}
