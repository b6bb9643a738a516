/* The paper's non-convex problem: (1/2m) |max(A x, 0) - y|^2. The derivative of max(., 0) at 0 is taken as 0. */
#include "objective.h"

static double residuals(const double *parameter, size_t rows, size_t outputs, double *margins, const double *targets)
{
    (void)parameter, (void)outputs;
    double loss = 0;
    for (size_t row = 0; row < rows; row++) {
        /* Not "margin < 0": a NaN must go through, so that divergence is seen. */
        bool dead = margins[row] <= 0;
        double difference = (dead ? 0 : margins[row]) - targets[row];
        loss += 0.5 * difference * difference;
        margins[row] = dead ? 0 : difference;
    }
    return loss;
}

static double score(size_t rows, size_t outputs, const double *margins, const double *targets)
{
    (void)outputs;
    double squares = 0;
    for (size_t row = 0; row < rows; row++) {
        double difference = (margins[row] <= 0 ? 0 : margins[row]) - targets[row];
        squares += difference * difference;
    }
    return squares;
}

const struct gsp__family gsp__relu = {.kind = {.name = "relu",
                                               .help = "least squares of max(., 0), not convex",
                                               .example = "relu",
                                               .parameters = gsp__no_parameters},
                                      .stuck_at_zeros = "its gradient is 0 there, and x would never move",
                                      .curvature = gsp__curvature_of_squares, /* but for kinks */
                                      .residuals = residuals,
                                      .score = score};
