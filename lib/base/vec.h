/* The two builds of the vector kernels, for the tests that compare them. */
#ifndef GSP_BASE_VEC_H
#define GSP_BASE_VEC_H

#include <gossip/base.h>

struct gsp__vec_kernels {
    double (*dot)(size_t n, const double *a, const double *b);
    double (*norm1)(size_t n, const double *a);
    bool (*finite)(size_t n, const double *a);
    void (*axpy)(size_t n, double alpha, const double *x, double *y);
    void (*subtract)(size_t n, const double *a, const double *b, double *out);
};
extern const struct gsp__vec_kernels gsp__vec_plain, gsp__vec_avx2;

void gsp__exp_all_plain(size_t n, const double *x, double *out);
void gsp__exp_all_avx2(size_t n, const double *x, double *out);

#endif
