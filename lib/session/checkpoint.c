/* When state goes to the disk, and how far it is there (doc/protocol.md, "Links").
 *
 * Two slots, written in turn: the older of two valid ones is durable, since the newer may turn out to be damaged. A
 * step is begun only up to L steps beyond the durable one, so that no neighbour's log of messages grows without bound.
 */
#include "session/peer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BIT(file) (1u << (file))

enum { GAPS_IN_REACH = 3 }; /* L = 3 c: one to the older slot, one to the newer, one while the next is written */

const char *gsp_keep_name(enum gsp_keep file)
{
    static const char *const names[GSP_KEEP_COUNT] = {"run", "checkpoint.a", "checkpoint.b", "result"};
    return names[file];
}

void gsp__checkpoint_plan(struct gsp__run *run)
{
    const struct gsp_settings *settings = &run->settings;
    uint64_t gap = settings->log_limit / (GAPS_IN_REACH * run->payload_bound);
    uint64_t every = settings->checkpoint_every * settings->gossip_steps;
    if (every && every < gap) gap = every;
    if (gap < 1) gap = 1;
    if (gap > GSP_COUNT_MAX / GAPS_IN_REACH) gap = GSP_COUNT_MAX / GAPS_IN_REACH;
    run->gap = gap;
    run->reach = GAPS_IN_REACH * gap;
}

/* ---- when ---- */

uint64_t gsp__checkpoint_allows(const struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    uint64_t last = gsp__run_last_step(run), limit = run->durable + run->reach;
    if (run->fence > run->durable) return 0;
    if (!peer->disk.left && run->saved + run->gap - 1 < limit) limit = run->saved + run->gap - 1;
    return last < limit ? last : limit;
}

static bool at_boundary(const struct gsp__run *run)
{
    return gsp_node_log_end(run->node) == gsp_node_step(run->node);
}

bool gsp__checkpoint_due(const struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    if (peer->disk.left || peer->now < peer->disk.retry.at || !at_boundary(run)) return false;
    uint64_t step = gsp_node_step(run->node);
    return run->stage == GSP__RUN_SAVING || run->fence > run->durable || step >= run->saved + run->gap ||
           step > run->durable + run->reach;
}

/* ---- packing ---- */

static void describe(const struct gsp_peer *peer, struct gsp_kept *kept)
{
    const struct gsp__run *run = peer->run;
    *kept = (struct gsp_kept){
        .kind = GSP_KEPT_CHECKPOINT,
        .generation = peer->disk.generation + 1,
        .seconds = gsp__run_seconds(peer),
        .loss = run->loss,
        .accuracy = run->accuracy,
        .first_loss = run->first_loss,
        .final = run->stage == GSP__RUN_SAVING,
        .state = peer->state,
    };
    gsp__run_bytes(peer, &kept->bytes_sent, &kept->bytes_received);
    memcpy(kept->network_hash, peer->network_hash, sizeof kept->network_hash);
    memcpy(kept->data_digest, peer->data_digest, sizeof kept->data_digest);
}

void gsp__checkpoint_begin(struct gsp_peer *peer)
{
    struct gsp_job *job = gsp__job_new(peer, GSP__JOB_SAVE);
    if (!job) return;
    job->run = peer->run;
    describe(peer, &job->kept);
    job->stage = gsp__job_first_stage(job);
}

static int pack_result(const struct gsp_kept *about, const struct gsp__run *run, struct gsp_buffer *out)
{
    struct gsp_kept kept = *about;
    kept.kind = GSP_KEPT_RESULT;
    int rc = gsp_kept_begin(&kept, out);
    if (!rc) rc = gsp_buffer_append_doubles(out, gsp_node_x(run->node), run->d);
    if (!rc) rc = gsp_buffer_append_doubles(out, gsp_node_z(run->node), run->d);
    return rc ? rc : gsp_kept_seal(out);
}

int gsp__checkpoint_pack(struct gsp_job *job)
{
    int rc = gsp_kept_begin(&job->kept, &job->saved);
    if (!rc) rc = gsp_node_save(job->run->node, &job->saved);
    if (!rc) rc = gsp_kept_seal(&job->saved);
    return rc || !job->kept.final ? rc : pack_result(&job->kept, job->run, &job->result);
}

/* The slot that is not needed: not of this run, or the older. */
static unsigned spare_slot(const struct gsp_peer *peer)
{
    const struct gsp__slot *slots = peer->disk.slots;
    const struct gsp_run_key *key = &peer->run->key;
    bool a = slots[0].valid && gsp_run_key_compare(&slots[0].run, key) == 0;
    bool b = slots[1].valid && gsp_run_key_compare(&slots[1].run, key) == 0;
    if (a != b) return BIT(a ? GSP_KEEP_CHECKPOINT_B : GSP_KEEP_CHECKPOINT_A);
    return BIT(slots[0].generation <= slots[1].generation ? GSP_KEEP_CHECKPOINT_A : GSP_KEEP_CHECKPOINT_B);
}

static void write_files(struct gsp_peer *peer, struct gsp_job *job, unsigned files)
{
    struct gsp__disk *disk = &peer->disk;
    struct gsp__run *run = peer->run;
    gsp_buffer_clear(&disk->bytes);
    gsp_buffer_clear(&disk->result);
    disk->bytes = job->saved;
    disk->result = job->result;
    job->saved = job->result = (struct gsp_buffer){0};
    disk->generation = job->kept.generation;
    disk->run = run->key;
    disk->step = run->saved = gsp_node_step(run->node);
    disk->left = files;
    gsp__disk_tick(peer);
}

