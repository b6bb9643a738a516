/* Least squares: (1/2m) |A x - y|^2. */
#include "objective.h"

static double residuals(size_t rows, size_t outputs, double *margins, const double *targets)
{
    (void)outputs;
    double loss = 0;
    for (size_t row = 0; row < rows; row++) {
        double difference = margins[row] - targets[row];
        loss += 0.5 * difference * difference;
        margins[row] = difference;
    }
    return loss;
}

static double score(size_t rows, size_t outputs, const double *margins, const double *targets)
{
    (void)outputs;
    double squares = 0;
    for (size_t row = 0; row < rows; row++) {
        double difference = margins[row] - targets[row];
        squares += difference * difference;
    }
    return squares;
}

const struct gsp__family gsp__linear = {.smoothness = 1, .residuals = residuals, .score = score};
