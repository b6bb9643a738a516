/* The one place where a decoded message enters z, its copies and s. Every sum is one multiplication and one addition,
 * each rounded, so that all who apply a payload get the same bits. */
#include "algo/coding.h"
#include "base/cpu.h"

GSP__BODY void add_dense(size_t n, const double *restrict m, double weight, double *restrict sum, double *restrict copy)
{
    if (copy) {
        for (size_t i = 0; i < n; i++) {
            copy[i] += m[i];
            sum[i] += weight * m[i];
        }
    } else {
        for (size_t i = 0; i < n; i++) sum[i] += weight * m[i];
    }
}

static void add_dense_plain(size_t n, const double *m, double weight, double *sum, double *copy)
{
    add_dense(n, m, weight, sum, copy);
}

GSP__AVX2 static void add_dense_avx2(size_t n, const double *m, double weight, double *sum, double *copy)
{
    add_dense(n, m, weight, sum, copy);
}

void gsp__add_dense(size_t n, const double *m, double weight, double *sum, double *copy)
{
    if (gsp__has_avx2()) {
        add_dense_avx2(n, m, weight, sum, copy);
    } else {
        add_dense_plain(n, m, weight, sum, copy);
    }
}

void gsp__add_sparse(size_t n, const uint32_t *index, const double *m, double weight, double *sum, double *copy)
{
    if (copy) {
        for (size_t j = 0; j < n; j++) copy[index[j]] += m[j];
    }
    for (size_t j = 0; j < n; j++) sum[index[j]] += weight * m[j];
}
