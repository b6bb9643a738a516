/* history.h - the history of the last run, history.csv in the state folder: appended to in large pieces by the thread
 * pool, never fsynced for a row. What can't be written waits in memory, and the run goes on. */
#ifndef DAEMON_HISTORY_H
#define DAEMON_HISTORY_H

#include <gossip/session.h>
#include <uv.h>

struct daemon;

/* What the file is to become. */
struct history_task {
    bool open; /* first go to where `run` goes on with round `next`, in a new file if need be */
    struct gsp_run_key run;
    uint64_t next;
    struct gsp_buffer lines;
};

struct history_reader {
    uint64_t client, position;
    uint8_t *part;
    size_t length;
    uint64_t total;
    int problem; /* errno */
};
enum { HISTORY_READERS_MAX = 32 };

struct history {
    char *path;
    uv_timer_t timer; /* lines wait for company */
    uv_work_t request;
    bool busy;                       /* the request is out: `now`, `file` and `serving` are its */
    struct history_task now, coming; /* `now` stays until it is done: after a failure it is tried again */
    struct {
        int descriptor; /* -1: not open */
        uint64_t length;
        int problem;         /* errno of the last attempt */
        bool beginning_lost; /* a run goes on, and not all rounds before are there */
    } file;
    bool failing, dropping; /* and it was said */
    struct history_reader serving[HISTORY_READERS_MAX], waiting[HISTORY_READERS_MAX];
    size_t serving_count, waiting_count;
};

int history_begin(struct daemon *daemon, struct gsp_error *error);
/* Actions of the peer. history_append takes `bytes`. */
void history_open(struct daemon *daemon, const struct gsp_run_key *run, uint64_t next);
void history_append(struct daemon *daemon, uint8_t *bytes, size_t length);
/* Writes what waits now: a checkpoint should not be newer than the file, or rounds would be missing after a crash. */
void history_flush(struct daemon *daemon);
void history_read(struct daemon *daemon, uint64_t client, uint64_t position);
/* Closes the timer; then, when the loop has ended, history_end writes what is left. */
void history_close(struct daemon *daemon);
void history_end(struct daemon *daemon);

#endif
