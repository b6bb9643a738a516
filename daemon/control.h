/* control.h - the Unix socket that gossipctl talks to: one request a connection, answered by one or more replies. */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include <gossip/base.h>
#include <uv.h>

struct daemon;
struct client;

struct control {
    uv_pipe_t pipe;
    bool open;
    struct client *first;
    size_t count;
    uint64_t last_number;
};

int control_open(struct daemon *daemon, struct gsp_error *error);
/* Stops listening, ends all clients and removes the socket. */
void control_close(struct daemon *daemon);
/* The peer's action. Takes `bytes`; a client that is gone is ignored. After the last reply the client is let go. */
void control_reply(struct daemon *daemon, uint64_t number, uint8_t *bytes, size_t length, bool last);

#endif
