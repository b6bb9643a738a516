/* What transport offers to the rooms above it. */
#include "transport/inside.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

/* ---- life ---- */

/* What both sides must have in common before anything is said: the protocol, its version, the network's name. */
static int make_prologue(struct gsp_buffer *prologue, const char *network_name)
{
    static const char protocol[] = "gossipd";
    const uint8_t version = GSP_PROTOCOL_VERSION;
    int rc = gsp_buffer_append(prologue, protocol, sizeof protocol - 1);
    if (!rc) rc = gsp_buffer_append(prologue, &version, 1);
    return rc ? rc : gsp_buffer_append(prologue, network_name, strlen(network_name));
}

int gsp__transport_new(struct gsp__transport **out, struct gsp__host *host, const uint8_t secret_key[GSP_KEY_BYTES],
                       const char *network_name)
{
    struct gsp__transport *transport = gsp_alloc(1, sizeof *transport);
    if (!transport) return GSP_ERR_NOMEM;
    transport->host = host;
    memcpy(transport->secret_key, secret_key, GSP_KEY_BYTES);
    transport->incarnation = gsp_stream_u64(&host->random);
    if (make_prologue(&transport->prologue, network_name)) {
        gsp__transport_free(transport);
        return GSP_ERR_NOMEM;
    }
    *out = transport;
    return 0;
}

void gsp__transport_free(struct gsp__transport *transport)
{
    if (!transport) return;
    while (transport->connections) gsp__connection_free(transport, transport->connections);
    gsp_buffer_clear(&transport->prologue);
    free(transport->links);
    free(transport->next_links);
    sodium_memzero(transport, sizeof *transport);
    free(transport);
}

int gsp__transport_prepare(struct gsp__transport *transport, const struct gsp__place *next)
{
    const struct gsp_graph *graph = next->graph;
    size_t first = graph->first[next->self], count = graph->first[next->self + 1] - first;
    struct gsp__link *links = gsp_alloc(count, sizeof *links);
    if (!links) return GSP_ERR_NOMEM;
    for (size_t slot = 0; slot < count; slot++) {
        size_t before = gsp__slot_before(transport->host, next, slot);
        links[slot].node = graph->neighbour[first + slot];
        if (before == GSP__NOBODY) continue;
        links[slot].bytes_sent = transport->links[before].bytes_sent;
        links[slot].bytes_received = transport->links[before].bytes_received;
    }
    free(transport->next_links);
    transport->next_links = links;
    transport->next_count = count;
    return 0;
}

void gsp__transport_enter(struct gsp__transport *transport)
{
    assert(transport->next_links && transport->next_count == gsp__slots(transport->host));
    for (size_t slot = 0; slot < transport->link_count; slot++) assert(!transport->links[slot].up);
    free(transport->links);
    transport->links = transport->next_links;
    transport->link_count = transport->next_count;
    transport->next_links = NULL;
    for (size_t slot = 0; slot < transport->link_count; slot++) gsp__dial_first(transport, &transport->links[slot]);
}

/* ---- what the driver tells ---- */

static struct gsp__connection *connection_new(struct gsp__transport *transport, uint64_t id, long dialed,
                                              const char *address)
{
    struct gsp__connection *connection = gsp_alloc(1, sizeof *connection);
    if (!connection) return NULL;
    connection->id = id;
    connection->dialed = dialed;
    connection->node = GSP__NOBODY;
    connection->opened_at = transport->host->now;
    connection->pings.rtt_ms = NAN;
    snprintf(connection->address, sizeof connection->address, "%s", address ? address : "");
    connection->following = transport->connections;
    transport->connections = connection;
    return connection;
}

