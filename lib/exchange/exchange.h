/* Exchange: the gossip messages of one run, each applied exactly once and in order over any number of links
 * (protocol.md, "Links", "Lost disks", "Lost neighbours").
 *
 * It knows one run at a time, by its key, and its node, which is the run's: the messages of neighbours go into it, its
 * log is sent from. States:
 *   PREPARING  the run is known, its node is not there yet
 *   LOST       the node's state is nowhere but at the neighbours: what they have of it is gathered
 *   OPEN       messages go to and fro
 *   CLOSED     the run was aborted, or its network is gone: late messages mean nothing */
#ifndef GOSSIP_EXCHANGE_EXCHANGE_H
#define GOSSIP_EXCHANGE_EXCHANGE_H

#include "host/host.h"
#include "transport/transport.h"

struct gsp__exchange;

/* ---- life ---- */

/* Borrows both rooms. Knows no network and no run yet. GSP_ERR_NOMEM. */
int gsp__exchange_new(struct gsp__exchange **out, struct gsp__host *host, struct gsp__transport *transport);
/* The node is not looked at. NULL is allowed. */
void gsp__exchange_free(struct gsp__exchange *exchange);
/* As gsp__transport_prepare and gsp__transport_enter. Entering forgets the run: CLOSED. */
int gsp__exchange_prepare(struct gsp__exchange *exchange, const struct gsp__place *next);
void gsp__exchange_enter(struct gsp__exchange *exchange);

/* ---- the run ---- */

/* What is exchanged, and how far. Steps are gossip steps, from 1; a node that has done step k has k + 1 in hand. */
struct gsp__carried {
    struct gsp_node *node; /* borrowed until the next of these calls; NULL where the state is lost */
    size_t d;
    uint64_t steps;   /* that the run has, by its settings: who speaks of a later one breaks a rule */
    uint64_t last;    /* that this node does: less than `steps` where the run was stopped */
    uint64_t reach;   /* L: how far beyond its durable step a node may go */
    uint64_t durable; /* the step that its disk is sure to give back: it never asks for messages below */
    bool reweight;    /* on_peer_loss: goes on without a neighbour that is away ... */
    uint64_t loss_ms; /* ... for so long */
};

/* PREPARING, from any state: another run, by its key (NULL: none), or the same from the beginning. What was said and
 * due on all links is forgotten, and the node of before is not touched any more: it may be freed. */
void gsp__exchange_reset(struct gsp__exchange *exchange, const struct gsp_run_key *key);
/* OPEN: from PREPARING or LOST (asserted), with a node. Greets every neighbour whose link is up. */
void gsp__exchange_open(struct gsp__exchange *exchange, const struct gsp__carried *carried);
/* CLOSED, from any state. The node is not touched any more. */
void gsp__exchange_close(struct gsp__exchange *exchange);
bool gsp__exchange_is_open(const struct gsp__exchange *exchange);

/* LOST: from OPEN (asserted), of the same run; carried->node is NULL. Asks all neighbours what they have.
 * GSP_ERR_NOMEM: nothing has changed. */
int gsp__exchange_gather(struct gsp__exchange *exchange, const struct gsp__carried *carried);
/* The best that neighbours have of this node's z. */
struct gsp__gathered {
    const double *z; /* before `step`; d values */
    uint64_t step;   /* 0: none of them has anything */
    uint64_t digest; /* of this node's messages before */
};
/* True in LOST, when everybody has answered who is to be waited for; false in other states. Fills in *out, which lives
 * until the state changes. */
bool gsp__exchange_gathered(const struct gsp__exchange *exchange, struct gsp__gathered *out);

/* ---- what changes while it is open ---- */

/* The node has computed a piece of a step, so its log may be longer; mixed: a step is complete, and neighbours are to
 * hear Have. OPEN (asserted); the vectors are back. */
