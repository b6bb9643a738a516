/* The inside of the rumours, for their own files alone.
 *
 *   rumours.c   what the room offers to the one above      circle.c    all nodes of the network in force
 *   summary.c   what this node tells of itself             flood.c     what all nodes tell, passed on
 *   runstate.c  RunState: merge, abort                     act.c       ... and when it is on the disk
 *   journal.c   RunState to the disk, first                stop.c      stops, and the round they name
 *   start.c     a start at this node                       refuse.c    one that comes to nothing
 *   resolve.c   its settings, from what all nodes have     target.c    a target_loss that is reached
 *   reload.c    another network takes the first one's place   blocked.c   what it waits for
 *   words.c     what a reload says */
#ifndef GOSSIP_RUMOURS_INSIDE_H
#define GOSSIP_RUMOURS_INSIDE_H

#include "host/job.h"
#include "host/retry.h"
#include "rumours/rumours.h"

/* RunState: what is wanted goes to the disk before it is acted on. */
struct gsp__journal {
    struct gsp_run_state wanted, writing;
    bool due, out; /* `wanted` differs from what was written last; a write is out */
    struct gsp_buffer bytes;
    struct gsp__retry retry;
};

/* A stop that is answered when it is on the disk. */
struct gsp__stop {
    uint64_t client;
    struct gsp_run_key run;
};

/* A start in progress: at most one. */
struct gsp__start {
    bool active, calibrating;
    uint64_t client, deadline;
    struct gsp_settings settings;
    struct gsp_objective_choice objective; /* as the settings name it */
    struct gsp_run_key base;               /* the run that every node must show as ended */
    struct gsp_run_key key;                /* the run it begins, on its way to the disk; epoch 0: not yet */
    char progress[GSP_REASON_MAX + 1];
};

struct gsp__known_node {
    struct gsp_summary summary; /* number 0: nothing heard */
    uint64_t digest;            /* of the summary's bytes */
    uint64_t heard_at;
    bool fresh; /* heard since this node's start asked */
};

/* What a neighbour has yet to hear on its link. */
struct gsp__audience {
    bool state_due;
    bool turn;                          /* a summary's: something else was said last */
    bool *summary_due;                  /* by node */
    size_t summaries_due, summary_next; /* how many; where to look for one, so that all get their turn */
    uint64_t run_states_until;          /* gsp__allow: of its run states */
};

struct gsp__reload {
    struct gsp_network *network;      /* in force, if it came by a reload */
    struct gsp_graph *graph;          /* likewise */
    struct gsp_network *next_network; /* waits until no run needs the one in force; NULL: none does */
    struct gsp_graph *next_graph;
};

/* Everything whose size follows from the network. */
struct gsp__circle {
    size_t node_count, slot_count;
    struct gsp__known_node *nodes;
    struct gsp__audience *audience; /* by slot */
};

/* What this node knows of its own data; the measure comes from a job. */
struct gsp__own_data {
    struct gsp_problem_facts facts;
    uint8_t digest[16];
    bool measured;
    double lambda_max; /* NaN: not measured, or not a number that can be used */
};

struct gsp__rumours {
    struct gsp__host *host;
    struct gsp__transport *transport;
    struct gsp__exchange *exchange;
    struct gsp__runs *runs;
    const struct gsp_problem *problem;
    struct gsp__own_data data;
    struct gsp__circle circle;
    struct gsp__journal journal;
    struct gsp__stop stops[GSP__CLIENTS_WAITING_MAX];
    size_t stop_count;
    struct gsp__start start;
    struct gsp_job *calibration; /* that is out, for this start or for one that was refused */
    struct gsp__reload reload;
    uint64_t summary_at;                      /* when the own summary was sent last */
    uint64_t own_number_until;                /* gsp__allow: of others' words in this node's name */
    char history_failure[GSP_REASON_MAX + 1]; /* empty: it is written */
};

/* ---- circle.c ---- */

void gsp__circle_free(struct gsp__circle *circle);
/* Gives up the network that waits, if there is one. */
void gsp__reload_drop_next(struct gsp__rumours *rumours);
void gsp__reload_clear(struct gsp__rumours *rumours); /* ... and the one in force, if it came by a reload */

struct gsp__known_node *gsp__own_entry(struct gsp__rumours *rumours); /* this node's own among all */

/* ---- summary.c ---- */

/* Fills in this node's summary as of now; of the number it had. */
void gsp__summary_build(const struct gsp__rumours *rumours, struct gsp_summary *out);
/* When the next summary of this node is due. */
uint64_t gsp__summary_deadline(const struct gsp__rumours *rumours);

/* ---- flood.c ---- */

/* Of two summaries with one number, the greater hash is the newer: all nodes choose alike. */
uint64_t gsp__summary_hash(const struct gsp_summary *summary);
/* Whether what was heard of a node is so old (GSP__SUMMARY_FORGET_TIME) that it counts no more: a summary of any number
 * replaces it, and it is not passed on. Never true of this node. Without that, a listed node could claim a huge number
 * in another's name, and nobody would ever believe that other again: its own numbers would all be smaller. */
