/* gossip/session.h - a whole peer as a state machine: the protocol without sockets, clocks or threads.
 *
 * Feed it events, take actions back, ask for its next deadline. The daemon drives it with libuv, tests drive it in
 * virtual time. All times are milliseconds of one monotonic clock of the caller's. */
#ifndef GOSSIP_SESSION_H
#define GOSSIP_SESSION_H

#include <gossip/algo.h>
#include <gossip/base.h>
#include <gossip/config.h>
#include <gossip/data.h>
#include <gossip/store.h>
#include <gossip/wire.h>

struct gsp_peer;

/* What a node keeps over a restart; names of files in the state folder. */
enum gsp_keep { GSP_KEEP_RUN, GSP_KEEP_CHECKPOINT_A, GSP_KEEP_CHECKPOINT_B, GSP_KEEP_RESULT, GSP_KEEP_COUNT };
const char *gsp_keep_name(enum gsp_keep file);

struct gsp_peer_config {
    const struct gsp_network *network; /* these are borrowed and outlive the peer, even after a reload */
    const struct gsp_graph *graph;
    size_t self;
    uint8_t secret_key[GSP_KEY_BYTES];
    uint8_t entropy[32]; /* fresh randomness of this process: incarnation, ephemeral keys, run ids, jitter */
    const struct gsp_dataset *train, *test; /* test may be NULL */
    size_t memory_limit;                    /* bytes that a run may take; 0: no limit */
    /* The files as an earlier life left them (bytes NULL: there is none); read by gsp_peer_new alone. */
    struct gsp_kept_file {
        const uint8_t *bytes;
        size_t length;
    } files[GSP_KEEP_COUNT];
    struct gsp_log log;
    char version[32];
};

/* Goes on with the run that the files tell of. GSP_ERR_DATA or GSP_ERR_CONFIG where it cannot: the data or the network
 * are not those of that run. */
int gsp_peer_new(struct gsp_peer **out, const struct gsp_peer_config *config, uint64_t now, struct gsp_error *error);
/* Any job handed out must have been given back before. */
void gsp_peer_free(struct gsp_peer *peer);

/* ---- events ---- */

/* A TCP connection exists. `dialed`: the node it was dialed for, or -1 if it was accepted. `address` groups accepted
 * connections for the per-address cap (the printable host). Connection numbers are the caller's and never used twice.
 */
void gsp_peer_connected(struct gsp_peer *peer, uint64_t connection, long dialed, const char *address, uint64_t now);
void gsp_peer_dial_failed(struct gsp_peer *peer, size_t node, const char *reason, uint64_t now);
void gsp_peer_received(struct gsp_peer *peer, uint64_t connection, const uint8_t *bytes, size_t length, uint64_t now);
/* The transport took `length` bytes of what SEND handed out: room for more. */
void gsp_peer_sent(struct gsp_peer *peer, uint64_t connection, size_t length, uint64_t now);
/* The connection is gone (after this its number means nothing). `reason` NULL: orderly end of stream. */
void gsp_peer_disconnected(struct gsp_peer *peer, uint64_t connection, const char *reason, uint64_t now);
void gsp_peer_tick(struct gsp_peer *peer, uint64_t now);
/* A request from the control socket: protobuf bytes without the u32. Answered by REPLY actions with the same `client`.
 */
void gsp_peer_request(struct gsp_peer *peer, uint64_t client, const uint8_t *bytes, size_t length, uint64_t now);
void gsp_peer_client_gone(struct gsp_peer *peer, uint64_t client);
/* The file of a READ action: bytes, or why not. */
void gsp_peer_file(struct gsp_peer *peer, const char *path, const uint8_t *bytes, size_t length, const char *failure,
                   uint64_t now);
/* The STORE action of this file is carried out: it is on the disk for good, or why not. */
void gsp_peer_stored(struct gsp_peer *peer, enum gsp_keep file, const char *failure, uint64_t now);
/* The history can't be written: why, for status; NULL: it can again. */
void gsp_peer_history_failed(struct gsp_peer *peer, const char *reason, uint64_t now);
/* The network file, read anew: the answer to a RELOAD action, or of the driver's own accord (client GSP_NO_CLIENT: the
 * outcome is only logged). Takes network and graph; they are NULL if the file has problems, which are then listed.
 * Endpoints and the removal of nodes take effect at once, the rest when no run needs the old network any more; until
 * then the summary's reason says what it waits for. Adds to `problems` if this node or its network has another identity
 * in the file; with any problem the old network stays in force. `file` names the file in messages. */
