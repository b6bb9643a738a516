/* How steep an objective is at most: from the greatest eigenvalue of A^T A / m. */
#include "objective.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PASSES = 100, PASSES_LEAST = 20, QUIET = 3 };

/* How many eigenvalues of the symmetric tridiagonal matrix lie above `value`: signs of the pivots of T - value I. */
static size_t eigenvalues_above(size_t n, const double *diagonal, const double *beside, double value)
{
    size_t above = 0;
    double pivot = 1;
    for (size_t i = 0; i < n; i++) {
        double coupling = i ? beside[i - 1] * beside[i - 1] / pivot : 0;
        pivot = diagonal[i] - value - coupling;
        if (pivot == 0) pivot = -1e-300;
        above += pivot > 0;
    }
    return above;
}

static double greatest_eigenvalue(size_t n, const double *diagonal, const double *beside)
{
    const double precise = 1e-9;
    double low = diagonal[0], high = 0;
    for (size_t i = 0; i < n; i++) { /* Gershgorin */
        low = fmax(low, diagonal[i]);
        high = fmax(high, diagonal[i] + (i ? beside[i - 1] : 0) + (i + 1 < n ? beside[i] : 0));
    }
    while (high - low > precise * high) {
        double middle = 0.5 * (low + high);
        if (eigenvalues_above(n, diagonal, beside, middle))
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* image <- A^T A v / m, one reading of A. */
static void apply(struct gsp__product *product, const struct gsp_dataset *data, const double *v, double *image)
{
    gsp__product_begin(product, v);
    gsp__product_pass(product, data, NULL, NULL, true);
    for (size_t i = 0; i < data->columns; i++) image[i] = product->sum[i] / (double)data->rows;
}

/* Power iteration that keeps what it learnt: the greatest eigenvalue over the span of all iterates (Lanczos). On flat
 * spectra plain power iteration stops several percent short, or takes hundreds of passes. Where the start happens to be
 * almost orthogonal to the greatest eigenvector, the estimate rests for a few passes on a lesser eigenvalue: hence the
 * least number of passes, and more than one quiet pass. */
static double iterate(struct gsp__product *product, const struct gsp_dataset *data, double *v, double *previous,
                      double *image)
{
    const double settled = 1e-3, margin = 1.005; /* what is still missing then is at most a percent, mostly nothing */
    double diagonal[PASSES], beside[PASSES], estimate = 0;
    unsigned quiet = 0; /* passes in a row that changed little */
    size_t n = data->columns;
    for (size_t pass = 0; pass < PASSES && pass < n; pass++) {
        apply(product, data, v, image);
        diagonal[pass] = gsp_dot(n, v, image);
        if (!isfinite(diagonal[pass])) return NAN;
        double last = estimate;
        estimate = greatest_eigenvalue(pass + 1, diagonal, beside);
        quiet = estimate - last < settled * estimate ? quiet + 1 : 0;
        if (estimate == 0 || (quiet >= QUIET && pass + 1 >= PASSES_LEAST)) break;
        gsp_axpy(n, -diagonal[pass], v, image);
        if (pass) gsp_axpy(n, -beside[pass - 1], previous, image);
        beside[pass] = gsp_norm2(n, image);
        if (beside[pass] <= 1e-12 * estimate) break; /* the iterates span all there is */
        double *oldest = previous;
        previous = v;
        v = image;
        image = oldest;
        for (size_t i = 0; i < n; i++) v[i] /= beside[pass];
    }
    return estimate * margin;
}

double gsp_lambda_max(const struct gsp_dataset *data)
{
    struct gsp__product product;
    struct gsp_stream stream;
    uint8_t key[32];
    double lambda = NAN, *v = gsp_vector(data->columns), *previous = gsp_vector(data->columns),
           *image = gsp_vector(data->columns);
    if (!v || !previous || !image || gsp__product_init(&product, data->dtype, data->columns, 1, true)) goto done;
    gsp_stream_key(key, 0, "", "lambda-max");
    gsp_stream_init(&stream, key, 0);
    for (size_t i = 0; i < data->columns; i++) v[i] = gsp_stream_normal(&stream);
    double length = gsp_norm2(data->columns, v);
    for (size_t i = 0; i < data->columns; i++) v[i] /= length;
    lambda = iterate(&product, data, v, previous, image);
    if (!isfinite(lambda)) lambda = NAN;
    gsp__product_clear(&product);
done:
    free(v);
    free(previous);
    free(image);
    return lambda;
}

double gsp_smoothness(const struct gsp_objective_choice *choice, double lambda_max, double l2)
{
    if (!gsp__family(choice)->curvature) return NAN;
    return gsp__family(choice)->curvature(choice->parameter) * lambda_max + l2;
}
