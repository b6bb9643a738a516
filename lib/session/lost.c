/* State that is nowhere but at the neighbours (doc/protocol.md, "Lost disks").
 *
 * A node that is told Gone asks all its neighbours what they have of it. The newest of their copies of its z becomes
 * its z and its x, and from there on it goes on, with a resync from each. Only x - z is lost, which the next rounds
 * make good. */
#include "session/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void gsp__lost_free(struct gsp__lost *lost)
{
    if (!lost) return;
    free(lost->z);
    free(lost->answers);
    free(lost);
}

static bool is_ours(const struct gsp_peer *peer, const struct gsp_run_key *run)
{
    return peer->run && gsp_run_key_compare(run, &peer->run->key) == 0;
}

/* ---- this node's state is lost ---- */

static struct gsp__lost *lost_new(const struct gsp_peer *peer, size_t d)
{
    struct gsp__lost *lost = gsp_alloc(1, sizeof *lost);
    if (!lost) return NULL;
    lost->z = gsp_vector(d);
    lost->answers = gsp_alloc(peer->link_count, sizeof *lost->answers);
    if (lost->z && lost->answers) return lost;
    gsp__lost_free(lost);
    return NULL;
}

static void ask_everybody(struct gsp_peer *peer)
{
    gsp__links_reset(peer);
    for (size_t i = 0; i < peer->link_count; i++) {
        struct gsp__connection *connection = peer->links[i].up;
        if (!connection) continue;
        connection->run_state_due = false;
        connection->lost_due = true;
    }
}

/* A neighbour no longer has what this node asks for. */
void gsp__lost_gone(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_run_key *key)
{
    struct gsp__run *old = peer->run;
    if (!is_ours(peer, key) || !gsp__run_ready(peer)) return;
    if (old->stage >= GSP__RUN_SAVING) return; /* after its last step it lacks nothing */
    struct gsp__run *run = gsp__run_new(peer);
    struct gsp__lost *lost = run ? lost_new(peer, old->d) : NULL;
    if (!lost) {
        free(run);
        gsp__run_state_abort(peer, "no memory to ask for lost state");
        return;
    }
    gsp_log(&peer->config.log, GSP_LOG_WARNING,
            "%s no longer has the messages that this node lacks: its state is lost, and is made good from what its "
            "neighbours have",
            gsp__connection_name(peer, connection));
    run->settings = old->settings;
    run->last_round = old->last_round;
    run->d = old->d;
    run->payload_bound = old->payload_bound;
    run->lost = lost;
    run->stage = GSP__RUN_LOST;
    run->waiting_since = peer->now;
    if (peer->job && peer->job->run == old)
        old->dropped = true;
    else
        gsp__run_free(old);
    peer->run = run;
    ask_everybody(peer);
    gsp__summary_changed(peer, true);
}

/* The run goes on without the answer of who is given up, if there is another's; else its may be the only copy. */
static bool all_answered(const struct gsp_peer *peer)
{
    const struct gsp__lost *lost = peer->run->lost;
    for (size_t i = 0; i < peer->link_count; i++) {
        if (lost->answers[i].known) continue;
        if (!lost->step || !gsp__edge_given_up(peer, &peer->links[i])) return false;
    }
    return true;
}

static void reopen(struct gsp_peer *peer)
{
    for (size_t i = 0; i < peer->link_count; i++) {
        struct gsp__connection *connection = peer->links[i].up;
        if (!connection) continue;
        connection->run_hello_due = true;
        if (connection->their_hello_known && is_ours(peer, &connection->their_run)) gsp__link_answer(peer, connection);
    }
}

