/* Summaries, which both peers and the control socket carry, and checks that all messages share. */
#ifndef GOSSIP_WIRE_SUMMARY_MSG_H
#define GOSSIP_WIRE_SUMMARY_MSG_H

#include <gossip/wire.h>

#include "peer.pb-c.h"

/* GSP_ERR_FORMAT, naming the field, if a count is above GSP_COUNT_MAX; likewise for what the others check. */
int gsp__check_count(uint64_t count, const char *field, struct gsp_error *error);
int gsp__check_name(const char *name, const char *field, struct gsp_error *error);
/* Epoch 0 is "no run", which has no id. */
int gsp__check_run(const struct gsp_run_key *run, struct gsp_error *error);
int gsp__check_summary(const struct gsp_summary *summary, struct gsp_error *error);
/* What is not in the range that unpacking takes becomes NaN. */
double gsp__known_number(double value, double low, double high);

int gsp__run_from_pb(struct gsp_run_key *run, uint64_t epoch, const ProtobufCBinaryData *id, struct gsp_error *error);

/* A summary ready to be packed: `pb` points into the rest. */
struct gsp__packed_summary {
    Gossipd__Summary pb;
    Gossipd__Model model;
    struct gsp_summary copy;
    char *waiting[GSP_WAITING_MAX];
};
void gsp__summary_to_pb(struct gsp__packed_summary *out, const struct gsp_summary *summary);
int gsp__summary_from_pb(struct gsp_summary *out, const Gossipd__Summary *pb, struct gsp_error *error);

#endif
