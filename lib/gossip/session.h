/* gossip/session.h - a whole peer as a state machine: the protocol without sockets, clocks or threads.
 *
 * Feed it events, take actions back (gossip/host.h), ask for its next deadline. The daemon drives it with libuv, tests
 * drive it in virtual time. All times are milliseconds of one monotonic clock of the caller's. */
#ifndef GOSSIP_SESSION_H
#define GOSSIP_SESSION_H

#include <gossip/algo.h>
#include <gossip/base.h>
#include <gossip/config.h>
#include <gossip/host.h>
#include <gossip/problem.h>
#include <gossip/store.h>
#include <gossip/wire.h>

struct gsp_peer;

struct gsp_peer_config {
    const struct gsp_network *network; /* these are borrowed and outlive the peer, even after a reload */
    const struct gsp_graph *graph;
    size_t self;
    uint8_t secret_key[GSP_KEY_BYTES];
    uint8_t entropy[32]; /* fresh randomness of this process: incarnation, ephemeral keys, run ids, jitter */
    const struct gsp_problem *problem;          /* borrowed, outlives the peer */
    size_t memory_limit;                        /* bytes that a run may take; 0: no limit */
    struct gsp_kept_file files[GSP_KEEP_COUNT]; /* read by gsp_peer_new alone */
    struct gsp_log log;
    char version[32];
    struct gsp_commands commands; /* what a user types; its texts are borrowed, and none is NULL */
};

/* Makes a peer, which goes on with the run that the files tell of; the first actions are there at once. GSP_ERR_DATA or
 * GSP_ERR_CONFIG where it cannot: the data or the network are not those of that run; GSP_ERR_NOMEM. Nothing kept has
 * been changed then. The configuration is copied; what it points to is borrowed as said there. */
int gsp_peer_new(struct gsp_peer **out, const struct gsp_peer_config *config, uint64_t now, struct gsp_error *error);
/* Any job handed out must have been given back before. Actions not taken out are forgotten. NULL is allowed. */
void gsp_peer_free(struct gsp_peer *peer);

/* ---- events ---- */

/* What an event points to is the caller's, and is not looked at after gsp_peer_step returns, except where it says
 * "takes". */
enum gsp_event_type {
    /* Time has passed: gsp_peer_deadline, or anything else. No data. */
    GSP_EVENT_TICK,
    /* connected: a TCP connection exists. `dialed`: the node it was dialed for, or -1 if it was accepted. `address`
     * groups accepted connections for the per-address cap (the printable host). Connection numbers are the caller's and
     * never used twice. */
    GSP_EVENT_CONNECTED,
    GSP_EVENT_DIAL_FAILED, /* dial_failed */
    GSP_EVENT_RECEIVED,    /* received */
    /* sent: the transport took `length` bytes of what SEND handed out: room for more. */
    GSP_EVENT_SENT,
    /* disconnected: the connection is gone (after this its number means nothing). `reason` NULL: orderly end of stream.
     */
    GSP_EVENT_DISCONNECTED,
    /* request, from the control socket: protobuf bytes without the u32. Answered by REPLY actions with the same
     * `client`. */
    GSP_EVENT_REQUEST,
    GSP_EVENT_CLIENT_GONE, /* client: whoever asked takes no reply any more */
    /* file: of a READ action: bytes, or why not. */
    GSP_EVENT_FILE,
    /* kept: of a READ_KEPT action. */
    GSP_EVENT_KEPT,
    /* stored: the STORE action of this file is carried out: it is on the disk for good, or why not. */
    GSP_EVENT_STORED,
    /* reason: why the history can't be written, for status; NULL: it can again. */
    GSP_EVENT_HISTORY_FAILED,
    /* reloaded: the network file, read anew: the answer to a RELOAD action, or of the driver's own accord (client
     * GSP_NO_CLIENT: the outcome is only logged). Takes network and graph; they are NULL if the file has problems,
     * which are then listed. Endpoints and the removal of nodes take effect at once, the rest when no run needs the old
     * network any more; until then the summary's reason says what it waits for. Adds to `problems` if this node or its
     * network has another identity in the file; with any problem the old network stays in force. `file` names the file
     * in messages. */
    GSP_EVENT_RELOADED,
    /* job_done: the job is at GSP_JOB_DONE; seconds[stage] is what the caller measured. Takes the job. */
    GSP_EVENT_JOB_DONE,
    /* answer: of an ASK action. One that is to another question than the one in hand counts for nothing. */
    GSP_EVENT_ANSWER,
    /* reason: why what computes gradients is not there, or no more; for status. */
    GSP_EVENT_PROBLEM_AWAY,
    /* reason: the same, but it is on its way. */
    GSP_EVENT_PROBLEM_STARTING,
    /* problem_begun: what computes gradients is there, for the first time or anew, and knows nothing of what was asked
     * before: the question in hand is asked again, or, if its state was not with the last answer, this node goes back
     * to its newest checkpoint. No data. */
    GSP_EVENT_PROBLEM_BEGUN,
    /* Begin an orderly shutdown: Close to every neighbour. Connections are closed by CLOSE actions; nothing is dialed
     * any more. No data. */
    GSP_EVENT_SHUTDOWN
};

struct gsp_event {
    enum gsp_event_type type;
    union {
        struct {
            uint64_t connection;
            long dialed;
            const char *address;
        } connected;
        struct {
            size_t node;
            const char *reason;
        } dial_failed;
        struct {
            uint64_t connection;
            const uint8_t *bytes;
            size_t length;
        } received;
        struct {
            uint64_t connection;
            size_t length;
        } sent;
        struct {
            uint64_t connection;
            const char *reason;
        } disconnected;
        struct {
            uint64_t client;
            const uint8_t *bytes;
            size_t length;
        } request;
        uint64_t client;
        struct {
            const char *path; /* as in the action */
            const uint8_t *bytes;
            size_t length;
            const char *failure; /* NULL: there are bytes */
        } file;
        struct {
            const struct gsp_kept_file *files; /* GSP_KEEP_COUNT */
            const char *failure;               /* NULL: these are they */
        } kept;
        struct {
            enum gsp_keep file;
            const char *failure;
        } stored;
        const char *reason; /* HISTORY_FAILED, PROBLEM_AWAY, PROBLEM_STARTING */
        struct {
            uint64_t client;
            struct gsp_network *network;
            struct gsp_graph *graph;
            const char *file;
            struct gsp_problems *problems;
        } reloaded;
        struct {
            struct gsp_job *job;
            const double *seconds; /* GSP_JOB_STAGES of them */
        } job_done;
        struct gsp_answer answer;
    };
};

/* The one way in. Takes the event, does everything that has become possible, and leaves what is to be done as actions.
 * `now` is never less than at the step before. Not to be called from within a step (from the log, say). */
void gsp_peer_step(struct gsp_peer *peer, const struct gsp_event *event, uint64_t now);
/* Takes the next action out; false when there is none. Call after every step until it returns false. */
bool gsp_peer_next_action(struct gsp_peer *peer, struct gsp_action *action);
/* When a TICK must come next, at the latest; UINT64_MAX: no need. */
uint64_t gsp_peer_deadline(const struct gsp_peer *peer);
/* The network in force: what the node of a DIAL action is an index into. Good until the next step. */
const struct gsp_network *gsp_peer_network(const struct gsp_peer *peer);
/* After SHUTDOWN: all connections are closed, no job is out and nothing is being written. */
bool gsp_peer_finished(const struct gsp_peer *peer);

#endif
