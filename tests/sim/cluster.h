/* Many peers in virtual time, from a seed: delays, pieces, cuts and partitions. No sockets, no clock, no threads. */
#ifndef TESTS_SIM_CLUSTER_H
#define TESTS_SIM_CLUSTER_H

#include <gossip/session.h>

enum { CLUSTER_NODES_MAX = 16 };

struct cluster_options {
    uint64_t seed;
    size_t nodes;
    const char *topology; /* as in peers.conf */
    uint64_t delay_max;   /* ms; each piece of bytes takes 1 to this */
    uint64_t job_max;     /* ms; each job takes 0 to this */
    size_t cuts;          /* connections reset at random times within the first `cut_until` ms */
    size_t partitions;    /* pairs that cannot connect for a while, likewise */
    uint64_t cut_until;
    size_t features, rows; /* of each node's data */
    const char *objective; /* of the synthetic data: linear or relu */
};

struct cluster_reply {
    bool done;
    int exit_code;
    char message[GSP_REASON_MAX * 2];
    struct gsp_run_key run;
};

struct cluster;
struct cluster *cluster_new(const struct cluster_options *options);
void cluster_free(struct cluster *cluster);
/* Hands a start or stop to a node at a time; the reply fills *reply (which must live as long as the cluster). */
void cluster_start(struct cluster *cluster, size_t node, uint64_t at, const char *settings,
                   struct cluster_reply *reply);
void cluster_stop(struct cluster *cluster, size_t node, uint64_t at, bool now, struct cluster_reply *reply);
/* Plays until `done` says so or virtual time runs out; returns whether it was done. */
bool cluster_play(struct cluster *cluster, bool (*done)(const struct cluster *cluster), uint64_t until);

struct gsp_peer *cluster_peer(const struct cluster *cluster, size_t node);
const struct gsp_graph *cluster_graph(const struct cluster *cluster);
const struct gsp_dataset *cluster_data(const struct cluster *cluster, size_t node);
size_t cluster_size(const struct cluster *cluster);
uint64_t cluster_now(const struct cluster *cluster);
/* Everybody's links are up, and every summary known everywhere. */
bool cluster_ended(const struct cluster *cluster);
size_t cluster_cuts_made(const struct cluster *cluster);

#endif
