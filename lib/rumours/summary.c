/* What this node tells all others about itself, at most once a second: built when it is due. */
#include "rumours/inside.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- the problem's measure ---- */

struct measure_job {
    struct gsp_job base;
    const struct gsp_problem *problem;
    double lambda_max;
};

static int run_measure(struct gsp_job *base)
{
    struct measure_job *job = (struct measure_job *)base;
    job->lambda_max = job->problem->type->measure(job->problem);
    base->stage = GSP_JOB_DONE;
    return 0;
}

static void measure_done(void *room, struct gsp_job *base, const double *seconds)
{
    struct gsp__rumours *rumours = room;
    (void)seconds;
    rumours->data.lambda_max = ((const struct measure_job *)base)->lambda_max;
    rumours->data.measured = true;
    gsp__host_news(rumours->host, true);
}

static const struct gsp__job_type measure_type = {.run = run_measure, .done = measure_done};

void gsp__rumours_measure(struct gsp__rumours *rumours)
{
    if (rumours->data.measured || rumours->host->job || gsp__runs_going_on(rumours->runs)) return;
    struct measure_job *job = gsp__job_new(rumours->host, sizeof *job, &measure_type, rumours, GSP_JOB_MEASURE);
    if (job) job->problem = rumours->problem;
}

/* ---- the own summary ---- */

static void describe_data(const struct gsp__rumours *rumours, struct gsp_summary *out)
{
    const struct gsp__own_data *data = &rumours->data;
    out->rows = data->facts.rows;
    out->columns = data->facts.columns;
    out->dtype = data->facts.dtype;
    out->target_max = data->facts.target_max;
    out->target_min = data->facts.target_min;
    out->targets_whole = data->facts.targets_whole;
    out->columns_named = data->facts.columns_named;
    out->lambda_max = data->lambda_max;
    out->model = data->facts.model;
    if (data->measured && isnan(data->lambda_max) && !out->reason[0])
        snprintf(out->reason, sizeof out->reason, "the numbers in its data are too large to square; scale the columns");
}

void gsp__summary_build(const struct gsp__rumours *rumours, struct gsp_summary *out)
{
    const struct gsp_summary *before = &rumours->circle.nodes[rumours->host->place.self].summary;
    *out = (struct gsp_summary){.number = before->number, .poll = before->poll};
    out->loss = out->accuracy = out->consensus_error = out->seconds = out->residual = NAN;
    snprintf(out->node, sizeof out->node, "%s", rumours->host->place.name);
    /* The reason is made of what each has to say, the nearest to the run first. */
    gsp__runs_describe(rumours->runs, rumours->journal.retry.failure, out);
    describe_data(rumours, out);
    gsp__journal_describe(rumours, out);
    if (!out->reason[0]) memcpy(out->reason, rumours->history_failure, sizeof out->reason);
    gsp__reload_describe(rumours, out);
}

static void emit(struct gsp__rumours *rumours)
{
    struct gsp__known_node *self = gsp__own_entry(rumours);
    struct gsp_summary summary;
    gsp__summary_build(rumours, &summary);
    if (summary.number < GSP_COUNT_MAX) summary.number++; /* more would be refused */
    self->summary = summary;
    self->digest = gsp__summary_hash(&summary);
    self->heard_at = rumours->summary_at = rumours->host->now;
    rumours->host->news = rumours->host->urgent = false;
    gsp__summary_forward(rumours, rumours->host->place.self, GSP__NOBODY);
    gsp__target_check(rumours);
}

/* How long after the last summary the next one goes out. */
static uint64_t interval(const struct gsp__rumours *rumours)
{
    if (rumours->host->urgent) return GSP__URGENT_TIME;
    return rumours->host->news ? GSP__SUMMARY_TIME : GSP__HEARTBEAT_TIME;
}

void gsp__rumours_tell(struct gsp__rumours *rumours)
{
    bool waiting = gsp__runs_waiting(rumours->runs, rumours->journal.retry.failure);
    /* Waiting shows only after a while: nothing happens then but time. */
    if (waiting && gsp__own_entry(rumours)->summary.phase != GSP_PHASE_WAITING) rumours->host->news = true;
    if (rumours->host->now - rumours->summary_at >= interval(rumours)) emit(rumours);
}

uint64_t gsp__summary_deadline(const struct gsp__rumours *rumours)
{
    uint64_t due = rumours->summary_at + interval(rumours);
    uint64_t waits = gsp__runs_waiting_deadline(rumours->runs); /* then there will be news */
    return waits < due ? waits : due;
}

/* ---- for status ---- */

/* The last that was heard of a node, with a word on its age where that matters. */
void gsp__rumours_describe(struct gsp__rumours *rumours, size_t node, struct gsp_summary *out)
{
    if (node == rumours->host->place.self) {
        gsp__summary_build(rumours, out);
        if (!out->number) out->number = 1;
        return;
    }
    const struct gsp__known_node *known = &rumours->circle.nodes[node];
    *out = known->summary;
    snprintf(out->node, sizeof out->node, "%s", rumours->host->place.network->nodes[node].name);
    uint64_t age = rumours->host->now - known->heard_at;
    if (out->number && age >= GSP__STALE_TIME)
        snprintf(out->reason, sizeof out->reason, "nothing heard of it for %llu s", (unsigned long long)(age / 1000));
}
