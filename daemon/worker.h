/* worker.h - the node's worker (doc/worker.md): started and restarted, or one that connects; asked what the peer asks.
 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include "worker_link.h"
#include "worker_process.h"

#include <gossip/host.h>

struct daemon;

/* The step that failed last, and how often it did. */
struct worker_failures {
    struct gsp_question question;
    unsigned count;
};

struct worker {
    struct daemon *daemon;
    bool wanted; /* there is a [Worker] */
    bool closed; /* no more: the daemon ends */
    bool listening;
    char *socket; /* path of worker.sock */
    char *folder; /* where Command runs */
    uv_pipe_t listener;
    uv_timer_t timer; /* to start it again, or for its next sign of life */
    struct worker_process *process;
    struct worker_link *link;
    bool ready;      /* on `link`, it has been welcomed */
    bool evaluates;  /* it can say how good x is */
    unsigned starts; /* since it last answered */
    bool asked;      /* it has a question of the peer's */
    struct gsp_question question;
    uint64_t asked_at;
    struct worker_failures failures;
    double patience;                   /* seconds until the timer finds it silent */
    char why[GSP_REASON_MAX + 1];      /* it is not there; empty: it is, or nobody knows yet */
    char given_up[GSP_REASON_MAX + 1]; /* it said that it will never work */
};

/* Starts the worker, or listens for one, if the configuration has a [Worker]. After the peer was made. */
int worker_open(struct daemon *daemon, struct gsp_error *error);
/* The peer's action. */
void worker_ask(struct daemon *daemon, const struct gsp_question *question, const struct gsp_asked *asked);
/* Ends the worker, and takes no other. */
void worker_close(struct daemon *daemon);
/* Nothing of it is left. */
bool worker_gone(const struct daemon *daemon);

#endif
