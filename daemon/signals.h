/* signals.h - SIGTERM and SIGINT stop the daemon in order, a second one at once; SIGHUP reads the network file anew. */
#ifndef DAEMON_SIGNALS_H
#define DAEMON_SIGNALS_H

#include <uv.h>

struct daemon;

struct signals {
    uv_signal_t interrupt, terminate, hangup;
};

void signals_open(struct daemon *daemon);
/* From here on they are ignored: what an orderly end still has to do must not be cut short, nor its exit code lost. */
void signals_close(struct daemon *daemon);

#endif
