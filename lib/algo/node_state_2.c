/* A node's state as it was saved before it had sections: read, never written. After the magic "gspnode2":
 *   d, degree, step, round, stale, payload bytes, gradient, coding and waiting seconds, consensus error, residual,
 *   x, z, s,
 *   of each neighbour: since, down, counted, awaited, digest, step and digest of a resync to come (0 without one),
 * copy, whether there is a resync, its z, whether there is a z before the log, that z, the log. */
#include "algo/node_state.h"

static int take_neighbour(struct gsp_node *node, size_t slot, struct gsp__reader *reader)
{
    gsp__take_edge(node, slot, reader);
    uint64_t step = gsp__read_u64(reader), digest = gsp__read_u64(reader);
    gsp__read_vector(reader, node->neighbours[slot].copy, node->d);
    if (gsp__read_flag(reader)) return gsp__take_resync(node, slot, step, digest, reader);
    return step || digest ? GSP_ERR_FORMAT : 0;
}

int gsp__take_state_2(struct gsp_node *node, struct gsp__reader *reader)
{
    int rc = 0;
    gsp__take_head(node, reader);
    gsp__take_counters(node, reader);
    gsp__read_vector(reader, node->x, node->d);
    gsp__read_vector(reader, node->z, node->d);
    gsp__read_vector(reader, node->s, node->d);
    for (size_t slot = 0; !rc && slot < node->degree; slot++) rc = take_neighbour(node, slot, reader);
    if (!rc && gsp__read_flag(reader)) rc = gsp__take_base_z(node, reader);
    if (!rc) rc = gsp__take_log(node, reader);
    return !rc && (reader->bad || reader->left) ? GSP_ERR_FORMAT : rc;
}
