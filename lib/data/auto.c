/* What settings left at auto become, from what is known of all nodes' data. */
#include "objective.h"

double gsp_eta_auto(const struct gsp_objective_choice *choice, size_t classes, double greatest_lambda, double l2)
{
    const struct gsp__family *family = gsp__family(choice);
    double smoothness = gsp_smoothness(choice, greatest_lambda, l2);
    if (family->usual) smoothness = family->usual(classes, greatest_lambda) + l2;
    return smoothness > 0 ? 1 / smoothness : 1; /* no data but zeros: any step will do */
}

int gsp_objective_settings(const struct gsp_objective_choice *choice, struct gsp_settings *settings,
                           struct gsp_error *error)
{
    bool stuck = gsp__family(choice)->stuck_at_zeros;
    if (settings->init == GSP_INIT_ZEROS && stuck)
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "init=zeros: the gradient of objective=%s is 0 there, and x would never move; leave init "
                             "away or choose init=normal-same",
                             choice->kind->name);
    if (settings->init == GSP_INIT_AUTO) settings->init = stuck ? GSP_INIT_NORMAL_SAME : GSP_INIT_ZEROS;
    return 0;
}

int gsp_classes_auto(size_t *classes, const struct gsp_objective_choice *choice, double target_max, bool targets_whole,
                     struct gsp_error *error)
{
    if (!targets_whole)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "objective=%s needs labels that are whole numbers from 0 on; for other targets use "
                             "objective=linear or renumber the labels",
                             choice->kind->name);
    if (target_max >= GSP_CLASSES_MAX)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "the greatest label is %.10g, and %s has at most %d classes: number the labels from 0 "
                             "on",
                             target_max, choice->kind->name, GSP_CLASSES_MAX);
    *classes = target_max < 1 ? 2 : (size_t)target_max + 1;
    return 0;
}
