/* When to dial whom: a back-off with jitter that a long-lived link forgives. */
#include "transport/inside.h"

#include <string.h>

static bool can_be_dialed(const struct gsp__transport *transport, size_t node)
{
    return transport->host->place.network->nodes[node].host[0] != 0 && !gsp__removed(transport->host, node);
}

static uint64_t jitter(struct gsp__transport *transport, uint64_t time)
{
    return time / 2 + gsp_stream_below(&transport->host->random, time / 2 + 1);
}

void gsp__dial_first(struct gsp__transport *transport, struct gsp__link *link)
{
    link->back_off = GSP__DIAL_FIRST;
    link->dial_at = GSP__NEVER;
    if (!can_be_dialed(transport, link->node)) return;
    const struct gsp_network_node *nodes = transport->host->place.network->nodes;
    size_t self = transport->host->place.self;
    bool yields = can_be_dialed(transport, self) &&
                  memcmp(nodes[self].public_key, nodes[link->node].public_key, GSP_KEY_BYTES) < 0;
    link->dial_at = transport->host->now + (yields ? GSP__DIAL_YIELD : 0);
}

void gsp__dial_again(struct gsp__transport *transport, struct gsp__link *link, uint64_t up_for)
{
    if (up_for >= GSP__DIAL_FORGIVE) link->back_off = GSP__DIAL_FIRST;
    if (link->up || link->dialing || transport->host->shutting_down || !can_be_dialed(transport, link->node)) return;
    uint64_t wait = jitter(transport, link->back_off);
    if (link->refused)
        wait = can_be_dialed(transport, transport->host->place.self) ? GSP__REFUSED_TIME : GSP__REFUSED_ALONE_TIME;
    link->back_off = link->back_off * 2 < GSP__DIAL_MAX ? link->back_off * 2 : GSP__DIAL_MAX;
    link->dial_at = transport->host->now + wait;
}

void gsp__dial_ended(struct gsp__transport *transport, struct gsp__link *link)
{
    link->dialing = false;
    gsp__dial_again(transport, link, 0);
}

void gsp__transport_dial(struct gsp__transport *transport)
{
    if (transport->held) return;
    for (size_t i = 0; i < transport->link_count && !transport->host->shutting_down; i++) {
        struct gsp__link *link = &transport->links[i];
        if (link->up || link->dialing || link->dial_at > transport->host->now) continue;
        struct gsp_action *action = gsp__action_add(transport->host, GSP_ACTION_DIAL);
        if (!action) return;
        action->node = link->node;
        link->dialing = true;
        link->dial_at = GSP__NEVER;
    }
}

/* Whether a connection that was dialed for the link is in its handshake: it ends by itself. */
static bool shakes_hands(const struct gsp__transport *transport, const struct gsp__link *link)
{
    for (const struct gsp__connection *c = transport->connections; c; c = c->following)
        if (c->dialed >= 0 && (size_t)c->dialed == link->node && !c->was_up) return true;
    return false;
}

/* Endpoints have changed: dials under way may go to the wrong place, and what failed there may succeed now. */
void gsp__transport_dial_afresh(struct gsp__transport *transport)
{
    gsp__actions_undial(transport->host);
    for (size_t i = 0; i < transport->link_count; i++) {
        struct gsp__link *link = &transport->links[i];
        if (link->up || shakes_hands(transport, link)) continue;
        link->dialing = link->refused = false;
        gsp__dial_first(transport, link);
    }
}

void gsp__transport_dial_failed(struct gsp__transport *transport, size_t node, const char *reason)
{
    struct gsp__link *link = gsp__link_of(transport, node);
    if (!link) return;
    link->refused = false;
    if (!link->up && strcmp(link->detail, reason) != 0) { /* said once, not at every attempt */
        gsp_log(&transport->host->log, GSP_LOG_INFO, "%s: cannot connect: %s",
                transport->host->place.network->nodes[node].name, reason);
        size_t length = strlen(reason) < GSP_REASON_MAX ? strlen(reason) : GSP_REASON_MAX;
        memcpy(link->detail, reason, length);
        link->detail[length] = 0;
    }
    gsp__dial_ended(transport, link);
}
