/* gsp_exp, gsp_ln, gsp_log1p, gsp_cos_pi against the C library in long double, and at their edges. */
#include <gossip/base.h>

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit/run_suite.h"

/* The distance of `got` from `exact`, in units of the last place of a double of that size. */
static double ulps(double got, long double exact)
{
    if ((double)exact == got) return fabsl((long double)got - exact) == 0 ? 0 : 0.5;
    int exponent;
    frexpl(exact, &exponent);
    if (exponent < -1021) exponent = -1021;
    return (double)(fabsl((long double)got - exact) / ldexpl(1, exponent - 53));
}

static double random_between(struct gsp_stream *stream, double low, double high)
{
    return low + (high - low) * gsp_stream_uniform(stream);
}

static void start(struct gsp_stream *stream, uint64_t seed)
{
    uint8_t key[32];
    gsp_stream_key(key, seed, "test_math", "arguments");
    gsp_stream_init(stream, key, 0);
}

static void worst_of_exp(double low, double high, double bound)
{
    struct gsp_stream stream;
    start(&stream, 1);
    for (int i = 0; i < 200000; i++) {
        double x = random_between(&stream, low, high);
        double off = ulps(gsp_exp(x), expl(x));
        if (off > bound) ck_abort_msg("exp(%a) is %a, off by %g ulp", x, gsp_exp(x), off);
    }
}

START_TEST(exp_is_within_an_ulp)
{
    worst_of_exp(-1, 1, 1);
    worst_of_exp(-40, 40, 1);
    worst_of_exp(-708, 709.7, 1);
    worst_of_exp(-745, -708, 1.1);
    worst_of_exp(-1e-8, 1e-8, 0.6);
}
END_TEST

START_TEST(exp_at_the_edges)
{
    ck_assert(gsp_exp(0) == 1 && gsp_exp(-0.0) == 1);
    ck_assert(gsp_exp(5e-324) == 1 && gsp_exp(-5e-324) == 1);
    ck_assert(gsp_exp(INFINITY) == INFINITY && gsp_exp(-INFINITY) == 0);
    ck_assert(gsp_exp(709.782712893384) < INFINITY && gsp_exp(709.782712893385) == INFINITY);
    ck_assert(gsp_exp(1e300) == INFINITY && gsp_exp(-1e300) == 0);
    ck_assert(gsp_exp(-745.13) == 5e-324 && gsp_exp(-745.14) == 0);
    ck_assert(isnan(gsp_exp(NAN)) && isnan(gsp_exp(-NAN)));
    double before = 0;
    for (double x = -746; x < 710.5; x += 0x1p-6) {
        if (gsp_exp(x) < before) ck_abort_msg("exp falls at %a", x);
        before = gsp_exp(x);
    }
}
END_TEST

START_TEST(exp_all_gives_the_same_bits)
{
    enum { N = 1003 };
    struct gsp_stream stream;
    start(&stream, 2);
    double x[N], out[N];
    for (size_t i = 0; i < N; i++) x[i] = random_between(&stream, -800, 800);
    x[5] = NAN;
    x[6] = INFINITY;
    x[7] = -INFINITY;
    for (size_t n = 0; n < 40; n++) {
        gsp_exp_all(n, x, out);
        for (size_t i = 0; i < n; i++) {
            double one = gsp_exp(x[i]);
            ck_assert(memcmp(&one, &out[i], sizeof one) == 0);
        }
    }
    gsp_exp_all(N, x, x + 0);
    gsp_stream_init(&stream, stream.key, 0);
    for (size_t i = 0; i < N; i++) {
        double one = gsp_exp(random_between(&stream, -800, 800));
        if (i < 5 || i > 7) ck_assert(memcmp(&one, &x[i], sizeof one) == 0);
    }
}
END_TEST

static void check_ln(double x)
{
    double off = ulps(gsp_ln(x), logl(x));
    if (off > 0.9) ck_abort_msg("ln(%a) is %a, off by %g ulp", x, gsp_ln(x), off);
}

START_TEST(ln_is_within_an_ulp)
{
    struct gsp_stream stream;
    start(&stream, 3);
    for (int i = 0; i < 200000; i++) {
        check_ln(ldexp(1 + gsp_stream_uniform(&stream), (int)gsp_stream_below(&stream, 2000) - 1000));
        check_ln(random_between(&stream, 0.5, 2));
        check_ln(random_between(&stream, 0.99, 1.01));
        check_ln(random_between(&stream, 0, 1));
        check_ln(1 + ldexp(random_between(&stream, -1, 1), -(int)gsp_stream_below(&stream, 53)) / 2);
        check_ln(random_between(&stream, 0, 0x1p-1022));
    }
    for (int k = -1074; k < 1024; k++) check_ln(ldexp(1, k));
    check_ln(DBL_MAX);
    check_ln(0x1.6a09e667f3bccp-1);
    check_ln(0x1.6a09e667f3bcdp-1);
    check_ln(nextafter(1, 0));
    check_ln(nextafter(1, 2));
}
END_TEST

START_TEST(ln_at_the_edges)
{
    ck_assert(gsp_ln(1) == 0 && !signbit(gsp_ln(1)));
    ck_assert(gsp_ln(0) == -INFINITY && gsp_ln(-0.0) == -INFINITY);
    ck_assert(gsp_ln(INFINITY) == INFINITY);
    ck_assert(isnan(gsp_ln(-1)) && isnan(gsp_ln(-5e-324)) && isnan(gsp_ln(-INFINITY)) && isnan(gsp_ln(NAN)));
}
END_TEST

static void check_log1p(double x)
{
    double off = ulps(gsp_log1p(x), log1pl(x));
    if (off > 1) ck_abort_msg("log1p(%a) is %a, off by %g ulp", x, gsp_log1p(x), off);
}

