/* npy and npz: headers, element types, orders, archives, and what is refused. */
#include "data_cases.h"

#include <math.h>
#include <stdio.h>
#include <zip.h>

/* An npy file with this header text (padded as numpy does) and these bytes. */
static struct gsp_buffer npy_version(uint8_t version, const char *header, const void *elements, size_t bytes)
{
    struct gsp_buffer out = {0};
    size_t prefix = version == 1 ? 10 : 12, length = strlen(header) + 1;
    while ((prefix + length) % 64) length++;
    const uint8_t start[12] = {0x93, 'N', 'U', 'M', 'P', 'Y', version, 0, (uint8_t)length, (uint8_t)(length >> 8)};
    ck_assert(!gsp_buffer_append(&out, start, prefix));
    ck_assert(!gsp_buffer_append(&out, header, strlen(header)));
    while (out.length + 1 < prefix + length) ck_assert(!gsp_buffer_append(&out, " ", 1));
    ck_assert(!gsp_buffer_append(&out, "\n", 1));
    ck_assert(!gsp_buffer_append(&out, elements, bytes));
    return out;
}

static struct gsp_buffer npy(const char *descr, bool fortran, const char *shape, const void *elements, size_t bytes)
{
    char header[256];
    snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", descr,
             fortran ? "True" : "False", shape);
    return npy_version(1, header, elements, bytes);
}

static struct gsp_file file_in(const char *name, const struct gsp_buffer *buffer)
{
    return file_of(name, buffer->data, buffer->length);
}

static const struct gsp_file three_labels = {"l.csv", (const uint8_t *)"7\n8\n9\n", 6};

static const double numbers[6] = {1, 2.5, -3, 4, 5, 6};

START_TEST(both_precisions_are_kept)
{
    float narrow[6];
    for (size_t i = 0; i < 6; i++) narrow[i] = (float)numbers[i];
    for (int bias = 0; bias < 2; bias++)
        for (int wide = 0; wide < 2; wide++) {
            struct gsp_buffer bytes = wide ? npy("<f8", false, "(3, 2)", numbers, sizeof numbers)
                                           : npy("<f4", false, "(3, 2)", narrow, sizeof narrow);
            struct gsp_file file = file_in("x.npy", &bytes);
            struct gsp_dataset *data = read_good(&file, &three_labels, bias, 0);
            ck_assert_int_eq(data->dtype, wide ? GSP_FLOAT64 : GSP_FLOAT32);
            ck_assert_uint_eq(data->columns, bias ? 3 : 2);
            for (size_t i = 0; i < 6; i++) ck_assert_double_eq(feature(data, i / 2, i % 2), numbers[i]);
            for (size_t row = 0; row < 3 && bias; row++) ck_assert_double_eq(feature(data, row, 2), 1);
            ck_assert_double_eq(data->targets[2], 9);
            gsp_dataset_free(data);
            gsp_buffer_clear(&bytes);
        }
}
END_TEST

