/* on_peer_loss=reweight: edges to neighbours that are away stop counting, and are taken in again when these are back
 * (doc/protocol.md, "Lost neighbours").
 *
 * Taking in: both ends say at which step they are (EdgeAt) and complete none above it until the other has answered; the
 * edge counts from the step after the greater one, where each gives the other its z. */
#include "exchange/inside.h"

#include <assert.h>

static bool any_down(const struct gsp__exchange *exchange)
{
    uint64_t since;
    for (size_t slot = 0; slot < exchange->count; slot++)
        if (gsp_node_edge(exchange->run.node, slot, &since)) return true;
    return false;
}

bool gsp__exchange_edges_hold(const struct gsp__exchange *exchange)
{
    if (exchange->state != GSP__EXCHANGE_OPEN || !exchange->run.reweight) return false;
    uint64_t step = gsp_node_step(exchange->run.node);
    if (step > exchange->run.last) return false; /* there is none left */
    for (size_t slot = 0; slot < exchange->count; slot++)
        if (exchange->lines[slot].edge_asked && step > exchange->lines[slot].edge_asked) return true;
    return any_down(exchange) && !exchange->majority; /* so that two halves do not drift apart */
}

/* ---- losing a neighbour ---- */

static void drop(struct gsp__exchange *exchange, size_t slot)
{
    struct gsp__line *line = &exchange->lines[slot];
    struct gsp_node *node = exchange->run.node;
    const char *name = gsp__name_at(exchange->host, slot);
    uint64_t since;
    assert(gsp__vectors_free(exchange->host, node));
    line->edge_asked = line->wants = 0;
    line->flow.next = line->flow.check = line->flow.differs = 0;
    line->flow.resync_due = GSP__NO_VECTOR;
    bool known = gsp_node_edge(node, slot, &since);
    gsp_node_edge_down(node, slot);
    if (known) return;
    unsigned long long step = (unsigned long long)gsp_node_step(node);
    gsp__exchange_set_note(exchange, "goes on without %s since step %llu", name, step);
    gsp_log(&exchange->host->log, GSP_LOG_WARNING, "%s: its edge does not count from step %llu on", name, step);
    gsp__host_news(exchange->host, true);
}

bool gsp__edge_given_up(const struct gsp__exchange *exchange, size_t slot)
{
    uint64_t since = exchange->waiting_since;
    if (!exchange->run.reweight || gsp__transport_up(exchange->transport, slot) || since == GSP__NEVER) return false;
    return exchange->host->now >= since + exchange->run.loss_ms && exchange->majority;
}

void gsp__exchange_edges_tick(struct gsp__exchange *exchange, bool gathering)
{
    const struct gsp_node *node = exchange->run.node;
    if (exchange->state != GSP__EXCHANGE_OPEN || !exchange->run.reweight) return;
    assert(gsp__vectors_free(exchange->host, node));
    for (size_t slot = 0; slot < exchange->count; slot++) {
        bool waits = gsp_node_waiting_for(node, slot) || (gathering && gsp_node_awaits(node, slot));
        if (waits && gsp__edge_given_up(exchange, slot)) drop(exchange, slot);
    }
}

uint64_t gsp__exchange_deadline(const struct gsp__exchange *exchange)
{
    if (exchange->state != GSP__EXCHANGE_OPEN && exchange->state != GSP__EXCHANGE_LOST) return GSP__NEVER;
    if (!exchange->run.reweight || exchange->waiting_since == GSP__NEVER) return GSP__NEVER;
    uint64_t at = exchange->waiting_since + exchange->run.loss_ms;
    return at > exchange->host->now ? at : GSP__NEVER; /* later, it is whoever is heard of that changes anything */
}

/* ---- taking it in again ---- */

bool gsp__edge_differs(const struct gsp__exchange *exchange, size_t slot)
{
    const struct gsp__their_hello *theirs = &exchange->lines[slot].theirs;
    uint64_t since;
    if (!exchange->run.reweight) return false;
    bool down = gsp_node_edge(exchange->run.node, slot, &since);
    return down || theirs->edge_down || theirs->edge_since != since;
}

