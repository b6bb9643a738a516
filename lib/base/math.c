/* exp, ln, log1p and cos from IEEE additions, multiplications, divisions and bit operations alone, so that they give
 * the same bits on every processor and with every C library. Errors stay below one unit in the last place (test_math).
 */
#include "base/vec.h"
#include "base/cpu.h"

#include <math.h>
#include <string.h>

/* ln 2 in two parts: the first has 37 bits, so that its product with an exponent is exact. */
#define LN2_HIGH 0x1.62e42fefap-1
#define LN2_LOW  0x1.cf79abc9e3b3ap-40
#define INV_LN2  0x1.71547652b82fep+0

/* Added to a double below 2^51, it leaves the nearest integer in the low bits of the sum. */
#define ROUNDER 0x1.8p52

GSP__BODY uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

GSP__BODY double from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* 2^k for |k| <= 1022, where `shifted` is k + ROUNDER. */
GSP__BODY double power_of_two(double shifted)
{
    return from_bits((bits_of(shifted) << 52) + 0x3ff0000000000000u);
}

/* Without a branch, so that loops over it become vector code. With x = k ln 2 + r and |r| <= ln(2)/2, the Taylor
 * polynomial of degree 13 leaves less than 2^-57. 2^k is applied in two factors: only the last product rounds, also
 * where the result is subnormal. */
GSP__BODY double exponential(double x)
{
    x = x > 710 ? 710 : x; /* exp(710) overflows; NaN compares false and passes through */
    x = x < -746 ? -746 : x;
    double k = (x * INV_LN2 + ROUNDER) - ROUNDER;
    double r = (x - k * LN2_HIGH) - k * LN2_LOW;
    double r2 = r * r, r4 = r2 * r2;
    double low = (1.0 / 2 + r * (1.0 / 6)) + r2 * (1.0 / 24 + r * (1.0 / 120));
    double middle = (1.0 / 720 + r * (1.0 / 5040)) + r2 * (1.0 / 40320 + r * (1.0 / 362880));
    double high = (1.0 / 3628800 + r * (1.0 / 39916800)) + r2 * (1.0 / 479001600 + r * (1.0 / 6227020800));
    double y = 1 + (r + r2 * (low + r4 * (middle + r4 * high)));
    double half = k * 0.5 + ROUNDER;
    double rest = k - (half - ROUNDER);
    return y * power_of_two(half) * power_of_two(rest + ROUNDER);
}

double gsp_exp(double x)
{
    return exponential(x);
}

GSP__BODY void exp_all(size_t n, const double *x, double *out)
{
    enum { BLOCK = 32 };
    size_t i = 0;
    /* A block at a time, since compilers will not vectorise a loop whose input may be its output. */
    for (; i + BLOCK <= n; i += BLOCK) {
        double block[BLOCK];
        for (size_t l = 0; l < BLOCK; l++) block[l] = exponential(x[i + l]);
        memcpy(out + i, block, sizeof block);
    }
    for (; i < n; i++) out[i] = exponential(x[i]);
}

void gsp__exp_all_plain(size_t n, const double *x, double *out)
{
    exp_all(n, x, out);
}

GSP__AVX2 void gsp__exp_all_avx2(size_t n, const double *x, double *out)
{
    exp_all(n, x, out);
}

void gsp_exp_all(size_t n, const double *x, double *out)
{
    if (gsp__has_avx2()) {
        gsp__exp_all_avx2(n, x, out);
    } else {
        gsp__exp_all_plain(n, x, out);
    }
}

/* ln(2^k (1 + f)) + correction for 1 + f between sqrt(1/2) and sqrt(2). With t = f / (2 + f), ln(1 + f) = 2 atanh(t),
 * and t^2 <= 0.0295: eleven terms of the series leave less than 2^-60 of the result. The sum is arranged around f,
 * which is exact, so that the error of the rest counts little. */
static inline double logarithm(double f, double k, double correction)
{
    double half_square = 0.5 * f * f;
    double t = f / (2 + f);
    double w = t * t, w2 = w * w;
    double odd = 2.0 / 3 + w2 * (2.0 / 7 + w2 * (2.0 / 11 + w2 * (2.0 / 15 + w2 * (2.0 / 19))));
    double even = 2.0 / 5 + w2 * (2.0 / 9 + w2 * (2.0 / 13 + w2 * (2.0 / 17 + w2 * (2.0 / 21))));
    double series = w * (odd + w * even);
    return k * LN2_HIGH - ((half_square - (t * (half_square + series) + (k * LN2_LOW + correction))) - f);
}

/* Splits a normal x > 0 into 2^k m with m between sqrt(1/2) and sqrt(2). */
static inline double split(double x, double *k)
{
    const uint64_t sqrt_half = 0x3fe6a09e667f3bcdu;
    uint64_t offset = bits_of(x) - sqrt_half;
    *k = (double)((int64_t)offset >> 52);
    return from_bits(bits_of(x) - (offset & 0xfff0000000000000u));
}

double gsp_ln(double x)
{
    double k, scale = 0;
    if (!(x > 0)) return x == 0 ? -INFINITY : NAN;
    if (x > 0x1.fffffffffffffp1023) return x;
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        scale = 54;
    }
    double m = split(x, &k);
    return logarithm(m - 1, k - scale, 0);
}

double gsp_log1p(double x)
{
    if (!(x > -1)) return x == -1 ? -INFINITY : NAN;
    if (x > 0x1.fffffffffffffp1023 || x == 0) return x;
    if (x > -0.29 && x < 0.41) return logarithm(x, 0, 0);
    double u = 1 + x, k;
    /* What rounding took from 1 + x, brought back through ln(u + e) = ln(u) + e / u. */
    double lost = x > 1 ? 1 - (u - x) : x - (u - 1);
    double m = split(u, &k);
    return logarithm(m - 1, k, lost / u);
}

/* The Taylor polynomials of cos and sin: for |a| <= pi/4 less than 2^-57 of the result is left. */
static double cosine(double a)
{
    double w = a * a, w2 = w * w;
    double even = -1.0 / 2 + w2 * (-1.0 / 720 + w2 * (-1.0 / 3628800 + w2 * (-1.0 / 87178291200)));
    double odd = 1.0 / 24 + w2 * (1.0 / 40320 + w2 * (1.0 / 479001600 + w2 * (1.0 / 20922789888000)));
    return 1 + w * (even + w * odd);
}

static double sine(double a)
{
    double w = a * a, w2 = w * w;
    double even = -1.0 / 6 + w2 * (-1.0 / 5040 + w2 * (-1.0 / 39916800 + w2 * (-1.0 / 1307674368000)));
    double odd = 1.0 / 120 + w2 * (1.0 / 362880 + w2 * (1.0 / 6227020800 + w2 * (1.0 / 355687428096000)));
    return a + a * (w * (even + w * odd));
}

/* The period is 2, so that an argument is brought into [0, 1/4] without an error. */
double gsp_cos_pi(double x)
{
    const double pi = 0x1.921fb54442d18p+1, half = 0.5, quarter = 0.25;
    double r = fabs(x) - 2 * floor(half * fabs(x));
    if (r > 1) r = 2 - r;
    bool negative = r > half;
    if (negative) r = 1 - r;
    double y = r > quarter ? sine(pi * (half - r)) : cosine(pi * r);
    return negative ? -y : y;
}
