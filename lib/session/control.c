/* Requests of the control socket and their replies. */
#include "session/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- status ---- */

static void reply_status(struct gsp_peer *peer, uint64_t client, bool all)
{
    const struct gsp__place *place = &peer->host.place;
    const struct gsp_run_state *state = gsp__runs_state(peer->runs);
    size_t n = all ? place->network->count : 1, links = gsp__slots(&peer->host);
    struct gsp_reply reply = {.run = state->run, .node_count = n, .link_count = links};
    snprintf(reply.version, sizeof reply.version, "%s", peer->host.version);
    snprintf(reply.settings, sizeof reply.settings, "%s", state->settings);
    reply.nodes = gsp_alloc(n, sizeof *reply.nodes);
    reply.links = gsp_alloc(links, sizeof *reply.links);
    if (!reply.nodes || !reply.links) {
        gsp_reply_clear(&reply);
        gsp__reply_text(&peer->host, client, GSP_REPLY_FAILED, false, "no memory for the status");
        return;
    }
    for (size_t i = 0; i < n; i++) gsp__rumours_describe(peer->rumours, all ? i : place->self, &reply.nodes[i]);
    if (!all) gsp__runs_describe_worker(peer->runs, &reply.worker);
    for (size_t slot = 0; slot < links; slot++) gsp__transport_describe(peer->transport, slot, &reply.links[slot]);
    gsp__reply(&peer->host, client, &reply);
    gsp_reply_clear(&reply);
}

static void reply_health(struct gsp_peer *peer, uint64_t client)
{
    struct gsp_summary summary;
    gsp__rumours_describe(peer->rumours, peer->host.place.self, &summary);
    size_t up = 0, links = gsp__slots(&peer->host);
    for (size_t slot = 0; slot < links; slot++) up += gsp__transport_up(peer->transport, slot);
    bool failed = summary.phase == GSP_PHASE_FAILED;
    gsp__reply_text(&peer->host, client, failed ? GSP_REPLY_FAILED : GSP_REPLY_DONE, false,
                    "%s, %zu of %zu links up%s%s", gsp_phase_name(summary.phase), up, links, failed ? ": " : "",
                    failed ? summary.reason : "");
}

/* ---- dump ---- */

/* In chunks, each of which says what it is a part of. */
static void reply_vector(struct gsp_peer *peer, uint64_t client, const struct gsp__model *model, const double *values)
{
    size_t offset = 0;
    do {
        size_t part = model->of.d - offset < GSP_DUMP_CHUNK ? model->of.d - offset : GSP_DUMP_CHUNK;
        struct gsp_reply reply = {
            .run = model->of.run, .value_total = model->of.d, .value_offset = offset, .value_count = part};
        reply.values = gsp_vector(part);
        if (!reply.values) {
            gsp__reply_text(&peer->host, client, GSP_REPLY_FAILED, false, "no memory for the vector");
            return;
        }
        memcpy(reply.values, values + offset, part * sizeof *values);
        if (offset == 0) snprintf(reply.settings, sizeof reply.settings, "%s", model->of.settings);
        reply.round = model->of.round;
        offset += part;
        reply.more = offset < model->of.d;
        gsp__reply(&peer->host, client, &reply);
        free(reply.values);
    } while (offset < model->of.d);
}

static void dump_now(struct gsp_peer *peer, const struct gsp__dump *dump)
{
    struct gsp__model model;
    if (gsp__runs_model(peer->runs, &model))
        reply_vector(peer, dump->client, &model, dump->vector == 'x' ? model.x : model.z);
    else
        gsp__reply_text(&peer->host, dump->client, GSP_REPLY_FAILED, false,
                        "there is no %c yet: nothing has run here; begin with: %s", dump->vector,
                        peer->host.commands.start);
}

void gsp__control_dumps(struct gsp_peer *peer)
{
    if (!gsp__runs_model_free(peer->runs)) return;
    for (size_t i = 0; i < peer->dump_count; i++) dump_now(peer, &peer->dumps[i]);
    peer->dump_count = 0;
}

static void request_dump(struct gsp_peer *peer, uint64_t client, char vector)
{
    if (peer->dump_count == GSP__CLIENTS_WAITING_MAX)
        gsp__reply_text(&peer->host, client, GSP_REPLY_FAILED, false, "too many dumps at once; try again");
    else
        peer->dumps[peer->dump_count++] = (struct gsp__dump){.client = client, .vector = vector};
}

/* ---- history ---- */

/* The driver, which has the file, answers. */
static void request_history(struct gsp_peer *peer, uint64_t client, uint64_t position)
{
    struct gsp_action *action = gsp__action_add(&peer->host, GSP_ACTION_HISTORY_READ);
    if (!action) {
        gsp__reply_text(&peer->host, client, GSP_REPLY_FAILED, false, "no memory to read the history");
        return;
    }
    action->client = client;
    action->position = position;
}

/* ---- the socket's bytes ---- */

static void dispatch(struct gsp_peer *peer, uint64_t client, const struct gsp_request *request)
{
    switch (request->type) {
    case GSP_REQ_STATUS:
    case GSP_REQ_STATUS_ALL:
        reply_status(peer, client, request->type == GSP_REQ_STATUS_ALL);
        return;
    case GSP_REQ_START:
        gsp__rumours_start(peer->rumours, client, request->settings ? request->settings : "");
        return;
    case GSP_REQ_STOP:
        gsp__rumours_stop(peer->rumours, client, request->now);
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
        gsp__rumours_reload(peer->rumours, client);
        return;
    }
    gsp__reply_text(&peer->host, client, GSP_REPLY_FAILED, false, "a request that this version does not know");
}

void gsp__control_request(struct gsp_peer *peer, uint64_t client, const uint8_t *bytes, size_t length)
{
    struct gsp_request request;
    struct gsp_error error = {0};
    if (gsp_request_unpack(&request, bytes, length, &error)) {
        gsp__reply_text(&peer->host, client, GSP_REPLY_FAILED, false, "%s", error.message);
        return;
    }
    dispatch(peer, client, &request);
    gsp_request_clear(&request);
}

void gsp__control_client_gone(struct gsp_peer *peer, uint64_t client)
{
    size_t kept = 0;
    for (size_t i = 0; i < peer->dump_count; i++)
        if (peer->dumps[i].client != client) peer->dumps[kept++] = peer->dumps[i];
    peer->dump_count = kept;
    gsp__rumours_client_gone(peer->rumours, client);
}
