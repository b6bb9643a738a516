/* The one file of the tests that knows how a peer is made inside. */
#include "sim/look.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "exchange/inside.h"
#include "rumours/inside.h"
#include "run/inside.h"
#include "session/inside.h"
#include "transport/inside.h"

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
    const struct gsp__run *run = peer ? peer->runs->run : NULL;
    if (!run) return (struct look_run){.note = ""};
    return (struct look_run){
        .there = true,
        .key = run->key,
        .stage = stage_of(run),
        .end = run->outcome,
        .halted = run->halted,
        .over = !*peer->runs->state.settings,
        .waiting = gsp__runs_waiting(peer->runs, peer->rumours->journal.retry.failure),
        .fenced = run->plan.fence != 0,
        .gathering = gsp__lost_gathering(run),
        .last_round = run->last_round,
        .reach = run->plan.reach,
        .d = run->d,
        .node = run->node,
        .objective = run->task != NULL,
        .note = peer->exchange->note,
        .state_kept = run->asking.state_kept,
    };
}

const struct gsp_node *look_node(const struct gsp_peer *peer)
{
    return peer->runs->run ? peer->runs->run->node : NULL;
}

bool look_computes(const struct gsp_peer *peer)
{
    const struct gsp_job *job = peer->host.job;
    return job && job->stage >= GSP_JOB_MIX && job->stage <= GSP_JOB_ENCODE;
}

bool look_asks(const struct gsp_peer *peer)
{
    return peer->runs->run && peer->runs->run->asking.out;
}

bool look_at_rest(const struct gsp_peer *peer)
{
    return peer->host.lending == GSP__LENT_NOTHING && !look_asks(peer);
}

/* ---- what all nodes agree on ---- */

const struct gsp_run_state *look_state(const struct gsp_peer *peer)
{
    return &peer->runs->state;
}

const struct gsp_run_state *look_wanted(const struct gsp_peer *peer)
{
    return &peer->rumours->journal.wanted;
}

bool look_state_is_written(const struct gsp_peer *peer)
{
    return peer->rumours->journal.out;
}

bool look_state_is_due(const struct gsp_peer *peer)
{
    return peer->rumours->journal.due;
}

bool look_state_pends(const struct gsp_peer *peer)
{
    return gsp__rumours_pending(peer->rumours);
}

bool look_result_is_written(const struct gsp_peer *peer)
{
    return peer->runs->disk.out && peer->runs->disk.file == GSP_KEEP_RESULT;
}

bool look_reload_pends(const struct gsp_peer *peer)
{
    return peer->rumours->reload.next_network != NULL;
}

struct look_start look_start(const struct gsp_peer *peer)
{
    const struct gsp__start *start = &peer->rumours->start;
    return (struct look_start){
        .active = start->active,
        .decided = start->key.epoch != 0,
        .client = start->client,
        .deadline = start->deadline,
    };
}

const uint8_t *look_network_hash(const struct gsp_peer *peer)
{
    return peer->host.place.hash;
}

struct look_result look_result(const struct gsp_peer *peer)
{
    return (struct look_result){.epoch = peer->runs->last.of.run.epoch, .d = peer->runs->last.of.d};
}

size_t look_stop_count(const struct gsp_peer *peer)
{
    return peer->rumours->stop_count;
}

uint64_t look_stop_client(const struct gsp_peer *peer)
{
    assert(peer->rumours->stop_count);
    return peer->rumours->stops[0].client;
}

void look_summary(struct gsp_peer *peer, struct gsp_summary *out)
{
    gsp__summary_build(peer->rumours, out);
}

const struct gsp_summary *look_heard(const struct gsp_peer *peer, size_t node)
{
    return &peer->rumours->circle.nodes[node].summary;
}

uint64_t look_heard_at(const struct gsp_peer *peer, size_t node)
{
    return peer->rumours->circle.nodes[node].heard_at;
}

