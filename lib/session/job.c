/* Pure work that takes long, in stages: the driver runs it where it likes and times it. */
#include "session/peer.h"

#include <math.h>
#include <stdlib.h>

struct gsp_job *gsp__job_new(struct gsp_peer *peer, enum gsp__job_kind kind)
{
    struct gsp_job *job = gsp_alloc(1, sizeof *job);
    struct gsp_action *action = job ? gsp__action_add(peer, GSP_ACTION_JOB) : NULL;
    if (!action) {
        free(job);
        return NULL;
    }
    action->job = job;
    job->kind = kind;
    job->train = peer->config.train;
    job->test = peer->config.test;
    peer->job = job;
    return job;
}

enum gsp_job_stage gsp_job_stage(const struct gsp_job *job)
{
    return job->stage;
}

void gsp_job_cancel(struct gsp_job *job)
{
    __atomic_store_n(&job->cancelled, true, __ATOMIC_RELAXED);
}

/* The first stage of a step at or after `stage`. */
static enum gsp_job_stage step_stage(const struct gsp_job *job, enum gsp_job_stage stage)
{
    if (stage <= GSP_JOB_MIX && job->work.stages & GSP_STAGE_MIX) return GSP_JOB_MIX;
    if (stage <= GSP_JOB_GRADIENT && job->work.stages & GSP_STAGE_GRADIENT) return GSP_JOB_GRADIENT;
    if (stage <= GSP_JOB_ENCODE && job->work.stages & GSP_STAGE_ENCODE) return GSP_JOB_ENCODE;
    return GSP_JOB_DONE;
}

enum gsp_job_stage gsp__job_first_stage(const struct gsp_job *job)
{
    switch (job->kind) {
    case GSP__JOB_MEASURE:
        return GSP_JOB_MEASURE;
    case GSP__JOB_CALIBRATE:
        return GSP_JOB_CALIBRATE;
    case GSP__JOB_SAVE:
        return GSP_JOB_SAVE;
    case GSP__JOB_EVALUATE:
        return GSP_JOB_EVALUATE;
    case GSP__JOB_STEP:
        break;
    }
    return step_stage(job, GSP_JOB_DONE);
}

static int run_gradient(struct gsp_job *job)
{
    gsp_objective_gradient(job->objective, job->work.round, job->work.x, job->work.gradient, &job->loss);
    return isfinite(job->loss) ? gsp_work_gradient(&job->work) : GSP_ERR_DIVERGED;
}

static int run_stage(struct gsp_job *job)
{
    switch (job->stage) {
    case GSP_JOB_MEASURE:
        job->lambda_max = gsp_lambda_max(job->train);
        return 0;
    case GSP_JOB_CALIBRATE:
        return gsp_gamma_calibrate(&job->gamma, job->graph, &job->compressor, job->d, job->seed, &job->cancelled,
                                   &job->error);
    case GSP_JOB_MIX:
        return gsp_work_mix(&job->work);
    case GSP_JOB_GRADIENT:
        return run_gradient(job);
    case GSP_JOB_ENCODE:
        return gsp_work_encode(&job->work);
    case GSP_JOB_SAVE:
        return gsp__checkpoint_pack(job);
    case GSP_JOB_EVALUATE:
        job->loss = gsp_objective_loss(job->objective, job->x);
        job->metric = job->test ? gsp_objective_metric(job->objective, job->test, job->x) : NAN;
        return 0;
    case GSP_JOB_DONE:
        break;
    }
    return 0;
}

void gsp_job_run(struct gsp_job *job)
{
    job->rc = run_stage(job);
    if (job->kind == GSP__JOB_STEP && !job->rc)
        job->stage = step_stage(job, job->stage + 1);
    else
        job->stage = GSP_JOB_DONE;
}
