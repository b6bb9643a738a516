/* The daemon's side of proto/worker.proto, as little of it as tests of libgossip-worker need. */
#ifndef TESTS_WORKER_FAKE_H
#define TESTS_WORKER_FAKE_H

#include "worker/client_cases.h"

#include "worker.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { FAKE_DIMENSION = 3 };

struct fake {
    int end;
    pid_t child;
    double *x, *vector; /* D each */
    uint8_t *state;     /* of the worker, at most 3,968 bytes */
    void *memory;
    uint8_t frame[4096];
};

void fake_send_bytes(const struct fake *fake, const void *bytes, size_t length);
void fake_tell(struct fake *fake, const Gossipd__WorkerMessage *message);
/* The next message, which the caller frees; NULL at the end of the stream. */
Gossipd__WorkerMessage *fake_hear(struct fake *fake);
Gossipd__WorkerMessage *fake_expect(struct fake *fake, Gossipd__WorkerMessage__BodyCase kind);
void fake_done_with(Gossipd__WorkerMessage *message);
/* WELCOME, with memory of this size; not sealed, it may shrink. */
void fake_welcome(struct fake *fake, size_t size, bool sealed);
void fake_greet(struct fake *fake);
void fake_init(struct fake *fake, uint64_t epoch, uint64_t seed);
void fake_load(struct fake *fake, uint64_t round, const void *state, size_t length);
void fake_ask(struct fake *fake, uint64_t round, uint64_t attempt, bool save);
/* Rounds first to last, each of which makes the vector the next x; the state after the last is saved. */
void fake_train(struct fake *fake, uint64_t first, uint64_t last);
void fake_stop(struct fake *fake);
/* Waits for the child; what it came to is `result`. */
void fake_ended(struct fake *fake, int result);
struct fake fake_start(enum client_case how);

#endif
