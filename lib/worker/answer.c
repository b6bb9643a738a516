/* What the worker says. */
#include "worker/inside.h"

#include <ctype.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static ProtobufCBinaryData view(const void *bytes, size_t length)
{
    return (ProtobufCBinaryData){.data = (uint8_t *)(uintptr_t)bytes, .len = length};
}

int gsp__worker_hello(struct gsp_worker *worker, struct gsp_worker_error *error)
{
    const struct gsp_worker_model *model = &worker->model;
    Gossipd__WorkerMessage message = GOSSIPD__WORKER_MESSAGE__INIT;
    Gossipd__WorkerHello hello = GOSSIPD__WORKER_HELLO__INIT;
    uint8_t digest[16];
    hello.version_min = hello.version_max = GSP__WORKER_VERSION;
    hello.model = (char *)(uintptr_t)model->name;
    hello.dimension = model->dimension;
    hello.dtype =
        model->dtype == GSP_WORKER_F32 ? GOSSIPD__WORKER_DTYPE__WORKER_F32 : GOSSIPD__WORKER_DTYPE__WORKER_F64;
    hello.fingerprint = *model->fingerprint ? (char *)(uintptr_t)model->fingerprint : NULL;
    hello.has_inline_vectors = hello.inline_vectors = model->inline_vectors;
    hello.has_evaluates = hello.evaluates = model->evaluate != NULL;
    hello.has_state_max = model->state_max > 0;
    hello.state_max = model->state_max;
    hello.has_rows = model->rows > 0;
    hello.rows = model->rows;
    if (model->x0) {
        crypto_generichash(digest, sizeof digest, model->x0, worker->bytes, NULL, 0);
        hello.has_x0_digest = true;
        hello.x0_digest = view(digest, sizeof digest);
    }
    message.body_case = GOSSIPD__WORKER_MESSAGE__BODY_HELLO;
    message.hello = &hello;
    return gsp__worker_send(worker, &message, error);
}

int gsp__worker_ready(struct gsp_worker *worker, bool with_x0, struct gsp_worker_error *error)
{
    Gossipd__WorkerMessage message = GOSSIPD__WORKER_MESSAGE__INIT;
    Gossipd__WorkerReady ready = GOSSIPD__WORKER_READY__INIT;
    if (with_x0 && worker->model.x0) {
        ready.has_x0 = ready.x0 = true;
        ready.has_vector = worker->model.inline_vectors;
        ready.vector = view(worker->model.x0, worker->bytes);
        memcpy(worker->vector, worker->model.x0, worker->bytes);
    }
    message.body_case = GOSSIPD__WORKER_MESSAGE__BODY_READY;
    message.ready = &ready;
    return gsp__worker_send(worker, &message, error);
}

/* The metrics as messages have them. */
struct metric_list {
    Gossipd__WorkerMetric values[GSP__WORKER_METRICS];
    Gossipd__WorkerMetric *pointers[GSP__WORKER_METRICS];
};

/* Takes those that were given: the next answer begins without any. */
static size_t list_metrics(struct gsp_worker *worker, struct metric_list *list)
{
    size_t count = worker->metric_count;
    for (size_t i = 0; i < count; i++) {
        gossipd__worker_metric__init(&list->values[i]);
        list->values[i].name = worker->metrics[i].name;
        list->values[i].has_value = isfinite(worker->metrics[i].value);
        list->values[i].value = worker->metrics[i].value;
        list->pointers[i] = &list->values[i];
    }
    worker->metric_count = 0;
    return count;
}

int gsp__worker_result(struct gsp_worker *worker, uint64_t round, struct gsp_worker_error *error)
{
    Gossipd__WorkerMessage message = GOSSIPD__WORKER_MESSAGE__INIT;
    Gossipd__WorkerResult result = GOSSIPD__WORKER_RESULT__INIT;
    struct metric_list list;
    result.round = round;
    result.n_metrics = list_metrics(worker, &list);
    result.metrics = list.pointers;
    message.body_case = GOSSIPD__WORKER_MESSAGE__BODY_RESULT;
    message.result = &result;
    return gsp__worker_send(worker, &message, error);
}

int gsp_worker_metric(struct gsp_worker *worker, const char *name, double value)
{
    size_t length = strlen(name);
    if (!length || length > 32 || worker->metric_count == GSP__WORKER_METRICS) return GSP_WORKER_ERR_USAGE;
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '_') return GSP_WORKER_ERR_USAGE;
    struct gsp__worker_metric *metric = &worker->metrics[worker->metric_count++];
    memcpy(metric->name, name, length + 1);
    metric->value = value;
    return 0;
}