START_TEST(log1p_is_within_an_ulp)
{
    struct gsp_stream stream;
    start(&stream, 4);
    for (int i = 0; i < 200000; i++) {
        check_log1p(random_between(&stream, -1, 1));
        check_log1p(random_between(&stream, 0, 10));
        check_log1p(ldexp(random_between(&stream, -1, 1), -(int)gsp_stream_below(&stream, 1000)));
        check_log1p(ldexp(gsp_stream_uniform(&stream), (int)gsp_stream_below(&stream, 1000)));
        check_log1p(-1 + ldexp(gsp_stream_uniform(&stream), -(int)gsp_stream_below(&stream, 53)));
    }
    static const double places[] = {-0.29, 0.41, 1.0, DBL_MAX, 0x1p53, 0x1p-53, 0x1p-54, 5e-324, -5e-324};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        check_log1p(places[i]);
        check_log1p(nextafter(places[i], -INFINITY));
        if (places[i] < DBL_MAX) check_log1p(nextafter(places[i], INFINITY));
    }
}
END_TEST

START_TEST(log1p_at_the_edges)
{
    ck_assert(gsp_log1p(0) == 0 && !signbit(gsp_log1p(0)) && signbit(gsp_log1p(-0.0)));
    ck_assert(gsp_log1p(-1) == -INFINITY && gsp_log1p(INFINITY) == INFINITY);
    ck_assert(isnan(gsp_log1p(-1.5)) && isnan(gsp_log1p(-INFINITY)) && isnan(gsp_log1p(NAN)));
}
END_TEST

/* cos(pi x) in long double, by the side of whichever zero is near. */
static long double exact_cos_pi(double x)
{
    const long double pi = 3.14159265358979323846264338327950288L;
    long double r = fabsl(remainderl(x, 2));
    return r < 0.25L ? cosl(pi * r) : r > 0.75L ? -cosl(pi * (1 - r)) : sinl(pi * (0.5L - r));
}

START_TEST(cos_pi_is_within_two_ulp)
{
    struct gsp_stream stream;
    start(&stream, 5);
    for (int i = 0; i < 200000; i++) {
        double x = i % 2 ? random_between(&stream, 0, 1) : random_between(&stream, -9, 9);
        if (i % 8 == 0) x = 0.5 + ldexp(random_between(&stream, -1, 1), -(int)gsp_stream_below(&stream, 50));
        double off = ulps(gsp_cos_pi(x), exact_cos_pi(x));
        if (off > 2) ck_abort_msg("cos(pi %a) is %a, off by %g ulp", x, gsp_cos_pi(x), off);
    }
}
END_TEST

/* At the edges, and some bits as they were recorded: x depends on them. */
START_TEST(cos_pi_at_the_edges)
{
    ck_assert(gsp_cos_pi(0) == 1 && gsp_cos_pi(-0.0) == 1 && gsp_cos_pi(1) == -1 && gsp_cos_pi(2) == 1);
    ck_assert(gsp_cos_pi(0.5) == 0 && gsp_cos_pi(1.5) == 0 && gsp_cos_pi(-0.5) == 0);
    ck_assert(gsp_cos_pi(1e300) == 1 && gsp_cos_pi(0x1.fffffffffffffp52) == -1);
    static const struct {
        double x, y;
    } recorded[] = {{0x1.47ae147ae147bp-7, 0x1.ffbf52e9d1086p-1},
                    {0x1p-3, 0x1.d906bcf328d46p-1},
                    {0x1.999999999999ap-3, 0x1.9e3779b97f4a8p-1},
                    {0x1.5555555555555p-2, 0x1p-1},
                    {0x1.3333333333333p-2, 0x1.2cf2304755a5ep-1},
                    {0x1.ccccccccccccdp-2, 0x1.4060b67a85374p-3},
                    {0x1.ffffbce4217d3p-2, 0x1.a5a84d37d3d8fp-19},
                    {0x1.3333333333333p-1, -0x1.3c6ef372fe94ep-2},
                    {0x1.8p-1, -0x1.6a09e667f3bcdp-1},
                    {0x1.ccccccccccccdp-1, -0x1.e6f0e134455p-1},
                    {0x1.ff7ced916872bp-1, -0x1.ffff5a6a681ffp-1},
                    {0x1.d333333333333p+2, -0x1.2cf2304755a62p-1}};
    for (size_t i = 0; i < sizeof recorded / sizeof *recorded; i++)
        if (gsp_cos_pi(recorded[i].x) != recorded[i].y)
            ck_abort_msg("cos(pi %a) is %a, not %a", recorded[i].x, gsp_cos_pi(recorded[i].x), recorded[i].y);
    double before = 2;
    for (double x = 0; x <= 1; x += 0x1p-14) {
        if (gsp_cos_pi(x) > before) ck_abort_msg("cos(pi x) rises at %a", x);
        before = gsp_cos_pi(x);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("math");
    TCase *test_case = tcase_create("math");
    tcase_set_timeout(test_case, 60);
    tcase_add_test(test_case, exp_is_within_an_ulp);
    tcase_add_test(test_case, exp_at_the_edges);
    tcase_add_test(test_case, exp_all_gives_the_same_bits);
    tcase_add_test(test_case, ln_is_within_an_ulp);
    tcase_add_test(test_case, ln_at_the_edges);
    tcase_add_test(test_case, log1p_is_within_an_ulp);
    tcase_add_test(test_case, log1p_at_the_edges);
    tcase_add_test(test_case, cos_pi_is_within_two_ulp);
    tcase_add_test(test_case, cos_pi_at_the_edges);
    suite_add_tcase(suite, test_case);
    return run_suite(suite);
}
