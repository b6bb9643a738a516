/* Text tables as people have them: what separates columns, headers, missing values, words, the target and what is left
 * out. */
#include "data_cases.h"

#include <stdio.h>
#include <string.h>

static struct gsp_dataset *read_table(const char *text, const struct gsp_data_options *options)
{
    struct gsp_file file = file_of("t.csv", text, strlen(text));
    struct gsp_error error = {0};
    struct gsp_dataset *data = NULL;
    int rc = gsp_dataset_read(&data, &file, NULL, options, &error);
    ck_assert_msg(!rc, "%s", error.message);
    return data;
}

static void refuses(const char *text, const struct gsp_data_options *options, const char *first, const char *second)
{
    struct gsp_file file = file_of("t.csv", text, strlen(text));
    struct gsp_error error = {0};
    struct gsp_dataset *data = NULL;
    ck_assert_int_eq(gsp_dataset_read(&data, &file, NULL, options, &error), GSP_ERR_DATA);
    ck_assert_msg(strstr(error.message, first) && strstr(error.message, second), "'%s' lacks '%s' or '%s'",
                  error.message, first, second);
}

/* The rows as text, the target last: "1 2 -> 3; ". */
static void holds(const struct gsp_dataset *data, const char *expected)
{
    char text[400] = "";
    size_t length = 0;
    for (size_t row = 0; row < data->rows; row++) {
        for (size_t column = 0; column < data->columns; column++)
            length += (size_t)snprintf(text + length, sizeof text - length, "%g ", feature(data, row, column));
        length += (size_t)snprintf(text + length, sizeof text - length, "-> %g; ", data->targets[row]);
    }
    ck_assert_str_eq(text, expected);
}

static void reads(const char *text, const struct gsp_data_options *options, const char *expected)
{
    struct gsp_dataset *data = read_table(text, options);
    holds(data, expected);
    gsp_dataset_free(data);
}

static const struct gsp_data_options plain, alone = {.alone = true};

START_TEST(columns_are_separated_in_many_ways)
{
    static const char *const same[] = {
        "1.5,2,3\n4,5,6\n",
        "1.5;2;3\n4;5;6\n",
        "1,5;2;3\n4;5;6\n",
        "\xef\xbb\xbf"
        "a;b;c\r\n1,5;2;3\r\n4;5;6\r\n",
        "1.5\t2\t3\n4\t5\t6\n",
        "1,5\t2\t3\n4\t5\t6\n",
        "1.5 2 3\n4 5 6\n",
        "  1.5  2\t3\n 4 5    6 \n",
        "# made by a tool\n1.5 2 3\n4 5 6\n",
        "\"1.5\",\"2\",\"3\"\n\"4\",5,6\n",
        "\"a, b\",\"c \"\"d\"\"\",e\n1.5,2,3\n4,5,6\n",
        "\"a\nb\",c,d\n1.5,2,3\n4,5,6\n",
    };
    reads(same[_i], &plain, "1.5 2 -> 3; 4 5 -> 6; ");
}
END_TEST

START_TEST(a_header_is_told_from_a_row)
{
    reads("0,1,2,3\n5,5,5,1\n", &plain, "5 5 5 -> 1; ");
    reads("0,1\n5,1\n", &plain, "0 -> 1; 5 -> 1; "); /* two numbers may be a row */
    reads("2019,2020,out\n5,6,1\n", &plain, "5 6 -> 1; ");
    reads(",a,b\n7,6,1\n", &plain, "7 6 -> 1; ");
    reads("5,oak\n6,elm\n7,oak\n", &alone, "5 -> 1; 6 -> 0; 7 -> 1; ");      /* words below, too: a row */
    reads("size,kind\n6,elm\n7,oak\n", &alone, "6 -> 0; 7 -> 1; ");          /* a word above numbers */
    reads("a,b\nx,p\ny,q\nx,p\n", &alone, "1 0 -> 0; 0 1 -> 1; 1 0 -> 0; "); /* words that do not come again */
    reads("x,p\ny,q\nx,p\n", &alone, "1 0 -> 0; 0 1 -> 1; 1 0 -> 0; ");      /* words that do */
    struct gsp_dataset *data = read_table("0,1,2,3\n5,5,5,1\n", &plain);
    ck_assert_ptr_nonnull(strstr(data->notes, "t.csv:1: 0, 1, 2, ... is taken for a header"));
    gsp_dataset_free(data);
}
END_TEST

