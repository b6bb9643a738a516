/* What goes out next on a link: the rooms' messages, the most urgent first. */
#include "session/inside.h"

/* Gossip and summaries take turns: in a large network on a slow link there is always a summary to tell, and neither may
 * keep the other waiting. */
static bool next_gossip_or_summary(struct gsp_peer *peer, size_t slot, struct gsp_message *out)
{
    if (gsp__rumours_turn(peer->rumours, slot) && gsp__rumours_next_summary(peer->rumours, slot, out)) {
        gsp__rumours_set_turn(peer->rumours, slot, false);
        return true;
    }
    bool gossip = gsp__exchange_next_gossip(peer->exchange, slot, out);
    gsp__rumours_set_turn(peer->rumours, slot, gossip);
    return gossip || gsp__rumours_next_summary(peer->rumours, slot, out);
}

/* A vector was asked for and made in advance. A stop must reach everybody before the gossip that follows it, so the run
 * state goes before all of the run; words about the run before pings; gossip, of which there is most, last. */
static bool next_message(void *context, size_t slot, struct gsp_message *out)
{
    struct gsp_peer *peer = context;
    return gsp__exchange_next_vector(peer->exchange, slot, out) || gsp__rumours_next_state(peer->rumours, slot, out) ||
           gsp__exchange_next_word(peer->exchange, slot, out) ||
           gsp__transport_own_message(peer->transport, slot, out) || next_gossip_or_summary(peer, slot, out);
}

void gsp__outbox_flush(struct gsp_peer *peer)
{
    const struct gsp__supply supply = {.context = peer, .next = next_message};
    /* Word of the run is on its way to the disk: until it is there, nobody may build on this node's steps. */
    gsp__exchange_hold(peer->exchange, gsp__rumours_pending(peer->rumours));
    gsp__transport_flush(peer->transport, &supply);
}
