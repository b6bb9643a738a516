/* Which of the connections with a neighbour is its link. */
#include "transport/inside.h"

#include <assert.h>
#include <string.h>

/* Of two connections with one neighbour, whether the newer stays (protocol.md, "Duplicate connections"). */
static bool newer_stays(const struct gsp__transport *transport, const struct gsp__connection *older,
                        const struct gsp__connection *newer)
{
    if (older->incarnation != newer->incarnation) return true;
    bool older_mine = older->dialed >= 0, newer_mine = newer->dialed >= 0;
    if (older_mine == newer_mine) return true;
    const struct gsp__place *place = &transport->host->place;
    const struct gsp_network_node *nodes = place->network->nodes;
    bool mine_greater = memcmp(nodes[place->self].public_key, nodes[newer->node].public_key, GSP_KEY_BYTES) > 0;
    return newer_mine == mine_greater;
}

static void change(struct gsp__transport *transport, enum gsp__arrival_type type, const struct gsp__link *link)
{
    assert(!transport->change.pending); /* the one before was taken out by gsp__transport_next */
    transport->change = (struct gsp__change){.pending = true, .type = type, .slot = (size_t)(link - transport->links)};
}

void gsp__link_take(struct gsp__transport *transport, struct gsp__connection *connection)
{
    struct gsp__link *link = gsp__link_of(transport, connection->node);
    assert(link && connection->state != GSP__UP && connection->state != GSP__CLOSING);
    struct gsp__connection *older = link->up;
    uint64_t now = transport->host->now;
    connection->state = GSP__UP; /* from here on Close is said */
    if (older && older->state == GSP__UP && !newer_stays(transport, older, connection)) {
        gsp__connection_close(transport, connection, "another connection with the same node stays");
        return;
    }
    link->up = connection;
    connection->was_up = true;
    if (connection->dialed >= 0) link->dialing = false;
    link->refused = link->differs = false;
    link->dial_at = GSP__NEVER;
    connection->up_at = connection->heard_at = connection->pinged_at = now;
    connection->pings.ping_due = true; /* tells the round-trip time from the start */
    link->detail[0] = 0;
    if (older) {
        gsp__connection_close(transport, older, "replaced by a newer connection");
        gsp__channel_clear(&older->channel); /* whatever half a message it holds: no link takes memory twice */
    }
    gsp_log(&transport->host->log, GSP_LOG_INFO, "%s: connected", gsp__connection_name(transport, connection));
    change(transport, GSP__LINK_UP, link);
}

void gsp__link_release(struct gsp__transport *transport, struct gsp__connection *connection)
{
    struct gsp__link *link = connection->node == GSP__NOBODY ? NULL : gsp__link_of(transport, connection->node);
    struct gsp__link *dialed = connection->dialed < 0 ? NULL : gsp__link_of(transport, (size_t)connection->dialed);
    if (link) {
        link->bytes_sent += connection->bytes_sent;
        link->bytes_received += connection->bytes_received;
    }
    if (link && link->up == connection) {
        link->up = NULL;
        change(transport, GSP__LINK_DOWN, link);
        gsp__dial_again(transport, link, transport->host->now - connection->up_at);
    } else if (dialed && !connection->was_up) {
        gsp__dial_ended(transport, dialed);
    }
}
