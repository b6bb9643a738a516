/* Messages of a talk with a worker as bytes, and what may stand in them. */
#include "talk/talk.h"

#include "base/bytes.h"

#include <stdio.h>
#include <string.h>

enum {
    TENSORS_MAX = 4096,
    SHAPE_MAX = 16,
    METRICS_MAX = GSP_METRICS_MAX,
    TENSORS_FIELD = 12,
    SHAPE_FIELD = 2,
    METRICS_FIELD = 6
};
enum { RESULT_METRICS_FIELD = 2, VERSION = 1, DETAIL_MAX = 200 };

static const struct gsp__repeat REPEATS[] = {
    {&gossipd__worker_hello__descriptor, TENSORS_FIELD, TENSORS_MAX},
    {&gossipd__worker_tensor__descriptor, SHAPE_FIELD, SHAPE_MAX},
    {&gossipd__worker_done__descriptor, METRICS_FIELD, METRICS_MAX},
    {&gossipd__worker_result__descriptor, RESULT_METRICS_FIELD, METRICS_MAX},
    {NULL, 0, 0},
};

bool gsp__frame_take(struct gsp__frame *out, const struct gsp_buffer *in, size_t most, size_t *used, int *rc,
                     struct gsp_error *error)
{
    struct gsp_error detail = {0};
    *rc = 0;
    if (in->length < 4) return false;
    size_t length = gsp__load32(in->data);
    if (length > most) {
        *rc = gsp_error_set(error, GSP_ERR_FORMAT, "a message of %zu bytes, where %zu are the most", length, most);
        return false;
    }
    if (in->length - 4 < length) return false;
    gsp__allocator_init(&out->allocator, GSP__UNPACK_BASE + GSP__UNPACK_FACTOR * length);
    *rc = gsp__unpack(&out->message, &gossipd__worker_message__descriptor, REPEATS, in->data + 4, length,
                      &out->allocator, &detail);
    if (*rc) {
        gsp_error_set(error, *rc, "no message of proto/worker.proto: %.*s", DETAIL_MAX, detail.message);
        return false;
    }
    out->body = (const Gossipd__WorkerMessage *)out->message;
    *used = 4 + length;
    return true;
}

void gsp__frame_clear(struct gsp__frame *frame)
{
    if (frame->message) gsp__unpacked_free(frame->message, &frame->allocator);
    frame->message = NULL;
    frame->body = NULL;
}

int gsp__frame_put(const Gossipd__WorkerMessage *message, struct gsp_buffer *out)
{
    return gsp__pack(&message->base, UINT32_MAX, out);
}

static int check_name(const char *name, struct gsp_error *error)
{
    size_t length = strlen(name);
    if (length && length <= GSP_MODEL_MAX && !strchr(name, '\n')) return 0;
    return gsp_error_set(error, GSP_ERR_FORMAT, "the model's name must have 1 to %d bytes, in one line", GSP_MODEL_MAX);
}

int gsp__hello_take(struct gsp_worker_facts *out, bool *inline_vectors, const Gossipd__WorkerHello *pb,
                    struct gsp_error *error)
{
    *out = (struct gsp_worker_facts){0};
    struct gsp_model_summary *model = &out->model;
    if (pb->version_min > VERSION || pb->version_max < VERSION)
        return gsp_error_set(error, GSP_ERR_FORMAT, "it speaks versions %u to %u, this gossipd %d", pb->version_min,
                             pb->version_max, VERSION);
    int rc = check_name(pb->model, error);
    if (rc) return rc;
    if (!pb->dimension || (double)pb->dimension > GSP_WORKER_DIMENSION_MAX)
        return gsp_error_set(error, GSP_ERR_FORMAT, "a model of %llu parameters, where 1 to %.0f may be",
                             (unsigned long long)pb->dimension, GSP_WORKER_DIMENSION_MAX);
    if (pb->has_x0_digest && pb->x0_digest.len != sizeof model->x0)
        return gsp_error_set(error, GSP_ERR_FORMAT, "the digest of x0 has %zu bytes, not %zu", pb->x0_digest.len,
                             sizeof model->x0);
    snprintf(model->name, sizeof model->name, "%s", pb->model);
    model->dimension = pb->dimension;
    model->has_x0 = pb->has_x0_digest;
    if (pb->has_x0_digest) memcpy(model->x0, pb->x0_digest.data, sizeof model->x0);
    snprintf(out->fingerprint, sizeof out->fingerprint, "%s",
             pb->fingerprint && *pb->fingerprint ? pb->fingerprint : "a worker");
    out->rows = pb->has_rows && pb->rows <= GSP_COUNT_MAX ? pb->rows : 0;
    out->state_max = pb->has_state_max ? pb->state_max : 0;
    out->evaluates = pb->has_evaluates && pb->evaluates;
    *inline_vectors = pb->has_inline_vectors && pb->inline_vectors;
    out->dtype = pb->dtype == GOSSIPD__WORKER_DTYPE__WORKER_F32 ? GSP_FLOAT32 : GSP_FLOAT64;
    return 0;
}

void gsp__little_values(uint8_t *values, size_t count, size_t width)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    (void)values, (void)count, (void)width;
#else
    for (size_t i = 0; i < count; i++)
        for (size_t low = i * width, high = low + width - 1; low < high; low++, high--) {
            uint8_t byte = values[low];
            values[low] = values[high];
            values[high] = byte;
        }
#endif
}
