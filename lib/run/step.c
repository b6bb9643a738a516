/* A step of the node, and an evaluation: jobs where the problem computes at once; where it answers later, a question
 * before the job, since a step that needs a gradient begins with it. */
#include "run/inside.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct step_job {
    struct gsp_job base;
    struct gsp__run *run;
    struct gsp_work work;
    bool answered; /* the gradient is there already, ... */
    bool update;   /* ... or rather the step itself */
    bool graded;   /* or it was computed: `loss` is its */
    double loss;
};

struct evaluate_job {
    struct gsp_job base;
    struct gsp__run *run;
    double loss, accuracy;
};

/* ---- what came out ---- */

/* Of a worker's step no more is known than what came of it. */
static void worker_diverged(struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    const struct gsp__scores *scores = &run->scores;
    char what[120] = "x holds a number that is not finite";
    if (isnan(scores->loss))
        snprintf(what, sizeof what, "the worker gave a loss that is not finite");
    else if (scores->loss > GSP__LOSS_GROWTH_MAX * (1 + fabs(scores->first_loss)))
        snprintf(what, sizeof what, "the worker's loss is %.3g, and was %.3g at first", scores->loss,
                 scores->first_loss);
    gsp__run_fail(runs,
                  "the run diverged in round %llu: %s. Either the model's own computing went wrong, or eta=%.3g or "
                  "gamma=%.3g is too large; start again with a tenth of eta, and gamma=auto",
                  (unsigned long long)gsp_node_round(run->node) + 1, what, run->settings.eta, run->settings.gamma);
}

static void diverged(struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    if (gsp__run_asks(run))
        worker_diverged(runs);
    else
        gsp__run_fail(runs,
                      "the run diverged in round %llu (loss %.3g, at first %.3g): eta=%.3g or gamma=%.3g is too large "
                      "for this data and compressor; start again with eta=auto and gamma=auto, or a tenth of them",
                      (unsigned long long)gsp_node_round(run->node) + 1, run->scores.loss, run->scores.first_loss,
                      run->settings.eta, run->settings.gamma);
}

static void loss_known(struct gsp__runs *runs, double loss)
{
    struct gsp__scores *scores = &runs->run->scores;
    scores->loss = loss;
    if (isnan(scores->first_loss)) scores->first_loss = loss;
    if (!isfinite(loss) || loss > GSP__LOSS_GROWTH_MAX * (1 + fabs(scores->first_loss))) diverged(runs);
}

static void step_computed(struct gsp__runs *runs, struct step_job *job)
{
    struct gsp__run *run = runs->run;
    uint64_t round = gsp_node_round(run->node);
    if (job->graded) {
        gsp__history_loss(runs, job->loss);
        loss_known(runs, job->loss);
    }
    if (run->halted) return;
    int rc = job->base.rc ? job->base.rc : gsp_node_finish(run->node, &job->work);
    if (rc == GSP_ERR_DIVERGED) {
        diverged(runs);
    } else if (rc) {
        gsp__run_fail(runs, "a step failed: %s", gsp_strerror(rc));
    } else {
        if (gsp_node_round(run->node) > round) gsp__history_round(runs);
        gsp__exchange_computed(runs->exchange, job->work.stages & GSP_STAGE_MIX);
        gsp__host_news(runs->host, false);
    }
}

void gsp__step_evaluated(struct gsp__runs *runs, double loss, double accuracy, double seconds)
{
    struct gsp__run *run = runs->run;
    struct gsp__scores *scores = &run->scores;
    scores->evaluated_at = runs->host->now;
    scores->evaluated_round = gsp_node_round(run->node);
    scores->evaluation_ms = (uint64_t)(1000 * seconds);
    scores->accuracy = accuracy;
    if (scores->evaluated_round == run->last_round) gsp__history_loss(runs, loss); /* no gradient follows */
    if (!gsp__run_asks(run) || !isnan(loss)) loss_known(runs, loss);               /* who answers later may know none */
    gsp__host_news(runs->host, false);
}

/* Whether what a job came to is still of interest: its run is in hand and has not ended. */
static bool counts(struct gsp__runs *runs, struct gsp__run *run)
{
    gsp__take_back(runs->host);
    if (runs->run != run) {
        gsp__run_free(run);
        return false;
    }
    return run->stage == GSP__RUN_ACTIVE || run->stage == GSP__RUN_SAVING;
}

/* ---- a step ---- */

/* The first stage of the work at or after `from`. */
static enum gsp_job_stage stage_from(const struct gsp_work *work, enum gsp_job_stage from)
{
    if (from <= GSP_JOB_MIX && work->stages & GSP_STAGE_MIX) return GSP_JOB_MIX;
    if (from <= GSP_JOB_GRADIENT && work->stages & GSP_STAGE_GRADIENT) return GSP_JOB_GRADIENT;
    if (from <= GSP_JOB_ENCODE && work->stages & GSP_STAGE_ENCODE) return GSP_JOB_ENCODE;
    return GSP_JOB_DONE;
}

