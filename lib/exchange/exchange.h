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

/* Borrows both. Knows no network and no run yet. */
int gsp__exchange_new(struct gsp__exchange **out, struct gsp__host *host, struct gsp__transport *transport);
void gsp__exchange_free(struct gsp__exchange *exchange);
/* As gsp__transport_prepare and gsp__transport_enter; entering forgets the run. */
int gsp__exchange_prepare(struct gsp__exchange *exchange, const struct gsp__place *next);
void gsp__exchange_enter(struct gsp__exchange *exchange);

/* ---- the run ---- */

/* What is exchanged. */
struct gsp__carried {
    struct gsp_node *node; /* borrowed until the next of these calls; NULL where the state is lost */
    size_t d;
    uint64_t steps;   /* of the whole run: no node is at a later one */
    uint64_t last;    /* the last step of this node: less, where the run is stopped */
    uint64_t reach;   /* L: how far beyond its durable step a node may go */
    uint64_t durable; /* this node's: it never asks for messages below */
    bool reweight;    /* on_peer_loss: goes on without a neighbour that is away ... */
    uint64_t loss_ms; /* ... for so long */
};

/* PREPARING: another run, by its key (NULL: none): what was agreed on the one before means nothing. Its node is not
 * touched any more from here on. */
void gsp__exchange_reset(struct gsp__exchange *exchange, const struct gsp_run_key *key);
/* OPEN: from PREPARING or LOST. Greets every neighbour whose link is up. */
void gsp__exchange_open(struct gsp__exchange *exchange, const struct gsp__carried *carried);
/* CLOSED. The node is not touched any more. */
void gsp__exchange_close(struct gsp__exchange *exchange);
bool gsp__exchange_is_open(const struct gsp__exchange *exchange);

/* LOST: of the same run; carried->node is NULL. Asks all neighbours what they have. GSP_ERR_NOMEM: nothing changed. */
int gsp__exchange_gather(struct gsp__exchange *exchange, const struct gsp__carried *carried);
/* The best that neighbours have of this node's z. */
struct gsp__gathered {
    const double *z; /* before `step`; d values */
    uint64_t step;   /* 0: none of them has anything */
    uint64_t digest; /* of this node's messages before */
};
/* LOST: whether all have answered who are to be waited for. The view lives until the state changes. */
bool gsp__exchange_gathered(const struct gsp__exchange *exchange, struct gsp__gathered *out);

/* ---- what changes while it is open ---- */

/* The node has computed; mixed: a step is complete. */
void gsp__exchange_computed(struct gsp__exchange *exchange, bool mixed);
void gsp__exchange_set_durable(struct gsp__exchange *exchange, uint64_t step);
void gsp__exchange_set_last(struct gsp__exchange *exchange, uint64_t step);
/* Since when the node has had nothing to do for want of others; GSP__NEVER: it works. */
void gsp__exchange_set_waiting(struct gsp__exchange *exchange, uint64_t since);
/* Nothing of the run goes out while this holds: word of it is on its way to the disk. */
void gsp__exchange_hold(struct gsp__exchange *exchange, bool held);
/* More than half of the nodes were heard of lately (only asked for with reweight). */
void gsp__exchange_set_majority(struct gsp__exchange *exchange, bool majority);

/* ---- links and messages ---- */

void gsp__exchange_link_up(struct gsp__exchange *exchange, size_t slot);
void gsp__exchange_link_down(struct gsp__exchange *exchange, size_t slot);
/* A message of the kinds RUN_HELLO, GOSSIP, HAVE, DURABLE, LOST, COPY, EDGE_AT, RESYNC; other kinds return false. What
 * breaks a rule ends its link. */
bool gsp__exchange_receive(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message);
/* Whether the run of this key is the one that is open (GONE is the run's to act on). */
bool gsp__exchange_carries(const struct gsp__exchange *exchange, const struct gsp_run_key *key);

/* What goes out on a link, in three parts by urgency, for the source to put in its order: a whole vector that was asked
 * for; words about the run; gossip. Each returns false where there is nothing. */
bool gsp__exchange_next_vector(struct gsp__exchange *exchange, size_t slot, struct gsp_message *out);
bool gsp__exchange_next_word(struct gsp__exchange *exchange, size_t slot, struct gsp_message *out);
bool gsp__exchange_next_gossip(struct gsp__exchange *exchange, size_t slot, struct gsp_message *out);

/* The node's vectors are free (asserted): makes the vectors that are due, carries out what both ends of an edge have
 * said. */
void gsp__exchange_serve(struct gsp__exchange *exchange);

/* ---- edges (on_peer_loss=reweight) ---- */

/* No step may be completed now. */
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
