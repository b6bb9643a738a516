/* Many peers in virtual time, from a seed: delays, pieces, cuts, partitions, deaths, and strangers who connect. No
 * sockets, no clock, no threads. */
#ifndef TESTS_SIM_CLUSTER_H
#define TESTS_SIM_CLUSTER_H

#include <gossip/session.h>
#include <gossip/store.h>

enum { CLUSTER_NODES_MAX = 128 };

struct cluster;

struct cluster_options {
    uint64_t seed;
    size_t nodes;
    const char *topology; /* as in peers.conf */
    uint64_t delay_max;   /* ms; each piece of bytes takes 1 to this */
    uint64_t job_max;     /* ms; each job takes 0 to this */
    uint64_t disk_max;    /* ms; each file takes 0 to this to be on the disk */
    size_t cuts;          /* connections reset at random times within the first `cut_until` ms */
    size_t partitions;    /* pairs that cannot connect for a while, likewise */
    uint64_t cut_until;
    size_t features, rows; /* of each node's data */
    const char *objective; /* of the synthetic data: linear or relu */
    size_t absent;         /* the last so many nodes of the network are not running */
    size_t memory_limit;   /* of each peer; 0: none */
    enum cluster_problem {
        CLUSTER_AT_ONCE,
        CLUSTER_LATER,
        CLUSTER_STATEFUL,
        CLUSTER_FORGETFUL
    } problem; /* how gradients are computed */
    /* Sees each action of a node before it is carried out; NULL after the last that an event led to. */
    void (*watch)(void *context, const struct cluster *cluster, size_t node, const struct gsp_action *action);
    void *watch_context;
};

struct cluster_reply {
    bool done;
    int exit_code;
    char message[GSP_REASON_MAX * 2];
    char before[GSP_REASON_MAX * 4]; /* what was said before the last word, a line each */
    struct gsp_run_key run;
    uint64_t round; /* of a dump */
    char settings[2048];
};

struct cluster *cluster_new(const struct cluster_options *options);
/* A quiet one on linear regression: `absent` nodes are left for the test to play. */
struct cluster *cluster_small(const char *topology, size_t nodes, size_t absent, size_t features);
void cluster_free(struct cluster *cluster);
/* Hands a start or stop to a node at a time; the reply fills *reply (which must live as long as the cluster). */
void cluster_start(struct cluster *cluster, size_t node, uint64_t at, const char *settings,
                   struct cluster_reply *reply);
void cluster_stop(struct cluster *cluster, size_t node, uint64_t at, bool now, struct cluster_reply *reply);
/* The same for any request. */
void cluster_request(struct cluster *cluster, size_t node, uint64_t at, const struct gsp_request *what,
                     struct cluster_reply *reply);
/* Plays until `done` says so or virtual time runs out; returns whether it was done. */
bool cluster_play(struct cluster *cluster, bool (*done)(const struct cluster *cluster), uint64_t until);

/* As kill -9: everything the node had in memory is gone, its connections are reset. What was on its way to the disk is
 * there, or is not. */
void cluster_kill(struct cluster *cluster, size_t node);
/* A new process of a node that is not running; it has what is on the disk. */
void cluster_revive(struct cluster *cluster, size_t node);
/* What computes a node's gradients dies, with all questions that it was asked, and is there again so many ms later:
 * then the node hears of it, if it is running. */
void cluster_kill_problem(struct cluster *cluster, size_t node, uint64_t away);
/* What will compute them in the node's next lives calls itself so; the text is borrowed. */
void cluster_set_maker(struct cluster *cluster, size_t node, const char *fingerprint);
/* From now on nothing answers the node's questions but the test, or something does again. */
void cluster_mute_problem(struct cluster *cluster, size_t node, bool mute);
/* The test answers a running node, whatever was asked. */
void cluster_answer(struct cluster *cluster, size_t node, const struct gsp_answer *answer);
/* The disk of a node that is not running is replaced by an empty one. */
void cluster_wipe(struct cluster *cluster, size_t node);
/* A file of a node that is not running is damaged, in a way that chance chooses; no effect if it is not there. */
void cluster_damage(struct cluster *cluster, size_t node, enum gsp_keep file);
/* From now on the node's disk takes nothing, or takes everything again. */
void cluster_fill(struct cluster *cluster, size_t node, bool full);

/* ---- network files that change ---- */

/* Puts this text (which must live as long as the cluster) in the place of a node's network file. */
void cluster_write_file(struct cluster *cluster, size_t node, const char *text);
/* Has a running node reload its file at a time. */
void cluster_reload(struct cluster *cluster, size_t node, uint64_t at, struct cluster_reply *reply);
/* Its address changes: it is reached only where its Endpoint is a host whose name begins with "moved". */
void cluster_move(struct cluster *cluster, size_t node);

/* ---- connections whose other end is the test: what it says arrives at once ---- */

/* Connects to a node; returns the connection's number. `address` is what the node takes it for. */
uint64_t cluster_intrude(struct cluster *cluster, size_t node, const char *address);
/* From now on who dials this absent node reaches the test. */
void cluster_pose(struct cluster *cluster, size_t absent);
/* The newest connection that was dialed so, or 0. */
uint64_t cluster_dialed(const struct cluster *cluster);
void cluster_say(struct cluster *cluster, uint64_t connection, const void *bytes, size_t length);
/* Appends what the node said since the last call. */
void cluster_hear(struct cluster *cluster, uint64_t connection, struct gsp_buffer *bytes);
/* Whether the node has ended the connection. */
bool cluster_hung_up(const struct cluster *cluster, uint64_t connection);
/* The test ends it. */
void cluster_hang_up(struct cluster *cluster, uint64_t connection);

/* The histories that the daemon of this node would have in its file; the caller frees *out. */
size_t cluster_history(const struct cluster *cluster, size_t node, struct gsp_history **out);

/* NULL if it is not running. */
struct gsp_peer *cluster_peer(const struct cluster *cluster, size_t node);
const struct gsp_graph *cluster_graph(const struct cluster *cluster);
const struct gsp_network *cluster_network(const struct cluster *cluster);
const uint8_t *cluster_secret_key(const struct cluster *cluster, size_t node);
const struct gsp_dataset *cluster_data(const struct cluster *cluster, size_t node);
size_t cluster_size(const struct cluster *cluster);
uint64_t cluster_now(const struct cluster *cluster);
/* How often peers were ticked: a timer in the past shows here. */
size_t cluster_ticks(const struct cluster *cluster);
/* All that are running have ended the same run. */
bool cluster_ended(const struct cluster *cluster);
size_t cluster_cuts_made(const struct cluster *cluster);

void cluster_play_for(struct cluster *cluster, uint64_t time);
void cluster_start_now(struct cluster *cluster, size_t node, const char *settings, struct cluster_reply *reply);

/* A run of moderate length, and one that has to be ended. */
#define CLUSTER_SETTINGS                                                                                               \
    "rounds=50\ngossip_steps=2\neta=0.01\ngamma=0.1\ncompressor=none:values=f64\nobjective=linear\n"
#define CLUSTER_ENDLESS                                                                                                \
    "rounds=100000\ngossip_steps=2\neta=0.01\ngamma=0.1\ncompressor=topk:fraction=0.5\nobjective=linear\n"

#endif
