/* `gossipctl init` in three parts: the plan from the command line, the texts, and the folder they go to. */
#ifndef GOSSIP_TOOLS_CTL_INIT_H
#define GOSSIP_TOOLS_CTL_INIT_H

#include "ctl.h"

struct init_node {
    const char *name; /* the graph's */
    char endpoint[300], listen[300];
    uint8_t public_key[GSP_KEY_BYTES];
    size_t first_row, last_row;
};

struct init_plan {
    const char *dir, *name, *topology;
    enum gsp_weights weights;
    size_t count;
    struct init_node *nodes;
    struct gsp_graph *graph;
    bool has_data;
    struct common_data data;
};

/* The text of peers.conf and of a node's gossipd.conf. GSP_ERR_NOMEM. */
int init_peers_text(const struct init_plan *plan, struct gsp_buffer *text);
int init_node_text(const struct init_plan *plan, const struct init_node *node, struct gsp_buffer *text);

/* Writes the whole network into plan->dir: all of it or nothing. Makes the keys and fills in their public keys. */
int init_write(struct init_plan *plan, struct gsp_error *error);

#endif
