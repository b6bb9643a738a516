/* Stops: the round that all nodes can still agree on, and the answers, which are given when it is on the disk. */
#include "rumours/inside.h"

/* ---- the round ---- */

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The furthest step in hand that this node knows of, or must reckon with. Who was restarted may be far behind the
 * others without knowing it, but they wait for it within L steps of what it had on its disk. Who has nothing on its
 * disk any more begins at step 1 as in a new run: there it is what others have said, and the next message that a
 * neighbour needs, which it can't go beyond. */
static uint64_t furthest_step(const struct gsp__rumours *rumours)
{
    const struct gsp_run_key *run = &gsp__runs_state(rumours->runs)->run;
    uint64_t step = later(gsp__runs_furthest(rumours->runs), gsp__exchange_furthest(rumours->exchange));
    for (size_t i = 0; i < rumours->circle.node_count; i++) {
        const struct gsp_summary *summary = &rumours->circle.nodes[i].summary;
        if (gsp_run_key_compare(&summary->run, run) == 0) step = later(step, summary->step + 1);
    }
    return step;
}

/* A round that nobody can have passed before this node's word of it has reached everybody: neighbours are at most one
 * gossip step apart, nodes at distance D at most D. */
static uint64_t round_after(const struct gsp__rumours *rumours, const struct gsp_settings *settings, uint64_t step)
{
    const struct gsp__place *place = &rumours->host->place;
    uint64_t per_round = settings->gossip_steps, distance = place->graph->diameter;
    if (settings->reweight) distance = place->network->count - 1; /* whatever edges are left */
    return (step - 1) / per_round + 1 + (distance + per_round - 1) / per_round + 1;
}

uint64_t gsp__stop_at_round(struct gsp__rumours *rumours, bool target_reached, bool *pending)
{
    struct gsp_run_state *wanted = &rumours->journal.wanted;
    uint64_t stop = round_after(rumours, gsp__runs_settings(rumours->runs), furthest_step(rumours));
    uint64_t last = gsp__runs_last_round(rumours->runs);
    *pending = gsp__rumours_pending(rumours);
    if (stop >= last) return last;
    const struct gsp_run_state stopping = {.stop_round = stop, .target_reached = target_reached};
    bool in_force = gsp_run_key_compare(&wanted->run, &gsp__runs_state(rumours->runs)->run) == 0;
    if (in_force && gsp__run_state_merge_stop(wanted, &stopping)) {
        gsp__journal_changed(rumours);
        *pending = true;
    }
    return stop;
}

/* Of the run of this node's start, which is decided: it follows its run to the disk. Nobody has gone a step of it. */
static void stop_start(struct gsp__rumours *rumours, bool now)
{
    const struct gsp_settings *settings = &rumours->start.settings;
    struct gsp_run_state *wanted = &rumours->journal.wanted, stopping = {0};
    uint64_t stop = round_after(rumours, settings, 1);
    if (now)
        stopping = gsp__run_state_asked_abort(rumours);
    else if (stop < settings->rounds)
        stopping.stop_round = stop;
    bool stopped = gsp__run_state_merge_stop(wanted, &stopping),
         aborted = gsp__run_state_merge_abort(wanted, &stopping);
    if (stopped || aborted) gsp__journal_changed(rumours);
}

/* ---- answers ---- */

static void answer_later(struct gsp__rumours *rumours, uint64_t client, const struct gsp_run_key *run)
{
    if (rumours->stop_count == GSP__CLIENTS_WAITING_MAX)
        gsp__reply_text(rumours->host, client, GSP_REPLY_DONE, false, "the stop is on its way");
    else
        rumours->stops[rumours->stop_count++] = (struct gsp__stop){.client = client, .run = *run};
}

static void answer(struct gsp__rumours *rumours, const struct gsp__stop *stop)
{
    const struct gsp_run_state *state = gsp__runs_state(rumours->runs);
    unsigned long long epoch = (unsigned long long)state->run.epoch;
    if (gsp_run_key_compare(&stop->run, &state->run) != 0)
        gsp__reply_text(rumours->host, stop->client, GSP_REPLY_FAILED, false,
                        "the run gave way to run %llu, started at %s; to end that one, too: %s", epoch, state->origin,
                        rumours->host->commands.stop);
    else if (state->aborted)
        gsp__reply_text(
            rumours->host, stop->client, GSP_REPLY_DONE, false,
            state->abort_asked ? "run %llu is stopped at once, wherever each node is" : "run %llu has failed", epoch);
    else
        gsp__reply_text(rumours->host, stop->client, GSP_REPLY_DONE, false, "run %llu ends after round %llu", epoch,
                        (unsigned long long)(gsp__runs_stage(rumours->runs) != GSP__NO_RUN
                                                 ? gsp__runs_last_round(rumours->runs)
                                                 : state->stop_round));
}

