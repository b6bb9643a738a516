/* The workers that test_worker_client.c starts as processes. */
#ifndef TESTS_WORKER_CLIENT_CASES_H
#define TESTS_WORKER_CLIENT_CASES_H

#include <gossip/worker.h>

#include "worker.pb-c.h"

#include <stdint.h>

enum client_case {
    CLIENT_PLAIN,  /* has a state, draws random numbers, updates */
    CLIENT_INLINE, /* the same without shared memory */
    CLIENT_FAILS,  /* is busy; fails at the first attempt, for good at the second */
    CLIENT_DIES    /* of SIGKILL, in its first step */
};

/* What CLIENT_PLAIN carries from step to step. */
struct client_state {
    double m[3];
    uint64_t count;
};

/* Runs one to its end, with GOSSIPD_WORKER set; the code of its error without the sign, or 100 where something is not
 * as it should be. `descriptor` is that of its socket, or -1. */
int client(enum client_case how, int descriptor);

#endif
