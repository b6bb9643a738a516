/* The inside of a peer: the rooms and what composes them, for the files of lib/session alone.
 *
 *   peer.c     one event in, then everything that may have become possible, actions out
 *   events.c   what each kind of event is to the rooms
 *   outbox.c   what goes out next on a link
 *   control.c  requests of the control socket and their replies */
#ifndef GOSSIP_SESSION_INSIDE_H
#define GOSSIP_SESSION_INSIDE_H

#include <gossip/session.h>

#include "exchange/exchange.h"
#include "host/host.h"
#include "host/job.h"
#include "rumours/rumours.h"
#include "run/run.h"
#include "transport/transport.h"

/* A dump that is answered when the vectors are free. */
struct gsp__dump {
    uint64_t client;
    char vector;
};

struct gsp_peer {
    struct gsp__host host;
    struct gsp__transport *transport;
    struct gsp__exchange *exchange;
    struct gsp__runs *runs;
    struct gsp__rumours *rumours;
    struct gsp__dump dumps[GSP__CLIENTS_WAITING_MAX];
    size_t dump_count;
};

/* ---- events.c ---- */

/* Gives the event to the room that it is for, with all that arrives through it. The host's clock is set. */
void gsp__event_handle(struct gsp_peer *peer, const struct gsp_event *event);

/* ---- outbox.c ---- */

/* Sends what is due, on all links that have room. */
void gsp__outbox_flush(struct gsp_peer *peer);

/* ---- control.c ---- */

/* A request's bytes: answers it, now or later. What does not parse is answered by why. */
void gsp__control_request(struct gsp_peer *peer, uint64_t client, const uint8_t *bytes, size_t length);
/* Answers the dumps that wait. Nothing happens unless the vectors are free. */
void gsp__control_dumps(struct gsp_peer *peer);
/* The client takes no reply any more: forgets what it waits for. */
void gsp__control_client_gone(struct gsp_peer *peer, uint64_t client);

#endif
