/* relay.h - a TCP relay that spoils what it carries: tests put it between two programs.
 *
 * Each link listens on a port of 127.0.0.1 and forwards every connection to another one. Its faults may be changed
 * while it runs (command.h). Direction a is from who dialed to the target, direction b is back. What is drawn at random
 * (jitter, where a connection is reset) depends on the seed, the link and the number of the connection on that link. */
#ifndef TESTS_RELAY_H
#define TESTS_RELAY_H

#include <gossip/base.h>
#include <stdio.h>
#include <uv.h>

enum direction { DIRECTION_A, DIRECTION_B };
#define DIRECTIONS 2

enum reset_rule { RESET_NEVER, RESET_AFTER, RESET_WITHIN };

struct faults {
    uint64_t delay, jitter; /* milliseconds that each piece is held, the second times a number drawn from [0, 1) */
    uint64_t rate;          /* bytes a second, each direction of a connection; 0: unlimited */
    bool stall[DIRECTIONS]; /* bytes wait here; senders feel it when the buffers on the way are full */
    bool cut[DIRECTIONS];   /* bytes vanish, and so do the ends of connections; healed, such a connection is reset */
    bool refuse;            /* nobody listens */
    enum reset_rule rule;   /* each connection is reset once... */
    uint64_t reset_bytes;   /* ...so many bytes, or a number drawn from 1 to so many, have passed in both directions */
};

struct relay;

struct link {
    struct relay *relay;
    size_t number; /* from 1, as commands name it */
    unsigned port, target;
    uv_tcp_t listener;
    bool listening, closing; /* the handle is in use; it is being closed */
    struct faults faults;
    struct pair *pairs;
    uint64_t connections, resets, bytes[DIRECTIONS]; /* since the start */
};

struct relay {
    uv_loop_t loop;
    uint64_t seed;
    size_t count;
    struct link *links;
    char buffer[16384]; /* for the bytes of one read */
};

/* Returns 0 or an error of libuv. */
int link_listen(struct link *link);
void link_refuse(struct link *link);
/* After a change of the faults: what was waiting may go on, what lost bytes is reset. */
void link_changed(struct link *link);
/* Resets all connections now. */
void link_reset(struct link *link);
/* Draws where each connection is to be reset, by the link's new rule. */
void link_draw_resets(struct link *link);

/* One "link ..." line for each link. */
void relay_show(const struct relay *relay, FILE *out);

#endif
