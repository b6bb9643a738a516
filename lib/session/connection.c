/* One connection's life: bytes in and out, messages to the parts of the peer that know them, and the end. */
#include "session/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gsp__connection *gsp__connection_find(struct gsp_peer *peer, uint64_t id)
{
    for (struct gsp__connection *c = peer->connections; c; c = c->following)
        if (c->id == id) return c;
    return NULL;
}

const char *gsp__connection_name(const struct gsp_peer *peer, const struct gsp__connection *connection)
{
    if (connection->node != GSP__NOBODY) return peer->config.network->nodes[connection->node].name;
    if (connection->dialed >= 0) return peer->config.network->nodes[connection->dialed].name;
    return connection->address;
}

static void seal(struct gsp_peer *peer, struct gsp__connection *connection);

/* ---- the end ---- */

/* The link, if this connection is what keeps it up or was dialed for it. */
static struct gsp__link *link_concerned(struct gsp_peer *peer, const struct gsp__connection *connection)
{
    size_t node = connection->node;
    if (node == GSP__NOBODY && connection->dialed >= 0) node = (size_t)connection->dialed;
    return node == GSP__NOBODY ? NULL : gsp__link_of(peer, node);
}

static void note_detail(struct gsp_peer *peer, const struct gsp__connection *connection, const char *reason)
{
    struct gsp__link *link = link_concerned(peer, connection);
    if (link && (!link->up || link->up == connection)) snprintf(link->detail, sizeof link->detail, "%s", reason);
}

static void hand_out_close(struct gsp_peer *peer, struct gsp__connection *connection, bool graceful)
{
    struct gsp_action *action = gsp__action_add(peer, GSP_ACTION_CLOSE);
    if (action) {
        action->connection = connection->id;
        action->graceful = graceful;
    }
    connection->state = GSP__CLOSING;
    connection->closing_at = peer->now;
    connection->cut |= !graceful;
    if (graceful && connection->node != GSP__NOBODY) gsp__closing_limit(peer, connection->node);
}

void gsp__connection_cut(struct gsp_peer *peer, struct gsp__connection *connection)
{
    hand_out_close(peer, connection, false);
}

/* What went wrong, said once, not at every attempt. */
void gsp__connection_complain(struct gsp_peer *peer, const struct gsp__connection *connection, const char *reason)
{
    const struct gsp__link *link = link_concerned(peer, connection);
    if (!link && connection->node == GSP__NOBODY) {
        gsp__stranger_log(peer, connection, reason);
        return;
    }
    bool news = !link || strcmp(link->detail, reason) != 0;
    gsp_log(&peer->config.log, news ? GSP_LOG_WARNING : GSP_LOG_DEBUG, "%s: %s", gsp__connection_name(peer, connection),
            reason);
    note_detail(peer, connection, reason);
}

void gsp__connection_fail(struct gsp_peer *peer, struct gsp__connection *connection, const char *format, ...)
{
    if (connection->state == GSP__CLOSING) return;
    char reason[GSP_REASON_MAX + 1];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    gsp__connection_complain(peer, connection, reason);
    hand_out_close(peer, connection, false);
}

void gsp__connection_close(struct gsp_peer *peer, struct gsp__connection *connection, const char *reason)
{
    if (connection->state == GSP__CLOSING) return;
    if (connection->state == GSP__UP) {
        struct gsp_message message = {.type = GSP_MSG_CLOSE};
        snprintf(message.u.close.reason, sizeof message.u.close.reason, "%s", reason);
        gsp__connection_put(peer, connection, &message);
        /* Nothing may follow it, so this is not a flush. */
        if (connection->state == GSP__UP && connection->in_flight < GSP__SEND_WINDOW) seal(peer, connection);
    }
    note_detail(peer, connection, reason);
    if (connection->state != GSP__CLOSING) hand_out_close(peer, connection, true);
}

static const char *explain_end(const struct gsp__connection *connection)
{
    switch (connection->state) {
    case GSP__AWAITING_MESSAGE_2:
        return "it closed the connection on our first message: it holds another key than our peers.conf lists for it, "
               "has another network name or version, or is no gossipd";
    case GSP__AWAITING_WELCOME:
        return "it closed the connection on our name: our public key is not in its peers.conf";
    default:
        return "the stream ended without a goodbye";
    }
}

/* The transport says that it is gone. Who connects and says nothing (a health check of some proxy) is no news. */
void gsp__connection_lost(struct gsp_peer *peer, struct gsp__connection *connection, const char *reason)
{
    if (connection->state == GSP__CLOSING || connection->said_close) return;
    if (gsp__stranger(connection) && connection->bytes_received == 0) return;
    gsp__connection_complain(peer, connection, reason ? reason : explain_end(connection));
}

