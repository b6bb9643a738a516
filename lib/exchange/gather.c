/* State that is nowhere but at the neighbours (doc/protocol.md, "Lost disks").
 *
 * A node that is told Gone asks all its neighbours what they have of it. The newest of their copies of its z becomes
 * its z and its x, and from there on it goes on, with a resync from each. Only x - z is lost, which the next rounds
 * make good. */
#include "exchange/inside.h"

#include <stdlib.h>

/* ---- this node's state is lost ---- */

void gsp__gather_clear(struct gsp__exchange *exchange)
{
    free(exchange->gather.z);
    free(exchange->gather.answered);
    exchange->gather = (struct gsp__gather){0};
}

/* All neighbours are waited for. With reweight, one that has been away for too long is not, provided that somebody has
 * sent a copy: as long as nobody has, the one that is away may have the only one. */
bool gsp__exchange_gathered(const struct gsp__exchange *exchange, struct gsp__gathered *out)
{
    const struct gsp__gather *gather = &exchange->gather;
    if (exchange->state != GSP__EXCHANGE_LOST) return false;
    for (size_t slot = 0; slot < exchange->count; slot++) {
        if (gather->answered[slot]) continue;
        if (!gather->step || !gsp__edge_given_up(exchange, slot)) return false;
    }
    *out = (struct gsp__gathered){.z = gather->z, .step = gather->step, .digest = gather->digest};
    return true;
}

void gsp__gather_copy(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message)
{
    struct gsp__gather *gather = &exchange->gather;
    uint64_t step = message->u.vector.step, digest = message->u.vector.digest;
    if (exchange->state != GSP__EXCHANGE_LOST || !gsp__exchange_is_ours(exchange, &message->u.vector.run)) return;
    gather->answered[slot] = true;
    if (step) { /* its hello was to the state that is lost now; this is what it has */
        exchange->lines[slot].theirs.expect = step;
        exchange->lines[slot].theirs.digest = digest;
    }
    if (step <= gather->step) return;
    double *z = gsp__vector_take(exchange, slot, message);
    if (!z) {
        gather->answered[slot] = false;
        return;
    }
    free(gather->z);
    gather->z = z;
    gather->step = step;
    gather->digest = digest;
}

/* ---- a neighbour's state is lost ---- */

void gsp__gather_asked(struct gsp__exchange *exchange, size_t slot, const struct gsp_run_key *key)
{
    struct gsp__line *line = &exchange->lines[slot];
    line->copy_due = true; /* also when the run is not known here yet: it is on its way to the disk then */
    line->copy_run = *key;
    if (!gsp__exchange_is_ours(exchange, key)) return;
    line->flow.answered = false; /* its hello will say where it goes on */
    line->theirs.known = false;
}

/* Who knows nothing, or nothing but the beginning, says so. */
void gsp__gather_answer(struct gsp__exchange *exchange, size_t slot)
{
    struct gsp__line *line = &exchange->lines[slot];
    if (!gsp__exchange_is_ours(exchange, &line->copy_run)) return;
    if (exchange->state == GSP__EXCHANGE_PREPARING) return; /* it begins at the first step, and then knows */
    line->copy_due = false;
    bool open = exchange->state == GSP__EXCHANGE_OPEN;
    uint64_t step = 0, digest = 0;
    double *z = open ? gsp_vector(exchange->run.d) : NULL;
    if (open && !z) {
        gsp__transport_fail(exchange->transport, slot, "no memory for a copy of its z");
        return;
    }
    bool known = open && gsp_node_copy_of(exchange->run.node, slot, z, &step, &digest) == 0;
    gsp__vector_put(exchange, slot, GSP_MSG_COPY, known ? step : 0, known ? digest : 0, known ? z : NULL);
    free(z);
    /* What they heard of the edge on this connection may be older than what both ends have agreed on since. */
    line->parcel.greeting = open && exchange->run.reweight;
}
