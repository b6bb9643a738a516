/* wire/worker_msg.h - what status says of a node's worker, to protobuf and back. */
#ifndef GOSSIP_WIRE_WORKER_MSG_H
#define GOSSIP_WIRE_WORKER_MSG_H

#include <gossip/wire.h>

#include "control.pb-c.h"

/* Ready to be packed: `pb` points into it. */
struct gsp__packed_worker {
    Gossipd__WorkerStatus pb;
    struct gsp_worker_status copy;
    Gossipd__Metric metrics[GSP_METRICS_MAX];
    Gossipd__Metric *list[GSP_METRICS_MAX];
};
void gsp__worker_to_pb(struct gsp__packed_worker *out, const struct gsp_worker_status *status);
/* `pb` NULL: the node has none. GSP_ERR_FORMAT. */
int gsp__worker_from_pb(struct gsp_worker_status *out, const Gossipd__WorkerStatus *pb, struct gsp_error *error);

/* Letters, digits and _, as many as may be. */
bool gsp__metric_name_valid(const char *name);

#endif
