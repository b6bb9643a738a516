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
/* The network that waits is given up. */
void gsp__reload_drop_next(struct gsp__rumours *rumours);
void gsp__reload_clear(struct gsp__rumours *rumours); /* ... and the one in force, if it came by a reload */

struct gsp__known_node *gsp__own_entry(struct gsp__rumours *rumours); /* this node's own among all */

/* ---- summary.c ---- */

void gsp__summary_build(const struct gsp__rumours *rumours, struct gsp_summary *out);
uint64_t gsp__summary_deadline(const struct gsp__rumours *rumours);

/* ---- flood.c ---- */

/* Of two summaries with one number, the greater hash is the newer: all nodes choose alike. */
uint64_t gsp__summary_hash(const struct gsp_summary *summary);
/* Nothing newer has come for long: whatever number it bears, it gives way to any other, and is told to nobody. So a
 * number that a listed node has made up does not outlast it. */
bool gsp__summary_outlived(const struct gsp__rumours *rumours, size_t node);
void gsp__summary_received(struct gsp__rumours *rumours, size_t slot, const struct gsp_summary *summary);
/* The newest summary of a node goes to all neighbours but one (GSP__NOBODY: to all). */
void gsp__summary_forward(struct gsp__rumours *rumours, size_t node, size_t except);

/* ---- runstate.c ---- */

void gsp__run_state_received(struct gsp__rumours *rumours, size_t slot, const struct gsp_run_state *theirs);
/* Less than 0: of two aborts the first is kept. */
int gsp__run_state_compare_aborts(const struct gsp_run_state *a, const struct gsp_run_state *b);
/* Merge: the smaller stop holds, the abort that prevails. Whether that changed anything. */
bool gsp__run_state_merge_stop(struct gsp_run_state *into, const struct gsp_run_state *theirs);
bool gsp__run_state_merge_abort(struct gsp_run_state *into, const struct gsp_run_state *theirs);
/* The run in force is aborted here, asked for by somebody or because it failed. */
void gsp__run_state_stop_now(struct gsp__rumours *rumours);
struct gsp_run_state gsp__run_state_asked_abort(const struct gsp__rumours *rumours);

/* ---- act.c ---- */

/* It is on the disk: it counts, and goes on its way. */
void gsp__run_state_act(struct gsp__rumours *rumours, const struct gsp_run_state *state);
/* The network has changed since the run ended: nobody new must have a part in it. */
void gsp__run_state_over(struct gsp__rumours *rumours);

/* ---- stop.c ---- */

/* Has the run in force end as soon as all nodes can agree on; returns the round. *pending: not before that is on the
 * disk. */
uint64_t gsp__stop_at_round(struct gsp__rumours *rumours, bool target_reached, bool *pending);
/* Not while more is on its way to the disk: it may be an earlier stop, an abort, another run. */
void gsp__stops_answer(struct gsp__rumours *rumours);
/* The disk takes nothing. */
void gsp__stops_fail(struct gsp__rumours *rumours, const char *failure);
void gsp__stops_forget(struct gsp__rumours *rumours, uint64_t client);

/* ---- journal.c ---- */

void gsp__journal_changed(struct gsp__rumours *rumours); /* `wanted` is another */
/* What status says while there is no room for it, unless the run in hand says so already. */
void gsp__journal_describe(const struct gsp__rumours *rumours, struct gsp_summary *out);

/* ---- refuse.c ---- */

/* Too late to refuse it. */
bool gsp__start_decided(const struct gsp__rumours *rumours);
void gsp__start_refuse(struct gsp__rumours *rumours, enum gsp_reply_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A calibration is out, of this start or of one that was refused. */
bool gsp__start_calibrates(const struct gsp__rumours *rumours);

/* ---- start.c ---- */

void gsp__start_begun(struct gsp__rumours *rumours); /* the run in force may be the one that it began */

/* ---- resolve.c ---- */

/* Whether what all nodes have suits the settings, which are then resolved but for gamma; else the start is refused. */
bool gsp__start_resolve(struct gsp__rumours *rumours);

/* ---- target.c ---- */

void gsp__target_check(struct gsp__rumours *rumours); /* the own summary is new */

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