#define GSP_NO_CLIENT UINT64_MAX
void gsp_peer_reload(struct gsp_peer *peer, uint64_t client, struct gsp_network *network, struct gsp_graph *graph,
                     const char *file, struct gsp_problems *problems, uint64_t now);
/* The network in force: what the node of a DIAL action is an index into. Good until the next event. */
const struct gsp_network *gsp_peer_network(const struct gsp_peer *peer);
/* Begin an orderly shutdown: Close to every neighbour. Connections are closed by CLOSE actions; nothing is dialed any
 * more. */
void gsp_peer_shutdown(struct gsp_peer *peer, uint64_t now);

/* ---- jobs: expensive and pure, for another thread ---- */

struct gsp_job;
enum gsp_job_stage {
    GSP_JOB_DONE,
    GSP_JOB_MEASURE,
    GSP_JOB_CALIBRATE,
    GSP_JOB_MIX,
    GSP_JOB_GRADIENT,
    GSP_JOB_ENCODE,
    GSP_JOB_SAVE,
    GSP_JOB_EVALUATE
};
/* The stage that gsp_job_run would run next. */
enum gsp_job_stage gsp_job_stage(const struct gsp_job *job);
/* Runs one stage; any thread, no locks, touches only the job's own memory. The caller may time each. */
void gsp_job_run(struct gsp_job *job);
/* The job is at GSP_JOB_DONE; seconds[stage] is what the caller measured. Gives the job back. */
void gsp_peer_job_done(struct gsp_peer *peer, struct gsp_job *job, const double seconds[GSP_JOB_EVALUATE + 1],
                       uint64_t now);
/* Sets a flag that a long calibration looks at, so that a shutdown need not wait for it. Any thread. */
void gsp_job_cancel(struct gsp_job *job);

/* ---- actions ---- */

enum gsp_action_type {
    GSP_ACTION_SEND,   /* connection, bytes, length: write them; the caller frees bytes with free() */
    GSP_ACTION_CLOSE,  /* connection; graceful: first write what was handed out, shutdown(WR), drain up to 5 s; else at
                          once */
    GSP_ACTION_DIAL,   /* node: look its endpoint up and connect; answered by connected or dial_failed */
    GSP_ACTION_UNDIAL, /* give up all dials that are not answered yet; none of them is answered any more */
    GSP_ACTION_RELOAD, /* client: read the network file anew; answered by gsp_peer_reload */
    GSP_ACTION_JOB,    /* job: at most one is out at any time */
    GSP_ACTION_REPLY,  /* client, bytes (with u32), length: write to the control client; free() */
    GSP_ACTION_STORE,  /* file, bytes, length: write it beside the old one, fsync, rename, fsync the folder; answered by
                          gsp_peer_stored. The bytes stay the peer's, unchanged until then. One a file at a time */
    GSP_ACTION_READ,   /* path: read a file (init=file:PATH; relative to the configuration file) of at most `length`
                          bytes; answered by gsp_peer_file */
    GSP_ACTION_HISTORY_OPEN, /* run, position: the history goes on with round `position` of this run: keep what
                                gsp_history_keep says of the file, or begin a new one with gsp_history_put_header */
    GSP_ACTION_HISTORY,      /* bytes, length: append these lines to it, when there is time; free() */
    GSP_ACTION_HISTORY_READ  /* client, position: reply with the part of the file from this byte on, all that was to
                                be appended so far included */
};
struct gsp_action {
    enum gsp_action_type type;
    uint64_t connection, client;
    size_t node;
    enum gsp_keep file;
    bool graceful; /* CLOSE */
    bool last;     /* REPLY: nothing more follows for this client, which takes one request a connection */
    uint8_t *bytes;
    size_t length;
    struct gsp_job *job;
    char path[512];
    struct gsp_run_key run; /* HISTORY_OPEN */
    uint64_t position;      /* HISTORY_OPEN, HISTORY_READ */
};
/* Takes the next action out; false when there is none. Call after every event until it returns false. */
bool gsp_peer_next_action(struct gsp_peer *peer, struct gsp_action *action);
/* When gsp_peer_tick must be called next, at the latest; UINT64_MAX: no need. */
uint64_t gsp_peer_deadline(const struct gsp_peer *peer);
/* After gsp_peer_shutdown: all connections are closed and no job is out. */
bool gsp_peer_finished(const struct gsp_peer *peer);

/* ---- pieces that stand alone ---- */

/* Public key of a secret key (X25519). */
int gsp_public_key(uint8_t public_key[GSP_KEY_BYTES], const uint8_t secret_key[GSP_KEY_BYTES]);

#endif