void gsp__connection_free(struct gsp_peer *peer, struct gsp__connection *connection)
{
    struct gsp__connection **place = &peer->connections;
    while (*place && *place != connection) place = &(*place)->following;
    if (*place) *place = connection->following;
    gsp__noise_wipe(&connection->noise);
    gsp__channel_clear(&connection->channel);
    gsp_buffer_clear(&connection->greeting);
    free(connection->summary_due);
    free(connection);
}

/* ---- becoming a link ---- */

/* Of two connections with one neighbour, whether the newer stays (protocol.md, "Duplicate connections"). */
static bool newer_stays(const struct gsp_peer *peer, const struct gsp__connection *older,
                        const struct gsp__connection *newer)
{
    if (older->incarnation != newer->incarnation) return true;
    bool older_mine = older->dialed >= 0, newer_mine = newer->dialed >= 0;
    if (older_mine == newer_mine) return true;
    const struct gsp_network_node *nodes = peer->config.network->nodes;
    bool mine_greater = memcmp(nodes[peer->config.self].public_key, nodes[newer->node].public_key, GSP_KEY_BYTES) > 0;
    return newer_mine == mine_greater;
}

static int make_due(struct gsp_peer *peer, struct gsp__connection *connection)
{
    size_t n = peer->config.network->count;
    connection->summary_due = gsp_alloc(n, sizeof *connection->summary_due);
    if (!connection->summary_due) return GSP_ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        if (peer->nodes[i].summary.number && !gsp__summary_outlived(peer, i)) {
            connection->summary_due[i] = true;
            connection->summaries_due++;
        }
    connection->run_state_due = peer->state.run.epoch > 0;
    return 0;
}

void gsp__connection_up(struct gsp_peer *peer, struct gsp__connection *connection)
{
    struct gsp__link *link = gsp__link_of(peer, connection->node);
    struct gsp__connection *older = link->up;
    if (older && older->state == GSP__UP && !newer_stays(peer, older, connection)) {
        connection->state = GSP__UP; /* so that Close is said */
        gsp__connection_close(peer, connection, "another connection with the same node stays");
        return;
    }
    if (make_due(peer, connection)) {
        gsp__connection_fail(peer, connection, "no memory for the link");
        return;
    }
    link->up = connection;
    connection->was_up = true;
    if (connection->dialed >= 0) link->dialing = false;
    link->refused = link->differs = false;
    link->dial_at = GSP__NEVER;
    connection->state = GSP__UP;
    connection->up_at = connection->heard_at = connection->pinged_at = peer->now;
    connection->ping_due = true; /* tells the round-trip time from the start */
    link->detail[0] = 0;
    if (older) {
        gsp__connection_close(peer, older, "replaced by a newer connection");
        gsp__channel_clear(&older->channel); /* whatever half a message it holds: no link takes memory twice */
    }
    gsp_log(&peer->config.log, GSP_LOG_INFO, "%s: connected", gsp__connection_name(peer, connection));
    gsp__link_open(peer, connection);
}

/* ---- messages in ---- */

static void received_close(struct gsp_peer *peer, struct gsp__connection *connection, const char *reason)
{
    connection->said_close = true;
    gsp_log(&peer->config.log, GSP_LOG_INFO, "%s: closed the connection: %s", gsp__connection_name(peer, connection),
            reason);
    note_detail(peer, connection, reason);
    hand_out_close(peer, connection, true);
}

static void received_pong(struct gsp_peer *peer, struct gsp__connection *connection, uint64_t nonce)
{
    if (nonce == connection->pinged_at) connection->rtt_ms = (double)(peer->now - connection->pinged_at);
}

static void dispatch(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_message *message)
{
    switch (message->type) {
    case GSP_MSG_RUN_STATE:
        if (gsp__run_state_allowed(peer, connection, &message->u.run_state))
            gsp__run_state_received(peer, connection, &message->u.run_state);
        break;
    case GSP_MSG_RUN_HELLO:
        gsp__link_run_hello(peer, connection, message);
        break;
    case GSP_MSG_GOSSIP:
        gsp__link_gossip(peer, connection, message);
        break;
    case GSP_MSG_HAVE:
        gsp__link_have(peer, connection, message->u.have.step);
        break;
    case GSP_MSG_DURABLE:
        gsp__link_durable(peer, connection, message->u.durable.step);
        break;
    case GSP_MSG_GONE:
        gsp__lost_gone(peer, connection, &message->u.gone.run);
        break;
    case GSP_MSG_LOST:
        gsp__lost_asked(peer, connection, &message->u.gone.run);
        break;
    case GSP_MSG_COPY:
        gsp__lost_copy(peer, connection, message);
        break;
    case GSP_MSG_EDGE_AT:
        gsp__edge_told(peer, connection, message->u.edge_at.step);
        break;
    case GSP_MSG_RESYNC:
        gsp__link_resync(peer, connection, message);
        break;
    case GSP_MSG_SUMMARY:
        gsp__summary_received(peer, connection, &message->u.summary);
        break;
    case GSP_MSG_PING:
        connection->pong_due = true;
        connection->pong_nonce = message->u.ping.nonce;
        break;
    case GSP_MSG_PONG:
        received_pong(peer, connection, message->u.ping.nonce);
        break;
    case GSP_MSG_CLOSE:
        received_close(peer, connection, message->u.close.reason);
        break;
    default:
        gsp__connection_fail(peer, connection, "a message of type %d that does not belong here", (int)message->type);
    }
}