void gsp__transport_connected(struct gsp__transport *transport, uint64_t id, long dialed, const char *address)
{
    struct gsp__connection *connection = connection_new(transport, id, dialed, address);
    if (!connection) {
        struct gsp_action *action = gsp__action_add(transport->host, GSP_ACTION_CLOSE);
        if (action) action->connection = id;
        if (dialed >= 0) gsp__dial_ended(transport, gsp__link_of(transport, (size_t)dialed));
        return;
    }
    if (transport->host->shutting_down)
        gsp__connection_fail(transport, connection, "we are shutting down");
    else if (transport->held)
        gsp__connection_fail(transport, connection, "%s", transport->held);
    else if (gsp__handshake_begin(transport, connection))
        gsp__connection_fail(transport, connection, "its public key in our peers.conf is not a usable key");
    if (dialed < 0 && connection->state != GSP__CLOSING) gsp__strangers_limit(transport, connection);
}

void gsp__transport_received(struct gsp__transport *transport, uint64_t id, const uint8_t *bytes, size_t length)
{
    struct gsp__connection *connection = gsp__connection_find(transport, id);
    struct gsp_error error = {0};
    if (!connection || connection->state == GSP__CLOSING) return;
    connection->heard_at = transport->host->now;
    connection->bytes_received += length;
    size_t used = connection->state == GSP__UP ? 0 : gsp__handshake_feed(transport, connection, bytes, length);
    if (connection->state == GSP__CLOSING || used == length) return;
    if (gsp__channel_feed(&connection->channel, bytes + used, length - used, &error))
        gsp__connection_fail(transport, connection, "%s", error.message);
    else
        transport->reading = id;
}

void gsp__transport_sent(struct gsp__transport *transport, uint64_t id, size_t length)
{
    struct gsp__connection *connection = gsp__connection_find(transport, id);
    if (!connection) return;
    assert(length <= connection->in_flight);
    connection->in_flight -= length;
}

void gsp__transport_disconnected(struct gsp__transport *transport, uint64_t id, const char *reason)
{
    struct gsp__connection *connection = gsp__connection_find(transport, id);
    if (!connection) return;
    gsp__connection_ended(transport, connection, reason);
    gsp__link_release(transport, connection);
    gsp__connection_free(transport, connection);
}

/* ---- what has arrived ---- */

/* Messages that are transport's own; false: it is for the rooms above. */
static bool take_own(struct gsp__transport *transport, struct gsp__connection *connection,
                     const struct gsp_message *message)
{
    switch (message->type) {
    case GSP_MSG_PING:
        connection->pings.pong_due = true;
        connection->pings.pong_nonce = message->u.ping.nonce;
        return true;
    case GSP_MSG_PONG:
        if (message->u.ping.nonce == connection->pinged_at)
            connection->pings.rtt_ms = (double)(transport->host->now - connection->pinged_at);
        return true;
    case GSP_MSG_CLOSE:
        gsp__connection_said_close(transport, connection, message->u.close.reason);
        return true;
    case GSP_MSG_WELCOME:
    case GSP_MSG_REFUSED:
    case GSP_MSG_HELLO:
        gsp__connection_fail(transport, connection, "a message of type %d that does not belong here",
                             (int)message->type);
        return true;
    default:
        return false;
    }
}

static bool take_change(struct gsp__transport *transport, struct gsp__arrival *out)
{
    if (!transport->change.pending) return false;
    out->type = transport->change.type;
    out->slot = transport->change.slot;
    transport->change.pending = false;
    return true;
}

/* The next message on the connection that is for the rooms above, or what the handshake's end has brought. */
static bool read_on(struct gsp__transport *transport, struct gsp__connection *connection, size_t limit,
                    struct gsp__arrival *out)
{
    struct gsp_error error = {0};
    const uint8_t *bytes;
    size_t length;
    while (connection->state != GSP__CLOSING) {
        bool up = connection->state == GSP__UP;
        int rc = gsp__channel_next(&connection->channel, up ? limit : GSP_MESSAGE_MAX, &bytes, &length, &error);
        if (!rc) return false;
        if (rc > 0) rc = gsp_message_unpack(&out->message, bytes, length, &error);
        if (rc < 0) {
            gsp__connection_fail(transport, connection, "%s", error.message);
            return false;
        }
        if (!up)
            gsp__handshake_message(transport, connection, &out->message);
        else if (!take_own(transport, connection, &out->message)) {
            out->type = GSP__MESSAGE;
            out->slot = gsp__slot_of(transport->host, connection->node);
            return true;
        }
        gsp_message_clear(&out->message);
        if (take_change(transport, out)) return true;
    }
    return false;
}