void gsp__stops_answer(struct gsp__rumours *rumours)
{
    if (rumours->journal.due) return;
    for (size_t i = 0; i < rumours->stop_count; i++) answer(rumours, &rumours->stops[i]);
    rumours->stop_count = 0;
}

static void answer_failed(struct gsp__rumours *rumours, const struct gsp__stop *stop, const char *failure)
{
    if (gsp_run_key_compare(&stop->run, &gsp__runs_state(rumours->runs)->run) != 0)
        gsp__reply_text(rumours->host, stop->client, GSP_REPLY_DONE, false,
                        "nothing is running: run %llu has not begun, since it could not be written to this node's "
                        "state folder: %s",
                        (unsigned long long)stop->run.epoch, failure);
    else
        gsp__reply_text(rumours->host, stop->client, GSP_REPLY_FAILED, false,
                        "the stop cannot be written to this node's state folder yet: %s; it takes effect as soon as "
                        "it is written",
                        failure);
}

void gsp__stops_fail(struct gsp__rumours *rumours, const char *failure)
{
    for (size_t i = 0; i < rumours->stop_count; i++) answer_failed(rumours, &rumours->stops[i], failure);
    rumours->stop_count = 0;
}

void gsp__stops_forget(struct gsp__rumours *rumours, uint64_t client)
{
    size_t kept = 0;
    for (size_t i = 0; i < rumours->stop_count; i++)
        if (rumours->stops[i].client != client) rumours->stops[kept++] = rumours->stops[i];
    rumours->stop_count = kept;
}

/* ---- the request ---- */

static void stop_run_at_round(struct gsp__rumours *rumours, uint64_t client)
{
    const struct gsp_run_key *key = &gsp__runs_state(rumours->runs)->run;
    bool pending = true;
    uint64_t round = gsp__stop_at_round(rumours, false, &pending);
    if (pending)
        answer_later(rumours, client, key);
    else
        gsp__reply_text(rumours->host, client, GSP_REPLY_DONE, false, "run %llu ends after round %llu%s",
                        (unsigned long long)key->epoch, (unsigned long long)round,
                        round == gsp__runs_settings(rumours->runs)->rounds ? ", its last" : "");
}

static void stop_run(struct gsp__rumours *rumours, uint64_t client, bool now)
{
    const struct gsp_run_key *key = &gsp__runs_state(rumours->runs)->run;
    enum gsp__stage stage = gsp__runs_stage(rumours->runs);
    if (stage == GSP__NO_RUN || stage == GSP__RUN_ENDED || stage == GSP__RUN_SAVING) {
        gsp__reply_text(rumours->host, client, GSP_REPLY_DONE, false, "nothing is running");
    } else if (gsp__runs_halted(rumours->runs)) {
        answer_later(rumours, client, key); /* it fails or stops here; its settings may be of no use for a round */
    } else if (now) {
        gsp__run_state_stop_now(rumours);
        answer_later(rumours, client, key);
    } else if (stage == GSP__RUN_LOST) { /* any round that it names may be over elsewhere */
        gsp__reply_text(rumours->host, client, GSP_REPLY_FAILED, false,
                        "this node's state is lost, and until its neighbours have given it theirs it does not know how "
                        "far run %llu is: run %s at another node (%s ends the run from here, too, at once and without "
                        "a result)",
                        (unsigned long long)key->epoch, rumours->host->commands.stop, rumours->host->commands.stop_now);
    } else {
        stop_run_at_round(rumours, client);
    }
}

void gsp__rumours_stop(struct gsp__rumours *rumours, uint64_t client, bool now)
{
    if (gsp__start_decided(rumours)) {
        stop_start(rumours, now);
        answer_later(rumours, client, &rumours->start.key);
        return;
    }
    if (rumours->start.active) gsp__start_refuse(rumours, GSP_REPLY_FAILED, "stopped before it began");
    stop_run(rumours, client, now);
}
