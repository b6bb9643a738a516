/* When state goes to the disk (doc/protocol.md, "Links").
 *
 * Two slots, written in turn: the older of two valid ones is durable, since the newer may turn out to be damaged. A
 * step is begun only up to L steps beyond the durable one, so that no neighbour's log of messages grows without bound.
 */
#include "run/inside.h"

#include <assert.h>
#include <string.h>

enum { GAPS_IN_REACH = 3 }; /* L = 3 c: one to the older slot, one to the newer, one while the next is written */

struct save_job {
    struct gsp_job base;
    struct gsp__run *run;
    struct gsp_kept kept;                 /* what the checkpoint says of itself ... */
    struct gsp_buffer checkpoint, result; /* ... and what it became; the result only at the end */
};

void gsp__plan_make(struct gsp__run *run)
{
    const struct gsp_settings *settings = &run->settings;
    uint64_t gap = settings->log_limit / (GAPS_IN_REACH * run->payload_bound);
    uint64_t every = settings->checkpoint_every * settings->gossip_steps;
    if (every && every < gap) gap = every;
    if (gap < 1) gap = 1;
    if (gap > GSP_COUNT_MAX / GAPS_IN_REACH) gap = GSP_COUNT_MAX / GAPS_IN_REACH;
    run->plan.gap = gap;
    run->plan.reach = GAPS_IN_REACH * gap;
}

/* ---- when ---- */

uint64_t gsp__checkpoint_allows(const struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    const struct gsp__plan *plan = &run->plan;
    uint64_t last = gsp__run_last_step(run), limit = plan->durable + plan->reach;
    if (plan->fence > plan->durable) return 0;
    if (!runs->disk.left && plan->saved + plan->gap - 1 < limit) limit = plan->saved + plan->gap - 1;
    return last < limit ? last : limit;
}

/* No step is half done. */
static bool at_boundary(const struct gsp__run *run)
{
    return gsp_node_log_end(run->node) == gsp_node_step(run->node);
}

bool gsp__checkpoint_due(const struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    const struct gsp__plan *plan = &run->plan;
    if (runs->disk.left || runs->host->now < runs->disk.retry.at || !at_boundary(run)) return false;
    if (run->asking.state_kept && run->stage != GSP__RUN_SAVING) return false; /* the next answer brings it */
    uint64_t step = gsp_node_step(run->node);
    return run->stage == GSP__RUN_SAVING || plan->fence > plan->durable || step >= plan->saved + plan->gap ||
           step > plan->durable + plan->reach;
}

bool gsp__checkpoint_waiting(const struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    if (!run || !run->node || run->stage == GSP__RUN_ENDED) return false;
    if (gsp__lost_gathering(run)) return false; /* it is for its neighbours that it waits */
    if (run->stage == GSP__RUN_SAVING || runs->disk.repairing) return runs->disk.retry.failure[0];
    uint64_t step = gsp_node_step(run->node);
    return at_boundary(run) && step <= gsp__run_last_step(run) && step > gsp__checkpoint_allows(runs);
}

/* ---- packing ---- */

static struct gsp_kept describe(const struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    struct gsp_kept kept = {
        .kind = GSP_KEPT_CHECKPOINT,
        .generation = runs->disk.generation + 1,
        .seconds = gsp__run_seconds(runs),
        .loss = run->scores.loss,
        .accuracy = run->scores.accuracy,
        .first_loss = run->scores.first_loss,
        .final = run->stage == GSP__RUN_SAVING,
        .state = runs->state,
    };
    gsp__run_bytes(runs, &kept.bytes_sent, &kept.bytes_received);
    memcpy(kept.network_hash, runs->host->place.hash, sizeof kept.network_hash);
    memcpy(kept.data_digest, runs->data_digest, sizeof kept.data_digest);
    kept.makers = run->makers;
    return kept;
}

static int pack_checkpoint(const struct gsp_kept *about, const struct gsp__run *run, struct gsp_buffer *out)
{
    struct gsp_kept kept = *about;
    if (run->task && run->task->type->state) run->task->type->state(run->task, &kept.task, &kept.task_length);
    int rc = gsp_kept_begin(&kept, out);
    if (!rc) rc = gsp_node_save(run->node, out);
    if (!rc) rc = gsp_kept_seal(out);
    return rc;
}

static int pack(const struct gsp_kept *kept, const struct gsp__run *run, struct gsp_buffer *checkpoint,
                struct gsp_buffer *result)
{
    int rc = pack_checkpoint(kept, run, checkpoint);
    return rc || !kept->final ? rc : gsp__result_pack(kept, run, result);
}

/* Which files a checkpoint goes to: at the end, and where everything rests on it, to all. */
static unsigned files_of(const struct gsp__runs *runs, bool final)
{
    const struct gsp__plan *plan = &runs->run->plan;
    const unsigned both = GSP__FILE_BIT(GSP_KEEP_CHECKPOINT_A) | GSP__FILE_BIT(GSP_KEEP_CHECKPOINT_B);
    if (final) return both | GSP__FILE_BIT(GSP_KEEP_RESULT);
    return plan->fence > plan->durable ? both : gsp__disk_spare_slot(runs);
}

static int run_save(struct gsp_job *base)
{
    struct save_job *job = (struct save_job *)base;
    base->stage = GSP_JOB_DONE;
    return pack(&job->kept, job->run, &job->checkpoint, &job->result);
}

static void save_done(void *room, struct gsp_job *base, const double *seconds)
{
    struct gsp__runs *runs = room;
    struct save_job *job = (struct save_job *)base;
    (void)seconds;
    gsp__take_back(runs->host);
    if (runs->run != job->run) {
        gsp__run_free(job->run);
        return;
    }
    if (runs->run->stage != GSP__RUN_ACTIVE && runs->run->stage != GSP__RUN_SAVING) return; /* ended meanwhile */
    if (base->rc)
        gsp__retry_failed(runs->host, &runs->disk.retry, GSP_KEEP_CHECKPOINT_A, gsp_strerror(base->rc));
    else
        gsp__disk_write(runs, job->kept.generation, &job->checkpoint, &job->result, files_of(runs, job->kept.final));
}

static void save_clear(struct gsp_job *base)
{
    struct save_job *job = (struct save_job *)base;
    gsp_buffer_clear(&job->checkpoint);
    gsp_buffer_clear(&job->result);
}

static const struct gsp__job_type save_type = {.run = run_save, .done = save_done, .clear = save_clear};

void gsp__checkpoint_begin(struct gsp__runs *runs)
{
    assert(gsp__run_at_rest(runs) && at_boundary(runs->run) && !runs->disk.left);
    struct save_job *job = gsp__job_new(runs->host, sizeof *job, &save_type, runs, GSP_JOB_SAVE);
    if (!job) return; /* tried again after the next event */
    job->run = runs->run;
    job->kept = describe(runs);
    gsp__lend(runs->host, runs->run->node, GSP__LENT_STATE);
}

int gsp__checkpoint_repair(struct gsp__runs *runs, unsigned files)
{
    assert(gsp__run_at_rest(runs) && at_boundary(runs->run) && !runs->disk.left);
    const struct gsp_kept kept = describe(runs);
    struct gsp_buffer checkpoint = {0}, result = {0};
    int rc = pack(&kept, runs->run, &checkpoint, &result);
    runs->disk.repairing = !rc;
    if (!rc) gsp__disk_write(runs, kept.generation, &checkpoint, &result, files);
    gsp_buffer_clear(&checkpoint);
    gsp_buffer_clear(&result);
    return rc;
}
