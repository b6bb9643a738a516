/* Summaries to protobuf and back. */
#include "wire/summary_msg.h"
#include "wire/codec.h"
#include "wire/text.h"

#include <float.h>
#include <math.h>
#include <string.h>

const char *gsp_phase_name(enum gsp_phase phase)
{
    switch (phase) {
    case GSP_PHASE_IDLE:
        return "idle";
    case GSP_PHASE_RUNNING:
        return "running";
    case GSP_PHASE_WAITING:
        return "waiting";
    case GSP_PHASE_DONE:
        return "done";
    case GSP_PHASE_STOPPED:
        return "stopped";
    case GSP_PHASE_FAILED:
        return "failed";
    }
    return "unknown";
}

int gsp_run_key_compare(const struct gsp_run_key *a, const struct gsp_run_key *b)
{
    if (a->epoch != b->epoch) return a->epoch < b->epoch ? -1 : 1;
    int order = memcmp(a->id, b->id, sizeof a->id);
    return order < 0 ? -1 : order > 0;
}

int gsp__check_count(uint64_t count, const char *field, struct gsp_error *error)
{
    if (count <= GSP_COUNT_MAX) return 0;
    return gsp_error_set(error, GSP_ERR_FORMAT, "%s is %llu, which no count is", field, (unsigned long long)count);
}

int gsp__check_name(const char *name, const char *field, struct gsp_error *error)
{
    if (gsp__text_may_be_name(name)) return 0;
    return gsp_error_set(error, GSP_ERR_FORMAT, "%s is not a node's name", field);
}

int gsp__check_run(const struct gsp_run_key *run, struct gsp_error *error)
{
    static const uint8_t none[GSP_RUN_ID_BYTES];
    if (run->epoch || memcmp(run->id, none, sizeof none) == 0) return 0;
    return gsp_error_set(error, GSP_ERR_FORMAT, "a run in epoch 0 has an id");
}

int gsp__run_from_pb(struct gsp_run_key *run, uint64_t epoch, const ProtobufCBinaryData *id, struct gsp_error *error)
{
    if (id->len != sizeof run->id)
        return gsp_error_set(error, GSP_ERR_FORMAT, "a run's id has %zu bytes, not %zu", id->len, sizeof run->id);
    run->epoch = epoch;
    memcpy(run->id, id->data, sizeof run->id);
    return gsp__check_run(run, error);
}

double gsp__known_number(double value, double low, double high)
{
    return value >= low && value <= high ? value : NAN;
}

/* The doubles of a summary and the range of each. */
struct number {
    double *value;
    double low, high;
    const char *name;
};

enum { NUMBERS = 8 };

static void list_numbers(struct number out[NUMBERS], struct gsp_summary *summary)
{
    const struct number numbers[NUMBERS] = {
        {&summary->loss, -DBL_MAX, DBL_MAX, "loss"},
        {&summary->accuracy, 0, 1, "accuracy"},
        {&summary->consensus_error, 0, DBL_MAX, "consensus_error"},
        {&summary->seconds, 0, DBL_MAX, "seconds"},
        {&summary->residual, 0, DBL_MAX, "residual"},
        {&summary->target_max, -DBL_MAX, DBL_MAX, "target_max"},
        {&summary->target_min, -DBL_MAX, DBL_MAX, "target_min"},
        {&summary->lambda_max, 0, DBL_MAX, "lambda_max"},
    };
    memcpy(out, numbers, sizeof numbers);
}

static size_t listed(const struct gsp_summary *summary)
{
    return summary->waiting_count < GSP_WAITING_MAX ? summary->waiting_count : GSP_WAITING_MAX;
}