bool gsp__transport_next(struct gsp__transport *transport, size_t limit, struct gsp__arrival *out)
{
    if (take_change(transport, out)) return true;
    struct gsp__connection *connection =
        transport->reading ? gsp__connection_find(transport, transport->reading) : NULL;
    if (!connection) return false;
    if (read_on(transport, connection, limit, out)) return true;
    if (connection->state == GSP__CLOSING) gsp__channel_clear(&connection->channel); /* half a message may be long */
    transport->reading = 0;
    return false;
}

/* ---- what is to be sent ---- */

static const struct gsp__link *link_at(const struct gsp__transport *transport, size_t slot)
{
    assert(slot < transport->link_count);
    return &transport->links[slot];
}

void gsp__message_begin(struct gsp_message *out, enum gsp_message_type type)
{
    memset(out, 0, sizeof *out);
    out->type = type;
}

bool gsp__transport_own_message(struct gsp__transport *transport, size_t slot, struct gsp_message *out)
{
    struct gsp__connection *connection = link_at(transport, slot)->up;
    assert(connection);
    struct gsp__pings *pings = &connection->pings;
    if (pings->pong_due) {
        pings->pong_due = false;
        gsp__message_begin(out, GSP_MSG_PONG);
        out->u.ping.nonce = pings->pong_nonce;
    } else if (pings->ping_due) {
        pings->ping_due = false;
        gsp__message_begin(out, GSP_MSG_PING);
        out->u.ping.nonce = connection->pinged_at;
    } else {
        return false;
    }
    return true;
}

/* `message` is the caller's, so that the large struct is not cleared for each link. */
static void flush_link(struct gsp__transport *transport, size_t slot, const struct gsp__supply *supply,
                       struct gsp_message *message)
{
    struct gsp__connection *connection = transport->links[slot].up;
    while (connection->state == GSP__UP && connection->in_flight < GSP__SEND_WINDOW) {
        while (connection->state == GSP__UP && gsp__channel_unsealed(&connection->channel) < GSP__SEND_BATCH &&
               supply->next(supply->context, slot, message))
            gsp__connection_put(transport, connection, message);
        if (connection->state != GSP__UP || !gsp__channel_unsealed(&connection->channel)) return;
        gsp__connection_seal(transport, connection);
    }
}

void gsp__transport_flush(struct gsp__transport *transport, const struct gsp__supply *supply)
{
    struct gsp_message message;
    for (size_t slot = 0; slot < transport->link_count; slot++)
        if (transport->links[slot].up) flush_link(transport, slot, supply, &message);
}

/* ---- links ---- */

bool gsp__transport_up(const struct gsp__transport *transport, size_t slot)
{
    return link_at(transport, slot)->up;
}

bool gsp__transport_has_room(const struct gsp__transport *transport, size_t slot)
{
    const struct gsp__connection *connection = link_at(transport, slot)->up;
    return connection && connection->in_flight < GSP__SEND_WINDOW &&
           gsp__channel_unsealed(&connection->channel) < GSP__SEND_BATCH;
}

void gsp__transport_fail(struct gsp__transport *transport, size_t slot, const char *format, ...)
{
    char reason[GSP_REASON_MAX + 1];
    va_list arguments;
    if (!link_at(transport, slot)->up) return;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    gsp__connection_fail(transport, transport->links[slot].up, "%s", reason);
}