static void recover(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    struct gsp__lost *lost = run->lost;
    struct gsp_node_config config;
    struct gsp_error error = {0};
    if (!lost->step) {
        gsp__run_state_abort(peer, "the state of %s is lost, and its neighbours have nothing of it either; start again",
                             peer->name);
        return;
    }
    int rc = gsp__run_objective(peer, run, &error);
    if (!rc) rc = gsp__run_node_config(peer, run, &config, &error);
    if (!rc && gsp_node_recover(&run->node, &config, lost->step, lost->z, lost->digest))
        rc = gsp_error_set(&error, GSP_ERR_NOMEM, "no memory for %zu parameters", run->d);
    if (rc) {
        gsp__run_state_abort(peer, "%s", error.message);
        return;
    }
    run->lost = NULL;
    run->stage = GSP__RUN_ACTIVE;
    run->fence = lost->step;
    run->replay_until = lost->step + run->reach + 2;
    run->restarted = true;
    run->evaluated_at = peer->now;
    gsp__history_open(peer);
    snprintf(run->note, sizeof run->note, "its disk was lost; went on at step %llu from its neighbours' copies",
             (unsigned long long)lost->step);
    gsp_log(&peer->config.log, GSP_LOG_WARNING, "this node goes on at step %llu from its neighbours' copies",
            (unsigned long long)lost->step);
    reopen(peer);
    gsp__lost_free(lost);
    gsp__summary_changed(peer, true);
}

void gsp__lost_copy(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_message *message)
{
    struct gsp__run *run = peer->run;
    if (!is_ours(peer, &message->u.vector.run) || run->stage != GSP__RUN_LOST) return;
    struct gsp__lost *lost = run->lost;
    struct gsp__answer *answer = &lost->answers[gsp__link_of(peer, connection->node)->slot];
    *answer = (struct gsp__answer){.known = true, .step = message->u.vector.step, .digest = message->u.vector.digest};
    if (answer->step) { /* newer than its hello, which a life before this state was meant for */
        connection->their_expect = answer->step;
        connection->their_digest = answer->digest;
    }
    if (answer->step > lost->step) {
        double *z = gsp__link_take_vector(peer, connection, message);
        if (!z) {
            answer->known = false;
            return;
        }
        free(lost->z);
        lost->z = z;
        lost->step = answer->step;
        lost->digest = answer->digest;
    }
}

void gsp__lost_tick(struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    if (run && run->stage == GSP__RUN_LOST && !run->halted && all_answered(peer)) recover(peer);
}

bool gsp__lost_gathering(const struct gsp__run *run)
{
    const struct gsp_node *node = run->node;
    if (!node || !run->fence || run->fence <= run->durable) return false;
    return gsp_node_awaits_any(node);
}

/* ---- a neighbour's state is lost ---- */

void gsp__lost_asked(struct gsp_peer *peer, struct gsp__connection *connection, const struct gsp_run_key *key)
{
    connection->copy_due = true; /* also when the run is not known here yet: it is on its way to the disk then */
    connection->copy_run = *key;
    if (!is_ours(peer, key)) return;
    connection->flow.answered = false; /* its hello will say where it goes on */
    connection->their_hello_known = false;
}

void gsp__lost_put_copy(struct gsp_peer *peer, struct gsp__connection *connection)
{
    const struct gsp__run *run = peer->run;
    size_t slot = gsp__link_of(peer, connection->node)->slot;
    if (!is_ours(peer, &connection->copy_run)) return;
    if (run->stage == GSP__RUN_PREPARING) return; /* it begins at the first step, and then knows */
    connection->copy_due = false;
    uint64_t step = 0, digest = 0;
    double *z = gsp_vector(run->d);
    if (!z) {
        gsp__connection_fail(peer, connection, "no memory for a copy of its z");
        return;
    }
    /* Who knows nothing, or nothing but the beginning, says so. */
    bool known = gsp__run_ready(peer) && gsp_node_copy_of(run->node, slot, z, &step, &digest) == 0;
    /* What they heard of the edge on this connection may be older than what both ends have agreed on since. */
    if (run->settings.reweight && gsp__run_ready(peer)) {
        struct gsp_message hello;
        gsp__link_greet(peer, connection, &hello);
        gsp__connection_put(peer, connection, &hello);
    }
    gsp__link_put_vector(peer, connection, GSP_MSG_COPY, known ? step : 0, known ? digest : 0, known ? z : NULL);
    free(z);
}
