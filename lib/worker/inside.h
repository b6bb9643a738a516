/* What the files of libgossip-worker share. */
#ifndef GOSSIP_WORKER_INSIDE_H
#define GOSSIP_WORKER_INSIDE_H

#include <gossip/worker.h>

#include "worker.pb-c.h"

enum {
    GSP__WORKER_VERSION = 1,
    GSP__WORKER_METRICS = 32,
    GSP__WORKER_FRAME = 1 << 20, /* bytes of a message without inline vectors, at most */
    GSP__WORKER_END = 1          /* returned where the daemon is gone */
};

struct gsp__worker_metric {
    char name[33];
    double value;
};

struct gsp_worker {
    struct gsp_worker_model model; /* its texts and x0 are owned */
    size_t bytes;                  /* of a vector */
    char *address;  /* of the daemon's socket; NULL: this program was started, and had its socket inherited */
    int descriptor; /* of the connection; -1: there is none */
    bool greeted;   /* WELCOME has come over it */
    bool ended;     /* there won't be another connection */
    uint8_t *frame; /* the message that came last */
    size_t frame_room;
    void *memory; /* shared with the daemon, or, inline, our own */
    size_t memory_size;
    uint8_t *x, *vector, *state; /* in it */
    bool in_run;
    struct gsp_worker_run run; /* its texts are owned */
    bool in_step;
    uint64_t round, attempt; /* of the step in hand */
    bool save;               /* its answer brings the state */
    uint64_t random_at;      /* bytes of its random stream that were drawn */
    uint8_t random_key[32];
    size_t metric_count;
    struct gsp__worker_metric metrics[GSP__WORKER_METRICS];
};

/* Fills `error` (which may be NULL) and returns `code`. */
int gsp__worker_fail(struct gsp_worker_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- stream.c ---- */

/* Finds the daemon by GOSSIPD_WORKER. USAGE, NOMEM. */
int gsp__worker_address(struct gsp_worker *worker, struct gsp_worker_error *error);
/* Waits for a daemon. END: there won't be one. */
int gsp__worker_connect(struct gsp_worker *worker, struct gsp_worker_error *error);
void gsp__worker_disconnect(struct gsp_worker *worker);
/* Sends one message. NOMEM; that the daemon is gone is left for the next receive, which may find its last words. */
int gsp__worker_send(struct gsp_worker *worker, const Gossipd__WorkerMessage *message, struct gsp_worker_error *error);
/* The next message of a kind that is known here; the caller frees it. Where `passed` is not NULL, a descriptor that
 * comes with it is stored there (-1 at first). END, NOMEM, PROTOCOL. */
int gsp__worker_receive(struct gsp_worker *worker, Gossipd__WorkerMessage **out, int *passed,
                        struct gsp_worker_error *error);

/* ---- memory.c ---- */

/* Takes the memory that came with WELCOME, which is checked, or makes some for inline vectors. `passed` stays the
 * caller's. */
int gsp__worker_map(struct gsp_worker *worker, const Gossipd__WorkerWelcome *welcome, int passed,
                    struct gsp_worker_error *error);
void gsp__worker_unmap(struct gsp_worker *worker);

/* ---- answer.c ---- */

int gsp__worker_hello(struct gsp_worker *worker, struct gsp_worker_error *error);
int gsp__worker_ready(struct gsp_worker *worker, bool with_x0, struct gsp_worker_error *error);
/* RESULT, with the metrics that were given. */
int gsp__worker_result(struct gsp_worker *worker, uint64_t round, struct gsp_worker_error *error);

/* ---- random.c ---- */

/* Keys the stream of the step in hand. */
void gsp__worker_seed(struct gsp_worker *worker);

#endif
