/* The settings of a start, resolved from what all nodes have told; or why these cannot run them. */
#include "rumours/inside.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct gsp_summary *summary_of(const struct gsp__rumours *rumours, size_t i)
{
    return &rumours->circle.nodes[i].summary;
}

static bool check_columns(struct gsp__rumours *rumours)
{
    const struct gsp_summary *mine = summary_of(rumours, rumours->host->place.self);
    for (size_t i = 0; i < rumours->circle.node_count; i++) {
        const struct gsp_summary *other = summary_of(rumours, i);
        if (other->columns) continue;
        gsp__start_refuse(rumours, GSP_REPLY_CONFIG,
                          "%s has no rows: objective=%s needs Train in the [Data] of its gossipd.conf (with a worker "
                          "alone it is objective=worker that it can run)",
                          other->node, rumours->start.objective.kind->name);
        return false;
    }
    for (size_t i = 0; i < rumours->circle.node_count; i++) {
        const struct gsp_summary *other = summary_of(rumours, i);
        if (other->columns == mine->columns) continue;
        gsp__start_refuse(rumours, GSP_REPLY_CONFIG,
                          "the data of %s have %llu columns, those of %s %llu (bias included): all nodes need the same "
                          "features; check Train, Bias and Features there",
                          other->node, (unsigned long long)other->columns, mine->node,
                          (unsigned long long)mine->columns);
        return false;
    }
    return true;
}

/* Columns of the same names in another order, or of other names, would be added up as if they were the same. */
static bool check_names(struct gsp__rumours *rumours)
{
    const struct gsp_summary *named = NULL;
    for (size_t i = 0; i < rumours->circle.node_count; i++) {
        const struct gsp_summary *other = summary_of(rumours, i);
        if (!other->columns_named) continue;
        if (!named) named = other;
        if (other->columns_named == named->columns_named) continue;
        gsp__start_refuse(
            rumours, GSP_REPLY_CONFIG,
            "the columns of %s are not those of %s: their names or their order differ, those of libsvm in what "
            "their indices count from; compare the first lines of the files and write them alike, or choose columns "
            "with "
            "Label and Drop, and indices with Base",
            other->node, named->node);
        return false;
    }
    return true;
}

/* init=last begins from what one and the same run has left at every node. */
static bool check_results(struct gsp__rumours *rumours)
{
    char remedy[GSP_REASON_MAX];
    snprintf(remedy, sizeof remedy, "begin anew (leave init=last away) or from a file (%s, init=file:PATH)",
             rumours->host->commands.dump_x);
    const struct gsp_summary *mine = summary_of(rumours, rumours->host->place.self);
    if (rumours->start.settings.init != GSP_INIT_LAST) return true;
    for (size_t i = 0; i < rumours->circle.node_count; i++) {
        const struct gsp_summary *other = summary_of(rumours, i);
        if (!other->result)
            gsp__start_refuse(rumours, GSP_REPLY_CONFIG, "init=last: %s has no result of a run to go on from; %s",
                              other->node, remedy);
        else if (mine->result && other->result != mine->result)
            gsp__start_refuse(rumours, GSP_REPLY_CONFIG,
                              "init=last needs the result of one run at every node, but that of %s is run %llu's, that "
                              "of %s run %llu's; %s",
                              mine->node, (unsigned long long)mine->result, other->node,
                              (unsigned long long)other->result, remedy);
        else
            continue;
        return false;
    }
    return true;
}

/* Class 0 is -1 at one node and 0 at another: then 1 is the only class that they share, and one of them is mistaken. */
static bool check_signs(struct gsp__rumours *rumours)
{
    const struct gsp_summary *minus = NULL, *zero = NULL;
    for (size_t i = 0; i < rumours->circle.node_count; i++) {
        const struct gsp_summary *other = summary_of(rumours, i);
        if (other->target_min == -1) minus = other;
        if (other->target_min == 0) zero = other;
    }
    if (!minus || !zero || !gsp_objective_takes_labels(&rumours->start.objective)) return true;
    gsp__start_refuse(rumours, GSP_REPLY_CONFIG,
                      "the labels of %s are -1 and 1, those of %s count from 0: write the same labels on all hosts",
                      minus->node, zero->node);
    return false;
}

