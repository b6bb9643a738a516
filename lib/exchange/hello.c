/* Opening the run on a link: both ends say what they have, and each sends the other what it lacks. */
#include "exchange/inside.h"

#include <assert.h>

/* It computed something otherwise than before a restart (another processor, another build). From step `from` on they
 * take its z as it is. */
void gsp__hello_differ(struct gsp__exchange *exchange, size_t slot, uint64_t from)
{
    const char *name = gsp__name_at(exchange->host, slot);
    gsp_log(&exchange->host->log, GSP_LOG_WARNING,
            "the messages below step %llu that %s holds of this node are not those that it computed again: %s takes "
            "its z over as it is; the result is not that of the undisturbed run",
            (unsigned long long)from, name, name);
    gsp__exchange_set_note(exchange, "recomputed other messages than before a restart, below step %llu",
                           (unsigned long long)from);
    exchange->lines[slot].flow.differs = from;
}

/* With reweight: whether a neighbour that lacks messages which are not here any more can be helped by taking its edge
 * in anew, rather than by Gone, at which it gives up its own state.
 *
 * It need not have lost its state: it may have been away when this node lost its own, and with that the knowledge that
 * their edge is down. So it is taken for one that was away if it holds anything of this node (expect > 1), or if this
 * node, since it was recovered, awaits its z. Who holds nothing of this node has lost its state and is told Gone. */
static bool can_renew(const struct gsp__exchange *exchange, size_t slot, uint64_t expect)
{
    return exchange->run.reweight && (expect > 1 || gsp_node_awaits(exchange->run.node, slot));
}

void gsp__hello_resume(struct gsp__exchange *exchange, size_t slot, uint64_t expect, uint64_t digest)
{
    const struct gsp_node *node = exchange->run.node;
    struct gsp__line *line = &exchange->lines[slot];
    struct gsp__flow *flow = &line->flow;
    uint64_t base = gsp_node_log_base(node);
    bool other_base = expect == base && gsp_node_log_z(node) && digest != gsp_node_digest(node, base - 1);
    if (expect < base || other_base) {
        /* Who is further behind than it can have been has lost its state, too. */
        if (gsp_node_log_z(node) && expect + exchange->run.reach + 2 >= base)
            flow->resync_due = GSP__LOG_Z;
        else if (can_renew(exchange, slot, expect))
            flow->renew = true;
        else
            line->words.gone = true;
    } else if (expect > gsp_node_log_end(node)) { /* we have not yet computed again what they have */
        flow->next = expect;
        flow->check = expect - 1;
        flow->check_digest = digest;
    } else if (gsp_node_digest(node, expect - 1) != digest) {
        gsp__hello_differ(exchange, slot, expect);
    } else {
        flow->next = expect;
    }
}

void gsp__hello_answer(struct gsp__exchange *exchange, size_t slot)
{
    assert(exchange->state == GSP__EXCHANGE_OPEN && exchange->run.node);
    struct gsp__line *line = &exchange->lines[slot];
    const struct gsp__their_hello *theirs = &line->theirs;
    struct gsp__flow *flow = &line->flow;
    if (!gsp__exchange_in_run(exchange, slot, theirs->expect) || !gsp__exchange_in_run(exchange, slot, theirs->have) ||
        !gsp__exchange_in_run(exchange, slot, theirs->durable))
        return;
    *flow = (struct gsp__flow){.greeted = flow->greeted, .answered = true};
    flow->have = line->have = theirs->have; /* it may be less than it was: they began again */
    line->durable = theirs->durable;        /* likewise, when a disk was lost */
    line->wants = theirs->gathering ? theirs->expect : 0;
    if (gsp__edge_differs(exchange, slot))
        gsp__edge_ask(exchange, slot);
    else if (!line->wants)
        gsp__hello_resume(exchange, slot, theirs->expect, theirs->digest);
    else
        flow->renew = gsp__edge_far_behind(exchange, line->wants);
    gsp__gossip_trim(exchange);
}

void gsp__hello_write(struct gsp__exchange *exchange, size_t slot, struct gsp_message *out)
{
    const struct gsp_node *node = exchange->run.node;
    assert(exchange->state == GSP__EXCHANGE_OPEN);
    gsp__message_begin(out, GSP_MSG_RUN_HELLO);
    out->u.run_hello.run = exchange->key;
    out->u.run_hello.expect = gsp_node_expected(node, slot);
    out->u.run_hello.have = gsp_node_step(node);
    out->u.run_hello.digest = gsp_node_digest_of(node, slot);
    out->u.run_hello.durable = exchange->run.durable;
    out->u.run_hello.gathering = gsp_node_awaits(node, slot);
    out->u.run_hello.edge_down = gsp_node_edge(node, slot, &out->u.run_hello.edge_since);
    exchange->lines[slot].words.durable = false; /* it says so */
    exchange->lines[slot].flow.greeted = true;
}

void gsp__hello_received(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message)
{
    struct gsp__their_hello *theirs = &exchange->lines[slot].theirs;
    *theirs = (struct gsp__their_hello){
        .known = true,
        .run = message->u.run_hello.run,
        .expect = message->u.run_hello.expect,
        .have = message->u.run_hello.have,
        .digest = message->u.run_hello.digest,
        .durable = message->u.run_hello.durable,
        .gathering = message->u.run_hello.gathering,
        .edge_down = message->u.run_hello.edge_down,
        .edge_since = message->u.run_hello.edge_since,
    };
    if (theirs->expect == 0 || theirs->durable == 0)
        gsp__transport_fail(exchange->transport, slot, "a hello for step 0, which no run has");
    else if (gsp__exchange_carries(exchange, &theirs->run))
        gsp__hello_answer(exchange, slot);
}
