/* A step of the node, and an evaluation: jobs where the problem computes at once; where it answers later, a question
 * before the job, since a step that needs a gradient begins with it. */
#include "run/inside.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct step_job {
    struct gsp_job base;
    struct gsp__run *run;
    struct gsp_work work;
    bool answered; /* the gradient is there already */
    bool graded;   /* ... or was computed: `loss` is its */
    double loss;
};

struct evaluate_job {
    struct gsp_job base;
    struct gsp__run *run;
    double loss, accuracy;
};

static bool answers_later(const struct gsp__run *run)
{
    return !run->task->type->gradient;
}

/* ---- what came out ---- */

static void diverged(struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
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

static void evaluated(struct gsp__runs *runs, double loss, double accuracy, double seconds)
{
    struct gsp__run *run = runs->run;
    struct gsp__scores *scores = &run->scores;
    scores->evaluated_at = runs->host->now;
    scores->evaluated_round = gsp_node_round(run->node);
    scores->evaluation_ms = (uint64_t)(1000 * seconds);
    scores->accuracy = accuracy;
    if (scores->evaluated_round == run->last_round) gsp__history_loss(runs, loss); /* no gradient follows */
    loss_known(runs, loss);
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

/* ---- questions ---- */

static void ask(struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    size_t length = run->d * sizeof(double);
    uint8_t *x = malloc(length);
    struct gsp_action *action = x ? gsp__action_add(runs->host, GSP_ACTION_ASK) : NULL;
    if (!action) {
        free(x);
        gsp__run_fail(runs, "no memory to ask for a gradient");
        return;
    }
    memcpy(x, run->asking.question.ask == GSP_ASK_GRADIENT ? run->asking.work.x : gsp_node_x(run->node), length);
    action->bytes = x;
    action->length = length;
    action->question = run->asking.question;
}

static void ask_first(struct gsp__runs *runs, enum gsp_ask what, uint64_t round)
{
    struct gsp__asking *asking = &runs->run->asking;
    asking->out = true;
    asking->question = (struct gsp_question){.ask = what, .run = runs->run->key, .round = round, .attempt = 1};
    ask(runs);
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
    return isfinite(job->loss) ? gsp_work_gradient(work) : GSP_ERR_DIVERGED;
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
    bool asks = work.stages & GSP_STAGE_GRADIENT && answers_later(run);
    assert(!asks || stage == GSP_JOB_GRADIENT);
    if (!asks && !hand_out(runs, &work, stage)) return;
    if (run->clock.begun_at == GSP__NEVER) run->clock.begun_at = runs->host->now;
    gsp__lend(runs->host, run->node, GSP__LENT_VECTORS);
    if (!asks) return;
    run->asking.work = work;
    ask_first(runs, GSP_ASK_GRADIENT, work.round);
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
        evaluated(runs, job->loss, job->accuracy, seconds[GSP_JOB_EVALUATE]);
}

static const struct gsp__job_type evaluate_type = {.run = run_evaluation, .done = evaluation_done};

void gsp__run_evaluate(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    assert(gsp__run_at_rest(runs) && !run->asking.out);
    if (answers_later(run)) {
        ask_first(runs, GSP_ASK_EVALUATE, gsp_node_round(run->node));
        return;
    }
    struct evaluate_job *job = gsp__job_new(runs->host, sizeof *job, &evaluate_type, runs, GSP_JOB_EVALUATE);
    if (!job) return; /* tried again after the next event */
    job->run = run;
    gsp__lend(runs->host, run->node, GSP__LENT_VECTORS);
}

/* ---- answers ---- */

static bool is_answer(const struct gsp__asking *asking, const struct gsp_question *question)
{
    const struct gsp_question *mine = &asking->question;
    return asking->out && mine->ask == question->ask && mine->round == question->round &&
           mine->attempt == question->attempt && gsp_run_key_compare(&mine->run, &question->run) == 0;
}

static void gradient_answered(struct gsp__runs *runs, const struct gsp_answer *answer)
{
    struct gsp__run *run = runs->run;
    struct gsp_work work = run->asking.work;
    if (!answer->gradient || answer->dimension != run->d) {
        gsp__run_fail(runs, "a gradient of %zu values came for %zu parameters",
                      answer->gradient ? answer->dimension : (size_t)0, run->d);
        return;
    }
    struct step_job *job = hand_out(runs, &work, GSP_JOB_GRADIENT);
    if (!job) return;
    memcpy(work.gradient, answer->gradient, run->d * sizeof *work.gradient);
    job->answered = true;
    job->loss = answer->loss;
    gsp_node_add_seconds(run->node, answer->seconds, 0, 0);
    gsp__lend(runs->host, run->node, GSP__LENT_VECTORS);
}

static bool take_state(struct gsp__runs *runs, const struct gsp_answer *answer)
{
    struct gsp_task *task = runs->run->task;
    struct gsp_error error = {0};
    if (!task->type->load || answer->question.ask != GSP_ASK_GRADIENT) return true;
    if (!task->type->load(task, answer->state, answer->state_length, &error)) return true;
    gsp__run_fail(runs, "%s", error.message);
    return false;
}

void gsp__runs_answer(struct gsp__runs *runs, const struct gsp_answer *answer)
{
    struct gsp__run *run = runs->run;
    if (!run || !is_answer(&run->asking, &answer->question)) return;
    run->asking.out = false;
    if (answer->question.ask == GSP_ASK_GRADIENT) gsp__take_back(runs->host);
    if (run->stage != GSP__RUN_ACTIVE || run->halted) return; /* ended meanwhile */
    if (runs->host->shutting_down) return;                    /* the next life asks again */
    if (answer->failure)
        gsp__run_fail(runs, "%s", answer->failure);
    else if (!take_state(runs, answer))
        return;
    else if (answer->question.ask == GSP_ASK_GRADIENT)
        gradient_answered(runs, answer);
    else
        evaluated(runs, answer->loss, answer->accuracy, answer->seconds);
}

/* What it was asked may be asked of another: a task without a state depends on nothing else. Where the last step is
 * done a state is of no more use. */
void gsp__runs_problem_died(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    if (!run || !run->task || !answers_later(run) || runs->host->shutting_down) return;
    bool state_needed = run->task->type->save && gsp__runs_going_on(runs) && run->stage != GSP__RUN_SAVING;
    if (state_needed && !run->halted) {
        gsp__run_roll_back(runs);
    } else if (run->asking.out) {
        run->asking.question.attempt++;
        ask(runs);
    }
}
