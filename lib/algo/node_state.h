/* Pieces of a node's saved state, shared by node_state.c and node_state_2.c (the format before). */
#ifndef GSP_ALGO_NODE_STATE_H
#define GSP_ALGO_NODE_STATE_H

#include "algo/node.h"
#include "base/reader.h"

/* Reads what is there into a new node; what is short or malformed makes the reader bad or gives GSP_ERR_FORMAT.
 * GSP_ERR_NOMEM. gsp__take_head comes first: the others look at the step. */
void gsp__take_head(struct gsp_node *node, struct gsp__reader *reader);
void gsp__take_counters(struct gsp_node *node, struct gsp__reader *reader);
void gsp__take_edge(struct gsp_node *node, size_t slot, struct gsp__reader *reader);
/* A resync of that slot to come: its z follows in the reader. */
int gsp__take_resync(struct gsp_node *node, size_t slot, uint64_t step, uint64_t digest, struct gsp__reader *reader);
int gsp__take_base_z(struct gsp_node *node, struct gsp__reader *reader);
int gsp__take_log(struct gsp_node *node, struct gsp__reader *reader);

/* All of it in the format gspnode2, after the magic. */
int gsp__take_state_2(struct gsp_node *node, struct gsp__reader *reader);

#endif
