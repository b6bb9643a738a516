/* A run at this node: from its adoption over its steps to its end. */
#include "session/peer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void gsp__run_free(struct gsp__run *run)
{
    if (!run) return;
    gsp_node_free(run->node);
    gsp_objective_free(run->objective);
    free(run->file_values);
    free(run);
}

bool gsp__run_ready(const struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    return run && run->node && !run->forgotten && !(run->stage == GSP__RUN_ENDED && run->end == GSP_PHASE_FAILED);
}

uint64_t gsp__run_last_step(const struct gsp__run *run)
{
    return run->last_round * run->settings.gossip_steps;
}

bool gsp__run_waiting(const struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    return run && run->stage == GSP__RUN_ACTIVE && run->waiting_since != GSP__NEVER &&
           peer->now >= run->waiting_since + GSP__WAITING_TIME;
}

/* ---- the end ---- */

static void end(struct gsp_peer *peer, enum gsp_phase phase)
{
    struct gsp__run *run = peer->run;
    if (run->ended_at == GSP__NEVER) run->ended_at = peer->now;
    run->stage = GSP__RUN_ENDED;
    run->end = phase;
    run->waiting_since = GSP__NEVER;
    gsp__summary_changed(peer, true);
}

void gsp__run_failed(struct gsp_peer *peer)
{
    gsp_log(&peer->config.log, GSP_LOG_ERROR, "run %llu failed: %s: %s", (unsigned long long)peer->state.run.epoch,
            peer->state.abort_node, peer->state.abort_reason);
    if (peer->run) end(peer, GSP_PHASE_FAILED);
}

/* A life of this node before this one took part to the end. */
void gsp__run_forget(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    gsp_log(&peer->config.log, GSP_LOG_WARNING,
            "run %llu was over when this node was restarted: its result is not here any more",
            (unsigned long long)run->key.epoch);
    run->forgotten = true;
    end(peer, GSP_PHASE_IDLE);
    gsp__links_open(peer); /* a neighbour that was restarted too may wait for us */
}

/* The result stays at hand for dump and for a run with init=last. */
static void keep_result(struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    double *x = gsp_vector(run->d), *z = gsp_vector(run->d);
    if (!x || !z) {
        gsp_log(&peer->config.log, GSP_LOG_WARNING, "no memory to keep the result for init=last");
        free(x);
        free(z);
        return;
    }
    memcpy(x, gsp_node_x(run->node), run->d * sizeof *x);
    memcpy(z, gsp_node_z(run->node), run->d * sizeof *z);
    free(peer->last_x);
    free(peer->last_z);
    peer->last_x = x;
    peer->last_z = z;
    peer->last_d = run->d;
}

static void complete(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    keep_result(peer);
    end(peer, run->last_round < run->settings.rounds ? GSP_PHASE_STOPPED : GSP_PHASE_DONE);
    gsp_log(&peer->config.log, GSP_LOG_INFO, "run %llu %s after round %llu: loss %.6g",
            (unsigned long long)run->key.epoch, gsp_phase_name(run->end), (unsigned long long)run->last_round,
            run->loss);
}

/* ---- the beginning ---- */

void gsp__run_allow(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    uint64_t stop = peer->state.stop_round;
    if (!run) return; /* there was no memory for it */
    run->last_round = stop && stop < run->settings.rounds ? stop : run->settings.rounds;
    if (run->node) gsp_node_allow(run->node, gsp__run_last_step(run));
}

/* The longest file that can hold a row of d values for each node, with what npy needs besides. */
static size_t file_limit(const struct gsp_peer *peer, const struct gsp__run *run)
{
    const struct gsp_settings *settings = &run->settings;
    size_t d = gsp_objective_dimension(peer->config.train, settings->objective, (size_t)settings->classes), limit;
    const size_t header = 65536;
    if (__builtin_mul_overflow(d, sizeof(double) * peer->config.network->count, &limit)) limit = SIZE_MAX - header;
    if (peer->config.memory_limit && limit > peer->config.memory_limit / 3) limit = peer->config.memory_limit / 3;
    return limit + header;
}

static void read_file(struct gsp_peer *peer, struct gsp__run *run)
{
    struct gsp_action *action = gsp__action_add(peer, GSP_ACTION_READ);
    if (!action) {
        gsp__run_state_abort(peer, "no memory");
        return;
    }
    snprintf(action->path, sizeof action->path, "%s", run->settings.init_file);
    action->length = file_limit(peer, run);
    run->awaiting_file = true;
}

