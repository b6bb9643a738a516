/* flow.h - one direction of a pair: what was read and not yet written, and when it may be. */
#ifndef TESTS_RELAY_FLOW_H
#define TESTS_RELAY_FLOW_H

#include "relay.h"

struct pair;
struct piece;

struct flow {
    struct pair *pair;
    enum direction direction;
    uv_tcp_t *from, *to;
    struct piece *first, *last;
    size_t held;     /* bytes in all pieces */
    uint64_t latest; /* when the last piece is due: none overtakes another */
    double free_at;  /* when the rate lets the next byte pass */
    struct gsp_stream jitter;
    uv_timer_t timer;
    uv_write_t write;
    uv_shutdown_t shutdown;
    bool reading, writing;
    bool read_end, over; /* nothing more comes in; everything went out, or was swallowed */
};

void flow_init(struct flow *flow, struct pair *pair, enum direction direction);
void flow_start(struct flow *flow);
/* Writes what is due, or sets the timer. Call when anything changed. */
void flow_pump(struct flow *flow);
/* Frees what is held; the handles are the pair's to close. */
void flow_clear(struct flow *flow);

#endif
