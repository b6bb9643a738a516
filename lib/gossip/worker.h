/* gossip/worker.h - a program of your own that computes a node's local step, beside its daemon (libgossip-worker).
 *
 *     struct gsp_worker *w;
 *     struct gsp_worker_step step;
 *     int rc = gsp_worker_open(&w, &(struct gsp_worker_model){.name = "mine", .dimension = d}, &error);
 *     while (!rc && (rc = gsp_worker_next(w, &step, &error)) == 1)
 *         rc = gsp_worker_gradient(w, g, loss, rows, &error);
 *
 * The daemon keeps the parameters, compresses, gossips, checkpoints and recovers. A step must be a function of (x,
 * state, round, seed, data) alone: then a crash of the worker, of the daemon, of both changes no bit of what a run
 * comes to. Draw from gsp_worker_random, and save whatever else lasts from step to step.
 *
 * The daemon is found by the environment: GOSSIPD_WORKER is "fd:N", a connected socket, where gossipd has started this
 * program, or the path of State/worker.sock. Functions return 0 or a negative GSP_WORKER_ERR_... and fill `error`,
 * which may be NULL. One thread at a time may use a worker. This library stands alone: no other header of gossip/ goes
 * with it. */
#ifndef GOSSIP_WORKER_H
#define GOSSIP_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gsp_worker_err {
    GSP_WORKER_ERR_NOMEM = -1,
    GSP_WORKER_ERR_USAGE = -2,    /* an argument, the environment, or a function out of turn */
    GSP_WORKER_ERR_IO = -3,       /* the system refuses; another try would not help */
    GSP_WORKER_ERR_PROTOCOL = -4, /* the daemon's bytes do not decode, or may not come now */
    GSP_WORKER_ERR_REFUSED = -5,  /* the daemon refuses what it was told; the message is its reason */
    GSP_WORKER_ERR_CALLBACK = -6  /* a function of the model has failed; the daemon was told (ERROR) */
};

struct gsp_worker_error {
    int code;
    char message[1000]; /* what, and what to do about it */
};

enum gsp_worker_dtype { GSP_WORKER_F32, GSP_WORKER_F64 }; /* float, double */

struct gsp_worker;

/* A run of the network; texts are borrowed until the next run begins. */
struct gsp_worker_run {
    uint64_t epoch; /* its number, from 1 */
    uint8_t id[16];
    uint64_t seed, rounds;
    const char *node;     /* this one's name */
    const char *settings; /* "key=value" lines */
};

/* What computes. Copied by gsp_worker_open, x0 and texts as well; members that are left 0 are optional but for the
 * first two. The functions are called within gsp_worker_next, `save` within the answer; they return 0, or another
 * number for failure. */
struct gsp_worker_model {
    const char *name;            /* 1 to 64 bytes; the same on all nodes */
    size_t dimension;            /* d */
    enum gsp_worker_dtype dtype; /* of all vectors here */
    const char *fingerprint;     /* what computes: library, version, threads; at most 100 bytes */
    const void *x0;              /* d values, the same on all nodes; NULL: the initial point is the daemon's */
    uint64_t rows;               /* of its data, for people to read */
    bool inline_vectors;         /* vectors in the messages, no shared memory */
    uint64_t state_max;          /* greatest size of the saved state, in bytes; 0: it has none */
    void *context;               /* handed to the functions below */
    /* A run begins: the state becomes what it is before a first step. Needed where there is a state. */
    int (*begin)(void *context, const struct gsp_worker_run *run);
    /* Writes the state as it is, *length bytes of `room` (state_max), to `bytes`. */
    int (*save)(void *context, void *bytes, size_t room, size_t *length);
    /* Takes the state that was saved after that round. */
    int (*load)(void *context, uint64_t round, const void *bytes, size_t length);
    /* Measures x (d values) and calls gsp_worker_metric; "loss" and "accuracy" (0 to 1) have places of their own in the
     * tables of status. It must leave the state as it is. */
    int (*evaluate)(void *context, struct gsp_worker *worker, const void *x);
    /* A line for people: "waiting for gossipd at ...". NULL: it goes to stderr. */
    void (*say)(void *context, const char *text);
};

/* A step to be done. Everything is borrowed until it is answered. */
struct gsp_worker_step {
    const struct gsp_worker_run *run;
    uint64_t round, rounds; /* from 1 to rounds */
    uint64_t attempt;       /* from 1; the same step again has the next */
    uint64_t seed;
    double eta; /* the step size of this round */
    const char *node, *settings;
    size_t dimension;
    const void *x;  /* d values of dtype, in memory shared with the daemon: read only */
    void *gradient; /* room for d values, where an answer goes: fill it and hand it over, and no copy is made */
};

/* Checks the model and the environment. The connection is made by gsp_worker_next. The caller frees *out with
 * gsp_worker_close. A started worker's socket is set to close on exec here. USAGE, NOMEM. */
int gsp_worker_open(struct gsp_worker **out, const struct gsp_worker_model *model, struct gsp_worker_error *error);
/* Ends the connection and frees; NULL is allowed. */
void gsp_worker_close(struct gsp_worker *worker);

/* Waits for the next step; all else that the daemon asks is answered meanwhile. 1: *step is to be answered; 0: an
 * orderly end. Where the daemon ends without one, this returns 0 if it has started this program, and else waits for the
 * next daemon, trying once a second. After an error an attached worker may call it again, for another connection. */
int gsp_worker_next(struct gsp_worker *worker, struct gsp_worker_step *step, struct gsp_worker_error *error);

/* A number to go with the next answer, or evaluation: a name of 1 to 32 letters, digits, _; at most 32 of them. USAGE.
 */
int gsp_worker_metric(struct gsp_worker *worker, const char *name, double value);
/* Answers with the gradient at x, of which the daemon makes x - eta g; or with what the worker has made of x. d values
 * of dtype, copied unless they stand in step.gradient. The state must be that after the step already: it is saved here.
 * `loss` is that at x (one that is not finite says that the run has diverged); `rows` that it was computed from, 0 if
 * not known. That the daemon has gone is no error here: gsp_worker_next sees to it. USAGE, NOMEM, CALLBACK. */
int gsp_worker_gradient(struct gsp_worker *worker, const void *g, double loss, uint64_t rows,
                        struct gsp_worker_error *error);
int gsp_worker_update(struct gsp_worker *worker, const void *x_new, double loss, uint64_t rows,
                      struct gsp_worker_error *error);
/* No further sign of life is due for so many seconds. */
int gsp_worker_busy(struct gsp_worker *worker, double seconds, struct gsp_worker_error *error);
/* Instead of an answer: this step has failed, the daemon may ask for it again; it never will work, and the run ends
 * everywhere. Of the text the first 4,000 bytes are sent. */
void gsp_worker_failed(struct gsp_worker *worker, const char *text);
void gsp_worker_abort(struct gsp_worker *worker, const char *text);

/* The next `length` bytes of the random stream of the step in hand, which is ChaCha20 keyed by (seed, node, round): the
 * same whenever that step is done again, and nothing to save. Zeros while there is no step. */
void gsp_worker_random(struct gsp_worker *worker, void *bytes, size_t length);
/* Uniform in [0, bound), bound > 0, unbiased, from that stream. */
uint64_t gsp_worker_below(struct gsp_worker *worker, uint64_t bound);

#endif