int gsp__check_summary(const struct gsp_summary *summary, struct gsp_error *error)
{
    const uint64_t counts[] = {summary->round,      summary->rounds,         summary->step,  summary->gossip_step,
                               summary->bytes_sent, summary->bytes_received, summary->rows,  summary->columns,
                               summary->dtype,      summary->waiting_count,  summary->result};
    int rc = gsp__check_name(summary->node, "a summary's node", error);
    if (!rc) rc = gsp__check_run(&summary->run, error);
    if (!rc && summary->phase > GSP_PHASE_FAILED)
        rc = gsp_error_set(error, GSP_ERR_FORMAT, "phase %u is unknown", (unsigned)summary->phase);
    for (size_t i = 0; !rc && i < sizeof counts / sizeof *counts; i++)
        rc = gsp__check_count(counts[i], "a number in a summary", error);
    if (!rc) rc = gsp__check_count(summary->model.dimension, "a model's dimension", error);
    for (size_t i = 0; !rc && i < listed(summary); i++)
        rc = gsp__check_name(summary->waiting[i], "who a summary waits for", error);
    return rc;
}

static void put_counts(Gossipd__Summary *pb, const struct gsp_summary *summary)
{
    pb->number = summary->number;
    pb->poll = summary->poll;
    pb->epoch = summary->run.epoch;
    pb->ended = summary->ended;
    pb->result = summary->result;
    pb->round = summary->round;
    pb->rounds = summary->rounds;
    pb->step = summary->step;
    pb->gossip_step = summary->gossip_step;
    pb->bytes_sent = summary->bytes_sent;
    pb->bytes_received = summary->bytes_received;
    pb->waiting_count = summary->waiting_count;
    pb->rows = summary->rows;
    pb->columns = summary->columns;
    pb->dtype = summary->dtype;
    pb->targets_whole = summary->targets_whole;
    pb->has_columns_named = summary->columns_named != 0;
    pb->columns_named = summary->columns_named;
}

static void put_number(protobuf_c_boolean *has, double *out, double value)
{
    *has = !isnan(value);
    *out = isnan(value) ? 0 : value;
}

static void put_numbers(Gossipd__Summary *pb, const struct gsp_summary *summary)
{
    put_number(&pb->has_loss, &pb->loss, summary->loss);
    put_number(&pb->has_accuracy, &pb->accuracy, summary->accuracy);
    put_number(&pb->has_consensus_error, &pb->consensus_error, summary->consensus_error);
    put_number(&pb->has_seconds, &pb->seconds, summary->seconds);
    put_number(&pb->has_residual, &pb->residual, summary->residual);
    put_number(&pb->has_target_max, &pb->target_max, summary->target_max);
    put_number(&pb->has_target_min, &pb->target_min, summary->target_min);
    put_number(&pb->has_lambda_max, &pb->lambda_max, summary->lambda_max);
}

static void put_model(struct gsp__packed_summary *out, struct gsp_model_summary *model)
{
    if (!model->dimension) return;
    gsp_text_clean(model->name);
    gossipd__model__init(&out->model);
    out->model.name = model->name;
    out->model.dimension = model->dimension;
    out->model.has_x0 = model->has_x0;
    out->model.x0 = (ProtobufCBinaryData){sizeof model->x0, model->x0};
    out->pb.model = &out->model;
}

void gsp__summary_to_pb(struct gsp__packed_summary *out, const struct gsp_summary *summary)
{
    struct number numbers[NUMBERS];
    struct gsp_summary *copy = &out->copy;
    *copy = *summary;
    gsp_text_clean(copy->reason);
    list_numbers(numbers, copy);
    for (size_t i = 0; i < NUMBERS; i++)
        *numbers[i].value = gsp__known_number(*numbers[i].value, numbers[i].low, numbers[i].high);
    gossipd__summary__init(&out->pb);
    put_counts(&out->pb, copy);
    put_numbers(&out->pb, copy);
    out->pb.node = copy->node;
    out->pb.phase = (Gossipd__Phase)copy->phase;
    out->pb.reason = *copy->reason ? copy->reason : NULL;
    out->pb.run_id = (ProtobufCBinaryData){sizeof copy->run.id, copy->run.id};
    put_model(out, &copy->model);
    out->pb.n_waiting = listed(copy);
    out->pb.waiting = out->waiting;
    for (size_t i = 0; i < out->pb.n_waiting; i++) out->waiting[i] = copy->waiting[i];
}