void gsp__exchange_computed(struct gsp__exchange *exchange, bool mixed);
/* More of the node is safe on the disk: neighbours are to hear of it. */
void gsp__exchange_set_durable(struct gsp__exchange *exchange, uint64_t step);
/* The run was stopped, or its settings became known. Any state; opening sets it anew. */
void gsp__exchange_set_last(struct gsp__exchange *exchange, uint64_t step);
/* Since when the node has had nothing to do for want of others; GSP__NEVER: it works. */
void gsp__exchange_set_waiting(struct gsp__exchange *exchange, uint64_t since);
/* While held no gossip goes out: a run state is on its way to the disk (rumours/journal.c), and nobody may build on
 * this node's steps before it is there. */
void gsp__exchange_hold(struct gsp__exchange *exchange, bool held);
/* More than half of the nodes were heard of lately (only asked for with reweight). */
void gsp__exchange_set_majority(struct gsp__exchange *exchange, bool majority);

/* ---- links and messages: `slot` is one of the host's place (asserted) ---- */

/* A new connection with the neighbour: whatever was said on the one before is forgotten, and the hello (or Lost) is
 * due. */
void gsp__exchange_link_up(struct gsp__exchange *exchange, size_t slot);
/* The connection is gone, and with it what was said of an edge; what the neighbour had and has on its disk still
 * counts. */
void gsp__exchange_link_down(struct gsp__exchange *exchange, size_t slot);
/* A message of the kinds RUN_HELLO, GOSSIP, HAVE, DURABLE, LOST, COPY, EDGE_AT, RESYNC, which is used or copied; other
 * kinds return false. What breaks a rule ends its link; what is of another run counts for nothing. */
bool gsp__exchange_receive(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message);
/* Whether the run of this key is the one that is OPEN. For the run, which acts on GONE: it then has to begin anew. */
bool gsp__exchange_carries(const struct gsp__exchange *exchange, const struct gsp_run_key *key);

/* What goes out on a link, in three parts by urgency, for the source to put in its order: a whole vector that was asked
 * for; words about the run; gossip. Each returns false where there is nothing. */
bool gsp__exchange_next_vector(struct gsp__exchange *exchange, size_t slot, struct gsp_message *out);
bool gsp__exchange_next_word(struct gsp__exchange *exchange, size_t slot, struct gsp_message *out);
bool gsp__exchange_next_gossip(struct gsp__exchange *exchange, size_t slot, struct gsp_message *out);

/* The node's vectors are free (asserted), if there is a node. Makes the vectors that are due, as parcels that are sent
 * when there is room, and carries out what both ends of an edge have said. */
void gsp__exchange_serve(struct gsp__exchange *exchange);

/* ---- edges (on_peer_loss=reweight) ---- */

/* No step may be completed now: an edge is being taken in at this step, or edges are down and too few nodes are heard
 * of. */
bool gsp__exchange_edges_hold(const struct gsp__exchange *exchange);
/* The node's vectors are free (asserted): neighbours that have been waited for too long stop counting. `gathering`: the
 * node waits for all neighbours' z before it goes on. */
void gsp__exchange_edges_tick(struct gsp__exchange *exchange, bool gathering);
/* When a neighbour will have been waited for too long; GSP__NEVER. */
uint64_t gsp__exchange_deadline(const struct gsp__exchange *exchange);

/* ---- what status says ---- */

/* The node lacks something of this neighbour. */
bool gsp__exchange_waits_for(const struct gsp__exchange *exchange, size_t slot);
bool gsp__exchange_has_majority(const struct gsp__exchange *exchange);
/* What the run's result owes to messages that were not exchanged exactly; empty: nothing. The newest counts. */
const char *gsp__exchange_note(const struct gsp__exchange *exchange);
void gsp__exchange_set_note(struct gsp__exchange *exchange, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The furthest step in hand that neighbours have told of, or that can be inferred from what they ask for. */
uint64_t gsp__exchange_furthest(const struct gsp__exchange *exchange);

#endif
