/* on_peer_loss=reweight: edges to neighbours that are away stop counting, and are taken in again when these are back
 * (doc/protocol.md, "Lost neighbours").
 *
 * Taking in: both ends say at which step they are (EdgeAt) and complete none above it until the other has answered; the
 * edge counts from the step after the greater one, where each gives the other its z. */
#include "session/peer.h"

#include <stdio.h>
#include <string.h>

static uint64_t loss_ms(const struct gsp__run *run)
{
    return (uint64_t)(1000 * run->settings.loss_time);
}

/* More than half of the nodes were heard of lately, so that two halves do not drift apart. */
bool gsp__edges_majority(const struct gsp_peer *peer)
{
    size_t n = peer->config.network->count, heard = 0;
    for (size_t i = 0; i < n; i++) {
        const struct gsp__known_node *node = &peer->nodes[i];
        bool fresh = node->summary.number && peer->now < node->heard_at + loss_ms(peer->run) / 2;
        heard += i == peer->config.self || fresh;
    }
    return 2 * heard > n;
}

static bool any_down(const struct gsp_peer *peer)
{
    uint64_t since;
    for (size_t slot = 0; slot < peer->link_count; slot++)
        if (gsp_node_edge(peer->run->node, slot, &since)) return true;
    return false;
}

bool gsp__edges_hold(const struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    if (!run->settings.reweight) return false;
    uint64_t step = gsp_node_step(run->node);
    if (step > gsp__run_last_step(run)) return false; /* there is none left */
    for (size_t i = 0; i < peer->link_count; i++)
        if (peer->links[i].edge_asked && step > peer->links[i].edge_asked) return true;
    return any_down(peer) && !gsp__edges_majority(peer);
}

/* ---- losing a neighbour ---- */

static void drop(struct gsp_peer *peer, struct gsp__link *link)
{
    uint64_t since;
    link->edge_asked = link->wants = 0;
    if (link->up) {
        struct gsp__flow *flow = &link->up->flow;
        flow->next = flow->check = flow->differs = 0;
        flow->resync_due = GSP__NO_VECTOR;
    }
    bool known = gsp_node_edge(peer->run->node, link->slot, &since);
    gsp_node_edge_down(peer->run->node, link->slot);
    if (known) return;
    const char *name = peer->config.network->nodes[link->node].name;
    snprintf(peer->run->note, sizeof peer->run->note, "goes on without %s since step %llu", name,
             (unsigned long long)gsp_node_step(peer->run->node));
    gsp_log(&peer->config.log, GSP_LOG_WARNING, "%s: its edge does not count from step %llu on", name,
            (unsigned long long)gsp_node_step(peer->run->node));
    gsp__summary_changed(peer, true);
}

/* Who has been waited for too long, and is not even connected. */
bool gsp__edge_given_up(const struct gsp_peer *peer, const struct gsp__link *link)
{
    const struct gsp__run *run = peer->run;
    if (!run->settings.reweight || link->up || run->waiting_since == GSP__NEVER) return false;
    return peer->now >= run->waiting_since + loss_ms(run) && gsp__edges_majority(peer);
}

void gsp__edges_tick(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    if (!run || run->stage != GSP__RUN_ACTIVE || run->halted || !run->settings.reweight || !gsp__run_at_rest(peer))
        return;
    bool gathering = gsp__lost_gathering(run);
    for (size_t i = 0; i < peer->link_count; i++) {
        bool waits = gsp_node_waiting_for(run->node, i) || (gathering && gsp_node_awaits(run->node, i));
        if (waits && gsp__edge_given_up(peer, &peer->links[i])) drop(peer, &peer->links[i]);
    }
}

uint64_t gsp__edges_deadline(const struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    if (!run || !run->settings.reweight || run->waiting_since == GSP__NEVER) return GSP__NEVER;
    if (run->stage != GSP__RUN_ACTIVE && run->stage != GSP__RUN_LOST) return GSP__NEVER;
    uint64_t at = run->waiting_since + loss_ms(run);
    return at > peer->now ? at : GSP__NEVER; /* later, it is whoever is heard of that changes anything */
}

/* ---- taking it in again ---- */

