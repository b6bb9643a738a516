/* The consensus step on vectors. */
#ifndef GSP_ALGO_CONSENSUS_H
#define GSP_ALGO_CONSENSUS_H

#include <stddef.h>

/* Sums of squares of x - z before the step, and of x - s and x after it; element i in lane i mod 8, then the lanes: the
 * even ones and the odd ones, and both together. */
struct gsp__measures {
    double left, apart, size;
};
/* x <- x + gamma (s - z). */
void gsp__consensus(struct gsp__measures *out, size_t d, double gamma, double *x, const double *s, const double *z);

/* The two builds of it, for the test that compares them. */
void gsp__consensus_plain(struct gsp__measures *out, size_t d, double gamma, double *x, const double *s,
                          const double *z);
void gsp__consensus_avx2(struct gsp__measures *out, size_t d, double gamma, double *x, const double *s,
                         const double *z);

#endif
