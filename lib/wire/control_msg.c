/* Requests and replies of the control socket to protobuf and back. */
#include "wire/codec.h"
#include "wire/summary_msg.h"
#include "wire/text.h"
#include "wire/worker_msg.h"

#include "control.pb-c.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static_assert((int)GSP_REQ_STATUS == (int)GOSSIPD__REQUEST_TYPE__STATUS, "one numbering");
static_assert((int)GSP_REQ_RELOAD == (int)GOSSIPD__REQUEST_TYPE__RELOAD, "one numbering");

enum { WAITING_FIELD = 21, NODES_FIELD = 8, LINKS_FIELD = 9, VALUES_FIELD = 10, METRICS_FIELD = 5 };

static const struct gsp__repeat REPEATS[] = {
    {&gossipd__summary__descriptor, WAITING_FIELD, GSP_WAITING_MAX},
    {&gossipd__reply__descriptor, NODES_FIELD, GSP_NODES_MAX},
    {&gossipd__reply__descriptor, LINKS_FIELD, GSP_NODES_MAX},
    {&gossipd__reply__descriptor, VALUES_FIELD, GSP_DUMP_CHUNK},
    {&gossipd__worker_status__descriptor, METRICS_FIELD, GSP_METRICS_MAX},
    {NULL, 0, 0},
};

/* ---- requests ---- */

static int check_request(const struct gsp_request *request, struct gsp_error *error)
{
    if (request->type < GSP_REQ_STATUS || request->type > GSP_REQ_RELOAD)
        return gsp_error_set(error, GSP_ERR_FORMAT, "no request has type %d", (int)request->type);
    if (request->type == GSP_REQ_DUMP && request->vector != 'x' && request->vector != 'z')
        return gsp_error_set(error, GSP_ERR_FORMAT, "a dump is of x or z");
    return gsp__check_count(request->position, "position", error);
}

int gsp_request_pack(const struct gsp_request *request, struct gsp_buffer *out)
{
    Gossipd__Request pb = GOSSIPD__REQUEST__INIT;
    char vector[2] = {request->vector, 0};
    char *settings = NULL;
    int rc = check_request(request, NULL);
    if (rc) return rc;
    if (request->settings) {
        settings = gsp_strdup(request->settings);
        if (!settings) return GSP_ERR_NOMEM;
        gsp_text_clean(settings);
    }
    pb.type = (Gossipd__RequestType)request->type;
    pb.settings = settings;
    pb.has_now = request->now;
    pb.now = request->now;
    pb.vector = request->type == GSP_REQ_DUMP ? vector : NULL;
    pb.has_position = request->position != 0;
    pb.position = request->position;
    rc = gsp__pack(&pb.base, GSP_REQUEST_MAX, out);
    free(settings);
    return rc;
}

static int get_request(struct gsp_request *out, const Gossipd__Request *pb, struct gsp_error *error)
{
    out->type = (enum gsp_request_type)pb->type;
    out->now = pb->has_now && pb->now;
    out->position = pb->has_position ? pb->position : 0;
    if (pb->vector && strlen(pb->vector) != 1) return gsp_error_set(error, GSP_ERR_FORMAT, "a dump is of x or z");
    out->vector = pb->vector ? *pb->vector : 0;
    if (pb->settings) {
        out->settings = gsp_strdup(pb->settings);
        if (!out->settings) return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for a request");
    }
    return check_request(out, error);
}

int gsp_request_unpack(struct gsp_request *out, const uint8_t *bytes, size_t length, struct gsp_error *error)
{
    ProtobufCMessage *pb;
    struct gsp__allocator allocator;
    *out = (struct gsp_request){0};
    if (length > GSP_REQUEST_MAX)
        return gsp_error_set(error, GSP_ERR_FORMAT, "a request of %zu bytes, where %d is the most", length,
                             GSP_REQUEST_MAX);
    gsp__allocator_init(&allocator, GSP__UNPACK_BASE + GSP__UNPACK_FACTOR * length);
    int rc = gsp__unpack(&pb, &gossipd__request__descriptor, REPEATS, bytes, length, &allocator, error);
    if (rc) return rc;
    rc = get_request(out, (const Gossipd__Request *)pb, error);
    gsp__unpacked_free(pb, &allocator);
    if (rc) gsp_request_clear(out);
    return rc;
}

