/* The files that `gossipctl init` writes, with comments for whoever opens them first. */
#include "init.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text that grows; a failure sticks. */
struct text {
    struct gsp_buffer *buffer;
    int rc;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *text, const char *format, ...)
{
    char piece[1500];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    if (!text->rc) text->rc = gsp_buffer_append(text->buffer, piece, (size_t)length);
}

int init_peers_text(const struct init_plan *plan, struct gsp_buffer *buffer)
{
    struct text text = {.buffer = buffer};
    add(&text,
        "# The network: who takes part, how to reach them, and who talks to whom. This file is the same on\n"
        "# every host; hosts whose files differ (but for Endpoint) refuse each other. After a change run\n"
        "# `gossipctl check peers.conf` and copy it to all of them.\n"
        "\n"
        "[Network]\n"
        "Name     = %s\n"
        "Topology = %s   # nodes are placed in the order of this file\n"
        "Weights  = %s\n",
        plan->name, plan->topology, plan->weights == GSP_WEIGHTS_UNIFORM ? "uniform" : "metropolis");
    for (size_t i = 0; i < plan->count; i++) {
        char key[45];
        gsp_key_encode(key, plan->nodes[i].public_key);
        add(&text, "\n[Node]\nName      = %s\nPublicKey = %s\nEndpoint  = %s%s\n", plan->nodes[i].name, key,
            plan->nodes[i].endpoint, i ? "" : "   # where the others reach it; looked up anew at every dial");
    }
    return text.rc;
}

int init_node_text(const struct init_plan *plan, const struct init_node *node, struct gsp_buffer *buffer)
{
    struct text text = {.buffer = buffer};
    add(&text,
        "# The daemon of node %s: `gossipd -c gossipd.conf`. Relative paths count from this file's folder.\n"
        "\n"
        "[Daemon]\n"
        "Node       = %s\n"
        "Peers      = ../peers.conf   # the network, the same file on every host\n"
        "PrivateKey = %s.key   # keep it on this host alone; peers.conf has its public key\n"
        "Listen     = %s   # for neighbours; behind the Endpoint in peers.conf\n"
        "State      = state   # state/control.sock is the socket for gossipctl -s\n"
        "\n",
        node->name, node->name, node->name, node->listen);
    if (!plan->has_data) {
        add(&text, "# The daemon needs rows to train on, or a program that computes its steps, before it can start. "
                   "Take away\n"
                   "# signs # and name your files (npy, npz with arrays x and y, csv with the label last, libsvm, idx "
                   "or idx.gz):\n"
                   "# [Data]\n"
                   "# Train      = train.csv\n"
                   "# Labels     = labels.npy   # when the labels are not in Train\n"
                   "# Test       = test.csv     # to see accuracy on\n"
                   "# TestLabels = test-labels.npy\n"
                   "# Bias       = yes          # adds a last column of ones\n"
                   "#\n"
                   "# or your program, with a model of your own:\n"
                   "# [Worker]\n"
                   "# Command    = python3 train.py\n");
        return text.rc;
    }
    add(&text,
        "[Data]\n"
        "Train = shard.npz   # rows %zu to %zu of %zu\n",
        node->first_row + 1, node->last_row, plan->data.train->rows);
    if (plan->data.test) add(&text, "Test  = test.npz\n");
    if (plan->data.bias) add(&text, "Bias  = yes   # adds a last column of ones\n");
    return text.rc;
}
