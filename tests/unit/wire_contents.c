/* Random messages from seeds. */
#include "unit/wire_contents.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gsp_stream stream_of(int seed, const char *purpose)
{
    uint8_t key[32];
    struct gsp_stream stream;
    gsp_stream_key(key, (uint64_t)seed, "test", purpose);
    gsp_stream_init(&stream, key, 1);
    return stream;
}

/* Small numbers, powers of two and their neighbours, anything. */
static uint64_t any_u64(struct gsp_stream *stream)
{
    uint64_t one = 1;
    switch (gsp_stream_below(stream, 3)) {
    case 0:
        return gsp_stream_below(stream, 200);
    case 1:
        return (one << gsp_stream_below(stream, 64)) - gsp_stream_below(stream, 2);
    default:
        return gsp_stream_u64(stream);
    }
}

static uint64_t any_count(struct gsp_stream *stream)
{
    uint64_t number = any_u64(stream);
    return number <= GSP_COUNT_MAX ? number : number % GSP_COUNT_MAX;
}

static double any_number(struct gsp_stream *stream, double scale)
{
    if (gsp_stream_below(stream, 4) == 0) return NAN;
    return scale * gsp_stream_uniform(stream);
}

void any_name(struct gsp_stream *stream, char out[GSP_NAME_MAX + 1])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
    size_t length = 1 + gsp_stream_below(stream, GSP_NAME_MAX);
    for (size_t i = 0; i < length; i++) out[i] = letters[gsp_stream_below(stream, sizeof letters - 1)];
    out[length] = 0;
}

/* Text of one to four bytes a character, up to size - 1 bytes. */
static void any_text(struct gsp_stream *stream, char *out, size_t size)
{
    static const char *const pieces[] = {"a", "Z", " ", "\n", "~", "é", "ß", "中", "\xc2\xa0", "😀", "\xf4\x8f\xbf\xbf"};
    size_t length = gsp_stream_below(stream, 4) ? gsp_stream_below(stream, size) : size - 1, used = 0;
    while (used < length) {
        const char *piece = pieces[gsp_stream_below(stream, sizeof pieces / sizeof *pieces)];
        if (used + strlen(piece) > length) piece = "x";
        memcpy(out + used, piece, strlen(piece));
        used += strlen(piece);
    }
    out[used] = 0;
}

static void any_run(struct gsp_stream *stream, struct gsp_run_key *run)
{
    if (gsp_stream_below(stream, 4) == 0) return;
    run->epoch = any_u64(stream) | 1;
    gsp_stream_bytes(stream, run->id, sizeof run->id);
}

void any_summary(struct gsp_stream *stream, struct gsp_summary *out)
{
    any_name(stream, out->node);
    any_text(stream, out->reason, sizeof out->reason);
    any_run(stream, &out->run);
    out->number = any_u64(stream);
    out->poll = any_u64(stream);
    out->phase = (enum gsp_phase)gsp_stream_below(stream, GSP_PHASE_FAILED + 1);
    out->ended = gsp_stream_below(stream, 2);
    out->result = gsp_stream_below(stream, 5);
    out->targets_whole = gsp_stream_below(stream, 2);
    out->columns_named = gsp_stream_below(stream, 2) ? gsp_stream_u64(stream) : 0;
    uint64_t *const counts[] = {&out->round,          &out->rounds, &out->step,    &out->gossip_step, &out->bytes_sent,
                                &out->bytes_received, &out->rows,   &out->columns, &out->dtype};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) *counts[i] = any_count(stream);
    out->loss = any_number(stream, -10);
    out->accuracy = any_number(stream, 1);
    out->consensus_error = any_number(stream, 1e300);
    out->seconds = any_number(stream, 1e6);
    out->residual = any_number(stream, 1);
    out->target_max = any_number(stream, 1e9);
    out->target_min = any_number(stream, -1e9);
    out->lambda_max = any_number(stream, 1e9);
    out->waiting_count = gsp_stream_below(stream, 2 * GSP_WAITING_MAX);
    for (size_t i = 0; i < out->waiting_count && i < GSP_WAITING_MAX; i++) any_name(stream, out->waiting[i]);
}