void gsp__checkpoint_packed(struct gsp_peer *peer, struct gsp_job *job)
{
    const struct gsp__run *run = peer->run;
    const unsigned both = BIT(GSP_KEEP_CHECKPOINT_A) | BIT(GSP_KEEP_CHECKPOINT_B);
    if (job->rc)
        gsp__retry_failed(peer, &peer->disk.retry, GSP_KEEP_CHECKPOINT_A, gsp_strerror(job->rc));
    else if (job->kept.final)
        write_files(peer, job, both | BIT(GSP_KEEP_RESULT));
    else
        write_files(peer, job, run->fence > run->durable ? both : spare_slot(peer));
}

int gsp__checkpoint_repair(struct gsp_peer *peer, unsigned files)
{
    struct gsp_job job = {.kind = GSP__JOB_SAVE, .run = peer->run};
    describe(peer, &job.kept);
    int rc = gsp__checkpoint_pack(&job);
    peer->disk.repairing = !rc;
    if (!rc) write_files(peer, &job, files);
    gsp_buffer_clear(&job.saved);
    gsp_buffer_clear(&job.result);
    return rc;
}

/* ---- writing ---- */

static bool is_of_run(const struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    return run && !peer->state.aborted && gsp_run_key_compare(&run->key, &peer->disk.run) == 0;
}

/* The spare slot before the one that is still good. */
static enum gsp_keep next_file(const struct gsp_peer *peer)
{
    unsigned left = peer->disk.left, spare = is_of_run(peer) ? spare_slot(peer) : 0;
    if (left & spare) left &= spare;
    enum gsp_keep file = GSP_KEEP_CHECKPOINT_A;
    while (!(left & BIT(file))) file++;
    return file;
}

static void forget_files(struct gsp_peer *peer)
{
    struct gsp__disk *disk = &peer->disk;
    disk->left = 0;
    disk->repairing = false;
    gsp_buffer_clear(&disk->bytes);
    gsp_buffer_clear(&disk->result);
}

void gsp__disk_tick(struct gsp_peer *peer)
{
    struct gsp__disk *disk = &peer->disk;
    if (!disk->left && !disk->out && peer->now >= disk->retry.at) disk->retry.at = 0; /* no reason to wake up */
    if (!disk->left || disk->out) return;
    if (!is_of_run(peer)) forget_files(peer); /* another run, or none, goes on */
    if (!disk->left || peer->now < disk->retry.at) return;
    struct gsp_action *action = gsp__action_add(peer, GSP_ACTION_STORE);
    if (!action) {
        gsp__retry_failed(peer, &disk->retry, GSP_KEEP_CHECKPOINT_A, "no memory");
        return;
    }
    action->file = disk->file = next_file(peer);
    const struct gsp_buffer *bytes = disk->file == GSP_KEEP_RESULT ? &disk->result : &disk->bytes;
    action->bytes = bytes->data;
    action->length = bytes->length;
    disk->out = true;
}

void gsp__checkpoint_update(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    const struct gsp__slot *slots = peer->disk.slots;
    if (!run) return;
    for (int i = 0; i < 2; i++)
        if (!slots[i].valid || gsp_run_key_compare(&slots[i].run, &run->key) != 0) return;
    uint64_t older = slots[0].step < slots[1].step ? slots[0].step : slots[1].step;
    if (older <= run->durable) return;
    run->durable = older;
    gsp__links_durable(peer);
}

static void stored(struct gsp_peer *peer)
{
    struct gsp__disk *disk = &peer->disk;
    if (disk->retry.failure[0]) gsp_log(&peer->config.log, GSP_LOG_INFO, "%s is written", gsp_keep_name(disk->file));
    if (disk->retry.failure[0]) gsp__summary_changed(peer, true);
    disk->retry = (struct gsp__retry){0};
    disk->left &= ~BIT(disk->file);
    if (disk->file != GSP_KEEP_RESULT) {
        disk->slots[disk->file - GSP_KEEP_CHECKPOINT_A] =
            (struct gsp__slot){.valid = true, .run = disk->run, .step = disk->step, .generation = disk->generation};
        gsp__checkpoint_update(peer);
    }
    if (disk->left) return;
    if (peer->run && peer->run->stage == GSP__RUN_SAVING && disk->result.length && is_of_run(peer))
        gsp__run_saved(peer);
    forget_files(peer);
}

void gsp_peer_stored(struct gsp_peer *peer, enum gsp_keep file, const char *failure, uint64_t now)
{
    peer->now = now;
    struct gsp__disk *disk = &peer->disk;
    if (file == GSP_KEEP_RUN) {
        gsp__journal_stored(peer, failure);
    } else {
        assert(disk->out && file == disk->file);
        disk->out = false;
        if (failure)
            gsp__retry_failed(peer, &disk->retry, file, failure);
        else
            stored(peer);
    }
    gsp_peer_tick(peer, now);
}

/* ---- what status says ---- */

const char *gsp__disk_failure(const struct gsp_peer *peer)
{
    return peer->journal.retry.failure[0] ? peer->journal.retry.failure : peer->disk.retry.failure;
}

bool gsp__disk_waiting(const struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    if (peer->journal.retry.failure[0]) return true;
    if (!run || !run->node || run->stage == GSP__RUN_ENDED) return false;
    if (gsp__lost_gathering(run)) return false; /* it is for its neighbours that it waits */
    if (run->stage == GSP__RUN_SAVING || peer->disk.repairing) return peer->disk.retry.failure[0];
    uint64_t step = gsp_node_step(run->node);
    return at_boundary(run) && step <= gsp__run_last_step(run) && step > gsp__checkpoint_allows(peer);
}
