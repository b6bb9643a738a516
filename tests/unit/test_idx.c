/* idx files, plain and compressed. */
#include "data_cases.h"
#include "gzip.h"

#include <math.h>
#include <stdio.h>

/* An idx file of `count` elements of `size` bytes each, big-endian. */
static struct gsp_buffer idx(uint8_t type, size_t dimensions, const uint32_t *shape, const void *elements, size_t bytes)
{
    struct gsp_buffer out = {0};
    const uint8_t magic[4] = {0, 0, type, (uint8_t)dimensions};
    ck_assert(!gsp_buffer_append(&out, magic, 4));
    for (size_t i = 0; i < dimensions; i++) {
        const uint8_t size[4] = {(uint8_t)(shape[i] >> 24), (uint8_t)(shape[i] >> 16), (uint8_t)(shape[i] >> 8),
                                 (uint8_t)shape[i]};
        ck_assert(!gsp_buffer_append(&out, size, 4));
    }
    ck_assert(!gsp_buffer_append(&out, elements, bytes));
    return out;
}

static struct gsp_file file_in(const char *name, const struct gsp_buffer *buffer)
{
    return file_of(name, buffer->data, buffer->length);
}

static const uint8_t pixels[12] = {0, 255, 128, 1, 2, 3, 4, 5, 6, 7, 8, 9};
static const uint8_t classes[3] = {9, 0, 255};

START_TEST(images_become_fractions_and_labels_stay_whole)
{
    const uint32_t shape[3] = {3, 2, 2};
    struct gsp_buffer plain = idx(8, 3, shape, pixels, 12), packed = gzip(plain.data, plain.length);
    struct gsp_buffer labels = idx(8, 1, shape, classes, 3), packed_labels = gzip(labels.data, labels.length);
    for (int i = 0; i < 4; i++) {
        struct gsp_file images = file_in("images", i & 1 ? &packed : &plain),
                        names = file_in("labels", i & 2 ? &packed_labels : &labels);
        struct gsp_dataset *data = read_good(&images, &names, i & 1, 0);
        ck_assert_int_eq(data->dtype, GSP_FLOAT32);
        ck_assert_uint_eq(data->rows, 3);
        ck_assert_uint_eq(data->columns, i & 1 ? 5 : 4);
        for (size_t k = 0; k < 12; k++) {
            float expected = (float)pixels[k] / 255.0f;
            ck_assert(((const float *)data->features)[k / 4 * data->columns + k % 4] == expected);
        }
        for (size_t row = 0; row < 3; row++) ck_assert_double_eq(data->targets[row], classes[row]);
        gsp_dataset_free(data);
    }
    gsp_buffer_clear(&plain);
    gsp_buffer_clear(&packed);
    gsp_buffer_clear(&labels);
    gsp_buffer_clear(&packed_labels);
}
END_TEST

START_TEST(every_element_type_is_read)
{
    static const struct {
        uint8_t type;
        enum gsp_dtype dtype;
        size_t size;
        uint8_t bytes[16];
        double values[2];
    } cases[] = {{0x09, GSP_FLOAT32, 1, {0xff, 5}, {-1, 5}},
                 {0x0b, GSP_FLOAT32, 2, {0xff, 0xfe, 1, 0}, {-2, 256}},
                 {0x0c, GSP_FLOAT64, 4, {0xff, 0xff, 0xff, 0xfd, 1, 0, 0, 0}, {-3, 16777216}},
                 {0x0d, GSP_FLOAT32, 4, {0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0}, {1.5, -2}},
                 {0x0e, GSP_FLOAT64, 8, {0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0}, {1.5, -2}}};
    const uint32_t shape[2] = {2, 1};
    const uint8_t zeros[2] = {0, 1};
    struct gsp_buffer labels = idx(8, 1, shape, zeros, 2);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gsp_buffer buffer = idx(cases[i].type, 2, shape, cases[i].bytes, 2 * cases[i].size);
        struct gsp_file file = file_in("values", &buffer), names = file_in("labels", &labels);
        struct gsp_dataset *data = read_good(&file, &names, false, 0);
        ck_assert_int_eq(data->dtype, cases[i].dtype);
        for (size_t row = 0; row < 2; row++) ck_assert_double_eq(feature(data, row, 0), cases[i].values[row]);
        gsp_dataset_free(data);
        gsp_buffer_clear(&buffer);
    }
    gsp_buffer_clear(&labels);
}
END_TEST

START_TEST(wrong_files_are_refused)
{
    const uint32_t shape[3] = {3, 2, 2}, empty[3] = {0, 2, 2}, narrow[3] = {3, 0, 2}, huge[3] = {~0u, ~0u, ~0u},
                   more[1] = {3};
    const uint8_t nan[4] = {0x7f, 0xc0, 0, 0};
    const uint32_t one[2] = {1, 1};
    struct gsp_buffer good = idx(8, 3, shape, pixels, 12), labels = idx(8, 1, more, classes, 3);
    struct gsp_buffer wrong[] = {idx(8, 3, shape, pixels, 11), idx(8, 3, shape, pixels, 12),
                                 idx(8, 3, empty, pixels, 12), idx(8, 3, narrow, pixels, 12),
                                 idx(8, 3, huge, pixels, 12),  idx(7, 3, shape, pixels, 12),
                                 idx(13, 2, one, nan, 4)};
    ck_assert(!gsp_buffer_append(&wrong[1], "x", 1));
    const char *const reasons[][2] = {{"train.idx: truncated", "copy it again"},
                                      {"1 bytes more", "write the file again"},
                                      {"dimension 1 of its shape is 0", "train.idx"},
                                      {"dimension 2 of its shape is 0", "train.idx"},
                                      {"announces more", "truncated"},
                                      {"no idx file", "known are"},
                                      {"row 1, column 1 (from 1) is nan", "drop the row"}};
    struct gsp_file names = file_in("labels", &labels);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct gsp_file file = file_in("train.idx", &wrong[i]);
        read_bad(&file, &names, 0, reasons[i][0], reasons[i][1]);
        gsp_buffer_clear(&wrong[i]);
    }
    struct gsp_file file = file_in("train.idx", &good);
    read_bad(&file, NULL, 0, "features only", "Labels = FILE");
    read_bad(&file, &file, 0, "4 numbers a row", "which row 1 is not");
    gsp_buffer_clear(&good);
    gsp_buffer_clear(&labels);
}
END_TEST

