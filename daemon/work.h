/* work.h - the thread pool: the peer's jobs, and files that a run names. */
#ifndef DAEMON_WORK_H
#define DAEMON_WORK_H

#include <gossip/session.h>
#include <uv.h>

struct daemon;

/* The peer has at most one job out at any time. */
struct work {
    uv_work_t request;
    struct gsp_job *job; /* NULL: none is out */
    double seconds[GSP_JOB_STAGES];
};

/* Runs the job's stages one after another on another thread, timing each, and gives it back. */
void work_start(struct daemon *daemon, struct gsp_job *job);
/* Asks a job that is out to end early, if it can. */
void work_cancel(struct daemon *daemon);

/* Reads a file, relative to the configuration file, for the peer. */
void work_read(struct daemon *daemon, const char *path, size_t limit);

#endif
