/* Payloads from outside: nothing but the bytes an encoder could have sent passes the check, and nothing that passes can
 * do harm. Payloads lie in blocks of their exact size, so that a sanitizer sees a byte read too much. */
#include "algo/coding.h"
#include "unit/compress_cases.h"
#include "unit/run_suite.h"

#include <sodium.h>

enum { LONGEST = 260 };

struct target {
    struct gsp_compressor compressor;
    struct gsp_codec *codec;
    size_t d;
    uint8_t key[32];
    struct gsp_draws draws;
};

static void aim(struct target *target, const char *text, size_t d)
{
    target->compressor = parsed(text);
    target->d = d;
    gsp_stream_key(target->key, 1, "n002", "compressor");
    target->draws = (struct gsp_draws){.key = target->key, .step = 5};
    ck_assert_int_eq(gsp_codec_new(&target->codec, &target->compressor, d), 0);
}

/* An encoded vector, for the caller to free. */
static uint8_t *encoded(struct target *target, const double *v, size_t *length)
{
    uint8_t *payload = malloc(gsp_compressor_bound(&target->compressor, target->d));
    ck_assert_int_eq(gsp_codec_encode(target->codec, v, &target->draws, payload, length), 0);
    return payload;
}

/* What passes also expands, into a payload of the longest form with the same m; what does not pass does not. */
static void expand(struct target *target, const uint8_t *bytes, size_t length, const double *sum)
{
    size_t bound = gsp_compressor_bound(&target->compressor, target->d), full = 0;
    uint8_t *expanded = malloc(bound);
    int rc = gsp_codec_expand(target->codec, bytes, length, &target->draws, expanded, &full, NULL);
    ck_assert_int_eq(!rc, sum != NULL);
    if (sum) {
        double *other = gsp_vector(target->d);
        ck_assert(full >= length && full <= bound && !(gsp__coding_find(expanded[0])->traits & GSP__SHORTER));
        ck_assert_int_eq(gsp_codec_check(target->codec, expanded, full, &target->draws, NULL), 0);
        gsp_codec_apply(target->codec, expanded, full, &target->draws, 0.25, other, NULL);
        ck_assert(memcmp(sum, other, target->d * sizeof *sum) == 0);
        free(other);
    }
    free(expanded);
}

/* Checks and, if it passes, applies a copy of exactly `length` bytes. */
static bool passes(struct target *target, const uint8_t *bytes, size_t length)
{
    uint8_t *exact = malloc(length ? length : 1);
    struct gsp_error error = {0};
    if (length) memcpy(exact, bytes, length);
    int rc = gsp_codec_check(target->codec, exact, length, &target->draws, &error);
    ck_assert(!rc || (rc == GSP_ERR_FORMAT && error.code == rc && error.message[0]));
    if (!rc) {
        double *sum = gsp_vector(target->d), *copy = gsp_vector(target->d);
        gsp_codec_apply(target->codec, exact, length, &target->draws, 0.25, sum, copy);
        ck_assert(gsp_finite(target->d, sum) && gsp_finite(target->d, copy));
        expand(target, exact, length, sum);
        free(sum);
        free(copy);
    } else {
        expand(target, exact, length, NULL);
    }
    free(exact);
    return !rc;
}

