/* What status and summaries say of the run in hand. */
#include "run/inside.h"

#include <stdio.h>

enum { LONG = 10 }; /* seconds: what a worker does for so long is said to all */

/* For the disk: to write the run state, or a checkpoint. */
static bool waits_for_disk(const struct gsp__runs *runs, const char *journal_failure)
{
    return *journal_failure || gsp__checkpoint_waiting(runs);
}

/* For what answers for its problem, which is not there. */
static bool waits_for_answer(const struct gsp__runs *runs)
{
    return runs->run->asking.out && runs->answerer.away[0];
}

bool gsp__runs_waiting(const struct gsp__runs *runs, const char *journal_failure)
{
    const struct gsp__run *run = runs->run;
    if (!run || run->stage == GSP__RUN_ENDED) return false;
    if (run->stage == GSP__RUN_SAVING) return waits_for_disk(runs, journal_failure);
    if (waits_for_answer(runs)) return true;
    uint64_t since = run->clock.waiting_since;
    return since != GSP__NEVER && runs->host->now >= since + GSP__WAITING_TIME;
}

uint64_t gsp__runs_waiting_deadline(const struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    if (!run || run->stage != GSP__RUN_ACTIVE || run->clock.waiting_since == GSP__NEVER) return GSP__NEVER;
    return gsp__runs_waiting(runs, "") ? GSP__NEVER : run->clock.waiting_since + GSP__WAITING_TIME;
}

static void add_waiting(struct gsp_summary *out, const char *name)
{
    if (out->waiting_count < GSP_WAITING_MAX)
        snprintf(out->waiting[out->waiting_count], sizeof out->waiting[0], "%s", name);
    out->waiting_count++;
}

/* For whom, for how long, and what is known of the first of them. */
static void describe_neighbours(const struct gsp__runs *runs, struct gsp_summary *out)
{
    const struct gsp__run *run = runs->run;
    uint64_t now = runs->host->now, since = run->clock.waiting_since == GSP__NEVER ? now : run->clock.waiting_since;
    unsigned long long seconds = (unsigned long long)((now - since) / 1000);
    size_t first = GSP__NOBODY;
    for (size_t slot = 0; slot < gsp__slots(runs->host); slot++) {
        if (!gsp__exchange_waits_for(runs->exchange, slot)) continue;
        if (first == GSP__NOBODY) first = slot;
        add_waiting(out, gsp__name_at(runs->host, slot));
    }
    if (first == GSP__NOBODY) {
        if (run->node && run->settings.reweight)
            snprintf(out->reason, sizeof out->reason, "waiting for %llu s%s", seconds,
                     gsp__exchange_has_majority(runs->exchange) ? " for a neighbour to take this node in"
                                                                : ": not more than half of the nodes can be reached");
        return;
    }
    const char *detail = gsp__transport_detail(runs->transport, first);
    const char *why = gsp__transport_up(runs->transport, first) ? "connected; it waits or computes"
                      : *detail                                 ? detail
                                                                : "not connected";
    snprintf(out->reason, sizeof out->reason, "waiting for %s for %llu s: %.300s", out->waiting[0], seconds, why);
}

/* What it was asked takes long: nothing is wrong that is known here, but it is for this that the others wait. */
static void describe_long(const struct gsp__runs *runs, struct gsp_summary *out)
{
    uint64_t seconds = (runs->host->now - runs->answerer.since) / 1000;
    if (runs->run->stage == GSP__RUN_ENDED || !runs->run->asking.out || seconds < LONG) return;
    snprintf(out->reason, sizeof out->reason, "its own worker has been at round %llu for %llu s",
             (unsigned long long)runs->run->asking.question.round, (unsigned long long)seconds);
}

static void describe_waiting(const struct gsp__runs *runs, const char *journal_failure, struct gsp_summary *out)
{
    if (waits_for_answer(runs)) {
        add_waiting(out, runs->host->place.name);
        snprintf(out->reason, sizeof out->reason, "waiting for its own worker: %s", runs->answerer.away);
        return;
    }
    if (!waits_for_disk(runs, journal_failure)) {
        describe_neighbours(runs, out);
        return;
    }
    const char *failure = *journal_failure ? journal_failure : runs->disk.retry.failure;
    add_waiting(out, runs->host->place.name);
    snprintf(out->reason, sizeof out->reason, "waiting for its own disk%s%.300s%s", *failure ? ": " : "", failure,
             *failure ? ", and it goes on by itself" : "");
}

/* What status says of a run after for whom it waits: an abort, a stop, or what the result owes to messages that were
 * not exchanged exactly. */
static void describe_course(const struct gsp__runs *runs, char *out, size_t size)
{
    const struct gsp_run_state *state = &runs->state;
    if (state->aborted)
        snprintf(out, size, "%s: %.360s", state->abort_node, state->abort_reason);
    else if (state->stop_round && state->stop_round < runs->run->settings.rounds)
        snprintf(out, size, "%s after round %llu", state->target_reached ? "target loss reached: ends" : "stop",
                 (unsigned long long)state->stop_round);
    else
        snprintf(out, size, "%s", gsp__exchange_note(runs->exchange));
    const char *change = runs->run->makers.change;
    if (*change) gsp__append(out, size, "%s%s", *out ? "; " : "", change);
}

static void describe_progress(const struct gsp__run *run, struct gsp_summary *out)
{
    if (!run->node) return;
    uint64_t completed = gsp_node_step(run->node) - 1;
    out->step = completed;
    out->round = gsp_node_round(run->node);
    out->gossip_step = completed - out->round * run->settings.gossip_steps;
    out->consensus_error = gsp_node_consensus_error(run->node);
    out->residual = gsp_node_residual(run->node);
}

void gsp__runs_describe(const struct gsp__runs *runs, const char *journal_failure, struct gsp_summary *out)
{
    const struct gsp__run *run = runs->run;
    char course[sizeof out->reason];
    out->run = runs->state.run;
    out->result = runs->last.of.run.epoch;
    out->ended = !gsp__runs_going_on(runs);
    if (!run) {
        out->phase = GSP_PHASE_IDLE;
        gsp__transport_bytes(runs->transport, &out->bytes_sent, &out->bytes_received);
        if (runs->answerer.away[0]) snprintf(out->reason, sizeof out->reason, "no worker: %s", runs->answerer.away);
        return;
    }
    bool waiting = gsp__runs_waiting(runs, journal_failure);
    out->phase = out->ended ? run->outcome : waiting ? GSP_PHASE_WAITING : GSP_PHASE_RUNNING;
    out->rounds = run->settings.rounds;
    out->loss = run->scores.loss;
    out->accuracy = run->scores.accuracy;
    out->seconds = gsp__run_seconds(runs);
    gsp__run_bytes(runs, &out->bytes_sent, &out->bytes_received);
    if (waiting)
        describe_waiting(runs, journal_failure, out);
    else
        describe_long(runs, out);
    describe_course(runs, course, sizeof course);
    if (*course) gsp__append(out->reason, sizeof out->reason, "%s%s", *out->reason ? "; " : "", course);
    describe_progress(run, out);
}
