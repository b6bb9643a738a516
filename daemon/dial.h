/* dial.h - connecting to another daemon: its name is looked up anew each time, and all its addresses are tried. */
#ifndef DAEMON_DIAL_H
#define DAEMON_DIAL_H

#include <stddef.h>

struct daemon;
struct dial;

struct dials {
    struct dial *first;
};

/* The peer's action; ends in gsp_peer_connected or gsp_peer_dial_failed. */
void dial_start(struct daemon *daemon, size_t node);
/* The peer's action: gives all dials up, and says nothing of it. */
void dials_forget(struct daemon *daemon);
/* Gives all dials up; the peer is told. */
void dials_cancel(struct daemon *daemon);

#endif
