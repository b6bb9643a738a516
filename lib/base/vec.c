/* Kernels on vectors of doubles. Sums run in LANES interleaved lanes, element i in lane i mod LANES, which are then
 * added pairwise: the result is the same whether the compiler works on one, two, four or eight numbers at a time. */
#include <gossip/base.h>

#include <math.h>

enum { LANES = 16 };

static double fold(double lane[LANES])
{
    for (size_t width = LANES / 2; width; width /= 2) {
        for (size_t l = 0; l < width; l++) lane[l] += lane[l + width];
    }
    return lane[0];
}

double gsp_dot(size_t n, const double *a, const double *b)
{
    double lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (size_t l = 0; l < LANES; l++) lane[l] += a[i + l] * b[i + l];
    }
    for (size_t l = 0; i + l < n; l++) lane[l] += a[i + l] * b[i + l];
    return fold(lane);
}

double gsp_norm2(size_t n, const double *a)
{
    return sqrt(gsp_dot(n, a, a));
}

double gsp_norm1(size_t n, const double *a)
{
    double lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (size_t l = 0; l < LANES; l++) lane[l] += fabs(a[i + l]);
    }
    for (size_t l = 0; i + l < n; l++) lane[l] += fabs(a[i + l]);
    return fold(lane);
}

void gsp_axpy(size_t n, double alpha, const double *x, double *y)
{
    for (size_t i = 0; i < n; i++) y[i] += alpha * x[i];
}

void gsp_subtract(size_t n, const double *a, const double *b, double *out)
{
    for (size_t i = 0; i < n; i++) out[i] = a[i] - b[i];
}

/* 0 times a finite number is 0, times anything else NaN, which the sum keeps. */
bool gsp_finite(size_t n, const double *a)
{
    double lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (size_t l = 0; l < LANES; l++) lane[l] += 0 * a[i + l];
    }
    for (size_t l = 0; i + l < n; l++) lane[l] += 0 * a[i + l];
    return fold(lane) == 0;
}
