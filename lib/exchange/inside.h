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

/* The flow of the run on the link as it is now: it begins anew with every connection. */
struct gsp__flow {
    bool greeted;   /* our hello went out: what we send now is of this run */
    bool answered;  /* theirs, of this run, came in */
    uint64_t next;  /* next step to send; 0: none yet */
    uint64_t have;  /* the step they have in hand */
    uint64_t check; /* not 0: compare digests when this step of ours is computed */
    uint64_t check_digest;
    uint64_t differs;                /* not 0: they have other messages of ours; from this step on a resync mends it */
    enum gsp__vector_due resync_due; /* before anything else of the run */
    bool edge;                       /* the edge is being taken in (edge.c) */
    bool renew;                      /* it has to be, which they don't know yet */
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

/* What has been exchanged with a neighbour, and what is to be. */
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
    uint64_t wants;                 /* not 0: it goes on with a resync of ours at this step or later */
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

bool gsp__exchange_opened(const struct gsp__exchange *exchange, size_t slot); /* both hellos are through, run open */
/* The step is one that a run as long as this one has, or the one after its last. Else the link ends: a node that
 * followed such a neighbour would be out of the run for good. */
bool gsp__exchange_in_run(struct gsp__exchange *exchange, size_t slot, uint64_t step);
bool gsp__exchange_is_ours(const struct gsp__exchange *exchange, const struct gsp_run_key *key);

/* Forgets own messages that nobody asks for again. */
void gsp__gossip_trim(struct gsp__exchange *exchange);

/* ---- hello.c: the run is open ---- */

/* The run hello of both sides is known: from where is sent? */
void gsp__hello_answer(struct gsp__exchange *exchange, size_t slot);
void gsp__hello_received(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message);
void gsp__hello_write(struct gsp__exchange *exchange, size_t slot, struct gsp_message *out);
/* From where to send, to who expects step `expect` of this node and had `digest` before. */
void gsp__hello_resume(struct gsp__exchange *exchange, size_t slot, uint64_t expect, uint64_t digest);
/* What they have of this node below step `from` is not what it sent. */
void gsp__hello_differ(struct gsp__exchange *exchange, size_t slot, uint64_t from);

/* ---- gossip.c ---- */

void gsp__gossip_received(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message);
void gsp__gossip_have(struct gsp__exchange *exchange, size_t slot, uint64_t step);
void gsp__gossip_durable(struct gsp__exchange *exchange, size_t slot, uint64_t step);
void gsp__gossip_raise_have(struct gsp__exchange *exchange, size_t slot, uint64_t have);
/* The next message could go out now, and is of the step in hand: it says Have by itself. */
bool gsp__gossip_says_have(const struct gsp__exchange *exchange, size_t slot);

/* ---- vector.c ---- */

/* Puts a vector of d doubles (NULL: none) on its way. */
void gsp__vector_put(struct gsp__exchange *exchange, size_t slot, enum gsp_message_type type, uint64_t step,
                     uint64_t digest, const double *z);
/* d finite doubles of a message; free() them. NULL, and the link is failed, if they are something else. */
double *gsp__vector_take(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message);
void gsp__vector_resync(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message);

/* ---- gather.c ---- */

void gsp__gather_clear(struct gsp__exchange *exchange);
void gsp__gather_copy(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message);
/* A neighbour's state is lost: it asks for our copy of its z, which is then put on its way. */
void gsp__gather_asked(struct gsp__exchange *exchange, size_t slot, const struct gsp_run_key *key);
void gsp__gather_answer(struct gsp__exchange *exchange, size_t slot);

/* ---- edge.c: the run is open and reweights, where not said otherwise ---- */

/* Who has been waited for too long, and is not even connected. Also while state is gathered. */
bool gsp__edge_given_up(const struct gsp__exchange *exchange, size_t slot);
/* The hellos of both ends: true if the edge is not one and the same at both, and has to be taken in. */
bool gsp__edge_differs(const struct gsp__exchange *exchange, size_t slot);
/* Has the edge taken in: asked for when the vectors are free. */
void gsp__edge_ask(struct gsp__exchange *exchange, size_t slot);
void gsp__edge_told(struct gsp__exchange *exchange, size_t slot, uint64_t step);
bool gsp__edge_far_behind(const struct gsp__exchange *exchange, uint64_t step); /* who is at this step */
/* Vectors are free: the hellos of the next connection say that the edge is down. */
void gsp__edge_renew(struct gsp__exchange *exchange, size_t slot);
/* Vectors are free: what both ends have said can be carried out. */
void gsp__edge_serve(struct gsp__exchange *exchange, size_t slot);

#endif