/* What the targets decide of the objective, labels that it can use, and `classes` from the greatest of them. */
static bool resolve_classes(struct gsp__rumours *rumours)
{
    struct gsp_objective_choice *choice = &rumours->start.objective;
    struct gsp_settings *settings = &rumours->start.settings;
    struct gsp_error error = {0};
    size_t classes = (size_t)settings->classes;
    double greatest = 0, rows = 0;
    bool whole = true;
    for (size_t i = 0; i < rumours->circle.node_count; i++) whole = whole && summary_of(rumours, i)->targets_whole;
    int rc = gsp_objective_resolve(choice, settings, whole, &error);
    for (size_t i = 0; i < rumours->circle.node_count && !rc; i++) {
        const struct gsp_summary *other = summary_of(rumours, i);
        rc = gsp_objective_check_labels(choice, classes, other->node, other->targets_whole, other->target_max, &error);
        if (other->target_max > greatest) greatest = other->target_max;
        rows += (double)other->rows;
    }
    if (!rc && gsp_objective_takes_classes(choice) && !classes)
        rc = gsp_classes_auto(&classes, choice, greatest, true, rows, &error);
    if (rc) gsp__start_refuse(rumours, GSP_REPLY_CONFIG, "%s", error.message);
    settings->classes = classes;
    return !rc;
}

/* ---- a worker's model ---- */

static struct gsp_node_model model_of(const struct gsp__rumours *rumours, size_t i)
{
    const struct gsp_summary *summary = summary_of(rumours, i);
    return (struct gsp_node_model){.node = summary->node, .model = &summary->model};
}

/* All that a node must know of the run stands in its settings: the dimension goes there, too. */
static bool resolve_worker(struct gsp__rumours *rumours)
{
    struct gsp__start *start = &rumours->start;
    struct gsp_error error = {0};
    const struct gsp_node_model mine = model_of(rumours, rumours->host->place.self);
    for (size_t i = 0; i < rumours->circle.node_count; i++) {
        const struct gsp_node_model other = model_of(rumours, i);
        if (!gsp_model_check(&mine, &other, start->settings.init, &error)) continue;
        gsp__start_refuse(rumours, GSP_REPLY_CONFIG, "%s", error.message);
        return false;
    }
    gsp_model_resolve(mine.model, &start->objective, &start->settings);
    return true;
}

static void resolve_weight(struct gsp__rumours *rumours)
{
    double rows = 0;
    for (size_t i = 0; i < rumours->circle.node_count; i++) rows += (double)summary_of(rumours, i)->rows;
    gsp_weight_resolve(&rumours->start.settings, rows, rumours->circle.node_count);
}

static void resolve_eta(struct gsp__rumours *rumours)
{
    struct gsp_settings *settings = &rumours->start.settings;
    if (!settings->eta_auto) return;
    double greatest = 0, share = 0;
    for (size_t i = 0; i < rumours->circle.node_count; i++) {
        const struct gsp_summary *other = summary_of(rumours, i);
        double weight = gsp_weight(settings, (double)other->rows);
        greatest = fmax(greatest, weight * other->lambda_max);
        share = fmax(share, weight);
    }
    settings->eta = gsp_eta_auto(&rumours->start.objective, (size_t)settings->classes, greatest, share * settings->l2);
    settings->eta_auto = false;
}

bool gsp__start_resolve(struct gsp__rumours *rumours)
{
    if (gsp_objective_of_worker(&rumours->start.objective)) return check_results(rumours) && resolve_worker(rumours);
    if (!check_columns(rumours) || !check_names(rumours) || !check_results(rumours) || !resolve_classes(rumours) ||
        !check_signs(rumours))
        return false;
    resolve_weight(rumours);
    resolve_eta(rumours);
    return true;
}
