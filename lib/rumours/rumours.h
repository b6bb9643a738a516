/* Rumours: what all nodes come to agree on by telling each other: which run is in force, when it stops, whether it was
 * aborted (RunState); how each node is (summaries); which network file is in force.
 *
 * Whatever is decided here is on the disk before it counts: the journal holds it, and while it does nothing of the run
 * goes out (gsp__rumours_pending). */
#ifndef GOSSIP_RUMOURS_RUMOURS_H
#define GOSSIP_RUMOURS_RUMOURS_H

#include <gossip/problem.h>

#include "exchange/exchange.h"
#include "host/host.h"
#include "run/run.h"
#include "transport/transport.h"

struct gsp__rumours;

/* ---- life ---- */

/* The rooms below; all borrowed. */
struct gsp__rumours_rooms {
    struct gsp__host *host;
    struct gsp__transport *transport;
    struct gsp__exchange *exchange;
    struct gsp__runs *runs;
};
/* Borrows the problem. Knows no network yet. GSP_ERR_NOMEM. */
int gsp__rumours_new(struct gsp__rumours **out, const struct gsp__rumours_rooms *rooms,
                     const struct gsp_problem *problem);
/* Frees a network that came by a reload, too: nothing may look at it afterwards. No job may be out. NULL is allowed. */
void gsp__rumours_free(struct gsp__rumours *rumours);
/* Makes this the network in force, in all rooms, at the peer's birth or in place of the one before; no link may be up
 * (asserted). It is borrowed. GSP_ERR_NOMEM: nothing has changed. */
int gsp__rumours_enter(struct gsp__rumours *rumours, const struct gsp_network *network, const struct gsp_graph *graph,
                       size_t self);
/* Once, after gsp__runs_restore: the run state that was restored is what this node tells. unwritten: it has to be
 * written to its own file first. */
void gsp__rumours_begin(struct gsp__rumours *rumours, bool unwritten);

/* ---- links and messages: `slot` is one of the host's place (asserted) ---- */

/* A new connection: the neighbour has yet to hear the run state and all summaries. */
void gsp__rumours_link_up(struct gsp__rumours *rumours, size_t slot);
/* RUN_STATE and SUMMARY, which are copied; other kinds return false. What breaks a rule ends its link. */
bool gsp__rumours_receive(struct gsp__rumours *rumours, size_t slot, const struct gsp_message *message);
/* The run state, if the neighbour has yet to hear it; else false. */
bool gsp__rumours_next_state(struct gsp__rumours *rumours, size_t slot, struct gsp_message *out);
/* A summary that the neighbour has yet to hear, all nodes' in turns; else false. */
bool gsp__rumours_next_summary(struct gsp__rumours *rumours, size_t slot, struct gsp_message *out);
/* Whether it is a summary's turn on the link, after something else was said; the caller's to set. */
bool gsp__rumours_turn(const struct gsp__rumours *rumours, size_t slot);
void gsp__rumours_set_turn(struct gsp__rumours *rumours, size_t slot, bool summary);

/* ---- requests of the control socket; each is answered by replies to the client ---- */

/* Begins a start with these lines of settings (NAME=VALUE), or refuses it. Replies of progress, then the last. */
void gsp__rumours_start(struct gsp__rumours *rumours, uint64_t client, const char *settings);
/* Stops the run in hand, or the one that a start here has decided on: at a round, or now. Answered when it is on the
 * disk. */
void gsp__rumours_stop(struct gsp__rumours *rumours, uint64_t client, bool now);
/* Has the network file read (RELOAD). */
void gsp__rumours_reload(struct gsp__rumours *rumours, uint64_t client);
/* The client takes no reply any more: a start that is not decided is given up. */
void gsp__rumours_client_gone(struct gsp__rumours *rumours, uint64_t client);
/* What is known of a node, as status shows it; by its index in the network. */
void gsp__rumours_describe(struct gsp__rumours *rumours, size_t node, struct gsp_summary *out);

/* ---- other events ---- */

/* The STORE of the run state, which is out (asserted), is done, or why not. Done: acts on it. */
void gsp__rumours_stored(struct gsp__rumours *rumours, const char *failure);
void gsp__rumours_problem(struct gsp__rumours *rumours); /* what its problem says of itself may have changed */
void gsp__rumours_history_failed(struct gsp__rumours *rumours, const char *reason); /* NULL: it is written again */
/* The network file, read anew (GSP_EVENT_RELOADED). Takes network and graph; either may be NULL. */
void gsp__rumours_reloaded(struct gsp__rumours *rumours, uint64_t client, struct gsp_network *network,
                           struct gsp_graph *graph, const char *file, struct gsp_problems *problems);
/* The peer shuts down: a start that is not decided is refused. */
void gsp__rumours_shutdown(struct gsp__rumours *rumours);

/* ---- what may have become possible ---- */

/* If a run has failed here (gsp__runs_take_failure), makes that an abort, which goes to the disk and then to everybody.
 * To be called after whatever may have failed it, before anything else is decided or goes out. */
void gsp__rumours_heed(struct gsp__rumours *rumours);
/* A start at this node goes on, or is refused. */
void gsp__rumours_start_tick(struct gsp__rumours *rumours);
/* Hands out the job that measures the problem (lambda_max), once, while no other is out and no run is going on. Only a
 * start needs it. */
void gsp__rumours_measure(struct gsp__rumours *rumours);
/* Hands out the run state that is to be written, if none is out and it is time. */
void gsp__rumours_write(struct gsp__rumours *rumours);
/* Makes a new summary of this node, for all to hear, if it is time: there is news, or a heartbeat is due. */
void gsp__rumours_tell(struct gsp__rumours *rumours);
/* Another network takes effect, if there is one and no run needs the one in force. Ends all links: nothing may be sent
 * in this event afterwards. */
void gsp__rumours_reload_tick(struct gsp__rumours *rumours);
/* When a summary, a start or the disk wants attention. */
uint64_t gsp__rumours_deadline(const struct gsp__rumours *rumours);

/* A run state is to be written, or is being written: nothing of the run is begun or sent meanwhile. */
bool gsp__rumours_pending(const struct gsp__rumours *rumours);
bool gsp__rumours_writing(const struct gsp__rumours *rumours); /* a file is being written */
/* Whether more than half of the nodes were heard of within half the run's loss time. There is a run (asserted). */
bool gsp__rumours_majority(const struct gsp__rumours *rumours);

#endif
