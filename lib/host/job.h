/* Pure work that takes long, in stages: the driver runs it where it likes and times it. Each kind of job belongs to the
 * room that starts it, which embeds struct gsp_job as the first member of its own. */
#ifndef GOSSIP_HOST_JOB_H
#define GOSSIP_HOST_JOB_H

#include "host/host.h"

struct gsp__job_type {
    /* Runs the job's stage and moves job->stage on; any thread, no room may be touched. What it returns becomes
     * job->rc, and if that is not 0 the job is done. */
    int (*run)(struct gsp_job *job);
    /* The job is back: its room takes what came out. `seconds` by stage are what the driver measured. */
    void (*done)(void *room, struct gsp_job *job, const double *seconds);
    /* Frees what the job owns besides itself; NULL: nothing. */
    void (*clear)(struct gsp_job *job);
};

struct gsp_job {
    const struct gsp__job_type *type;
    void *room;
    enum gsp_job_stage stage;
    int rc;
    struct gsp_error error;
    bool cancelled;
};

/* A job of `size` bytes that begins with `stage`, added to the actions at once: the caller fills in the rest before the
 * event in hand ends, and lends it what it will touch (gsp__lend). No other may be out (asserted). NULL without memory.
 * The host owns it. */
void *gsp__job_new(struct gsp__host *host, size_t size, const struct gsp__job_type *type, void *room,
                   enum gsp_job_stage stage);
/* The driver gives the job that is out back, at GSP_JOB_DONE (both asserted): calls its room's `done`, which takes back
 * what was lent and may hand out another, then frees it. */
void gsp__job_done(struct gsp__host *host, struct gsp_job *job, const double *seconds);

#endif
