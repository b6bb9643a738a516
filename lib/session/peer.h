/* The inside of a peer, shared by the files of lib/session.
 *
 *   peer.c        events in, deadlines           connection.c  a connection's life, its messages in and out
 *   actions.c     actions out                    handshake.c   proving who one is, refusing
 *   stranger.c    who has proved nothing yet     link.c        gossip messages on a link: exactly once, in order
 *   listed.c      what a listed node can't do
 *   run.c         a run from adoption to its end summary.c     what every node tells all others
 *   runstate.c    RunState: merge, stop, abort   start.c       start: collect, resolve, calibrate
 *   job.c         pure work for another thread   control.c     requests of the control socket
 *   dial.c        when to dial whom              memory.c      what a run takes
 *   journal.c     RunState to the disk, first    checkpoint.c  when state goes to the disk, and how far it is there
 *   restore.c     what a life before left        lost.c        state that is nowhere but at the neighbours
 *   edge.c        going on without a neighbour
 *   history.c     a line for every round          target.c      the end of a run whose target_loss is reached
 *   network.c     links and nodes of a network   reload.c      another network takes the place of the first
 */
#ifndef GOSSIP_SESSION_PEER_H
#define GOSSIP_SESSION_PEER_H

#include <gossip/session.h>
#include <gossip/store.h>

#include "session/channel.h"
#include "session/limits.h"
#include "session/noise.h"

#define GSP__NOBODY ((size_t)-1)
#define GSP__NEVER  UINT64_MAX

/* ---- connections ---- */

enum gsp__connection_state {
    GSP__AWAITING_MESSAGE_2, /* dialer */
    GSP__AWAITING_WELCOME,
    GSP__AWAITING_MESSAGE_1, /* responder */
    GSP__AWAITING_MESSAGE_3,
    GSP__AWAITING_HELLO,
    GSP__UP,
    GSP__CLOSING /* a CLOSE was handed out; nothing is read or sent any more */
};

enum gsp__vector_due { GSP__NO_VECTOR, GSP__OWN_Z, GSP__LOG_Z }; /* z as it is, or before the log's first step */

/* The flow of the current run on one connection. */
struct gsp__flow {
    bool greeted;   /* our run hello went out: what we send now is of this run */
    bool answered;  /* theirs, of this run, came in */
    uint64_t next;  /* next step to send */
    uint64_t have;  /* the step they have in hand */
    uint64_t check; /* not 0: compare digests when this step of ours is computed */
    uint64_t check_digest;
    uint64_t differs;                /* not 0: they have other messages of ours; from this step on a resync mends it */
    enum gsp__vector_due resync_due; /* before anything else of the run */
    bool edge;                       /* the edge is being taken in (edge.c) */
    bool renew;                      /* it has to be, which they don't know yet */
};

struct gsp__connection {
    uint64_t id;
    struct gsp__connection *following;
    enum gsp__connection_state state;
    long dialed; /* the node it was dialed for, or -1 */
    size_t node; /* who it is, once proved; else GSP__NOBODY */
    char address[64];
    uint64_t opened_at, up_at, heard_at, pinged_at, closing_at;
    uint64_t incarnation; /* theirs */
    struct gsp__noise noise;
    struct gsp_buffer greeting; /* handshake bytes not yet complete */
    struct gsp__channel channel;
    bool was_up;     /* it is, or was, the link */
    bool said_close; /* Close came in */
    bool cut;        /* a CLOSE at once was handed out */
    uint64_t bytes_sent, bytes_received;
    size_t in_flight; /* handed out, not yet taken by the transport */
    double rtt_ms;
    /* What is to be sent: only the newest of each. */
    bool run_state_due, run_hello_due, durable_due, have_due, ping_due, pong_due;
    bool gone_due, lost_due, copy_due, edge_due;
    struct gsp_run_key copy_run; /* of which a copy was asked for */
    uint64_t pong_nonce;
    bool *summary_due;                  /* by node */
    size_t summaries_due, summary_next; /* how many; where to look for one, so that all get their turn */
    bool gossip_was_last;               /* the last message was one of gossip: a summary's turn */
    /* The run hello that came in last, kept until our own run is ready for it. */
    bool their_hello_known;
    struct gsp_run_key their_run;
    uint64_t their_expect, their_have, their_digest, their_durable;
    bool their_gathering, their_edge_down;
    uint64_t their_edge_since;
    struct gsp__flow flow;
};

