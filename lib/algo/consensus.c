/* The consensus step: one pass over x, s and z, written in vectors because compilers shuffle the lanes of a loop. */
#include "algo/consensus.h"
#include "base/cpu.h"

#include <string.h>

enum { WIDTH = 4, PARTS = 2, LANES = WIDTH * PARTS };

/* Four doubles anywhere. A processor with narrower registers works on them in pieces. */
typedef double quad __attribute__((vector_size(WIDTH * sizeof(double)), aligned(sizeof(double)), may_alias));

struct lanes {
    double left[LANES], apart[LANES], size[LANES];
};

static double lane_sum(const double *lanes)
{
    double even = (lanes[0] + lanes[2]) + (lanes[4] + lanes[6]);
    double odd = (lanes[1] + lanes[3]) + (lanes[5] + lanes[7]);
    return even + odd;
}

/* The last elements, fewer than LANES. */
static void rest(struct lanes *sums, size_t n, double gamma, double *x, const double *s, const double *z)
{
    for (size_t i = 0; i < n; i++) {
        double residual = x[i] - z[i];
        sums->left[i] += residual * residual;
        x[i] += gamma * (s[i] - z[i]);
        double distance = x[i] - s[i];
        sums->apart[i] += distance * distance;
        sums->size[i] += x[i] * x[i];
    }
}

GSP__BODY void consensus(struct gsp__measures *out, size_t d, double gamma, double *restrict x,
                         const double *restrict s, const double *restrict z)
{
    quad left[PARTS] = {0}, apart[PARTS] = {0}, size[PARTS] = {0};
    size_t whole = d - d % LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t k = 0; k < PARTS; k++) {
            quad *place = (quad *)(x + i) + k, at = *place;
            quad mean = ((const quad *)(s + i))[k], own = ((const quad *)(z + i))[k];
            quad residual = at - own;
            left[k] += residual * residual;
            at += gamma * (mean - own);
            *place = at;
            quad distance = at - mean;
            apart[k] += distance * distance;
            size[k] += at * at;
        }
    struct lanes sums;
    memcpy(sums.left, left, sizeof left);
    memcpy(sums.apart, apart, sizeof apart);
    memcpy(sums.size, size, sizeof size);
    rest(&sums, d - whole, gamma, x + whole, s + whole, z + whole);
    *out = (struct gsp__measures){lane_sum(sums.left), lane_sum(sums.apart), lane_sum(sums.size)};
}

void gsp__consensus_plain(struct gsp__measures *out, size_t d, double gamma, double *x, const double *s,
                          const double *z)
{
    consensus(out, d, gamma, x, s, z);
}

GSP__AVX2 void gsp__consensus_avx2(struct gsp__measures *out, size_t d, double gamma, double *x, const double *s,
                                   const double *z)
{
    consensus(out, d, gamma, x, s, z);
}

void gsp__consensus(struct gsp__measures *out, size_t d, double gamma, double *x, const double *s, const double *z)
{
    (gsp__has_avx2() ? gsp__consensus_avx2 : gsp__consensus_plain)(out, d, gamma, x, s, z);
}
