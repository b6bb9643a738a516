/* The inside of the transport, for its own files alone.
 *
 *   transport.c   what the room offers to those above   find.c        who and what is there
 *   connection.c  a connection's life and its messages
 *   handshake.c   proving who one is, refusing          link.c        which connection is a neighbour's link
 *   strangers.c   who has proved nothing yet            dial.c        when to dial whom
 *   channel.c     messages in an encrypted stream       record.c, cipher.c, noise.c: the cryptography */
#ifndef GOSSIP_TRANSPORT_INSIDE_H
#define GOSSIP_TRANSPORT_INSIDE_H

#include "transport/channel.h"
#include "transport/noise.h"
#include "transport/transport.h"

enum gsp__connection_state {
    GSP__AWAITING_MESSAGE_2, /* dialer; messages 1 to 3 are those of Noise (noise.h) */
    GSP__AWAITING_WELCOME,
    GSP__AWAITING_MESSAGE_1, /* responder */
    GSP__AWAITING_MESSAGE_3,
    GSP__AWAITING_HELLO,
    GSP__UP,
    GSP__CLOSING /* a CLOSE was handed out; nothing is read or sent any more */
};

/* What is due on a link of transport's own. */
struct gsp__pings {
    bool ping_due, pong_due;
    uint64_t pong_nonce;
    double rtt_ms; /* NaN: not measured yet */
};

struct gsp__connection {
    uint64_t id;
    struct gsp__connection *following;
    enum gsp__connection_state state;
    long dialed; /* the node it was dialed for, or -1 */
    size_t node; /* who it is, once proved; else GSP__NOBODY */
    char address[64];
    uint64_t opened_at, up_at, heard_at, pinged_at, closing_at;
    uint64_t incarnation; /* theirs */
    struct gsp__noise noise;
    struct gsp_buffer greeting; /* handshake bytes not yet complete */
    struct gsp__channel channel;
    bool was_up;     /* it is, or was, the link */
    bool said_close; /* Close came in */
    bool cut;        /* a CLOSE at once was handed out */
    uint64_t bytes_sent, bytes_received;
    size_t in_flight; /* handed out, not yet taken by the driver */
    struct gsp__pings pings;
};

struct gsp__link {
    size_t node;
    struct gsp__connection *up;
    bool dialing;
    uint64_t dial_at; /* GSP__NEVER: not scheduled */
    uint64_t back_off;
    bool refused;
    bool differs;                        /* the hash that it showed last is not ours: it is in another network now */
    char detail[GSP_REASON_MAX + 1];     /* why it is not up */
    uint64_t bytes_sent, bytes_received; /* of connections that are gone */
};

/* Lines about strangers. */
struct gsp__stranger_lines {
    uint64_t since;
    size_t written, left_out; /* since then */
};

/* What came up, or went down, in the event in hand: one thing at most. */
struct gsp__change {
    bool pending;
    enum gsp__arrival_type type;
    size_t slot;
};

struct gsp__transport {
    struct gsp__host *host;
    uint8_t secret_key[GSP_KEY_BYTES];
    uint64_t incarnation; /* random, of this process */
    struct gsp_buffer prologue;
    struct gsp__connection *connections; /* the newest first */
    size_t link_count;
    struct gsp__link *links, *next_links; /* by slot; the latter of a network that is about to be entered */
    size_t next_count;
    uint64_t reading; /* the connection whose messages are being taken out; 0: none */
    struct gsp__change change;
    struct gsp__stranger_lines stranger_lines;
    const char *held; /* gsp__transport_hold */
};

/* ---- find.c: nothing is changed ---- */

/* NULL: there is none of that number. */
struct gsp__connection *gsp__connection_find(struct gsp__transport *transport, uint64_t id);
/* For messages: the node's name, else the address. */
const char *gsp__connection_name(const struct gsp__transport *transport, const struct gsp__connection *connection);
/* NULL: the node is no neighbour. */
struct gsp__link *gsp__link_of(struct gsp__transport *transport, size_t node);
/* The link that the connection is, or was dialed for; NULL. */
struct gsp__link *gsp__link_concerned(struct gsp__transport *transport, const struct gsp__connection *connection);
/* Bytes of one link, ever: of connections that are gone and those that are there. */
void gsp__link_bytes(const struct gsp__transport *transport, const struct gsp__link *link, uint64_t *sent,
                     uint64_t *received);