void gsp__edge_ask(struct gsp__exchange *exchange, size_t slot)
{
    struct gsp__line *line = &exchange->lines[slot];
    line->edge_asked = line->edge_told = 0; /* what was said on a connection before this one counts no more */
    line->flow.edge = true;
}

static void ask(struct gsp__exchange *exchange, size_t slot)
{
    drop(exchange, slot);
    exchange->lines[slot].edge_asked = gsp_node_step(exchange->run.node);
    exchange->lines[slot].words.edge = true;
}

void gsp__edge_told(struct gsp__exchange *exchange, size_t slot, uint64_t step)
{
    struct gsp__line *line = &exchange->lines[slot];
    if (exchange->state != GSP__EXCHANGE_OPEN || !line->flow.edge || !gsp__exchange_in_run(exchange, slot, step))
        return;
    line->edge_told = step;
}

bool gsp__edge_far_behind(const struct gsp__exchange *exchange, uint64_t step)
{
    return exchange->run.reweight && step + exchange->host->place.network->count < gsp_node_step(exchange->run.node);
}

void gsp__edge_renew(struct gsp__exchange *exchange, size_t slot)
{
    drop(exchange, slot);
    gsp__transport_fail(exchange->transport, slot, "a disk was lost while its edge was down: taken in anew");
}

/* Far behind: everything in between is given up, and all other edges with it. */
static void jump(struct gsp__exchange *exchange, size_t kept, uint64_t step)
{
    unsigned long long to = (unsigned long long)step;
    for (size_t slot = 0; slot < exchange->count; slot++) {
        if (slot == kept) continue;
        drop(exchange, slot);
        gsp__transport_fail(exchange->transport, slot, "far behind: taken in anew at step %llu", to);
    }
    gsp_node_jump(exchange->run.node, step);
    gsp__exchange_set_note(exchange, "was away too long; went on at step %llu", to);
    gsp_log(&exchange->host->log, GSP_LOG_WARNING, "this node was away for too long: it goes on at step %llu", to);
}

/* Whether one end of an edge that is being taken in has done its last step: the edge would count from a step that this
 * end never does. Taking in is then given up. The edge stays down here where this end has steps left to do without the
 * other, or still awaits its z. */
static bool too_late(struct gsp__exchange *exchange, size_t slot)
{
    struct gsp__line *line = &exchange->lines[slot];
    const struct gsp_node *node = exchange->run.node;
    uint64_t last = exchange->run.last;
    bool here = gsp_node_step(node) > last;
    if (!here && line->have <= last && line->edge_told <= last) return false;
    if (!here || gsp_node_awaits(node, slot)) drop(exchange, slot);
    line->flow.edge = false;
    /* The other end may be waiting for this node's EdgeAt before it completes a step: it is told a step beyond the
     * last, by which it finds the same. */
    line->words.edge = here;
    line->edge_asked = here ? gsp_node_step(node) : 0;
    return true;
}

void gsp__edge_serve(struct gsp__exchange *exchange, size_t slot)
{
    struct gsp__line *line = &exchange->lines[slot];
    struct gsp_node *node = exchange->run.node;
    if (!line->flow.edge || too_late(exchange, slot)) return;
    if (!line->edge_asked) ask(exchange, slot);
    if (!line->edge_told || line->words.edge) return; /* the own word goes first */
    uint64_t asked = line->edge_asked, told = line->edge_told, from = (asked > told ? asked : told) + 1;
    if (from > gsp_node_step(node) + exchange->host->place.network->count) jump(exchange, slot, from);
    if (from < gsp_node_step(node)) from = gsp_node_step(node); /* who breaks the rules loses a step */
    gsp_node_edge_up(node, slot, from);
    line->edge_asked = line->edge_told = 0;
    line->wants = from;
    line->flow.edge = false;
    gsp_log(&exchange->host->log, GSP_LOG_INFO, "%s: its edge counts again, from step %llu on",
            gsp__name_at(exchange->host, slot), (unsigned long long)from);
    gsp__host_news(exchange->host, true);
}
