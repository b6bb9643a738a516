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
/* Connections are forgotten, not closed: the driver closes what it has. Wipes the key. NULL is allowed. */
void gsp__transport_free(struct gsp__transport *transport);

/* Takes memory for the links of a network that is about to be entered (in place of what was prepared before). What was
 * counted of neighbours that stay is carried over. GSP_ERR_NOMEM: nothing has changed. */
int gsp__transport_prepare(struct gsp__transport *transport, const struct gsp__place *next);
/* The host's place is the one that was prepared for, and no link of the network before is up (both asserted).
 * Neighbours are dialed from now on. */
void gsp__transport_enter(struct gsp__transport *transport);

/* ---- what the driver tells: one of these an event, then gsp__transport_next until it returns false ---- */

/* A new TCP connection, dialed for a node or accepted (-1): its handshake begins. While the room is held, or the peer
 * shuts down, it is ended at once. */
void gsp__transport_connected(struct gsp__transport *transport, uint64_t id, long dialed, const char *address);
/* A DIAL came to nothing: the node is dialed again after its back-off. A node that is no neighbour any more: nothing.
 */
void gsp__transport_dial_failed(struct gsp__transport *transport, size_t node, const char *reason);
/* Bytes of a connection. Those of its handshake are answered at once; records are opened, and their messages wait for
 * gsp__transport_next. A connection that is unknown or ending: nothing. */
void gsp__transport_received(struct gsp__transport *transport, uint64_t id, const uint8_t *bytes, size_t length);
/* The driver's buffers took `length` bytes, which were handed out by SEND: there is room for as many. */
void gsp__transport_sent(struct gsp__transport *transport, uint64_t id, size_t length);
/* The connection is gone: forgets it. Was it a link, a LINK_DOWN arrives and the neighbour is dialed again. */
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
/* Asks `supply` for messages of each link that is up while it has room, and hands them out as SEND actions. */
void gsp__transport_flush(struct gsp__transport *transport, const struct gsp__supply *supply);
/* A ping or pong that is due on a link, which must be up; false: none is. For the supply, which chooses its place among
 * the messages. */
bool gsp__transport_own_message(struct gsp__transport *transport, size_t slot, struct gsp_message *out);
/* Makes *out an empty message of this type: every byte of it zero, the whole union too. (C initialises only the first
 * member of a union.) */
void gsp__message_begin(struct gsp_message *out, enum gsp_message_type type);

/* ---- links: `slot` is one of the host's place (asserted) ---- */

bool gsp__transport_up(const struct gsp__transport *transport, size_t slot);
/* Whether the link is up and would take a message now: less than GSP__SEND_WINDOW bytes are on their way to a neighbour
 * that may have stopped reading. */
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

/* While there is a reason (NULL: there is none), nobody is dialed and who connects is turned away, with the reason in
 * our log. `reason` is a constant. */
void gsp__transport_hold(struct gsp__transport *transport, const char *reason);
/* What is due by now: pings are marked for the source; a silent link and a handshake that takes too long end. */
void gsp__transport_tick(struct gsp__transport *transport);
/* Hands out a DIAL for each neighbour whose time has come; none while held or shutting down. */
void gsp__transport_dial(struct gsp__transport *transport);
/* When gsp__transport_tick or gsp__transport_dial has something to do; GSP__NEVER. */
uint64_t gsp__transport_deadline(const struct gsp__transport *transport);
/* Ends all connections: a link with a Close message and what was handed out before it, the others at once. The host
 * must be shutting down already, or they would be dialed again. */
void gsp__transport_shutdown(struct gsp__transport *transport, const char *reason);
bool gsp__transport_silent(const struct gsp__transport *transport); /* no connection is left */

/* ---- another network (rumours/reload.c) ---- */

/* Ends the connections of nodes that the next network (host->place.next) does not list. */
void gsp__transport_cut_removed(struct gsp__transport *transport);
/* Ends all connections, and separates them from their nodes, whose indices are about to change. No LINK_DOWN arrives
 * for them: the rooms above enter the new network and begin with no link up. */
void gsp__transport_leave(struct gsp__transport *transport);
/* Endpoints have changed. Dials under way are given up, since they may go to the wrong place; whoever has no link is
 * dialed soon, since what failed there may succeed now. */
void gsp__transport_dial_afresh(struct gsp__transport *transport);

#endif
