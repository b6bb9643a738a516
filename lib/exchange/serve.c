/* What neighbours wait for that needs the node's vectors: whole vectors, and edges that are taken in. */
#include "exchange/inside.h"

#include <assert.h>

/* z before the step in hand, with the digest of the messages before. */
static void send_own_z(struct gsp__exchange *exchange, size_t slot)
{
    const struct gsp_node *node = exchange->run.node;
    uint64_t step = gsp_node_step(node);
    exchange->lines[slot].flow.resync_due = GSP__NO_VECTOR;
    gsp__vector_put(exchange, slot, GSP_MSG_RESYNC, step, gsp_node_digest(node, step - 1), gsp_node_z(node));
    exchange->lines[slot].flow.next = step;
}

static void send_log_z(struct gsp__exchange *exchange, size_t slot)
{
    const struct gsp_node *node = exchange->run.node;
    struct gsp__line *line = &exchange->lines[slot];
    uint64_t base = gsp_node_log_base(node);
    line->flow.resync_due = GSP__NO_VECTOR;
    if (!gsp_node_log_z(node)) { /* trimmed meanwhile */
        gsp__hello_resume(exchange, slot, line->theirs.expect, line->theirs.digest);
        return;
    }
    gsp__vector_put(exchange, slot, GSP_MSG_RESYNC, base, gsp_node_digest(node, base - 1), gsp_node_log_z(node));
    line->flow.next = base;
}

/* A resync that was waiting for this node to come to a step. */
static void schedule_own_z(struct gsp__exchange *exchange, size_t slot)
{
    struct gsp__line *line = &exchange->lines[slot];
    uint64_t step = gsp_node_step(exchange->run.node);
    if (line->flow.differs && step >= line->flow.differs) {
        line->flow.differs = 0;
        line->flow.resync_due = GSP__OWN_Z;
    }
    if (line->wants && step >= line->wants) {
        gsp__gossip_raise_have(exchange, slot, line->wants);
        line->wants = 0;
        line->flow.resync_due = GSP__OWN_Z;
    }
}

static void serve(struct gsp__exchange *exchange, size_t slot)
{
    struct gsp__line *line = &exchange->lines[slot];
    if (line->copy_due) gsp__gather_answer(exchange, slot);
    if (line->parcel.due || !gsp__exchange_opened(exchange, slot)) return;
    if (line->flow.renew) {
        gsp__edge_renew(exchange, slot);
        return;
    }
    gsp__edge_serve(exchange, slot);
    if (line->flow.resync_due == GSP__LOG_Z) send_log_z(exchange, slot);
    schedule_own_z(exchange, slot);
    if (line->flow.resync_due == GSP__OWN_Z && !line->parcel.due) send_own_z(exchange, slot);
}

void gsp__exchange_serve(struct gsp__exchange *exchange)
{
    assert(!exchange->run.node || gsp__vectors_free(exchange->host, exchange->run.node));
    for (size_t slot = 0; slot < exchange->count; slot++)
        if (!exchange->lines[slot].parcel.due && gsp__transport_has_room(exchange->transport, slot))
            serve(exchange, slot);
}
