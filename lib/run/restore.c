/* What an earlier life of this node left on the disk: the run it was in, its state there, its last result. */
#include "run/inside.h"

#include <assert.h>
#include <string.h>

struct found {
    struct gsp_kept kept[GSP_KEEP_COUNT];
    bool valid[GSP_KEEP_COUNT], damaged[GSP_KEEP_COUNT];
};

static enum gsp_kept_kind kind_of(enum gsp_keep file)
{
    return file == GSP_KEEP_RUN ? GSP_KEPT_RUN : file == GSP_KEEP_RESULT ? GSP_KEPT_RESULT : GSP_KEPT_CHECKPOINT;
}

/* A file, and the node's state in it, as far as it takes to know whether this version can read them. */
static int read_file(struct gsp_kept *kept, enum gsp_keep file, const struct gsp_kept_file *bytes,
                     struct gsp_error *error)
{
    size_t d;
    uint64_t step;
    int rc = gsp_kept_read(kept, kind_of(file), bytes->bytes, bytes->length, error);
    if (rc || kept->kind != GSP_KEPT_CHECKPOINT) return rc;
    /* The file's hash is right: what is wrong in it was written so. */
    return gsp_node_saved(kept->body, kept->length, &d, &step, error) ? GSP_ERR_FOREIGN : 0;
}

/* Damaged files are left out, and written again. One that another version can read must not be: then nothing goes on.
 */
static int read_files(struct gsp__runs *runs, const struct gsp_kept_file *files, struct found *found,
                      struct gsp_error *fatal)
{
    for (enum gsp_keep file = 0; file < GSP_KEEP_COUNT; file++) {
        const struct gsp_kept_file *bytes = &files[file];
        struct gsp_error error = {0};
        if (!bytes->bytes) continue;
        int rc = read_file(&found->kept[file], file, bytes, &error);
        if (rc == GSP_ERR_NOMEM) return gsp_error_set(fatal, rc, "no memory for %s", gsp_keep_name(file));
        if (rc == GSP_ERR_FOREIGN)
            return gsp_error_set(fatal, rc,
                                 "%s: %s. It is left as it is; to do without it, move it out of the State folder",
                                 gsp_keep_name(file), error.message);
        found->valid[file] = !rc;
        found->damaged[file] = rc;
        if (found->damaged[file])
            gsp_log(&runs->host->log, GSP_LOG_WARNING, "%s is left out: %s", gsp_keep_name(file), error.message);
        if (found->valid[file] && found->kept[file].generation > runs->disk.generation)
            runs->disk.generation = found->kept[file].generation;
    }
    return 0;
}

/* The newest thing that knows of a run. */
static const struct gsp_kept *newest_state(const struct found *found)
{
    const struct gsp_kept *newest = found->valid[GSP_KEEP_RUN] ? &found->kept[GSP_KEEP_RUN] : NULL;
    for (enum gsp_keep file = GSP_KEEP_CHECKPOINT_A; file <= GSP_KEEP_CHECKPOINT_B; file++) {
        const struct gsp_kept *kept = &found->kept[file];
        if (!found->valid[file]) continue;
        if (!newest || gsp_run_key_compare(&kept->state.run, &newest->state.run) > 0) newest = kept;
    }
    return newest;
}

/* The newest checkpoint of the run, or NULL. */
static const struct gsp_kept *newest_checkpoint(const struct found *found, const struct gsp_run_key *run)
{
    const struct gsp_kept *newest = NULL;
    for (enum gsp_keep file = GSP_KEEP_CHECKPOINT_A; file <= GSP_KEEP_CHECKPOINT_B; file++) {
        const struct gsp_kept *kept = &found->kept[file];
        if (!found->valid[file] || gsp_run_key_compare(&kept->state.run, run) != 0) continue;
        if (!newest || kept->generation > newest->generation) newest = kept;
    }
    return newest;
}

/* ---- the run ---- */