static int run_gradient(struct step_job *job)
{
    struct gsp_work *work = &job->work;
    struct gsp_task *task = job->run->task;
    int rc = job->answered ? 0 : task->type->gradient(task, work->round, work->x, work->gradient, &job->loss);
    if (rc) return rc;
    job->graded = true;
    if (!isfinite(job->loss)) return GSP_ERR_DIVERGED;
    return job->update ? gsp_work_update(work) : gsp_work_gradient(work);
}

static int run_step(struct gsp_job *base)
{
    struct step_job *job = (struct step_job *)base;
    int rc = base->stage == GSP_JOB_MIX        ? gsp_work_mix(&job->work)
             : base->stage == GSP_JOB_GRADIENT ? run_gradient(job)
                                               : gsp_work_encode(&job->work);
    base->stage = stage_from(&job->work, base->stage + 1);
    return rc;
}

static void step_done(void *room, struct gsp_job *base, const double *seconds)
{
    struct gsp__runs *runs = room;
    struct step_job *job = (struct step_job *)base;
    struct gsp__run *run = job->run;
    if (!counts(runs, run)) return;
    gsp_node_add_seconds(run->node, seconds[GSP_JOB_GRADIENT], seconds[GSP_JOB_MIX] + seconds[GSP_JOB_ENCODE], 0);
    step_computed(runs, job);
}

static const struct gsp__job_type step_type = {.run = run_step, .done = step_done};

static struct step_job *hand_out(struct gsp__runs *runs, const struct gsp_work *work, enum gsp_job_stage stage)
{
    struct step_job *job = gsp__job_new(runs->host, sizeof *job, &step_type, runs, stage);
    if (!job) {
        gsp__run_fail(runs, "no memory for a step");
        return NULL;
    }
    job->run = runs->run;
    job->work = *work;
    return job;
}

static void stop_waiting(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    uint64_t since = run->clock.waiting_since;
    if (since == GSP__NEVER) return;
    gsp_node_add_seconds(run->node, 0, 0, (double)(runs->host->now - since) / 1000);
    if (gsp__runs_waiting(runs, "")) gsp__host_news(runs->host, false);
    gsp__run_set_waiting(runs, GSP__NEVER);
}

void gsp__step_answered(struct gsp__runs *runs, const struct gsp_work *work, bool update, double loss)
{
    struct step_job *job = hand_out(runs, work, GSP_JOB_GRADIENT);
    if (!job) return;
    job->answered = true;
    job->update = update;
    job->loss = loss;
    gsp__lend(runs->host, runs->run->node, GSP__LENT_VECTORS);
}

void gsp__run_step(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    struct gsp_work work;
    assert(gsp__run_at_rest(runs) && !run->asking.out);
    gsp_node_allow(run->node, gsp__checkpoint_allows(runs));
    if (!gsp_node_next(run->node, &work)) {
        if (run->clock.waiting_since == GSP__NEVER) gsp__run_set_waiting(runs, runs->host->now);
        return;
    }
    stop_waiting(runs);
    enum gsp_job_stage stage = stage_from(&work, GSP_JOB_DONE);
    bool asks = work.stages & GSP_STAGE_GRADIENT && gsp__run_asks(run);
    assert(!asks || stage == GSP_JOB_GRADIENT);
    if (!asks && !hand_out(runs, &work, stage)) return;
    if (run->clock.begun_at == GSP__NEVER) run->clock.begun_at = runs->host->now;
    gsp__lend(runs->host, run->node, GSP__LENT_VECTORS);
    if (!asks) return;
    run->asking.work = work;
    gsp__ask(runs, GSP_ASK_GRADIENT, work.round);
}

/* ---- an evaluation ---- */

static int run_evaluation(struct gsp_job *base)
{
    struct evaluate_job *job = (struct evaluate_job *)base;
    struct gsp_task *task = job->run->task;
    base->stage = GSP_JOB_DONE;
    return task->type->evaluate(task, gsp_node_x(job->run->node), &job->loss, &job->accuracy);
}

static void evaluation_done(void *room, struct gsp_job *base, const double *seconds)
{
    struct gsp__runs *runs = room;
    const struct evaluate_job *job = (const struct evaluate_job *)base;
    if (!counts(runs, job->run)) return;
    if (base->rc)
        gsp__run_fail(runs, "an evaluation failed: %s", gsp_strerror(base->rc));
    else
        gsp__step_evaluated(runs, job->loss, job->accuracy, seconds[GSP_JOB_EVALUATE]);
}

static const struct gsp__job_type evaluate_type = {.run = run_evaluation, .done = evaluation_done};

void gsp__run_evaluate(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    assert(gsp__run_at_rest(runs) && !run->asking.out);
    if (gsp__run_asks(run)) {
        gsp__ask(runs, GSP_ASK_EVALUATE, gsp_node_round(run->node));
        return;
    }
    struct evaluate_job *job = gsp__job_new(runs->host, sizeof *job, &evaluate_type, runs, GSP_JOB_EVALUATE);
    if (!job) return; /* tried again after the next event */
    job->run = run;
    gsp__lend(runs->host, run->node, GSP__LENT_VECTORS);
}
