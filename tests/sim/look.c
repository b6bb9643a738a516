/* The one file of the tests that knows how a peer is made inside. */
#include "sim/look.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "session/peer.h"

/* ---- the run ---- */

static enum look_stage stage_of(const struct gsp__run *run)
{
    static const enum look_stage stages[] = {
        [GSP__RUN_PREPARING] = LOOK_PREPARING, [GSP__RUN_LOST] = LOOK_LOST,   [GSP__RUN_ACTIVE] = LOOK_ACTIVE,
        [GSP__RUN_SAVING] = LOOK_SAVING,       [GSP__RUN_ENDED] = LOOK_ENDED,
    };
    return stages[run->stage];
}

struct look_run look_run(const struct gsp_peer *peer)
{
    const struct gsp__run *run = peer ? peer->run : NULL;
    if (!run) return (struct look_run){.note = ""};
    return (struct look_run){
        .there = true,
        .key = run->key,
        .stage = stage_of(run),
        .end = run->end,
        .halted = run->halted,
        .over = run->over,
        .waiting = gsp__run_waiting(peer),
        .fenced = run->fence != 0,
        .gathering = gsp__lost_gathering(run),
        .last_round = run->last_round,
        .reach = run->reach,
        .d = run->d,
        .node = run->node,
        .objective = run->objective != NULL,
        .note = run->note,
    };
}

const struct gsp_node *look_node(const struct gsp_peer *peer)
{
    return peer->run ? peer->run->node : NULL;
}

bool look_computes(const struct gsp_peer *peer)
{
    return peer->job && peer->job->kind == GSP__JOB_STEP;
}

/* ---- what all nodes agree on ---- */

const struct gsp_run_state *look_state(const struct gsp_peer *peer)
{
    return &peer->state;
}

const struct gsp_run_state *look_wanted(const struct gsp_peer *peer)
{
    return &peer->journal.wanted;
}

bool look_state_is_written(const struct gsp_peer *peer)
{
    return peer->journal.out;
}

bool look_state_is_due(const struct gsp_peer *peer)
{
    return peer->journal.due;
}

bool look_state_pends(const struct gsp_peer *peer)
{
    return gsp__journal_pending(peer);
}

bool look_result_is_written(const struct gsp_peer *peer)
{
    return peer->disk.out && peer->disk.file == GSP_KEEP_RESULT;
}

bool look_reload_pends(const struct gsp_peer *peer)
{
    return peer->reload.next_network != NULL;
}

struct look_start look_start(const struct gsp_peer *peer)
{
    const struct gsp__start *start = &peer->start;
    return (struct look_start){
        .active = start->active,
        .decided = start->key.epoch != 0,
        .client = start->client,
        .deadline = start->deadline,
    };
}

const uint8_t *look_network_hash(const struct gsp_peer *peer)
{
    return peer->network_hash;
}

struct look_result look_result(const struct gsp_peer *peer)
{
    return (struct look_result){.epoch = peer->last_epoch, .d = peer->last_d};
}

size_t look_stop_count(const struct gsp_peer *peer)
{
    return peer->stop_count;
}

uint64_t look_stop_client(const struct gsp_peer *peer)
{
    assert(peer->stop_count);
    return peer->stops[0].client;
}

void look_summary(struct gsp_peer *peer, struct gsp_summary *out)
{
    gsp__summary_build(peer, out);
}

const struct gsp_summary *look_heard(const struct gsp_peer *peer, size_t node)
{
    return &peer->nodes[node].summary;
}

uint64_t look_heard_at(const struct gsp_peer *peer, size_t node)
{
    return peer->nodes[node].heard_at;
}

/* ---- links and connections ---- */

size_t look_link_count(const struct gsp_peer *peer)
{
    return peer->link_count;
}

struct look_link look_link(const struct gsp_peer *peer, size_t slot)
{
    assert(slot < peer->link_count);
    const struct gsp__link *link = &peer->links[slot];
    const struct gsp__connection *up = link->up;
    return (struct look_link){
        .node = link->node,
        .up = up != NULL,
        .connection = up ? up->id : 0,
        .received = link->bytes_received,
        .receiving = up ? up->bytes_received : 0,
        .half = up ? up->channel.plain.length : 0,
        .refused = link->refused,
        .detail = link->detail,
    };
}

static size_t slot_of(const struct gsp_peer *peer, size_t node)
{
    size_t slot = 0;
    while (slot < peer->link_count && peer->links[slot].node != node) slot++;
    assert(slot < peer->link_count);
    return slot;
}

struct look_link look_link_to(const struct gsp_peer *peer, size_t node)
{
    return look_link(peer, slot_of(peer, node));
}

size_t look_open_connections(const struct gsp_peer *peer)
{
    size_t count = 0;
    for (const struct gsp__connection *c = peer->connections; c; c = c->following) count += c->state != GSP__CLOSING;
    return count;
}

size_t look_ending_connections(const struct gsp_peer *peer)
{
    size_t count = 0;
    for (const struct gsp__connection *c = peer->connections; c; c = c->following)
        count += c->state == GSP__CLOSING && !c->cut;
    return count;
}

size_t look_ending_memory(const struct gsp_peer *peer)
{
    size_t bytes = 0;
    for (const struct gsp__connection *c = peer->connections; c; c = c->following)
        if (c->state == GSP__CLOSING) bytes += c->channel.plain.capacity;
    return bytes;
}

bool look_has_keys(const struct gsp_peer *peer, uint64_t connection)
{
    static const uint8_t zeros[GSP__NOISE_KEY];
    const struct gsp__connection *c = peer->connections;
    while (c && c->id != connection) c = c->following;
    assert(c);
    return memcmp(c->noise.static_public, zeros, sizeof zeros) != 0 ||
           memcmp(c->noise.ephemeral_public, zeros, sizeof zeros) != 0;
}

/* ---- what tests change ---- */

void look_set_log(struct gsp_peer *peer, struct gsp_log log)
{
    peer->sink = log;
}

void look_set_note(struct gsp_peer *peer, const char *note)
{
    snprintf(peer->run->note, sizeof peer->run->note, "%s", note);
}

void look_set_refused(struct gsp_peer *peer, size_t slot)
{
    peer->links[slot].refused = true;
}

void look_urge_summary(struct gsp_peer *peer)
{
    gsp__summary_changed(peer, true);
}

void look_unmeasure(struct gsp_peer *peer)
{
    peer->measured = false;
}

size_t look_block_link(struct gsp_peer *peer, size_t node)
{
    peer->links[slot_of(peer, node)].up->in_flight = GSP__SEND_WINDOW;
    return GSP__SEND_WINDOW;
}

void look_put_summary(struct gsp_peer *peer, size_t neighbour, size_t node, const struct gsp_summary *summary,
                      uint64_t now)
{
    struct gsp__connection *up = peer->links[slot_of(peer, neighbour)].up;
    peer->nodes[node].summary = *summary;
    peer->nodes[node].heard_at = now;
    up->summary_due[node] = true;
    up->summaries_due++;
}

void look_forget_stop(struct gsp_peer *peer)
{
    peer->state.stop_round = peer->journal.wanted.stop_round = 0;
}

void look_stop_at(struct gsp_peer *peer, uint64_t round)
{
    struct gsp_run_state stop = peer->state;
    stop.stop_round = round;
    gsp__run_state_act(peer, &stop);
}