static void any_run_state(struct gsp_stream *stream, struct gsp_run_state *out)
{
    any_run(stream, &out->run);
    any_name(stream, out->origin);
    any_text(stream, out->settings, sizeof out->settings);
    out->stop_round = gsp_stream_below(stream, 2) ? any_count(stream) : 0;
    out->target_reached = out->stop_round && gsp_stream_below(stream, 2);
    out->aborted = gsp_stream_below(stream, 2);
    if (!out->aborted) return;
    out->abort_asked = gsp_stream_below(stream, 2);
    any_name(stream, out->abort_node);
    any_text(stream, out->abort_reason, sizeof out->abort_reason);
}

void any_message(struct gsp_stream *stream, enum gsp_message_type type, struct gsp_message *out, uint8_t *payload)
{
    memset(out, 0, sizeof *out);
    out->type = type;
    switch (type) {
    case GSP_MSG_WELCOME:
        gsp_stream_bytes(stream, out->u.welcome.hash, 32);
        out->u.welcome.incarnation = any_u64(stream);
        break;
    case GSP_MSG_REFUSED:
        gsp_stream_bytes(stream, out->u.refused.hash, 32);
        any_text(stream, out->u.refused.reason, sizeof out->u.refused.reason);
        break;
    case GSP_MSG_HELLO:
        out->u.hello.incarnation = any_u64(stream);
        break;
    case GSP_MSG_RUN_STATE:
        any_run_state(stream, &out->u.run_state);
        break;
    case GSP_MSG_RUN_HELLO:
        any_run(stream, &out->u.run_hello.run);
        out->u.run_hello.expect = any_count(stream);
        out->u.run_hello.have = any_count(stream);
        out->u.run_hello.digest = any_u64(stream);
        out->u.run_hello.durable = any_count(stream);
        out->u.run_hello.gathering = gsp_stream_below(stream, 2);
        out->u.run_hello.edge_down = gsp_stream_below(stream, 2);
        out->u.run_hello.edge_since = any_count(stream);
        break;
    case GSP_MSG_GOSSIP:
        out->u.gossip.step = any_count(stream);
        out->u.gossip.length = gsp_stream_below(stream, 4097);
        out->u.gossip.payload = payload;
        gsp_stream_bytes(stream, payload, out->u.gossip.length);
        break;
    case GSP_MSG_HAVE:
        out->u.have.step = any_count(stream);
        break;
    case GSP_MSG_DURABLE:
        out->u.durable.step = any_count(stream);
        break;
    case GSP_MSG_SUMMARY:
        any_summary(stream, &out->u.summary);
        break;
    case GSP_MSG_PING:
    case GSP_MSG_PONG:
        out->u.ping.nonce = any_u64(stream);
        break;
    case GSP_MSG_CLOSE:
        any_text(stream, out->u.close.reason, sizeof out->u.close.reason);
        break;
    case GSP_MSG_GONE:
    case GSP_MSG_LOST:
        any_run(stream, &out->u.gone.run);
        break;
    case GSP_MSG_COPY:
    case GSP_MSG_RESYNC:
        any_run(stream, &out->u.vector.run);
        out->u.vector.step = any_count(stream);
        out->u.vector.digest = any_u64(stream);
        out->u.vector.length = 8 * gsp_stream_below(stream, 513);
        out->u.vector.z = payload;
        gsp_stream_bytes(stream, payload, out->u.vector.length);
        break;
    case GSP_MSG_EDGE_AT:
        out->u.edge_at.step = any_count(stream);
        break;
    }
}

void any_request(struct gsp_stream *stream, struct gsp_request *out, char *settings, size_t size)
{
    *out = (struct gsp_request){.type = (enum gsp_request_type)(1 + gsp_stream_below(stream, GSP_REQ_RELOAD))};
    out->now = gsp_stream_below(stream, 2);
    if (out->type == GSP_REQ_DUMP) out->vector = gsp_stream_below(stream, 2) ? 'x' : 'z';
    if (out->type == GSP_REQ_HISTORY) out->position = any_count(stream);
    if (out->type != GSP_REQ_START) return;
    any_text(stream, settings, size);
    out->settings = settings;
}

