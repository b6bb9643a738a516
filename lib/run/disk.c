/* The two slots and the result: what is written where, and how far the run is on the disk. */
#include "run/inside.h"

#include <assert.h>

unsigned gsp__disk_spare_slot(const struct gsp__runs *runs)
{
    const struct gsp__slot *slots = runs->disk.slots;
    const struct gsp_run_key *key = &runs->run->key;
    bool a = slots[0].valid && gsp_run_key_compare(&slots[0].run, key) == 0;
    bool b = slots[1].valid && gsp_run_key_compare(&slots[1].run, key) == 0;
    if (a != b) return GSP__FILE_BIT(a ? GSP_KEEP_CHECKPOINT_B : GSP_KEEP_CHECKPOINT_A);
    return GSP__FILE_BIT(slots[0].generation <= slots[1].generation ? GSP_KEEP_CHECKPOINT_A : GSP_KEEP_CHECKPOINT_B);
}

void gsp__disk_write(struct gsp__runs *runs, uint64_t generation, struct gsp_buffer *checkpoint,
                     struct gsp_buffer *result, unsigned files)
{
    struct gsp__disk *disk = &runs->disk;
    struct gsp__run *run = runs->run;
    assert(!disk->out && !disk->left);
    gsp_buffer_clear(&disk->bytes);
    gsp_buffer_clear(&disk->result);
    disk->bytes = *checkpoint;
    disk->result = *result;
    *checkpoint = *result = (struct gsp_buffer){0};
    disk->generation = generation;
    disk->run = run->key;
    disk->step = run->plan.saved = gsp_node_step(run->node);
    disk->left = files;
    gsp__runs_write(runs);
}

/* What is being written is of the run in hand. */
static bool is_of_run(const struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    return run && !runs->state.aborted && gsp_run_key_compare(&run->key, &runs->disk.run) == 0;
}

/* The spare slot before the one that is still good. */
static enum gsp_keep next_file(const struct gsp__runs *runs)
{
    unsigned left = runs->disk.left, spare = is_of_run(runs) ? gsp__disk_spare_slot(runs) : 0;
    if (left & spare) left &= spare;
    enum gsp_keep file = GSP_KEEP_CHECKPOINT_A;
    while (!(left & GSP__FILE_BIT(file))) file++;
    return file;
}

static void forget_files(struct gsp__runs *runs)
{
    struct gsp__disk *disk = &runs->disk;
    disk->left = 0;
    disk->repairing = false;
    gsp_buffer_clear(&disk->bytes);
    gsp_buffer_clear(&disk->result);
}

void gsp__disk_withdraw(struct gsp__runs *runs)
{
    struct gsp__disk *disk = &runs->disk;
    if (disk->repairing) return; /* it is what the run goes back to */
    if (disk->out)
        disk->left = GSP__FILE_BIT(disk->file);
    else
        forget_files(runs);
}

void gsp__runs_write(struct gsp__runs *runs)
{
    struct gsp__disk *disk = &runs->disk;
    if (!disk->left && !disk->out && runs->host->now >= disk->retry.at) disk->retry.at = 0; /* no reason to wake up */
    if (!disk->left || disk->out) return;
    if (!is_of_run(runs)) forget_files(runs); /* another run, or none, goes on */
    if (!disk->left || runs->host->now < disk->retry.at) return;
    struct gsp_action *action = gsp__action_add(runs->host, GSP_ACTION_STORE);
    if (!action) {
        gsp__retry_failed(runs->host, &disk->retry, GSP_KEEP_CHECKPOINT_A, "no memory");
        return;
    }
    action->file = disk->file = next_file(runs);
    const struct gsp_buffer *bytes = disk->file == GSP_KEEP_RESULT ? &disk->result : &disk->bytes;
    action->bytes = bytes->data;
    action->length = bytes->length;
    disk->out = true;
}

void gsp__disk_update(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    const struct gsp__slot *slots = runs->disk.slots;
    if (!run) return;
    for (int i = 0; i < 2; i++)
        if (!slots[i].valid || gsp_run_key_compare(&slots[i].run, &run->key) != 0) return;
    uint64_t older = slots[0].step < slots[1].step ? slots[0].step : slots[1].step;
    if (older <= run->plan.durable) return;
    run->plan.durable = older;
    gsp__exchange_set_durable(runs->exchange, older);
}

/* The result is on the disk: now the run is over, and others may hear of it. */
static void run_saved(struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    gsp__result_keep(runs);
    gsp__run_end(runs, run->outcome);
    gsp_log(&runs->host->log, GSP_LOG_INFO, "run %llu %s after round %llu: loss %.6g",
            (unsigned long long)run->key.epoch, gsp_phase_name(run->outcome), (unsigned long long)run->last_round,
            run->scores.loss);
}

static void stored(struct gsp__runs *runs)
{
    struct gsp__disk *disk = &runs->disk;
    gsp__retry_succeeded(runs->host, &disk->retry, disk->file);
    disk->left &= ~GSP__FILE_BIT(disk->file);
    if (disk->file != GSP_KEEP_RESULT) {
        disk->slots[disk->file - GSP_KEEP_CHECKPOINT_A] =
            (struct gsp__slot){.valid = true, .run = disk->run, .step = disk->step, .generation = disk->generation};
        gsp__disk_update(runs);
    }
    if (disk->left) return;
    if (gsp__runs_stage(runs) == GSP__RUN_SAVING && disk->result.length && is_of_run(runs)) run_saved(runs);
    forget_files(runs);
}

void gsp__runs_stored(struct gsp__runs *runs, enum gsp_keep file, const char *failure)
{
    struct gsp__disk *disk = &runs->disk;
    assert(disk->out && file == disk->file);
    disk->out = false;
    if (!failure) {
        stored(runs);
        return;
    }
    gsp__retry_failed(runs->host, &disk->retry, file, failure);
    if (runs->run && runs->run->rolling_back) gsp__disk_withdraw(runs);
}

bool gsp__runs_repairing(const struct gsp__runs *runs)
{
    return runs->disk.repairing;
}

bool gsp__runs_writing(const struct gsp__runs *runs)
{
    return runs->disk.out;
}

uint64_t gsp__runs_deadline(const struct gsp__runs *runs)
{
    const struct gsp__disk *disk = &runs->disk;
    return disk->retry.at && !disk->out && !runs->host->shutting_down ? disk->retry.at : GSP__NEVER;
}

const char *gsp__runs_disk_failure(const struct gsp__runs *runs)
{
    return runs->disk.retry.failure;
}
