/* The extreme eigenvalues of the mixing matrix W: its spectral gap delta and beta = |I - W|_2. Small graphs are handed
 * to LAPACK whole. Large ones go through Lanczos' method, which only multiplies by W. */
#include "graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DENSE_MOST = 512 };

/* LAPACK, as OpenBLAS exports it; the lengths of the two texts come last by the Fortran convention. */
void dsyev_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work,
            const int *lwork, int *info, size_t jobz_length, size_t uplo_length);

int gsp__spectrum_dense(const struct gsp_graph *graph, double *greatest, double *least)
{
    int n = (int)graph->count, info = 0, room = 8 * n;
    size_t columns = graph->count;
    double *matrix = gsp_vector(columns * columns), *values = gsp_vector(columns), *work = gsp_vector((size_t)room);
    int rc = matrix && values && work ? 0 : GSP_ERR_NOMEM;
    if (rc) goto done;
    for (size_t i = 0; i < columns; i++) {
        matrix[i * columns + i] = graph->self_weight[i];
        for (size_t k = graph->first[i]; k < graph->first[i + 1]; k++)
            matrix[i * columns + graph->neighbour[k]] = graph->weight[k];
    }
    dsyev_("N", "U", &n, matrix, &n, values, work, &room, &info, 1, 1);
    if (info) rc = GSP_ERR_STATE; /* the iteration did not converge: never seen, and not on finite input */
    *least = values[0];
    *greatest = values[columns - 2]; /* the last is the 1 of the constant vector */
done:
    free(matrix);
    free(values);
    free(work);
    return rc;
}

/* Takes the constant vector's part out of v: rounding must not let it grow back. */
static void centre(size_t n, double *v)
{
    double mean = 0;
    for (size_t i = 0; i < n; i++) mean += v[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++) v[i] -= mean;
}

/* out = W v */
static void multiply(const struct gsp_graph *graph, const double *v, double *out)
{
    for (size_t i = 0; i < graph->count; i++) {
        double sum = graph->self_weight[i] * v[i];
        for (size_t k = graph->first[i]; k < graph->first[i + 1]; k++) sum += graph->weight[k] * v[graph->neighbour[k]];
        out[i] = sum;
    }
}

/* How many eigenvalues of the tridiagonal matrix lie below x: the negative pivots of its LDL^T (Sturm). */
static size_t count_below(size_t steps, const double *diagonal, const double *beside, double x)
{
    size_t below = 0;
    double pivot = 1;
    for (size_t i = 0; i < steps; i++) {
        double left = i ? beside[i - 1] * beside[i - 1] / pivot : 0;
        pivot = diagonal[i] - x - left;
        if (pivot == 0) pivot = 1e-300;
        below += pivot < 0;
    }
    return below;
}

/* The eigenvalue of the tridiagonal matrix that has `rank` others below it, by bisection. */
static double tridiagonal_eigenvalue(size_t steps, const double *diagonal, const double *beside, size_t rank)
{
    double low = -1.5, high = 1.5; /* those of W lie in [-1, 1] */
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (count_below(steps, diagonal, beside, middle) <= rank)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

static bool settled(double before, double now)
{
    return fabs(now - before) <= 1e-9 * (1 - fabs(now)) + 1e-14;
}

static void start_vector(size_t n, double *v)
{
    uint8_t key[32];
    struct gsp_stream stream;
    gsp_stream_key(key, 1, "", "spectrum");
    gsp_stream_init(&stream, key, 0);
    for (size_t i = 0; i < n; i++) v[i] = gsp_stream_normal(&stream);
    centre(n, v);
    double norm = gsp_norm2(n, v);
    for (size_t i = 0; i < n; i++) v[i] /= norm;
}

struct lanczos {
    const struct gsp_graph *graph;
    double *before, *v, *next; /* the last two basis vectors and scratch */
    double *diagonal, *beside; /* the tridiagonal matrix so far */
    size_t steps;
    bool exhausted; /* the vectors span an invariant subspace: the eigenvalues are exact */
};

static void lanczos_step(struct lanczos *l)
{
    size_t n = l->graph->count;
    multiply(l->graph, l->v, l->next);
    double along = gsp_dot(n, l->v, l->next);
    gsp_axpy(n, -along, l->v, l->next);
    if (l->steps) gsp_axpy(n, -l->beside[l->steps - 1], l->before, l->next);
    centre(n, l->next);
    double norm = gsp_norm2(n, l->next);
    l->diagonal[l->steps] = along;
    l->beside[l->steps++] = norm;
    l->exhausted = norm < 1e-11; /* what is left is rounding */
    if (l->exhausted) return;
    for (size_t i = 0; i < n; i++) l->next[i] /= norm;
    double *oldest = l->before;
    l->before = l->v;
    l->v = l->next;
    l->next = oldest;
}

int gsp__spectrum_lanczos(const struct gsp_graph *graph, double *greatest, double *least)
{
    /* Without reorthogonalisation eigenvalues come up again as copies of themselves, never as wrong ones; it only takes
     * more steps. They have settled when twice the steps change nothing. */
    size_t n = graph->count, most = 16 * n + 64;
    struct lanczos l = {.graph = graph};
    l.before = gsp_vector(n);
    l.v = gsp_vector(n);
    l.next = gsp_vector(n);
    l.diagonal = gsp_vector(most);
    l.beside = gsp_vector(most);
    int rc = l.before && l.v && l.next && l.diagonal && l.beside ? 0 : GSP_ERR_NOMEM;
    if (rc) goto done;
    start_vector(n, l.v);
    double high = 2, low = 2;
    for (size_t target = 32; l.steps < most && !l.exhausted; target *= 2) {
        while (l.steps < target && l.steps < most && !l.exhausted) lanczos_step(&l);
        double last_high = high, last_low = low;
        high = tridiagonal_eigenvalue(l.steps, l.diagonal, l.beside, l.steps - 1);
        low = tridiagonal_eigenvalue(l.steps, l.diagonal, l.beside, 0);
        if (settled(last_high, high) && settled(last_low, low)) break;
    }
    *greatest = high;
    *least = low;
done:
    free(l.before);
    free(l.v);
    free(l.next);
    free(l.diagonal);
    free(l.beside);
    return rc;
}

int gsp__graph_spectrum(struct gsp_graph *graph)
{
    graph->delta = 1;
    graph->beta = 0;
    if (graph->count == 1) return 0;
    double greatest, least;
    int rc = graph->count <= DENSE_MOST ? gsp__spectrum_dense(graph, &greatest, &least)
                                        : gsp__spectrum_lanczos(graph, &greatest, &least);
    if (rc) return rc;
    double second = fmax(fabs(greatest), fabs(least));
    graph->delta = second < 1 ? 1 - second : 0;
    graph->beta = 1 - least;
    return 0;
}
