/* The inside of a node, shared by the files node_*.c. */
#ifndef GSP_ALGO_NODE_H
#define GSP_ALGO_NODE_H

#include <gossip/algo.h>

#define GSP__HELD_MAX 2 /* messages held of one neighbour: the step in hand and the one after */

/* s is computed afresh from the copies before every so many steps, so that rounding does not build up. */
#define GSP__REFRESH_STEPS 1024

struct gsp__payload {
    uint8_t *bytes;
    size_t length;
};

/* Own messages of steps base .. base + count - 1, with their digests. */
struct gsp__log_entry {
    struct gsp__payload payload;
    uint64_t digest;
};
struct gsp__message_log {
    uint64_t base, base_digest; /* base_digest is d_(base - 1) */
    size_t first, count, capacity;
    struct gsp__log_entry *entries; /* a ring; capacity is a power of two */
};
int gsp__log_append(struct gsp__message_log *log, const uint8_t *bytes, size_t length, uint64_t digest);
struct gsp__log_entry *gsp__log_at(const struct gsp__message_log *log, uint64_t step); /* NULL if it is not there */
void gsp__log_drop_last(struct gsp__message_log *log);
void gsp__log_drop_below(struct gsp__message_log *log, uint64_t base);
void gsp__log_clear(struct gsp__message_log *log);

/* A neighbour's z before a step to come: there it replaces the copy, and messages that are lacking until then count as
 * zero. */
struct gsp__resync {
    uint64_t step, digest;
    double *z;
};

/* One neighbour. */
struct gsp__neighbour {
    size_t node; /* index in the graph */
    double weight;
    uint64_t since;                          /* the first step at which the edge counts */
    bool down;                               /* the edge does not count: its weight is the node's own meanwhile */
    bool counted;                            /* it counted in the sum s as it is */
    bool awaited;                            /* nothing is known of its z: a resync must come first */
    struct gsp__resync *resync;              /* one that waits for its step */
    uint8_t key[32];                         /* of its compressor's stream */
    double *copy;                            /* of its z; NULL in lockstep */
    struct gsp__payload held[GSP__HELD_MAX]; /* held[step % 2] */
    size_t held_count;
    uint64_t expected; /* next step to arrive */
    uint64_t received_digest, held_digest[GSP__HELD_MAX], applied_digest;
    bool orphaned;              /* `mixing` is held no more, and its bytes are freed when the work is finished */
    struct gsp__payload mixing; /* what the work in hand reads; borrowed from held or from the other node */
};

struct gsp_node {
    struct gsp_node_config config;
    size_t d, degree;
    double self_weight;                /* w_ii, and the weights of the edges that do not count */
    uint8_t key[32];                   /* of the own compressor's stream */
    struct gsp_codec *codec, *checker; /* checker serves gsp_node_accept while codec works in another thread */
    double *x, *z, *s;
    double *scratch;              /* the gradient, then x - z */
    double *momentum;             /* m; with open_round see node_momentum.c. NULL without momentum */
    uint64_t open_round;          /* the round whose beginning is in `momentum`; 0: none */
    struct gsp__payload outgoing; /* the encode in hand writes here */
    struct gsp__payload own;      /* what the mix in hand reads: the log's entry of the step, or `expanded` */
    struct gsp__payload expanded; /* in lockstep: the message of the step as all others read it, decoded but once */
    struct gsp__neighbour *neighbours;
    struct gsp__message_log log;
    double *base_z;      /* z before step log.base, for who lacks more than the log holds; NULL unless recovered */
    uint64_t step, last; /* in hand; allowed */
    uint64_t round;      /* completed */
    bool begun;          /* the message of `step` is in the log */
    bool working;
    bool added;             /* lockstep: s and z have this step's messages already (gsp_nodes_add_messages) */
    bool stale;             /* s is to be computed afresh before the next mix: a copy or an edge is not what it was */
    double difference_norm; /* |x - z| before the message in hand */
    double mixed_error, mixed_residual; /* the mix in hand writes these; they count when it is finished */
    double consensus_error, residual;
    struct gsp_counters counters;
};

/* The gradient of this round, in scratch, with momentum; x is where the round begins. */
void gsp__momentum_open(struct gsp_node *node, uint64_t round, double eta);
/* The open round, if there is one, ends at x as it is. */
void gsp__momentum_close(struct gsp_node *node);

/* Puts what was resynced in its place where its step has come, and counts the edges that count now. */
void gsp__node_catch_up(struct gsp_node *node);
void gsp__node_drop_held(const struct gsp_node *node, struct gsp__neighbour *neighbour);
void gsp__resync_free(struct gsp__resync *resync);

uint64_t gsp__digest_start(const uint8_t run_id[16], const char *node);
uint64_t gsp__digest_next(uint64_t previous, const uint8_t run_id[16], uint64_t step, const uint8_t *payload,
                          size_t length);

#endif
