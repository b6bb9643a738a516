/* fetch.h - what takes more than one reply to get from a daemon: vectors and histories. */
#ifndef GOSSIP_TOOLS_CTL_FETCH_H
#define GOSSIP_TOOLS_CTL_FETCH_H

#include <gossip/base.h>
#include <gossip/store.h>

/* Functions return an exit code; on any but EXIT_DONE `error` says what is wrong and what to do. */

/* A vector, and what it is a vector of: the run that is going on, or else the last one that left a result. */
struct fetched_vector {
    uint64_t count;
    double *values; /* the caller frees them */
    struct gsp_run_key run;
    uint64_t round;
    char settings[2048]; /* of the run; empty: they are not known any more */
};
/* x or z. */
int fetch_vector(const char *socket, char vector, struct fetched_vector *out, struct gsp_error *error);
/* The history of the daemon's last run: its file, and what is in it. The caller clears `csv` and frees *history with
 * gsp_histories_free(*history, 1). */
int fetch_history(const char *socket, struct gsp_buffer *csv, struct gsp_history **history, struct gsp_error *error);

#endif
