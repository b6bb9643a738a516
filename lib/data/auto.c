/* What settings left at auto become, from what is known of all nodes' data. */
#include "objective.h"

/* The bound lambda/2 of softmax is that of a row torn between two classes. At x = 0 the curvature is lambda/C, and on
 * the way it stays nearer to that than to the bound (doc/defaults.md): up to this many classes count. */
static const size_t CLASSES_COUNTED = 10;

double gsp_eta_auto(enum gsp_objective_kind kind, size_t classes, double greatest_lambda, double l2)
{
    double smoothness = gsp_smoothness(kind, greatest_lambda, l2);
    if (kind == GSP_SOFTMAX && classes > 2)
        smoothness = greatest_lambda / (double)(classes < CLASSES_COUNTED ? classes : CLASSES_COUNTED) + l2;
    return smoothness > 0 ? 1 / smoothness : 1; /* no data but zeros: any step will do */
}

int gsp_classes_auto(size_t *classes, double target_max, bool targets_whole, struct gsp_error *error)
{
    if (!targets_whole)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "objective=softmax needs labels that are whole numbers from 0 on; for other targets use "
                             "objective=linear or renumber the labels");
    if (target_max >= GSP_CLASSES_MAX)
        return gsp_error_set(
            error, GSP_ERR_DATA,
            "the greatest label is %.10g, and softmax has at most %d classes: number the labels from 0 "
            "on",
            target_max, GSP_CLASSES_MAX);
    *classes = target_max < 1 ? 2 : (size_t)target_max + 1;
    return 0;
}