START_TEST(integers_are_converted_not_scaled)
{
    static const struct {
        const char *descr;
        enum gsp_dtype dtype;
        size_t size;
        uint8_t bytes[24];
        double values[3];
    } cases[] = {
        {"|u1", GSP_FLOAT32, 1, {0, 255, 7}, {0, 255, 7}},
        {"|i1", GSP_FLOAT32, 1, {0x80, 0xff, 7}, {-128, -1, 7}},
        {"|b1", GSP_FLOAT32, 1, {0, 1, 1}, {0, 1, 1}},
        {"<u2", GSP_FLOAT32, 2, {0, 1, 0xff, 0xff, 7, 0}, {256, 65535, 7}},
        {"<i2", GSP_FLOAT32, 2, {0, 1, 0xff, 0xff, 7, 0}, {256, -1, 7}},
        {"<u4", GSP_FLOAT64, 4, {0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 7}, {16777216, 4294967295.0, 7}},
        {"<i4", GSP_FLOAT64, 4, {0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 7}, {16777216, -1, 7}},
        {"<i8", GSP_FLOAT64, 8, {1, 0, 0, 0, 0, 0, 0, 0, 0xfe, 255, 255, 255, 255, 255, 255, 255, 7}, {1, -2, 7}},
        {"<u8", GSP_FLOAT64, 8, {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 7}, {1, 9223372036854775808.0, 7}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gsp_buffer bytes = npy(cases[i].descr, false, "(3,)", cases[i].bytes, 3 * cases[i].size);
        struct gsp_file file = file_in("x.npy", &bytes);
        struct gsp_dataset *data = read_good(&file, &file, false, 0); /* a vector is a column; and may be labels */
        ck_assert_int_eq(data->dtype, cases[i].dtype);
        ck_assert_uint_eq(data->columns, 1);
        for (size_t row = 0; row < 3; row++) {
            ck_assert_double_eq(feature(data, row, 0), cases[i].values[row]);
            ck_assert_double_eq(data->targets[row], cases[i].values[row]);
        }
        gsp_dataset_free(data);
        gsp_buffer_clear(&bytes);
    }
}
END_TEST

START_TEST(orders_shapes_and_versions)
{
    struct gsp_buffer files[] = {
        npy("<f8", true, "(3, 2)", (const double[]){1, -3, 5, 2.5, 4, 6}, 48),
        npy("<f8", false, "(3, 1, 2)", numbers, 48), npy("=f8", false, "(3,2)", numbers, 48),
        npy_version(2, "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }", numbers, 48),
        npy_version(3, "{\"shape\":(3,2),\"fortran_order\":False,\"descr\":\"<f8\"}", numbers, 48)};
    /* '=' is the writer's own order, which a file can't mean */
    struct gsp_file refused = file_in("x.npy", &files[2]);
    read_bad(&refused, &three_labels, 0, "'=f8'", "astype");
    for (size_t i = 0; i < 5; i++) {
        struct gsp_file file = file_in("x.npy", &files[i]);
        if (i != 2) {
            struct gsp_dataset *data = read_good(&file, &three_labels, i == 0, 0);
            for (size_t k = 0; k < 6; k++) ck_assert_double_eq(feature(data, k / 2, k % 2), numbers[k]);
            gsp_dataset_free(data);
        }
        gsp_buffer_clear(&files[i]);
    }
}
END_TEST

START_TEST(wrong_files_are_refused_with_a_remedy)
{
    double holed[6] = {1, 2, 3, 4, INFINITY, 6}, nan[6] = {1, 2, 3, NAN, 5, 6};
    static const char *const reasons[][2] = {{"x.npy: truncated", "copy it again"},
                                             {"8 bytes more than its header says", "one array a file"},
                                             {"it holds text ('<U3')", "numpy.unique(a, return_inverse=True)"},
                                             {"'<f16'", "astype"},
                                             {"'<c16'", "float32, float64"},
                                             {"'|O'", "convert"},
                                             {"dimension 1 of its shape is 0", "x.npy"},
                                             {"dimension 2 of its shape is 0", "x.npy"},
                                             {"single number", "array of rows"},
                                             {"announces more", "truncated"},
                                             {"announces more", "truncated"},
                                             {"header can't be read", "plain array"},
                                             {"3 dimensions in Fortran order", "ascontiguousarray"},
                                             {"row 3, column 1 (from 1) is inf", "drop the row"},
                                             {"row 1, column 2 (from 1) is nan", "drop the row"},
                                             {"version 4", "save it anew"},
                                             {"header can't be read", "records"}};
    struct gsp_buffer files[] = {
        npy("<f8", false, "(3, 2)", numbers, 47),
        npy("<f8", false, "(2, 2)", numbers, 40),
        npy("<U3", false, "(3, 2)", numbers, 48),
        npy("<f16", false, "(3, 1)", numbers, 48),
        npy("<c16", false, "(3, 1)", numbers, 48),
        npy("|O", false, "(3, 2)", numbers, 48),
        npy("<f8", false, "(0, 2)", numbers, 0),
        npy("<f8", false, "(3, 0)", numbers, 0),
        npy("<f8", false, "()", numbers, 8),
        npy("<f8", false, "(1000000000000, 1000000000000)", numbers, 48),
        npy("<f8", false, "(4294967296, 4294967296)", numbers, 48),
        npy("<f8", false, "(99999999999999999999, 2)", numbers, 48),
        npy("<f8", true, "(3, 1, 2)", numbers, 48),
        npy("<f8", false, "(3, 2)", holed, 48),
        npy("<f8", true, "(2, 3)", (const double[]){1, 2, NAN, 4, 5, 6}, 48),
        npy_version(4, "{}", numbers, 48),
        npy_version(1, "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3,), }", nan, 24)};
    ck_assert_uint_eq(sizeof files / sizeof *files, sizeof reasons / sizeof *reasons);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct gsp_file file = file_in("x.npy", &files[i]);
        read_bad(&file, &three_labels, 0, reasons[i][0], reasons[i][1]);
        gsp_buffer_clear(&files[i]);
    }
    struct gsp_file not_npy = file_of("x.npy", "\x93NUMPX\1\0aaaaaaaaa", 17);
    read_bad(&not_npy, NULL, 0, "x.npy: a binary file, but neither", "convert it");
}
END_TEST