/* As bgzip, pigz or cat write it. */
START_TEST(members_of_gzip_follow_each_other)
{
    const uint32_t shape[3] = {3, 2, 2};
    struct gsp_buffer plain = idx(8, 3, shape, pixels, 12), labels = idx(8, 1, shape, classes, 3), packed = {0};
    for (size_t at = 0, piece = 1; at < plain.length; at += piece++) {
        size_t length = plain.length - at < piece ? plain.length - at : piece;
        struct gsp_buffer member = gzip(plain.data + at, length);
        ck_assert(!gsp_buffer_append(&packed, member.data, member.length));
        gsp_buffer_clear(&member);
    }
    struct gsp_file file = file_in("t.gz", &packed), whole = file_in("t", &plain), names = file_in("l", &labels);
    struct gsp_dataset *data = read_good(&file, &names, false, 0), *expected = read_good(&whole, &names, false, 0);
    ck_assert_uint_eq(data->rows, 3);
    ck_assert_mem_eq(data->features, expected->features, 12 * sizeof(float));
    gsp_dataset_free(data);
    gsp_dataset_free(expected);
    gsp_buffer_clear(&plain);
    gsp_buffer_clear(&labels);
    gsp_buffer_clear(&packed);
}
END_TEST

START_TEST(damaged_gzip_is_refused)
{
    const uint32_t shape[3] = {3, 2, 2}, bomb_shape[2] = {1, 50};
    static uint8_t zeros[1000000];
    struct gsp_buffer plain = idx(8, 3, shape, pixels, 12), packed = gzip(plain.data, plain.length);
    struct gsp_buffer bomb = idx(8, 2, bomb_shape, zeros, sizeof zeros), packed_bomb = gzip(bomb.data, bomb.length);
    struct gsp_buffer short_one = gzip(plain.data, plain.length - 1);
    struct gsp_file file = file_in("t.gz", &packed_bomb), names = file_of("l.csv", "1\n", 2);
    read_bad(&file, &names, 0, "holds more than its header says", "t.gz");
    file = file_in("t.gz", &short_one);
    read_bad(&file, &names, 0, "less than its header says", "t.gz");
    for (size_t cut = 2; cut < packed.length; cut++) {
        file = file_of("t.gz", packed.data, cut);
        read_bad(&file, &names, 0, "t.gz: ", "copy it again");
    }
    packed.data[packed.length - 6] ^= 1; /* the checksum */
    file = file_in("t.gz", &packed);
    read_bad(&file, &names, 0, "damaged gzip stream", "t.gz");
    packed.data[packed.length - 6] ^= 1;
    ck_assert(!gsp_buffer_append(&packed, "x", 1));
    file = file_in("t.gz", &packed);
    read_bad(&file, &names, 0, "holds more than", "t.gz");
    gsp_buffer_clear(&plain);
    gsp_buffer_clear(&packed);
    gsp_buffer_clear(&bomb);
    gsp_buffer_clear(&packed_bomb);
    gsp_buffer_clear(&short_one);
}
END_TEST

START_TEST(damage_is_survived)
{
    const uint32_t shape[2] = {3, 4};
    struct gsp_buffer files[2] = {idx(8, 2, shape, pixels, 12)};
    files[1] = gzip(files[0].data, files[0].length);
    struct gsp_stream stream;
    uint8_t key[32];
    gsp_stream_key(key, 4, "", "damage");
    gsp_stream_init(&stream, key, 0);
    for (int i = 0; i < 4000; i++) {
        struct gsp_buffer *file = &files[i % 2], copy = {0};
        ck_assert(!gsp_buffer_append(&copy, file->data, file->length));
        for (uint64_t n = 1 + gsp_stream_below(&stream, 3); n; n--)
            copy.data[gsp_stream_below(&stream, copy.length)] ^= (uint8_t)(1 << gsp_stream_below(&stream, 8));
        read_damaged("t", copy.data, gsp_stream_below(&stream, copy.length + 1));
        read_damaged("t", copy.data, copy.length);
        gsp_buffer_clear(&copy);
    }
    gsp_buffer_clear(&files[0]);
    gsp_buffer_clear(&files[1]);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, images_become_fractions_and_labels_stay_whole);
    tcase_add_test(tcase, every_element_type_is_read);
    tcase_add_test(tcase, wrong_files_are_refused);
    tcase_add_test(tcase, members_of_gzip_follow_each_other);
    tcase_add_test(tcase, damaged_gzip_is_refused);
    tcase_add_test(tcase, damage_is_survived);
}

int main(void)
{
    return run_suite("idx", add);
}
