/* Vector kernels: both builds against the definition, bit for bit, at every length and offset. */
#include "base/cpu.h"
#include "base/vec.h"
#include "unit/run_suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 300, LANES = 16 };

static const struct gsp__vec_kernels *builds[2] = {&gsp__vec_plain};
static size_t build_count = 1;

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* Sixteen sums, element i in sum i mod 16, then added in pairs 8, 4, 2, 1 apart. */
static double sum_in_lanes(size_t n, const double *terms)
{
    double lane[LANES] = {0};
    for (size_t i = 0; i < n; i++) lane[i % LANES] += terms[i];
    for (size_t l = 0; l < 8; l++) lane[l] += lane[l + 8];
    for (size_t l = 0; l < 4; l++) lane[l] += lane[l + 4];
    return (lane[0] + lane[2]) + (lane[1] + lane[3]);
}

static void fill(struct gsp_stream *stream, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = ldexp(gsp_stream_normal(stream), (int)gsp_stream_below(stream, 40) - 20);
    }
}

static void start(struct gsp_stream *stream, uint64_t seed)
{
    uint8_t key[32];
    gsp_stream_key(key, seed, "test_vec", "numbers");
    gsp_stream_init(stream, key, 0);
}

START_TEST(sums_are_in_lanes)
{
    struct gsp_stream stream;
    start(&stream, 1);
    double a[LONGEST + 3], b[LONGEST + 3], products[LONGEST], sizes[LONGEST];
    fill(&stream, LONGEST + 3, a);
    fill(&stream, LONGEST + 3, b);
    for (size_t n = 0; n <= LONGEST; n++) {
        const double *x = a + n % 4, *y = b + n % 3;
        for (size_t i = 0; i < n; i++) {
            products[i] = x[i] * y[i];
            sizes[i] = fabs(x[i]);
        }
        for (size_t k = 0; k < build_count; k++) {
            ck_assert_msg(same_bits(builds[k]->dot(n, x, y), sum_in_lanes(n, products)), "dot, build %zu, n %zu", k, n);
            ck_assert_msg(same_bits(builds[k]->norm1(n, x), sum_in_lanes(n, sizes)), "norm1, build %zu, n %zu", k, n);
        }
        for (size_t i = 0; i < n; i++) products[i] = x[i] * x[i];
        ck_assert(same_bits(gsp_norm2(n, x), sqrt(sum_in_lanes(n, products))));
    }
}
END_TEST

static void expect_difference(size_t n, const double *out, const double *a, const double *b)
{
    for (size_t i = 0; i < n; i++) {
        if (!same_bits(out[i], a[i] - b[i])) ck_abort_msg("n %zu, i %zu", n, i);
    }
}

START_TEST(elementwise_kernels_round_once_an_operation)
{
    struct gsp_stream stream;
    start(&stream, 2);
    double a[LONGEST], b[LONGEST], out[LONGEST];
    for (size_t n = 0; n <= LONGEST; n++) {
        fill(&stream, LONGEST, a);
        fill(&stream, LONGEST, b);
        for (size_t k = 0; k < build_count; k++) {
            builds[k]->subtract(n, a, b, out);
            expect_difference(n, out, a, b);
            memcpy(out, b, sizeof b);
            builds[k]->axpy(n, 1.0 / 3, a, out);
            for (size_t i = 0; i < LONGEST; i++) {
                volatile double product = 1.0 / 3 * a[i]; /* volatile: rounded before the addition */
                if (!same_bits(out[i], i < n ? b[i] + product : b[i])) ck_abort_msg("n %zu, i %zu", n, i);
            }
            memcpy(out, a, sizeof a);
            builds[k]->subtract(n, out, b, out);
            expect_difference(n, out, a, b);
        }
    }
}
END_TEST

START_TEST(finite_sees_every_place)
{
    static const double bad[] = {INFINITY, -INFINITY, NAN, -NAN};
    double a[100];
    for (size_t i = 0; i < 100; i++) a[i] = i % 3 ? -1.7e308 : i % 2 ? -5e-324 : -0.0;
    for (size_t k = 0; k < build_count; k++) {
        for (size_t n = 0; n <= 100; n++) ck_assert(builds[k]->finite(n, a));
        for (size_t i = 0; i < 100; i++) {
            double saved = a[i];
            a[i] = bad[i % 4];
            ck_assert(!builds[k]->finite(100, a) && !builds[k]->finite(i + 1, a) && builds[k]->finite(i, a));
            a[i] = saved;
        }
    }
}
END_TEST

START_TEST(exp_all_is_exp)
{
    struct gsp_stream stream;
    start(&stream, 3);
    double x[LONGEST], plain[LONGEST], avx2[LONGEST];
    for (size_t n = 0; n <= LONGEST; n++) {
        for (size_t i = 0; i < n; i++) x[i] = 1600 * gsp_stream_uniform(&stream) - 800;
        gsp__exp_all_plain(n, x, plain);
        if (build_count == 2) {
            gsp__exp_all_avx2(n, x, avx2);
            ck_assert(n == 0 || memcmp(plain, avx2, n * sizeof *x) == 0);
        }
        for (size_t i = 0; i < n; i++) {
            if (!same_bits(plain[i], gsp_exp(x[i]))) ck_abort_msg("exp(%a)", x[i]);
        }
    }
}
END_TEST

int main(void)
{
    if (gsp__has_avx2()) builds[build_count++] = &gsp__vec_avx2;
    Suite *suite = suite_create("vec");
    TCase *test_case = tcase_create("vec");
    tcase_add_test(test_case, sums_are_in_lanes);
    tcase_add_test(test_case, elementwise_kernels_round_once_an_operation);
    tcase_add_test(test_case, finite_sees_every_place);
    tcase_add_test(test_case, exp_all_is_exp);
    suite_add_tcase(suite, test_case);
    return run_suite(suite);
}
