/* Handing jobs out, running them, taking them back. */
#include "host/job.h"

#include <assert.h>
#include <stdlib.h>

void *gsp__job_new(struct gsp__host *host, size_t size, const struct gsp__job_type *type, void *room,
                   enum gsp_job_stage stage)
{
    assert(!host->job && size >= sizeof(struct gsp_job) && stage != GSP_JOB_DONE);
    struct gsp_job *job = gsp_alloc(1, size);
    struct gsp_action *action = job ? gsp__action_add(host, GSP_ACTION_JOB) : NULL;
    if (!action) {
        free(job);
        return NULL;
    }
    *job = (struct gsp_job){.type = type, .room = room, .stage = stage};
    action->job = host->job = job;
    return job;
}

void gsp__job_done(struct gsp__host *host, struct gsp_job *job, const double *seconds)
{
    assert(job && job == host->job && job->stage == GSP_JOB_DONE);
    host->job = NULL;
    job->type->done(job->room, job, seconds);
    if (job->type->clear) job->type->clear(job);
    free(job);
}

enum gsp_job_stage gsp_job_stage(const struct gsp_job *job)
{
    return job->stage;
}

void gsp_job_run(struct gsp_job *job)
{
    assert(job->stage != GSP_JOB_DONE);
    job->rc = job->type->run(job);
    if (job->rc) job->stage = GSP_JOB_DONE;
}

void gsp_job_cancel(struct gsp_job *job)
{
    __atomic_store_n(&job->cancelled, true, __ATOMIC_RELAXED);
}
