/* Messages between daemons to protobuf and back. */
#include "wire/codec.h"
#include "wire/summary_msg.h"
#include "wire/text.h"

#include <assert.h>
#include <string.h>

static_assert((int)GSP_MSG_WELCOME == (int)GOSSIPD__MESSAGE__BODY_WELCOME, "one numbering");
static_assert((int)GSP_MSG_EDGE_AT == (int)GOSSIPD__MESSAGE__BODY_EDGE_AT, "one numbering");
static_assert((int)GSP_PHASE_FAILED == (int)GOSSIPD__PHASE__FAILED, "one numbering");

enum { WAITING_FIELD = 21 };

static const struct gsp__repeat REPEATS[] = {
    {&gossipd__summary__descriptor, WAITING_FIELD, GSP_WAITING_MAX},
    {NULL, 0, 0},
};

/* ---- checks of our structs, before packing and after unpacking ---- */

static int check_run_state(const struct gsp_run_state *state, struct gsp_error *error)
{
    int rc = gsp__check_run(&state->run, error);
    if (!rc && (state->run.epoch || *state->origin)) rc = gsp__check_name(state->origin, "a run's origin", error);
    if (!rc) rc = gsp__check_count(state->stop_round, "stop_round", error);
    if (!rc && state->target_reached && !state->stop_round)
        rc = gsp_error_set(error, GSP_ERR_FORMAT, "a target was reached, but the run has no stop_round");
    if (!rc && state->aborted) rc = gsp__check_name(state->abort_node, "who aborted a run", error);
    return rc;
}

static int check_message(const struct gsp_message *message, struct gsp_error *error)
{
    int rc = 0;
    switch (message->type) {
    case GSP_MSG_WELCOME:
    case GSP_MSG_REFUSED:
    case GSP_MSG_HELLO:
    case GSP_MSG_PING:
    case GSP_MSG_PONG:
    case GSP_MSG_CLOSE:
        return 0;
    case GSP_MSG_RUN_STATE:
        return check_run_state(&message->u.run_state, error);
    case GSP_MSG_RUN_HELLO:
        rc = gsp__check_run(&message->u.run_hello.run, error);
        if (!rc) rc = gsp__check_count(message->u.run_hello.expect, "expect", error);
        if (!rc) rc = gsp__check_count(message->u.run_hello.have, "have", error);
        if (!rc) rc = gsp__check_count(message->u.run_hello.durable, "durable", error);
        return rc ? rc : gsp__check_count(message->u.run_hello.edge_since, "edge_since", error);
    case GSP_MSG_GOSSIP:
        return gsp__check_count(message->u.gossip.step, "step", error);
    case GSP_MSG_HAVE:
        return gsp__check_count(message->u.have.step, "step", error);
    case GSP_MSG_DURABLE:
        return gsp__check_count(message->u.durable.step, "step", error);
    case GSP_MSG_SUMMARY:
        return gsp__check_summary(&message->u.summary, error);
    case GSP_MSG_GONE:
    case GSP_MSG_LOST:
        return gsp__check_run(&message->u.gone.run, error);
    case GSP_MSG_COPY:
    case GSP_MSG_RESYNC:
        rc = gsp__check_run(&message->u.vector.run, error);
        if (!rc && message->u.vector.length % 8)
            rc = gsp_error_set(error, GSP_ERR_FORMAT, "a vector of %zu bytes, no whole number of doubles",
                               message->u.vector.length);
        return rc ? rc : gsp__check_count(message->u.vector.step, "step", error);
    case GSP_MSG_EDGE_AT:
        return gsp__check_count(message->u.edge_at.step, "step", error);
    }
    return gsp_error_set(error, GSP_ERR_FORMAT, "no message has type %d", (int)message->type);
}

/* ---- packing ---- */

/* Gossip and vectors may be large. */
static bool is_long(enum gsp_message_type type)
{
    return type == GSP_MSG_GOSSIP || type == GSP_MSG_COPY || type == GSP_MSG_RESYNC;
}

static int pack_body(Gossipd__Message *pb, enum gsp_message_type type, struct gsp_buffer *out)
{
    pb->body_case = (Gossipd__Message__BodyCase)type;
    return gsp__pack(&pb->base, is_long(type) ? UINT32_MAX : GSP_MESSAGE_MAX, out);
}