/* A neighbour in the graph. */
struct gsp__link {
    size_t node, slot;
    struct gsp__connection *up;
    bool dialing;
    uint64_t dial_at; /* GSP__NEVER: not scheduled */
    uint64_t back_off;
    bool refused;
    bool differs;                        /* the hash that it showed last is not ours: it is in another network now */
    char detail[GSP_REASON_MAX + 1];     /* why it is not up */
    uint64_t bytes_sent, bytes_received; /* of connections that are gone */
    uint64_t have;                       /* the step it had in hand, as far as we know: its run's, over reconnects */
    uint64_t durable;                    /* it never asks again for messages below */
    uint64_t edge_asked, edge_told;      /* the step in hand here, and there, when the edge is taken in; 0: not said */
    uint64_t wants;                      /* not 0: it goes on with a resync of ours at this step or later */
    uint64_t run_states_until;           /* gsp__allow: of its run states */
};

/* ---- runs ---- */

enum gsp__run_stage {
    GSP__RUN_PREPARING, /* waits for a job of the run before, or for the file of the initial point */
    GSP__RUN_LOST,      /* waits for what its neighbours have of it */
    GSP__RUN_ACTIVE,
    GSP__RUN_SAVING, /* over, but its result is not on the disk yet */
    GSP__RUN_ENDED
};

/* The best that neighbours have of a node whose own state is lost. */
struct gsp__lost {
    double *z; /* before `step` (0: nothing yet); d values */
    uint64_t step, digest;
    struct gsp__answer {
        bool known;
        uint64_t step, digest; /* what they expect next of us (0: they know nothing), and the digest before */
    } * answers;               /* by slot */
};

struct gsp__run {
    struct gsp_run_key key;
    struct gsp_settings settings;
    enum gsp__run_stage stage;
    enum gsp_phase end; /* ENDED: done, stopped or failed */
    bool dropped;       /* another run took its place while its job was out: freed when the job returns */
    bool halted;        /* aborted here: nothing more is computed while that is on its way to the disk */
    bool over;          /* the network has changed since it ended: its node has nothing to do with the links */
    bool awaiting_file;
    double *file_values; /* init=file */
    size_t file_shape[2];
    size_t d, payload_bound, payload_bound_before; /* the latter: of the run before, whose last messages may be late */
    struct gsp_objective *objective;
    struct gsp_node *node;
    uint64_t last_round;
    uint64_t gap, reach;     /* c and L: steps between checkpoints, and how far beyond the durable one steps may go */
    uint64_t saved, durable; /* the steps of the newest snapshot and of the older of two valid checkpoints, or 1 */
    uint64_t fence;          /* nothing is begun before the durable step is this one; 0: no fence */
    uint64_t replay_until;   /* until this step others may be further than this node knows; 0: never restarted */
    bool restarted;          /* began in an earlier life of this node */
    struct gsp__lost *lost;
    char note[160];              /* what its result owes to lost state, for status */
    double seconds_before;       /* of earlier lives */
    uint64_t begun_at, ended_at; /* first work, end; GSP__NEVER */
    uint64_t waiting_since;      /* GSP__NEVER: not waiting */
    uint64_t evaluated_at, evaluated_round, evaluation_ms;
    double loss, accuracy, first_loss;
    struct gsp_history_row row; /* of the last completed round: its loss is not known before the next gradient */
    /* What all links had sent and received when the run began; less, modulo 2^64, what earlier lives had in it. */
    uint64_t sent_before, received_before;
    uint64_t sent, received; /* in the run, once it has ended: links go on talking */
};

