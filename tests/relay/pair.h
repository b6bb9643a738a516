/* pair.h - a connection and its continuation to the target. */
#ifndef TESTS_RELAY_PAIR_H
#define TESTS_RELAY_PAIR_H

#include "flow.h"
#include "relay.h"

struct pair {
    struct link *link;
    struct pair *next;
    uv_tcp_t end[DIRECTIONS]; /* whom direction a, b comes from: the one that dialed, the target */
    struct flow flow[DIRECTIONS];
    uv_connect_t connect;
    uint64_t number, left; /* on its link, from 1; bytes until it is reset, UINT64_MAX: it is not */
    unsigned handles;
    bool connected, lost, closing; /* lost: bytes vanished, so that it can't go on */
};

/* Accepts the link's pending connection and dials the target. */
void pair_accept(struct link *link);
void pair_draw_reset(struct pair *pair);
/* Ends both halves, with RST if `reset`. The pair is gone once libuv has closed its handles. */
void pair_close(struct pair *pair, bool reset);
/* Called by a flow that has nothing more to carry. */
void pair_flow_over(struct pair *pair);

#endif