static int pack_run_state(const struct gsp_run_state *state, struct gsp_buffer *out)
{
    Gossipd__Message pb = GOSSIPD__MESSAGE__INIT;
    struct gsp_run_state copy = *state;
    Gossipd__RunState body = GOSSIPD__RUN_STATE__INIT;
    Gossipd__Abort abort = GOSSIPD__ABORT__INIT;
    gsp_text_clean(copy.settings);
    gsp_text_clean(copy.abort_reason);
    body.epoch = copy.run.epoch;
    body.run_id = (ProtobufCBinaryData){sizeof copy.run.id, copy.run.id};
    body.origin = *copy.origin ? copy.origin : NULL;
    body.settings = copy.settings;
    body.has_stop_round = copy.stop_round != 0;
    body.stop_round = copy.stop_round;
    body.has_target_reached = copy.target_reached;
    body.target_reached = copy.target_reached;
    abort.node = copy.abort_node;
    abort.reason = copy.abort_reason;
    abort.has_asked = copy.abort_asked;
    abort.asked = copy.abort_asked;
    body.abort = copy.aborted ? &abort : NULL;
    pb.run_state = &body;
    return pack_body(&pb, GSP_MSG_RUN_STATE, out);
}

static int pack_run_hello(const struct gsp_message *message, struct gsp_buffer *out)
{
    Gossipd__Message pb = GOSSIPD__MESSAGE__INIT;
    Gossipd__RunHello body = GOSSIPD__RUN_HELLO__INIT;
    body.epoch = message->u.run_hello.run.epoch;
    body.run_id = gsp__bytes_view(message->u.run_hello.run.id, GSP_RUN_ID_BYTES);
    body.expect = message->u.run_hello.expect;
    body.have = message->u.run_hello.have;
    body.digest = message->u.run_hello.digest;
    body.durable = message->u.run_hello.durable;
    body.gathering = message->u.run_hello.gathering;
    body.edge_down = message->u.run_hello.edge_down;
    body.edge_since = message->u.run_hello.edge_since;
    pb.run_hello = &body;
    return pack_body(&pb, GSP_MSG_RUN_HELLO, out);
}

static int pack_refused(const struct gsp_message *message, struct gsp_buffer *out)
{
    Gossipd__Message pb = GOSSIPD__MESSAGE__INIT;
    Gossipd__Refused body = GOSSIPD__REFUSED__INIT;
    char reason[sizeof message->u.refused.reason];
    memcpy(reason, message->u.refused.reason, sizeof reason);
    gsp_text_clean(reason);
    body.reason = reason;
    body.hash = gsp__bytes_view(message->u.refused.hash, sizeof message->u.refused.hash);
    pb.refused = &body;
    return pack_body(&pb, GSP_MSG_REFUSED, out);
}

static int pack_welcome(const struct gsp_message *message, struct gsp_buffer *out)
{
    Gossipd__Message pb = GOSSIPD__MESSAGE__INIT;
    Gossipd__Welcome body = GOSSIPD__WELCOME__INIT;
    body.hash = gsp__bytes_view(message->u.welcome.hash, sizeof message->u.welcome.hash);
    body.incarnation = message->u.welcome.incarnation;
    pb.welcome = &body;
    return pack_body(&pb, GSP_MSG_WELCOME, out);
}

static int pack_hello(const struct gsp_message *message, struct gsp_buffer *out)
{
    Gossipd__Message pb = GOSSIPD__MESSAGE__INIT;
    Gossipd__Hello body = GOSSIPD__HELLO__INIT;
    body.incarnation = message->u.hello.incarnation;
    pb.hello = &body;
    return pack_body(&pb, GSP_MSG_HELLO, out);
}

static int pack_gossip(const struct gsp_message *message, struct gsp_buffer *out)
{
    Gossipd__Message pb = GOSSIPD__MESSAGE__INIT;
    Gossipd__Gossip body = GOSSIPD__GOSSIP__INIT;
    body.step = message->u.gossip.step;
    body.payload = gsp__bytes_view(message->u.gossip.payload, message->u.gossip.length);
    pb.gossip = &body;
    return pack_body(&pb, GSP_MSG_GOSSIP, out);
}