/* Of the run's dimension and compressor. Nothing that is said before a link is up is longer than GSP_MESSAGE_MAX: else
 * each connection that is not yet one could make us keep a long message. */
static size_t message_limit(const struct gsp_peer *peer, const struct gsp__connection *connection)
{
    if (connection->state != GSP__UP) return GSP_MESSAGE_MAX;
    size_t payload = peer->run ? peer->run->payload_bound : 0, vector = peer->run ? peer->run->d * sizeof(double) : 0;
    if (vector + GSP_VECTOR_OVERHEAD > payload + GSP_GOSSIP_OVERHEAD)
        payload = vector + GSP_VECTOR_OVERHEAD - GSP_GOSSIP_OVERHEAD; /* a whole z, after a lost disk */
    if (peer->run && peer->run->payload_bound_before > payload) payload = peer->run->payload_bound_before;
    return payload + GSP_GOSSIP_OVERHEAD > GSP_MESSAGE_MAX ? payload + GSP_GOSSIP_OVERHEAD : GSP_MESSAGE_MAX;
}

void gsp__connection_messages(struct gsp_peer *peer, struct gsp__connection *connection)
{
    struct gsp_error error = {0};
    const uint8_t *bytes;
    size_t length;
    int rc = 0;
    while (connection->state != GSP__CLOSING &&
           (rc = gsp__channel_next(&connection->channel, message_limit(peer, connection), &bytes, &length, &error)) >
               0) {
        struct gsp_message message;
        rc = gsp_message_unpack(&message, bytes, length, &error);
        if (rc) break;
        if (connection->state == GSP__UP)
            dispatch(peer, connection, &message);
        else
            gsp__handshake_message(peer, connection, &message);
        gsp_message_clear(&message);
    }
    if (rc < 0) gsp__connection_fail(peer, connection, "%s", error.message);
    if (connection->state == GSP__CLOSING) gsp__channel_clear(&connection->channel); /* half a message may be long */
}

/* ---- messages out ---- */

void gsp__connection_send_owned(struct gsp_peer *peer, struct gsp__connection *connection, uint8_t *bytes,
                                size_t length)
{
    struct gsp_action *action = bytes ? gsp__action_add(peer, GSP_ACTION_SEND) : NULL;
    if (!action) {
        free(bytes);
        gsp__connection_fail(peer, connection, "no memory to send");
        return;
    }
    action->connection = connection->id;
    action->bytes = bytes;
    action->length = length;
    connection->in_flight += length;
    connection->bytes_sent += length;
}

void gsp__connection_send_raw(struct gsp_peer *peer, struct gsp__connection *connection, const uint8_t *bytes,
                              size_t length)
{
    uint8_t *copy = malloc(length);
    if (copy) memcpy(copy, bytes, length);
    gsp__connection_send_owned(peer, connection, copy, length);
}

void gsp__connection_put(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_message *message)
{
    int rc = gsp__channel_put(&connection->channel, message);
    if (rc) gsp__connection_fail(peer, connection, "cannot send: %s", gsp_strerror(rc));
}

static void seal(struct gsp_peer *peer, struct gsp__connection *connection)
{
    uint8_t *bytes = NULL;
    size_t length = 0, room = GSP__SEND_WINDOW - connection->in_flight;
    int rc = gsp__channel_seal(&connection->channel, room, &bytes, &length);
    gsp__connection_send_owned(peer, connection, rc ? NULL : bytes, length);
}

/* All else is zero. (An initialiser would clear no more of the union than its first member.) */
void gsp__message_begin(struct gsp_message *out, enum gsp_message_type type)
{
    memset(out, 0, sizeof *out);
    out->type = type;
}

/* The next summary that is due, or false. */
static bool next_summary(struct gsp_peer *peer, struct gsp__connection *connection, struct gsp_message *out)
{
    if (!connection->summaries_due) return false;
    size_t i = connection->summary_next;
    while (!connection->summary_due[i]) i = (i + 1) % peer->config.network->count;
    connection->summary_due[i] = false;
    connection->summaries_due--;
    connection->summary_next = (i + 1) % peer->config.network->count;
    gsp__message_begin(out, GSP_MSG_SUMMARY);
    out->u.summary = peer->nodes[i].summary;
    return true;
}

