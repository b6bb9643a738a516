/* What an earlier life of this node left on the disk: the run it was in, its state there, its last result. */
#include "session/peer.h"

#include <math.h>
#include <stdlib.h>
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
static int read_files(struct gsp_peer *peer, struct found *found, struct gsp_error *fatal)
{
    for (enum gsp_keep file = 0; file < GSP_KEEP_COUNT; file++) {
        const struct gsp_kept_file *bytes = &peer->config.files[file];
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
            gsp_log(&peer->config.log, GSP_LOG_WARNING, "%s is left out: %s", gsp_keep_name(file), error.message);
        if (found->valid[file] && found->kept[file].generation > peer->disk.generation)
            peer->disk.generation = found->kept[file].generation;
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

static int take_result(struct gsp_peer *peer, const struct found *found)
{
    const struct gsp_kept *kept = &found->kept[GSP_KEEP_RESULT];
    if (!found->valid[GSP_KEEP_RESULT] || kept->length == 0 || kept->length % 16) return 0;
    size_t d = kept->length / 16;
    peer->last_x = gsp_vector(d);
    peer->last_z = gsp_vector(d);
    if (!peer->last_x || !peer->last_z) return GSP_ERR_NOMEM;
    gsp_read_doubles(peer->last_x, kept->body, d);
    gsp_read_doubles(peer->last_z, kept->body + 8 * d, d);
    peer->last_d = d;
    peer->last_epoch = kept->state.run.epoch;
    return 0;
}

/* ---- the run ---- */

/* A run that is over computes nothing more: then the data may be others. */
static int check_same(const struct gsp_peer *peer, const struct gsp_kept *kept, bool over, struct gsp_error *error)
{
    unsigned long long epoch = (unsigned long long)peer->state.run.epoch;
    static const char remedy[] = "; or give that run up here: move the files run, checkpoint.a and checkpoint.b of the "
                                 "State folder away, and this node goes on as after a lost disk";
    if (memcmp(kept->network_hash, peer->network_hash, sizeof peer->network_hash) != 0)
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "this node is in run %llu, which began with another peers.conf and is not over: put that "
                             "file back until it is%s",
                             epoch, remedy);
    if (!over && memcmp(kept->data_digest, peer->data_digest, sizeof peer->data_digest) != 0)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "this node is in run %llu, which began with other training data than these and is not "
                             "over: put those back (Train, Labels and Bias in the configuration)%s",
                             epoch, remedy);
    return 0;
}

static void describe_past(struct gsp__run *run, const struct gsp_kept *kept)
{
    run->seconds_before = kept->seconds > 0 ? kept->seconds : 0;
    run->loss = kept->loss;
    run->accuracy = kept->accuracy;
    run->first_loss = kept->first_loss;
    run->sent_before -= kept->bytes_sent;
    run->received_before -= kept->bytes_received;
}

static int load_node(struct gsp_peer *peer, const struct gsp_kept *kept, struct gsp_error *error)
{
    struct gsp__run *run = peer->run;
    struct gsp_node_config config;
    uint64_t step;
    /* What is over has the dimension of the data it had; neighbours may still need its messages. */
    int rc = kept->final ? gsp_node_saved(kept->body, kept->length, &run->d, &step, error)
                         : gsp__run_objective(peer, run, error);
    if (!rc) rc = gsp__run_node_config(peer, run, &config, error);
    if (!rc) rc = gsp_node_load(&run->node, &config, kept->body, kept->length, error);
    if (rc) {
        gsp_objective_free(run->objective);
        run->objective = NULL;
        return rc;
    }
    describe_past(run, kept);
    run->saved = gsp_node_step(run->node);
    run->replay_until = run->saved + run->reach;
    run->evaluated_at = peer->now;
    run->stage = GSP__RUN_ACTIVE;
    return 0;
}

static void note_slots(struct gsp_peer *peer, const struct found *found)
{
    for (int i = 0; i < 2; i++) {
        const struct gsp_kept *kept = &found->kept[GSP_KEEP_CHECKPOINT_A + i];
        uint64_t step = 0;
        size_t d;
        if (!found->valid[GSP_KEEP_CHECKPOINT_A + i] || gsp_node_saved(kept->body, kept->length, &d, &step, NULL))
            continue;
        peer->disk.slots[i] =
            (struct gsp__slot){.valid = true, .run = kept->state.run, .step = step, .generation = kept->generation};
    }
    gsp__checkpoint_update(peer);
}

/* A checkpoint of the end in one slot only, or without the result beside it, was cut short: nobody has heard of the end
 * from this life, so it is written again. */
