/* Networks to report on. */
#ifndef TESTS_UNIT_REPORT_CASES_H
#define TESTS_UNIT_REPORT_CASES_H

#include <gossip/report.h>

#include "tools/ctl/advice.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NODES = 5, LINKS = 4 };

/* As gossipctl prints it, with its words for what to do next. */
static char *status_text(const struct gsp_reply *reply, const struct gsp_style *style)
{
    return gsp_report_status(reply, advice_text(reply), style);
}

struct network {
    struct gsp_summary nodes[NODES];
    struct gsp_link_status links[LINKS];
    struct gsp_reply reply;
};

static inline void fill_link(struct gsp_link_status *link, const char *name, const char *state, double rtt_ms)
{
    snprintf(link->name, sizeof link->name, "%s", name);
    snprintf(link->state, sizeof link->state, "%s", state);
    link->rtt_ms = rtt_ms;
}

/* n001 .. n005, half-way through run 3. */
static inline struct network *make_network(void)
{
    struct network *network = gsp_alloc(1, sizeof *network);
    for (int i = 0; i < NODES; i++) {
        struct gsp_summary *node = &network->nodes[i];
        snprintf(node->node, sizeof node->node, "n%03d", i + 1);
        node->number = 7;
        node->phase = GSP_PHASE_RUNNING;
        node->run = (struct gsp_run_key){.epoch = 3, .id = {0xab, 0xcd}};
        node->round = 412;
        node->rounds = 1000;
        node->gossip_step = 2;
        node->loss = 0.4375;
        node->accuracy = 0.842;
        node->consensus_error = 0.0012;
        node->seconds = 72.25;
        node->bytes_sent = 12900000;
        node->bytes_received = 38700000;
    }
    fill_link(&network->links[0], "n002", "up", 0.5);
    fill_link(&network->links[1], "n003", "up", 120);
    fill_link(&network->links[2], "n004", "down", NAN);
    fill_link(&network->links[3], "n005", "refused", NAN);
    network->links[0].bytes_sent = 4300000;
    network->links[0].bytes_received = 1023;
    strcpy(network->links[2].detail, "connection refused by d.example:7400; tried again in 12 s");
    network->reply = (struct gsp_reply){
        .node_count = 1, .nodes = network->nodes, .link_count = LINKS, .links = network->links, .version = "0.1.0"};
    strcpy(network->reply.settings, "rounds=1000\ncompressor=qsgd:bits=4,bucket=128\n");
    return network;
}

/* Of which one waits, two have failed for one reason, and one was never heard. */
static inline struct network *make_troubled_network(void)
{
    struct network *network = make_network();
    struct gsp_summary *nodes = network->nodes;
    network->reply.node_count = NODES;
    nodes[1].phase = GSP_PHASE_WAITING;
    nodes[1].waiting_count = 2;
    strcpy(nodes[1].waiting[0], "n004");
    strcpy(nodes[1].waiting[1], "n005");
    nodes[2].phase = GSP_PHASE_FAILED;
    nodes[2].loss = NAN;
    strcpy(nodes[2].reason, "n003: no memory for a run of 100 million parameters");
    nodes[3] = nodes[2];
    strcpy(nodes[3].node, "n004");
    nodes[4] = (struct gsp_summary){.node = "n005"};
    return network;
}

#endif