const char *gsp__transport_detail(const struct gsp__transport *transport, size_t slot)
{
    return link_at(transport, slot)->detail;
}

bool gsp__transport_differs(const struct gsp__transport *transport, size_t slot)
{
    return link_at(transport, slot)->differs;
}

void gsp__transport_describe(const struct gsp__transport *transport, size_t slot, struct gsp_link_status *out)
{
    const struct gsp__link *link = link_at(transport, slot);
    const char *state = link->up ? "up" : link->refused ? "refused" : link->dialing ? "connecting" : "down";
    *out = (struct gsp_link_status){.rtt_ms = link->up ? link->up->pings.rtt_ms : NAN};
    snprintf(out->name, sizeof out->name, "%s", gsp__name_at(transport->host, slot));
    snprintf(out->state, sizeof out->state, "%s", state);
    snprintf(out->detail, sizeof out->detail, "%s", link->detail);
    gsp__link_bytes(transport, link, &out->bytes_sent, &out->bytes_received);
}

void gsp__transport_bytes(const struct gsp__transport *transport, uint64_t *sent, uint64_t *received)
{
    *sent = *received = 0;
    for (size_t slot = 0; slot < transport->link_count; slot++) {
        uint64_t out, in;
        gsp__link_bytes(transport, &transport->links[slot], &out, &in);
        *sent += out;
        *received += in;
    }
}

/* ---- time, and the end ---- */

void gsp__transport_hold(struct gsp__transport *transport, const char *reason)
{
    transport->held = reason;
}

void gsp__transport_tick(struct gsp__transport *transport)
{
    for (struct gsp__connection *c = transport->connections; c; c = c->following) gsp__connection_tick(transport, c);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t gsp__transport_deadline(const struct gsp__transport *transport)
{
    uint64_t deadline = GSP__NEVER;
    for (const struct gsp__connection *c = transport->connections; c; c = c->following)
        deadline = earlier(deadline, gsp__connection_deadline(c));
    if (transport->host->shutting_down || transport->held) return deadline;
    for (size_t slot = 0; slot < transport->link_count; slot++)
        deadline = earlier(deadline, transport->links[slot].dial_at);
    return deadline;
}

void gsp__transport_shutdown(struct gsp__transport *transport, const char *reason)
{
    for (struct gsp__connection *c = transport->connections; c; c = c->following) {
        if (c->state == GSP__UP)
            gsp__connection_close(transport, c, reason);
        else
            gsp__connection_fail(transport, c, "%s", reason);
    }
}

bool gsp__transport_silent(const struct gsp__transport *transport)
{
    return !transport->connections;
}

/* ---- another network ---- */

void gsp__transport_cut_removed(struct gsp__transport *transport)
{
    for (struct gsp__connection *c = transport->connections; c; c = c->following) {
        size_t node = c->node == GSP__NOBODY && c->dialed >= 0 ? (size_t)c->dialed : c->node;
        if (node != GSP__NOBODY && gsp__removed(transport->host, node))
            gsp__connection_fail(transport, c, "it was taken out of peers.conf");
    }
}

void gsp__transport_leave(struct gsp__transport *transport)
{
    for (struct gsp__connection *c = transport->connections; c; c = c->following) {
        struct gsp__link *link = c->node == GSP__NOBODY ? NULL : gsp__link_of(transport, c->node);
        if (c->state == GSP__UP)
            gsp__connection_close(transport, c, "its peers.conf has changed");
        else
            gsp__connection_fail(transport, c, "our peers.conf has changed");
        if (link) {
            link->bytes_sent += c->bytes_sent;
            link->bytes_received += c->bytes_received;
        }
        c->node = GSP__NOBODY;
        c->dialed = -1;
    }
    for (size_t slot = 0; slot < transport->link_count; slot++) {
        transport->links[slot].up = NULL;
        transport->links[slot].dialing = false;
    }
}