START_TEST(counts_must_match)
{
    struct gsp_buffer two = npy("<f8", false, "(2, 3)", numbers, 48);
    struct gsp_file file = file_in("x.npy", &two);
    read_bad(&file, &three_labels, 0, "x.npy has 2 rows, but l.csv has 3 labels", "belong together");
    read_bad(&file, NULL, 0, "x.npy: features only", "Labels = FILE");
    read_bad(&file, &file, 0, "3 numbers a row", "which row 1 is not");
    gsp_buffer_clear(&two);
}
END_TEST

START_TEST(vectors_and_matrices_are_written_and_read_back)
{
    for (size_t rows = 0; rows < 4; rows += 3) {
        struct gsp_buffer bytes = {0};
        struct gsp_error error = {0};
        double *values = NULL;
        size_t shape[2];
        ck_assert(!gsp_npy_write(numbers, 6, rows, &bytes));
        ck_assert_uint_eq((bytes.length - 48) % 64, 0);
        struct gsp_file file = file_in("v.npy", &bytes);
        ck_assert_msg(!gsp_npy_read(&file, &values, shape, &error), "%s", error.message);
        ck_assert_uint_eq(shape[0], rows ? 3 : 6);
        ck_assert_uint_eq(shape[1], rows ? 2 : 1);
        ck_assert_mem_eq(values, numbers, sizeof numbers);
        free(values);
        file.length--;
        values = NULL;
        ck_assert_int_eq(gsp_npy_read(&file, &values, shape, &error), GSP_ERR_DATA);
        ck_assert_ptr_null(values);
        gsp_buffer_clear(&bytes);
    }
}
END_TEST

START_TEST(halves_and_big_endian_numbers_are_read)
{
    static const uint8_t halves[] = {0x00, 0x3c, 0x00, 0xc2, 0x00, 0x45, 0x00, 0x41, 0x01, 0x00, 0xff, 0x7b};
    static const double expected[] = {1, -3, 5, 2.5, 0x1p-24, 65504};
    double swapped[6];
    for (size_t i = 0; i < 6; i++) {
        uint64_t bits;
        memcpy(&bits, &numbers[i], sizeof bits);
        bits = __builtin_bswap64(bits);
        memcpy(&swapped[i], &bits, sizeof bits);
    }
    struct gsp_buffer half = npy("<f2", false, "(3, 2)", halves, sizeof halves),
                      big = npy(">f8", false, "(3, 2)", swapped, sizeof swapped);
    struct gsp_file half_file = file_in("x.npy", &half), big_file = file_in("x.npy", &big);
    struct gsp_dataset *data = read_good(&half_file, &three_labels, false, 0);
    ck_assert_int_eq(data->dtype, GSP_FLOAT32);
    for (size_t k = 0; k < 6; k++) ck_assert_double_eq(feature(data, k / 2, k % 2), expected[k]);
    gsp_dataset_free(data);
    data = read_good(&big_file, &three_labels, false, 0);
    for (size_t k = 0; k < 6; k++) ck_assert_double_eq(feature(data, k / 2, k % 2), numbers[k]);
    gsp_dataset_free(data);
    gsp_buffer_clear(&half);
    gsp_buffer_clear(&big);
}
END_TEST