/* The hellos of both ends: true if the edge is not one and the same at both, and has to be taken in. */
bool gsp__edge_differs(struct gsp_peer *peer, const struct gsp__connection *connection)
{
    uint64_t since;
    if (!peer->run->settings.reweight) return false;
    bool down = gsp_node_edge(peer->run->node, gsp__link_of(peer, connection->node)->slot, &since);
    return down || connection->their_edge_down || connection->their_edge_since != since;
}

void gsp__edge_ask(struct gsp_peer *peer, struct gsp__connection *connection)
{
    struct gsp__link *link = gsp__link_of(peer, connection->node);
    link->edge_asked = link->edge_told = 0; /* what was said on a connection before this one counts no more */
    connection->flow.edge = true;           /* asked when no job has the vectors */
}

static void ask(struct gsp_peer *peer, struct gsp__link *link)
{
    drop(peer, link);
    link->edge_asked = gsp_node_step(peer->run->node);
    link->up->edge_due = true;
}

void gsp__edge_told(struct gsp_peer *peer, struct gsp__connection *connection, uint64_t step)
{
    if (!gsp__run_ready(peer) || !connection->flow.edge || !gsp__link_in_run(peer, connection, step)) return;
    gsp__link_of(peer, connection->node)->edge_told = step;
}

bool gsp__edge_far_behind(const struct gsp_peer *peer, uint64_t step)
{
    const struct gsp__run *run = peer->run;
    return run->settings.reweight && step + peer->config.network->count < gsp_node_step(run->node);
}

/* No job has the vectors: the hellos of the next connection say that it is down. */
void gsp__edge_renew(struct gsp_peer *peer, struct gsp__link *link)
{
    drop(peer, link);
    gsp__connection_fail(peer, link->up, "a disk was lost while its edge was down: taken in anew");
}

/* Far behind: everything in between is given up, and all other edges with it. */
static void jump(struct gsp_peer *peer, const struct gsp__link *kept, uint64_t step)
{
    for (size_t i = 0; i < peer->link_count; i++) {
        struct gsp__link *link = &peer->links[i];
        if (link == kept) continue;
        drop(peer, link);
        if (link->up)
            gsp__connection_fail(peer, link->up, "far behind: taken in anew at step %llu", (unsigned long long)step);
    }
    gsp_node_jump(peer->run->node, step);
    snprintf(peer->run->note, sizeof peer->run->note, "was away too long; went on at step %llu",
             (unsigned long long)step);
    gsp_log(&peer->config.log, GSP_LOG_WARNING, "this node was away for too long: it goes on at step %llu",
            (unsigned long long)step);
}

/* An end of the edge has no more steps to do: nothing is left to be taken in for. */
static bool too_late(struct gsp_peer *peer, struct gsp__link *link)
{
    uint64_t last = gsp__run_last_step(peer->run);
    bool here = gsp_node_step(peer->run->node) > last;
    if (!here && link->have <= last && link->edge_told <= last) return false;
    if (!here || gsp_node_awaits(peer->run->node, link->slot)) drop(peer, link);
    link->up->flow.edge = false;
    /* The other end may wait for a word: when the hellos were said there was still a step to do. */
    link->up->edge_due = here;
    link->edge_asked = here ? gsp_node_step(peer->run->node) : 0;
    return true;
}

/* No job has the vectors: what both ends have said can be carried out. */
void gsp__edge_serve(struct gsp_peer *peer, struct gsp__link *link)
{
    struct gsp__connection *connection = link->up;
    if (!connection->flow.edge || too_late(peer, link)) return;
    if (!link->edge_asked) ask(peer, link);
    if (!link->edge_told || connection->edge_due) return; /* the own word goes first */
    struct gsp_node *node = peer->run->node;
    uint64_t asked = link->edge_asked, told = link->edge_told, from = (asked > told ? asked : told) + 1;
    if (from > gsp_node_step(node) + peer->config.network->count) jump(peer, link, from);
    if (from < gsp_node_step(node)) from = gsp_node_step(node); /* who breaks the rules loses a step */
    gsp_node_edge_up(node, link->slot, from);
    link->edge_asked = link->edge_told = 0;
    link->wants = from;
    connection->flow.edge = false;
    const char *name = peer->config.network->nodes[link->node].name;
    gsp_log(&peer->config.log, GSP_LOG_INFO, "%s: its edge counts again, from step %llu on", name,
            (unsigned long long)from);
    gsp__summary_changed(peer, true);
}
