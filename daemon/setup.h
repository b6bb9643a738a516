/* setup.h - everything that gossipd learns from its files before it starts: configuration, network, key, data. */
#ifndef DAEMON_SETUP_H
#define DAEMON_SETUP_H

#include <gossip/algo.h>
#include <gossip/config.h>
#include <gossip/data.h>

struct setup {
    char *file;  /* gossipd.conf */
    char *peers; /* peers.conf */
    char *state;
    struct gsp_daemon_config *config;
    struct gsp_network *network;
    struct gsp_graph *graph;
    size_t self;
    uint8_t secret_key[GSP_KEY_BYTES];
    struct gsp_dataset *train, *test; /* train is NULL where there is a worker alone; test may be NULL */
};

/* The network file alone: what could not be made of it stays NULL, and `problems` says why. Any thread. */
void setup_read_network(struct gsp_network **network, struct gsp_graph **graph, const char *file,
                        struct gsp_problems *problems);

/* Reads all of it; every problem that one pass can find is added to `problems`. Returns 0 only if there was none; the
 * caller clears the setup in any case. */
int setup_load(struct setup *setup, const char *file, struct gsp_problems *problems);
void setup_clear(struct setup *setup);
/* Whether a run may name this file: it is there, in the folder of gossipd.conf or of peers.conf or below. Any thread.
 */
bool setup_may_read(const struct setup *setup, const char *path);
/* Whether the path leads to one of the files that hold the node's rows, by whatever name. Any thread. */
bool setup_is_data(const struct setup *setup, const char *path);
/* For people: what a daemon with this setup is. Several lines on stdout. */
void setup_print(const struct setup *setup);

#endif
