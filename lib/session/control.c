/* Requests of the control socket and their replies. */
#include "session/peer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- replies ---- */

void gsp__reply(struct gsp_peer *peer, uint64_t client, const struct gsp_reply *reply)
{
    struct gsp_buffer bytes = {0};
    struct gsp_action *action = gsp_reply_pack(reply, &bytes) ? NULL : gsp__action_add(peer, GSP_ACTION_REPLY);
    if (!action) {
        gsp_buffer_clear(&bytes);
        gsp_log(&peer->config.log, GSP_LOG_ERROR, "no memory for a reply");
        return;
    }
    action->client = client;
    action->last = !reply->more;
    action->bytes = bytes.data;
    action->length = bytes.length;
}

void gsp__reply_text(struct gsp_peer *peer, uint64_t client, int exit_code, bool more, const char *format, ...)
{
    struct gsp_reply reply = {.code = (enum gsp_reply_code)exit_code, .more = more};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reply.message, sizeof reply.message, format, arguments);
    va_end(arguments);
    snprintf(reply.version, sizeof reply.version, "%s", peer->config.version);
    gsp__reply(peer, client, &reply);
}

/* ---- status ---- */

static void describe_link(const struct gsp_peer *peer, const struct gsp__link *link, struct gsp_link_status *out)
{
    const struct gsp__connection *up = link->up;
    const char *state = up ? "up" : link->refused ? "refused" : link->dialing ? "connecting" : "down";
    *out = (struct gsp_link_status){.rtt_ms = up ? up->rtt_ms : NAN};
    snprintf(out->name, sizeof out->name, "%s", peer->config.network->nodes[link->node].name);
    snprintf(out->state, sizeof out->state, "%s", state);
    snprintf(out->detail, sizeof out->detail, "%s", link->detail);
    gsp__link_bytes(peer, link, &out->bytes_sent, &out->bytes_received);
}

/* The last that was heard of a node, with a word on its age where that matters. */
static void describe_node(struct gsp_peer *peer, size_t i, struct gsp_summary *out)
{
    if (i == peer->config.self) {
        gsp__summary_build(peer, out);
        if (!out->number) out->number = 1;
        return;
    }
    const struct gsp__known_node *node = &peer->nodes[i];
    *out = node->summary;
    snprintf(out->node, sizeof out->node, "%s", peer->config.network->nodes[i].name);
    uint64_t age = peer->now - node->heard_at;
    if (out->number && age >= GSP__STALE_TIME)
        snprintf(out->reason, sizeof out->reason, "nothing heard of it for %llu s", (unsigned long long)(age / 1000));
}

static void reply_status(struct gsp_peer *peer, uint64_t client, bool all)
{
    size_t n = all ? peer->config.network->count : 1;
    struct gsp_reply reply = {.run = peer->state.run, .node_count = n, .link_count = peer->link_count};
    snprintf(reply.version, sizeof reply.version, "%s", peer->config.version);
    snprintf(reply.settings, sizeof reply.settings, "%s", peer->state.settings);
    reply.nodes = gsp_alloc(n, sizeof *reply.nodes);
    reply.links = gsp_alloc(peer->link_count, sizeof *reply.links);
    if (!reply.nodes || !reply.links) {
        gsp_reply_clear(&reply);
        gsp__reply_text(peer, client, 1, false, "no memory for the status");
        return;
    }
    for (size_t i = 0; i < n; i++) describe_node(peer, all ? i : peer->config.self, &reply.nodes[i]);
    for (size_t i = 0; i < peer->link_count; i++) describe_link(peer, &peer->links[i], &reply.links[i]);
    gsp__reply(peer, client, &reply);
    gsp_reply_clear(&reply);
}

static void reply_health(struct gsp_peer *peer, uint64_t client)
{
    struct gsp_summary summary;
    gsp__summary_build(peer, &summary);
    size_t up = 0;
    for (size_t i = 0; i < peer->link_count; i++) up += peer->links[i].up != NULL;
    bool failed = summary.phase == GSP_PHASE_FAILED;
    gsp__reply_text(peer, client, failed, false, "%s, %zu of %zu links up%s%s", gsp_phase_name(summary.phase), up,
                    peer->link_count, failed ? ": " : "", failed ? summary.reason : "");
}

/* ---- dump ---- */

static void reply_vector(struct gsp_peer *peer, uint64_t client, const double *values, size_t total)
{
    size_t offset = 0;
    do {
        size_t part = total - offset < GSP_DUMP_CHUNK ? total - offset : GSP_DUMP_CHUNK;
        struct gsp_reply reply = {.value_total = total, .value_offset = offset, .value_count = part};
        reply.values = gsp_vector(part);
        if (!reply.values) {
            gsp__reply_text(peer, client, 1, false, "no memory for the vector");
            return;
        }
        memcpy(reply.values, values + offset, part * sizeof *values);
        offset += part;
        reply.more = offset < total;
        reply.run = peer->state.run;
        gsp__reply(peer, client, &reply);
        free(reply.values);
    } while (offset < total);
}

static void dump_now(struct gsp_peer *peer, uint64_t client, char vector)
{
    const struct gsp__run *run = peer->run;
    if (run && run->node)
        reply_vector(peer, client, vector == 'x' ? gsp_node_x(run->node) : gsp_node_z(run->node), run->d);
    else if (peer->last_x)
        reply_vector(peer, client, vector == 'x' ? peer->last_x : peer->last_z, peer->last_d);
    else
        gsp__reply_text(peer, client, 1, false, "there is no %c yet: nothing has run here; begin with: gossipctl start",
                        vector);
}

