/* Connections of those who have not proved to be listed nodes: few, for a short time, and with little to say about. */
#include "session/peer.h"

#include <string.h>

bool gsp__stranger(const struct gsp__connection *connection)
{
    return connection->dialed < 0 && connection->state != GSP__UP && connection->state != GSP__CLOSING;
}

/* A random one of the strangers at this address (NULL: at any) goes. Not the newest: else who holds all places could
 * keep everybody out. */
static void drop_one(struct gsp_peer *peer, const char *address, size_t count, const char *reason)
{
    uint64_t unlucky = gsp_stream_below(&peer->random, count);
    for (struct gsp__connection *c = peer->connections; c; c = c->following) {
        if (!gsp__stranger(c) || (address && strcmp(c->address, address) != 0)) continue;
        if (unlucky-- > 0) continue;
        gsp__connection_fail(peer, c, "%s", reason);
        return;
    }
}

void gsp__strangers_limit(struct gsp_peer *peer, const struct gsp__connection *newest)
{
    size_t strangers = 0, neighbours = 0;
    for (const struct gsp__connection *c = peer->connections; c; c = c->following) {
        if (!gsp__stranger(c)) continue;
        strangers++;
        neighbours += strcmp(c->address, newest->address) == 0;
    }
    if (neighbours > GSP__STRANGERS_PER_ADDRESS_MAX)
        drop_one(peer, newest->address, neighbours, "too many unauthenticated connections from its address");
    else if (strangers > GSP__STRANGERS_MAX)
        drop_one(peer, NULL, strangers, "too many unauthenticated connections");
}

/* A few lines now and then, and how many were left out. */
void gsp__stranger_log(struct gsp_peer *peer, const struct gsp__connection *connection, const char *reason)
{
    const struct gsp_log *log = &peer->config.log;
    if (peer->now >= peer->stranger_log_since + GSP__STRANGERS_LOG_TIME) {
        if (peer->stranger_lines_left_out)
            gsp_log(log, GSP_LOG_WARNING, "%zu more connections of strangers failed", peer->stranger_lines_left_out);
        peer->stranger_lines = peer->stranger_lines_left_out = 0;
        peer->stranger_log_since = peer->now;
    }
    if (peer->stranger_lines < GSP__STRANGERS_LINES_MAX) {
        peer->stranger_lines++;
        gsp_log(log, GSP_LOG_WARNING, "%s: %s", connection->address, reason);
    } else {
        peer->stranger_lines_left_out++;
        gsp_log(log, GSP_LOG_DEBUG, "%s: %s", connection->address, reason);
    }
}
