/* Another network file takes the place of the one in force.
 *
 * At once: endpoints, and nodes that are listed no more lose their access. The rest, when neither this node nor a
 * neighbour that stays needs the old network for a run. Then all connections end, and new ones are made with those who
 * have the same file; others are refused until they have it, so that hosts may reload in any order. */
#include "rumours/inside.h"

#include <string.h>

#include <sodium.h>

/* ---- what the new network waits for ---- */

/* ---- taking effect ---- */

static void announce(const struct gsp__rumours *rumours)
{
    const struct gsp__place *place = &rumours->host->place;
    char hash[17];
    sodium_bin2hex(hash, sizeof hash, place->hash, 8);
    gsp_log(&rumours->host->log, GSP_LOG_INFO, "the new peers.conf is in force: network %s, %zu nodes, hash %s",
            place->network->name, place->network->count, hash);
}

static void take_effect(struct gsp__rumours *rumours)
{
    const struct gsp__reload old = rumours->reload;
    size_t self = (size_t)gsp_network_find(old.next_network, rumours->host->place.name);
    gsp__transport_cut_removed(rumours->transport);
    rumours->host->place.next = NULL;
    gsp__transport_leave(rumours->transport);
    if (gsp__rumours_enter(rumours, old.next_network, old.next_graph, self)) {
        gsp_log(&rumours->host->log, GSP_LOG_ERROR, "no memory for the new peers.conf: the old one stays in force");
        gsp__reload_drop_next(rumours);
        gsp__transport_dial_afresh(rumours->transport);
        return;
    }
    rumours->reload = (struct gsp__reload){.network = old.next_network, .graph = old.next_graph};
    gsp__actions_undial(rumours->host);
    gsp__run_state_over(rumours);
    gsp_graph_free(old.graph);
    gsp_network_free(old.network);
    announce(rumours);
    gsp__host_news(rumours->host, true);
}

void gsp__rumours_reload_tick(struct gsp__rumours *rumours)
{
    char text[GSP_REASON_MAX];
    if (!rumours->reload.next_network || rumours->host->shutting_down) return;
    if (!gsp__reload_blocked(rumours, text, sizeof text)) take_effect(rumours);
}

/* ---- endpoints ---- */

static struct gsp_network *copy_network(const struct gsp_network *from)
{
    struct gsp_network *copy = gsp_alloc(1, sizeof *copy);
    if (!copy) return NULL;
    *copy = *from;
    copy->nodes = gsp_alloc(from->count, sizeof *copy->nodes);
    copy->edges = gsp_alloc(from->edge_count, sizeof *copy->edges);
    if (!copy->nodes || !copy->edges) {
        gsp_network_free(copy);
        return NULL;
    }
    memcpy(copy->nodes, from->nodes, from->count * sizeof *copy->nodes);
    if (from->edge_count) memcpy(copy->edges, from->edges, from->edge_count * sizeof *copy->edges);
    return copy;
}

/* The network in force, with the endpoints that its nodes have in another. NULL without memory. */
static struct gsp_network *with_endpoints(const struct gsp_network *network, const struct gsp_network *other)
{
    struct gsp_network *copy = copy_network(network);
    for (size_t i = 0; copy && i < copy->count; i++) {
        long same = gsp__same_node(other, &copy->nodes[i]);
        if (same < 0) continue;
        memcpy(copy->nodes[i].host, other->nodes[same].host, sizeof copy->nodes[i].host);
        copy->nodes[i].port = other->nodes[same].port;
    }
    return copy;
}

/* Takes `moved`: the network in force, but for its endpoints. */
static void move_endpoints(struct gsp__rumours *rumours, struct gsp_network *moved)
{
    struct gsp_network *before = rumours->reload.network;
    struct gsp__place *place = &rumours->host->place;
    place->network = rumours->reload.network = moved;
    place->name = moved->nodes[place->self].name;
    gsp_network_free(before);
}

/* ---- the event ---- */

void gsp__rumours_reload(struct gsp__rumours *rumours, uint64_t client)
{
    struct gsp_action *action = gsp__action_add(rumours->host, GSP_ACTION_RELOAD);
    if (action)
        action->client = client;
    else
        gsp__reply_text(rumours->host, client, GSP_REPLY_FAILED, false, "no memory to read peers.conf");
}

