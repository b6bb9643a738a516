/* Summaries: what every node tells all others about itself, flooded at most once a second, only the newest of each. */
#include "session/peer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

/* ---- the own summary ---- */

static enum gsp_phase phase_of(const struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    if (!run) return GSP_PHASE_IDLE;
    if (run->stage == GSP__RUN_ENDED) return run->end;
    return gsp__run_waiting(peer) ? GSP_PHASE_WAITING : GSP_PHASE_RUNNING;
}

static void add_waiting(struct gsp_summary *out, const char *name)
{
    if (out->waiting_count < GSP_WAITING_MAX)
        snprintf(out->waiting[out->waiting_count], sizeof out->waiting[0], "%s", name);
    out->waiting_count++;
}

static bool waits_for(const struct gsp__run *run, size_t slot)
{
    if (run->lost) return !run->lost->answers[slot].known;
    if (!run->node) return false;
    return gsp_node_awaits(run->node, slot) || gsp_node_waiting_for(run->node, slot);
}

/* For whom, for how long, and what is known of the first of them. */
static void describe_waiting(const struct gsp_peer *peer, struct gsp_summary *out)
{
    const struct gsp__run *run = peer->run;
    uint64_t since = run->waiting_since == GSP__NEVER ? peer->now : run->waiting_since;
    unsigned long long seconds = (unsigned long long)((peer->now - since) / 1000);
    if (gsp__disk_waiting(peer)) {
        const char *failure = gsp__disk_failure(peer);
        add_waiting(out, peer->name);
        snprintf(out->reason, sizeof out->reason, "waiting for its own disk%s%.300s%s", *failure ? ": " : "", failure,
                 *failure ? ", and it goes on by itself" : "");
        return;
    }
    const struct gsp__link *first = NULL;
    for (size_t i = 0; i < peer->link_count; i++) {
        if (!waits_for(run, i)) continue;
        if (!first) first = &peer->links[i];
        add_waiting(out, peer->config.network->nodes[peer->links[i].node].name);
    }
    if (!first && run->node && run->settings.reweight)
        snprintf(out->reason, sizeof out->reason, "waiting for %llu s%s", seconds,
                 gsp__edges_majority(peer) ? " for a neighbour to take this node in"
                                           : ": not more than half of the nodes can be reached");
    if (!first) return;
    const char *why = first->up          ? "connected; it waits or computes"
                      : first->detail[0] ? first->detail
                                         : "not connected";
    snprintf(out->reason, sizeof out->reason, "waiting for %s for %llu s: %.300s", out->waiting[0], seconds, why);
}

/* What there is to say of a run beside for whom it waits. */
static void describe_course(const struct gsp_peer *peer, char *out, size_t size)
{
    const struct gsp__run *run = peer->run;
    if (peer->state.aborted)
        snprintf(out, size, "%s: %.360s", peer->state.abort_node, peer->state.abort_reason);
    else if (peer->state.stop_round && peer->state.stop_round < run->settings.rounds)
        snprintf(out, size, "%s after round %llu", peer->state.target_reached ? "target loss reached: ends" : "stop",
                 (unsigned long long)peer->state.stop_round);
    else
        snprintf(out, size, "%s", run->note);
}

static void describe_run(const struct gsp_peer *peer, struct gsp_summary *out)
{
    const struct gsp__run *run = peer->run;
    out->rounds = run->settings.rounds;
    out->loss = run->loss;
    out->accuracy = run->accuracy;
    out->seconds = gsp__run_seconds(peer);
    out->ended = run->stage == GSP__RUN_ENDED;
    if (gsp__run_waiting(peer)) describe_waiting(peer, out);
    char course[sizeof out->reason];
    describe_course(peer, course, sizeof course);
    size_t used = strlen(out->reason);
    if (*course) snprintf(out->reason + used, sizeof out->reason - used, "%s%s", used ? "; " : "", course);
    if (!run->node) return;
    uint64_t completed = gsp_node_step(run->node) - 1;
    out->step = completed;
    out->round = gsp_node_round(run->node);
    out->gossip_step = completed - out->round * run->settings.gossip_steps;
    out->consensus_error = gsp_node_consensus_error(run->node);
    out->residual = gsp_node_residual(run->node);
}

