/* Gossip on a link: each message is applied exactly once, in order, over any number of connections (protocol.md,
 * "Links").
 *
 * Step m goes out only if m <= the step that the neighbour has in hand + 1, so that it never holds more than two. A
 * gossip message of step k says by itself that its sender has k in hand; Have says so where none can be sent. */
#include "session/peer.h"

#include <assert.h>
#include <string.h>

struct gsp__link *gsp__link_of(struct gsp_peer *peer, size_t node)
{
    for (size_t i = 0; i < peer->link_count; i++)
        if (peer->links[i].node == node) return &peer->links[i];
    return NULL;
}

static const char *name_of(const struct gsp_peer *peer, const struct gsp__connection *connection)
{
    return peer->config.network->nodes[connection->node].name;
}

/* ---- opening a run on a connection ---- */

static void raise_have(struct gsp_peer *peer, struct gsp__connection *connection, uint64_t have)
{
    struct gsp__link *link = gsp__link_of(peer, connection->node);
    if (have > connection->flow.have) connection->flow.have = have;
    if (have > link->have) link->have = have;
}

static void digests_differ(struct gsp_peer *peer, const struct gsp__connection *connection, uint64_t step)
{
    gsp__run_state_abort(peer,
                         "the messages up to step %llu that %s holds of %s are not those that %s sent: one of the two "
                         "computed or stored something wrongly; start the run again",
                         (unsigned long long)step, name_of(peer, connection), peer->name, peer->name);
}

static void abort_for_lost_progress(struct gsp_peer *peer, const char *name)
{
    gsp__run_state_abort(peer, "%s has lost its progress (it was restarted during the run); start the run again", name);
}

/* Whether this node was restarted, and a neighbour has no more the steps that it would have to send again. */
static bool progress_is_lost(struct gsp_peer *peer, const struct gsp__connection *connection)
{
    size_t slot = gsp__link_of(peer, connection->node)->slot;
    return connection->their_have > gsp_node_expected(peer->run->node, slot) + 1;
}

/* Whether a neighbour lacks messages of ours. Neighbours of one node are at most two steps apart: who is further behind
 * the first was itself restarted, and has no use for them. */
static bool is_needed(const struct gsp_peer *peer, const struct gsp__connection *connection, uint64_t first)
{
    uint64_t last = gsp__run_last_step(peer->run), have = connection->their_have;
    return connection->their_expect <= last && have <= last && have + 2 >= first;
}

/* A node that is restarted after its last step is no loss to the others: they have all its messages, and their results.
 * If that is so at every neighbour, it leaves the run to them. */
static void leave_if_over(struct gsp_peer *peer)
{
    bool lost = false, needed = false;
    uint64_t first = 0;
    for (size_t i = 0; i < peer->link_count; i++) {
        const struct gsp__connection *connection = peer->links[i].up;
        if (!connection || !connection->flow.answered) return;
        lost |= progress_is_lost(peer, connection);
        if (connection->their_have > first) first = connection->their_have;
    }
    if (!lost) return;
    for (size_t i = 0; i < peer->link_count; i++) needed |= is_needed(peer, peer->links[i].up, first);
    if (needed)
        abort_for_lost_progress(peer, peer->name);
    else
        gsp__run_forget(peer);
}

/* Both sides' run hello of this run are there: from where do we send, and is what they have of us what we sent? */
static void answer(struct gsp_peer *peer, struct gsp__connection *connection)
{
    assert(peer->run && peer->run->node);
    const struct gsp_node *node = peer->run->node;
    uint64_t expect = connection->their_expect, end = gsp_node_log_end(node);
    struct gsp__flow *flow = &connection->flow;
    struct gsp__link *link = gsp__link_of(peer, connection->node);
    if (expect < gsp_node_log_base(node)) {
        if (gsp_node_expected(node, link->slot) <= gsp__run_last_step(peer->run))
            abort_for_lost_progress(peer, name_of(peer, connection));
        return;
    }
    *flow = (struct gsp__flow){.greeted = flow->greeted, .answered = true, .next = expect};
    flow->have = link->have = connection->their_have; /* it may be less than it was: they began again */
    if (expect > end) {
        flow->check = expect - 1;
        flow->check_digest = connection->their_digest;
    } else if (gsp_node_digest(node, expect - 1) != connection->their_digest) {
        digests_differ(peer, connection, expect - 1);
        return;
    }
    leave_if_over(peer); /* last: it may take the run away */
}

/* The connection is up, or the run has become ready. */
void gsp__link_open(struct gsp_peer *peer, struct gsp__connection *connection)
{
    if (peer->run && peer->run->forgotten) connection->run_hello_due = true;
    if (!gsp__run_ready(peer)) return;
    connection->run_hello_due = true;
    if (connection->their_hello_known && gsp_run_key_compare(&connection->their_run, &peer->run->key) == 0)
        answer(peer, connection);
}

