/* reload.h - reading the network file anew while the daemon runs. */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <stdint.h>

struct daemon;
struct reloading;

/* One after another, so that what was read last is what counts. */
struct reloads {
    struct reloading *first, *last;
};

/* Reads the file on another thread and hands it to the peer; `client` waits for the outcome, or GSP_NO_CLIENT. */
void reload_start(struct daemon *daemon, uint64_t client);

#endif