static void describe_data(const struct gsp_peer *peer, struct gsp_summary *out)
{
    const struct gsp_dataset *data = peer->config.train;
    out->rows = data->rows;
    out->columns = data->columns;
    out->dtype = data->dtype;
    out->target_max = data->target_max;
    out->target_min = data->target_min;
    out->targets_whole = data->targets_whole;
    out->lambda_max = peer->lambda_max;
    if (peer->measured && isnan(peer->lambda_max) && !out->reason[0])
        snprintf(out->reason, sizeof out->reason, "the numbers in its data are too large to square; scale the columns");
}

void gsp__link_bytes(const struct gsp_peer *peer, const struct gsp__link *link, uint64_t *sent, uint64_t *received)
{
    *sent = link->bytes_sent;
    *received = link->bytes_received;
    for (const struct gsp__connection *c = peer->connections; c; c = c->following) {
        if (c->node != link->node) continue;
        *sent += c->bytes_sent;
        *received += c->bytes_received;
    }
}

void gsp__bytes_total(const struct gsp_peer *peer, uint64_t *sent, uint64_t *received)
{
    *sent = *received = 0;
    for (size_t i = 0; i < peer->link_count; i++) {
        uint64_t out, in;
        gsp__link_bytes(peer, &peer->links[i], &out, &in);
        *sent += out;
        *received += in;
    }
}

void gsp__run_bytes(const struct gsp_peer *peer, uint64_t *sent, uint64_t *received)
{
    const struct gsp__run *run = peer->run;
    *sent = run->sent;
    *received = run->received;
    if (run->ended_at != GSP__NEVER) return;
    gsp__bytes_total(peer, sent, received);
    *sent -= run->sent_before;
    *received -= run->received_before;
}

void gsp__summary_build(struct gsp_peer *peer, struct gsp_summary *out)
{
    const struct gsp_summary *before = &peer->nodes[peer->config.self].summary;
    *out = (struct gsp_summary){.number = before->number, .poll = before->poll};
    out->loss = out->accuracy = out->consensus_error = out->seconds = out->residual = NAN;
    snprintf(out->node, sizeof out->node, "%s", peer->name);
    out->phase = phase_of(peer);
    out->run = peer->state.run;
    out->ended = true;
    out->result = peer->last_epoch;
    if (peer->run) {
        gsp__run_bytes(peer, &out->bytes_sent, &out->bytes_received);
        describe_run(peer, out);
    } else {
        gsp__bytes_total(peer, &out->bytes_sent, &out->bytes_received);
    }
    describe_data(peer, out);
    gsp__journal_describe(peer, out);
    if (!out->reason[0]) memcpy(out->reason, peer->history_failure, sizeof out->reason);
    gsp__reload_describe(peer, out);
}

/* ---- flooding ---- */

/* Of two summaries with one number, the greater hash is the newer: all nodes choose alike. */
static uint64_t content_hash(const struct gsp_summary *summary)
{
    struct gsp_message message = {.type = GSP_MSG_SUMMARY, .u.summary = *summary};
    struct gsp_buffer bytes = {0};
    uint8_t hash[16] = {0};
    if (gsp_message_pack(&message, &bytes) == 0)
        crypto_generichash(hash, sizeof hash, bytes.data, bytes.length, NULL, 0);
    gsp_buffer_clear(&bytes);
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value |= (uint64_t)hash[i] << (8 * i);
    return value;
}

static void forward(struct gsp_peer *peer, size_t node, const struct gsp__connection *except)
{
    for (size_t i = 0; i < peer->link_count; i++) {
        struct gsp__connection *connection = peer->links[i].up;
        if (!connection || connection == except || connection->summary_due[node]) continue;
        connection->summary_due[node] = true;
        connection->summaries_due++;
    }
}

/* The neighbour has it already. */
static void spare(struct gsp__connection *connection, size_t node)
{
    if (!connection->summary_due[node]) return;
    connection->summary_due[node] = false;
    connection->summaries_due--;
}

static void emit(struct gsp_peer *peer)
{
    struct gsp__known_node *self = &peer->nodes[peer->config.self];
    struct gsp_summary summary;
    gsp__summary_build(peer, &summary);
    if (summary.number < GSP_COUNT_MAX) summary.number++; /* more would be refused */
    self->summary = summary;
    self->digest = content_hash(&summary);
    self->heard_at = peer->summary_at = peer->now;
    peer->summary_changed = peer->summary_urgent = false;
    forward(peer, peer->config.self, NULL);
    gsp__target_check(peer);
}

