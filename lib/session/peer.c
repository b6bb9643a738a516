/* The whole peer: events in, then everything that may have become possible, then what is to be sent. */
#include "session/peer.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

/* ---- life ---- */

/* What both sides must have in common before anything is said: the protocol, its version, the network's name. */
static int make_prologue(struct gsp_peer *peer)
{
    static const char protocol[] = "gossipd";
    const uint8_t version = GSP_PROTOCOL_VERSION;
    const char *name = peer->config.network->name;
    int rc = gsp_buffer_append(&peer->prologue, protocol, sizeof protocol - 1);
    if (!rc) rc = gsp_buffer_append(&peer->prologue, &version, 1);
    return rc ? rc : gsp_buffer_append(&peer->prologue, name, strlen(name));
}

int gsp_peer_new(struct gsp_peer **out, const struct gsp_peer_config *config, uint64_t now, struct gsp_error *error)
{
    struct gsp_peer *peer = gsp_alloc(1, sizeof *peer);
    if (!peer) return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for a peer");
    peer->config = *config;
    peer->now = now;
    peer->sink = config->log;
    peer->config.log = gsp__log_limited(peer);
    peer->lambda_max = NAN;
    gsp_stream_init(&peer->random, config->entropy, 0);
    sodium_memzero(peer->config.entropy, sizeof peer->config.entropy);
    peer->incarnation = gsp_stream_u64(&peer->random);
    gsp_data_digest(peer->data_digest, config->train);
    if (make_prologue(peer) || gsp__network_enter(peer, config->network, config->graph, config->self)) {
        gsp_peer_free(peer);
        return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for a peer with its links");
    }
    int rc = gsp__restore(peer, error);
    memset(peer->config.files, 0, sizeof peer->config.files); /* the caller's again */
    if (rc) {
        gsp_peer_free(peer);
        return rc;
    }
    gsp__summary_changed(peer, true);
    *out = peer;
    return 0;
}

void gsp_peer_free(struct gsp_peer *peer)
{
    if (!peer) return;
    assert(!peer->job);
    while (peer->connections) gsp__connection_free(peer, peer->connections);
    gsp__actions_clear(peer);
    gsp__run_free(peer->run);
    gsp_buffer_clear(&peer->journal.bytes);
    gsp_buffer_clear(&peer->disk.bytes);
    gsp_buffer_clear(&peer->disk.result);
    gsp__reload_clear(peer);
    gsp_buffer_clear(&peer->prologue);
    gsp__result_forget(peer);
    free(peer->links);
    free(peer->nodes);
    sodium_memzero(peer, sizeof *peer);
    free(peer);
}

/* ---- after every event ---- */

static void measure(struct gsp_peer *peer)
{
    struct gsp_job *job = gsp__job_new(peer, GSP__JOB_MEASURE);
    if (job) job->stage = gsp__job_first_stage(job);
}

/* What only a start needs must not hold a restarted run up. */
static bool run_goes_on(const struct gsp_peer *peer)
{
    return peer->run && peer->run->stage != GSP__RUN_ENDED;
}

static void flush(struct gsp_peer *peer)
{
    for (size_t i = 0; i < peer->link_count; i++)
        if (peer->links[i].up) gsp__connection_flush(peer, peer->links[i].up);
}

static void settle(struct gsp_peer *peer)
{
    gsp__control_dumps(peer);
    gsp__links_serve(peer);
    /* A run that is new here goes on its way before this node spends time on its vectors. */
    if (peer->run && peer->run->stage == GSP__RUN_PREPARING) flush(peer);
    if (!peer->shutting_down) {
        gsp__start_tick(peer);
        gsp__lost_tick(peer);
        gsp__edges_tick(peer);
        gsp__run_advance(peer);
        if (!peer->measured && !peer->job && !run_goes_on(peer)) measure(peer);
        gsp__journal_tick(peer);
        gsp__disk_tick(peer);
        if (!peer->disk.repairing) gsp__dial_tick(peer);
    }
    gsp__summary_tick(peer);
    flush(peer);
    gsp__reload_tick(peer);
}

/* ---- events ---- */

void gsp_peer_connected(struct gsp_peer *peer, uint64_t id, long dialed, const char *address, uint64_t now)
{
    peer->now = now;
    struct gsp__connection *connection = gsp_alloc(1, sizeof *connection);
    if (!connection) {
        struct gsp_action *action = gsp__action_add(peer, GSP_ACTION_CLOSE);
        if (action) action->connection = id;
        if (dialed >= 0) gsp__dial_ended(peer, gsp__link_of(peer, (size_t)dialed));
        return;
    }
    connection->id = id;
    connection->dialed = dialed;
    connection->node = GSP__NOBODY;
    connection->opened_at = now;
    connection->rtt_ms = NAN;
    snprintf(connection->address, sizeof connection->address, "%s", address ? address : "");
    connection->following = peer->connections;
    peer->connections = connection;
    if (peer->shutting_down)
        gsp__connection_fail(peer, connection, "we are shutting down");
    else if (peer->disk.repairing)
        gsp__connection_fail(peer, connection, "a damaged checkpoint is being replaced here first");
    else if (gsp__handshake_begin(peer, connection))
        gsp__connection_fail(peer, connection, "its public key in our peers.conf is not a usable key");
    if (dialed < 0 && connection->state != GSP__CLOSING) gsp__strangers_limit(peer, connection);
    settle(peer);
}

