/* The streams: fixed bytes, independence of the request sizes, bounds, uniformity. */
#include <gossip/base.h>

#include <check.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "unit/run_suite.h"

static void start(struct gsp_stream *stream, uint64_t seed, uint64_t step)
{
    uint8_t key[32];
    gsp_stream_key(key, seed, "n001", "test");
    gsp_stream_init(stream, key, step);
}

/* The definition, written out with other calls of libsodium: what restarted nodes and other hosts rely on. */
START_TEST(key_and_stream_are_as_documented)
{
    const uint8_t encoded[] = {8, 7, 6, 5, 4, 3, 2, 1, 'n', '0', '0', '1', 0, 't', 'e', 's', 't', 0};
    uint8_t expected_key[32], key[32], expected[2000], got[sizeof expected];
    crypto_generichash(expected_key, 32, encoded, sizeof encoded, NULL, 0);
    gsp_stream_key(key, 0x0102030405060708, "n001", "test");
    ck_assert_mem_eq(key, expected_key, 32);
    const uint8_t nonce[8] = {0x39, 0x30, 0, 0, 0, 0, 0, 0x80};
    crypto_stream_chacha20(expected, sizeof expected, nonce, key);
    struct gsp_stream stream;
    gsp_stream_init(&stream, key, 12345 | UINT64_C(1) << 63);
    gsp_stream_bytes(&stream, got, sizeof got);
    ck_assert_mem_eq(got, expected, sizeof got);
}
END_TEST

START_TEST(keys_differ)
{
    uint8_t a[32], b[32];
    gsp_stream_key(a, 1, "n001", "x");
    gsp_stream_key(b, 2, "n001", "x");
    ck_assert_mem_ne(a, b, 32);
    gsp_stream_key(b, 1, "n002", "x");
    ck_assert_mem_ne(a, b, 32);
    gsp_stream_key(b, 1, "n001", "y");
    ck_assert_mem_ne(a, b, 32);
    gsp_stream_key(b, 1, "n00", "1x");
    ck_assert_mem_ne(a, b, 32);
}
END_TEST

START_TEST(request_sizes_do_not_matter)
{
    enum { TOTAL = 60000 };
    static uint8_t whole[TOTAL], parts[TOTAL];
    struct gsp_stream stream, sizes;
    for (uint64_t seed = 0; seed < 50; seed++) {
        start(&stream, seed, 7);
        gsp_stream_bytes(&stream, whole, TOTAL);
        start(&stream, seed, 7);
        start(&sizes, seed, 8);
        for (size_t at = 0; at < TOTAL;) {
            size_t size = gsp_stream_below(&sizes, 1 + (UINT64_C(1) << gsp_stream_below(&sizes, 13)));
            if (size > TOTAL - at) size = TOTAL - at;
            gsp_stream_bytes(&stream, parts + at, size);
            at += size;
        }
        ck_assert_msg(memcmp(whole, parts, TOTAL) == 0, "seed %u", (unsigned)seed);
    }
}
END_TEST

START_TEST(integers_are_little_endian)
{
    struct gsp_stream stream;
    uint8_t b[12];
    start(&stream, 1, 1);
    gsp_stream_bytes(&stream, b, sizeof b);
    start(&stream, 1, 1);
    uint32_t u32 = gsp_stream_u32(&stream);
    uint64_t u64 = gsp_stream_u64(&stream);
    for (size_t i = 0; i < 4; i++) ck_assert_uint_eq(u32 >> (8 * i) & 255, b[i]);
    for (size_t i = 0; i < 8; i++) ck_assert_uint_eq(u64 >> (8 * i) & 255, b[4 + i]);
}
END_TEST

static void expect_even(uint64_t bound, size_t cells)
{
    enum { DRAWS = 200000 };
    size_t count[32] = {0};
    struct gsp_stream stream;
    start(&stream, bound, 3);
    for (size_t i = 0; i < DRAWS; i++) {
        uint64_t value = gsp_stream_below(&stream, bound);
        if (value >= bound) ck_abort_msg("%ju is not below %ju", (uintmax_t)value, (uintmax_t)bound);
        count[(size_t)((double)value / (double)bound * (double)cells)]++;
    }
    double expected = (double)DRAWS / (double)cells, chi = 0;
    for (size_t i = 0; i < cells; i++) chi += pow((double)count[i] - expected, 2) / expected;
    /* Mean cells - 1, variance 2 (cells - 1): six standard deviations. */
    ck_assert_msg(chi < (double)cells + 6 * sqrt(2 * (double)cells), "bound %g: chi square %g", (double)bound, chi);
}

