/* Gossip messages on a link: in order, and each applied exactly once.
 *
 * Step m goes out only if m <= the step that the neighbour has in hand + 1, so that it never holds more than two. A
 * gossip message of step k says by itself that its sender has k in hand; Have says so where none can be sent. */
#include "exchange/inside.h"

#include <assert.h>

/* ---- the log ---- */

/* ---- in ---- */

void gsp__gossip_raise_have(struct gsp__exchange *exchange, size_t slot, uint64_t have)
{
    struct gsp__line *line = &exchange->lines[slot];
    if (have > line->flow.have) line->flow.have = have;
    if (have > line->have) line->have = have;
}

void gsp__gossip_have(struct gsp__exchange *exchange, size_t slot, uint64_t step)
{
    if (gsp__exchange_opened(exchange, slot) && gsp__exchange_in_run(exchange, slot, step))
        gsp__gossip_raise_have(exchange, slot, step);
}

void gsp__gossip_durable(struct gsp__exchange *exchange, size_t slot, uint64_t step)
{
    struct gsp__line *line = &exchange->lines[slot];
    if (!gsp__exchange_opened(exchange, slot) || step <= line->durable || !gsp__exchange_in_run(exchange, slot, step))
        return;
    line->durable = step;
    gsp__gossip_trim(exchange);
}

void gsp__gossip_received(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message)
{
    if (!gsp__exchange_opened(exchange, slot)) return; /* a late message of the run before */
    struct gsp_node *node = exchange->run.node;
    uint64_t step = message->u.gossip.step, durable = exchange->lines[slot].durable, reach = exchange->run.reach;
    struct gsp_error error = {0};
    if (step > durable + reach) { /* else our log for it could grow without bound */
        gsp__transport_fail(exchange->transport, slot, "step %llu, more than %llu beyond its durable step %llu",
                            (unsigned long long)step, (unsigned long long)reach, (unsigned long long)durable);
        return;
    }
    gsp__gossip_raise_have(exchange, slot, step);
    if (step < gsp_node_expected(node, slot)) return; /* sent again after a break: applied already */
    if (gsp_node_awaits(node, slot)) return;          /* its resync comes first */
    int rc = gsp_node_accept(node, slot, step, message->u.gossip.payload, message->u.gossip.length, &error);
    if (rc) gsp__transport_fail(exchange->transport, slot, "%s", error.message);
}

/* ---- out ---- */

/* Whether a message may go out now. */
static bool sendable(const struct gsp__exchange *exchange, size_t slot)
{
    const struct gsp__flow *flow = &exchange->lines[slot].flow;
    if (!gsp__exchange_opened(exchange, slot) || !flow->next || flow->check || exchange->held) return false;
    return flow->next < gsp_node_log_end(exchange->run.node) && flow->next <= flow->have + 1;
}

bool gsp__gossip_says_have(const struct gsp__exchange *exchange, size_t slot)
{
    return sendable(exchange, slot) && exchange->lines[slot].flow.next == gsp_node_step(exchange->run.node);
}

bool gsp__exchange_next_gossip(struct gsp__exchange *exchange, size_t slot, struct gsp_message *out)
{
    if (!sendable(exchange, slot)) return false;
    const struct gsp_node *node = exchange->run.node;
    struct gsp__flow *flow = &exchange->lines[slot].flow;
    gsp__message_begin(out, GSP_MSG_GOSSIP);
    out->u.gossip.step = flow->next;
    out->u.gossip.payload = gsp_node_log_view(node, flow->next, &out->u.gossip.length);
    if (flow->next == gsp_node_step(node)) exchange->lines[slot].words.have = false;
    flow->next++;
    return true;
}

/* ---- a step was computed ---- */

/* What they have of a step that this node had not yet computed again: is it the same? */
static void check_digest(struct gsp__exchange *exchange, size_t slot)
{
    const struct gsp_node *node = exchange->run.node;
    struct gsp__flow *flow = &exchange->lines[slot].flow;
    uint64_t check = flow->check;
    if (!check || check >= gsp_node_log_end(node)) return;
    flow->check = 0;
    if (gsp_node_digest(node, check) == flow->check_digest) return;
    flow->next = 0;
    gsp__hello_differ(exchange, slot, check + 1);
}

void gsp__exchange_computed(struct gsp__exchange *exchange, bool mixed)
{
    assert(exchange->state == GSP__EXCHANGE_OPEN);
    for (size_t slot = 0; slot < exchange->count; slot++) {
        if (!gsp__transport_up(exchange->transport, slot)) continue;
        if (mixed && exchange->lines[slot].flow.greeted) exchange->lines[slot].words.have = true;
        check_digest(exchange, slot);
    }
    gsp__gossip_trim(exchange);
}