/* What another node floods as resolved settings, and whether this one can run them. */
static int check_settings(const struct gsp_peer *peer, struct gsp_settings *settings, struct gsp_error *error)
{
    int rc = gsp_settings_parse(settings, peer->state.settings, error);
    if (rc) return rc;
    const char *open = settings->gossip_steps == 0                                    ? "gossip_steps is 0"
                       : settings->eta_auto                                           ? "eta is not resolved"
                       : settings->gamma_auto                                         ? "gamma is not resolved"
                       : settings->objective == GSP_SOFTMAX && settings->classes == 0 ? "classes is not resolved"
                                                                                      : NULL;
    if (open) return gsp_error_set(error, GSP_ERR_CONFIG, "%s", open);
    return gsp__run_memory_check(peer, settings, error);
}

/* The RunState in peer->state is new: lets the run before go, and prepares this one. */
void gsp__run_adopt(struct gsp_peer *peer)
{
    struct gsp__run *old = peer->run, *run = gsp_alloc(1, sizeof *run);
    size_t before = old ? old->payload_bound : 0;
    if (old && old->stage != GSP__RUN_ENDED)
        gsp_log(&peer->config.log, GSP_LOG_WARNING, "run %llu gives way to run %llu, started at %s",
                (unsigned long long)old->key.epoch, (unsigned long long)peer->state.run.epoch, peer->state.origin);
    if (old && peer->job && peer->job->run == old)
        old->dropped = true; /* freed when the job comes back */
    else
        gsp__run_free(old);
    peer->run = run;
    if (!run) {
        gsp_log(&peer->config.log, GSP_LOG_ERROR, "no memory for run %llu", (unsigned long long)peer->state.run.epoch);
        return;
    }
    run->key = peer->state.run;
    run->payload_bound_before = before;
    run->begun_at = run->ended_at = run->waiting_since = GSP__NEVER;
    run->loss = run->accuracy = run->first_loss = NAN;
    gsp__summary_changed(peer, true);
    struct gsp_error error = {0};
    if (check_settings(peer, &run->settings, &error)) {
        gsp__run_state_abort(peer, "cannot take part in this run: %s", error.message);
        return;
    }
    gsp_log(&peer->config.log, GSP_LOG_INFO, "run %llu, started at %s: %llu rounds of %llu gossip steps, %s",
            (unsigned long long)run->key.epoch, peer->state.origin, (unsigned long long)run->settings.rounds,
            (unsigned long long)run->settings.gossip_steps, run->settings.compressor);
    gsp__run_allow(peer);
    if (peer->state.aborted)
        gsp__run_failed(peer);
    else if (run->settings.init == GSP_INIT_FILE)
        read_file(peer, run);
}

/* x0 from the file: (d), the same for all, or (n, d), a row for each node. */
static const double *point_from_file(const struct gsp_peer *peer, const struct gsp__run *run, struct gsp_error *error)
{
    size_t n = peer->config.network->count;
    const size_t *shape = run->file_shape;
    if (shape[0] == n && shape[1] == run->d) return run->file_values + peer->config.self * run->d;
    if ((shape[0] == 1 || shape[1] == 1) && shape[0] * shape[1] == run->d) return run->file_values;
    gsp_error_set(error, GSP_ERR_DATA, "init=file:%s holds %zu x %zu values; this run needs %zu, or %zu x %zu",
                  run->settings.init_file, shape[0], shape[1], run->d, n, run->d);
    return NULL;
}

static int initial_point(struct gsp_peer *peer, struct gsp__run *run, double *x, struct gsp_error *error)
{
    const double *from = NULL;
    switch (run->settings.init) {
    case GSP_INIT_LAST:
        if (!peer->last_x || peer->last_d != run->d)
            return gsp_error_set(error, GSP_ERR_STATE, "init=last, but no run has left an x of dimension %zu here",
                                 run->d);
        from = peer->last_x;
        break;
    case GSP_INIT_FILE:
        from = point_from_file(peer, run, error);
        if (!from) return GSP_ERR_DATA;
        break;
    default:
        gsp_initial_point(x, run->d, run->settings.init, run->settings.seed, peer->name);
        return 0;
    }
    memcpy(x, from, run->d * sizeof *x);
    return 0;
}

