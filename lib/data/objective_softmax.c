/* Softmax regression over C classes: mean cross-entropy in nats. Every exponent is taken relative to the greatest
 * margin of its row, so nothing overflows. */
#include "objective.h"

#include <math.h>

static double residuals(size_t rows, size_t outputs, double *margins, const double *targets)
{
    double loss = 0;
    for (size_t row = 0; row < rows; row++) {
        double *margin = margins + row * outputs, greatest = margin[0], total = 0;
        size_t label = (size_t)targets[row];
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
        right += (double)best == targets[row];
    }
    return (double)right;
}

static const char *refuse(double target, size_t classes)
{
    return target >= 0 && target < (double)classes && target == floor(target)
               ? NULL
               : "objective=softmax needs whole labels from 0 to classes - 1 (set classes, or renumber the labels)";
}

const struct gsp__family gsp__softmax = {
    .metric_is_accuracy = true, .smoothness = 0.5, .residuals = residuals, .score = score, .refuse = refuse};
