/* One connection's life: messages out, time, and the end. */
#include "transport/inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the end ---- */

static void note_detail(struct gsp__transport *transport, const struct gsp__connection *connection, const char *reason)
{
    struct gsp__link *link = gsp__link_concerned(transport, connection);
    if (link && (!link->up || link->up == connection)) snprintf(link->detail, sizeof link->detail, "%s", reason);
}

static void close_at_once(struct gsp__transport *transport, struct gsp__connection *connection)
{
    struct gsp_action *action = gsp__action_add(transport->host, GSP_ACTION_CLOSE);
    if (action) action->connection = connection->id;
    connection->state = GSP__CLOSING;
    connection->closing_at = transport->host->now;
    connection->cut = true;
}

/* Of the node's connections that are ending in order the oldest is cut, if there are too many. */
static void limit_closing(struct gsp__transport *transport, size_t node)
{
    struct gsp__connection *oldest = NULL;
    size_t count = 0;
    for (struct gsp__connection *c = transport->connections; c; c = c->following) { /* the newest first */
        if (c->node != node || c->state != GSP__CLOSING || c->cut) continue;
        oldest = c;
        count++;
    }
    if (count > GSP__CLOSING_PER_NODE_MAX) close_at_once(transport, oldest);
}

static void close_in_order(struct gsp__transport *transport, struct gsp__connection *connection)
{
    struct gsp_action *action = gsp__action_add(transport->host, GSP_ACTION_CLOSE);
    if (action) {
        action->connection = connection->id;
        action->graceful = true;
    }
    connection->state = GSP__CLOSING;
    connection->closing_at = transport->host->now;
    if (connection->node != GSP__NOBODY) limit_closing(transport, connection->node);
}

/* A few lines now and then, and how many were left out. */
static void log_stranger(struct gsp__transport *transport, const struct gsp__connection *connection, const char *reason)
{
    const struct gsp_log *log = &transport->host->log;
    struct gsp__stranger_lines *lines = &transport->stranger_lines;
    if (transport->host->now >= lines->since + GSP__STRANGERS_LOG_TIME) {
        if (lines->left_out) gsp_log(log, GSP_LOG_WARNING, "%zu more connections of strangers failed", lines->left_out);
        lines->written = lines->left_out = 0;
        lines->since = transport->host->now;
    }
    if (lines->written < GSP__STRANGERS_LINES_MAX) {
        lines->written++;
        gsp_log(log, GSP_LOG_WARNING, "%s: %s", connection->address, reason);
    } else {
        lines->left_out++;
        gsp_log(log, GSP_LOG_DEBUG, "%s: %s", connection->address, reason);
    }
}

void gsp__connection_complain(struct gsp__transport *transport, const struct gsp__connection *connection,
                              const char *reason)
{
    const struct gsp__link *link = gsp__link_concerned(transport, connection);
    if (!link && connection->node == GSP__NOBODY) {
        log_stranger(transport, connection, reason);
        return;
    }
    bool news = !link || strcmp(link->detail, reason) != 0;
    gsp_log(&transport->host->log, news ? GSP_LOG_WARNING : GSP_LOG_DEBUG, "%s: %s",
            gsp__connection_name(transport, connection), reason);
    note_detail(transport, connection, reason);
}

void gsp__connection_fail(struct gsp__transport *transport, struct gsp__connection *connection, const char *format, ...)
{
    if (connection->state == GSP__CLOSING) return;
    char reason[GSP_REASON_MAX + 1];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    gsp__connection_complain(transport, connection, reason);
    close_at_once(transport, connection);
}

void gsp__connection_close(struct gsp__transport *transport, struct gsp__connection *connection, const char *reason)
{
    if (connection->state == GSP__CLOSING) return;
    if (connection->state == GSP__UP) {
        struct gsp_message message = {.type = GSP_MSG_CLOSE};
        snprintf(message.u.close.reason, sizeof message.u.close.reason, "%s", reason);
        gsp__connection_put(transport, connection, &message);
        /* Nothing may follow it, so this is not a flush. */
        if (connection->state == GSP__UP && connection->in_flight < GSP__SEND_WINDOW)
            gsp__connection_seal(transport, connection);
    }
    note_detail(transport, connection, reason);
    if (connection->state != GSP__CLOSING) close_in_order(transport, connection);
}

