/* Gossip on a link: each message is applied exactly once, in order, over any number of connections (doc/protocol.md,
 * "Links").
 *
 * Step m goes out only if m <= the step that the neighbour has in hand + 1, so that it never holds more than two. A
 * gossip message of step k says by itself that its sender has k in hand; Have says so where none can be sent. */
#include "session/peer.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gsp__link *gsp__link_of(struct gsp_peer *peer, size_t node)
{
    for (size_t i = 0; i < peer->link_count; i++)
        if (peer->links[i].node == node) return &peer->links[i];
    return NULL;
}

static bool is_of_run(const struct gsp_peer *peer, const struct gsp_run_key *run)
{
    return gsp__run_ready(peer) && gsp_run_key_compare(run, &peer->run->key) == 0;
}

/* Forgets own messages that nobody asks for again; not while a checkpoint that is being packed on another thread reads
 * them: the step after it does. */
static void trim(struct gsp_peer *peer)
{
    if (!gsp__run_ready(peer) || (peer->job && peer->job->kind == GSP__JOB_SAVE)) return;
    uint64_t needed = gsp_node_step(peer->run->node), since;
    for (size_t i = 0; i < peer->link_count; i++) {
        const struct gsp__link *link = &peer->links[i];
        if (gsp_node_edge(peer->run->node, i, &since)) continue; /* it will go on from a resync */
        /* Who wants a resync at a step needs nothing below, long before its checkpoints say so. */
        uint64_t from = link->wants > link->durable ? link->wants : link->durable;
        if (from < needed) needed = from;
    }
    gsp_node_log_trim(peer->run->node, needed);
}

/* Whether a run as long as this one has the step, or has it in hand at its end. Who says another ends its connection: a
 * node that followed it would be out of the run for good. */
bool gsp__link_in_run(struct gsp_peer *peer, struct gsp__connection *connection, uint64_t step)
{
    const struct gsp_settings *settings = &peer->run->settings;
    uint64_t last = settings->rounds * settings->gossip_steps;
    if (step <= last + 1) return true;
    gsp__connection_fail(peer, connection, "step %llu of a run that has %llu", (unsigned long long)step,
                         (unsigned long long)last);
    return false;
}

/* ---- opening a run on a connection ---- */

static void raise_have(struct gsp_peer *peer, struct gsp__connection *connection, uint64_t have)
{
    struct gsp__link *link = gsp__link_of(peer, connection->node);
    if (have > connection->flow.have) connection->flow.have = have;
    if (have > link->have) link->have = have;
}

/* What they have of this node is not what it sent: it computed something otherwise than before a restart (another
 * processor, another build). From step `from` on they take its z as it is. */
static void differ(struct gsp_peer *peer, struct gsp__connection *connection, uint64_t from)
{
    gsp_log(&peer->config.log, GSP_LOG_WARNING,
            "the messages below step %llu that %s holds of this node are not those that it computed again: %s takes "
            "its z over as it is; the result is not that of the undisturbed run",
            (unsigned long long)from, gsp__connection_name(peer, connection), gsp__connection_name(peer, connection));
    snprintf(peer->run->note, sizeof peer->run->note,
             "recomputed other messages than before a restart, below step %llu", (unsigned long long)from);
    connection->flow.differs = from;
}

/* With reweight, who lacks messages need not have lost its state: it may have been away when this node lost its own,
 * and with that the knowledge that their edge is down. If it has, what is here may be no help to it. */
static bool can_renew(struct gsp_peer *peer, const struct gsp__connection *connection, uint64_t expect)
{
    size_t slot = gsp__link_of(peer, connection->node)->slot;
    return peer->run->settings.reweight && (expect > 1 || gsp_node_awaits(peer->run->node, slot));
}

/* From where to send, to who expects step `expect` of this node and had `digest` before. */
static void resume(struct gsp_peer *peer, struct gsp__connection *connection, uint64_t expect, uint64_t digest)
{
    const struct gsp_node *node = peer->run->node;
    struct gsp__flow *flow = &connection->flow;
    uint64_t base = gsp_node_log_base(node);
    bool other_base = expect == base && gsp_node_log_z(node) && digest != gsp_node_digest(node, base - 1);
    if (expect < base || other_base) {
        /* Who is further behind than it can have been has lost its state, too. */
        if (gsp_node_log_z(node) && expect + peer->run->reach + 2 >= base)
            flow->resync_due = GSP__LOG_Z;
        else if (can_renew(peer, connection, expect))
            flow->renew = true;
        else
            connection->gone_due = true;
    } else if (expect > gsp_node_log_end(node)) {
        flow->next = expect;
        flow->check = expect - 1;
        flow->check_digest = digest;
    } else if (gsp_node_digest(node, expect - 1) != digest) {
        differ(peer, connection, expect);
    } else {
        flow->next = expect;
    }
}