bool gsp__summary_outlived(const struct gsp__rumours *rumours, size_t node);
/* A summary from a neighbour, of any node: kept and passed on if it is newer. What is impossible ends the link. */
void gsp__summary_received(struct gsp__rumours *rumours, size_t slot, const struct gsp_summary *summary);
/* Marks the newest summary of a node as due on all links that are up but one (GSP__NOBODY: on all). */
void gsp__summary_forward(struct gsp__rumours *rumours, size_t node, size_t except);

/* ---- runstate.c ---- */

/* A run state from a neighbour: merged into what is wanted, which then goes to the disk. What is impossible, or too
 * much, ends the link. */
void gsp__run_state_received(struct gsp__rumours *rumours, size_t slot, const struct gsp_run_state *theirs);
/* Less than 0: of two aborts the first is kept. */
int gsp__run_state_compare_aborts(const struct gsp_run_state *a, const struct gsp_run_state *b);
/* Merges the stop, or the abort, of two states of one run: the smaller stop holds, the abort that prevails. Return
 * whether that changed `into`. */
bool gsp__run_state_merge_stop(struct gsp_run_state *into, const struct gsp_run_state *theirs);
bool gsp__run_state_merge_abort(struct gsp_run_state *into, const struct gsp_run_state *theirs);
/* Aborts the run in force because somebody asked for it at this node: halts it here, and has the abort written. */
void gsp__run_state_stop_now(struct gsp__rumours *rumours);
/* The words of that abort, and nothing else of a run state. */
struct gsp_run_state gsp__run_state_asked_abort(const struct gsp__rumours *rumours);

/* ---- act.c ---- */

/* The run state is on the disk: the runs follow it, neighbours hear of it, who waited for it is answered. */
void gsp__run_state_act(struct gsp__rumours *rumours, const struct gsp_run_state *state);
/* Another network is in force, and the run before is over: its state loses its settings, so that nodes that are new
 * take no part in it. */
void gsp__run_state_over(struct gsp__rumours *rumours);

/* ---- stop.c ---- */

/* Has the run in force, which is in hand, end at the first round that all nodes can still agree on; returns that round.
 * *pending: it counts only when it is on the disk. */
uint64_t gsp__stop_at_round(struct gsp__rumours *rumours, bool target_reached, bool *pending);
/* Answers the stops that wait, unless more is to be written: that may be an earlier stop, an abort, another run. */
void gsp__stops_answer(struct gsp__rumours *rumours);
/* Tells the stops that wait that the disk does not take them. */
void gsp__stops_fail(struct gsp__rumours *rumours, const char *failure);
/* The client takes no answer any more. */
void gsp__stops_forget(struct gsp__rumours *rumours, uint64_t client);

/* ---- journal.c ---- */

void gsp__journal_changed(struct gsp__rumours *rumours); /* `wanted` is another */
/* Adds to the summary that the run state cannot be written, unless the run in hand says so already. */
void gsp__journal_describe(const struct gsp__rumours *rumours, struct gsp_summary *out);

/* ---- refuse.c ---- */

/* The run of this node's start is with the disk: too late to refuse the start. */
bool gsp__start_decided(const struct gsp__rumours *rumours);
/* Ends the start, which is active and not decided: says why, in the log and to who asked, and withdraws its run. */
void gsp__start_refuse(struct gsp__rumours *rumours, enum gsp_reply_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A calibration is out, of this start or of one that was refused. */
bool gsp__start_calibrates(const struct gsp__rumours *rumours);

/* ---- start.c ---- */

/* A run was adopted: if it is the one that the start here began, answers who asked. */
void gsp__start_begun(struct gsp__rumours *rumours);

/* ---- resolve.c ---- */

/* Whether what all nodes have suits the settings, which are then resolved but for gamma; else the start is refused. */
bool gsp__start_resolve(struct gsp__rumours *rumours);

/* ---- target.c ---- */

/* The own summary is new: stops the run if the nodes' mean loss is at target_loss. */
void gsp__target_check(struct gsp__rumours *rumours);

/* ---- blocked.c ---- */

/* Why the next network is not in force yet; false: nothing keeps it, or there is none. */
bool gsp__reload_blocked(const struct gsp__rumours *rumours, char *text, size_t size);

/* ---- words.c ---- */

/* What differs between two networks, as ", added n004, moved n002"; returns whether nodes were added or removed. */
bool gsp__reload_changes(char *text, size_t size, const struct gsp_network *from, const struct gsp_network *to);
/* Why the next network is not in force yet, if there is one and something keeps it: added to the reason. */
void gsp__reload_describe(const struct gsp__rumours *rumours, struct gsp_summary *out);
/* To the log, and to who asked. */
void gsp__reload_tell(struct gsp__rumours *rumours, uint64_t client, enum gsp_reply_code code, bool more,
                      const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Adds problems where the file makes of this daemon another node, or of its network another. */
void gsp__reload_check_identity(const struct gsp__rumours *rumours, const struct gsp_network *network, const char *file,
                                struct gsp_problems *problems);

#endif
