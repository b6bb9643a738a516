/* Connections of those who have not proved to be listed nodes: few, for a short time, and with little to say about. */
#include "transport/inside.h"

#include <string.h>

/* A random one of the strangers at this address (NULL: at any) goes. Not the newest: else who holds all places could
 * keep everybody out. */
static void drop_one(struct gsp__transport *transport, const char *address, size_t count, const char *reason)
{
    uint64_t unlucky = gsp_stream_below(&transport->host->random, count);
    for (struct gsp__connection *c = transport->connections; c; c = c->following) {
        if (!gsp__stranger(c) || (address && strcmp(c->address, address) != 0)) continue;
        if (unlucky-- > 0) continue;
        gsp__connection_fail(transport, c, "%s", reason);
        return;
    }
}

void gsp__strangers_limit(struct gsp__transport *transport, const struct gsp__connection *newest)
{
    size_t strangers = 0, neighbours = 0;
    for (const struct gsp__connection *c = transport->connections; c; c = c->following) {
        if (!gsp__stranger(c)) continue;
        strangers++;
        neighbours += strcmp(c->address, newest->address) == 0;
    }
    if (neighbours > GSP__STRANGERS_PER_ADDRESS_MAX)
        drop_one(transport, newest->address, neighbours, "too many unauthenticated connections from its address");
    else if (strangers > GSP__STRANGERS_MAX)
        drop_one(transport, NULL, strangers, "too many unauthenticated connections");
}
