/* Transport: authenticated streams of messages between listed nodes. It dials, shakes hands, keeps strangers few,
 * pings, and sees to it that each neighbour has one link at most. It knows no run.
 *
 * A *connection* is one TCP stream, by the driver's number. A *link* is the one connection with a neighbour that is in
 * use; rooms above know links alone, by the neighbour's slot (host.h). A link is up from the arrival that says so until
 * the driver has told that its connection is gone, or a newer connection has taken its place.
 *
 * The way in: the driver's bytes -> gsp__transport_received -> channel -> record -> cipher; the caller then takes what
 * has arrived from gsp__transport_next until there is no more. The way out: gsp__transport_flush asks for messages
 * while a link has room -> channel -> record -> cipher -> a SEND action. */
#ifndef GOSSIP_TRANSPORT_TRANSPORT_H
#define GOSSIP_TRANSPORT_TRANSPORT_H

#include "host/host.h"

struct gsp__transport;

/* ---- life ---- */

/* Copies the secret key and the network's name; borrows the host. Knows no network yet. GSP_ERR_NOMEM. */
int gsp__transport_new(struct gsp__transport **out, struct gsp__host *host, const uint8_t secret_key[GSP_KEY_BYTES],
                       const char *network_name);
void gsp__transport_free(struct gsp__transport *transport);

/* Takes memory for the links of a network that is about to be entered (in place of what was prepared before). What was
 * counted of neighbours that stay is carried over. GSP_ERR_NOMEM: nothing has changed. */
int gsp__transport_prepare(struct gsp__transport *transport, const struct gsp__place *next);
/* The host's place is the one that was prepared for; no link may be up. Neighbours are dialed from now on. */
void gsp__transport_enter(struct gsp__transport *transport);

/* ---- what the driver tells ---- */

void gsp__transport_connected(struct gsp__transport *transport, uint64_t id, long dialed, const char *address);
void gsp__transport_dial_failed(struct gsp__transport *transport, size_t node, const char *reason);
void gsp__transport_received(struct gsp__transport *transport, uint64_t id, const uint8_t *bytes, size_t length);
void gsp__transport_sent(struct gsp__transport *transport, uint64_t id, size_t length);
void gsp__transport_disconnected(struct gsp__transport *transport, uint64_t id, const char *reason);

/* ---- what has arrived ---- */

enum gsp__arrival_type {
    GSP__LINK_UP,   /* in place of an older connection, maybe: what was said on that one counts no more */
    GSP__LINK_DOWN, /* its connection is gone */
    GSP__MESSAGE
};
struct gsp__arrival {
    enum gsp__arrival_type type;
    size_t slot;
    struct gsp_message message; /* MESSAGE: the caller clears it (gsp_message_clear) before the next call */
};
/* The next thing that has arrived through the event in hand; false: no more. A message longer than `limit` bytes ends
 * its connection before it is stored; nothing said before a link is up may be longer than GSP_MESSAGE_MAX. */
bool gsp__transport_next(struct gsp__transport *transport, size_t limit, struct gsp__arrival *out);

/* ---- what is to be sent ---- */

/* Where messages come from: fills *out with the next one for the link, or returns false and leaves it alone. What the
 * message points to lives until the next call. */
struct gsp__supply {
    void *context;
    bool (*next)(void *context, size_t slot, struct gsp_message *out);
};
/* Asks for messages of each link while it has room, and hands them out. */
void gsp__transport_flush(struct gsp__transport *transport, const struct gsp__supply *supply);
/* A ping or pong that is due on a link: its place among the messages is for the supply to choose. */
bool gsp__transport_own_message(struct gsp__transport *transport, size_t slot, struct gsp_message *out);
/* All else is zero. (An initialiser would clear no more of the union than its first member.) */
void gsp__message_begin(struct gsp_message *out, enum gsp_message_type type);

/* ---- links ---- */

bool gsp__transport_up(const struct gsp__transport *transport, size_t slot);
/* Whether a message would go out at once. Who does not read what it has gets no more. */
bool gsp__transport_has_room(const struct gsp__transport *transport, size_t slot);
/* The neighbour broke a rule, or its link is of no more use: ends the connection at once, saying why in log and status.
 * Nothing happens if the link is not up or is ending. */
void gsp__transport_fail(struct gsp__transport *transport, size_t slot, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Why the link is not up, or was not lately; empty if nothing is known. Lives until the next event. */
const char *gsp__transport_detail(const struct gsp__transport *transport, size_t slot);
/* The neighbour showed the hash of another network file when it was last heard. */
bool gsp__transport_differs(const struct gsp__transport *transport, size_t slot);
/* What status says of a link. */
void gsp__transport_describe(const struct gsp__transport *transport, size_t slot, struct gsp_link_status *out);
/* Bytes of all links, ever, all overhead included. */
void gsp__transport_bytes(const struct gsp__transport *transport, uint64_t *sent, uint64_t *received);

/* ---- time, and the end ---- */

/* While there is a reason (NULL: there is none), nobody is dialed and who dials is told it. `reason` is a constant. */
void gsp__transport_hold(struct gsp__transport *transport, const char *reason);
/* Pings, ends what is silent or does not get through its handshake. */
void gsp__transport_tick(struct gsp__transport *transport);
/* Dials whom it is time to dial. */
void gsp__transport_dial(struct gsp__transport *transport);
/* When gsp__transport_tick or gsp__transport_dial has something to do; GSP__NEVER. */
uint64_t gsp__transport_deadline(const struct gsp__transport *transport);
/* All connections: Close to each link, an end to the others. */
void gsp__transport_shutdown(struct gsp__transport *transport, const char *reason);
bool gsp__transport_silent(const struct gsp__transport *transport); /* no connection is left */

/* ---- another network (rumours/reload.c) ---- */

/* Nodes that the next network does not list are cut off. */
void gsp__transport_cut_removed(struct gsp__transport *transport);
/* All connections end, and are nobody's from now on. */
void gsp__transport_leave(struct gsp__transport *transport);
/* Endpoints have changed: dials under way may go to the wrong place, and what failed there may succeed now. */
void gsp__transport_dial_afresh(struct gsp__transport *transport);

#endif