void gsp_request_clear(struct gsp_request *request)
{
    free(request->settings);
    *request = (struct gsp_request){0};
}

/* ---- replies ---- */

static int check_link(const struct gsp_link_status *link, struct gsp_error *error)
{
    int rc = gsp__check_name(link->name, "a link's name", error);
    if (!rc) rc = gsp__check_count(link->bytes_sent, "a link's bytes_sent", error);
    if (!rc) rc = gsp__check_count(link->bytes_received, "a link's bytes_received", error);
    return rc;
}

static int check_part(const struct gsp_reply *reply, struct gsp_error *error)
{
    int rc = gsp__check_count(reply->part_total, "part_total", error);
    if (!rc) rc = gsp__check_count(reply->round, "round", error);
    if (rc) return rc;
    if (reply->part_length > GSP_PART_MAX || reply->part_offset > reply->part_total ||
        reply->part_length > reply->part_total - reply->part_offset)
        return gsp_error_set(error, GSP_ERR_FORMAT, "a part that is too long, or beyond the end of its file");
    return 0;
}

static int check_reply(const struct gsp_reply *reply, struct gsp_error *error)
{
    int rc = gsp__check_run(&reply->run, error);
    if (!rc && !protobuf_c_enum_descriptor_get_value(&gossipd__reply_code__descriptor, (int)reply->code))
        rc = gsp_error_set(error, GSP_ERR_FORMAT, "%d is no code of a reply", (int)reply->code);
    if (!rc) rc = gsp__check_count(reply->value_total, "value_total", error);
    if (!rc &&
        (reply->value_offset > reply->value_total || reply->value_count > reply->value_total - reply->value_offset))
        rc = gsp_error_set(error, GSP_ERR_FORMAT, "a chunk beyond the end of its vector");
    if (!rc &&
        (reply->node_count > GSP_NODES_MAX || reply->link_count > GSP_NODES_MAX || reply->value_count > GSP_DUMP_CHUNK))
        rc = gsp_error_set(error, GSP_ERR_FORMAT, "more nodes, links or values than a reply may have");
    if (!rc) rc = check_part(reply, error);
    for (size_t i = 0; !rc && i < reply->node_count; i++) rc = gsp__check_summary(&reply->nodes[i], error);
    for (size_t i = 0; !rc && i < reply->link_count; i++) rc = check_link(&reply->links[i], error);
    return rc;
}

/* A link ready to be packed: `pb` points into `copy`. */
struct packed_link {
    Gossipd__Link pb;
    struct gsp_link_status copy;
};

static void link_to_pb(struct packed_link *out, const struct gsp_link_status *link)
{
    out->copy = *link;
    gsp_text_clean(out->copy.state);
    gsp_text_clean(out->copy.detail);
    gossipd__link__init(&out->pb);
    out->pb.name = out->copy.name;
    out->pb.state = out->copy.state;
    out->pb.detail = *out->copy.detail ? out->copy.detail : NULL;
    out->pb.bytes_sent = link->bytes_sent;
    out->pb.bytes_received = link->bytes_received;
    double rtt_ms = gsp__known_number(link->rtt_ms, 0, DBL_MAX);
    out->pb.has_rtt_ms = !isnan(rtt_ms);
    out->pb.rtt_ms = isnan(rtt_ms) ? 0 : rtt_ms;
}

/* The parts of a reply that its protobuf form points to. */
struct reply_parts {
    char message[sizeof((struct gsp_reply *)0)->message], version[sizeof((struct gsp_reply *)0)->version];
    char settings[sizeof((struct gsp_reply *)0)->settings];
    struct gsp__packed_summary *nodes;
    Gossipd__Summary **node_list;
    struct packed_link *links;
    struct gsp__packed_worker worker;
    Gossipd__Link **link_list;
};

