/* RunState, the one piece of shared control: the greater (epoch, id) replaces, the smaller stop holds, an abort
 * prevails. */
#include "session/peer.h"

#include <stdio.h>
#include <string.h>

static void flood(struct gsp_peer *peer)
{
    for (size_t i = 0; i < peer->link_count; i++)
        if (peer->links[i].up) peer->links[i].up->run_state_due = true;
}

void gsp__run_state_adopt(struct gsp_peer *peer, const struct gsp_run_state *state)
{
    peer->state = *state;
    gsp__links_reset(peer);
    gsp__run_adopt(peer);
}

static bool merge_stop(struct gsp_peer *peer, const struct gsp_run_state *theirs)
{
    uint64_t mine = peer->state.stop_round;
    if (!theirs->stop_round || (mine && mine <= theirs->stop_round)) return false;
    peer->state.stop_round = theirs->stop_round;
    gsp_log(&peer->config.log, GSP_LOG_INFO, "run %llu stops after round %llu",
            (unsigned long long)peer->state.run.epoch, (unsigned long long)theirs->stop_round);
    gsp__run_allow(peer);
    return true;
}

/* Of two aborts the one of the node that sorts first is kept, so that all nodes end up with the same reason. */
static bool merge_abort(struct gsp_peer *peer, const struct gsp_run_state *theirs)
{
    if (!theirs->aborted) return false;
    if (peer->state.aborted) {
        int order = strcmp(theirs->abort_node, peer->state.abort_node);
        if (order > 0 || (order == 0 && strcmp(theirs->abort_reason, peer->state.abort_reason) >= 0)) return false;
    }
    peer->state.aborted = true;
    memcpy(peer->state.abort_node, theirs->abort_node, sizeof peer->state.abort_node);
    memcpy(peer->state.abort_reason, theirs->abort_reason, sizeof peer->state.abort_reason);
    gsp__run_failed(peer);
    return true;
}

void gsp__run_state_received(struct gsp_peer *peer, struct gsp__connection *connection,
                             const struct gsp_run_state *theirs)
{
    if (theirs->run.epoch == 0 || theirs->run.epoch > GSP_COUNT_MAX) {
        gsp__connection_fail(peer, connection, "a run state of epoch %llu, which no run has",
                             (unsigned long long)theirs->run.epoch);
        return;
    }
    int order = gsp_run_key_compare(&theirs->run, &peer->state.run);
    if (order < 0) return; /* they have ours already, or get it first thing */
    if (order > 0) {
        gsp__run_state_adopt(peer, theirs);
        return;
    }
    bool stopped = merge_stop(peer, theirs), aborted = merge_abort(peer, theirs);
    if (stopped || aborted) flood(peer);
}

void gsp__run_state_abort(struct gsp_peer *peer, const char *format, ...)
{
    struct gsp_run_state aborted = peer->state;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(aborted.abort_reason, sizeof aborted.abort_reason, format, arguments);
    va_end(arguments);
    aborted.aborted = true;
    snprintf(aborted.abort_node, sizeof aborted.abort_node, "%s", peer->name);
    if (merge_abort(peer, &aborted)) flood(peer);
}

/* A round that nobody can have passed before this node's word of it has reached everybody: neighbours are at most one
 * gossip step apart, nodes at distance D at most D. */
uint64_t gsp__run_state_stop(struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    uint64_t per_round = run->settings.gossip_steps, distance = peer->config.graph->diameter;
    uint64_t step = run->node ? gsp_node_step(run->node) : 1;
    uint64_t round = (step - 1) / per_round + 1;
    uint64_t stop = round + (distance + per_round - 1) / per_round + 1;
    if (stop >= run->last_round) return run->last_round;
    struct gsp_run_state stopping = peer->state;
    stopping.stop_round = stop;
    if (merge_stop(peer, &stopping)) flood(peer);
    return stop;
}