void gsp__link_answer(struct gsp_peer *peer, struct gsp__connection *connection)
{
    assert(peer->run && peer->run->node);
    struct gsp__flow *flow = &connection->flow;
    struct gsp__link *link = gsp__link_of(peer, connection->node);
    if (!gsp__link_in_run(peer, connection, connection->their_expect) ||
        !gsp__link_in_run(peer, connection, connection->their_have) ||
        !gsp__link_in_run(peer, connection, connection->their_durable))
        return;
    *flow = (struct gsp__flow){.greeted = flow->greeted, .answered = true};
    flow->have = link->have = connection->their_have; /* it may be less than it was: they began again */
    link->durable = connection->their_durable;        /* likewise, when a disk was lost */
    link->wants = connection->their_gathering ? connection->their_expect : 0;
    if (gsp__edge_differs(peer, connection))
        gsp__edge_ask(peer, connection);
    else if (!link->wants)
        resume(peer, connection, connection->their_expect, connection->their_digest);
    else
        flow->renew = gsp__edge_far_behind(peer, link->wants);
    trim(peer);
}

/* The connection is up, or the run has become ready. */
void gsp__link_open(struct gsp_peer *peer, struct gsp__connection *connection)
{
    connection->lost_due = peer->run && peer->run->stage == GSP__RUN_LOST;
    if (!gsp__run_ready(peer)) return;
    connection->run_hello_due = true;
    if (connection->their_hello_known && is_of_run(peer, &connection->their_run)) gsp__link_answer(peer, connection);
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
        peer->links[i].have = peer->links[i].durable = 1;
        peer->links[i].wants = peer->links[i].edge_asked = peer->links[i].edge_told = 0;
        if (!connection) continue;
        connection->flow = (struct gsp__flow){0};
        connection->run_hello_due = connection->have_due = connection->durable_due = false;
        connection->gone_due = connection->lost_due = false;
        connection->run_state_due = true;
    }
}

void gsp__link_greet(struct gsp_peer *peer, struct gsp__connection *connection, struct gsp_message *out)
{
    const struct gsp__run *run = peer->run;
    size_t slot = gsp__link_of(peer, connection->node)->slot;
    gsp__message_begin(out, GSP_MSG_RUN_HELLO);
    out->u.run_hello.run = run->key;
    out->u.run_hello.expect = gsp_node_expected(run->node, slot);
    out->u.run_hello.have = gsp_node_step(run->node);
    out->u.run_hello.digest = gsp_node_digest_of(run->node, slot);
    out->u.run_hello.durable = run->durable;
    out->u.run_hello.gathering = gsp_node_awaits(run->node, slot);
    out->u.run_hello.edge_down = gsp_node_edge(run->node, slot, &out->u.run_hello.edge_since);
    connection->durable_due = false;
    connection->flow.greeted = true;
}

void gsp__link_run_hello(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_message *message)
{
    connection->their_hello_known = true;
    connection->their_run = message->u.run_hello.run;
    connection->their_expect = message->u.run_hello.expect;
    connection->their_have = message->u.run_hello.have;
    connection->their_digest = message->u.run_hello.digest;
    connection->their_durable = message->u.run_hello.durable;
    connection->their_gathering = message->u.run_hello.gathering;
    connection->their_edge_down = message->u.run_hello.edge_down;
    connection->their_edge_since = message->u.run_hello.edge_since;
    if (connection->their_expect == 0 || connection->their_durable == 0)
        gsp__connection_fail(peer, connection, "a hello for step 0, which no run has");
    else if (is_of_run(peer, &connection->their_run))
        gsp__link_answer(peer, connection);
}

/* ---- messages ---- */

static bool opened(const struct gsp_peer *peer, const struct gsp__connection *connection)
{
    return gsp__run_ready(peer) && connection->flow.answered && connection->flow.greeted;
}

