/* What every room of a peer has of the world outside: the time of the event, the network in force and who we are in it,
 * a log, random numbers, the list of what the driver is to do, and the one job that may be out.
 *
 * The rooms, each of which knows those before it: host, transport, exchange, run, rumours, session. */
#ifndef GOSSIP_HOST_HOST_H
#define GOSSIP_HOST_HOST_H

#include <gossip/algo.h>
#include <gossip/host.h>

#include "host/limits.h"

#define GSP__NOBODY ((size_t)-1)
#define GSP__NEVER  UINT64_MAX

/* The network in force, and this node's place in it. A *slot* is the number of a neighbour, from 0, in the graph's
 * order: every room keeps what it has of a neighbour by slot. All of it is borrowed. */
struct gsp__place {
    const struct gsp_network *network;
    const struct gsp_graph *graph;
    size_t self;
    const char *name;
    uint8_t hash[32];
    const struct gsp_network *next; /* the network that is about to take its place, or NULL */
};

struct gsp__actions { /* a ring */
    struct gsp_action *list;
    size_t first, count, capacity;
};

/* The caller's log, which takes so many lines and no more. */
struct gsp__quiet_log {
    struct gsp_log sink;
    uint64_t until; /* gsp__allow */
    size_t left_out;
};

/* What of a node is lent to a job or a question. While it is, nobody else reads or writes it. */
enum gsp__lending {
    GSP__LENT_NOTHING,
    GSP__LENT_VECTORS, /* x, z and s: a step or an evaluation */
    GSP__LENT_STATE    /* all that is saved, log and copies included: a checkpoint is packed */
};

struct gsp__host {
    uint64_t now;
    struct gsp_stream random;
    struct gsp_log log; /* what the rooms write to */
    struct gsp__quiet_log quiet;
    struct gsp__actions actions;
    struct gsp__place place;
    char version[32];
    struct gsp_commands commands;    /* what a user types, in the words of the program that drives us */
    struct gsp_job *job;             /* the one that is out */
    const struct gsp_node *borrowed; /* the node of which something is lent; NULL: none */
    enum gsp__lending lending;
    bool shutting_down;
    bool news, urgent; /* something has changed that other nodes should hear of (gsp__host_news) */
};

/* ---- life ---- */

/* Begins with no network, no action and no job. Copies the log, whose context is borrowed. `entropy` is 32 bytes nobody
 * else knows; the caller wipes its own. */
void gsp__host_init(struct gsp__host *host, const struct gsp_log *log, const uint8_t entropy[32]);
/* Forgets the actions that were not taken out; wipes the rest. No job may be out. */
void gsp__host_clear(struct gsp__host *host);

/* ---- the place ---- */

/* Makes this the network in force. Network and graph are borrowed until another takes their place. The rooms that keep
 * something by slot are to enter it in the same event (gsp__rumours_enter sees to that). */
void gsp__host_enter(struct gsp__host *host, const struct gsp_network *network, const struct gsp_graph *graph,
                     size_t self);
/* A network must be in force for the rest; `slot` is less than gsp__slots, `node` an index in the network. */
size_t gsp__slots(const struct gsp__host *host);                     /* how many neighbours there are */
size_t gsp__node_at(const struct gsp__host *host, size_t slot);      /* index in the network */
const char *gsp__name_at(const struct gsp__host *host, size_t slot); /* lives as long as the network is in force */
size_t gsp__slot_of(const struct gsp__host *host, size_t node);      /* GSP__NOBODY: no neighbour */
bool gsp__removed(const struct gsp__host *host, size_t node);        /* the next network does not list it */
/* Index in `network` of the node with the same name and key, or -1. */
long gsp__same_node(const struct gsp_network *network, const struct gsp_network_node *node);
/* In a network that is about to be entered: the slot by which the neighbour at `slot` there is known today, or
 * GSP__NOBODY. */
size_t gsp__slot_before(const struct gsp__host *host, const struct gsp__place *next, size_t slot);

/* ---- actions ---- */

/* A new action at the end of the list, for the caller to fill in; NULL without memory, which is logged. */
struct gsp_action *gsp__action_add(struct gsp__host *host, enum gsp_action_type type);
/* Takes the oldest action out into *out, with whatever memory it carries; false: there is none. */
bool gsp__action_next(struct gsp__host *host, struct gsp_action *out);
/* Removes the dials that are still in the list, and adds an UNDIAL for those that the driver has taken out. */
void gsp__actions_undial(struct gsp__host *host);

/* ---- replies to clients of the control socket ---- */

/* Adds the REPLY action; packs the reply at once, so that nothing is borrowed. Unless reply->more it is the last that
 * this client gets. Without memory the client gets nothing, which is logged. */
void gsp__reply(struct gsp__host *host, uint64_t client, const struct gsp_reply *reply);
/* A reply of words alone; `more`: others follow. */
void gsp__reply_text(struct gsp__host *host, uint64_t client, enum gsp_reply_code code, bool more, const char *format,
                     ...) __attribute__((format(printf, 5, 6)));

/* ---- what others may make us do ---- */

/* Whether something that may happen `burst` times at once, and once more every `time` ms, may happen now. *until is
 * when all that did will have been made good; begin with 0. */
bool gsp__allow(uint64_t *until, uint64_t now, uint64_t time, uint64_t burst);
/* Whether a count can have grown from `known` to `number` in the time that nothing was heard of it, where `step` more
 * than it reaches by itself is too far; see limits.h. */
bool gsp__number_plausible(uint64_t known, uint64_t number, uint64_t step);

/* ---- news ---- */

/* What this node tells of itself has changed; urgent: it should be told soon. Rumours reads the marks and clears them
 * when it has told (rumours/summary.c). */
void gsp__host_news(struct gsp__host *host, bool urgent);

/* ---- who has a node's vectors ---- */

/* Marks what a job or a question is about to be given. Nothing may be lent yet (asserted). */
void gsp__lend(struct gsp__host *host, const struct gsp_node *node, enum gsp__lending lending);
/* The job or the answer is back. Nothing happens if nothing was lent. */
void gsp__take_back(struct gsp__host *host);
/* Whether this node's x, z and s may be read and written here: nothing of it is lent. Asserted wherever they are
 * touched. */
bool gsp__vectors_free(const struct gsp__host *host, const struct gsp_node *node);
/* Whether its log and its copies of neighbours' z may be written here. A step that is out does not touch them; a
 * checkpoint that is being packed reads them. */
bool gsp__state_free(const struct gsp__host *host, const struct gsp_node *node);

/* ---- texts ---- */

/* Appends to `text`, a string in `size` bytes; what does not fit is left out. */
void gsp__append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