/* ---- npz ---- */

START_TEST(data_sets_are_written_and_read_back)
{
    for (int i = 0; i < 4; i++) {
        const enum gsp_dtype dtype = i & 1 ? GSP_FLOAT64 : GSP_FLOAT32;
        const bool bias = i & 2;
        struct gsp_dataset *data = random_dataset(dtype, 700, 31, i ? 10 : 0, 5);
        for (size_t row = 0; row < 700 && bias; row++) set_feature(data, row, 30, 1);
        struct gsp_buffer bytes = {0}, again = {0};
        struct gsp_error error = {0};
        ck_assert_msg(!gsp_dataset_write_npz(data, bias, &bytes, &error), "%s", error.message);
        ck_assert(!gsp_dataset_write_npz(data, bias, &again, &error));
        ck_assert_uint_eq(bytes.length, again.length);
        ck_assert_mem_eq(bytes.data, again.data, bytes.length); /* no date, no chance in it */
        struct gsp_file file = file_in("shard.npz", &bytes);
        struct gsp_dataset *back = read_good(&file, NULL, bias, 0);
        ck_assert_int_eq(back->dtype, dtype);
        ck_assert_uint_eq(back->rows, 700);
        ck_assert_uint_eq(back->columns, 31);
        ck_assert_mem_eq(back->features, data->features, 700 * 31 * (dtype == GSP_FLOAT32 ? 4 : 8));
        ck_assert_mem_eq(back->targets, data->targets, 700 * sizeof(double));
        gsp_dataset_free(back);
        gsp_dataset_free(data);
        gsp_buffer_clear(&bytes);
        gsp_buffer_clear(&again);
    }
}
END_TEST

struct member {
    const char *name;
    const struct gsp_buffer *content;
};

