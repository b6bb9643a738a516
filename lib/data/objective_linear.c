/* Least squares: (1/2m) |A x - y|^2. */
#include "objective.h"

static double residuals(const double *parameter, size_t rows, size_t outputs, double *margins, const double *targets)
{
    (void)parameter, (void)outputs;
    double loss = 0;
    for (size_t row = 0; row < rows; row++) {
        double difference = margins[row] - targets[row];
        loss += 0.5 * difference * difference;
        margins[row] = difference;
    }
    return loss;
}

double gsp__squared_errors(size_t rows, size_t outputs, const double *margins, const double *targets)
{
    (void)outputs;
    double squares = 0;
    for (size_t row = 0; row < rows; row++) {
        double difference = margins[row] - targets[row];
        squares += difference * difference;
    }
    return squares;
}

double gsp__curvature_of_squares(const double *parameter)
{
    (void)parameter;
    return 1;
}

const struct gsp__family gsp__linear = {
    .kind = {.name = "linear", .help = "least squares", .example = "linear", .parameters = gsp__no_parameters},
    .curvature = gsp__curvature_of_squares,
    .residuals = residuals,
    .score = gsp__squared_errors};