static int pack_step(enum gsp_message_type type, uint64_t step, struct gsp_buffer *out)
{
    Gossipd__Message pb = GOSSIPD__MESSAGE__INIT;
    Gossipd__Step body = GOSSIPD__STEP__INIT;
    body.step = step;
    if (type == GSP_MSG_HAVE)
        pb.have = &body;
    else if (type == GSP_MSG_DURABLE)
        pb.durable = &body;
    else
        pb.edge_at = &body;
    return pack_body(&pb, type, out);
}

static int pack_run_key(const struct gsp_message *message, struct gsp_buffer *out)
{
    Gossipd__Message pb = GOSSIPD__MESSAGE__INIT;
    Gossipd__RunKey body = GOSSIPD__RUN_KEY__INIT;
    body.epoch = message->u.gone.run.epoch;
    body.run_id = gsp__bytes_view(message->u.gone.run.id, GSP_RUN_ID_BYTES);
    if (message->type == GSP_MSG_GONE)
        pb.gone = &body;
    else
        pb.lost = &body;
    return pack_body(&pb, message->type, out);
}

static int pack_vector(const struct gsp_message *message, struct gsp_buffer *out)
{
    Gossipd__Message pb = GOSSIPD__MESSAGE__INIT;
    Gossipd__Vector body = GOSSIPD__VECTOR__INIT;
    body.epoch = message->u.vector.run.epoch;
    body.run_id = gsp__bytes_view(message->u.vector.run.id, GSP_RUN_ID_BYTES);
    body.step = message->u.vector.step;
    body.digest = message->u.vector.digest;
    body.z = gsp__bytes_view(message->u.vector.z, message->u.vector.length);
    if (message->type == GSP_MSG_COPY)
        pb.copy = &body;
    else
        pb.resync = &body;
    return pack_body(&pb, message->type, out);
}

static int pack_ping(enum gsp_message_type type, uint64_t nonce, struct gsp_buffer *out)
{
    Gossipd__Message pb = GOSSIPD__MESSAGE__INIT;
    Gossipd__Ping body = GOSSIPD__PING__INIT;
    body.nonce = nonce;
    if (type == GSP_MSG_PING)
        pb.ping = &body;
    else
        pb.pong = &body;
    return pack_body(&pb, type, out);
}

static int pack_summary(const struct gsp_summary *summary, struct gsp_buffer *out)
{
    Gossipd__Message pb = GOSSIPD__MESSAGE__INIT;
    struct gsp__packed_summary body;
    gsp__summary_to_pb(&body, summary);
    pb.summary = &body.pb;
    return pack_body(&pb, GSP_MSG_SUMMARY, out);
}

static int pack_close(const struct gsp_message *message, struct gsp_buffer *out)
{
    Gossipd__Message pb = GOSSIPD__MESSAGE__INIT;
    Gossipd__Close body = GOSSIPD__CLOSE__INIT;
    char reason[sizeof message->u.close.reason];
    memcpy(reason, message->u.close.reason, sizeof reason);
    gsp_text_clean(reason);
    body.reason = reason;
    pb.close = &body;
    return pack_body(&pb, GSP_MSG_CLOSE, out);
}

int gsp_message_pack(const struct gsp_message *message, struct gsp_buffer *out)
{
    int rc = check_message(message, NULL);
    if (rc) return rc;
    switch (message->type) {
    case GSP_MSG_WELCOME:
        return pack_welcome(message, out);
    case GSP_MSG_REFUSED:
        return pack_refused(message, out);
    case GSP_MSG_HELLO:
        return pack_hello(message, out);
    case GSP_MSG_RUN_STATE:
        return pack_run_state(&message->u.run_state, out);
    case GSP_MSG_RUN_HELLO:
        return pack_run_hello(message, out);
    case GSP_MSG_GOSSIP:
        return pack_gossip(message, out);
    case GSP_MSG_HAVE:
        return pack_step(GSP_MSG_HAVE, message->u.have.step, out);
    case GSP_MSG_DURABLE:
        return pack_step(GSP_MSG_DURABLE, message->u.durable.step, out);
    case GSP_MSG_EDGE_AT:
        return pack_step(GSP_MSG_EDGE_AT, message->u.edge_at.step, out);
    case GSP_MSG_GONE:
    case GSP_MSG_LOST:
        return pack_run_key(message, out);
    case GSP_MSG_COPY:
    case GSP_MSG_RESYNC:
        return pack_vector(message, out);
    case GSP_MSG_SUMMARY:
        return pack_summary(&message->u.summary, out);
    case GSP_MSG_PING:
    case GSP_MSG_PONG:
        return pack_ping(message->type, message->u.ping.nonce, out);
    case GSP_MSG_CLOSE:
        return pack_close(message, out);
    }
    return GSP_ERR_FORMAT;
}