/* One that is there, or (NONE) nothing. */
static void any_worker(struct gsp_stream *stream, struct gsp_worker_status *out)
{
    *out =
        (struct gsp_worker_status){.phase = (enum gsp_worker_phase)gsp_stream_below(stream, GSP_WORKER_EVALUATING + 1),
                                   .phase_seconds = NAN,
                                   .step_seconds = NAN};
    if (!out->phase) return;
    any_text(stream, out->detail, sizeof out->detail);
    out->phase_seconds = any_number(stream, 100);
    out->step_seconds = any_number(stream, 100);
    out->metric_count = gsp_stream_below(stream, GSP_METRICS_MAX + 1);
    for (size_t i = 0; i < out->metric_count; i++) {
        snprintf(out->metrics[i].name, sizeof out->metrics[i].name, "metric_%zu", i);
        out->metrics[i].value = any_number(stream, 100);
    }
}

void any_reply(struct gsp_stream *stream, struct gsp_reply *out)
{
    static const enum gsp_reply_code codes[] = {GSP_REPLY_DONE, GSP_REPLY_FAILED, GSP_REPLY_USAGE, GSP_REPLY_CONFIG};
    *out = (struct gsp_reply){.code = codes[gsp_stream_below(stream, 4)], .more = gsp_stream_below(stream, 2)};
    any_text(stream, out->message, sizeof out->message);
    any_text(stream, out->version, sizeof out->version);
    any_text(stream, out->settings, sizeof out->settings);
    any_run(stream, &out->run);
    any_worker(stream, &out->worker);
    out->node_count = gsp_stream_below(stream, 30);
    out->link_count = gsp_stream_below(stream, 30);
    out->value_count = gsp_stream_below(stream, 300);
    out->nodes = gsp_alloc(out->node_count, sizeof *out->nodes);
    out->links = gsp_alloc(out->link_count, sizeof *out->links);
    out->values = gsp_vector(out->value_count);
    for (size_t i = 0; i < out->node_count; i++) any_summary(stream, &out->nodes[i]);
    for (size_t i = 0; i < out->link_count; i++) {
        any_name(stream, out->links[i].name);
        any_text(stream, out->links[i].state, sizeof out->links[i].state);
        any_text(stream, out->links[i].detail, sizeof out->links[i].detail);
        out->links[i].bytes_sent = any_count(stream);
        out->links[i].bytes_received = any_count(stream);
        out->links[i].rtt_ms = any_number(stream, 100);
    }
    for (size_t i = 0; i < out->value_count; i++) out->values[i] = gsp_stream_normal(stream);
    if (out->value_count) out->values[0] = INFINITY;
    out->value_offset = gsp_stream_below(stream, 1000);
    out->value_total = out->value_offset + out->value_count + gsp_stream_below(stream, 3);
    out->part_length = gsp_stream_below(stream, 300);
    out->part = malloc(300);
    gsp_stream_bytes(stream, out->part, 300);
    out->part_offset = gsp_stream_below(stream, 1000);
    out->part_total = out->part_offset + out->part_length + gsp_stream_below(stream, 3);
}

uint8_t *body_of(struct gsp_buffer *packed, size_t *length)
{
    assert(packed->length >= 4);
    *length = packed->length - 4;
    const uint8_t *at = packed->data;
    assert(((size_t)at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24) == *length);
    uint8_t *body = malloc(*length ? *length : 1);
    memcpy(body, at + 4, *length);
    gsp_buffer_clear(packed);
    return body;
}

uint8_t *packed_message(int seed, enum gsp_message_type type, struct gsp_message *message, size_t *length)
{
    static uint8_t payload[4096];
    struct gsp_stream stream = stream_of(seed, "message");
    struct gsp_buffer packed = {0};
    any_message(&stream, type, message, payload);
    assert(gsp_message_pack(message, &packed) == 0);
    return body_of(&packed, length);
}