void gsp__links_open(struct gsp_peer *peer)
{
    for (size_t i = 0; i < peer->link_count; i++)
        if (peer->links[i].up) gsp__link_open(peer, peer->links[i].up);
}

/* Another run begins: what was agreed on the old one means nothing. */
void gsp__links_reset(struct gsp_peer *peer)
{
    for (size_t i = 0; i < peer->link_count; i++) {
        struct gsp__connection *connection = peer->links[i].up;
        peer->links[i].have = 1;
        if (!connection) continue;
        connection->flow = (struct gsp__flow){0};
        connection->run_hello_due = connection->have_due = false;
        connection->run_state_due = true;
    }
}

void gsp__link_run_hello(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_message *message)
{
    connection->their_hello_known = true;
    connection->their_run = message->u.run_hello.run;
    connection->their_expect = message->u.run_hello.expect;
    connection->their_have = message->u.run_hello.have;
    connection->their_digest = message->u.run_hello.digest;
    if (gsp__run_ready(peer) && gsp_run_key_compare(&connection->their_run, &peer->run->key) == 0)
        answer(peer, connection);
}

/* ---- messages ---- */

static bool of_this_run(const struct gsp_peer *peer, const struct gsp__connection *connection)
{
    return gsp__run_ready(peer) && connection->flow.answered && connection->flow.greeted;
}

void gsp__link_have(struct gsp_peer *peer, struct gsp__connection *connection, uint64_t step)
{
    if (of_this_run(peer, connection)) raise_have(peer, connection, step);
}

void gsp__link_gossip(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_message *message)
{
    if (!of_this_run(peer, connection)) return; /* a late message of the run before */
    uint64_t step = message->u.gossip.step;
    struct gsp_error error = {0};
    size_t slot = gsp__link_of(peer, connection->node)->slot;
    raise_have(peer, connection, step);
    if (step < gsp_node_expected(peer->run->node, slot)) return; /* sent again after a break: applied already */
    int rc = gsp_node_accept(peer->run->node, slot, step, message->u.gossip.payload, message->u.gossip.length, &error);
    if (rc) gsp__connection_fail(peer, connection, "%s", error.message);
}

/* Whether a message may go out now, and of which step. */
static bool sendable(const struct gsp_peer *peer, const struct gsp__connection *connection)
{
    const struct gsp__flow *flow = &connection->flow;
    if (!of_this_run(peer, connection) || flow->check) return false;
    return flow->next < gsp_node_log_end(peer->run->node) && flow->next <= flow->have + 1;
}

bool gsp__link_next_is_in_hand(const struct gsp_peer *peer, const struct gsp__connection *connection)
{
    return sendable(peer, connection) && connection->flow.next == gsp_node_step(peer->run->node);
}

bool gsp__link_next(struct gsp_peer *peer, struct gsp__connection *connection, struct gsp_message *out)
{
    if (!sendable(peer, connection)) return false;
    struct gsp__flow *flow = &connection->flow;
    *out = (struct gsp_message){.type = GSP_MSG_GOSSIP};
    out->u.gossip.step = flow->next;
    out->u.gossip.payload = gsp_node_log_view(peer->run->node, flow->next, &out->u.gossip.length);
    if (flow->next == gsp_node_step(peer->run->node)) connection->have_due = false;
    flow->next++;
    return true;
}

/* A step was computed: tell it, compare what waited for it, forget what everybody has. */
void gsp__links_computed(struct gsp_peer *peer, bool mixed)
{
    struct gsp_node *node = peer->run->node;
    uint64_t needed = gsp_node_step(node);
    for (size_t i = 0; i < peer->link_count; i++) {
        struct gsp__connection *connection = peer->links[i].up;
        if (peer->links[i].have < needed) needed = peer->links[i].have;
        if (!connection) continue;
        if (mixed && connection->flow.greeted) connection->have_due = true;
        uint64_t check = connection->flow.check;
        if (!check || check >= gsp_node_log_end(node)) continue;
        connection->flow.check = 0;
        if (gsp_node_digest(node, check) != connection->flow.check_digest) {
            digests_differ(peer, connection, check);
            return;
        }
    }
    /* Nobody who keeps to the rules needs more than these; who says otherwise must not fill the memory. */
    uint64_t end = gsp_node_log_end(node);
    if (end > needed + GSP__LOG_STEPS_MAX) needed = end - GSP__LOG_STEPS_MAX;
    gsp_node_log_trim(node, needed - 1); /* one more, so that our Have says what we can send: progress_is_lost */
}