/* A run that is over computes nothing more: then the data may be others. */
static int check_same(const struct gsp__runs *runs, const struct gsp_kept *kept, bool over, struct gsp_error *error)
{
    unsigned long long epoch = (unsigned long long)runs->state.run.epoch;
    static const char remedy[] = "; or give that run up here: move the files run, checkpoint.a and checkpoint.b of the "
                                 "State folder away, and this node goes on as after a lost disk";
    if (memcmp(kept->network_hash, runs->host->place.hash, sizeof runs->host->place.hash) != 0)
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "this node is in run %llu, which began with another peers.conf and is not over: put that "
                             "file back until it is%s",
                             epoch, remedy);
    if (!over && memcmp(kept->data_digest, runs->data_digest, sizeof runs->data_digest) != 0)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "this node is in run %llu, which began with other training data than these and is not "
                             "over: put those back (Train, Labels and Bias in the configuration)%s",
                             epoch, remedy);
    return 0;
}

static void describe_past(struct gsp__run *run, const struct gsp_kept *kept)
{
    run->clock.seconds_before = kept->seconds > 0 ? kept->seconds : 0;
    run->scores.loss = kept->loss;
    run->scores.accuracy = kept->accuracy;
    run->scores.first_loss = kept->first_loss;
    run->traffic.sent_before -= kept->bytes_sent;
    run->traffic.received_before -= kept->bytes_received;
}

static int load_node(struct gsp__runs *runs, const struct gsp_kept *kept, struct gsp_error *error)
{
    struct gsp__run *run = runs->run;
    struct gsp_node_config config;
    uint64_t step;
    /* What is over has the dimension of the data it had; neighbours may still need its messages. */
    int rc =
        kept->final ? gsp_node_saved(kept->body, kept->length, &run->d, &step, error) : gsp__run_pose(runs, run, error);
    if (!rc) rc = gsp__run_node_config(runs, run, &config, error);
    if (!rc && run->task && run->task->type->load && kept->task_length)
        rc = run->task->type->load(run->task, kept->task, kept->task_length, error);
    if (!rc) rc = gsp_node_load(&run->node, &config, kept->body, kept->length, error);
    if (rc) {
        if (run->task) run->task->type->drop(run->task);
        run->task = NULL;
        return rc;
    }
    describe_past(run, kept);
    run->makers = kept->makers;
    if (!kept->final) gsp__makers_compare(runs);
    run->plan.saved = gsp_node_step(run->node);
    run->replay_until = run->plan.saved + run->plan.reach;
    run->scores.evaluated_at = runs->host->now;
    gsp__run_enter(run, GSP__RUN_ACTIVE);
    gsp__run_open(runs);
    return 0;
}

static void note_slots(struct gsp__runs *runs, const struct found *found)
{
    for (int i = 0; i < 2; i++) {
        const struct gsp_kept *kept = &found->kept[GSP_KEEP_CHECKPOINT_A + i];
        uint64_t step = 0;
        size_t d;
        if (!found->valid[GSP_KEEP_CHECKPOINT_A + i] || gsp_node_saved(kept->body, kept->length, &d, &step, NULL))
            continue;
        runs->disk.slots[i] =
            (struct gsp__slot){.valid = true, .run = kept->state.run, .step = step, .generation = kept->generation};
    }
    gsp__disk_update(runs);
}

/* A checkpoint of the end in one slot only, or without the result beside it, was cut short: nobody has heard of the end
 * from this life, so it is written again. */
static bool end_is_whole(const struct gsp__runs *runs, const struct found *found)
{
    const struct gsp_kept *result = &found->kept[GSP_KEEP_RESULT];
    const struct gsp_run_key *key = &runs->run->key;
    bool whole = found->valid[GSP_KEEP_RESULT] && gsp_run_key_compare(&result->state.run, key) == 0;
    for (enum gsp_keep file = GSP_KEEP_CHECKPOINT_A; file <= GSP_KEEP_CHECKPOINT_B; file++) {
        const struct gsp_kept *kept = &found->kept[file];
        whole = whole && found->valid[file] && kept->final && gsp_run_key_compare(&kept->state.run, key) == 0;
    }
    return whole;
}

/* It is over: its node only answers what neighbours still need. */
static void rest(struct gsp__runs *runs, bool whole)
{
    struct gsp__run *run = runs->run;
    run->scores.evaluated_round = run->last_round;
    run->outcome = gsp__run_outcome(runs);
    gsp__run_enter(run, whole ? GSP__RUN_ENDED : GSP__RUN_SAVING);
    gsp__run_stop_counting(runs);
}