START_TEST(the_target_is_chosen_and_columns_are_left_out)
{
    static const char table[] = "id,out,the age,b\nx1,1,30,5\nx2,0,40,6\n";
    const struct gsp_data_options by_name = {.label = "out", .drop = "id"}, by_number = {.label = "2", .drop = "1"},
                                  list = {.label = "OUT", .drop = "id \"the age\""},
                                  semicolons = {.label = "out", .drop = "id;b"},
                                  one = {.label = "out", .drop = "the age"}, last = {.drop = "id;b;out"},
                                  both = {.label = "id", .drop = "id"}, none = {.label = "oot", .drop = "id"},
                                  far = {.label = "5"};
    reads(table, &by_name, "30 5 -> 1; 40 6 -> 0; ");
    reads(table, &by_number, "30 5 -> 1; 40 6 -> 0; ");
    reads(table, &list, "5 -> 1; 6 -> 0; ");
    reads(table, &semicolons, "30 -> 1; 40 -> 0; ");
    refuses(table, &one, "column 1 'id' is 'x1'", "no common numbering");
    refuses(table, &last, "no features", "are dropped");
    refuses(table, &both, "is named in Drop, too", "column 1");
    refuses(table, &none, "t.csv:1: Label = oot: no column", "did you mean out?");
    refuses("1,2\n3,4\n", &far, "Label = 5", "a number from 1 to 2");
}
END_TEST

START_TEST(missing_values_are_counted_by_column)
{
    static const char table[] = "a,b,c\n1,?,0\nNA,2,1\n3,,1\n4,4,1\n";
    const struct gsp_data_options drop = {.missing = GSP_MISSING_DROP};
    refuses(table, &plain,
            "3 values are missing: 1 in column 1 'a' (first in line 3), 2 in column 2 'b' (first in line 2)",
            "Missing = drop");
    struct gsp_dataset *data = read_table(table, &drop);
    holds(data, "4 4 -> 1; ");
    ck_assert_str_eq(data->notes, "t.csv: 3 of 4 rows are left out, as values are missing in them\n");
    gsp_dataset_free(data);
    refuses("1,nan\n?,3\n", &drop, "a value is missing in each", "Drop");
    refuses("a,b,c\n1,,2\n1,,3\n", &drop, "column 2 'b' is empty in all rows", "Drop = 2");
}
END_TEST

START_TEST(words_become_columns_of_zeros_and_ones)
{
    const struct gsp_data_options bias = {.alone = true, .bias = true};
    reads("ward,age,kind\nsouth,1,oak\nnorth,2,elm\nsouth,3,oak\n", &bias,
          "0 1 1 1 -> 1; 1 0 2 1 -> 0; 0 1 3 1 -> 1; ");
    reads("yes,age\ntrue,1\nFalse,2\n", &plain, "1 -> 1; 0 -> 2; ");
    refuses("a,b\n1,0\n2,0\n3,0\n4,0\n5,0\n6,0\n7,0\n8,0\n9,0\n10,0\ncm,1\n", &alone,
            "t.csv:12: column 1 'a' is 'cm', but a number in 10 other rows", "correct it");
    refuses("when,y\nd1,0\nd2,0\nd3,0\nd4,0\nd5,0\nd6,0\nd7,0\nd8,0\nd9,1\n", &alone,
            "9 different words ('d1', ...) in 9 rows", "Drop = 1");
}
END_TEST