START_TEST(damaged_payloads_do_no_harm)
{
    struct gsp_stream stream;
    uint8_t key[32];
    start_stream(&stream, key, 21 + (uint64_t)_i);
    for (int trial = 0; trial < 60; trial++) {
        struct target target;
        double v[LONGEST];
        size_t length;
        aim(&target, every_compressor[_i], 1 + (size_t)gsp_stream_below(&stream, LONGEST));
        fill_vector(v, target.d, (enum shape)(trial % SHAPES), &stream);
        uint8_t *payload = encoded(&target, v, &length);
        const uint8_t coding = payload[0];
        ck_assert(passes(&target, payload, length));
        for (int flip = 0; flip < 30; flip++) {
            size_t bit = (size_t)gsp_stream_below(&stream, 8 * length);
            payload[bit / 8] ^= (uint8_t)(1u << bit % 8);
            bool passed = passes(&target, payload, length);
            ck_assert(!passed || payload[0] == coding);
            if (flip % 3) payload[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (size_t shorter = 0; shorter < length; shorter += 1 + shorter / 3) {
            ck_assert(!passes(&target, payload, shorter) || gsp__coding_find(coding)->traits & GSP__OPEN_ENDED);
        }
        uint8_t *longer = calloc(length + 1, 1);
        memcpy(longer, payload, length);
        ck_assert(!passes(&target, longer, length + 1));
        free(longer);
        gsp_stream_bytes(&stream, payload + 1, length - 1);
        passes(&target, payload, length);
        free(payload);
        gsp_codec_free(target.codec);
    }
}
END_TEST

static void put_bits(uint8_t *bytes, size_t first, unsigned count, uint32_t value)
{
    for (size_t b = first; b < first + count; b++, value >>= 1) {
        bytes[b / 8] = (uint8_t)((bytes[b / 8] & ~(1u << b % 8)) | (value & 1) << b % 8);
    }
}

/* Every set bit beyond the fields is found. */
START_TEST(padding_must_be_zero)
{
    static const struct {
        const char *text;
        uint8_t coding;
        unsigned bits; /* of all fields; all of them zero, but for nine indices or 82 ones of a bitmap */
    } rows[] = {{"topk:fraction=0.1", GSP__CODING_INDICES, 9 * 7},
                {"topk:fraction=0.9", GSP__CODING_BITMAP, 91},
                {"qsgd:bits=1", GSP__CODING_LEVELS, 91 * 3},
                {"sign", GSP__CODING_SIGNS, 91}};
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct target target;
        aim(&target, rows[k].text, 91);
        size_t length = gsp_compressor_bound(&target.compressor, 91), fields = length - (rows[k].bits + 7) / 8;
        uint8_t *payload = calloc(length, 1);
        payload[0] = rows[k].coding;
        for (uint32_t j = 0; j < 9 && rows[k].coding == GSP__CODING_INDICES; j++)
            put_bits(payload + fields, 7 * (size_t)j, 7, j);
        for (size_t i = 0; i < 82 && rows[k].coding == GSP__CODING_BITMAP; i++) put_bits(payload + fields, i, 1, 1);
        ck_assert(passes(&target, payload, length));
        for (unsigned bit = rows[k].bits % 8; bit < 8; bit++) {
            payload[length - 1] ^= (uint8_t)(1u << bit);
            ck_assert_msg(!passes(&target, payload, length), "%s, bit %u", rows[k].text, bit);
            payload[length - 1] ^= (uint8_t)(1u << bit);
        }
        free(payload);
        gsp_codec_free(target.codec);
    }
}
END_TEST

START_TEST(indices_must_ascend_below_d)
{
    struct target target;
    uint8_t payload[1 + 3 * 4 + 3] = {GSP__CODING_INDICES}; /* three values of 0, three indices of 7 bits */
    aim(&target, "topk:fraction=0.03", 100);
    static const struct {
        uint32_t index[3];
        bool good;
    } rows[] = {{{0, 1, 2}, true},    {{97, 98, 99}, true},     {{5, 50, 99}, true},   {{0, 0, 1}, false},
                {{0, 5, 5}, false},   {{5, 4, 6}, false},       {{1, 2, 100}, false},  {{1, 2, 127}, false},
                {{98, 99, 0}, false}, {{100, 101, 102}, false}, {{0, 100, 99}, false}, {{2, 1, 0}, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t j = 0; j < 3; j++) put_bits(payload + 13, 7 * j, 7, rows[i].index[j]);
        ck_assert_msg(passes(&target, payload, sizeof payload) == rows[i].good, "row %zu", i);
    }
    gsp_codec_free(target.codec);
}
END_TEST

START_TEST(bitmaps_must_name_k)
{
    struct target target;
    uint8_t payload[1 + 50 * 2 + 13] = {GSP__CODING_BITMAP};
    aim(&target, "topk:fraction=0.5,values=bf16", 100);
    for (size_t i = 0; i < 49; i++) put_bits(payload + 101, 2 * i, 1, 1);
    ck_assert(!passes(&target, payload, sizeof payload));
    put_bits(payload + 101, 99, 1, 1);
    ck_assert(passes(&target, payload, sizeof payload));
    put_bits(payload + 101, 1, 1, 1);
    ck_assert(!passes(&target, payload, sizeof payload));
    /* One too many anywhere behind the last, also far behind. */
    memset(payload + 101, 0, sizeof payload - 101);
    for (size_t i = 0; i < 50; i++) put_bits(payload + 101, i, 1, 1);
    ck_assert(passes(&target, payload, sizeof payload));
    for (size_t i = 50; i < 100; i++) {
        put_bits(payload + 101, i, 1, 1);
        ck_assert_msg(!passes(&target, payload, sizeof payload), "a one at %zu", i);
        payload[101 + i / 8] &= (uint8_t) ~(1u << i % 8);
    }
    gsp_codec_free(target.codec);
}
END_TEST

START_TEST(levels_must_be_in_range)
{
    for (unsigned bits = 1; bits <= 16; bits++) {
        char text[64];
        struct target target;
        uint32_t s = UINT32_C(1) << bits;
        snprintf(text, sizeof text, "qsgd:bits=%u,values=f64", bits);
        for (size_t d = 1; d < 40; d++) {
            aim(&target, text, d);
            size_t length = gsp_compressor_bound(&target.compressor, d);
            uint8_t *payload = calloc(length, 1);
            payload[0] = GSP__CODING_LEVELS;
            double scale = 1.5;
            memcpy(payload + 1, &scale, sizeof scale); /* little-endian on the machines that run this */
            for (size_t i = 0; i < d; i++)
                put_bits(payload + 9, i * (bits + 2), bits + 2, (uint32_t)(i % 2 ? 2 * s : 0));
            ck_assert(passes(&target, payload, length));
            double sum[40] = {0};
            gsp_codec_apply(target.codec, payload, length, &target.draws, 1, sum, NULL);
            for (size_t i = 0; i < d; i++) ck_assert(sum[i] == (i % 2 ? 1.5 : -1.5) * s);
            for (size_t i = 0; i < d; i++) {
                put_bits(payload + 9, i * (bits + 2), bits + 2, 2 * s + 1);
                ck_assert_msg(!passes(&target, payload, length), "%s, d %zu, level %zu", text, d, i);
                put_bits(payload + 9, i * (bits + 2), bits + 2, s);
            }
            free(payload);
            gsp_codec_free(target.codec);
        }
    }
}
END_TEST

/* As many levels as topkq keeps may differ from 0, wherever they are, and in either form. */
START_TEST(levels_must_not_be_more_than_k)
{
    enum { D = 100, ZERO = 2 }; /* levels -2 to 2 */
    struct target target;
    aim(&target, "topkq:fraction=0.05,bits=1", D);
    size_t length = gsp_compressor_bound(&target.compressor, D);
    uint8_t *payload = calloc(length, 1);
    payload[0] = GSP__CODING_LEVELS;
    for (size_t i = 0; i < D; i++) put_bits(payload + 5, i * 3, 3, ZERO);
    for (size_t i = 0; i < 5; i++) {
        ck_assert(passes(&target, payload, length));
        put_bits(payload + 5, (7 + 23 * i) % D * 3, 3, i % 2 ? ZERO + 1 : ZERO - 2);
    }
    ck_assert(passes(&target, payload, length));
    for (size_t i = 0; i < D; i++) {
        if (i % 23 == 7) continue; /* one of the five */
        put_bits(payload + 5, i * 3, 3, ZERO + 2);
        ck_assert_msg(!passes(&target, payload, length), "a sixth level at %zu", i);
        put_bits(payload + 5, i * 3, 3, ZERO);
    }
    free(payload);
    gsp_codec_free(target.codec);
    /* What topkq of more coordinates sends, one of fewer refuses. */
    struct target more;
    double v[D];
    size_t sent;
    for (size_t i = 0; i < D; i++) v[i] = i % 3 ? 0 : 1;
    aim(&target, "topkq:fraction=0.05,bits=3", D);
    aim(&more, "topkq:fraction=0.3,bits=3", D);
    uint8_t *shorter = encoded(&more, v, &sent);
    ck_assert(shorter[0] == GSP__CODING_ANS && passes(&more, shorter, sent) && !passes(&target, shorter, sent));
    free(shorter);
    gsp_codec_free(more.codec);
    gsp_codec_free(target.codec);
}
END_TEST

/* One row a bad scale or value, as the bits of an f64. */
START_TEST(values_must_be_finite_and_scales_positive)
{
    static const struct {
        const char *text;
        uint8_t coding;
        double value;
        bool good;
    } rows[] = {{"qsgd:bits=4,values=f64", GSP__CODING_LEVELS, 0, true},
                {"qsgd:bits=4,values=f64", GSP__CODING_LEVELS, -0.0, false},
                {"qsgd:bits=4,values=f64", GSP__CODING_LEVELS, -1, false},
                {"qsgd:bits=4,values=f64", GSP__CODING_LEVELS, INFINITY, false},
                {"qsgd:bits=4,values=f64", GSP__CODING_LEVELS, NAN, false},
                {"qsgd:bits=4,values=f64", GSP__CODING_LEVELS, 1.2e307, false},
                {"qsgd:bits=4,values=f64", GSP__CODING_LEVELS, 1.1e307, true},
                {"sign:values=f64", GSP__CODING_SIGNS, 1.7e308, true},
                {"sign:values=f64", GSP__CODING_SIGNS, -1.7e308, false},
                {"none:values=f64", GSP__CODING_DENSE, -1.7e308, true},
                {"none:values=f64", GSP__CODING_DENSE, -INFINITY, false},
                {"randk:fraction=1,values=f64", GSP__CODING_DRAWN, NAN, false},
                {"randk:fraction=1,values=f64", GSP__CODING_DRAWN, -0.0, true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct target target;
        aim(&target, rows[i].text, 1);
        uint8_t payload[10] = {rows[i].coding};
        memcpy(payload + 1, &rows[i].value, sizeof rows[i].value);
        size_t length = gsp_compressor_bound(&target.compressor, 1);
        ck_assert(length <= sizeof payload);
        ck_assert_msg(passes(&target, payload, length) == rows[i].good, "%s %g", rows[i].text, rows[i].value);
        gsp_codec_free(target.codec);
    }
}
END_TEST

/* Only the coding that this compressor's messages have is taken. */
START_TEST(other_codings_are_refused)
{
    struct target target;
    double v[100] = {1};
    size_t length;
    aim(&target, every_compressor[_i], 100);
    uint8_t *payload = encoded(&target, v, &length);
    uint8_t own = payload[0];
    for (unsigned coding = 0; coding < 256; coding++) {
        payload[0] = (uint8_t)coding;
        ck_assert(passes(&target, payload, length) == (coding == own));
    }
    free(payload);
    gsp_codec_free(target.codec);
}
END_TEST

int main(void)
{
    if (sodium_init() < 0) return EXIT_FAILURE;
    Suite *suite = suite_create("codec_hostile");
    TCase *test_case = tcase_create("codec_hostile");
    tcase_set_timeout(test_case, 60);
    tcase_add_loop_test(test_case, damaged_payloads_do_no_harm, 0, COMPRESSORS);
    tcase_add_test(test_case, padding_must_be_zero);
    tcase_add_test(test_case, indices_must_ascend_below_d);
    tcase_add_test(test_case, bitmaps_must_name_k);
    tcase_add_test(test_case, levels_must_be_in_range);
    tcase_add_test(test_case, levels_must_not_be_more_than_k);
    tcase_add_test(test_case, values_must_be_finite_and_scales_positive);
    tcase_add_loop_test(test_case, other_codings_are_refused, 0, COMPRESSORS);
    suite_add_tcase(suite, test_case);
    return run_suite(suite);
}
