/* When to dial whom: a back-off with jitter that a long-lived link forgives. */
#include "session/peer.h"

#include <string.h>

static bool can_be_dialed(const struct gsp_peer *peer, size_t node)
{
    return peer->config.network->nodes[node].host[0] != 0 && !gsp__reload_removes(peer, node);
}

static uint64_t jitter(struct gsp_peer *peer, uint64_t time)
{
    return time / 2 + gsp_stream_below(&peer->random, time / 2 + 1);
}

void gsp__dial_first(struct gsp_peer *peer, struct gsp__link *link)
{
    link->back_off = GSP__DIAL_FIRST;
    link->dial_at = GSP__NEVER;
    if (!can_be_dialed(peer, link->node)) return;
    const struct gsp_network_node *nodes = peer->config.network->nodes;
    size_t self = peer->config.self;
    bool yields =
        can_be_dialed(peer, self) && memcmp(nodes[self].public_key, nodes[link->node].public_key, GSP_KEY_BYTES) < 0;
    link->dial_at = peer->now + (yields ? GSP__DIAL_YIELD : 0);
}

void gsp__dial_again(struct gsp_peer *peer, struct gsp__link *link, uint64_t up_for)
{
    if (up_for >= GSP__DIAL_FORGIVE) link->back_off = GSP__DIAL_FIRST;
    if (link->up || link->dialing || peer->shutting_down || !can_be_dialed(peer, link->node)) return;
    uint64_t wait = jitter(peer, link->back_off);
    if (link->refused) wait = can_be_dialed(peer, peer->config.self) ? GSP__REFUSED_TIME : GSP__REFUSED_ALONE_TIME;
    link->back_off = link->back_off * 2 < GSP__DIAL_MAX ? link->back_off * 2 : GSP__DIAL_MAX;
    link->dial_at = peer->now + wait;
}

void gsp__dial_ended(struct gsp_peer *peer, struct gsp__link *link)
{
    link->dialing = false;
    gsp__dial_again(peer, link, 0);
}

void gsp__dial_tick(struct gsp_peer *peer)
{
    for (size_t i = 0; i < peer->link_count && !peer->shutting_down; i++) {
        struct gsp__link *link = &peer->links[i];
        if (link->up || link->dialing || link->dial_at > peer->now) continue;
        struct gsp_action *action = gsp__action_add(peer, GSP_ACTION_DIAL);
        if (!action) return;
        action->node = link->node;
        link->dialing = true;
        link->dial_at = GSP__NEVER;
    }
}

/* Whether a connection that was dialed for the link is in its handshake: it ends by itself. */
static bool shakes_hands(const struct gsp_peer *peer, const struct gsp__link *link)
{
    for (const struct gsp__connection *c = peer->connections; c; c = c->following)
        if (c->dialed >= 0 && (size_t)c->dialed == link->node && !c->was_up) return true;
    return false;
}

/* Endpoints have changed: dials under way may go to the wrong place, and what failed there may succeed now. */
void gsp__dial_afresh(struct gsp_peer *peer)
{
    gsp__actions_undial(peer);
    for (size_t i = 0; i < peer->link_count; i++) {
        struct gsp__link *link = &peer->links[i];
        if (link->up || shakes_hands(peer, link)) continue;
        link->dialing = link->refused = false;
        gsp__dial_first(peer, link);
    }
}

void gsp_peer_dial_failed(struct gsp_peer *peer, size_t node, const char *reason, uint64_t now)
{
    peer->now = now;
    struct gsp__link *link = gsp__link_of(peer, node);
    if (!link) return;
    link->refused = false;
    if (!link->up && strcmp(link->detail, reason) != 0) { /* said once, not at every attempt */
        gsp_log(&peer->config.log, GSP_LOG_INFO, "%s: cannot connect: %s", peer->config.network->nodes[node].name,
                reason);
        size_t length = strlen(reason) < GSP_REASON_MAX ? strlen(reason) : GSP_REASON_MAX;
        memcpy(link->detail, reason, length);
        link->detail[length] = 0;
    }
    gsp__dial_ended(peer, link);
}
