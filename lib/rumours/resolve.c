/* The settings of a start, resolved from what all nodes have told; or why these cannot run them. */
#include "rumours/inside.h"

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

/* What the targets decide of the objective, labels that it can use, and `classes` from the greatest of them. */
static bool resolve_classes(struct gsp__rumours *rumours)
{
    struct gsp_objective_choice *choice = &rumours->start.objective;
    struct gsp_settings *settings = &rumours->start.settings;
    struct gsp_error error = {0};
    size_t classes = (size_t)settings->classes;
    double greatest = 0;
    bool whole = true;
    for (size_t i = 0; i < rumours->circle.node_count; i++) whole = whole && summary_of(rumours, i)->targets_whole;
    int rc = gsp_objective_resolve(choice, settings, whole, &error);
    for (size_t i = 0; i < rumours->circle.node_count && !rc; i++) {
        const struct gsp_summary *other = summary_of(rumours, i);
        rc = gsp_objective_check_labels(choice, classes, other->node, other->targets_whole, other->target_max, &error);
        if (other->target_max > greatest) greatest = other->target_max;
    }
    if (!rc && gsp_objective_takes_classes(choice) && !classes)
        rc = gsp_classes_auto(&classes, choice, greatest, true, &error);
    if (rc) gsp__start_refuse(rumours, GSP_REPLY_CONFIG, "%s", error.message);
    settings->classes = classes;
    return !rc;
}

/* ---- a worker's model ---- */

/* The nodes' models are one model. */
static bool check_models(struct gsp__rumours *rumours)
{
    const struct gsp_summary *mine = summary_of(rumours, rumours->host->place.self);
    const struct gsp_model_summary *model = &mine->model;
    const char *const advice = "all nodes need the same model; start the same program as their worker";
    for (size_t i = 0; i < rumours->circle.node_count; i++) {
        const struct gsp_summary *other = summary_of(rumours, i);
        if (other->model.dimension != model->dimension)
            gsp__start_refuse(rumours, GSP_REPLY_CONFIG, "the model of %s has %llu parameters, that of %s %llu: %s",
                              other->node, (unsigned long long)other->model.dimension, mine->node,
                              (unsigned long long)model->dimension, advice);
        else if (strcmp(other->model.name, model->name) != 0)
            gsp__start_refuse(rumours, GSP_REPLY_CONFIG, "the model of %s is called '%s', that of %s '%s': %s",
                              other->node, other->model.name, mine->node, model->name, advice);
        else
            continue;
        return false;
    }
    return true;
}

/* Whether each begins at a point of its own, which all of them must have or none. */
static bool check_initial_points(struct gsp__rumours *rumours, bool *given)
{
    const struct gsp_summary *mine = summary_of(rumours, rumours->host->place.self);
    bool may_differ = rumours->start.settings.init == GSP_INIT_WORKER;
    *given = mine->model.has_x0;
    for (size_t i = 0; i < rumours->circle.node_count; i++) {
        const struct gsp_summary *other = summary_of(rumours, i);
        bool same = other->model.has_x0 == mine->model.has_x0 &&
                    memcmp(other->model.x0, mine->model.x0, sizeof mine->model.x0) == 0;
        if (other->model.has_x0 && mine->model.has_x0 && may_differ) continue;
        if (same && (!may_differ || *given)) continue;
        gsp__start_refuse(rumours, GSP_REPLY_CONFIG,
                          "the worker of %s begins at %s than that of %s: give all the same seed, or say init=worker "
                          "if each is to begin at its own point, or another init, which takes none of them",
                          other->node, other->model.has_x0 && *given ? "another point" : "other parameters",
                          mine->node);
        return false;
    }
    return true;
}

/* All that a node must know of the run stands in its settings: the dimension goes there, too. */
static bool resolve_worker(struct gsp__rumours *rumours)
{
    struct gsp__start *start = &rumours->start;
    bool given = false;
    bool asks = start->settings.init == GSP_INIT_AUTO || start->settings.init == GSP_INIT_WORKER;
    if (!check_models(rumours) || (asks && !check_initial_points(rumours, &given))) return false;
    if (start->settings.init == GSP_INIT_AUTO) start->settings.init = given ? GSP_INIT_WORKER : GSP_INIT_ZEROS;
    start->objective.dimension = (size_t)summary_of(rumours, rumours->host->place.self)->model.dimension;
    gsp_kind_format(start->objective.kind, &start->objective, start->settings.objective,
                    sizeof start->settings.objective);
    return true;
}

static void resolve_eta(struct gsp__rumours *rumours)
{
    struct gsp_settings *settings = &rumours->start.settings;
    if (!settings->eta_auto) return;
    double greatest = 0;
    for (size_t i = 0; i < rumours->circle.node_count; i++)
        if (summary_of(rumours, i)->lambda_max > greatest) greatest = summary_of(rumours, i)->lambda_max;
    settings->eta = gsp_eta_auto(&rumours->start.objective, (size_t)settings->classes, greatest, settings->l2);
    settings->eta_auto = false;
}

bool gsp__start_resolve(struct gsp__rumours *rumours)
{
    if (gsp_objective_of_worker(&rumours->start.objective)) return check_results(rumours) && resolve_worker(rumours);
    if (rumours->start.settings.init == GSP_INIT_WORKER) {
        gsp__start_refuse(rumours, GSP_REPLY_CONFIG, "init=worker is for objective=worker; leave it away");
        return false;
    }
    if (!check_columns(rumours) || !check_results(rumours) || !resolve_classes(rumours)) return false;
    resolve_eta(rumours);
    return true;
}
