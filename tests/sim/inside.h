/* The inside of a cluster, shared by queue.c, wires.c, nodes.c and cluster.c. */
#ifndef TESTS_SIM_INSIDE_H
#define TESTS_SIM_INSIDE_H

#include "sim/cluster.h"

enum { CLUSTER_CLIENTS_MAX = 64 };
#define CLUSTER_OUTSIDE ((size_t)-1) /* the end of a wire that is the test's */

enum event_type {
    NOTHING, /* what was to happen no longer can */
    BYTES,
    SENT,
    CONNECTED,
    DIAL_FAILED,
    DISCONNECTED,
    JOB,
    STORED,
    REQUEST,
    ANSWER,       /* of a problem that answers later */
    PROBLEM_DIED, /* what computes it is there again */
    CUT,
    PARTITION,
    HEAL
};

struct event {
    uint64_t at, order;
    enum event_type type;
    size_t node, other;
    uint64_t connection;
    uint8_t *bytes;
    size_t length;
    const char *reason;
    struct gsp_job *job;
    uint64_t client;
    enum gsp_keep file;           /* STORED: `bytes` are what goes to the disk */
    struct gsp_question question; /* ANSWER: `bytes` are the x that was asked about */
    bool save;                    /* ANSWER: it is to bring the state */
    uint64_t life;                /* ANSWER: of what computes it: an older one than today's answers no more */
    long dialed;                  /* CONNECTED: the index by which the node knows the other */
};

struct wire {
    uint64_t id;
    size_t ends[2];
    bool open[2];            /* the end has not been told that it is over */
    uint64_t busy[2];        /* when the last byte towards this end arrives */
    bool reset;              /* nothing more arrives */
    struct gsp_buffer heard; /* by an end outside */
};

struct cluster {
    struct cluster_options options;
    struct gsp_stream random;
    uint64_t now, orders, ids, clients;
    struct event *events; /* a binary heap by (at, order) */
    size_t event_count, event_capacity;
    struct wire *wires;
    size_t wire_count;
    bool parted[CLUSTER_NODES_MAX][CLUSTER_NODES_MAX];
    bool posed[CLUSTER_NODES_MAX];
    uint64_t dialed; /* the newest wire to a node that is posed */
    size_t cuts_made, ticks;
    struct gsp_network *network;
    struct gsp_graph *graph;
    uint8_t secrets[CLUSTER_NODES_MAX][GSP_KEY_BYTES];
    struct gsp_dataset *data[CLUSTER_NODES_MAX];
    struct gsp_problem *problems[CLUSTER_NODES_MAX];
    uint64_t lives[CLUSTER_NODES_MAX];     /* of what computes them, if they answer later */
    size_t away[CLUSTER_NODES_MAX];        /* it died, and its node has yet to hear that it is there again: so often */
    bool mute[CLUSTER_NODES_MAX];          /* the test answers in its place */
    const char *makers[CLUSTER_NODES_MAX]; /* their fingerprint; NULL: of "a test" */
    bool full[CLUSTER_NODES_MAX];          /* the disk takes nothing */
    struct gsp_buffer disks[CLUSTER_NODES_MAX][GSP_KEEP_COUNT];
    struct gsp_peer *peers[CLUSTER_NODES_MAX];      /* NULL: not running */
    struct gsp_buffer histories[CLUSTER_NODES_MAX]; /* what a file would hold: it outlives its process */
    struct cluster_reply *replies[CLUSTER_CLIENTS_MAX];
    const char *files[CLUSTER_NODES_MAX]; /* the network files of nodes that have one of their own */
    bool moved[CLUSTER_NODES_MAX];
    struct gsp_network *born_network[CLUSTER_NODES_MAX]; /* what their peers began with */
    struct gsp_graph *born_graph[CLUSTER_NODES_MAX];
};

/* queue.c */
void cluster_schedule(struct cluster *cluster, uint64_t at, struct event event);
struct event cluster_next_event(struct cluster *cluster);
uint64_t cluster_some(struct cluster *cluster, uint64_t most); /* 0 to most, at random */

/* wires.c */
struct wire *cluster_wire(const struct cluster *cluster, uint64_t id);
struct wire *cluster_wire_new(struct cluster *cluster, size_t a, size_t b);
void cluster_wire_reset(struct cluster *cluster, struct wire *wire);
void cluster_wire_carry(struct cluster *cluster, size_t from, struct gsp_action *action); /* takes action->bytes */
void cluster_wire_close(struct cluster *cluster, size_t from, uint64_t id, bool graceful);
void cluster_wires_free(struct cluster *cluster);

/* history.c */
void cluster_history_open(struct cluster *cluster, size_t node, const struct gsp_action *action);
/* reload.c */
void cluster_read_file(const struct cluster *cluster, size_t node, struct gsp_network **network,
                       struct gsp_graph **graph, struct gsp_problems *problems);
size_t cluster_index(const struct cluster *cluster, size_t node, size_t known); /* whom a node knows by this index */
bool cluster_reachable(const struct cluster *cluster, size_t node, size_t known);
void cluster_reload_file(struct cluster *cluster, size_t node, uint64_t client);
void cluster_undial(struct cluster *cluster, size_t node);

/* cluster.c */
void cluster_act(struct cluster *cluster, size_t node); /* carries out the peer's actions */
void cluster_put(struct cluster *cluster, size_t node, enum gsp_keep file, const uint8_t *bytes, size_t length);

#endif