/* A start in progress: at most one. */
struct gsp__start {
    bool active, calibrating;
    uint64_t client, deadline;
    struct gsp_settings settings;
    struct gsp_objective_choice objective; /* as the settings name it */
    struct gsp_run_key base;               /* the run that every node must show as ended */
    struct gsp_run_key key;                /* the run it begins, on its way to the disk; epoch 0: not yet */
    char progress[GSP_REASON_MAX + 1];
};

struct gsp__known_node {
    struct gsp_summary summary; /* number 0: nothing heard */
    uint64_t digest;            /* of the summary's bytes */
    uint64_t heard_at;
    bool fresh; /* heard since this node's start asked */
};

struct gsp__dump {
    uint64_t client;
    char vector;
};

/* ---- the disk ---- */

/* Writing that failed is tried again, ever less often; said once. */
struct gsp__retry {
    uint64_t at, back_off;
    char failure[GSP_REASON_MAX + 1]; /* of the last attempt; empty: it was written */
};

/* RunState: what is wanted goes to the disk before it is acted on. */
struct gsp__journal {
    struct gsp_run_state wanted, writing;
    bool due, out; /* `wanted` differs from what was written last; a write is out */
    struct gsp_buffer bytes;
    struct gsp__retry retry;
};

struct gsp__slot {
    bool valid;
    struct gsp_run_key run;
    uint64_t step, generation;
};

struct gsp__disk {
    struct gsp__slot slots[2];
    uint64_t generation;
    struct gsp_run_key run; /* of the checkpoint in hand */
    uint64_t step;
    struct gsp_buffer bytes, result; /* the checkpoint in hand, and the result beside it */
    unsigned left;                   /* files still to be written: bits by enum gsp_keep */
    bool out;
    enum gsp_keep file;
    struct gsp__retry retry;
    bool repairing; /* a damaged slot is being replaced: until then no neighbour hears of this node */
};

/* A stop that is answered when it is on the disk. */
struct gsp__stop {
    uint64_t client;
    struct gsp_run_key run;
};

struct gsp__reload {
    struct gsp_network *network;      /* in force, if it came by a reload: then config.network is this */
    struct gsp_graph *graph;          /* likewise */
    struct gsp_network *next_network; /* waits until no run needs the one in force; NULL: none does */
    struct gsp_graph *next_graph;
};

struct gsp_peer {
    struct gsp_peer_config config;
    const char *name;
    uint64_t now;
    struct gsp_stream random;
    uint64_t incarnation;
    uint8_t network_hash[32];
    struct gsp_buffer prologue;
    struct gsp_action *actions; /* a ring */
    size_t action_first, action_count, action_capacity;
    struct gsp__connection *connections;
    struct gsp_log sink; /* the caller's; config.log leaves out what is too much for it */
    uint64_t log_until;  /* gsp__allow: of lines */
    size_t lines_left_out;
    uint64_t stranger_log_since; /* lines about strangers since then, and how many more there would have been */
    size_t stranger_lines, stranger_lines_left_out;
    size_t link_count;
    struct gsp__link *links; /* in the graph's order: slot */
    struct gsp__known_node *nodes;
    uint64_t summary_at;       /* when the own summary was sent last */
    uint64_t own_number_until; /* gsp__allow: of others' words in this node's name */
    bool summary_changed, summary_urgent;
    double lambda_max; /* NaN until measured */
    bool measured;
    struct gsp_run_state state; /* epoch 0: none yet */
    struct gsp__run *run;
    uint8_t data_digest[16];
    struct gsp__journal journal;
    struct gsp__disk disk;
    struct gsp__stop stops[GSP__CLIENTS_WAITING_MAX];
    size_t stop_count;
    double *last_x, *last_z; /* of the last run that was done, or stopped at a round */
    size_t last_d;
    uint64_t last_epoch; /* the number of that run; 0: there is none */
    struct gsp_job *job; /* the one that is out */
    struct gsp__start start;
    struct gsp__dump dumps[GSP__CLIENTS_WAITING_MAX];
    size_t dump_count;
    struct gsp__reload reload;
    bool shutting_down;
    char history_failure[GSP_REASON_MAX + 1]; /* empty: it is written */
};