static bool end_is_whole(const struct gsp_peer *peer, const struct found *found)
{
    const struct gsp_kept *result = &found->kept[GSP_KEEP_RESULT];
    bool whole = found->valid[GSP_KEEP_RESULT] && gsp_run_key_compare(&result->state.run, &peer->run->key) == 0;
    for (enum gsp_keep file = GSP_KEEP_CHECKPOINT_A; file <= GSP_KEEP_CHECKPOINT_B; file++) {
        const struct gsp_kept *kept = &found->kept[file];
        whole =
            whole && found->valid[file] && kept->final && gsp_run_key_compare(&kept->state.run, &peer->run->key) == 0;
    }
    return whole;
}

static int go_on(struct gsp_peer *peer, const struct found *found, const struct gsp_kept *kept)
{
    struct gsp__run *run = peer->run;
    unsigned damaged = 0;
    for (enum gsp_keep file = GSP_KEEP_CHECKPOINT_A; file <= GSP_KEEP_CHECKPOINT_B; file++)
        if (found->damaged[file]) damaged |= 1u << file;
    if (kept->final) {
        run->evaluated_round = run->last_round;
        run->stage = end_is_whole(peer, found) ? GSP__RUN_ENDED : GSP__RUN_SAVING;
        run->end = gsp__run_end_phase(peer);
        gsp__run_stop_counting(peer);
    } else {
        gsp__history_open(peer);
        int rc = damaged ? gsp__checkpoint_repair(peer, damaged) : 0;
        if (rc) return rc;
    }
    gsp_log(&peer->config.log, GSP_LOG_INFO, "run %llu: %s step %llu", (unsigned long long)run->key.epoch,
            kept->final ? "over, at" : "this node goes on at", (unsigned long long)gsp_node_step(run->node));
    return 0;
}

/* A run that is over, in a network that has changed since: its result is all that is left. */
static bool leave_behind(struct gsp_peer *peer, const struct gsp_kept *kept)
{
    struct gsp__run *run = peer->run;
    if (memcmp(kept->network_hash, peer->network_hash, sizeof peer->network_hash) == 0) return false;
    if (!kept->final && !peer->state.aborted) return false;
    describe_past(run, kept);
    gsp__run_over(peer);
    run->stage = GSP__RUN_ENDED;
    gsp__run_stop_counting(peer);
    run->end = gsp__run_end_phase(peer);
    return true;
}

static int restore_run(struct gsp_peer *peer, const struct found *found, const struct gsp_kept *known,
                       struct gsp_error *error)
{
    const struct gsp_kept *kept = newest_checkpoint(found, &peer->state.run);
    struct gsp__run *run = peer->run = gsp__run_new(peer);
    if (!run) return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for a run");
    run->restarted = true;
    struct gsp_error wrong = {0};
    bool over = kept && kept->final;
    if (over ? gsp_settings_parse(&run->settings, peer->state.settings, &wrong)
             : gsp__run_settings(peer, &run->settings, &wrong)) {
        if (peer->state.aborted)
            gsp__run_aborted(peer);
        else
            gsp__run_state_abort(peer, "cannot take part in this run: %s", wrong.message);
        return 0;
    }
    gsp__run_allow(peer);
    if (leave_behind(peer, kept ? kept : known)) return 0;
    if (peer->state.aborted) {
        gsp__run_aborted(peer);
        return 0;
    }
    int rc = kept ? load_node(peer, kept, &wrong) : 0;
    bool loaded = kept && !rc;
    if (loaded) note_slots(peer, found);
    if (rc != GSP_ERR_NOMEM && (rc = check_same(peer, kept ? kept : known, loaded && over, error)) != 0) return rc;
    if (!rc && loaded) rc = go_on(peer, found, kept);
    /* A good checkpoint is not given up for want of memory: later there may be some. */
    if (rc) return gsp_error_set(error, rc, "no memory to go on with run %llu", (unsigned long long)run->key.epoch);
    if (loaded) return 0;
    if (kept) gsp_log(&peer->config.log, GSP_LOG_WARNING, "the checkpoint is left out: %s", wrong.message);
    gsp_log(&peer->config.log, GSP_LOG_INFO, "run %llu: this node begins again, at step 1",
            (unsigned long long)run->key.epoch);
    if (run->settings.init == GSP_INIT_FILE) gsp__run_read_file(peer, run);
    return 0;
}

int gsp__restore(struct gsp_peer *peer, struct gsp_error *error)
{
    struct found found = {0};
    int rc = read_files(peer, &found, error);
    if (rc) return rc;
    if (take_result(peer, &found)) return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for the last result");
    const struct gsp_kept *known = newest_state(&found);
    if (!known) return 0;
    peer->state = peer->journal.wanted = known->state;
    if (known != &found.kept[GSP_KEEP_RUN]) gsp__journal_changed(peer);
    if (!*peer->state.settings) return 0; /* over, before the network was changed */
    return restore_run(peer, &found, known, error);
}
