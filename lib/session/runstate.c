/* RunState, the one piece of shared control: the greater (epoch, id) replaces, the smaller stop holds, an abort
 * prevails. Merging changes what is wanted; it counts when it is on the disk (journal.c). */
#include "session/peer.h"

#include <stdio.h>
#include <string.h>

/* ---- merging ---- */

static bool merge_stop(struct gsp_run_state *into, const struct gsp_run_state *theirs)
{
    if (!theirs->stop_round || (into->stop_round && into->stop_round < theirs->stop_round)) return false;
    /* Of two stops at one round, by hand and at the target, it is the target's: all nodes must say the same. */
    if (into->stop_round == theirs->stop_round && (into->target_reached || !theirs->target_reached)) return false;
    into->stop_round = theirs->stop_round;
    into->target_reached = theirs->target_reached;
    return true;
}

/* Of two aborts a failure is kept, else the one of the node that sorts first: all nodes end up with the same reason. */
int gsp__run_state_compare_aborts(const struct gsp_run_state *a, const struct gsp_run_state *b)
{
    if (a->abort_asked != b->abort_asked) return a->abort_asked ? 1 : -1;
    int order = strcmp(a->abort_node, b->abort_node);
    return order ? order : strcmp(a->abort_reason, b->abort_reason);
}

static bool merge_abort(struct gsp_run_state *into, const struct gsp_run_state *theirs)
{
    if (!theirs->aborted) return false;
    if (into->aborted && gsp__run_state_compare_aborts(theirs, into) >= 0) return false;
    into->aborted = true;
    into->abort_asked = theirs->abort_asked;
    memcpy(into->abort_node, theirs->abort_node, sizeof into->abort_node);
    memcpy(into->abort_reason, theirs->abort_reason, sizeof into->abort_reason);
    return true;
}

void gsp__run_state_received(struct gsp_peer *peer, struct gsp__connection *connection,
                             const struct gsp_run_state *theirs)
{
    struct gsp_run_state *wanted = &peer->journal.wanted;
    if (theirs->run.epoch == 0 || theirs->run.epoch > GSP_COUNT_MAX) {
        gsp__connection_fail(peer, connection, "a run state of epoch %llu, which no run has",
                             (unsigned long long)theirs->run.epoch);
        return;
    }
    int order = gsp_run_key_compare(&theirs->run, &wanted->run);
    if (order < 0) return;                        /* they have ours already, or get it first thing */
    if (order == 0 && !*wanted->settings) return; /* over: nothing can happen to it any more */
    bool changed = order > 0 || !*theirs->settings;
    if (changed) {
        *wanted = *theirs;
    } else {
        bool stopped = merge_stop(wanted, theirs), aborted = merge_abort(wanted, theirs);
        changed = stopped || aborted;
    }
    if (changed) gsp__journal_changed(peer);
}

/* ---- what counts ---- */

static void flood(struct gsp_peer *peer)
{
    for (size_t i = 0; i < peer->link_count; i++)
        if (peer->links[i].up) peer->links[i].up->run_state_due = true;
}

static void answer_stop(struct gsp_peer *peer, const struct gsp__stop *stop)
{
    const struct gsp_run_state *state = &peer->state;
    unsigned long long epoch = (unsigned long long)state->run.epoch;
    if (gsp_run_key_compare(&stop->run, &state->run) != 0)
        gsp__reply_text(peer, stop->client, 1, false,
                        "the run gave way to run %llu, started at %s; to end that one, too: gossipctl stop", epoch,
                        state->origin);
    else if (state->aborted)
        gsp__reply_text(
            peer, stop->client, 0, false,
            state->abort_asked ? "run %llu is stopped at once, wherever each node is" : "run %llu has failed", epoch);
    else
        gsp__reply_text(peer, stop->client, 0, false, "run %llu ends after round %llu", epoch,
                        (unsigned long long)(peer->run ? peer->run->last_round : state->stop_round));
}

/* Not while more is on its way to the disk: it may be an earlier stop, an abort, another run. */
static void answer_stops(struct gsp_peer *peer)
{
    if (peer->journal.due) return;
    for (size_t i = 0; i < peer->stop_count; i++) answer_stop(peer, &peer->stops[i]);
    peer->stop_count = 0;
}

static void act_on_change(struct gsp_peer *peer, const struct gsp_run_state *state)
{
    bool stopped = merge_stop(&peer->state, state), aborted = merge_abort(&peer->state, state);
    if (stopped) {
        gsp_log(&peer->config.log, GSP_LOG_INFO, "run %llu stops after round %llu",
                (unsigned long long)peer->state.run.epoch, (unsigned long long)peer->state.stop_round);
        gsp__run_allow(peer);
    }
    if (aborted) gsp__run_aborted(peer);
    if (stopped || aborted) flood(peer);
    answer_stops(peer);
}

