/* net.h - TCP connections to other daemons: reading, writing, closing. */
#ifndef DAEMON_NET_H
#define DAEMON_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct daemon;
struct connection;

#define NET_BUCKETS 256
#define NET_BUFFER  65536

struct net {
    struct connection *buckets[NET_BUCKETS]; /* open connections by number */
    uint64_t last_number;
    char buffer[NET_BUFFER]; /* libuv reads into it and hands it over at once, so all streams share it */
};

/* libuv's allocation callback for every stream whose data is its daemon. */
void net_buffer(struct daemon *daemon, uv_buf_t *buffer);

/* A connection that the peer does not know yet, with a TCP handle to accept or connect. NULL without memory. */
struct connection *connection_new(struct daemon *daemon);
uv_tcp_t *connection_tcp(struct connection *connection);
/* Frees one that was never opened. A connect request under way ends with UV_ECANCELED. */
void connection_abandon(struct connection *connection);
/* The connection stands: tells the peer and begins to read. `dialed` is a node, or -1 if it was accepted. */
void connection_open(struct connection *connection, long dialed);

/* The printable host of an address, as the peer groups accepted connections by. */
void address_text(char *text, size_t size, const struct sockaddr *address);

/* Actions of the peer. A number that means nothing any more is ignored. net_send takes `bytes`. */
void net_send(struct daemon *daemon, uint64_t number, uint8_t *bytes, size_t length);
void net_close(struct daemon *daemon, uint64_t number, bool graceful);

#endif