/* The vectors may be in the hands of a job: then its end is waited for. */
void gsp__control_dumps(struct gsp_peer *peer)
{
    if (peer->job && peer->run && peer->job->run == peer->run) return;
    for (size_t i = 0; i < peer->dump_count; i++) dump_now(peer, peer->dumps[i].client, peer->dumps[i].vector);
    peer->dump_count = 0;
}

static void request_dump(struct gsp_peer *peer, uint64_t client, char vector)
{
    if (peer->dump_count == GSP__CLIENTS_WAITING_MAX) {
        gsp__reply_text(peer, client, 1, false, "too many dumps at once; try again");
        return;
    }
    peer->dumps[peer->dump_count++] = (struct gsp__dump){.client = client, .vector = vector};
    gsp__control_dumps(peer);
}

/* ---- stop ---- */

/* Answered when it is on the disk. */
static void answer_later(struct gsp_peer *peer, uint64_t client, const struct gsp_run_key *run)
{
    if (peer->stop_count == GSP__CLIENTS_WAITING_MAX)
        gsp__reply_text(peer, client, 0, false, "the stop is on its way");
    else
        peer->stops[peer->stop_count++] = (struct gsp__stop){.client = client, .run = *run};
}

static void request_stop(struct gsp_peer *peer, uint64_t client, bool now)
{
    const struct gsp__run *run = peer->run;
    const struct gsp_run_key *key = &peer->state.run;
    bool pending = true;
    if (gsp__start_decided(peer)) {
        gsp__run_state_stop_start(peer, now);
        answer_later(peer, client, &peer->start.key);
        return;
    }
    if (peer->start.active) gsp__start_refuse(peer, 1, "stopped before it began");
    if (!run || run->stage == GSP__RUN_ENDED || run->stage == GSP__RUN_SAVING) {
        gsp__reply_text(peer, client, 0, false, "nothing is running");
        return;
    }
    if (run->halted) { /* it fails or stops here, and its settings may be of no use for a round */
        answer_later(peer, client, key);
        return;
    }
    if (now) {
        gsp__run_state_stop_now(peer);
        answer_later(peer, client, key);
        return;
    }
    if (run->stage == GSP__RUN_LOST) { /* any round that it names may be over elsewhere */
        gsp__reply_text(peer, client, 1, false,
                        "this node's state is lost, and until its neighbours have given it theirs it does not know how "
                        "far run %llu is: run gossipctl stop at another node (gossipctl stop --now ends the run from "
                        "here, too, at once and without a result)",
                        (unsigned long long)peer->state.run.epoch);
        return;
    }
    uint64_t round = gsp__run_state_stop(peer, false, &pending);
    if (pending)
        answer_later(peer, client, key);
    else
        gsp__reply_text(peer, client, 0, false, "run %llu ends after round %llu%s",
                        (unsigned long long)peer->state.run.epoch, (unsigned long long)round,
                        round == run->settings.rounds ? ", its last" : "");
}

/* ---- history ---- */

/* The driver, which has the file, answers. */
static void request_history(struct gsp_peer *peer, uint64_t client, uint64_t position)
{
    struct gsp_action *action = gsp__action_add(peer, GSP_ACTION_HISTORY_READ);
    if (!action) return;
    action->client = client;
    action->position = position;
}

/* ---- the socket's bytes ---- */

void gsp__control_request(struct gsp_peer *peer, uint64_t client, const struct gsp_request *request)
{
    switch (request->type) {
    case GSP_REQ_STATUS:
    case GSP_REQ_STATUS_ALL:
        reply_status(peer, client, request->type == GSP_REQ_STATUS_ALL);
        return;
    case GSP_REQ_START:
        gsp__start_begin(peer, client, request->settings ? request->settings : "");
        return;
    case GSP_REQ_STOP:
        request_stop(peer, client, request->now);
        return;
    case GSP_REQ_DUMP:
        request_dump(peer, client, request->vector);
        return;
    case GSP_REQ_HEALTH:
        reply_health(peer, client);
        return;
    case GSP_REQ_HISTORY:
        request_history(peer, client, request->position);
        return;
    case GSP_REQ_RELOAD:
        gsp__reload_request(peer, client);
        return;
    }
    gsp__reply_text(peer, client, 1, false, "a request that this version does not know");
}

void gsp_peer_client_gone(struct gsp_peer *peer, uint64_t client)
{
    size_t kept = 0;
    for (size_t i = 0; i < peer->dump_count; i++)
        if (peer->dumps[i].client != client) peer->dumps[kept++] = peer->dumps[i];
    peer->dump_count = kept;
    kept = 0;
    for (size_t i = 0; i < peer->stop_count; i++)
        if (peer->stops[i].client != client) peer->stops[kept++] = peer->stops[i];
    peer->stop_count = kept;
    if (!peer->start.active || peer->start.client != client) return;
    if (gsp__start_decided(peer)) {
        gsp_log(
            &peer->config.log, GSP_LOG_INFO,
            "who asked for run %llu has gone; the run is on its way to the disk and begins all the same; end it with: "
            "gossipctl stop",
            (unsigned long long)peer->start.key.epoch);
    } else {
        gsp_log(&peer->config.log, GSP_LOG_INFO, "the start was given up: who asked for it has gone");
        gsp__start_refuse(peer, 1, "given up");
    }
}
