/* Messages between daemons to protobuf. */
#include "wire/codec.h"
#include "wire/peer_msg.h"
#include "wire/summary_msg.h"
#include "wire/text.h"

#include <assert.h>
#include <string.h>

static_assert((int)GSP_MSG_WELCOME == (int)GOSSIPD__MESSAGE__BODY_WELCOME, "one numbering");
static_assert((int)GSP_MSG_EDGE_AT == (int)GOSSIPD__MESSAGE__BODY_EDGE_AT, "one numbering");
static_assert((int)GSP_PHASE_FAILED == (int)GOSSIPD__PHASE__FAILED, "one numbering");

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
    int rc = gsp__check_message(message, NULL);
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