static struct gsp_buffer archive_of(const struct member *members, size_t count, bool deflate)
{
    struct gsp_buffer out = {0};
    zip_stat_t about;
    zip_source_t *sink = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_t *archive = zip_open_from_source(sink, ZIP_TRUNCATE, NULL);
    ck_assert_ptr_nonnull(archive);
    zip_source_keep(sink);
    for (size_t i = 0; i < count; i++) {
        zip_source_t *bytes = zip_source_buffer(archive, members[i].content->data, members[i].content->length, 0);
        zip_int64_t index = zip_file_add(archive, members[i].name, bytes, 0);
        ck_assert_int_ge(index, 0);
        zip_set_file_compression(archive, (zip_uint64_t)index, deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
    }
    ck_assert_int_eq(zip_close(archive), 0);
    ck_assert_int_eq(zip_source_open(sink), 0);
    ck_assert_int_eq(zip_source_stat(sink, &about), 0);
    ck_assert(!gsp_buffer_reserve(&out, about.size));
    ck_assert_int_eq(zip_source_read(sink, out.data, about.size), (zip_int64_t)about.size);
    out.length = about.size;
    zip_source_close(sink);
    zip_source_free(sink);
    return out;
}

START_TEST(archives_stored_or_deflated)
{
    struct gsp_buffer x = npy("<f8", false, "(3, 2)", numbers, 48), y = npy("<f8", false, "(3,)", numbers, 24);
    const struct member members[] = {{"other.npy", &y}, {"y.npy", &y}, {"x.npy", &x}};
    for (int deflate = 0; deflate < 2; deflate++) {
        struct gsp_buffer bytes = archive_of(members, 3, deflate);
        struct gsp_file file = file_in("t.npz", &bytes), rows = file_in("x.npy", &x);
        struct gsp_dataset *data = read_good(&file, NULL, true, 0);
        for (size_t i = 0; i < 6; i++) ck_assert_double_eq(feature(data, i / 2, i % 2), numbers[i]);
        ck_assert_double_eq(data->targets[1], 2.5);
        gsp_dataset_free(data);
        data = read_good(&file, &three_labels, false, 0); /* labels apart prevail */
        ck_assert_double_eq(data->targets[1], 8);
        gsp_dataset_free(data);
        data = read_good(&rows, &file, false, 0); /* an archive of labels */
        ck_assert_double_eq(data->targets[1], 2.5);
        gsp_dataset_free(data);
        gsp_buffer_clear(&bytes);
    }
    gsp_buffer_clear(&x);
    gsp_buffer_clear(&y);
}
END_TEST

/* What people call them; of rows to train on and to test on each file is asked for its own. */
START_TEST(arrays_are_found_by_the_names_that_people_give_them)
{
    static const char *const names[][2] = {
        {"X.npy", "y.npy"},         {"x_train.npy", "y_train.npy"}, {"X_train.npy", "y_train.npy"},
        {"data.npy", "labels.npy"}, {"data.npy", "target.npy"},     {"features.npy", "labels.npy"},
        {"arr_0.npy", "arr_1.npy"}};
    static const double one_hot[] = {0, 1, 1, 0, 0, 1};
    struct gsp_buffer x = npy("<f8", false, "(3, 2)", numbers, 48), y = npy("<f8", false, "(3, 2)", one_hot, 48),
                      bytes = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct member members[] = {{names[i][0], &x}, {names[i][1], &y}};
        bytes = archive_of(members, 2, false);
        struct gsp_file file = file_in("t.npz", &bytes);
        struct gsp_dataset *data = read_good(&file, NULL, false, 0);
        ck_assert_double_eq(feature(data, 2, 1), numbers[5]);
        ck_assert_double_eq(data->targets[0], 1); /* which of its numbers is 1 */
        ck_assert_double_eq(data->targets[1], 0);
        gsp_dataset_free(data);
        gsp_buffer_clear(&bytes);
    }
    struct gsp_buffer labels = npy("<f8", false, "(3,)", numbers, 24);
    const struct member both[] = {
        {"x_train.npy", &x}, {"y_train.npy", &y}, {"x_test.npy", &x}, {"y_test.npy", &labels}};
    const struct gsp_data_options test = {.test = true};
    struct gsp_error error = {0};
    struct gsp_dataset *data = NULL;
    bytes = archive_of(both, 4, false);
    struct gsp_file file = file_in("t.npz", &bytes);
    ck_assert(!gsp_dataset_read(&data, &file, NULL, &test, &error));
    ck_assert_double_eq(data->targets[2], numbers[2]);
    gsp_dataset_free(data);
    data = read_good(&file, NULL, false, 0);
    ck_assert_double_eq(data->targets[2], 1);
    gsp_dataset_free(data);
    gsp_buffer_clear(&bytes);
    const struct member two[] = {{"x.npy", &x}, {"y.npy", &y}, {"data.npy", &x}, {"labels.npy", &y}};
    bytes = archive_of(two, 4, false);
    file = file_in("t.npz", &bytes);
    read_bad(&file, NULL, 0, "which arrays are the features", "x.npy, y.npy, data.npy, labels.npy");
    gsp_buffer_clear(&bytes);
    gsp_buffer_clear(&x);
    gsp_buffer_clear(&y);
    gsp_buffer_clear(&labels);
}
END_TEST