static int make_node(struct gsp_peer *peer, struct gsp__run *run, struct gsp_error *error)
{
    const struct gsp_settings *settings = &run->settings;
    struct gsp_node_config config = {
        .graph = peer->config.graph,
        .self = peer->config.self,
        .dimension = run->d,
        .gossip_steps = settings->gossip_steps,
        .eta = settings->eta,
        .eta_decay = settings->eta_decay,
        .gamma = settings->gamma,
        .seed = settings->seed,
        .gradients = true,
    };
    memcpy(config.run_id, run->key.id, sizeof config.run_id);
    int rc = gsp_compressor_parse(&config.compressor, settings->compressor, error);
    if (rc) return rc;
    run->payload_bound = gsp_compressor_bound(&config.compressor, run->d);
    double *x0 = gsp_vector(run->d);
    rc = x0 ? initial_point(peer, run, x0, error)
            : gsp_error_set(error, GSP_ERR_NOMEM, "no memory for %zu parameters", run->d);
    if (!rc && gsp_node_new(&run->node, &config, x0))
        rc = gsp_error_set(error, GSP_ERR_NOMEM, "no memory for %zu parameters", run->d);
    free(x0);
    return rc;
}

static int make_objective(struct gsp_peer *peer, struct gsp__run *run, struct gsp_error *error)
{
    const struct gsp_settings *settings = &run->settings;
    struct gsp_objective_config config = {
        .kind = settings->objective,
        .classes = settings->classes,
        .l2 = settings->l2,
        .batch = settings->batch,
        .seed = settings->seed,
        .node = peer->name,
    };
    run->d = gsp_objective_dimension(peer->config.train, settings->objective, settings->classes);
    return gsp_objective_new(&run->objective, peer->config.train, &config, error);
}

/* Everything the run needs is there: builds its objective and node, and opens the links for it. */
static void begin(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    struct gsp_error error = {0};
    int rc = make_objective(peer, run, &error);
    if (!rc) rc = make_node(peer, run, &error);
    if (rc) {
        gsp__run_state_abort(peer, "%s", error.message);
        return;
    }
    run->stage = GSP__RUN_ACTIVE;
    run->evaluated_at = peer->now;
    gsp__run_allow(peer);
    gsp__links_open(peer);
}

void gsp_peer_file(struct gsp_peer *peer, const char *path, const uint8_t *bytes, size_t length, const char *failure,
                   uint64_t now)
{
    struct gsp__run *run = peer->run;
    peer->now = now;
    if (!run || !run->awaiting_file || strcmp(path, run->settings.init_file) != 0) return;
    run->awaiting_file = false;
    struct gsp_error error = {0};
    struct gsp_file file = {.name = path, .bytes = bytes, .length = length};
    if (failure)
        gsp__run_state_abort(peer, "init=file:%s: %s", path, failure);
    else if (gsp_npy_read(&file, &run->file_values, run->file_shape, &error))
        gsp__run_state_abort(peer, "init=file: %s", error.message);
    gsp_peer_tick(peer, now);
}

/* ---- the steps ---- */

/* The gap between two evaluations: some seconds, more where one takes long. */
static bool evaluation_due(const struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    uint64_t step = gsp_node_step(run->node), gap = run->evaluation_ms * GSP__EVALUATE_SHARE;
    bool between_rounds = (step - 1) % run->settings.gossip_steps == 0 && gsp_node_log_end(run->node) == step;
    if (!between_rounds || run->evaluated_round == gsp_node_round(run->node)) return false;
    if (gsp_node_round(run->node) == run->last_round) return true;
    if (gap < GSP__EVALUATE_TIME) gap = GSP__EVALUATE_TIME;
    return peer->config.test && peer->now >= run->evaluated_at + gap;
}

static void evaluate(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    struct gsp_job *job = gsp__job_new(peer, GSP__JOB_EVALUATE);
    if (!job) return;
    job->run = run;
    job->objective = run->objective;
    job->x = gsp_node_x(run->node);
    job->stage = gsp__job_first_stage(job);
}

