/* Softmax regression over C classes: mean cross-entropy in nats. Every exponent is taken relative to the greatest
 * margin of its row, so nothing overflows. */
#include "objective.h"

#include <math.h>

static double residuals(const double *parameter, size_t rows, size_t outputs, double *margins, const double *targets)
{
    (void)parameter;
    double loss = 0;
    for (size_t row = 0; row < rows; row++) {
        double *margin = margins + row * outputs, greatest = margin[0], total = 0;
        size_t label = (size_t)gsp__label(targets[row]);
        for (size_t k = 1; k < outputs; k++) greatest = fmax(greatest, margin[k]);
        double lead = greatest - margin[label];
        for (size_t k = 0; k < outputs; k++) {
            margin[k] = gsp_exp(margin[k] - greatest);
            total += margin[k];
        }
        loss += lead + gsp_ln(total);
        for (size_t k = 0; k < outputs; k++) margin[k] /= total;
        margin[label] -= 1;
    }
    return loss;
}

static double score(size_t rows, size_t outputs, const double *margins, const double *targets)
{
    size_t right = 0;
    for (size_t row = 0; row < rows; row++) {
        const double *margin = margins + row * outputs;
        size_t best = 0;
        for (size_t k = 1; k < outputs; k++)
            if (margin[k] > margin[best]) best = k;
        right += (double)best == gsp__label(targets[row]);
    }
    return (double)right;
}

static double curvature(const double *parameter)
{
    (void)parameter;
    return 0.5;
}

/* The bound lambda/2 is that of a row torn between two classes. At x = 0 the curvature is lambda/C, and on the way it
 * stays nearer to that than to the bound (doc/defaults.md): up to this many classes count. */
static const size_t CLASSES_COUNTED = 10;

static double usual(size_t classes, double lambda_max)
{
    if (classes <= 2) return curvature(NULL) * lambda_max;
    return lambda_max / (double)(classes < CLASSES_COUNTED ? classes : CLASSES_COUNTED);
}

const struct gsp__family gsp__softmax = {.kind = {.name = "softmax",
                                                  .help = "softmax regression, labels 0 to classes - 1",
                                                  .example = "softmax",
                                                  .parameters = gsp__no_parameters},
                                         .targets = GSP__TARGETS_CLASSES,
                                         .metric_is_accuracy = true,
                                         .curvature = curvature,
                                         .usual = usual,
                                         .residuals = residuals,
                                         .score = score};
