/* What is in force: adopted, stopped, aborted. */
#include "run/inside.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- life ---- */

int gsp__runs_new(struct gsp__runs **out, struct gsp__host *host, struct gsp__transport *transport,
                  struct gsp__exchange *exchange, const struct gsp__runs_config *config)
{
    struct gsp__runs *runs = gsp_alloc(1, sizeof *runs);
    struct gsp_problem_facts facts;
    if (!runs) return GSP_ERR_NOMEM;
    runs->host = host;
    runs->transport = transport;
    runs->exchange = exchange;
    runs->problem = config->problem;
    runs->memory_limit = config->memory_limit;
    config->problem->type->digest(config->problem, runs->data_digest);
    config->problem->type->facts(config->problem, &facts);
    runs->tested = facts.tested;
    *out = runs;
    return 0;
}

void gsp__runs_free(struct gsp__runs *runs)
{
    if (!runs) return;
    gsp__run_free(runs->run);
    gsp_buffer_clear(&runs->disk.bytes);
    gsp_buffer_clear(&runs->disk.result);
    gsp__result_clear(&runs->last);
    free(runs);
}

/* ---- questions ---- */

const struct gsp_run_state *gsp__runs_state(const struct gsp__runs *runs)
{
    return &runs->state;
}

const struct gsp_settings *gsp__runs_settings(const struct gsp__runs *runs)
{
    assert(runs->run);
    return &runs->run->settings;
}

uint64_t gsp__runs_last_round(const struct gsp__runs *runs)
{
    assert(runs->run);
    return runs->run->last_round;
}

uint64_t gsp__runs_furthest(const struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    assert(run);
    uint64_t step = run->node ? gsp_node_step(run->node) : 1;
    return run->replay_until > step ? run->replay_until : step;
}

size_t gsp__runs_message_limit(const struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    if (!run) return GSP_MESSAGE_MAX;
    size_t payload = run->payload_bound > run->payload_bound_before ? run->payload_bound : run->payload_bound_before;
    size_t limit = payload + GSP_GOSSIP_OVERHEAD;
    size_t vector = run->d * sizeof(double) + GSP_VECTOR_OVERHEAD; /* a whole z, after a lost disk */
    if (vector > limit) limit = vector;
    return limit > GSP_MESSAGE_MAX ? limit : GSP_MESSAGE_MAX;
}

/* ---- the end ---- */

bool gsp__runs_take_failure(struct gsp__runs *runs, char *reason)
{
    if (!runs->failed) return false;
    snprintf(reason, sizeof runs->failure, "%s", runs->failure);
    runs->failed = false;
    return true;
}

/* ---- what is in force ---- */

static void announce(const struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    gsp_log(&runs->host->log, GSP_LOG_INFO, "run %llu, started at %s: %llu rounds of %llu gossip steps, %s",
            (unsigned long long)run->key.epoch, runs->state.origin, (unsigned long long)run->settings.rounds,
            (unsigned long long)run->settings.gossip_steps, run->settings.compressor);
}

/* The run in hand is new and of the state in force: can it be taken part in? */
static void prepare(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    struct gsp_error error = {0};
    int rc = gsp__run_settings(runs, &run->settings, &error);
    /* It came with an abort: that ends it, even if the settings could not be run here either, and for the reason that
     * the abort gives. */
    if (runs->state.aborted) {
        gsp__run_end_aborted(runs);
        return;
    }
    if (rc) {
        gsp__run_fail(runs, "cannot take part in this run: %s", error.message);
        return;
    }
    announce(runs);
    gsp__run_allow(runs);
    if (run->settings.init == GSP_INIT_FILE) gsp__run_read_file(runs);
}

void gsp__runs_adopt(struct gsp__runs *runs, const struct gsp_run_state *state)
{
    bool over = !*state->settings;
    assert(over || gsp_run_key_compare(&state->run, &runs->state.run) > 0);
    const struct gsp__run *old = runs->run;
    size_t before = old ? old->payload_bound : 0;
    if (old && old->stage != GSP__RUN_ENDED)
        gsp_log(&runs->host->log, GSP_LOG_WARNING, "run %llu gives way to run %llu, started at %s",
                (unsigned long long)old->key.epoch, (unsigned long long)state->run.epoch, state->origin);
    runs->state = *state;
    gsp__exchange_reset(runs->exchange, over ? NULL : &state->run);
    gsp__run_drop(runs);
    runs->failed = false; /* it was of the run that has given way */
    gsp__host_news(runs->host, true);
    if (over) return;
    runs->run = gsp__run_new(runs);
    if (!runs->run) {
        if (!state->aborted) gsp__run_fail(runs, "no memory for this run"); /* nobody must wait for us */
        return;
    }
    runs->run->payload_bound_before = before;
    prepare(runs);
}

void gsp__runs_stop(struct gsp__runs *runs, uint64_t round, bool target_reached)
{
    assert(round && (!runs->state.stop_round || round <= runs->state.stop_round));
    runs->state.stop_round = round;
    runs->state.target_reached = target_reached;
    gsp_log(&runs->host->log, GSP_LOG_INFO, "run %llu stops after round %llu",
            (unsigned long long)runs->state.run.epoch, (unsigned long long)round);
    gsp__run_allow(runs);
}

void gsp__runs_abort(struct gsp__runs *runs, const struct gsp_run_state *state)
{
    runs->state.aborted = true;
    runs->state.abort_asked = state->abort_asked;
    snprintf(runs->state.abort_node, sizeof runs->state.abort_node, "%s", state->abort_node);
    snprintf(runs->state.abort_reason, sizeof runs->state.abort_reason, "%s", state->abort_reason);
    gsp__run_end_aborted(runs);
}

void gsp__runs_leave(struct gsp__runs *runs)
{
    gsp__exchange_close(runs->exchange);
    runs->state.settings[0] = 0;
}