static unsigned damaged_slots(const struct found *found)
{
    unsigned damaged = 0;
    for (enum gsp_keep file = GSP_KEEP_CHECKPOINT_A; file <= GSP_KEEP_CHECKPOINT_B; file++)
        if (found->damaged[file]) damaged |= GSP__FILE_BIT(file);
    return damaged;
}

static int go_on(struct gsp__runs *runs, const struct found *found, const struct gsp_kept *kept)
{
    const struct gsp__run *run = runs->run;
    if (kept->final) {
        rest(runs, end_is_whole(runs, found));
    } else {
        unsigned damaged = damaged_slots(found);
        gsp__history_open(runs);
        int rc = damaged && !runs->disk.left ? gsp__checkpoint_repair(runs, damaged) : 0;
        if (rc) return rc;
    }
    gsp_log(&runs->host->log, GSP_LOG_INFO, "run %llu: %s step %llu", (unsigned long long)run->key.epoch,
            kept->final ? "over, at" : "this node goes on at", (unsigned long long)gsp_node_step(run->node));
    return 0;
}

/* A run that is over, in a network that has changed since: its result is all that is left. */
static bool leave_behind(struct gsp__runs *runs, const struct gsp_kept *kept)
{
    struct gsp__run *run = runs->run;
    if (memcmp(kept->network_hash, runs->host->place.hash, sizeof runs->host->place.hash) == 0) return false;
    if (!kept->final && !runs->state.aborted) return false;
    describe_past(run, kept);
    gsp__runs_leave(runs);
    gsp__run_enter(run, GSP__RUN_ENDED);
    gsp__run_stop_counting(runs);
    run->outcome = gsp__run_outcome(runs);
    return true;
}

/* No checkpoint, or none that can be used. */
static void begin_again(struct gsp__runs *runs, bool found_one, const struct gsp_error *wrong)
{
    const struct gsp__run *run = runs->run;
    if (found_one) gsp_log(&runs->host->log, GSP_LOG_WARNING, "the checkpoint is left out: %s", wrong->message);
    gsp_log(&runs->host->log, GSP_LOG_INFO, "run %llu: this node begins again, at step 1",
            (unsigned long long)run->key.epoch);
    if (run->settings.init == GSP_INIT_FILE) gsp__run_read_file(runs);
}

/* The run has its settings: gives it the state of a checkpoint, if there is one. `about`: what the checkpoint, or else
 * the run state, says of network and data. */
static int take_state(struct gsp__runs *runs, const struct found *found, const struct gsp_kept *kept,
                      const struct gsp_kept *about, struct gsp_error *error)
{
    struct gsp_error wrong = {0};
    unsigned long long epoch = (unsigned long long)runs->run->key.epoch;
    int rc = kept ? load_node(runs, kept, &wrong) : 0;
    bool loaded = kept && !rc;
    if (loaded) note_slots(runs, found);
    if (rc != GSP_ERR_NOMEM && (rc = check_same(runs, about, loaded && kept->final, error)) != 0) return rc;
    if (!rc && loaded) rc = go_on(runs, found, kept);
    /* A good checkpoint is not given up for want of memory: later there may be some. */
    if (rc) return gsp_error_set(error, rc, "no memory to go on with run %llu", epoch);
    if (!loaded) begin_again(runs, kept, &wrong);
    return 0;
}

/* False: the run ends here, or has ended. */
static bool take_settings(struct gsp__runs *runs, bool over)
{
    struct gsp__run *run = runs->run;
    struct gsp_error wrong = {0};
    int rc = over ? gsp_settings_parse(&run->settings, runs->state.settings, &wrong)
                  : gsp__run_settings(runs, &run->settings, &wrong);
    if (!rc) {
        gsp__run_allow(runs);
        return true;
    }
    if (runs->state.aborted)
        gsp__run_end_aborted(runs);
    else
        gsp__run_fail(runs, "cannot take part in this run: %s", wrong.message);
    return false;
}

