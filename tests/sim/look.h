/* Into a peer from outside: all that tests read of its inside, and the few things they change there. No test includes
 * the peer's own header; whoever moves something inside the peer mends look.c, and no test. */
#ifndef TESTS_SIM_LOOK_H
#define TESTS_SIM_LOOK_H

#include <gossip/session.h>

struct gsp_node; /* algo/node.h */

/* ---- the run ---- */

enum look_stage { LOOK_PREPARING, LOOK_LOST, LOOK_ACTIVE, LOOK_SAVING, LOOK_ENDED };

/* As it is now; the pointers are good until the next event. */
struct look_run {
    bool there; /* false: it has none, and nothing else here means anything */
    struct gsp_run_key key;
    enum look_stage stage;
    enum gsp_phase end; /* ENDED: done, stopped or failed */
    bool halted;        /* aborted, which is on its way to the disk */
    bool over;          /* the network has changed since it ended */
    bool waiting;       /* for messages of its neighbours, or for its disk */
    bool fenced;        /* begins no step before what it knows is on the disk */
    bool gathering;     /* a neighbour's z is awaited */
    uint64_t last_round, reach;
    size_t d;
    const struct gsp_node *node; /* NULL: not begun */
    bool objective;              /* it has one */
    bool state_kept;             /* what answers has kept its state to itself */
    const char *note;            /* what its result owes to lost state */
};
/* NULL: no peer, no run. */
struct look_run look_run(const struct gsp_peer *peer);
/* Of the run, or NULL if there is none yet. */
const struct gsp_node *look_node(const struct gsp_peer *peer);
/* The node's vectors are out with a job that computes a step. */
bool look_computes(const struct gsp_peer *peer);
/* It has asked its problem something, and waits for the answer. */
bool look_asks(const struct gsp_peer *peer);
/* Nothing of its run is in other hands. */
bool look_at_rest(const struct gsp_peer *peer);

/* ---- what all nodes agree on ---- */

const struct gsp_run_state *look_state(const struct gsp_peer *peer);  /* in force */
const struct gsp_run_state *look_wanted(const struct gsp_peer *peer); /* the same, or on its way to the disk */
bool look_state_is_written(const struct gsp_peer *peer);              /* right now */
bool look_state_is_due(const struct gsp_peer *peer);                  /* to be written after that */
bool look_state_pends(const struct gsp_peer *peer);                   /* either */
bool look_result_is_written(const struct gsp_peer *peer);
bool look_reload_pends(const struct gsp_peer *peer); /* another network waits for the end of a run */
const uint8_t *look_network_hash(const struct gsp_peer *peer);

/* What dump would give out. */
struct look_result {
    uint64_t epoch; /* 0: there is none */
    size_t d;
};
struct look_result look_result(const struct gsp_peer *peer);

struct look_start {
    bool active;
    bool decided; /* its run has a number, and is to be written */
    uint64_t client, deadline;
};
struct look_start look_start(const struct gsp_peer *peer);
/* Stops that are answered later, and who asked for the first. */
size_t look_stop_count(const struct gsp_peer *peer);
uint64_t look_stop_client(const struct gsp_peer *peer);

/* What it tells of itself, and what it has heard of a node (number 0: nothing), and when. */
void look_summary(struct gsp_peer *peer, struct gsp_summary *out);
const struct gsp_summary *look_heard(const struct gsp_peer *peer, size_t node);
uint64_t look_heard_at(const struct gsp_peer *peer, size_t node);

/* ---- links and connections ---- */

struct look_link {
    size_t node;
    bool up;
    uint64_t connection; /* if it is up */
    uint64_t received;   /* bytes, of connections that are gone */
    uint64_t receiving;  /* bytes, of the connection */
    size_t half;         /* bytes of a message that is not complete */
    bool refused;
    const char *detail; /* why it is not up; good until the next event */
};
size_t look_link_count(const struct gsp_peer *peer);
struct look_link look_link(const struct gsp_peer *peer, size_t slot);
struct look_link look_link_to(const struct gsp_peer *peer, size_t node); /* which must be a neighbour */

size_t look_open_connections(const struct gsp_peer *peer);            /* those that are not ending */
size_t look_ending_connections(const struct gsp_peer *peer);          /* in order, that is not at once */
size_t look_ending_memory(const struct gsp_peer *peer);               /* bytes that they hold of what came in */
bool look_has_keys(const struct gsp_peer *peer, uint64_t connection); /* worked out for its handshake */

/* ---- what tests change ---- */

void look_set_log(struct gsp_peer *peer, struct gsp_log log);
/* Its log is a count, from now on: of the lines that an operator would see. */
void look_count_lines(struct gsp_peer *peer, size_t *lines);
void look_set_note(struct gsp_peer *peer, const char *note); /* of its run */
void look_set_refused(struct gsp_peer *peer, size_t slot);
/* Its summary is to go out as soon as may be. */
void look_urge_summary(struct gsp_peer *peer);
/* As if its data were not measured yet: a job that does it keeps a run from beginning. */
void look_unmeasure(struct gsp_peer *peer);
/* As if the transport had not taken anything for long: the link to this node takes nothing more before it hears that so
 * many bytes, which are returned, went out. */
size_t look_block_link(struct gsp_peer *peer, size_t node);
/* This summary was heard of a node, and the link to `neighbour` has yet to carry it. */
void look_put_summary(struct gsp_peer *peer, size_t neighbour, size_t node, const struct gsp_summary *summary,
                      uint64_t now);
/* No stop is known, and one at this round is (0: none). */
void look_forget_stop(struct gsp_peer *peer);
void look_stop_at(struct gsp_peer *peer, uint64_t round);

#endif