/* Who has not proved to be a listed node. */
bool gsp__stranger(const struct gsp__connection *connection);

/* ---- connection.c ---- */

/* Something is wrong: complains, and hands out a CLOSE at once. Nothing happens if it is closing already. */
void gsp__connection_fail(struct gsp__transport *transport, struct gsp__connection *connection, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The words of gsp__connection_fail alone: to log and status, once, not at every attempt. */
void gsp__connection_complain(struct gsp__transport *transport, const struct gsp__connection *connection,
                              const char *reason);
/* In order: says Close to who is up, and lets everything handed out be written. */
void gsp__connection_close(struct gsp__transport *transport, struct gsp__connection *connection, const char *reason);
/* Close came in on the link: notes the reason and closes in order; what was handed out is still written. */
void gsp__connection_said_close(struct gsp__transport *transport, struct gsp__connection *connection,
                                const char *reason);
/* The driver says that it is gone, with a reason or NULL: complains, unless it was ending anyway. */
void gsp__connection_ended(struct gsp__transport *transport, struct gsp__connection *connection, const char *reason);
/* Takes it out of the list and frees it. */
void gsp__connection_free(struct gsp__transport *transport, struct gsp__connection *connection);
/* Hands bytes out to the driver: takes them, or a copy. NULL: there was no memory for them; the connection fails. */
void gsp__connection_send_owned(struct gsp__transport *transport, struct gsp__connection *connection, uint8_t *bytes,
                                size_t length);
void gsp__connection_send_copy(struct gsp__transport *transport, struct gsp__connection *connection,
                               const uint8_t *bytes, size_t length);
/* Seals and hands out a message of the handshake's end (Welcome, Refused, Hello), whatever the window. */
void gsp__connection_send_now(struct gsp__transport *transport, struct gsp__connection *connection,
                              const struct gsp_message *message);
/* Seals and hands out as much of what was put as the window has room for; there is some, and in_flight is less than
 * GSP__SEND_WINDOW. */
void gsp__connection_seal(struct gsp__transport *transport, struct gsp__connection *connection);
/* Adds a message to what waits for being sealed; without memory the connection fails. */
void gsp__connection_put(struct gsp__transport *transport, struct gsp__connection *connection,
                         const struct gsp_message *message);
/* What is due by now, in its state: a ping, an end for silence or a slow handshake, a cut where closing took too long.
 */
void gsp__connection_tick(struct gsp__transport *transport, struct gsp__connection *connection);
/* When gsp__connection_tick has something to do. */
uint64_t gsp__connection_deadline(const struct gsp__connection *connection);

/* ---- handshake.c ---- */

/* Begins as dialer or responder. GSP_ERR_AUTH: the key listed for the other side is none. */
int gsp__handshake_begin(struct gsp__transport *transport, struct gsp__connection *connection);
/* Takes what belongs to the handshake's three messages off the front of the bytes; returns how many those were. */
size_t gsp__handshake_feed(struct gsp__transport *transport, struct gsp__connection *connection, const uint8_t *bytes,
                           size_t length);
/* The first message in the encrypted stream: Welcome, Refused or Hello. */
void gsp__handshake_message(struct gsp__transport *transport, struct gsp__connection *connection,
                            const struct gsp_message *message);

/* ---- link.c ---- */

/* Both sides have proved who they are, and the node is a neighbour: the connection becomes the link (LINK_UP), in place
 * of an older one maybe; or it is closed, since the older one stays. */
void gsp__link_take(struct gsp__transport *transport, struct gsp__connection *connection);
/* The connection is about to be freed: its bytes are counted, and where it was the link, that is down (LINK_DOWN) and
 * the neighbour is dialed again. */
void gsp__link_release(struct gsp__transport *transport, struct gsp__connection *connection);

/* ---- strangers.c ---- */

/* One more has connected. Where that makes too many strangers, a random one of them is ended. */
void gsp__strangers_limit(struct gsp__transport *transport, const struct gsp__connection *newest);

/* ---- dial.c ---- */

/* The link is new, or its endpoint: dials soon, with a fresh back-off. */
void gsp__dial_first(struct gsp__transport *transport, struct gsp__link *link);
/* The link has gone down after `up_for` ms (0: it never was up): dials again, later. */
void gsp__dial_again(struct gsp__transport *transport, struct gsp__link *link, uint64_t up_for);
/* A dial came to nothing. */
void gsp__dial_ended(struct gsp__transport *transport, struct gsp__link *link);

#endif