/* ---- links and connections ---- */

size_t look_link_count(const struct gsp_peer *peer)
{
    return peer->transport->link_count;
}

struct look_link look_link(const struct gsp_peer *peer, size_t slot)
{
    assert(slot < peer->transport->link_count);
    const struct gsp__link *link = &peer->transport->links[slot];
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
    while (slot < peer->transport->link_count && peer->transport->links[slot].node != node) slot++;
    assert(slot < peer->transport->link_count);
    return slot;
}

struct look_link look_link_to(const struct gsp_peer *peer, size_t node)
{
    return look_link(peer, slot_of(peer, node));
}

size_t look_open_connections(const struct gsp_peer *peer)
{
    size_t count = 0;
    for (const struct gsp__connection *c = peer->transport->connections; c; c = c->following)
        count += c->state != GSP__CLOSING;
    return count;
}

size_t look_ending_connections(const struct gsp_peer *peer)
{
    size_t count = 0;
    for (const struct gsp__connection *c = peer->transport->connections; c; c = c->following)
        count += c->state == GSP__CLOSING && !c->cut;
    return count;
}

size_t look_ending_memory(const struct gsp_peer *peer)
{
    size_t bytes = 0;
    for (const struct gsp__connection *c = peer->transport->connections; c; c = c->following)
        if (c->state == GSP__CLOSING) bytes += c->channel.plain.capacity;
    return bytes;
}

bool look_has_keys(const struct gsp_peer *peer, uint64_t connection)
{
    static const uint8_t zeros[GSP__NOISE_KEY];
    const struct gsp__connection *c = peer->transport->connections;
    while (c && c->id != connection) c = c->following;
    assert(c);
    return memcmp(c->noise.static_public, zeros, sizeof zeros) != 0 ||
           memcmp(c->noise.ephemeral_public, zeros, sizeof zeros) != 0;
}

/* ---- what tests change ---- */

void look_set_log(struct gsp_peer *peer, struct gsp_log log)
{
    peer->host.quiet.sink = log;
}

static void count_line(void *context, enum gsp_log_level level, const char *message)
{
    (void)message;
    *(size_t *)context += level >= GSP_LOG_INFO;
}

void look_count_lines(struct gsp_peer *peer, size_t *lines)
{
    look_set_log(peer, (struct gsp_log){.write = count_line, .context = lines});
}

void look_set_note(struct gsp_peer *peer, const char *note)
{
    gsp__exchange_set_note(peer->exchange, "%s", note);
}

void look_set_refused(struct gsp_peer *peer, size_t slot)
{
    peer->transport->links[slot].refused = true;
}

void look_urge_summary(struct gsp_peer *peer)
{
    gsp__host_news(&peer->host, true);
}

void look_unmeasure(struct gsp_peer *peer)
{
    peer->rumours->data.measured = false;
}

size_t look_block_link(struct gsp_peer *peer, size_t node)
{
    peer->transport->links[slot_of(peer, node)].up->in_flight = GSP__SEND_WINDOW;
    return GSP__SEND_WINDOW;
}

void look_put_summary(struct gsp_peer *peer, size_t neighbour, size_t node, const struct gsp_summary *summary,
                      uint64_t now)
{
    struct gsp__audience *audience = &peer->rumours->circle.audience[slot_of(peer, neighbour)];
    peer->rumours->circle.nodes[node].summary = *summary;
    peer->rumours->circle.nodes[node].heard_at = now;
    audience->summary_due[node] = true;
    audience->summaries_due++;
}

void look_forget_stop(struct gsp_peer *peer)
{
    peer->runs->state.stop_round = peer->rumours->journal.wanted.stop_round = 0;
}

void look_stop_at(struct gsp_peer *peer, uint64_t round)
{
    struct gsp_run_state stop = peer->runs->state;
    stop.stop_round = round;
    gsp__run_state_act(peer->rumours, &stop);
}
