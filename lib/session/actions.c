/* What the driver is to do next, in order. */
#include "session/peer.h"

#include <stdlib.h>
#include <string.h>

static int grow(struct gsp_peer *peer)
{
    size_t capacity = peer->action_capacity ? 2 * peer->action_capacity : 16;
    struct gsp_action *actions = gsp_alloc(capacity, sizeof *actions);
    if (!actions) return GSP_ERR_NOMEM;
    for (size_t i = 0; i < peer->action_count; i++)
        actions[i] = peer->actions[(peer->action_first + i) % peer->action_capacity];
    free(peer->actions);
    peer->actions = actions;
    peer->action_capacity = capacity;
    peer->action_first = 0;
    return 0;
}

struct gsp_action *gsp__action_add(struct gsp_peer *peer, enum gsp_action_type type)
{
    if (peer->action_count == peer->action_capacity && grow(peer)) {
        gsp_log(&peer->config.log, GSP_LOG_ERROR, "out of memory: something to be done was not done");
        return NULL;
    }
    size_t place = (peer->action_first + peer->action_count++) % peer->action_capacity;
    peer->actions[place] = (struct gsp_action){.type = type};
    return &peer->actions[place];
}

bool gsp_peer_next_action(struct gsp_peer *peer, struct gsp_action *action)
{
    if (!peer->action_count) return false;
    *action = peer->actions[peer->action_first];
    peer->action_first = (peer->action_first + 1) % peer->action_capacity;
    peer->action_count--;
    return true;
}

/* Dials that the driver has not taken out yet are forgotten, those that it has it is told to give up. */
void gsp__actions_undial(struct gsp_peer *peer)
{
    size_t count = peer->action_count, kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct gsp_action *action = &peer->actions[(peer->action_first + i) % peer->action_capacity];
        if (action->type == GSP_ACTION_DIAL) continue;
        peer->actions[(peer->action_first + kept++) % peer->action_capacity] = *action;
    }
    peer->action_count = kept;
    gsp__action_add(peer, GSP_ACTION_UNDIAL);
}

void gsp__actions_clear(struct gsp_peer *peer)
{
    struct gsp_action action;
    while (gsp_peer_next_action(peer, &action))
        if (action.type != GSP_ACTION_STORE) free(action.bytes); /* those are the peer's */
    free(peer->actions);
}
