/* The run in hand: its stages, its clock, its bytes, its end. */
#include "run/inside.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct gsp__run *gsp__run_new(struct gsp__runs *runs)
{
    struct gsp__run *run = gsp_alloc(1, sizeof *run);
    if (!run) {
        gsp_log(&runs->host->log, GSP_LOG_ERROR, "no memory for run %llu", (unsigned long long)runs->state.run.epoch);
        return NULL;
    }
    run->key = runs->state.run;
    run->stage = GSP__RUN_PREPARING;
    run->clock.begun_at = run->clock.ended_at = run->clock.waiting_since = GSP__NEVER;
    run->scores.loss = run->scores.accuracy = run->scores.first_loss = NAN;
    run->plan.saved = run->plan.durable = 1;
    gsp__transport_bytes(runs->transport, &run->traffic.sent_before, &run->traffic.received_before);
    return run;
}

void gsp__run_free(struct gsp__run *run)
{
    if (!run) return;
    gsp_node_free(run->node);
    if (run->task) run->task->type->drop(run->task);
    free(run->file.values);
    free(run);
}

/* An answer that comes later counts for nothing. */
static void withdraw_question(struct gsp__runs *runs)
{
    struct gsp__asking *asking = &runs->run->asking;
    if (asking->out && asking->question.ask == GSP_ASK_GRADIENT) gsp__take_back(runs->host);
    asking->out = false;
}

/* A job that has the run frees it when it is back and finds that it is not in hand any more. */
void gsp__run_drop(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    if (!run) return;
    withdraw_question(runs);
    runs->run = NULL;
    if (!run->node || gsp__vectors_free(runs->host, run->node)) gsp__run_free(run);
}

void gsp__run_enter(struct gsp__run *run, enum gsp__stage stage)
{
#define FROM(stage) (1u << (stage))
    static const unsigned allowed[] = {
        [GSP__RUN_LOST] = FROM(GSP__RUN_PREPARING),
        [GSP__RUN_ACTIVE] = FROM(GSP__RUN_PREPARING) | FROM(GSP__RUN_LOST),
        [GSP__RUN_SAVING] = FROM(GSP__RUN_ACTIVE),
        /* An abort ends it from anywhere, and prevails even over an end. */
        [GSP__RUN_ENDED] = FROM(GSP__RUN_PREPARING) | FROM(GSP__RUN_LOST) | FROM(GSP__RUN_ACTIVE) |
                           FROM(GSP__RUN_SAVING) | FROM(GSP__RUN_ENDED),
    };
    assert(allowed[stage] & FROM(run->stage));
#undef FROM
    run->stage = stage;
}

bool gsp__run_at_rest(const struct gsp__runs *runs)
{
    return !runs->run || !runs->run->node || gsp__vectors_free(runs->host, runs->run->node);
}

uint64_t gsp__run_last_step(const struct gsp__run *run)
{
    return run->last_round * run->settings.gossip_steps;
}

bool gsp__lost_gathering(const struct gsp__run *run)
{
    const struct gsp_node *node = run->node;
    if (!node || !run->plan.fence || run->plan.fence <= run->plan.durable) return false;
    return gsp_node_awaits_any(node);
}

void gsp__run_set_waiting(struct gsp__runs *runs, uint64_t since)
{
    runs->run->clock.waiting_since = since;
    gsp__exchange_set_waiting(runs->exchange, since);
}

void gsp__run_open(struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    const struct gsp__carried carried = {
        .node = run->node,
        .d = run->d,
        .steps = run->settings.rounds * run->settings.gossip_steps,
        .last = gsp__run_last_step(run),
        .reach = run->plan.reach,
        .durable = run->plan.durable,
        .reweight = run->settings.reweight,
        .loss_ms = (uint64_t)(1000 * run->settings.loss_time),
    };
    gsp__exchange_open(runs->exchange, &carried);
}

void gsp__run_allow(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    uint64_t stop = runs->state.stop_round;
    if (!run) return; /* there was no memory for it */
    run->last_round = stop && stop < run->settings.rounds ? stop : run->settings.rounds;
    gsp__exchange_set_last(runs->exchange, gsp__run_last_step(run));
}

void gsp__run_fail(struct gsp__runs *runs, const char *format, ...)
{
    va_list arguments;
    gsp__runs_halt(runs);
    if (runs->failed) return; /* the first of two reasons is nearer to the cause */
    va_start(arguments, format);
    vsnprintf(runs->failure, sizeof runs->failure, format, arguments);
    va_end(arguments);
    runs->failed = true;
}

double gsp__run_seconds(const struct gsp__runs *runs)
{
    const struct gsp__clock *clock = &runs->run->clock;
    if (clock->begun_at == GSP__NEVER) return clock->seconds_before > 0 ? clock->seconds_before : NAN;
    uint64_t until = clock->ended_at == GSP__NEVER ? runs->host->now : clock->ended_at;
    return clock->seconds_before + (double)(until - clock->begun_at) / 1000;
}

void gsp__run_bytes(const struct gsp__runs *runs, uint64_t *sent, uint64_t *received)
{
    const struct gsp__traffic *traffic = &runs->run->traffic;
    *sent = traffic->sent;
    *received = traffic->received;
    if (runs->run->clock.ended_at != GSP__NEVER) return;
    gsp__transport_bytes(runs->transport, sent, received);
    *sent -= traffic->sent_before;
    *received -= traffic->received_before;
}

void gsp__run_stop_counting(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    if (run->clock.ended_at != GSP__NEVER) return;
    gsp__run_bytes(runs, &run->traffic.sent, &run->traffic.received);
    run->clock.ended_at = runs->host->now;
}

enum gsp_phase gsp__run_outcome(const struct gsp__runs *runs)
{
    const struct gsp_run_state *state = &runs->state;
    if (state->aborted) return state->abort_asked ? GSP_PHASE_STOPPED : GSP_PHASE_FAILED;
    bool early = runs->run->last_round < runs->run->settings.rounds;
    return early && !state->target_reached ? GSP_PHASE_STOPPED : GSP_PHASE_DONE;
}

void gsp__run_end(struct gsp__runs *runs, enum gsp_phase outcome)
{
    gsp__run_stop_counting(runs);
    gsp__run_enter(runs->run, GSP__RUN_ENDED);
    runs->run->outcome = outcome;
    withdraw_question(runs);
    gsp__run_set_waiting(runs, GSP__NEVER);
    gsp__host_news(runs->host, true);
}

void gsp__run_end_aborted(struct gsp__runs *runs)
{
    const struct gsp_run_state *state = &runs->state;
    enum gsp_phase outcome = gsp__run_outcome(runs);
    gsp_log(&runs->host->log, state->abort_asked ? GSP_LOG_INFO : GSP_LOG_ERROR, "run %llu %s: %s: %s",
            (unsigned long long)state->run.epoch, gsp_phase_name(outcome), state->abort_node, state->abort_reason);
    gsp__exchange_close(runs->exchange);
    if (runs->run) gsp__run_end(runs, outcome);
}

/* ---- where it is ---- */

enum gsp__stage gsp__runs_stage(const struct gsp__runs *runs)
{
    return runs->run ? runs->run->stage : GSP__NO_RUN;
}

bool gsp__runs_going_on(const struct gsp__runs *runs)
{
    return runs->run && runs->run->stage != GSP__RUN_ENDED;
}

bool gsp__runs_halted(const struct gsp__runs *runs)
{
    return runs->run && runs->run->halted;
}

void gsp__runs_halt(struct gsp__runs *runs)
{
    if (runs->run) runs->run->halted = true;
}
