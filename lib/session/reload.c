/* Another network file takes the place of the one in force.
 *
 * At once: endpoints, and nodes that are listed no more lose their access. The rest, when neither this node nor a
 * neighbour that stays needs the old network for a run. Then all connections end, and new ones are made with those who
 * have the same file; others are refused until they have it, so that hosts may reload in any order. */
#include "session/peer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

enum { EXIT_DONE = GSP_REPLY_DONE, EXIT_FAILED = GSP_REPLY_FAILED, EXIT_CONFIG = GSP_REPLY_CONFIG };

/* ---- words ---- */

/* Appends to a text; what has no room is left out. */
static void add(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void add(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

static bool has_moved(const struct gsp_network_node *from, const struct gsp_network_node *to)
{
    return strcmp(from->host, to->host) != 0 || from->port != to->port;
}

/* Whether a node was added or removed. */
static bool name_changes(char *text, size_t size, const struct gsp_network *from, const struct gsp_network *to)
{
    bool others = false;
    for (size_t i = 0; i < to->count; i++)
        if (gsp__network_same_node(from, &to->nodes[i]) < 0) {
            add(text, size, ", added %s", to->nodes[i].name);
            others = true;
        }
    for (size_t i = 0; i < from->count; i++) {
        long same = gsp__network_same_node(to, &from->nodes[i]);
        if (same < 0) {
            add(text, size, ", removed %s", from->nodes[i].name);
            others = true;
        } else if (has_moved(&from->nodes[i], &to->nodes[same])) {
            add(text, size, ", moved %s", from->nodes[i].name);
        }
    }
    return others;
}

/* To the log, and to who asked. */
static void tell(struct gsp_peer *peer, uint64_t client, int exit_code, bool more, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static void tell(struct gsp_peer *peer, uint64_t client, int exit_code, bool more, const char *format, ...)
{
    char text[GSP_REASON_MAX * 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    bool bad = exit_code != EXIT_DONE || more;
    gsp_log(&peer->config.log, bad ? GSP_LOG_WARNING : GSP_LOG_INFO, "reload: %s", text);
    if (client != GSP_NO_CLIENT) gsp__reply_text(peer, client, exit_code, more, "%s", text);
}

/* ---- what the new network waits for ---- */

bool gsp__reload_removes(const struct gsp_peer *peer, size_t node)
{
    const struct gsp_network *next = peer->reload.next_network;
    if (!next) return false;
    const uint8_t *key = peer->config.network->nodes[node].public_key;
    for (size_t i = 0; i < next->count; i++)
        if (memcmp(next->nodes[i].public_key, key, GSP_KEY_BYTES) == 0) return false;
    return true;
}

/* The run is going on here. */
static void describe_run(const struct gsp_peer *peer, char *text, size_t size)
{
    snprintf(text, size, "the new peers.conf waits for the end of run %llu", (unsigned long long)peer->run->key.epoch);
    for (size_t i = 0; i < peer->config.network->count; i++) {
        if (!gsp__reload_removes(peer, i)) continue;
        add(text, size, "; %s is not in it any more: if the run waits for it, end it with: gossipctl stop --now",
            peer->config.network->nodes[i].name);
        return;
    }
}

/* Whether a node has told that our run is over there, its result safe and an abort known. */
static bool ended_at(const struct gsp_peer *peer, size_t node)
{
    const struct gsp_summary *summary = &peer->nodes[node].summary;
    int order = gsp_run_key_compare(&summary->run, &peer->run->key);
    return summary->number && (order > 0 || (order == 0 && summary->ended));
}

/* A neighbour that may still need what we have of the run: the last messages, or word of its abort. One that is in
 * another network has left the run behind. */
static bool needs_us(const struct gsp_peer *peer, const struct gsp__link *link)
{
    return !gsp__reload_removes(peer, link->node) && !link->differs && !ended_at(peer, link->node);
}

/* Why the next network is not in force yet. */
bool gsp__reload_blocked(const struct gsp_peer *peer, char *text, size_t size)
{
    const struct gsp__run *run = peer->run;
    if (run && run->stage != GSP__RUN_ENDED) {
        describe_run(peer, text, size);
        return true;
    }
    if (peer->job && peer->job->kind == GSP__JOB_CALIBRATE) { /* it reads the old graph */
        snprintf(text, size, "the new peers.conf waits for a calibration to be given up");
        return true;
    }
    if (gsp__start_decided(peer)) {
        snprintf(text, size,
                 "the new peers.conf waits for run %llu, which is just beginning; to end it: gossipctl stop",
                 (unsigned long long)peer->start.key.epoch);
        return true;
    }
    if (gsp__journal_pending(peer)) {
        snprintf(text, size, "the new peers.conf waits for the disk");
        return true;
    }
    if (!run || run->over) return false;
    const char *name = ended_at(peer, peer->config.self) ? NULL : peer->name;
    for (size_t i = 0; !name && i < peer->link_count; i++)
        if (needs_us(peer, &peer->links[i])) name = peer->config.network->nodes[peer->links[i].node].name;
    if (name)
        snprintf(text, size,
                 "the new peers.conf waits until %s tells that run %llu is over there; see that gossipd runs there, or "
                 "take it out of peers.conf",
                 name, (unsigned long long)run->key.epoch);
    return name != NULL;
}

void gsp__reload_describe(const struct gsp_peer *peer, struct gsp_summary *out)
{
    char text[GSP_REASON_MAX];
    if (!peer->reload.next_network || !gsp__reload_blocked(peer, text, sizeof text)) return;
    add(out->reason, sizeof out->reason, "%s%s", *out->reason ? "; " : "", text);
}

/* ---- taking effect ---- */

static void drop_next(struct gsp_peer *peer)
{
    gsp_graph_free(peer->reload.next_graph);
    gsp_network_free(peer->reload.next_network);
    peer->reload.next_graph = NULL;
    peer->reload.next_network = NULL;
}

void gsp__reload_clear(struct gsp_peer *peer)
{
    drop_next(peer);
    gsp_graph_free(peer->reload.graph);
    gsp_network_free(peer->reload.network);
    peer->reload.graph = NULL;
    peer->reload.network = NULL;
}

/* Nodes that the next network does not list are cut off. */
static void cut_removed(struct gsp_peer *peer)
{
    for (struct gsp__connection *c = peer->connections; c; c = c->following) {
        size_t node = c->node == GSP__NOBODY && c->dialed >= 0 ? (size_t)c->dialed : c->node;
        if (node != GSP__NOBODY && gsp__reload_removes(peer, node))
            gsp__connection_fail(peer, c, "it was taken out of peers.conf");
    }
}

/* The old network's connections: told to end, and then nobody's. */
static void leave_connections(struct gsp_peer *peer)
{
    for (struct gsp__connection *c = peer->connections; c; c = c->following) {
        struct gsp__link *link = c->node == GSP__NOBODY ? NULL : gsp__link_of(peer, c->node);
        if (c->state == GSP__UP)
            gsp__connection_close(peer, c, "its peers.conf has changed");
        else
            gsp__connection_fail(peer, c, "our peers.conf has changed");
        if (link) {
            link->bytes_sent += c->bytes_sent;
            link->bytes_received += c->bytes_received;
        }
        c->node = GSP__NOBODY;
        c->dialed = -1;
    }
    for (size_t i = 0; i < peer->link_count; i++) {
        peer->links[i].up = NULL;
        peer->links[i].dialing = false;
    }
}

static void take_effect(struct gsp_peer *peer)
{
    struct gsp__reload old = peer->reload;
    size_t self = (size_t)gsp_network_find(old.next_network, peer->name);
    cut_removed(peer);
    peer->reload = (struct gsp__reload){.network = old.next_network, .graph = old.next_graph};
    leave_connections(peer);
    if (gsp__network_enter(peer, old.next_network, old.next_graph, self)) {
        gsp_log(&peer->config.log, GSP_LOG_ERROR, "no memory for the new peers.conf: the old one stays in force");
        peer->reload = old;
        drop_next(peer);
        gsp__dial_afresh(peer);
        return;
    }
    gsp__actions_undial(peer);
    gsp__run_over(peer);
    gsp_graph_free(old.graph);
    gsp_network_free(old.network);
    char hash[17];
    sodium_bin2hex(hash, sizeof hash, peer->network_hash, 8);
    gsp_log(&peer->config.log, GSP_LOG_INFO, "the new peers.conf is in force: network %s, %zu nodes, hash %s",
            peer->config.network->name, peer->config.network->count, hash);
    gsp__summary_changed(peer, true);
}

void gsp__reload_tick(struct gsp_peer *peer)
{
    char text[GSP_REASON_MAX];
    if (!peer->reload.next_network || peer->shutting_down) return;
    if (!gsp__reload_blocked(peer, text, sizeof text)) take_effect(peer);
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
        long same = gsp__network_same_node(other, &copy->nodes[i]);
        if (same < 0) continue;
        memcpy(copy->nodes[i].host, other->nodes[same].host, sizeof copy->nodes[i].host);
        copy->nodes[i].port = other->nodes[same].port;
    }
    return copy;
}

static void move_endpoints(struct gsp_peer *peer, struct gsp_network *moved)
{
    struct gsp_network *before = peer->reload.network;
    peer->config.network = peer->reload.network = moved;
    peer->name = moved->nodes[peer->config.self].name;
    gsp_network_free(before);
}

/* ---- the event ---- */

void gsp__reload_request(struct gsp_peer *peer, uint64_t client)
{
    struct gsp_action *action = gsp__action_add(peer, GSP_ACTION_RELOAD);
    if (action)
        action->client = client;
    else
        gsp__reply_text(peer, client, EXIT_FAILED, false, "no memory to read peers.conf");
}

/* The daemon stays who it is, its name and its key, and where it is: by the network's name neighbours know each other
 * before anything else is said, so who has another can't even be told why he is refused. */
static void check_identity(const struct gsp_peer *peer, const struct gsp_network *network, const char *file,
                           struct gsp_problems *problems)
{
    const char *name = peer->config.network->name;
    if (strcmp(network->name, name) != 0)
        gsp_problems_add(problems,
                         "%s: Name = %s: the network is called %s while gossipd runs; for another name stop gossipd on "
                         "all hosts, and start it again",
                         file, network->name, name);
    const struct gsp_network_node *self = &peer->config.network->nodes[peer->config.self];
    long i = gsp_network_find(network, self->name);
    if (i < 0)
        gsp_problems_add(problems,
                         "%s: lists no node %s, which this daemon is: add it, or, if it is to leave the network, stop "
                         "this gossipd",
                         file, self->name);
    else if (memcmp(network->nodes[i].public_key, self->public_key, GSP_KEY_BYTES) != 0)
        gsp_problems_add(problems,
                         "%s:%d: lists another PublicKey for %s than that of the key which this daemon holds: correct "
                         "it, or, if the key file has changed, too, restart this gossipd",
                         file, network->nodes[i].line, self->name);
}

static void refuse(struct gsp_peer *peer, uint64_t client, const struct gsp_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        tell(peer, client, EXIT_DONE, true, "%s", problems->messages[i] ? problems->messages[i] : "no memory");
    tell(peer, client, EXIT_CONFIG, false, "%zu problem%s: the old network stays in force",
         problems->count + problems->lost, problems->count + problems->lost == 1 ? "" : "s");
}

/* Another network than the one in force: it takes effect now if nothing is in the way. */
static void take_next(struct gsp_peer *peer, struct gsp_network *network, struct gsp_graph *graph)
{
    drop_next(peer);
    peer->reload.next_network = network;
    peer->reload.next_graph = graph;
    if (peer->start.active && !gsp__start_decided(peer))
        gsp__start_refuse(peer, EXIT_FAILED, "peers.conf has changed; start again");
    cut_removed(peer);
    gsp__dial_afresh(peer);
    gsp__summary_changed(peer, true);
    gsp__reload_tick(peer);
}

static void take_same(struct gsp_peer *peer, struct gsp_network *network, struct gsp_graph *graph)
{
    drop_next(peer);
    gsp_graph_free(graph);
    gsp_network_free(network);
    gsp__dial_afresh(peer);
    gsp__summary_changed(peer, true);
}

/* A file without problems. Takes network and graph. */
static void accept_file(struct gsp_peer *peer, uint64_t client, struct gsp_network *network, struct gsp_graph *graph)
{
    char changes[GSP_REASON_MAX] = "", waits[GSP_REASON_MAX];
    uint8_t hash[32];
    struct gsp_network *moved = with_endpoints(peer->config.network, network);
    if (!moved) {
        gsp_graph_free(graph);
        gsp_network_free(network);
        tell(peer, client, EXIT_FAILED, false, "no memory for the new peers.conf: the old one stays in force");
        return;
    }
    bool others = name_changes(changes, sizeof changes, peer->config.network, network);
    move_endpoints(peer, moved);
    gsp_network_hash(hash, network, graph);
    bool same = memcmp(hash, peer->network_hash, sizeof hash) == 0;
    if (same)
        take_same(peer, network, graph);
    else
        take_next(peer, network, graph);
    if (!same && !others) add(changes, sizeof changes, ", other edges or weights");
    const char *what = *changes ? changes + 2 : "nothing has changed";
    if (same)
        tell(peer, client, EXIT_DONE, false, "%s", what);
    else if (peer->reload.next_network && gsp__reload_blocked(peer, waits, sizeof waits))
        tell(peer, client, EXIT_DONE, false, "%s: %s", what, waits);
    else
        tell(peer, client, EXIT_DONE, false,
             "%s: in force; every host needs the same file: gossipctl reload there, too", what);
}

void gsp_peer_reload(struct gsp_peer *peer, uint64_t client, struct gsp_network *network, struct gsp_graph *graph,
                     const char *file, struct gsp_problems *problems, uint64_t now)
{
    peer->now = now;
    if (network && graph && !peer->shutting_down) check_identity(peer, network, file, problems);
    if (network && graph && !peer->shutting_down && problems->count + problems->lost == 0) {
        accept_file(peer, client, network, graph);
    } else {
        gsp_graph_free(graph);
        gsp_network_free(network);
        if (!peer->shutting_down) refuse(peer, client, problems);
    }
    gsp_peer_tick(peer, now);
}
