/* Least squares with a Geman-McClure penalty: mean of h(r) over the residuals r = A x - y,
 *
 *     h(r) = r^2 / 2 + a r^2 / (1 + r^2),   h'(r) = r (1 + 2a / (1 + r^2)^2),   a = 4.
 *
 * Not convex: h'' = 1 - a/2 at |r| = 1. Yet h'(r)^2 >= r^2 >= 2 h(r) / (1 + 2a): the Polyak-Lojasiewicz condition,
 * which is what the paper's theorem asks for. Nothing but single IEEE operations, so that all processors compute the
 * same bits. */
#include "objective.h"

static const double PENALTY = 4; /* a */

static double residuals(const double *parameter, size_t rows, size_t outputs, double *margins, const double *targets)
{
    (void)parameter, (void)outputs;
    double loss = 0;
    for (size_t row = 0; row < rows; row++) {
        double difference = margins[row] - targets[row], square = difference * difference;
        double share = PENALTY / (1 + square);
        loss += square * (0.5 + share);
        margins[row] = difference * (1 + 2 * share / (1 + square));
    }
    return loss;
}

/* h'' is greatest at r = 0: 1 + 2a. */
static double curvature(const double *parameter)
{
    (void)parameter;
    return 1 + 2 * PENALTY;
}

const struct gsp__family gsp__geman = {.kind = {.name = "geman",
                                                .help = "least squares with a penalty that large residuals do not feel "
                                                        "(Geman-McClure), not convex",
                                                .example = "geman",
                                                .parameters = gsp__no_parameters},
                                       .curvature = curvature,
                                       .residuals = residuals,
                                       .score = gsp__squared_errors};