static void free_parts(struct reply_parts *parts)
{
    if (!parts) return;
    free(parts->nodes);
    free(parts->node_list);
    free(parts->links);
    free(parts->link_list);
    free(parts);
}

static struct reply_parts *make_parts(const struct gsp_reply *reply)
{
    struct reply_parts *parts = gsp_alloc(1, sizeof *parts);
    if (!parts) return NULL;
    parts->nodes = gsp_alloc(reply->node_count, sizeof *parts->nodes);
    parts->node_list = gsp_alloc(reply->node_count, sizeof *parts->node_list);
    parts->links = gsp_alloc(reply->link_count, sizeof *parts->links);
    parts->link_list = gsp_alloc(reply->link_count, sizeof *parts->link_list);
    if (!parts->nodes || !parts->node_list || !parts->links || !parts->link_list) {
        free_parts(parts);
        return NULL;
    }
    for (size_t i = 0; i < reply->node_count; i++) {
        gsp__summary_to_pb(&parts->nodes[i], &reply->nodes[i]);
        parts->node_list[i] = &parts->nodes[i].pb;
    }
    for (size_t i = 0; i < reply->link_count; i++) {
        link_to_pb(&parts->links[i], &reply->links[i]);
        parts->link_list[i] = &parts->links[i].pb;
    }
    gsp__worker_to_pb(&parts->worker, &reply->worker);
    memcpy(parts->message, reply->message, sizeof parts->message);
    memcpy(parts->version, reply->version, sizeof parts->version);
    memcpy(parts->settings, reply->settings, sizeof parts->settings);
    gsp_text_clean(parts->message);
    gsp_text_clean(parts->version);
    gsp_text_clean(parts->settings);
    return parts;
}

int gsp_reply_pack(const struct gsp_reply *reply, struct gsp_buffer *out)
{
    Gossipd__Reply pb = GOSSIPD__REPLY__INIT;
    int rc = check_reply(reply, NULL);
    if (rc) return rc;
    struct reply_parts *parts = make_parts(reply);
    if (!parts) return GSP_ERR_NOMEM;
    pb.code = (Gossipd__ReplyCode)reply->code;
    pb.more = reply->more;
    pb.message = *parts->message ? parts->message : NULL;
    pb.version = *parts->version ? parts->version : NULL;
    pb.settings = *parts->settings ? parts->settings : NULL;
    pb.epoch = reply->run.epoch;
    pb.run_id = gsp__bytes_view(reply->run.id, sizeof reply->run.id);
    pb.n_nodes = reply->node_count;
    pb.nodes = parts->node_list;
    pb.n_links = reply->link_count;
    pb.links = parts->link_list;
    pb.worker = reply->worker.phase ? &parts->worker.pb : NULL;
    pb.n_values = reply->value_count;
    pb.values = reply->values;
    pb.has_value_total = reply->value_total != 0;
    pb.value_total = reply->value_total;
    pb.has_value_offset = reply->value_offset != 0;
    pb.value_offset = reply->value_offset;
    pb.has_part = reply->part_length != 0;
    pb.part = gsp__bytes_view(reply->part, reply->part_length);
    pb.has_round = reply->round != 0;
    pb.round = reply->round;
    pb.has_part_total = reply->part_total != 0;
    pb.part_total = reply->part_total;
    pb.has_part_offset = reply->part_offset != 0;
    pb.part_offset = reply->part_offset;
    rc = gsp__pack(&pb.base, GSP_REPLY_MAX, out);
    free_parts(parts);
    return rc;
}

static int get_link(struct gsp_link_status *out, const Gossipd__Link *pb, struct gsp_error *error)
{
    out->bytes_sent = pb->bytes_sent;
    out->bytes_received = pb->bytes_received;
    out->rtt_ms = pb->has_rtt_ms ? pb->rtt_ms : NAN;
    if (pb->has_rtt_ms && pb->rtt_ms < 0)
        return gsp_error_set(error, GSP_ERR_FORMAT, "rtt_ms is %g, out of range", pb->rtt_ms);
    int rc = gsp__text_copy(out->name, sizeof out->name, pb->name, "a link's name", error);
    if (!rc) rc = gsp__text_copy(out->state, sizeof out->state, pb->state, "a link's state", error);
    if (!rc) rc = gsp__text_copy(out->detail, sizeof out->detail, pb->detail, "a link's detail", error);
    return rc;
}