START_TEST(rows_to_test_on_are_of_one_kind_with_those_to_train_on)
{
    struct gsp_dataset *train = read_table("a,ward,kind\n1,south,oak\n2,north,elm\n3,south,elm\n", &alone);
    const struct gsp_data_options like = {.alone = true, .like = train, .like_name = "train.csv"};
    reads("kind,more,ward,a\nelm,7,north,5\noak,7,west,6\n", &like, "5 1 0 -> 0; 6 0 0 -> 1; ");
    struct gsp_dataset *twins = read_table("a,a,y\n1,2,3\n4,5,6\n", &plain);
    const struct gsp_data_options like_twins = {.like = twins, .like_name = "twins.csv"};
    reads("y,a,a\n9,7,8\n", &like_twins, "7 8 -> 9; ");
    refuses("y,a,b\n9,7,8\n", &like_twins, "no column is called 'a', as one of twins.csv is", "t.csv:1");
    gsp_dataset_free(twins);
    refuses("kind,a\nelm,5\n", &like, "no column is called 'ward', as one of train.csv is", "t.csv:1");
    refuses("a,ward,kind\n1,south,ash\n", &like, "t.csv:2: the target is 'ash', which no row of train.csv has", "ash");
    refuses("a,ward,kind\nx,south,oak\n", &like, "column 1 'a' is 'x', but a number in train.csv", "t.csv:2");
    refuses("1,2\n", &like, "t.csv has 1 columns and train.csv has 2", "one kind");
    gsp_dataset_free(train);
}
END_TEST

/* Where the rows to train on had their labels apart, those of a table to test on are its last column. */
START_TEST(a_target_without_a_name_is_found_by_its_place)
{
    struct gsp_file features = file_of("f.csv", "a,b\n1,2\n3,4\n", 12), labels = file_of("l.csv", "7\n8\n", 4);
    struct gsp_dataset *train = read_good(&features, &labels, false, 0);
    const struct gsp_data_options like = {.like = train, .like_name = "f.csv"};
    reads("a,b,y\n5,6,9\n", &like, "5 6 -> 9; ");
    refuses("a,b\n5,6\n", &like, "t.csv has 1 columns and f.csv has 2", "one kind");
    gsp_dataset_free(train);
}
END_TEST

/* A column of words stays one, however few of them a file to test on has among its numbers. */
START_TEST(codes_that_look_like_numbers_are_words_where_they_were)
{
    struct gsp_dataset *train = read_table("code,y\n1,0\nA,1\n1,0\nA,1\n", &alone);
    const struct gsp_data_options like = {.alone = true, .like = train, .like_name = "train.csv"};
    struct gsp_dataset *test = read_table("code,y\n1,0\n1,0\n1,0\n1,0\n1,0\n1,0\n1,0\n1,0\n1,0\n1,0\nA,1\n", &like);
    ck_assert_uint_eq(test->rows, 11);
    ck_assert(feature(test, 0, 0) == 1 && feature(test, 0, 1) == 0);
    ck_assert(feature(test, 10, 0) == 0 && feature(test, 10, 1) == 1);
    gsp_dataset_free(test);
    gsp_dataset_free(train);
}
END_TEST

START_TEST(other_text_is_named)
{
    refuses("<html>\n", &plain, "XML or HTML, but no table", "t.csv");
    refuses("{\"a\": 1}\n", &plain, "JSON, but no table", "t.csv");
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_loop_test(tests, columns_are_separated_in_many_ways, 0, 12);
    tcase_add_test(tests, a_header_is_told_from_a_row);
    tcase_add_test(tests, the_target_is_chosen_and_columns_are_left_out);
    tcase_add_test(tests, missing_values_are_counted_by_column);
    tcase_add_test(tests, words_become_columns_of_zeros_and_ones);
    tcase_add_test(tests, rows_to_test_on_are_of_one_kind_with_those_to_train_on);
    tcase_add_test(tests, a_target_without_a_name_is_found_by_its_place);
    tcase_add_test(tests, codes_that_look_like_numbers_are_words_where_they_were);
    tcase_add_test(tests, other_text_is_named);
}

int main(void)
{
    return run_suite("tables", add);
}