static void get_counts(struct gsp_summary *summary, const Gossipd__Summary *pb)
{
    summary->number = pb->number;
    summary->poll = pb->poll;
    summary->ended = pb->ended;
    summary->result = pb->result;
    summary->round = pb->round;
    summary->rounds = pb->rounds;
    summary->step = pb->step;
    summary->gossip_step = pb->gossip_step;
    summary->bytes_sent = pb->bytes_sent;
    summary->bytes_received = pb->bytes_received;
    summary->waiting_count = pb->waiting_count;
    summary->rows = pb->rows;
    summary->columns = pb->columns;
    summary->dtype = pb->dtype;
    summary->targets_whole = pb->targets_whole;
    summary->columns_named = pb->has_columns_named ? pb->columns_named : 0;
}

static void get_numbers(struct gsp_summary *summary, const Gossipd__Summary *pb)
{
    summary->loss = pb->has_loss ? pb->loss : NAN;
    summary->accuracy = pb->has_accuracy ? pb->accuracy : NAN;
    summary->consensus_error = pb->has_consensus_error ? pb->consensus_error : NAN;
    summary->seconds = pb->has_seconds ? pb->seconds : NAN;
    summary->residual = pb->has_residual ? pb->residual : NAN;
    summary->target_max = pb->has_target_max ? pb->target_max : NAN;
    summary->target_min = pb->has_target_min ? pb->target_min : NAN;
    summary->lambda_max = pb->has_lambda_max ? pb->lambda_max : NAN;
}

static int check_numbers(struct gsp_summary *summary, struct gsp_error *error)
{
    struct number numbers[NUMBERS];
    list_numbers(numbers, summary);
    for (size_t i = 0; i < NUMBERS; i++) {
        const struct number *number = &numbers[i];
        if (isnan(*number->value) || (*number->value >= number->low && *number->value <= number->high)) continue;
        return gsp_error_set(error, GSP_ERR_FORMAT, "%s is %g, out of range", number->name, *number->value);
    }
    return 0;
}

static int get_model(struct gsp_model_summary *out, const Gossipd__Model *pb, struct gsp_error *error)
{
    if (!pb) return 0;
    out->dimension = pb->dimension;
    out->has_x0 = pb->has_x0;
    if (!pb->dimension || (pb->has_x0 && pb->x0.len != sizeof out->x0))
        return gsp_error_set(error, GSP_ERR_FORMAT, "a model without a dimension, or with a digest of %zu bytes",
                             pb->x0.len);
    if (pb->has_x0) memcpy(out->x0, pb->x0.data, sizeof out->x0);
    return gsp__text_copy(out->name, sizeof out->name, pb->name, "a model's name", error);
}

int gsp__summary_from_pb(struct gsp_summary *out, const Gossipd__Summary *pb, struct gsp_error *error)
{
    *out = (struct gsp_summary){.phase = (enum gsp_phase)pb->phase};
    get_counts(out, pb);
    get_numbers(out, pb);
    int rc = gsp__run_from_pb(&out->run, pb->epoch, &pb->run_id, error);
    if (!rc) rc = gsp__text_copy(out->node, sizeof out->node, pb->node, "a summary's node", error);
    if (!rc) rc = gsp__text_copy(out->reason, sizeof out->reason, pb->reason, "a summary's reason", error);
    if (!rc && pb->n_waiting != listed(out))
        rc = gsp_error_set(error, GSP_ERR_FORMAT, "a summary waits for %zu nodes and names %zu", out->waiting_count,
                           pb->n_waiting);
    for (size_t i = 0; !rc && i < pb->n_waiting; i++)
        rc = gsp__text_copy(out->waiting[i], sizeof out->waiting[i], pb->waiting[i], "who a summary waits for", error);
    if (!rc) rc = get_model(&out->model, pb->model, error);
    if (!rc) rc = gsp__check_summary(out, error);
    if (!rc) rc = check_numbers(out, error);
    return rc;
}
