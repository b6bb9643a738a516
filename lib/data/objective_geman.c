/* Least squares with a Geman-McClure penalty: mean of h(r) over the residuals r = A x - y,
 *
 *     h(r) = r^2 / 2 + a r^2 / (1 + r^2),   h'(r) = r (1 + 2a / (1 + r^2)^2),   a = 4.
 *
 * Not convex: h'' = 1 - a/2 at |r| = 1. Yet h'(r)^2 >= r^2 >= 2 h(r) / (1 + 2a): the Polyak-Lojasiewicz condition,
 * which is what the paper's theorem asks for. Nothing but single IEEE operations, so that all processors compute the
 * same bits. */
#include "objective.h"

static const double PENALTY = 4; /* a */

static double residuals(size_t rows, size_t outputs, double *margins, const double *targets)
{
    (void)outputs;
    double loss = 0;
    for (size_t row = 0; row < rows; row++) {
        double difference = margins[row] - targets[row], square = difference * difference;
        double share = PENALTY / (1 + square);
        loss += square * (0.5 + share);
        margins[row] = difference * (1 + 2 * share / (1 + square));
    }
    return loss;
}

static double score(size_t rows, size_t outputs, const double *margins, const double *targets)
{
    return gsp__linear.score(rows, outputs, margins, targets);
}

/* h'' is greatest at r = 0: 1 + 2a. */
const struct gsp__family gsp__geman = {.smoothness = 9, .residuals = residuals, .score = score};
