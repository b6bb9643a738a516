/* worker_process.h - the process of a worker that gossipd starts: begun, ended, waited for. */
#ifndef DAEMON_WORKER_PROCESS_H
#define DAEMON_WORKER_PROCESS_H

#include <gossip/base.h>
#include <uv.h>

struct worker_process;

struct worker_process_config {
    uv_loop_t *loop;
    const char *command; /* for /bin/sh */
    const char *folder;  /* where it runs */
    const char *node;    /* GOSSIPD_NODE */
    const char *output;  /* where a user reads what it prints: "in the log" */
    /* It is gone: why, in words; `ended`: of its own accord, with exit code 0. */
    void (*gone)(void *context, const char *how, bool ended);
    void *context;
};

/* *fd: this end of the stream to it, which the caller closes. GSP_ERR_IO, GSP_ERR_NOMEM. */
int worker_process_start(struct worker_process **out, int *fd, const struct worker_process_config *config,
                         struct gsp_error *error);
/* Asks it to end by SIGTERM, and 5 s later by SIGKILL. Again: nothing. */
void worker_process_end(struct worker_process *process);

#endif
