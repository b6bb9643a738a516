/* Logistic regression, labels 0 and 1 (or -1 and 1): mean cross-entropy in nats, never by way of log(sigmoid), which is
 * -inf from margins of about 37 on. */
#include "objective.h"

#include <math.h>

static double residuals(const double *parameter, size_t rows, size_t outputs, double *margins, const double *targets)
{
    (void)parameter, (void)outputs;
    double loss = 0;
    for (size_t row = 0; row < rows; row++) {
        double margin = margins[row], label = gsp__label(targets[row]), decay = gsp_exp(-fabs(margin));
        double sigmoid = margin >= 0 ? 1 / (1 + decay) : decay / (1 + decay);
        loss += (margin > 0 ? margin : 0) - margin * label + gsp_log1p(decay);
        margins[row] = sigmoid - label;
    }
    return loss;
}

static double score(size_t rows, size_t outputs, const double *margins, const double *targets)
{
    (void)outputs;
    size_t right = 0;
    for (size_t row = 0; row < rows; row++) right += (margins[row] > 0) == (targets[row] == 1);
    return (double)right;
}

static double curvature(const double *parameter)
{
    (void)parameter;
    return 0.25;
}

const struct gsp__family gsp__logistic = {.kind = {.name = "logistic",
                                                   .help = "logistic regression, labels 0 and 1",
                                                   .example = "logistic",
                                                   .parameters = gsp__no_parameters},
                                          .targets = GSP__TARGETS_TWO,
                                          .metric_is_accuracy = true,
                                          .curvature = curvature,
                                          .residuals = residuals,
                                          .score = score};
