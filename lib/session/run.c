/* A run at this node: from its adoption over its steps to its end. Its beginning is in run_begin.c. */
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
    gsp__lost_free(run->lost);
    free(run->file_values);
    free(run);
}

bool gsp__run_ready(const struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    return run && run->node && !run->over && !peer->state.aborted;
}

bool gsp__run_at_rest(const struct gsp_peer *peer)
{
    return !peer->job || peer->job->run != peer->run;
}

double gsp__run_seconds(const struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    if (run->begun_at == GSP__NEVER) return run->seconds_before > 0 ? run->seconds_before : NAN;
    uint64_t until = run->ended_at == GSP__NEVER ? peer->now : run->ended_at;
    return run->seconds_before + (double)(until - run->begun_at) / 1000;
}

void gsp__run_stop_counting(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    if (run->ended_at != GSP__NEVER) return;
    gsp__run_bytes(peer, &run->sent, &run->received);
    run->ended_at = peer->now;
}

uint64_t gsp__run_last_step(const struct gsp__run *run)
{
    return run->last_round * run->settings.gossip_steps;
}

bool gsp__run_waiting(const struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    if (run && run->stage == GSP__RUN_SAVING) return gsp__disk_waiting(peer);
    return run && run->stage != GSP__RUN_ENDED && run->waiting_since != GSP__NEVER &&
           peer->now >= run->waiting_since + GSP__WAITING_TIME;
}

/* ---- the end ---- */

static void end(struct gsp_peer *peer, enum gsp_phase phase)
{
    struct gsp__run *run = peer->run;
    gsp__run_stop_counting(peer);
    run->stage = GSP__RUN_ENDED;
    run->end = phase;
    run->waiting_since = GSP__NEVER;
    gsp__summary_changed(peer, true);
}

void gsp__run_aborted(struct gsp_peer *peer)
{
    const struct gsp_run_state *state = &peer->state;
    enum gsp_phase phase = gsp__run_end_phase(peer);
    gsp_log(&peer->config.log, state->abort_asked ? GSP_LOG_INFO : GSP_LOG_ERROR, "run %llu %s: %s: %s",
            (unsigned long long)state->run.epoch, gsp_phase_name(phase), state->abort_node, state->abort_reason);
    if (peer->run) end(peer, phase);
}

void gsp__result_forget(struct gsp_peer *peer)
{
    free(peer->last_x);
    free(peer->last_z);
    peer->last_x = peer->last_z = NULL;
    peer->last_epoch = 0;
}

/* The result stays at hand for dump and for a run with init=last. */
static void keep_result(struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    gsp__result_forget(peer);
    peer->last_x = gsp_vector(run->d);
    peer->last_z = gsp_vector(run->d);
    if (!peer->last_x || !peer->last_z) {
        gsp_log(&peer->config.log, GSP_LOG_WARNING, "no memory to keep the result for init=last");
        gsp__result_forget(peer);
        return;
    }
    memcpy(peer->last_x, gsp_node_x(run->node), run->d * sizeof *peer->last_x);
    memcpy(peer->last_z, gsp_node_z(run->node), run->d * sizeof *peer->last_z);
    peer->last_d = run->d;
    peer->last_epoch = run->key.epoch;
}

enum gsp_phase gsp__run_end_phase(const struct gsp_peer *peer)
{
    if (peer->state.aborted) return peer->state.abort_asked ? GSP_PHASE_STOPPED : GSP_PHASE_FAILED;
    bool early = peer->run->last_round < peer->run->settings.rounds;
    return early && !peer->state.target_reached ? GSP_PHASE_STOPPED : GSP_PHASE_DONE;
}

/* The last step is done: what came out goes to the disk before anybody hears of the end. */
static void complete(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    gsp__run_stop_counting(peer);
    run->end = gsp__run_end_phase(peer);
    run->stage = GSP__RUN_SAVING;
    run->waiting_since = GSP__NEVER;
}

void gsp__run_saved(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    keep_result(peer);
    end(peer, run->end);
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
}