/* ---- unpacking ---- */

static int get_hash(uint8_t out[32], const ProtobufCBinaryData *hash, struct gsp_error *error)
{
    if (hash->len != 32) return gsp_error_set(error, GSP_ERR_FORMAT, "a hash has %zu bytes, not 32", hash->len);
    memcpy(out, hash->data, 32);
    return 0;
}

static int get_run_state(struct gsp_run_state *out, const Gossipd__RunState *pb, struct gsp_error *error)
{
    int rc = gsp__run_from_pb(&out->run, pb->epoch, &pb->run_id, error);
    if (!rc) rc = gsp__text_copy(out->origin, sizeof out->origin, pb->origin, "a run's origin", error);
    if (!rc) rc = gsp__text_copy(out->settings, sizeof out->settings, pb->settings, "a run's settings", error);
    out->stop_round = pb->has_stop_round ? pb->stop_round : 0;
    out->target_reached = pb->has_target_reached && pb->target_reached;
    out->aborted = pb->abort != NULL;
    if (rc || !pb->abort) return rc;
    out->abort_asked = pb->abort->has_asked && pb->abort->asked;
    rc = gsp__text_copy(out->abort_node, sizeof out->abort_node, pb->abort->node, "who aborted a run", error);
    if (rc) return rc;
    return gsp__text_copy(out->abort_reason, sizeof out->abort_reason, pb->abort->reason, "why a run was aborted",
                          error);
}

static int get_run_hello(struct gsp_message *out, const Gossipd__RunHello *pb, struct gsp_error *error)
{
    out->u.run_hello.expect = pb->expect;
    out->u.run_hello.have = pb->have;
    out->u.run_hello.digest = pb->digest;
    out->u.run_hello.durable = pb->durable;
    out->u.run_hello.gathering = pb->gathering;
    out->u.run_hello.edge_down = pb->edge_down;
    out->u.run_hello.edge_since = pb->edge_since;
    return gsp__run_from_pb(&out->u.run_hello.run, pb->epoch, &pb->run_id, error);
}

static int get_body(struct gsp_message *out, const Gossipd__Message *pb, struct gsp_error *error)
{
    int rc;
    switch (out->type) {
    case GSP_MSG_WELCOME:
        out->u.welcome.incarnation = pb->welcome->incarnation;
        return get_hash(out->u.welcome.hash, &pb->welcome->hash, error);
    case GSP_MSG_REFUSED:
        rc = gsp__text_copy(out->u.refused.reason, sizeof out->u.refused.reason, pb->refused->reason, "a refusal",
                            error);
        return rc ? rc : get_hash(out->u.refused.hash, &pb->refused->hash, error);
    case GSP_MSG_HELLO:
        out->u.hello.incarnation = pb->hello->incarnation;
        return 0;
    case GSP_MSG_RUN_STATE:
        return get_run_state(&out->u.run_state, pb->run_state, error);
    case GSP_MSG_RUN_HELLO:
        return get_run_hello(out, pb->run_hello, error);
    case GSP_MSG_HAVE:
        out->u.have.step = pb->have->step;
        return 0;
    case GSP_MSG_DURABLE:
        out->u.durable.step = pb->durable->step;
        return 0;
    case GSP_MSG_SUMMARY:
        return gsp__summary_from_pb(&out->u.summary, pb->summary, error);
    case GSP_MSG_PING:
        out->u.ping.nonce = pb->ping->nonce;
        return 0;
    case GSP_MSG_PONG:
        out->u.ping.nonce = pb->pong->nonce;
        return 0;
    case GSP_MSG_CLOSE:
        return gsp__text_copy(out->u.close.reason, sizeof out->u.close.reason, pb->close->reason, "a farewell", error);
    case GSP_MSG_GONE:
        return gsp__run_from_pb(&out->u.gone.run, pb->gone->epoch, &pb->gone->run_id, error);
    case GSP_MSG_LOST:
        return gsp__run_from_pb(&out->u.gone.run, pb->lost->epoch, &pb->lost->run_id, error);
    case GSP_MSG_EDGE_AT:
        out->u.edge_at.step = pb->edge_at->step;
        return 0;
    case GSP_MSG_GOSSIP: /* these are never unpacked by protobuf-c */
    case GSP_MSG_COPY:
    case GSP_MSG_RESYNC:
        break;
    }
    return gsp_error_set(error, GSP_ERR_FORMAT, "no message has type %d", (int)out->type);
}

