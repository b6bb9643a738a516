/* Messages between daemons from protobuf. */
#include "wire/codec.h"
#include "wire/peer_msg.h"
#include "wire/summary_msg.h"
#include "wire/text.h"

#include <string.h>

enum { WAITING_FIELD = 21 };

static const struct gsp__repeat REPEATS[] = {
    {&gossipd__summary__descriptor, WAITING_FIELD, GSP_WAITING_MAX},
    {NULL, 0, 0},
};

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
    if (!rc) rc = gsp__check_message(out, error);
    if (rc) gsp_message_clear(out);
    return rc;
}

void gsp_message_clear(struct gsp_message *message)
{
    memset(message, 0, sizeof *message);
}
