/* Files within files: gzip around any format, text in UTF-16, ARFF; and formats that are refused by name. */
#include "data_cases.h"
#include "gzip.h"

#include <stdio.h>

static void holds_1_to_6(const char *name, const void *bytes, size_t length)
{
    struct gsp_file file = file_of(name, bytes, length);
    struct gsp_dataset *data = read_good(&file, NULL, false, 0);
    ck_assert_uint_eq(data->rows, 2);
    for (size_t k = 0; k < 4; k++) ck_assert_double_eq(feature(data, k / 2, k % 2), (double)(k + 1 + k / 2));
    ck_assert_double_eq(data->targets[1], 6);
    gsp_dataset_free(data);
}

static void refuses(const char *name, const void *bytes, size_t length, const char *first, const char *second)
{
    struct gsp_file file = file_of(name, bytes, length);
    read_bad(&file, NULL, 0, first, second);
}

START_TEST(any_format_may_be_gzipped)
{
    static const struct {
        const char *name, *text;
    } files[] = {
        {"t.csv.gz", "1,2,3\n4,5,6\n"}, {"t.svm.gz", "3 1:1 2:2\n6 1:4 2:5\n"}, {"t", "a b c\n1 2 3\n4 5 6\n"}};
    struct gsp_buffer packed = gzip(files[_i].text, strlen(files[_i].text));
    holds_1_to_6(files[_i].name, packed.data, packed.length);
    refuses(files[_i].name, packed.data, packed.length - 3, "truncated", "copy it again");
    gsp_buffer_clear(&packed);
}
END_TEST

static void utf16(struct gsp_buffer *out, const uint16_t *units, size_t count, bool big_endian)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t low = (uint8_t)units[i], high = (uint8_t)(units[i] >> 8);
        const uint8_t bytes[2] = {big_endian ? high : low, big_endian ? low : high};
        ck_assert(!gsp_buffer_append(out, bytes, 2));
    }
}

START_TEST(text_may_be_in_utf_16)
{
    /* The name of a column: a letter of two bytes in UTF-8, one of three, and one of four (a surrogate pair). */
    static const uint16_t text[] = {0xfeff, 0xe4, 0x20ac, 0xd83c, 0xdf33, ',', 'b', ',', 'c', '\n', '1',
                                    ',',    '2',  ',',    '3',    '\n',   '4', ',', '5', ',', '6',  '\n'};
    static const uint16_t lone[] = {0xfeff, '1', 0xdf33, '\n'};
    struct gsp_buffer bytes = {0}, wrong = {0};
    const size_t count = sizeof text / sizeof *text;
    utf16(&bytes, text, count, _i);
    holds_1_to_6("t.csv", bytes.data, bytes.length);
    refuses("t.csv", bytes.data, bytes.length - 1, "UTF-16 that ends in the middle", "t.csv");
    utf16(&wrong, lone, 4, _i);
    refuses("t.csv", wrong.data, wrong.length, "byte 5 is no part of such", "save it as UTF-8");
    gsp_buffer_clear(&bytes);
    gsp_buffer_clear(&wrong);
}
END_TEST

START_TEST(arff_is_a_table)
{
    static const char good[] =
        "% by hand\n@RELATION r\n\n@attribute a NUMERIC\n@attribute 'b \"x\"' {2,5}\n@attribute c real\n"
        "@DATA\n1,2,3\n% more\n4,'5',6\n",
                      missing[] = "@relation r\n@attribute a real\n@attribute b real\n@data\n1,2\n?,3\n",
                      sparse[] = "@relation r\n@attribute a real\n@attribute b real\n@data\n{0 1, 1 2}\n",
                      open[] = "@relation r\n@attribute a real\n@attribute b real\n@data\n'a,2\n",
                      unknown[] = "@relation r\nattribute a real\n", empty[] = "@relation r\n@attribute a real\n";
    holds_1_to_6("t.arff", good, strlen(good));
    refuses("t.arff", missing, strlen(missing), "1 in column 1 'a' (first in line 6)", "Missing = drop");
    refuses("t.arff", sparse, strlen(sparse), "t.arff:5: sparse ARFF", "convert it");
    refuses("t.arff", open, strlen(open), "t.arff:5: a quote", "never closed");
    refuses("t.arff", unknown, strlen(unknown), "t.arff:2:", "@attribute");
    refuses("t.arff", empty, strlen(empty), "without @data", "t.arff");
}
END_TEST

START_TEST(other_formats_are_refused_with_what_converts_them)
{
    static const struct {
        const char *name, *bytes;
        size_t length;
        const char *what, *line;
    } files[] = {
        {"d/t.parquet", "PAR1xxxx", 8, "Parquet", "pandas.read_parquet('t.parquet')"},
        {"t.xlsx", "PK\3\4....[Content_Types].xml", 27, "Excel", "pandas.read_excel('t.xlsx')"},
        {"t.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "Excel", "pandas.read_excel"},
        {"t.mat", "MATLAB 5.0 MAT-file", 19, "MATLAB", "scipy.io.loadmat('t.mat')"},
        {"t.h5", "\x89HDF\r\n\x1a\n", 8, "HDF5", "h5py.File('t.h5')"},
        {"t.pkl", "\x80\4\x95\1", 4, "pickle", "pandas.read_pickle('t.pkl')"},
    };
    refuses(files[_i].name, files[_i].bytes, files[_i].length, files[_i].what, files[_i].line);
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_loop_test(tests, any_format_may_be_gzipped, 0, 3);
    tcase_add_loop_test(tests, text_may_be_in_utf_16, 0, 2);
    tcase_add_test(tests, arff_is_a_table);
    tcase_add_loop_test(tests, other_formats_are_refused_with_what_converts_them, 0, 6);
}

int main(void)
{
    return run_suite("files within files", add);
}
