/* The inside of the exchange, for its own files alone.
 *
 *   exchange.c  the run, links coming and going        hello.c   opening the run on a link, from where to send
 *   line.c      what holds on a line now               gossip.c  messages in order
 *   vector.c    whole vectors on their way             serve.c   what needs the node's vectors
 *   gather.c    state that is only at the neighbours   edge.c    going on without a neighbour */
#ifndef GOSSIP_EXCHANGE_INSIDE_H
#define GOSSIP_EXCHANGE_INSIDE_H

#include "exchange/exchange.h"

enum gsp__carriage { GSP__EXCHANGE_PREPARING, GSP__EXCHANGE_LOST, GSP__EXCHANGE_OPEN, GSP__EXCHANGE_CLOSED };

enum gsp__vector_due { GSP__NO_VECTOR, GSP__OWN_Z, GSP__LOG_Z }; /* z as it is, or before the log's first step */

/* How far the run has got on the connection that is the link now. Everything here begins anew with every connection. */
struct gsp__flow {
    bool greeted;   /* our hello went out: what we send now is of this run */
    bool answered;  /* theirs, of this run, came in */
    uint64_t next;  /* next step to send; 0: none, as long as it is not known from where, or a vector has to go first */
    uint64_t have;  /* the step they have in hand, as told on this connection */
    uint64_t check; /* not 0: compare digests when this step of ours is computed */
    uint64_t check_digest;
    uint64_t differs;                /* not 0: they have other messages of ours; from this step on a resync mends it */
    enum gsp__vector_due resync_due; /* before anything else of the run */
    bool edge;                       /* the two hellos differ about the edge: it is being taken in (edge.c) */
    /* The hellos agree, but the log no longer holds what they lack: only taking the edge in anew helps. They don't know
     * that, so serve.c takes the edge down here and ends the connection; the next hellos then differ. */
    bool renew;
};

/* Words that are to be said on the link, each in its newest form. */
struct gsp__words {
    bool hello, durable, have, gone, lost, edge;
};

/* Their hello that came in last, kept until our own run is ready for it. */
struct gsp__their_hello {
    bool known;
    struct gsp_run_key run;
    uint64_t expect, have, digest, durable;
    bool gathering, edge_down;
    uint64_t edge_since;
};

/* A whole vector on its way out: made while the node's vectors are free, sent when there is room. */
struct gsp__parcel {
    bool due, greeting; /* greeting: a hello goes before it */
    enum gsp_message_type type;
    uint64_t step, digest;
    struct gsp_buffer z; /* empty: none */
};

/* What has been exchanged with a neighbour in this run, over all its connections, and what is to be. */
struct gsp__line {
    struct gsp__flow flow;
    struct gsp__words words;
    struct gsp__their_hello theirs;
    struct gsp__parcel parcel;
    bool copy_due;                  /* they have asked for what we have of them ... */
    struct gsp_run_key copy_run;    /* ... in this run */
    uint64_t have;                  /* the step it had in hand, as far as we know: its run's, over reconnects */
    uint64_t durable;               /* it never asks again for messages below */
    uint64_t edge_asked, edge_told; /* the step in hand here, and there, when the edge is taken in; 0: not said */
    uint64_t wants;                 /* not 0: it needs our z as it is at this step or later, and no message below */
};

/* What neighbours have of a node whose own state is lost. */
struct gsp__gather {
    double *z; /* the newest, before `step` (0: nothing yet); d values */
    uint64_t step, digest;
    bool *answered; /* by slot */
};

struct gsp__exchange {
    struct gsp__host *host;
    struct gsp__transport *transport;
    size_t count, next_count;
    struct gsp__line *lines, *next_lines; /* by slot */
    enum gsp__carriage state;
    struct gsp_run_key key; /* epoch 0: no run */
    struct gsp__carried run;
    struct gsp__gather gather; /* LOST */
    uint64_t waiting_since;
    bool held, majority;
    char note[160];
};

/* ---- line.c ---- */

/* OPEN, and the hellos of both ends have been said on the link: only then does anything of the run count there. */
bool gsp__exchange_opened(const struct gsp__exchange *exchange, size_t slot);
/* Checks a step that a neighbour has named, with a run known: it is at most one beyond the run's last step, since who
 * has done the last step has the next in hand. Else ends the link and returns false: a listed node may lie, and a node
 * that took such a step for real (jumped to it, or waited for it) could never finish the run. */
bool gsp__exchange_in_run(struct gsp__exchange *exchange, size_t slot, uint64_t step);
/* Whether the key is that of the run known here, in whatever state. */
bool gsp__exchange_is_ours(const struct gsp__exchange *exchange, const struct gsp_run_key *key);