void gsp__link_have(struct gsp_peer *peer, struct gsp__connection *connection, uint64_t step)
{
    if (opened(peer, connection) && gsp__link_in_run(peer, connection, step)) raise_have(peer, connection, step);
}

void gsp__link_durable(struct gsp_peer *peer, struct gsp__connection *connection, uint64_t step)
{
    struct gsp__link *link = gsp__link_of(peer, connection->node);
    if (!opened(peer, connection) || step <= link->durable || !gsp__link_in_run(peer, connection, step)) return;
    link->durable = step;
    trim(peer);
}

void gsp__link_gossip(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_message *message)
{
    if (!opened(peer, connection)) return; /* a late message of the run before */
    uint64_t step = message->u.gossip.step;
    struct gsp_error error = {0};
    const struct gsp__link *link = gsp__link_of(peer, connection->node);
    if (step > link->durable + peer->run->reach) { /* else our log for it could grow without bound */
        gsp__connection_fail(peer, connection, "step %llu, more than %llu beyond its durable step %llu",
                             (unsigned long long)step, (unsigned long long)peer->run->reach,
                             (unsigned long long)link->durable);
        return;
    }
    raise_have(peer, connection, step);
    if (step < gsp_node_expected(peer->run->node, link->slot)) return; /* sent again after a break: applied already */
    if (gsp_node_awaits(peer->run->node, link->slot)) return;          /* its resync comes first */
    int rc =
        gsp_node_accept(peer->run->node, link->slot, step, message->u.gossip.payload, message->u.gossip.length, &error);
    if (rc) gsp__connection_fail(peer, connection, "%s", error.message);
}

/* Whether a message may go out now, and of which step. */
static bool sendable(const struct gsp_peer *peer, const struct gsp__connection *connection)
{
    const struct gsp__flow *flow = &connection->flow;
    if (!opened(peer, connection) || !flow->next || flow->check || gsp__journal_pending(peer)) return false;
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
    gsp__message_begin(out, GSP_MSG_GOSSIP);
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
    for (size_t i = 0; i < peer->link_count; i++) {
        struct gsp__connection *connection = peer->links[i].up;
        if (!connection) continue;
        if (mixed && connection->flow.greeted) connection->have_due = true;
        uint64_t check = connection->flow.check;
        if (!check || check >= gsp_node_log_end(node)) continue;
        connection->flow.check = 0;
        if (gsp_node_digest(node, check) == connection->flow.check_digest) continue;
        connection->flow.next = 0;
        differ(peer, connection, check + 1);
    }
    trim(peer);
}

void gsp__links_durable(struct gsp_peer *peer)
{
    for (size_t i = 0; i < peer->link_count; i++) {
        struct gsp__connection *connection = peer->links[i].up;
        if (connection && connection->flow.greeted) connection->durable_due = true;
    }
}

/* ---- whole vectors ---- */

void gsp__link_put_vector(struct gsp_peer *peer, struct gsp__connection *connection, enum gsp_message_type type,
                          uint64_t step, uint64_t digest, const double *z)
{
    struct gsp_message message = {.type = type};
    struct gsp_buffer bytes = {0};
    message.u.vector.run = peer->run->key;
    message.u.vector.step = step;
    message.u.vector.digest = digest;
    if (z && gsp_buffer_append_doubles(&bytes, z, peer->run->d)) {
        gsp__connection_fail(peer, connection, "no memory to send a vector");
        return;
    }
    message.u.vector.z = bytes.data;
    message.u.vector.length = bytes.length;
    gsp__connection_put(peer, connection, &message);
    gsp_buffer_clear(&bytes);
}

double *gsp__link_take_vector(struct gsp_peer *peer, struct gsp__connection *connection,
                              const struct gsp_message *message)
{
    size_t d = peer->run->d;
    if (message->u.vector.length != 8 * d || message->u.vector.step == 0) {
        gsp__connection_fail(peer, connection, "a vector of %zu bytes for step %llu; this run's have %zu",
                             message->u.vector.length, (unsigned long long)message->u.vector.step, 8 * d);
        return NULL;
    }
    if (!gsp__link_in_run(peer, connection, message->u.vector.step)) return NULL;
    double *z = gsp_vector(d);
    if (!z) {
        gsp__connection_fail(peer, connection, "no memory for its vector");
        return NULL;
    }
    gsp_read_doubles(z, message->u.vector.z, d);
    if (gsp_finite(d, z)) return z;
    free(z);
    gsp__connection_fail(peer, connection, "a vector that is not finite");
    return NULL;
}