/* The RunState in peer->state is new: lets the run before go, and prepares this one. */
void gsp__run_adopt(struct gsp_peer *peer)
{
    bool over = !*peer->state.settings;
    struct gsp__run *old = peer->run, *run = over ? NULL : gsp__run_new(peer);
    size_t before = old ? old->payload_bound : 0;
    if (old && old->stage != GSP__RUN_ENDED)
        gsp_log(&peer->config.log, GSP_LOG_WARNING, "run %llu gives way to run %llu, started at %s",
                (unsigned long long)old->key.epoch, (unsigned long long)peer->state.run.epoch, peer->state.origin);
    if (old && peer->job && peer->job->run == old)
        old->dropped = true; /* freed when the job comes back */
    else
        gsp__run_free(old);
    peer->run = run;
    gsp__summary_changed(peer, true);
    if (over) return;
    if (!run) {
        if (!peer->state.aborted) gsp__run_state_abort(peer, "no memory for this run"); /* nobody must wait for us */
        return;
    }
    run->payload_bound_before = before;
    struct gsp_error error = {0};
    int rc = gsp__run_settings(peer, &run->settings, &error);
    if (peer->state.aborted) { /* whatever the settings, and whosever reason */
        gsp__run_aborted(peer);
        return;
    }
    if (rc) {
        gsp__run_state_abort(peer, "cannot take part in this run: %s", error.message);
        return;
    }
    gsp_log(&peer->config.log, GSP_LOG_INFO, "run %llu, started at %s: %llu rounds of %llu gossip steps, %s",
            (unsigned long long)run->key.epoch, peer->state.origin, (unsigned long long)run->settings.rounds,
            (unsigned long long)run->settings.gossip_steps, run->settings.compressor);
    gsp__run_allow(peer);
    if (run->settings.init == GSP_INIT_FILE) gsp__run_read_file(peer, run);
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
    gsp_node_allow(run->node, gsp__checkpoint_allows(peer));
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

/* A node that was cut off when the stop was agreed on is past it already: it stops where it is. */
static void stop_late(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    gsp_node_take_back(run->node);
    uint64_t step = gsp_node_step(run->node);
    if (step <= gsp__run_last_step(run) + 1) return;
    snprintf(run->note, sizeof run->note, "heard of the stop after round %llu only at step %llu",
             (unsigned long long)run->last_round, (unsigned long long)step);
    run->evaluated_round = run->last_round;
}

static void advance_active(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    if (run->settings.reweight && gsp_node_log_end(run->node) > gsp__run_last_step(run) + 1) stop_late(peer);
    if (gsp_node_log_end(run->node) > gsp__run_last_step(run) + 1 && !run->settings.reweight)
        gsp__run_state_abort(peer, "the stop after round %llu came when a later round had begun",
                             (unsigned long long)run->last_round);
    else if (gsp_node_step(run->node) > gsp__run_last_step(run) && run->evaluated_round == run->last_round)
        complete(peer); /* restored after its last evaluation */
    else if (evaluation_due(peer))
        evaluate(peer);
    else if (gsp__checkpoint_due(peer))
        gsp__checkpoint_begin(peer);
    else
        step(peer);
}

/* Hands out the next piece of work, if no other is out. */
void gsp__run_advance(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    if (!run || peer->job || run->halted || gsp__journal_pending(peer)) return;
    if (run->stage == GSP__RUN_PREPARING && !run->awaiting_file) gsp__run_begin(peer);
    if (run->halted || gsp__lost_gathering(run) || (run->stage == GSP__RUN_ACTIVE && gsp__edges_hold(peer))) {
        if (run->waiting_since == GSP__NEVER) run->waiting_since = peer->now;
        return;
    }
    if (run->stage == GSP__RUN_ACTIVE) advance_active(peer);
    if (run->stage == GSP__RUN_SAVING && !peer->job && gsp__checkpoint_due(peer)) gsp__checkpoint_begin(peer);
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
    uint64_t round = gsp_node_round(run->node);
    gsp_node_add_seconds(run->node, seconds[GSP_JOB_GRADIENT], coding, 0);
    if (job->work.stages & GSP_STAGE_GRADIENT) {
        gsp__history_loss(peer, job->loss);
        loss_known(peer, job->loss);
    }
    if (run->halted) return;
    int rc = job->rc ? job->rc : gsp_node_finish(run->node, &job->work);
    if (rc == GSP_ERR_DIVERGED) {
        diverged(peer);
    } else if (rc) {
        gsp__run_state_abort(peer, "a step failed: %s", gsp_strerror(rc));
    } else {
        if (gsp_node_round(run->node) > round) gsp__history_round(peer);
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
    bool accuracy = gsp_objective_metric_is_accuracy(gsp_objective_chosen(run->objective));
    run->accuracy = accuracy ? job->metric : NAN;
    if (run->evaluated_round == run->last_round) gsp__history_loss(peer, job->loss); /* no gradient follows */
    loss_known(peer, job->loss);
    gsp__summary_changed(peer, false);
}

void gsp__run_job_done(struct gsp_peer *peer, struct gsp_job *job, const double *seconds)
{
    struct gsp__run *run = job->run;
    if (run->dropped)
        gsp__run_free(run);
    else if (run->stage != GSP__RUN_ACTIVE && run->stage != GSP__RUN_SAVING)
        return; /* ended meanwhile: its vectors are of no more interest */
    else if (job->kind == GSP__JOB_SAVE)
        gsp__checkpoint_packed(peer, job);
    else if (job->kind == GSP__JOB_STEP)
        step_done(peer, job, seconds);
    else
        evaluation_done(peer, job, seconds);
}
