/* How good parameters are: by the rows of the nodes, or as their workers say. */
#include "workers.h"

#include <math.h>
#include <stdlib.h>

/* The worker of every node at its own x, or (`x`) all of them at one. */
static int ask_workers(const struct plan *plan, const struct lockstep *lockstep, const double *x, struct score *out,
                       struct gsp_error *error)
{
    const double **points = gsp_alloc(lockstep->count, sizeof *points);
    if (!points) return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < lockstep->count; i++) points[i] = x ? x : gsp_node_x(lockstep->nodes[i]);
    int rc = workers_evaluate(plan->workers, lockstep->round, points, out, error);
    free(points);
    return rc;
}

int score_nodes(const struct plan *plan, const struct lockstep *lockstep, struct score *out, struct gsp_error *error)
{
    if (plan->workers) return ask_workers(plan, lockstep, NULL, out, error);
    for (size_t i = 0; i < lockstep->count; i++) {
        struct gsp_objective *objective = plan->shards.objectives[i];
        const double *x = gsp_node_x(lockstep->nodes[i]);
        out[i].loss = gsp_objective_loss(objective, x);
        out[i].metric = plan->test ? gsp_objective_metric(objective, plan->test, x) : NAN;
    }
    return 0;
}

/* Nodes weigh by their rows, and equally where some worker has not told how many it has. */
static void average(const struct plan *plan, const struct score *scores, struct score *out)
{
    double rows = 0;
    bool told = workers_rows_of_all(plan->workers) > 0;
    *out = (struct score){0};
    for (size_t i = 0; i < plan->graph->count; i++) {
        double weight = told ? (double)workers_rows(plan->workers, i) : 1;
        rows += weight;
        out->loss += weight * scores[i].loss;
        out->metric += weight * scores[i].metric;
    }
    out->loss /= rows;
    out->metric /= rows;
}

int score_mean(const struct plan *plan, const struct lockstep *lockstep, const double *mean, bool metric,
               struct score *out, struct gsp_error *error)
{
    if (!plan->workers) {
        out->loss = shards_loss(&plan->shards, mean);
        out->metric = metric && plan->test ? gsp_objective_metric(plan->shards.objectives[0], plan->test, mean) : NAN;
        return 0;
    }
    struct score *scores = gsp_alloc(lockstep->count, sizeof *scores);
    if (!scores) return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    int rc = ask_workers(plan, lockstep, mean, scores, error);
    if (!rc) average(plan, scores, out);
    free(scores);
    return rc;
}