/* Gossip and summaries take turns: in a large network on a slow link there is always a summary to tell, and neither may
 * keep the other waiting. */
static bool next_gossip_or_summary(struct gsp_peer *peer, struct gsp__connection *connection, struct gsp_message *out)
{
    if (connection->gossip_was_last && next_summary(peer, connection, out)) {
        connection->gossip_was_last = false;
        return true;
    }
    connection->gossip_was_last = gsp__link_next(peer, connection, out);
    return connection->gossip_was_last || next_summary(peer, connection, out);
}

static bool take_due(bool *due)
{
    bool was = *due;
    *due = false;
    return was;
}

/* The next message to send, the most urgent first: a stop must reach everybody before the gossip that follows it. Sets
 * *out only if there is one: it is large, and mostly there is none. */
static bool next_message(struct gsp_peer *peer, struct gsp__connection *connection, struct gsp_message *out)
{
    const struct gsp__run *run = peer->run;
    if (take_due(&connection->run_state_due)) {
        gsp__message_begin(out, GSP_MSG_RUN_STATE);
        out->u.run_state = peer->state;
    } else if (take_due(&connection->lost_due)) {
        gsp__message_begin(out, GSP_MSG_LOST);
        out->u.gone.run = run->key;
    } else if (take_due(&connection->gone_due)) {
        gsp__message_begin(out, GSP_MSG_GONE);
        out->u.gone.run = run->key;
    } else if (take_due(&connection->run_hello_due)) {
        gsp__link_greet(peer, connection, out);
    } else if (take_due(&connection->edge_due)) {
        out->type = GSP_MSG_EDGE_AT;
        out->u.edge_at.step = gsp__link_of(peer, connection->node)->edge_asked;
    } else if (take_due(&connection->durable_due)) {
        gsp__message_begin(out, GSP_MSG_DURABLE);
        out->u.durable.step = run->durable;
    } else if (connection->have_due && !gsp__link_next_is_in_hand(peer, connection)) {
        connection->have_due = false;
        gsp__message_begin(out, GSP_MSG_HAVE);
        out->u.have.step = gsp_node_step(run->node);
    } else if (take_due(&connection->pong_due)) {
        gsp__message_begin(out, GSP_MSG_PONG);
        out->u.ping.nonce = connection->pong_nonce;
    } else if (take_due(&connection->ping_due)) {
        gsp__message_begin(out, GSP_MSG_PING);
        out->u.ping.nonce = connection->pinged_at;
    } else {
        return next_gossip_or_summary(peer, connection, out);
    }
    return true;
}

void gsp__connection_flush(struct gsp_peer *peer, struct gsp__connection *connection)
{
    struct gsp_message message;
    while (connection->state == GSP__UP && connection->in_flight < GSP__SEND_WINDOW) {
        while (connection->state == GSP__UP && gsp__channel_unsealed(&connection->channel) < GSP__SEND_BATCH &&
               next_message(peer, connection, &message))
            gsp__connection_put(peer, connection, &message);
        if (connection->state != GSP__UP || !gsp__channel_unsealed(&connection->channel)) return;
        seal(peer, connection);
    }
}

/* ---- time ---- */

void gsp__connection_tick(struct gsp_peer *peer, struct gsp__connection *connection)
{
    switch (connection->state) {
    case GSP__CLOSING:
        if (peer->now >= connection->closing_at + GSP__CLOSE_TIME) {
            hand_out_close(peer, connection, false);
            connection->closing_at = peer->now;
        }
        return;
    case GSP__UP:
        if (peer->now >= connection->heard_at + GSP__SILENCE_TIME) {
            gsp__connection_fail(peer, connection, "nothing heard for %d s: the link is taken for dead",
                                 GSP__SILENCE_TIME / 1000);
        } else if (peer->now >= connection->pinged_at + GSP__PING_TIME) {
            connection->ping_due = true;
            connection->pinged_at = peer->now;
        }
        return;
    default:
        if (peer->now >= connection->opened_at + GSP__HANDSHAKE_TIME)
            gsp__connection_fail(peer, connection, "no handshake within %d s", GSP__HANDSHAKE_TIME / 1000);
    }
}

uint64_t gsp__connection_deadline(const struct gsp__connection *connection)
{
    switch (connection->state) {
    case GSP__CLOSING:
        return connection->closing_at + GSP__CLOSE_TIME;
    case GSP__UP: {
        uint64_t ping = connection->pinged_at + GSP__PING_TIME, silence = connection->heard_at + GSP__SILENCE_TIME;
        return ping < silence ? ping : silence;
    }
    default:
        return connection->opened_at + GSP__HANDSHAKE_TIME;
    }
}