static int save(struct gsp_worker *worker, Gossipd__WorkerDone *done, struct gsp_worker_error *error)
{
    const struct gsp_worker_model *model = &worker->model;
    size_t length = 0;
    done->has_state_length = true;
    if (!model->state_max) return 0;
    if (model->save(model->context, worker->state, (size_t)model->state_max, &length) || length > model->state_max) {
        gsp_worker_failed(worker, "the worker could not save its state");
        return gsp__worker_fail(error, GSP_WORKER_ERR_CALLBACK, "saving the state failed");
    }
    done->state_length = length;
    done->has_state = model->inline_vectors;
    done->state = view(worker->state, length);
    return 0;
}

static int answer(struct gsp_worker *worker, Gossipd__WorkerKind kind, const void *values, double loss, uint64_t rows,
                  struct gsp_worker_error *error)
{
    Gossipd__WorkerMessage message = GOSSIPD__WORKER_MESSAGE__INIT;
    Gossipd__WorkerDone done = GOSSIPD__WORKER_DONE__INIT;
    struct metric_list list;
    if (!worker->in_step) return gsp__worker_fail(error, GSP_WORKER_ERR_USAGE, "there is no step to answer");
    if (values != worker->vector) memmove(worker->vector, values, worker->bytes);
    done.round = worker->round;
    done.attempt = worker->attempt;
    done.kind = kind;
    done.has_loss = isfinite(loss);
    done.loss = loss;
    done.has_rows = rows > 0;
    done.rows = rows;
    done.has_vector = worker->model.inline_vectors;
    done.vector = view(worker->vector, worker->bytes);
    int rc = worker->save ? save(worker, &done, error) : 0;
    if (rc) return rc;
    done.n_metrics = list_metrics(worker, &list);
    done.metrics = list.pointers;
    worker->in_step = false;
    message.body_case = GOSSIPD__WORKER_MESSAGE__BODY_DONE;
    message.done = &done;
    return gsp__worker_send(worker, &message, error);
}

int gsp_worker_gradient(struct gsp_worker *worker, const void *g, double loss, uint64_t rows,
                        struct gsp_worker_error *error)
{
    return answer(worker, GOSSIPD__WORKER_KIND__WORKER_GRADIENT, g, loss, rows, error);
}

int gsp_worker_update(struct gsp_worker *worker, const void *x_new, double loss, uint64_t rows,
                      struct gsp_worker_error *error)
{
    return answer(worker, GOSSIPD__WORKER_KIND__WORKER_UPDATE, x_new, loss, rows, error);
}

int gsp_worker_busy(struct gsp_worker *worker, double seconds, struct gsp_worker_error *error)
{
    Gossipd__WorkerMessage message = GOSSIPD__WORKER_MESSAGE__INIT;
    Gossipd__WorkerBusy busy = GOSSIPD__WORKER_BUSY__INIT;
    busy.seconds = seconds;
    message.body_case = GOSSIPD__WORKER_MESSAGE__BODY_BUSY;
    message.busy = &busy;
    return gsp__worker_send(worker, &message, error);
}

/* The bytes of a character at `text`, 0 where there is none that a message may hold: broken UTF-8, control characters
 * but newline. */
static size_t allowed(const unsigned char *text)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t bytes = text[0] < 0x80 ? 1 : text[0] < 0xc0 ? 0 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
    unsigned code = bytes < 2 ? text[0] : text[0] & (0x7fu >> bytes);
    if (!bytes || text[0] >= 0xf8) return 0;
    for (size_t i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80) return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    bool control = (code < 0x20 && code != '\n') || (code >= 0x7f && code < 0xa0);
    return control || code < least[bytes] || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff ? 0 : bytes;
}

static void clean(char *text)
{
    for (unsigned char *at = (unsigned char *)text; *at;) {
        size_t bytes = allowed(at);
        if (!bytes) *at = *at == '\t' ? ' ' : '?';
        at += bytes ? bytes : 1;
    }
}

/* Without memory for it the daemon gets no reason, but sees the end of the stream. */
static void say_words(struct gsp_worker *worker, const char *text, bool for_good)
{
    Gossipd__WorkerMessage message = GOSSIPD__WORKER_MESSAGE__INIT;
    Gossipd__WorkerWords words = GOSSIPD__WORKER_WORDS__INIT;
    char cut[4001];
    size_t length = strnlen(text, sizeof cut - 1);
    memcpy(cut, text, length);
    cut[length] = 0;
    clean(cut);
    words.text = cut;
    if (for_good) {
        message.body_case = GOSSIPD__WORKER_MESSAGE__BODY_ABORT;
        message.abort = &words;
    } else {
        message.body_case = GOSSIPD__WORKER_MESSAGE__BODY_ERROR;
        message.error = &words;
    }
    worker->in_step = false;
    worker->metric_count = 0;
    gsp__worker_send(worker, &message, NULL);
}

void gsp_worker_failed(struct gsp_worker *worker, const char *text)
{
    say_words(worker, text, false);
}

void gsp_worker_abort(struct gsp_worker *worker, const char *text)
{
    say_words(worker, text, true);
}