static void stop_waiting(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    if (run->waiting_since == GSP__NEVER) return;
    gsp_node_add_seconds(run->node, 0, 0, (double)(peer->now - run->waiting_since) / 1000);
    if (gsp__run_waiting(peer)) gsp__summary_changed(peer, false);
    run->waiting_since = GSP__NEVER;
}

static void step(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    struct gsp_work work;
    if (!gsp_node_next(run->node, &work)) {
        if (run->waiting_since == GSP__NEVER) run->waiting_since = peer->now;
        return;
    }
    stop_waiting(peer);
    struct gsp_job *job = gsp__job_new(peer, GSP__JOB_STEP);
    if (!job) {
        gsp__run_state_abort(peer, "no memory for a step");
        return;
    }
    if (run->begun_at == GSP__NEVER) run->begun_at = peer->now;
    job->run = run;
    job->objective = run->objective;
    job->work = work;
    job->stage = gsp__job_first_stage(job);
}

/* Hands out the next piece of work, if no other is out. */
void gsp__run_advance(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    if (!run || peer->job) return;
    if (run->stage == GSP__RUN_PREPARING && !run->awaiting_file) begin(peer);
    if (run->stage != GSP__RUN_ACTIVE) return;
    if (gsp_node_log_end(run->node) > gsp__run_last_step(run) + 1)
        gsp__run_state_abort(peer, "the stop after round %llu came when a later round had begun",
                             (unsigned long long)run->last_round);
    else if (evaluation_due(peer))
        evaluate(peer);
    else
        step(peer);
}

static void diverged(struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    gsp__run_state_abort(
        peer,
        "the run diverged in round %llu (loss %.3g, at first %.3g): eta=%.3g or gamma=%.3g is too large "
        "for this data and compressor; start again with eta=auto and gamma=auto, or a tenth of them",
        (unsigned long long)gsp_node_round(run->node) + 1, run->loss, run->first_loss, run->settings.eta,
        run->settings.gamma);
}

static void loss_known(struct gsp_peer *peer, double loss)
{
    struct gsp__run *run = peer->run;
    run->loss = loss;
    if (isnan(run->first_loss)) run->first_loss = loss;
    if (!isfinite(loss) || loss > GSP__LOSS_GROWTH_MAX * (1 + fabs(run->first_loss))) diverged(peer);
}

static void step_done(struct gsp_peer *peer, struct gsp_job *job, const double *seconds)
{
    struct gsp__run *run = peer->run;
    double coding = seconds[GSP_JOB_MIX] + seconds[GSP_JOB_ENCODE];
    gsp_node_add_seconds(run->node, seconds[GSP_JOB_GRADIENT], coding, 0);
    if (job->work.stages & GSP_STAGE_GRADIENT) loss_known(peer, job->loss);
    if (run->stage == GSP__RUN_ENDED) return;
    int rc = job->rc ? job->rc : gsp_node_finish(run->node, &job->work);
    if (rc == GSP_ERR_DIVERGED) {
        diverged(peer);
    } else if (rc) {
        gsp__run_state_abort(peer, "a step failed: %s", gsp_strerror(rc));
    } else {
        gsp__links_computed(peer, job->work.stages & GSP_STAGE_MIX);
        gsp__summary_changed(peer, false);
    }
}

static void evaluation_done(struct gsp_peer *peer, struct gsp_job *job, const double *seconds)
{
    struct gsp__run *run = peer->run;
    run->evaluated_at = peer->now;
    run->evaluated_round = gsp_node_round(run->node);
    run->evaluation_ms = (uint64_t)(1000 * seconds[GSP_JOB_EVALUATE]);
    run->accuracy = gsp_objective_metric_is_accuracy(run->settings.objective) ? job->metric : NAN;
    loss_known(peer, job->loss);
    gsp__summary_changed(peer, false);
    if (run->stage == GSP__RUN_ACTIVE && run->evaluated_round == run->last_round) complete(peer);
}

void gsp__run_job_done(struct gsp_peer *peer, struct gsp_job *job, const double *seconds)
{
    struct gsp__run *run = job->run;
    if (run->dropped)
        gsp__run_free(run);
    else if (run->stage != GSP__RUN_ACTIVE)
        return; /* ended meanwhile: its vectors are of no more interest */
    else if (job->kind == GSP__JOB_STEP)
        step_done(peer, job, seconds);
    else
        evaluation_done(peer, job, seconds);
}
