/* What settings left at auto become, from what is known of all nodes' data. */
#include "objective.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

double gsp_eta_auto(const struct gsp_objective_choice *choice, size_t classes, double greatest_lambda, double l2)
{
    const struct gsp__family *family = gsp__family(choice);
    if (!family->curvature) return NAN; /* gsp_objective_settings has refused it */
    double smoothness = gsp_smoothness(choice, greatest_lambda, l2);
    if (family->usual) smoothness = family->usual(classes, greatest_lambda) + l2;
    return smoothness > 0 ? 1 / smoothness : 1; /* no data but zeros: any step will do */
}

double gsp_weight(const struct gsp_settings *settings, double rows)
{
    return settings->mean_rows > 0 ? rows / settings->mean_rows : 1;
}

void gsp_weight_resolve(struct gsp_settings *settings, double rows, size_t nodes)
{
    if (settings->weight == GSP_WEIGHT_NODES || !(rows > 0)) return;
    settings->weight = GSP_WEIGHT_ROWS;
    settings->mean_rows = rows / (double)nodes;
}

int gsp_objective_settings(const struct gsp_objective_choice *choice, struct gsp_settings *settings,
                           struct gsp_error *error)
{
    const char *stuck = gsp__family(choice)->stuck_at_zeros;
    if (settings->init == GSP_INIT_ZEROS && stuck)
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "init=zeros: objective=%s cannot be trained from there: %s; leave init away or choose "
                             "init=normal-same",
                             choice->kind->name, stuck);
    if (settings->eta_auto && !gsp__family(choice)->curvature)
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "eta=auto: no smoothness constant of objective=%s is known to take it from; give a step "
                             "size, eta=0.1 to begin with, and a tenth of it if the run diverges%s",
                             choice->kind->name,
                             gsp_objective_of_worker(choice) ? " (a worker that makes the step itself has its own)"
                                                             : "");
    if (settings->init == GSP_INIT_WORKER && !gsp_objective_of_worker(choice))
        return gsp_error_set(error, GSP_ERR_CONFIG, "init=worker is for objective=worker; leave it away");
    if (gsp_objective_of_worker(choice) && settings->weight == GSP_WEIGHT_ROWS)
        return gsp_error_set(
            error, GSP_ERR_CONFIG,
            "weight=rows is for rows that are read here, not for workers; leave it away (a worker may multiply its "
            "gradient itself)");
    if (gsp_objective_of_worker(choice)) {
        settings->weight = GSP_WEIGHT_NODES;
        return 0; /* init=auto is decided when the workers are known */
    }
    if (settings->init == GSP_INIT_AUTO) settings->init = stuck ? GSP_INIT_NORMAL_SAME : GSP_INIT_ZEROS;
    return 0;
}

int gsp_objective_resolve(struct gsp_objective_choice *choice, struct gsp_settings *settings, bool targets_whole,
                          struct gsp_error *error)
{
    char text[256];
    if (!gsp__family(choice)->network || choice->loss != GSP_MLP_AUTO) return 0;
    choice->loss = targets_whole ? GSP_MLP_SOFTMAX : GSP_MLP_SQUARES;
    gsp_kind_format(choice->kind, choice, text, sizeof text);
    if (strlen(text) >= sizeof settings->objective)
        return gsp_error_set(error, GSP_ERR_CONFIG, "objective=%s: longer than %zu characters", text,
                             sizeof settings->objective - 1);
    snprintf(settings->objective, sizeof settings->objective, "%s", text);
    return 0;
}

void gsp_objective_scale(const struct gsp_objective_choice *choice, size_t classes, size_t d, double *x)
{
    if (gsp__family(choice)->network) gsp__network_scale(choice, gsp__outputs(choice, classes), d, x);
}

size_t gsp_objective_columns(const struct gsp_objective_choice *choice, size_t classes, size_t d)
{
    size_t outputs = gsp__outputs(choice, classes), first = gsp__product_outputs(choice, classes);
    size_t rest = gsp__family(choice)->network ? first + outputs * (first + 1) : 0;
    return !first || d < rest || (d - rest) % first ? 0 : (d - rest) / first;
}

int gsp_classes_auto(size_t *classes, const struct gsp_objective_choice *choice, double target_max, bool targets_whole,
                     double rows, struct gsp_error *error)
{
    if (!targets_whole)
        return gsp_error_set(
            error, GSP_ERR_DATA,
            "objective=%s needs labels that are whole numbers from 0 on, or -1 and 1; for other targets use "
            "objective=linear or renumber the labels",
            choice->kind->name);
    if (target_max >= GSP_CLASSES_MAX)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "the greatest label is %.10g, and %s has at most %d classes: number the labels from 0 "
                             "on",
                             target_max, choice->kind->name, GSP_CLASSES_MAX);
    if (target_max >= rows)
        return gsp_error_set(
            error, GSP_ERR_DATA,
            "the greatest label is %.10g, but there are %.10g rows: labels are numbered from 0 on, at most one a "
            "row. If these are values and not labels, use objective=linear; else number the labels from 0 on",
            target_max, rows);
    *classes = target_max < 1 ? 2 : (size_t)target_max + 1;
    return 0;
}