/* Without its rejection, a product of 32-bit numbers would favour every third number. */
static void expect_even_thirds(void)
{
    enum { DRAWS = 30000 };
    size_t count[3] = {0};
    struct gsp_stream stream;
    start(&stream, 1, 5);
    for (size_t i = 0; i < DRAWS; i++) count[gsp_stream_below(&stream, UINT64_C(3) << 30) % 3]++;
    for (size_t i = 0; i < 3; i++) ck_assert(count[i] > DRAWS / 3 - 600 && count[i] < DRAWS / 3 + 600);
}

START_TEST(below_is_even)
{
    expect_even_thirds();
    expect_even(7, 7);
    expect_even(32, 32);
    expect_even(1000003, 16);
    expect_even(3000000000u, 24);                    /* a naive modulus would favour the first third */
    expect_even(UINT64_C(13835058055282163712), 24); /* 3/4 of 2^64: likewise */
    struct gsp_stream stream;
    start(&stream, 1, 1);
    for (int i = 0; i < 10; i++) ck_assert_uint_eq(gsp_stream_below(&stream, 1), 0);
    for (int i = 0; i < 1000; i++) {
        ck_assert(gsp_stream_below(&stream, UINT64_MAX) < UINT64_MAX);
        ck_assert(gsp_stream_below(&stream, UINT32_MAX) < UINT32_MAX);
        ck_assert(gsp_stream_below(&stream, UINT64_C(1) << 32) <= UINT32_MAX);
    }
}
END_TEST

START_TEST(uniforms_and_normals_have_their_moments)
{
    enum { DRAWS = 400000 };
    struct gsp_stream stream;
    start(&stream, 5, 1);
    double mean = 0, square = 0;
    for (int i = 0; i < DRAWS; i++) {
        double u = gsp_stream_uniform(&stream);
        if (u < 0 || u >= 1) ck_abort_msg("%a", u);
        mean += u / DRAWS;
        square += u * u / DRAWS;
    }
    ck_assert(fabs(mean - 0.5) < 0.003 && fabs(square - 1.0 / 3) < 0.003);
    double moment[5] = {0};
    int beyond_two = 0;
    for (int i = 0; i < DRAWS; i++) {
        double x = gsp_stream_normal(&stream);
        for (int power = 1; power <= 4; power++) moment[power] += pow(x, power) / DRAWS;
        beyond_two += fabs(x) > 2;
    }
    ck_assert(fabs(moment[1]) < 0.01 && fabs(moment[2] - 1) < 0.015);
    ck_assert(fabs(moment[3]) < 0.03 && fabs(moment[4] - 3) < 0.1);
    ck_assert(fabs(beyond_two / (double)DRAWS - 0.0455) < 0.002);
}
END_TEST

/* Runs on other processors rely on these very numbers. */
START_TEST(normals_are_the_documented_ones)
{
    struct gsp_stream stream, uniforms;
    start(&stream, 9, 4);
    start(&uniforms, 9, 4);
    for (int i = 0; i < 1000; i++) {
        double u, v, square;
        do {
            u = 2 * gsp_stream_uniform(&uniforms) - 1;
            v = 2 * gsp_stream_uniform(&uniforms) - 1;
            square = u * u + v * v;
        } while (square >= 1 || square == 0);
        double expected = u * sqrt(-2 * log(square) / square);
        ck_assert(fabs(gsp_stream_normal(&stream) - expected) <= 1e-14 * (1 + fabs(expected)));
    }
}
END_TEST

int main(void)
{
    if (sodium_init() < 0) return EXIT_FAILURE;
    Suite *suite = suite_create("rng");
    TCase *test_case = tcase_create("rng");
    tcase_set_timeout(test_case, 60);
    tcase_add_test(test_case, key_and_stream_are_as_documented);
    tcase_add_test(test_case, keys_differ);
    tcase_add_test(test_case, request_sizes_do_not_matter);
    tcase_add_test(test_case, integers_are_little_endian);
    tcase_add_test(test_case, below_is_even);
    tcase_add_test(test_case, uniforms_and_normals_have_their_moments);
    tcase_add_test(test_case, normals_are_the_documented_ones);
    suite_add_tcase(suite, test_case);
    return run_suite(suite);
}