/* Memory for the lists; what was got is in *out, which the caller clears on failure. */
static int make_lists(struct gsp_reply *out, const Gossipd__Reply *pb, struct gsp_error *error)
{
    if (pb->n_nodes) out->nodes = gsp_alloc(pb->n_nodes, sizeof *out->nodes);
    if (pb->n_links) out->links = gsp_alloc(pb->n_links, sizeof *out->links);
    if (pb->n_values) out->values = gsp_alloc(pb->n_values, sizeof *out->values);
    size_t part = pb->has_part ? pb->part.len : 0;
    if (part) out->part = malloc(part);
    if ((pb->n_nodes && !out->nodes) || (pb->n_links && !out->links) || (pb->n_values && !out->values) ||
        (part && !out->part))
        return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for a reply");
    out->node_count = pb->n_nodes;
    out->link_count = pb->n_links;
    out->value_count = pb->n_values;
    out->part_length = part;
    if (part) memcpy(out->part, pb->part.data, part);
    if (pb->n_values) memcpy(out->values, pb->values, pb->n_values * sizeof *out->values);
    return 0;
}

static int get_reply(struct gsp_reply *out, const Gossipd__Reply *pb, struct gsp_error *error)
{
    out->code = (enum gsp_reply_code)pb->code;
    out->more = pb->more;
    out->value_total = pb->has_value_total ? pb->value_total : 0;
    out->value_offset = pb->has_value_offset ? pb->value_offset : 0;
    out->round = pb->has_round ? pb->round : 0;
    out->part_total = pb->has_part_total ? pb->part_total : 0;
    out->part_offset = pb->has_part_offset ? pb->part_offset : 0;
    int rc = gsp__run_from_pb(&out->run, pb->epoch, &pb->run_id, error);
    if (!rc) rc = gsp__text_copy(out->message, sizeof out->message, pb->message, "a reply's message", error);
    if (!rc) rc = gsp__text_copy(out->version, sizeof out->version, pb->version, "a reply's version", error);
    if (!rc) rc = gsp__text_copy(out->settings, sizeof out->settings, pb->settings, "a reply's settings", error);
    if (!rc) rc = make_lists(out, pb, error);
    for (size_t i = 0; !rc && i < pb->n_nodes; i++) rc = gsp__summary_from_pb(&out->nodes[i], pb->nodes[i], error);
    if (!rc) rc = gsp__worker_from_pb(&out->worker, pb->worker, error);
    for (size_t i = 0; !rc && i < pb->n_links; i++) rc = get_link(&out->links[i], pb->links[i], error);
    return rc ? rc : check_reply(out, error);
}

int gsp_reply_unpack(struct gsp_reply *out, const uint8_t *bytes, size_t length, struct gsp_error *error)
{
    ProtobufCMessage *pb;
    struct gsp__allocator allocator;
    *out = (struct gsp_reply){0};
    if (length > GSP_REPLY_MAX)
        return gsp_error_set(error, GSP_ERR_FORMAT, "a reply of %zu bytes, where %u is the most", length,
                             GSP_REPLY_MAX);
    gsp__allocator_init(&allocator, GSP__UNPACK_BASE + GSP__UNPACK_FACTOR * length);
    int rc = gsp__unpack(&pb, &gossipd__reply__descriptor, REPEATS, bytes, length, &allocator, error);
    if (rc) return rc;
    rc = get_reply(out, (const Gossipd__Reply *)pb, error);
    gsp__unpacked_free(pb, &allocator);
    if (rc) gsp_reply_clear(out);
    return rc;
}

void gsp_reply_clear(struct gsp_reply *reply)
{
    free(reply->nodes);
    free(reply->links);
    free(reply->values);
    free(reply->part);
    *reply = (struct gsp_reply){0};
}