void gsp__connection_said_close(struct gsp__transport *transport, struct gsp__connection *connection,
                                const char *reason)
{
    connection->said_close = true;
    gsp_log(&transport->host->log, GSP_LOG_INFO, "%s: closed the connection: %s",
            gsp__connection_name(transport, connection), reason);
    note_detail(transport, connection, reason);
    close_in_order(transport, connection);
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

/* Who connects and says nothing (a health check of some proxy) is no news. */
void gsp__connection_ended(struct gsp__transport *transport, struct gsp__connection *connection, const char *reason)
{
    if (connection->state == GSP__CLOSING || connection->said_close) return;
    if (gsp__stranger(connection) && connection->bytes_received == 0) return;
    gsp__connection_complain(transport, connection, reason ? reason : explain_end(connection));
}

void gsp__connection_free(struct gsp__transport *transport, struct gsp__connection *connection)
{
    struct gsp__connection **place = &transport->connections;
    while (*place && *place != connection) place = &(*place)->following;
    if (*place) *place = connection->following;
    gsp__noise_wipe(&connection->noise);
    gsp__channel_clear(&connection->channel);
    gsp_buffer_clear(&connection->greeting);
    free(connection);
}

/* ---- messages out ---- */

void gsp__connection_send_owned(struct gsp__transport *transport, struct gsp__connection *connection, uint8_t *bytes,
                                size_t length)
{
    struct gsp_action *action = bytes ? gsp__action_add(transport->host, GSP_ACTION_SEND) : NULL;
    if (!action) {
        free(bytes);
        gsp__connection_fail(transport, connection, "no memory to send");
        return;
    }
    action->connection = connection->id;
    action->bytes = bytes;
    action->length = length;
    connection->in_flight += length;
    connection->bytes_sent += length;
}

void gsp__connection_send_copy(struct gsp__transport *transport, struct gsp__connection *connection,
                               const uint8_t *bytes, size_t length)
{
    uint8_t *copy = malloc(length);
    if (copy) memcpy(copy, bytes, length);
    gsp__connection_send_owned(transport, connection, copy, length);
}

void gsp__connection_put(struct gsp__transport *transport, struct gsp__connection *connection,
                         const struct gsp_message *message)
{
    int rc = gsp__channel_put(&connection->channel, message);
    if (rc) gsp__connection_fail(transport, connection, "cannot send: %s", gsp_strerror(rc));
}

static void seal_within(struct gsp__transport *transport, struct gsp__connection *connection, size_t room)
{
    uint8_t *bytes = NULL;
    size_t length = 0;
    int rc = gsp__channel_seal(&connection->channel, room, &bytes, &length);
    gsp__connection_send_owned(transport, connection, rc ? NULL : bytes, length);
}

void gsp__connection_seal(struct gsp__transport *transport, struct gsp__connection *connection)
{
    assert(connection->state == GSP__UP && connection->in_flight < GSP__SEND_WINDOW);
    seal_within(transport, connection, GSP__SEND_WINDOW - connection->in_flight);
}

void gsp__connection_send_now(struct gsp__transport *transport, struct gsp__connection *connection,
                              const struct gsp_message *message)
{
    gsp__connection_put(transport, connection, message);
    if (connection->state != GSP__CLOSING) seal_within(transport, connection, SIZE_MAX);
}

/* ---- time ---- */

void gsp__connection_tick(struct gsp__transport *transport, struct gsp__connection *connection)
{
    uint64_t now = transport->host->now;
    switch (connection->state) {
    case GSP__CLOSING:
        if (now >= connection->closing_at + GSP__CLOSE_TIME) close_at_once(transport, connection);
        return;
    case GSP__UP:
        if (now >= connection->heard_at + GSP__SILENCE_TIME) {
            gsp__connection_fail(transport, connection, "nothing heard for %d s: the link is taken for dead",
                                 GSP__SILENCE_TIME / 1000);
        } else if (now >= connection->pinged_at + GSP__PING_TIME) {
            connection->pings.ping_due = true;
            connection->pinged_at = now;
        }
        return;
    default:
        if (now >= connection->opened_at + GSP__HANDSHAKE_TIME)
            gsp__connection_fail(transport, connection, "no handshake within %d s", GSP__HANDSHAKE_TIME / 1000);
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