/* Forgets own messages that no neighbour can ask for again. Nothing happens unless OPEN with the log free. */
void gsp__gossip_trim(struct gsp__exchange *exchange);

/* ---- hello.c: the run is open ---- */

/* Their hello is known and of this run: decides from where this node sends to them, by message, vector, edge or Gone.
 */
void gsp__hello_answer(struct gsp__exchange *exchange, size_t slot);
/* Keeps their hello, in any state; answers it if the run is open here. */
void gsp__hello_received(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message);
/* Fills in this node's hello, and marks it as said. */
void gsp__hello_write(struct gsp__exchange *exchange, size_t slot, struct gsp_message *out);
/* Decides from where to send to a neighbour that lacks step `expect` of this node, and holds `digest` of those before.
 */
void gsp__hello_resume(struct gsp__exchange *exchange, size_t slot, uint64_t expect, uint64_t digest);
/* What they have of this node below step `from` is not what it sent. */
void gsp__hello_differ(struct gsp__exchange *exchange, size_t slot, uint64_t from);

/* ---- gossip.c: what comes before the hellos is late, of the run before, and is dropped ---- */

/* A gossip message: gives it to the node, unless it was applied before a break. */
void gsp__gossip_received(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message);
/* Have and Durable, as told; a step that no run has ends the link. */
void gsp__gossip_have(struct gsp__exchange *exchange, size_t slot, uint64_t step);
void gsp__gossip_durable(struct gsp__exchange *exchange, size_t slot, uint64_t step);
/* The neighbour has at least this step in hand. */
void gsp__gossip_raise_have(struct gsp__exchange *exchange, size_t slot, uint64_t have);
/* The next message could go out now, and is of the step in hand: it says Have by itself. */
bool gsp__gossip_says_have(const struct gsp__exchange *exchange, size_t slot);

/* ---- vector.c ---- */

/* Puts a vector of d doubles (NULL: none) on its way; copies it. No parcel may be due on the line (asserted). */
void gsp__vector_put(struct gsp__exchange *exchange, size_t slot, enum gsp_message_type type, uint64_t step,
                     uint64_t digest, const double *z);
/* Copies the d finite doubles of a message, which the caller frees. Anything else ends the link: NULL. */
double *gsp__vector_take(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message);
/* A Resync: the neighbour's z takes the place of our copy from that step on. Ends the link where a checkpoint that is
 * being packed would change under it. */
void gsp__vector_resync(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message);

/* ---- gather.c ---- */

/* Frees what was gathered. */
void gsp__gather_clear(struct gsp__exchange *exchange);
/* A Copy: an answer to our Lost, and kept if it is the newest so far. Counts in LOST alone. */
void gsp__gather_copy(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message);
/* A Lost: the neighbour asks for our copy of its z. Noted, also where the run is not known here yet. */
void gsp__gather_asked(struct gsp__exchange *exchange, size_t slot, const struct gsp_run_key *key);
/* The vectors are free, no parcel is due: puts the answer on its way, if it can be told by now. */
void gsp__gather_answer(struct gsp__exchange *exchange, size_t slot);

/* ---- edge.c: the run is open and reweights, where not said otherwise ---- */

/* Whether a neighbour that is not connected has been waited for longer than loss_ms, while most nodes are heard of.
 * Also asked in LOST. */
bool gsp__edge_given_up(const struct gsp__exchange *exchange, size_t slot);
/* Whether, by the hellos of both ends, the edge is down at one of them, or counts since another step: then both take it
 * in anew. */
bool gsp__edge_differs(const struct gsp__exchange *exchange, size_t slot);
/* Begins taking the edge in; EdgeAt is said when the vectors are free. */
void gsp__edge_ask(struct gsp__exchange *exchange, size_t slot);
/* An EdgeAt: the step that the neighbour has in hand. Counts while the edge is being taken in. */
void gsp__edge_told(struct gsp__exchange *exchange, size_t slot, uint64_t step);
/* Whether a neighbour at this step is more than n steps behind this node. */
bool gsp__edge_far_behind(const struct gsp__exchange *exchange, uint64_t step);
/* The vectors are free: takes the edge down and ends the connection, so that the hellos of the next say so. */
void gsp__edge_renew(struct gsp__exchange *exchange, size_t slot);
/* The vectors are free: says EdgeAt, and when both ends have, fixes the step from which the edge counts. */
void gsp__edge_serve(struct gsp__exchange *exchange, size_t slot);

#endif