START_TEST(wrong_archives_are_refused)
{
    struct gsp_buffer x = npy("<f8", false, "(3, 2)", numbers, 48), y = npy("<f8", false, "(3,)", numbers, 24),
                      few = npy("<f8", false, "(2,)", numbers, 16), text = {0};
    static double zeros[100000];
    struct gsp_buffer bomb = npy("<f8", false, "(3, 2)", zeros, sizeof zeros);
    ck_assert(!gsp_buffer_append(&text, "1,2,3\n", 6));
    const struct {
        struct member members[2];
        const char *reasons[2];
    } cases[] = {{{{"a.npy", &x}, {"b.npy", &y}}, {"which arrays are the features and the targets?", "a.npy, b.npy"}},
                 {{{"x.npy", &x}, {"b.npy", &y}}, {"which arrays are", "numpy.savez"}},
                 {{{"x.npy", &x}, {"y.npy", &few}}, {"x has 3 rows, but y has 2", "t.npz"}},
                 {{{"x.npy", &x}, {"y.npy", &x}}, {"t.npz: array y: 2 numbers a row", "one 1 among zeros"}},
                 {{{"x.npy", &text}, {"y.npy", &y}}, {"t.npz: array x: truncated", "copy it again"}},
                 {{{"x.npy", &bomb}, {"y.npy", &y}}, {"t.npz: array x: it holds more", "write the file again"}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int deflate = 0; deflate < 2; deflate++) {
            struct gsp_buffer bytes = archive_of(cases[i].members, 2, deflate);
            struct gsp_file file = file_in("t.npz", &bytes);
            read_bad(&file, NULL, 0, cases[i].reasons[0], cases[i].reasons[1]);
            gsp_buffer_clear(&bytes);
        }
    const struct member good[] = {{"x.npy", &x}, {"y.npy", &y}};
    for (int deflate = 0; deflate < 2; deflate++) {
        struct gsp_buffer bytes = archive_of(good, 2, deflate);
        for (size_t cut = 4; cut < bytes.length; cut++) {
            struct gsp_file file = file_of("t.npz", bytes.data, cut);
            read_bad(&file, NULL, 0, "t.npz: ", "copy it again");
        }
        size_t directory = 0; /* which holds the checksum that counts */
        while (memcmp(bytes.data + directory, "PK\1\2", 4) != 0) directory++;
        bytes.data[directory + 16] ^= 1;
        struct gsp_file file = file_in("t.npz", &bytes);
        read_bad(&file, NULL, 0, "t.npz: array x: damaged", "copy it again");
        gsp_buffer_clear(&bytes);
    }
    gsp_buffer_clear(&x);
    gsp_buffer_clear(&y);
    gsp_buffer_clear(&few);
    gsp_buffer_clear(&text);
    gsp_buffer_clear(&bomb);
}
END_TEST

START_TEST(damage_is_survived)
{
    struct gsp_buffer x = npy("<f8", false, "(3, 2)", numbers, 48), y = npy("<f8", false, "(3,)", numbers, 24);
    const struct member members[] = {{"x.npy", &x}, {"y.npy", &y}};
    struct gsp_buffer files[3] = {x, archive_of(members, 2, false), archive_of(members, 2, true)};
    struct gsp_stream stream;
    uint8_t key[32];
    gsp_stream_key(key, 5, "", "damage");
    gsp_stream_init(&stream, key, 0);
    for (int i = 0; i < 6000; i++) {
        struct gsp_buffer *file = &files[i % 3], copy = {0};
        ck_assert(!gsp_buffer_append(&copy, file->data, file->length));
        for (uint64_t n = 1 + gsp_stream_below(&stream, 3); n; n--)
            copy.data[gsp_stream_below(&stream, copy.length)] ^= (uint8_t)(1 << gsp_stream_below(&stream, 8));
        read_damaged("t", copy.data, gsp_stream_below(&stream, copy.length + 1));
        read_damaged("t", copy.data, copy.length);
        gsp_buffer_clear(&copy);
    }
    gsp_buffer_clear(&y);
    for (int i = 0; i < 3; i++) gsp_buffer_clear(&files[i]);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, both_precisions_are_kept);
    tcase_add_test(tcase, integers_are_converted_not_scaled);
    tcase_add_test(tcase, halves_and_big_endian_numbers_are_read);
    tcase_add_test(tcase, orders_shapes_and_versions);
    tcase_add_test(tcase, wrong_files_are_refused_with_a_remedy);
    tcase_add_test(tcase, counts_must_match);
    tcase_add_test(tcase, vectors_and_matrices_are_written_and_read_back);
    tcase_add_test(tcase, data_sets_are_written_and_read_back);
    tcase_add_test(tcase, archives_stored_or_deflated);
    tcase_add_test(tcase, arrays_are_found_by_the_names_that_people_give_them);
    tcase_add_test(tcase, wrong_archives_are_refused);
    tcase_add_test(tcase, damage_is_survived);
}

int main(void)
{
    return run_suite("npy", add);
}