void gsp_peer_received(struct gsp_peer *peer, uint64_t id, const uint8_t *bytes, size_t length, uint64_t now)
{
    peer->now = now;
    struct gsp__connection *connection = gsp__connection_find(peer, id);
    if (!connection || connection->state == GSP__CLOSING) return;
    connection->heard_at = now;
    connection->bytes_received += length;
    if (connection->state == GSP__UP) {
        struct gsp_error error = {0};
        if (gsp__channel_feed(&connection->channel, bytes, length, &error))
            gsp__connection_fail(peer, connection, "%s", error.message);
        else
            gsp__connection_messages(peer, connection);
    } else {
        gsp__handshake_feed(peer, connection, bytes, length);
    }
    settle(peer);
}

void gsp_peer_sent(struct gsp_peer *peer, uint64_t id, size_t length, uint64_t now)
{
    peer->now = now;
    struct gsp__connection *connection = gsp__connection_find(peer, id);
    if (!connection) return;
    assert(length <= connection->in_flight);
    connection->in_flight -= length;
    settle(peer);
}

void gsp_peer_disconnected(struct gsp_peer *peer, uint64_t id, const char *reason, uint64_t now)
{
    peer->now = now;
    struct gsp__connection *connection = gsp__connection_find(peer, id);
    if (!connection) return;
    gsp__connection_lost(peer, connection, reason);
    struct gsp__link *link = connection->node == GSP__NOBODY ? NULL : gsp__link_of(peer, connection->node);
    struct gsp__link *dialed = connection->dialed < 0 ? NULL : gsp__link_of(peer, (size_t)connection->dialed);
    if (link) {
        link->bytes_sent += connection->bytes_sent;
        link->bytes_received += connection->bytes_received;
    }
    if (link && link->up == connection) {
        link->up = NULL;
        link->edge_asked = link->edge_told = 0;
        gsp__dial_again(peer, link, now - connection->up_at);
    } else if (dialed && !connection->was_up) {
        gsp__dial_ended(peer, dialed);
    }
    gsp__connection_free(peer, connection);
    settle(peer);
}

void gsp_peer_tick(struct gsp_peer *peer, uint64_t now)
{
    peer->now = now;
    for (struct gsp__connection *c = peer->connections; c; c = c->following) gsp__connection_tick(peer, c);
    settle(peer);
}

void gsp_peer_request(struct gsp_peer *peer, uint64_t client, const uint8_t *bytes, size_t length, uint64_t now)
{
    peer->now = now;
    struct gsp_request request;
    struct gsp_error error = {0};
    if (gsp_request_unpack(&request, bytes, length, &error)) {
        gsp__reply_text(peer, client, 1, false, "%s", error.message);
        return;
    }
    gsp__control_request(peer, client, &request);
    gsp_request_clear(&request);
    settle(peer);
}

void gsp_peer_job_done(struct gsp_peer *peer, struct gsp_job *job, const double seconds[GSP_JOB_EVALUATE + 1],
                       uint64_t now)
{
    peer->now = now;
    assert(job == peer->job && job->stage == GSP_JOB_DONE);
    peer->job = NULL;
    if (job->kind == GSP__JOB_MEASURE) {
        peer->lambda_max = job->lambda_max;
        peer->measured = true;
        gsp__summary_changed(peer, true);
        gsp__summary_tick(peer);
    } else if (job->kind == GSP__JOB_CALIBRATE) {
        gsp__start_calibrated(peer, job);
    } else {
        gsp__run_job_done(peer, job, seconds);
    }
    gsp_buffer_clear(&job->saved);
    gsp_buffer_clear(&job->result);
    free(job);
    settle(peer);
}

/* ---- time and the end ---- */

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t gsp_peer_deadline(const struct gsp_peer *peer)
{
    uint64_t deadline = gsp__summary_deadline(peer);
    for (const struct gsp__connection *c = peer->connections; c; c = c->following)
        deadline = earlier(deadline, gsp__connection_deadline(c));
    for (size_t i = 0; i < peer->link_count && !peer->shutting_down && !peer->disk.repairing; i++)
        deadline = earlier(deadline, peer->links[i].dial_at);
    if (peer->start.active && !peer->start.calibrating && !peer->start.key.epoch) /* it still waits for nodes */
        deadline = earlier(deadline, peer->start.deadline);
    deadline = earlier(deadline, gsp__edges_deadline(peer));
    if (peer->journal.due && !peer->journal.out && !peer->shutting_down)
        deadline = earlier(deadline, peer->journal.retry.at);
    if (peer->disk.retry.at && !peer->disk.out && !peer->shutting_down)
        deadline = earlier(deadline, peer->disk.retry.at);
    return deadline;
}

void gsp_peer_shutdown(struct gsp_peer *peer, uint64_t now)
{
    peer->now = now;
    if (peer->start.active && !gsp__start_decided(peer)) gsp__start_refuse(peer, 1, "gossipd is shutting down");
    peer->shutting_down = true;
    if (peer->job) gsp_job_cancel(peer->job);
    for (struct gsp__connection *c = peer->connections; c; c = c->following) {
        if (c->state == GSP__UP)
            gsp__connection_close(peer, c, "gossipd is shutting down");
        else
            gsp__connection_fail(peer, c, "gossipd is shutting down");
    }
    settle(peer);
}

bool gsp_peer_finished(const struct gsp_peer *peer)
{
    return peer->shutting_down && !peer->connections && !peer->job && !peer->journal.out && !peer->disk.out;
}