/* z before the step in hand, with the digest of the messages before. */
static void send_own_z(struct gsp_peer *peer, struct gsp__connection *connection)
{
    const struct gsp_node *node = peer->run->node;
    uint64_t step = gsp_node_step(node);
    gsp__link_put_vector(peer, connection, GSP_MSG_RESYNC, step, gsp_node_digest(node, step - 1), gsp_node_z(node));
    connection->flow.next = step;
}

static void send_log_z(struct gsp_peer *peer, struct gsp__connection *connection)
{
    const struct gsp_node *node = peer->run->node;
    uint64_t base = gsp_node_log_base(node);
    connection->flow.resync_due = GSP__NO_VECTOR;
    if (!gsp_node_log_z(node)) { /* trimmed meanwhile */
        resume(peer, connection, connection->their_expect, connection->their_digest);
        return;
    }
    gsp__link_put_vector(peer, connection, GSP_MSG_RESYNC, base, gsp_node_digest(node, base - 1), gsp_node_log_z(node));
    connection->flow.next = base;
}

/* Whole vectors are asked for by the other side: who does not read them gets no more. */
static bool has_room(const struct gsp__connection *connection)
{
    return connection->in_flight < GSP__SEND_WINDOW && gsp__channel_unsealed(&connection->channel) < GSP__SEND_BATCH;
}

static void serve(struct gsp_peer *peer, struct gsp__link *link)
{
    struct gsp__connection *connection = link->up;
    struct gsp__flow *flow = &connection->flow;
    if (connection->copy_due) gsp__lost_put_copy(peer, connection);
    if (!opened(peer, connection)) return;
    if (flow->renew) {
        gsp__edge_renew(peer, link);
        return;
    }
    gsp__edge_serve(peer, link);
    uint64_t step = gsp_node_step(peer->run->node);
    if (flow->resync_due == GSP__LOG_Z) send_log_z(peer, connection);
    if (flow->differs && step >= flow->differs) {
        flow->differs = 0;
        flow->resync_due = GSP__OWN_Z;
    }
    if (link->wants && step >= link->wants) {
        raise_have(peer, connection, link->wants);
        link->wants = 0;
        flow->resync_due = GSP__OWN_Z;
    }
    if (flow->resync_due != GSP__OWN_Z) return;
    flow->resync_due = GSP__NO_VECTOR;
    send_own_z(peer, connection);
}

void gsp__links_serve(struct gsp_peer *peer)
{
    if (!peer->run || peer->run->halted || !gsp__run_at_rest(peer)) return; /* halted: in the middle of a step, maybe */
    for (size_t i = 0; i < peer->link_count; i++)
        if (peer->links[i].up && has_room(peer->links[i].up)) serve(peer, &peer->links[i]);
}

void gsp__link_resync(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_message *message)
{
    if (!opened(peer, connection) || !is_of_run(peer, &message->u.vector.run)) return;
    struct gsp__run *run = peer->run;
    size_t slot = gsp__link_of(peer, connection->node)->slot;
    if (peer->job && peer->job->kind == GSP__JOB_SAVE) { /* which reads what a resync changes */
        gsp__connection_fail(peer, connection, "its z came while a checkpoint was packed: asked for again");
        return;
    }
    double *z = gsp__link_take_vector(peer, connection, message);
    if (!z) return;
    uint64_t step = message->u.vector.step;
    int rc = gsp_node_resync(run->node, slot, step, z, message->u.vector.digest);
    free(z);
    if (rc == GSP_ERR_STATE) return; /* past it already */
    if (rc) {
        gsp__connection_fail(peer, connection, "no memory for its z");
        return;
    }
    const char *name = gsp__connection_name(peer, connection);
    snprintf(run->note, sizeof run->note, "took the z of %s over as it was at step %llu", name,
             (unsigned long long)step);
    gsp_log(&peer->config.log, GSP_LOG_INFO, "%s: its z is taken over as it was at step %llu", name,
            (unsigned long long)step);
    gsp__summary_changed(peer, false);
}