/* actions.c */
struct gsp_action *gsp__action_add(struct gsp_peer *peer,
                                   enum gsp_action_type type); /* NULL: no memory; the peer logs */
void gsp__actions_clear(struct gsp_peer *peer);
void gsp__actions_undial(struct gsp_peer *peer);

/* connection.c */
struct gsp__connection *gsp__connection_find(struct gsp_peer *peer, uint64_t id);
void gsp__connection_fail(struct gsp_peer *peer, struct gsp__connection *connection, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void gsp__connection_complain(struct gsp_peer *peer, const struct gsp__connection *connection, const char *reason);
void gsp__connection_close(struct gsp_peer *peer, struct gsp__connection *connection, const char *reason);
void gsp__connection_cut(struct gsp_peer *peer, struct gsp__connection *connection);
/* Bytes for the driver: takes them (NULL: there was no memory for them), or a copy. */
void gsp__connection_send_owned(struct gsp_peer *peer, struct gsp__connection *connection, uint8_t *bytes,
                                size_t length);
void gsp__connection_send_raw(struct gsp_peer *peer, struct gsp__connection *connection, const uint8_t *bytes,
                              size_t length);
void gsp__connection_put(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_message *message);
void gsp__message_begin(struct gsp_message *out, enum gsp_message_type type);
void gsp__connection_messages(struct gsp_peer *peer, struct gsp__connection *connection);
void gsp__connection_flush(struct gsp_peer *peer, struct gsp__connection *connection);
void gsp__connection_up(struct gsp_peer *peer, struct gsp__connection *connection);
void gsp__connection_free(struct gsp_peer *peer, struct gsp__connection *connection);
void gsp__connection_tick(struct gsp_peer *peer, struct gsp__connection *connection);
uint64_t gsp__connection_deadline(const struct gsp__connection *connection);
void gsp__connection_lost(struct gsp_peer *peer, struct gsp__connection *connection, const char *reason);
const char *gsp__connection_name(const struct gsp_peer *peer, const struct gsp__connection *connection);

/* stranger.c */
bool gsp__stranger(const struct gsp__connection *connection);
void gsp__strangers_limit(struct gsp_peer *peer, const struct gsp__connection *newest);
void gsp__stranger_log(struct gsp_peer *peer, const struct gsp__connection *connection, const char *reason);

/* listed.c */
bool gsp__allow(uint64_t *until, uint64_t now, uint64_t time, uint64_t burst);
struct gsp_log gsp__log_limited(struct gsp_peer *peer);
void gsp__closing_limit(struct gsp_peer *peer, size_t node);
bool gsp__run_state_allowed(struct gsp_peer *peer, struct gsp__connection *connection,
                            const struct gsp_run_state *theirs);
bool gsp__number_plausible(uint64_t known, uint64_t number, uint64_t step);
int gsp__init_file_check(const struct gsp_settings *settings, struct gsp_error *error);

/* handshake.c */
int gsp__handshake_begin(struct gsp_peer *peer, struct gsp__connection *connection);
void gsp__handshake_feed(struct gsp_peer *peer, struct gsp__connection *connection, const uint8_t *bytes,
                         size_t length);
void gsp__handshake_message(struct gsp_peer *peer, struct gsp__connection *connection,
                            const struct gsp_message *message);

/* dial.c */
void gsp__dial_first(struct gsp_peer *peer, struct gsp__link *link);
void gsp__dial_ended(struct gsp_peer *peer, struct gsp__link *link);                  /* without a link */
void gsp__dial_again(struct gsp_peer *peer, struct gsp__link *link, uint64_t up_for); /* the link has gone down */
void gsp__dial_tick(struct gsp_peer *peer);
void gsp__dial_afresh(struct gsp_peer *peer);

/* network.c */
int gsp__network_enter(struct gsp_peer *peer, const struct gsp_network *network, const struct gsp_graph *graph,
                       size_t self);
long gsp__network_same_node(const struct gsp_network *network, const struct gsp_network_node *node);

/* reload.c */
void gsp__reload_request(struct gsp_peer *peer, uint64_t client);
void gsp__reload_tick(struct gsp_peer *peer);
bool gsp__reload_blocked(const struct gsp_peer *peer, char *text, size_t size);
void gsp__reload_describe(const struct gsp_peer *peer, struct gsp_summary *out);
bool gsp__reload_removes(const struct gsp_peer *peer, size_t node);
void gsp__reload_clear(struct gsp_peer *peer);

/* link.c */
struct gsp__link *gsp__link_of(struct gsp_peer *peer, size_t node);
void gsp__link_open(struct gsp_peer *peer, struct gsp__connection *connection);
void gsp__link_run_hello(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_message *message);
void gsp__link_gossip(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_message *message);
void gsp__link_have(struct gsp_peer *peer, struct gsp__connection *connection, uint64_t step);
void gsp__link_greet(struct gsp_peer *peer, struct gsp__connection *connection, struct gsp_message *out);
bool gsp__link_next(struct gsp_peer *peer, struct gsp__connection *connection, struct gsp_message *out);
bool gsp__link_next_is_in_hand(const struct gsp_peer *peer, const struct gsp__connection *connection);
void gsp__link_durable(struct gsp_peer *peer, struct gsp__connection *connection, uint64_t step);
void gsp__link_resync(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_message *message);
bool gsp__link_in_run(struct gsp_peer *peer, struct gsp__connection *connection, uint64_t step);
void gsp__links_computed(struct gsp_peer *peer, bool mixed);
void gsp__links_reset(struct gsp_peer *peer);
void gsp__links_open(struct gsp_peer *peer);
void gsp__links_durable(struct gsp_peer *peer);
/* No job has the node's vectors: sends those that are due. */
void gsp__links_serve(struct gsp_peer *peer);
/* The run hello of both sides is known: from where is sent? */
void gsp__link_answer(struct gsp_peer *peer, struct gsp__connection *connection);
/* Puts a vector of d doubles (step 0: none) on its way. */
void gsp__link_put_vector(struct gsp_peer *peer, struct gsp__connection *connection, enum gsp_message_type type,
                          uint64_t step, uint64_t digest, const double *z);
/* d finite doubles of a message; free() them. NULL, and the connection is failed, if they are something else. */
double *gsp__link_take_vector(struct gsp_peer *peer, struct gsp__connection *connection,
                              const struct gsp_message *message);

/* lost.c */
void gsp__lost_free(struct gsp__lost *lost);
void gsp__lost_gone(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_run_key *run);
void gsp__lost_asked(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_run_key *run);
void gsp__lost_copy(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_message *message);
void gsp__lost_put_copy(struct gsp_peer *peer, struct gsp__connection *connection);
void gsp__lost_tick(struct gsp_peer *peer);           /* all that can be known is: goes on from there */
bool gsp__lost_gathering(const struct gsp__run *run); /* a neighbour's z is awaited: the run does not go on yet */

/* edge.c */
bool gsp__edges_hold(const struct gsp_peer *peer); /* no step may be completed now */
bool gsp__edge_given_up(const struct gsp_peer *peer, const struct gsp__link *link);
void gsp__edges_tick(struct gsp_peer *peer);
bool gsp__edges_majority(const struct gsp_peer *peer);
uint64_t gsp__edges_deadline(const struct gsp_peer *peer);
bool gsp__edge_differs(struct gsp_peer *peer, const struct gsp__connection *connection);
void gsp__edge_ask(struct gsp_peer *peer, struct gsp__connection *connection);
void gsp__edge_told(struct gsp_peer *peer, struct gsp__connection *connection, uint64_t step);
bool gsp__edge_far_behind(const struct gsp_peer *peer, uint64_t step); /* who is at this step, with reweight */
void gsp__edge_renew(struct gsp_peer *peer, struct gsp__link *link);
void gsp__edge_serve(struct gsp_peer *peer, struct gsp__link *link);

/* runstate.c */
void gsp__run_state_received(struct gsp_peer *peer, struct gsp__connection *connection,
                             const struct gsp_run_state *theirs);
/* Less than 0: of two aborts the first is kept. */
int gsp__run_state_compare_aborts(const struct gsp_run_state *a, const struct gsp_run_state *b);
void gsp__run_state_abort(struct gsp_peer *peer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The round it ends at; *pending: answered when that is on the disk. */
uint64_t gsp__run_state_stop(struct gsp_peer *peer, bool target_reached, bool *pending);
void gsp__run_state_stop_now(struct gsp_peer *peer); /* an abort that was asked for */
/* Of the run of this node's start, which is decided: at once, or at a round. */
void gsp__run_state_stop_start(struct gsp_peer *peer, bool now);
/* It is on the disk: it counts, and goes on its way. */
void gsp__run_state_act(struct gsp_peer *peer, const struct gsp_run_state *state);
void gsp__run_over(struct gsp_peer *peer); /* the network has changed since the run ended */

/* journal.c */
void gsp__journal_changed(struct gsp_peer *peer);
void gsp__journal_tick(struct gsp_peer *peer);
void gsp__journal_stored(struct gsp_peer *peer, const char *failure);
bool gsp__journal_pending(const struct gsp_peer *peer); /* nothing of the run is begun or sent meanwhile */
void gsp__journal_describe(const struct gsp_peer *peer, struct gsp_summary *out);
void gsp__retry_failed(struct gsp_peer *peer, struct gsp__retry *retry, enum gsp_keep file, const char *failure);

/* checkpoint.c */
void gsp__checkpoint_plan(struct gsp__run *run);              /* c and L from the settings and the payload's bound */
uint64_t gsp__checkpoint_allows(const struct gsp_peer *peer); /* the last step that may be begun */
bool gsp__checkpoint_due(const struct gsp_peer *peer);
void gsp__checkpoint_begin(struct gsp_peer *peer);
int gsp__checkpoint_pack(struct gsp_job *job);
void gsp__checkpoint_packed(struct gsp_peer *peer, struct gsp_job *job);
void gsp__checkpoint_update(struct gsp_peer *peer); /* the run's durable step, from the slots */
int gsp__checkpoint_repair(struct gsp_peer *peer, unsigned files);
void gsp__disk_tick(struct gsp_peer *peer);
bool gsp__disk_waiting(const struct gsp_peer *peer);        /* the run waits for this node's disk */
const char *gsp__disk_failure(const struct gsp_peer *peer); /* of the last attempt, or empty */

/* restore.c */
int gsp__restore(struct gsp_peer *peer, struct gsp_error *error);

/* run.c */
void gsp__run_free(struct gsp__run *run);
bool gsp__run_ready(const struct gsp_peer *peer); /* it has a node, and was not aborted: links may carry its messages */
uint64_t gsp__run_last_step(const struct gsp__run *run);
void gsp__run_adopt(struct gsp_peer *peer);
void gsp__run_allow(struct gsp_peer *peer);
enum gsp_phase gsp__run_end_phase(const struct gsp_peer *peer); /* done or stopped, after its last round */
void gsp__run_aborted(struct gsp_peer *peer);                   /* it failed, or was stopped at once */
void gsp__run_advance(struct gsp_peer *peer);
void gsp__run_job_done(struct gsp_peer *peer, struct gsp_job *job, const double *seconds);
bool gsp__run_waiting(const struct gsp_peer *peer);
void gsp__run_stop_counting(struct gsp_peer *peer); /* its seconds and bytes stand still from now on */
double gsp__run_seconds(const struct gsp_peer *peer);
void gsp__run_saved(struct gsp_peer *peer); /* the result is on the disk */
void gsp__result_forget(struct gsp_peer *peer);
/* Whether the vectors of the run are in nobody's hands but ours. */
bool gsp__run_at_rest(const struct gsp_peer *peer);

/* run_begin.c */
struct gsp__run *gsp__run_new(struct gsp_peer *peer); /* of peer->state, unprepared */
int gsp__run_settings(const struct gsp_peer *peer, struct gsp_settings *settings, struct gsp_error *error);
int gsp__run_node_config(const struct gsp_peer *peer, struct gsp__run *run, struct gsp_node_config *config,
                         struct gsp_error *error);
int gsp__run_objective(struct gsp_peer *peer, struct gsp__run *run, struct gsp_error *error);
void gsp__run_read_file(struct gsp_peer *peer, struct gsp__run *run);
void gsp__run_begin(struct gsp_peer *peer);

/* memory.c */
int gsp__run_memory_check(const struct gsp_peer *peer, const struct gsp_settings *settings, struct gsp_error *error);

/* summary.c */
void gsp__summary_build(struct gsp_peer *peer, struct gsp_summary *out);
void gsp__summary_changed(struct gsp_peer *peer, bool urgent);
void gsp__summary_tick(struct gsp_peer *peer);
uint64_t gsp__summary_deadline(const struct gsp_peer *peer);
bool gsp__summary_outlived(const struct gsp_peer *peer, size_t node);
void gsp__summary_received(struct gsp_peer *peer, struct gsp__connection *connection,
                           const struct gsp_summary *summary);

void gsp__link_bytes(const struct gsp_peer *peer, const struct gsp__link *link, uint64_t *sent, uint64_t *received);
void gsp__bytes_total(const struct gsp_peer *peer, uint64_t *sent, uint64_t *received); /* of all links, ever */
void gsp__run_bytes(const struct gsp_peer *peer, uint64_t *sent, uint64_t *received);   /* in the run, every life */

/* history.c */
void gsp__history_open(struct gsp_peer *peer);              /* the run's node is there: new, or restored */
void gsp__history_round(struct gsp_peer *peer);             /* a round is complete */
void gsp__history_loss(struct gsp_peer *peer, double loss); /* and so is its row */

/* target.c */
void gsp__target_check(struct gsp_peer *peer); /* the own summary is new */

/* start.c */
void gsp__start_begun(struct gsp_peer *peer); /* its run is on the disk */
void gsp__start_begin(struct gsp_peer *peer, uint64_t client, const char *settings);
void gsp__start_tick(struct gsp_peer *peer);
void gsp__start_calibrated(struct gsp_peer *peer, const struct gsp_job *job);
bool gsp__start_decided(const struct gsp_peer *peer); /* too late to refuse it */
void gsp__start_refuse(struct gsp_peer *peer, int exit_code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* job.c */
enum gsp__job_kind { GSP__JOB_MEASURE, GSP__JOB_CALIBRATE, GSP__JOB_STEP, GSP__JOB_SAVE, GSP__JOB_EVALUATE };
struct gsp_job {
    enum gsp__job_kind kind;
    enum gsp_job_stage stage;
    int rc;
    struct gsp_error error;
    bool cancelled;
    const struct gsp_dataset *train, *test;
    struct gsp__run *run;            /* STEP, EVALUATE */
    struct gsp_kept kept;            /* SAVE: what the checkpoint says of itself ... */
    struct gsp_buffer saved, result; /* ... and what it became; the result only at the end */
    struct gsp_work work;            /* STEP */
    struct gsp_objective *objective;
    const double *x;               /* EVALUATE */
    double loss, metric;           /* STEP: loss of the gradient; EVALUATE: both */
    double lambda_max;             /* MEASURE */
    const struct gsp_graph *graph; /* CALIBRATE */
    struct gsp_compressor compressor;
    size_t d;
    uint64_t seed;
    double gamma;
};
/* A new job that is handed out; NULL without memory. The caller fills in the rest. */
struct gsp_job *gsp__job_new(struct gsp_peer *peer, enum gsp__job_kind kind);
enum gsp_job_stage gsp__job_first_stage(const struct gsp_job *job);

/* control.c */
void gsp__reply(struct gsp_peer *peer, uint64_t client, const struct gsp_reply *reply);
void gsp__reply_text(struct gsp_peer *peer, uint64_t client, int exit_code, bool more, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void gsp__control_dumps(struct gsp_peer *peer);
void gsp__control_request(struct gsp_peer *peer, uint64_t client, const struct gsp_request *request);

#endif