void gsp__summary_changed(struct gsp_peer *peer, bool urgent)
{
    peer->summary_changed = true;
    if (urgent) peer->summary_urgent = true;
}

/* How long after the last summary the next one goes out. */
static uint64_t interval(const struct gsp_peer *peer)
{
    if (peer->summary_urgent) return GSP__URGENT_TIME;
    return peer->summary_changed ? GSP__SUMMARY_TIME : GSP__HEARTBEAT_TIME;
}

void gsp__summary_tick(struct gsp_peer *peer)
{
    /* Waiting shows only after a while: nothing happens then but time. */
    if (gsp__run_waiting(peer) && peer->nodes[peer->config.self].summary.phase != GSP_PHASE_WAITING)
        peer->summary_changed = true;
    if (peer->now - peer->summary_at >= interval(peer)) emit(peer);
}

uint64_t gsp__summary_deadline(const struct gsp_peer *peer)
{
    uint64_t due = peer->summary_at + interval(peer);
    const struct gsp__run *run = peer->run;
    if (!run || run->stage != GSP__RUN_ACTIVE || run->waiting_since == GSP__NEVER || gsp__run_waiting(peer)) return due;
    uint64_t waits = run->waiting_since + GSP__WAITING_TIME; /* then there will be news */
    return waits < due ? waits : due;
}

/* Nothing newer has come for long: whatever number it bears, it gives way to any other, and is told to nobody. So a
 * number that a listed node has made up does not outlast it. */
bool gsp__summary_outlived(const struct gsp_peer *peer, size_t node)
{
    return node != peer->config.self && peer->now - peer->nodes[node].heard_at >= GSP__SUMMARY_FORGET_TIME;
}

/* A summary in this node's own name that it did not write (a life before this one): number on from there. */
static void received_own(struct gsp_peer *peer, const struct gsp_summary *summary)
{
    struct gsp__known_node *self = &peer->nodes[peer->config.self];
    if (!gsp__number_plausible(self->summary.number, summary->number, GSP__OWN_NUMBER_STEP_MAX)) return;
    if (!gsp__allow(&peer->own_number_until, peer->now, GSP__OWN_NUMBER_TIME, GSP__OWN_NUMBER_BURST)) return;
    self->summary.number = summary->number;
    if (summary->poll >= self->summary.poll &&
        gsp__number_plausible(self->summary.poll, summary->poll, GSP__OWN_NUMBER_STEP_MAX))
        self->summary.poll = summary->poll + peer->start.active;
    gsp__summary_changed(peer, true);
}

void gsp__summary_received(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_summary *summary)
{
    long node = gsp_network_find(peer->config.network, summary->node);
    if (node < 0) {
        gsp__connection_fail(peer, connection, "a summary of %s, which is not in our peers.conf", summary->node);
        return;
    }
    if (summary->number == 0 || summary->number > GSP_COUNT_MAX || summary->poll > GSP_COUNT_MAX) {
        gsp__connection_fail(peer, connection, "a summary of %s with the number %llu, poll %llu", summary->node,
                             (unsigned long long)summary->number, (unsigned long long)summary->poll);
        return;
    }
    struct gsp__known_node *known = &peer->nodes[node];
    if (gsp__summary_outlived(peer, (size_t)node)) known->summary.number = known->digest = 0;
    if (known->summary.number && !gsp__number_plausible(known->summary.number, summary->number, GSP__NUMBER_STEP_MAX))
        return;
    if (summary->number < known->summary.number) return;
    uint64_t digest = content_hash(summary);
    if (summary->number == known->summary.number && digest == known->digest) {
        spare(connection, (size_t)node);
        return;
    }
    if ((size_t)node == peer->config.self) {
        received_own(peer, summary);
        return;
    }
    if (summary->number == known->summary.number && digest < known->digest) return;
    if (summary->poll > known->summary.poll) gsp__summary_changed(peer, true); /* its start wants fresh ones */
    known->summary = *summary;
    known->digest = digest;
    known->heard_at = peer->now;
    known->fresh = true;
    forward(peer, (size_t)node, connection);
}
