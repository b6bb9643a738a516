/* Who and what is there: questions that change nothing. */
#include "transport/inside.h"

struct gsp__connection *gsp__connection_find(struct gsp__transport *transport, uint64_t id)
{
    for (struct gsp__connection *c = transport->connections; c; c = c->following)
        if (c->id == id) return c;
    return NULL;
}

const char *gsp__connection_name(const struct gsp__transport *transport, const struct gsp__connection *connection)
{
    const struct gsp_network_node *nodes = transport->host->place.network->nodes;
    if (connection->node != GSP__NOBODY) return nodes[connection->node].name;
    if (connection->dialed >= 0) return nodes[connection->dialed].name;
    return connection->address;
}

struct gsp__link *gsp__link_of(struct gsp__transport *transport, size_t node)
{
    for (size_t slot = 0; slot < transport->link_count; slot++)
        if (transport->links[slot].node == node) return &transport->links[slot];
    return NULL;
}

struct gsp__link *gsp__link_concerned(struct gsp__transport *transport, const struct gsp__connection *connection)
{
    size_t node = connection->node;
    if (node == GSP__NOBODY && connection->dialed >= 0) node = (size_t)connection->dialed;
    return node == GSP__NOBODY ? NULL : gsp__link_of(transport, node);
}

void gsp__link_bytes(const struct gsp__transport *transport, const struct gsp__link *link, uint64_t *sent,
                     uint64_t *received)
{
    *sent = link->bytes_sent;
    *received = link->bytes_received;
    for (const struct gsp__connection *c = transport->connections; c; c = c->following) {
        if (c->node != link->node) continue;
        *sent += c->bytes_sent;
        *received += c->bytes_received;
    }
}

bool gsp__stranger(const struct gsp__connection *connection)
{
    return connection->dialed < 0 && connection->state != GSP__UP && connection->state != GSP__CLOSING;
}
