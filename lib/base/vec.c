/* Kernels on vectors of doubles. Sums run in LANES interleaved lanes, element i in lane i mod LANES, which are then
 * added pairwise: the result is the same whether the processor works on one, two, four or eight numbers at a time. */
#include "base/vec.h"
#include "base/cpu.h"

#include <math.h>

enum { LANES = 16 };

GSP__BODY double fold(double lane[LANES])
{
    for (size_t width = LANES / 2; width; width /= 2) {
        for (size_t l = 0; l < width; l++) lane[l] += lane[l + width];
    }
    return lane[0];
}

GSP__BODY double dot(size_t n, const double *a, const double *b)
{
    double lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (size_t l = 0; l < LANES; l++) lane[l] += a[i + l] * b[i + l];
    }
    for (size_t l = 0; i + l < n; l++) lane[l] += a[i + l] * b[i + l];
    return fold(lane);
}

GSP__BODY double norm1(size_t n, const double *a)
{
    double lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (size_t l = 0; l < LANES; l++) lane[l] += fabs(a[i + l]);
    }
    for (size_t l = 0; i + l < n; l++) lane[l] += fabs(a[i + l]);
    return fold(lane);
}

/* 0 times a finite number is 0, times anything else NaN, which the sum keeps. */
GSP__BODY bool finite_all(size_t n, const double *a)
{
    double lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (size_t l = 0; l < LANES; l++) lane[l] += 0 * a[i + l];
    }
    for (size_t l = 0; i + l < n; l++) lane[l] += 0 * a[i + l];
    return fold(lane) == 0;
}

GSP__BODY void axpy(size_t n, double alpha, const double *x, double *y)
{
    for (size_t i = 0; i < n; i++) y[i] += alpha * x[i];
}

GSP__BODY void subtract(size_t n, const double *a, const double *b, double *out)
{
    for (size_t i = 0; i < n; i++) out[i] = a[i] - b[i];
}

static double dot_plain(size_t n, const double *a, const double *b)
{
    return dot(n, a, b);
}

static double norm1_plain(size_t n, const double *a)
{
    return norm1(n, a);
}

static bool finite_plain(size_t n, const double *a)
{
    return finite_all(n, a);
}

static void axpy_plain(size_t n, double alpha, const double *x, double *y)
{
    axpy(n, alpha, x, y);
}

static void subtract_plain(size_t n, const double *a, const double *b, double *out)
{
    subtract(n, a, b, out);
}

GSP__AVX2 static double dot_avx2(size_t n, const double *a, const double *b)
{
    return dot(n, a, b);
}

GSP__AVX2 static double norm1_avx2(size_t n, const double *a)
{
    return norm1(n, a);
}

GSP__AVX2 static bool finite_avx2(size_t n, const double *a)
{
    return finite_all(n, a);
}

GSP__AVX2 static void axpy_avx2(size_t n, double alpha, const double *x, double *y)
{
    axpy(n, alpha, x, y);
}

GSP__AVX2 static void subtract_avx2(size_t n, const double *a, const double *b, double *out)
{
    subtract(n, a, b, out);
}

const struct gsp__vec_kernels gsp__vec_plain = {dot_plain, norm1_plain, finite_plain, axpy_plain, subtract_plain};
const struct gsp__vec_kernels gsp__vec_avx2 = {dot_avx2, norm1_avx2, finite_avx2, axpy_avx2, subtract_avx2};

static const struct gsp__vec_kernels *kernels(void)
{
    return gsp__has_avx2() ? &gsp__vec_avx2 : &gsp__vec_plain;
}

double gsp_dot(size_t n, const double *a, const double *b)
{
    return kernels()->dot(n, a, b);
}

double gsp_norm2(size_t n, const double *a)
{
    return sqrt(gsp_dot(n, a, a));
}

double gsp_norm1(size_t n, const double *a)
{
    return kernels()->norm1(n, a);
}

bool gsp_finite(size_t n, const double *a)
{
    return kernels()->finite(n, a);
}

void gsp_axpy(size_t n, double alpha, const double *x, double *y)
{
    kernels()->axpy(n, alpha, x, y);
}

void gsp_subtract(size_t n, const double *a, const double *b, double *out)
{
    kernels()->subtract(n, a, b, out);
}
