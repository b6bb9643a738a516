/* daemon.h - one running daemon: a gsp_peer, and the parts that carry out its actions with libuv. All of it but the
 * job in the thread pool runs on the loop's thread. */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "control.h"
#include "dial.h"
#include "history.h"
#include "listen.h"
#include "net.h"
#include "reload.h"
#include "setup.h"
#include "signals.h"
#include "state.h"
#include "store.h"
#include "work.h"
#include "worker.h"

#include <gossip/session.h>
#include <uv.h>

struct daemon {
    uv_loop_t loop;
    uv_timer_t deadline;         /* of the peer */
    uv_timer_t patience;         /* of a shutdown */
    uint64_t armed;              /* when `deadline` fires; UINT64_MAX: it does not */
    bool pumping;                /* actions are being taken out: whoever feeds an event now need not start it again */
    bool stopping, finishing;    /* an orderly shutdown has begun; everything is closed but the loop's own handles */
    struct gsp_problem *data;    /* of the setup's rows; NULL: there are none */
    struct gsp_problem *problem; /* the same, or with a worker beside it */
    struct gsp_peer *peer;
    const struct setup *setup;         /* borrowed */
    const struct state_folder *folder; /* borrowed */
    struct gsp_log log;
    struct net net;
    struct listeners listeners;
    struct dials dials;
    struct work work;
    struct worker worker;
    struct store store;
    struct control control;
    struct history history;
    struct reloads reloads;
    struct signals signals;
};

/* Milliseconds of the monotonic clock that the peer's times are in, read anew. */
uint64_t daemon_now(struct daemon *daemon);
/* Hands the peer an event, now. */
void daemon_tell(struct daemon *daemon, const struct gsp_event *event);
/* Carries out the peer's actions and sets the timer by its deadline. Call after every event. */
void daemon_pump(struct daemon *daemon);
/* Bytes that a run may take on this machine; 0: not known. */
size_t daemon_memory(const struct daemon *daemon);
/* Begins an orderly shutdown; the second call ends the process at once. */
void daemon_stop(struct daemon *daemon, const char *why);
/* Runs a daemon from its start to its end. `setup` and `folder` are borrowed; the secret key in `setup` is wiped as
 * soon as the peer has it. */
int daemon_run(struct setup *setup, const struct state_folder *folder, const struct gsp_log *log,
               struct gsp_error *error);

#endif