/* Messages that may be large are read here, so that their bytes stay where they are: protobuf-c would copy them. */
static int unpack_gossip(struct gsp_message *out, const struct gsp__field *body, struct gsp_error *error)
{
    const uint8_t *bytes = body->bytes;
    size_t length = body->length;
    int rc = gsp__scan(&gossipd__gossip__descriptor, REPEATS, bytes, length, error);
    while (!rc && length) {
        struct gsp__field field;
        rc = gsp__field_next(&bytes, &length, &field, error);
        if (rc) break;
        if (field.wire_type == PROTOBUF_C_WIRE_TYPE_VARINT) {
            out->u.gossip.step = field.value;
        } else {
            out->u.gossip.payload = field.bytes;
            out->u.gossip.length = field.length;
        }
    }
    return rc;
}

static int vector_field(struct gsp_message *out, const struct gsp__field *field, struct gsp_error *error)
{
    ProtobufCBinaryData id;
    switch (field->number) {
    case 1:
        out->u.vector.run.epoch = field->value;
        return 0;
    case 2:
        id = gsp__bytes_view(field->bytes, field->length);
        return gsp__run_from_pb(&out->u.vector.run, out->u.vector.run.epoch, &id, error);
    case 3:
        out->u.vector.step = field->value;
        return 0;
    case 4:
        for (unsigned i = 0; i < 8; i++) out->u.vector.digest |= (uint64_t)field->bytes[i] << (8 * i);
        return 0;
    default:
        out->u.vector.z = field->bytes;
        out->u.vector.length = field->length;
        return 0;
    }
}

static int unpack_vector(struct gsp_message *out, const struct gsp__field *body, struct gsp_error *error)
{
    const uint8_t *bytes = body->bytes;
    size_t length = body->length;
    int rc = gsp__scan(&gossipd__vector__descriptor, REPEATS, bytes, length, error);
    while (!rc && length) {
        struct gsp__field field;
        rc = gsp__field_next(&bytes, &length, &field, error);
        if (!rc) rc = vector_field(out, &field, error);
    }
    return rc;
}

static int unpack_other(struct gsp_message *out, const uint8_t *bytes, size_t length, struct gsp_error *error)
{
    ProtobufCMessage *pb;
    struct gsp__allocator allocator;
    if (length > GSP_MESSAGE_MAX)
        return gsp_error_set(error, GSP_ERR_FORMAT, "a message of %zu bytes, where %d is the most", length,
                             GSP_MESSAGE_MAX);
    gsp__allocator_init(&allocator, GSP__UNPACK_BASE + GSP__UNPACK_FACTOR * length);
    int rc = gsp__unpack(&pb, &gossipd__message__descriptor, REPEATS, bytes, length, &allocator, error);
    if (rc) return rc;
    rc = get_body(out, (const Gossipd__Message *)pb, error);
    gsp__unpacked_free(pb, &allocator);
    return rc;
}

int gsp_message_unpack(struct gsp_message *out, const uint8_t *bytes, size_t length, struct gsp_error *error)
{
    struct gsp__field body;
    const uint8_t *rest = bytes;
    size_t rest_length = length;
    memset(out, 0, sizeof *out);
    if (!length) return gsp_error_set(error, GSP_ERR_FORMAT, "an empty message");
    int rc = gsp__field_next(&rest, &rest_length, &body, error);
    if (rc) return rc;
    if (rest_length || body.wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
        return gsp_error_set(error, GSP_ERR_FORMAT, "a message that has not exactly one body");
    out->type = (enum gsp_message_type)body.number;
    if (body.number == GSP_MSG_GOSSIP)
        rc = unpack_gossip(out, &body, error);
    else if (body.number == GSP_MSG_COPY || body.number == GSP_MSG_RESYNC)
        rc = unpack_vector(out, &body, error);
    else
        rc = unpack_other(out, bytes, length, error);
    if (!rc) rc = check_message(out, error);
    if (rc) gsp_message_clear(out);
    return rc;
}

void gsp_message_clear(struct gsp_message *message)
{
    memset(message, 0, sizeof *message);
}
