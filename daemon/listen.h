/* listen.h - where other daemons reach this one. */
#ifndef DAEMON_LISTEN_H
#define DAEMON_LISTEN_H

#include <gossip/base.h>
#include <uv.h>

struct daemon;

#define LISTENERS_MAX 8 /* addresses that one host name may stand for */

struct listener {
    struct daemon *daemon;
    int fd;
    uv_poll_t poll;
    uv_timer_t pause; /* after an accept that failed */
    uint64_t warned;  /* when that was last said; 0: never */
    unsigned handles; /* not yet closed */
};

struct listeners {
    struct listener each[LISTENERS_MAX];
    size_t count;
};

/* Listens on every address of the configured Listen; with none there is nothing to do. GSP_ERR_IO and what to change
 * when the port is in use or the address is not this host's. */
int listeners_open(struct daemon *daemon, struct gsp_error *error);
void listeners_close(struct daemon *daemon);

#endif