static void refuse(struct gsp__rumours *rumours, uint64_t client, const struct gsp_problems *problems)
{
    size_t count = problems->count + problems->untold;
    for (size_t i = 0; i < problems->count; i++)
        gsp__reload_tell(rumours, client, GSP_REPLY_DONE, true, "%s",
                         problems->messages[i] ? problems->messages[i] : "no memory");
    gsp__reload_tell(rumours, client, GSP_REPLY_CONFIG, false, "%zu problem%s: the old network stays in force", count,
                     count == 1 ? "" : "s");
}

/* Another network than the one in force: it takes effect now if nothing is in the way. */
static void take_next(struct gsp__rumours *rumours, struct gsp_network *network, struct gsp_graph *graph)
{
    gsp__reload_drop_next(rumours);
    rumours->reload.next_network = network;
    rumours->reload.next_graph = graph;
    rumours->host->place.next = network;
    if (rumours->start.active && !gsp__start_decided(rumours))
        gsp__start_refuse(rumours, GSP_REPLY_FAILED, "peers.conf has changed; start again");
    gsp__transport_cut_removed(rumours->transport);
    gsp__transport_dial_afresh(rumours->transport);
    gsp__host_news(rumours->host, true);
    gsp__rumours_reload_tick(rumours);
}

static void take_same(struct gsp__rumours *rumours, struct gsp_network *network, struct gsp_graph *graph)
{
    gsp__reload_drop_next(rumours);
    gsp_graph_free(graph);
    gsp_network_free(network);
    gsp__transport_dial_afresh(rumours->transport);
    gsp__host_news(rumours->host, true);
}

static void tell_outcome(struct gsp__rumours *rumours, uint64_t client, bool same, const char *what)
{
    char waits[GSP_REASON_MAX];
    if (same)
        gsp__reload_tell(rumours, client, GSP_REPLY_DONE, false, "%s", what);
    else if (gsp__reload_blocked(rumours, waits, sizeof waits))
        gsp__reload_tell(rumours, client, GSP_REPLY_DONE, false, "%s: %s", what, waits);
    else
        gsp__reload_tell(rumours, client, GSP_REPLY_DONE, false,
                         "%s: in force; every host needs the same file: %s there, too", what,
                         rumours->host->commands.reload);
}

/* A file without problems. Takes network and graph. */
static void accept_file(struct gsp__rumours *rumours, uint64_t client, struct gsp_network *network,
                        struct gsp_graph *graph)
{
    char changes[GSP_REASON_MAX] = "";
    uint8_t hash[32];
    const struct gsp__place *place = &rumours->host->place;
    struct gsp_network *moved = with_endpoints(place->network, network);
    if (!moved) {
        gsp_graph_free(graph);
        gsp_network_free(network);
        gsp__reload_tell(rumours, client, GSP_REPLY_FAILED, false,
                         "no memory for the new peers.conf: the old one stays in force");
        return;
    }
    bool others = gsp__reload_changes(changes, sizeof changes, place->network, network);
    move_endpoints(rumours, moved);
    gsp_network_hash(hash, network, graph);
    bool same = memcmp(hash, place->hash, sizeof hash) == 0;
    if (same)
        take_same(rumours, network, graph);
    else
        take_next(rumours, network, graph);
    if (!same && !others) gsp__append(changes, sizeof changes, ", other edges or weights");
    tell_outcome(rumours, client, same, *changes ? changes + 2 : "nothing has changed");
}

void gsp__rumours_reloaded(struct gsp__rumours *rumours, uint64_t client, struct gsp_network *network,
                           struct gsp_graph *graph, const char *file, struct gsp_problems *problems)
{
    bool shutting_down = rumours->host->shutting_down, whole = network && graph && !shutting_down;
    if (whole) gsp__reload_check_identity(rumours, network, file, problems);
    if (whole && problems->count + problems->untold == 0) {
        accept_file(rumours, client, network, graph);
        return;
    }
    gsp_graph_free(graph);
    gsp_network_free(network);
    if (!shutting_down) refuse(rumours, client, problems);
}