void gsp__run_state_act(struct gsp_peer *peer, const struct gsp_run_state *state)
{
    bool ends = !*state->settings && *peer->state.settings; /* over, in the network as it is now */
    if (gsp_run_key_compare(&state->run, &peer->state.run) == 0 && !ends) {
        act_on_change(peer, state);
        return;
    }
    peer->state = *state;
    gsp__links_reset(peer);
    gsp__run_adopt(peer);
    answer_stops(peer);
    gsp__start_begun(peer);
}

/* ---- this node's own changes ---- */

/* Who comes new to the network must have no part in its last run. If this node forgets it, it finds out again: the
 * files tell of another network. */
void gsp__run_over(struct gsp_peer *peer)
{
    if (!peer->state.run.epoch) return;
    if (peer->run) peer->run->over = true;
    peer->state.settings[0] = 0;
    peer->journal.wanted = peer->state;
    gsp__journal_changed(peer);
}

static struct gsp_run_state abort_here(const struct gsp_peer *peer)
{
    struct gsp_run_state aborted = {.aborted = true};
    snprintf(aborted.abort_node, sizeof aborted.abort_node, "%s", peer->name);
    return aborted;
}

static struct gsp_run_state asked_abort(const struct gsp_peer *peer)
{
    struct gsp_run_state aborted = abort_here(peer);
    aborted.abort_asked = true;
    snprintf(aborted.abort_reason, sizeof aborted.abort_reason, "stopped at once by gossipctl stop --now");
    return aborted;
}

static void abort_run(struct gsp_peer *peer, const struct gsp_run_state *aborted)
{
    if (peer->run) peer->run->halted = true;
    if (gsp_run_key_compare(&peer->journal.wanted.run, &peer->state.run) != 0) return; /* it gives way anyway */
    if (merge_abort(&peer->journal.wanted, aborted)) gsp__journal_changed(peer);
}

void gsp__run_state_abort(struct gsp_peer *peer, const char *format, ...)
{
    struct gsp_run_state aborted = abort_here(peer);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(aborted.abort_reason, sizeof aborted.abort_reason, format, arguments);
    va_end(arguments);
    abort_run(peer, &aborted);
}

void gsp__run_state_stop_now(struct gsp_peer *peer)
{
    const struct gsp_run_state aborted = asked_abort(peer);
    abort_run(peer, &aborted);
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The furthest step in hand that this node knows of, or must reckon with. Who was restarted may be far behind the
 * others without knowing it, but they wait for it within L steps of what it had on its disk. Who has nothing on its
 * disk any more begins at step 1 as in a new run: there it is what others have said, and the next message that a
 * neighbour needs, which it can't go beyond. */
static uint64_t furthest_step(const struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    uint64_t step = later(run->node ? gsp_node_step(run->node) : 1, run->replay_until);
    for (size_t i = 0; i < peer->link_count; i++) {
        const struct gsp__connection *up = peer->links[i].up;
        step = later(step, peer->links[i].have);
        if (up && up->their_hello_known && gsp_run_key_compare(&up->their_run, &run->key) == 0)
            step = later(step, later(up->their_have, up->their_expect));
    }
    for (size_t i = 0; i < peer->config.network->count; i++) {
        const struct gsp_summary *summary = &peer->nodes[i].summary;
        if (gsp_run_key_compare(&summary->run, &run->key) == 0) step = later(step, summary->step + 1);
    }
    return step;
}

/* A round that nobody can have passed before this node's word of it has reached everybody: neighbours are at most one
 * gossip step apart, nodes at distance D at most D. */
static uint64_t stop_round(const struct gsp_peer *peer, const struct gsp_settings *settings, uint64_t step)
{
    uint64_t per_round = settings->gossip_steps, distance = peer->config.graph->diameter;
    if (settings->reweight) distance = peer->config.network->count - 1; /* whatever edges are left */
    return (step - 1) / per_round + 1 + (distance + per_round - 1) / per_round + 1;
}

uint64_t gsp__run_state_stop(struct gsp_peer *peer, bool target_reached, bool *pending)
{
    const struct gsp__run *run = peer->run;
    uint64_t stop = stop_round(peer, &run->settings, furthest_step(peer));
    *pending = gsp__journal_pending(peer);
    if (stop >= run->last_round) return run->last_round;
    struct gsp_run_state stopping = peer->journal.wanted;
    stopping.stop_round = stop;
    stopping.target_reached = target_reached;
    if (gsp_run_key_compare(&stopping.run, &peer->state.run) == 0 && merge_stop(&peer->journal.wanted, &stopping)) {
        gsp__journal_changed(peer);
        *pending = true;
    }
    return stop;
}

/* It follows its run to the disk. Nobody has gone a step of it. */
void gsp__run_state_stop_start(struct gsp_peer *peer, bool now)
{
    struct gsp_run_state stopping = {0};
    uint64_t stop = stop_round(peer, &peer->start.settings, 1);
    if (now)
        stopping = asked_abort(peer);
    else if (stop < peer->start.settings.rounds)
        stopping.stop_round = stop;
    bool stopped = merge_stop(&peer->journal.wanted, &stopping),
         aborted = merge_abort(&peer->journal.wanted, &stopping);
    if (stopped || aborted) gsp__journal_changed(peer);
}