static int restore_run(struct gsp__runs *runs, const struct found *found, const struct gsp_kept *known, bool *unwritten,
                       struct gsp_error *error)
{
    const struct gsp_kept *kept = newest_checkpoint(found, &runs->state.run), *about = kept ? kept : known;
    runs->run = gsp__run_new(runs);
    if (!runs->run) return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for a run");
    runs->run->restarted = true;
    if (!take_settings(runs, kept && kept->final)) return 0;
    if (leave_behind(runs, about)) {
        *unwritten = true; /* that it is over */
        return 0;
    }
    if (runs->state.aborted) {
        gsp__run_end_aborted(runs);
        return 0;
    }
    return take_state(runs, found, kept, about, error);
}

int gsp__runs_restore(struct gsp__runs *runs, const struct gsp_kept_file *files, bool *unwritten,
                      struct gsp_error *error)
{
    struct found found = {0};
    assert(!runs->run && !runs->state.run.epoch && runs->host->place.network);
    int rc = read_files(runs, files, &found, error);
    if (rc) return rc;
    if (found.valid[GSP_KEEP_RESULT] && gsp__result_take(runs, &found.kept[GSP_KEEP_RESULT]))
        return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for the last result");
    const struct gsp_kept *known = newest_state(&found);
    *unwritten = known && known != &found.kept[GSP_KEEP_RUN];
    if (!known) return 0;
    runs->state = known->state;
    if (!*runs->state.settings) return 0; /* over, before the network was changed */
    gsp__exchange_reset(runs->exchange, &runs->state.run);
    return restore_run(runs, &found, known, unwritten, error);
}

/* ---- back to the newest checkpoint, without a death ---- */

void gsp__run_roll_back(struct gsp__runs *runs)
{
    const struct gsp_run_key key = runs->run->key;
    const struct gsp_settings settings = runs->run->settings;
    gsp_log(&runs->host->log, GSP_LOG_WARNING,
            "run %llu: what computes its gradients has lost its state: this node "
            "goes back to its newest checkpoint",
            (unsigned long long)key.epoch);
    /* Neighbours are told where it goes on as after a restart, on new connections. */
    for (size_t slot = 0; slot < gsp__slots(runs->host); slot++)
        gsp__transport_fail(runs->transport, slot, "this node goes back to its newest checkpoint");
    gsp__exchange_reset(runs->exchange, &key);
    gsp__run_drop(runs);
    runs->run = gsp__run_new(runs);
    if (!runs->run) {
        gsp__run_fail(runs, "no memory for a run");
        return;
    }
    runs->run->settings = settings;
    runs->run->restarted = runs->run->rolling_back = true;
    gsp__run_allow(runs);
    gsp__disk_withdraw(runs);
    gsp__host_news(runs->host, true);
}

/* Not while a checkpoint is on its way to the disk: the disk would then know of rounds that the history has not, since
 * that is cut back to where the node goes on. */
void gsp__roll_back_tick(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    if (!run || !run->rolling_back || run->reading || run->halted || runs->disk.left) return;
    run->reading = gsp__action_add(runs->host, GSP_ACTION_READ_KEPT);
    if (!run->reading) gsp__run_fail(runs, "no memory to go back to the checkpoint");
}

void gsp__runs_kept(struct gsp__runs *runs, const struct gsp_kept_file *files, const char *failure)
{
    struct found found = {0};
    struct gsp_error error = {0};
    if (!runs->run || !runs->run->reading) return; /* another run has taken its place */
    runs->run->rolling_back = runs->run->reading = false;
    if (runs->run->halted || runs->run->stage != GSP__RUN_PREPARING) return;
    if (failure) {
        gsp__run_fail(runs, "what is kept of this run cannot be read: %s", failure);
        return;
    }
    int rc = read_files(runs, files, &found, &error);
    const struct gsp_kept *kept = rc ? NULL : newest_checkpoint(&found, &runs->run->key);
    if (!rc && kept) rc = take_state(runs, &found, kept, kept, &error);
    if (rc)
        gsp__run_fail(runs, "%s", error.message);
    else if (!kept)
        begin_again(runs, false, NULL);
}
