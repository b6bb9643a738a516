/* What is said to a worker when. A question is led up to: INIT where the worker has not seen the run, LOAD where it is
 * not in the round before, then STEP or EVAL. */
#include "talk/talk.h"

#include "wire/worker_msg.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX = 65536, ALIGNMENT = 64, BUSY_MOST = 1000000 };

int gsp_talk_new(struct gsp_talk **out, const char *node, size_t memory_limit)
{
    struct gsp_talk *talk = gsp_alloc(1, sizeof *talk);
    if (!talk) return GSP_ERR_NOMEM;
    snprintf(talk->node, sizeof talk->node, "%s", node);
    talk->memory_limit = memory_limit;
    *out = talk;
    return 0;
}

void gsp_talk_free(struct gsp_talk *talk)
{
    if (!talk) return;
    gsp__frame_clear(&talk->frame);
    gsp_buffer_clear(&talk->in);
    gsp_buffer_clear(&talk->out);
    gsp_buffer_clear(&talk->next_x);
    gsp_buffer_clear(&talk->next_state);
    free(talk->own);
    free(talk);
}

struct gsp_buffer *gsp_talk_output(struct gsp_talk *talk)
{
    return &talk->out;
}

bool gsp_talk_busy(const struct gsp_talk *talk)
{
    return talk->stage >= GSP__TALK_BEGINNING && talk->stage <= GSP__TALK_COMPUTING;
}

int gsp_talk_receive(struct gsp_talk *talk, const uint8_t *bytes, size_t length)
{
    return talk->stage == GSP__TALK_OVER ? 0 : gsp_buffer_append(&talk->in, bytes, length);
}

/* ---- asking ---- */

static void put_x(const struct gsp_talk *talk, uint8_t *out, const double *x)
{
    float *singles = (float *)(void *)out;
    size_t d = gsp__talk_dimension(talk);
    if (talk->facts.dtype == GSP_FLOAT32)
        for (size_t i = 0; i < d; i++) singles[i] = (float)x[i];
    else
        memcpy(out, x, d * sizeof *x);
    if (talk->inline_vectors) gsp__little_values(out, d, gsp__talk_width(talk));
}

static int begin(struct gsp_talk *talk, const double *x, const uint8_t *state, struct gsp_error *error)
{
    bool loads = gsp_run_key_compare(&talk->run, &talk->task.question.run) != 0 ? talk->task.after > 0
                                                                                : talk->round != talk->task.after;
    if (loads && talk->task.state_length > talk->facts.state_max)
        return gsp_error_set(error, GSP_ERR_CONFIG, "it said that its state has at most %llu bytes, but it has %zu",
                             (unsigned long long)talk->facts.state_max, talk->task.state_length);
    if (x) put_x(talk, talk->memory + talk->x_offset, x);
    if (loads && talk->task.state_length) memcpy(talk->memory + talk->state_offset, state, talk->task.state_length);
    return gsp__talk_go_on(talk);
}

/* The worker is at another question, and may not be disturbed in it. */
static int put_off(struct gsp_talk *talk, const struct gsp__talk_task *task, const struct gsp_asked *asked)
{
    talk->task.dropped = talk->has_next = true;
    talk->next = *task;
    talk->next_x.length = talk->next_state.length = 0;
    size_t length = asked->x ? asked->dimension * sizeof *asked->x : 0;
    int rc = gsp_buffer_append(&talk->next_x, asked->x, length);
    return rc ? rc : gsp_buffer_append(&talk->next_state, asked->state, asked->state_length);
}

int gsp_talk_ask(struct gsp_talk *talk, const struct gsp_question *question, const struct gsp_asked *asked,
                 struct gsp_error *error)
{
    assert(talk->stage >= GSP__TALK_IDLE);
    if (talk->stage == GSP__TALK_OVER) return 0;
    if (asked->dimension != gsp__talk_dimension(talk))
        return gsp_error_set(error, GSP_ERR_CONFIG, "its model has %zu parameters, the run %zu",
                             gsp__talk_dimension(talk), asked->dimension);
    struct gsp__talk_task task = {.question = *question, .eta = asked->eta, .save = asked->save};
    task.after = question->ask == GSP_ASK_GRADIENT ? question->round - 1 : question->round;
    task.state_length = asked->state_length;
    snprintf(task.settings, sizeof task.settings, "%s", asked->settings);
    if (gsp_talk_busy(talk)) return put_off(talk, &task, asked);
    talk->task = task;
    return begin(talk, asked->x, asked->state, error);
}

static int ask_next(struct gsp_talk *talk, struct gsp_error *error)
{
    if (!talk->has_next) return 0;
    talk->has_next = false;
    talk->task = talk->next;
    return begin(talk, (const double *)(const void *)(talk->next_x.length ? talk->next_x.data : NULL),
                 talk->next_state.data, error);
}

/* ---- hello ---- */

/* What the memory holds: x, the vector, the state. False: it is too much. */
static bool lay_out(struct gsp_talk *talk)
{
    size_t vector = gsp__talk_dimension(talk) * gsp__talk_width(talk), state = (size_t)talk->facts.state_max;
    vector = (vector + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; /* at most 8e9 */
    talk->x_offset = 0;
    talk->vector_offset = vector;
    talk->state_offset = 2 * vector;
    return !__builtin_add_overflow(talk->state_offset, state, &talk->size) &&
           (!talk->memory_limit || talk->size <= talk->memory_limit);
}

static int take_hello(struct gsp_talk *talk, const Gossipd__WorkerHello *pb, struct gsp_talk_event *event,
                      struct gsp_error *error)
{
    int rc = gsp__hello_take(&talk->facts, &talk->inline_vectors, pb, error);
    if (rc) return rc;
    if (!lay_out(talk))
        return gsp_error_set(error, GSP_ERR_FORMAT,
                             "its vectors and its state would take more memory than this node has (%zu MB)",
                             talk->memory_limit >> 20);
    talk->stage = GSP__TALK_AWAITS_WELCOME;
    event->type = GSP_TALK_HELLO;
    event->facts = &talk->facts;
    event->memory = talk->inline_vectors ? 0 : talk->size;
    return 0;
}

int gsp_talk_welcome(struct gsp_talk *talk, void *memory)
{
    assert(talk->stage == GSP__TALK_AWAITS_WELCOME && !memory == talk->inline_vectors);
    Gossipd__WorkerWelcome pb = GOSSIPD__WORKER_WELCOME__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_WELCOME);
    if (!memory) memory = talk->own = gsp_alloc(talk->size, 1);
    if (!memory) return GSP_ERR_NOMEM;
    talk->memory = memory;
    pb.version = 1;
    pb.node = talk->node;
    pb.has_size = pb.has_x_offset = pb.has_vector_offset = pb.has_state_offset = !talk->inline_vectors;
    pb.size = talk->size;
    pb.x_offset = talk->x_offset;
    pb.vector_offset = talk->vector_offset;
    pb.state_offset = talk->state_offset;
    message.welcome = &pb;
    talk->stage = GSP__TALK_IDLE;
    return gsp__frame_put(&message, &talk->out);
}

/* ---- what comes ---- */

static int out_of_turn(const struct gsp_talk *talk, const Gossipd__WorkerMessage *body, struct gsp_error *error)
{
    static const char *const awaited[] = {
        [GSP__TALK_AWAITS_HELLO] = "HELLO was due", [GSP__TALK_IDLE] = "nothing was asked",
        [GSP__TALK_BEGINNING] = "READY was due",    [GSP__TALK_LOADING] = "READY was due",
        [GSP__TALK_COMPUTING] = "another was due",
    };
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(&gossipd__worker_message__descriptor, (unsigned)body->body_case);
    return gsp_error_set(error, GSP_ERR_PROTOCOL, "the message '%s' out of turn: %s", field ? field->name : "?",
                         awaited[talk->stage]);
}

/* A vector that came in the message goes where it would lie in shared memory. */
static int take_inline(struct gsp_talk *talk, bool has, const ProtobufCBinaryData *bytes, struct gsp_error *error)
{
    if (!talk->inline_vectors) return 0;
    if (!has || bytes->len != gsp__talk_dimension(talk) * gsp__talk_width(talk))
        return gsp_error_set(error, GSP_ERR_FORMAT, "a vector of %zu bytes, where %zu values of %zu bytes are due",
                             has ? bytes->len : (size_t)0, gsp__talk_dimension(talk), gsp__talk_width(talk));
    memcpy(talk->memory + talk->vector_offset, bytes->data, bytes->len);
    gsp__little_values(talk->memory + talk->vector_offset, gsp__talk_dimension(talk), gsp__talk_width(talk));
    return 0;
}

static void answer_with_vector(const struct gsp_talk *talk, struct gsp_answer *answer)
{
    answer->dtype = talk->facts.dtype;
    answer->vector = talk->memory + talk->vector_offset;
    answer->dimension = gsp__talk_dimension(talk);
}

/* An answer, for whoever still wants it. Returns whether it is an event. */
static bool answered(struct gsp_talk *talk, struct gsp_talk_event *event)
{
    talk->stage = GSP__TALK_IDLE;
    talk->busy_count = 0;
    event->type = GSP_TALK_ANSWER;
    event->answer.question = talk->task.question;
    return !talk->task.dropped;
}

static int take_ready(struct gsp_talk *talk, const Gossipd__WorkerReady *pb, struct gsp_talk_event *event,
                      bool *is_event, struct gsp_error *error)
{
    if (talk->task.dropped) {
        talk->stage = GSP__TALK_IDLE;
        return 0;
    }
    if (talk->task.question.ask != GSP_ASK_BEGIN) return gsp__talk_go_on(talk);
    if (!pb->has_x0 || !pb->x0) {
        event->answer.failure = "init=worker, but the worker has no initial point: leave init away";
    } else {
        int rc = take_inline(talk, pb->has_vector, &pb->vector, error);
        if (rc) return rc;
        answer_with_vector(talk, &event->answer);
    }
    event->answer.loss = event->answer.accuracy = NAN;
    *is_event = answered(talk, event);
    return 0;
}

static double metric(Gossipd__WorkerMetric *const *metrics, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(metrics[i]->name, name) == 0 && metrics[i]->has_value) return metrics[i]->value;
    return NAN;
}

/* Those that have no place of their own. */
static int take_metrics(struct gsp_talk *talk, Gossipd__WorkerMetric *const *metrics, size_t count,
                        struct gsp_answer *answer, struct gsp_error *error)
{
    answer->metrics = talk->metrics;
    for (size_t i = 0; i < count; i++) {
        const char *name = metrics[i]->name;
        if (!gsp__metric_name_valid(name))
            return gsp_error_set(error, GSP_ERR_FORMAT,
                                 "a metric called '%.40s': its name has 1 to %d letters, digits or _", name,
                                 GSP_METRIC_NAME_MAX);
        if (strcmp(name, "loss") == 0 || strcmp(name, "accuracy") == 0) continue;
        struct gsp_metric *metric = &talk->metrics[answer->metric_count++];
        *metric = (struct gsp_metric){.value = metrics[i]->has_value ? metrics[i]->value : NAN};
        memcpy(metric->name, name, strlen(name));
    }
    return 0;
}

/* The state, where it was asked for, lies in the memory afterwards. */
static int take_state(struct gsp_talk *talk, const Gossipd__WorkerDone *pb, struct gsp_answer *answer,
                      struct gsp_error *error)
{
    size_t length = pb->has_state_length ? (size_t)pb->state_length : 0;
    uint8_t *state = talk->memory + talk->state_offset;
    answer->state_kept = talk->facts.state_max > 0 && !talk->task.save;
    if (answer->state_kept) return 0;
    if (length > talk->facts.state_max)
        return gsp_error_set(error, GSP_ERR_FORMAT, "a state of %zu bytes, where %llu were said to be the most", length,
                             (unsigned long long)talk->facts.state_max);
    if (talk->inline_vectors && length) {
        if (!pb->has_state || pb->state.len != length)
            return gsp_error_set(error, GSP_ERR_FORMAT, "a state of %zu bytes came with %zu", length, pb->state.len);
        memcpy(state, pb->state.data, length);
    }
    answer->state = state;
    answer->state_length = length;
    return 0;
}

static int take_done(struct gsp_talk *talk, const Gossipd__WorkerDone *pb, struct gsp_talk_event *event, bool *is_event,
                     struct gsp_error *error)
{
    struct gsp_answer *answer = &event->answer;
    const struct gsp_question *question = &talk->task.question;
    if (pb->round != question->round || pb->attempt != question->attempt)
        return gsp_error_set(error, GSP_ERR_PROTOCOL,
                             "DONE of round %llu, attempt %llu, where round %llu, attempt %llu was asked for",
                             (unsigned long long)pb->round, (unsigned long long)pb->attempt,
                             (unsigned long long)question->round, (unsigned long long)question->attempt);
    int rc = take_inline(talk, pb->has_vector, &pb->vector, error);
    if (!rc) rc = take_state(talk, pb, answer, error);
    if (!rc) rc = take_metrics(talk, pb->metrics, pb->n_metrics, answer, error);
    if (rc) return rc;
    answer_with_vector(talk, answer);
    answer->kind = pb->kind == GOSSIPD__WORKER_KIND__WORKER_UPDATE ? GSP_ANSWER_UPDATE : GSP_ANSWER_GRADIENT;
    answer->loss = pb->has_loss ? pb->loss : NAN;
    answer->accuracy = metric(pb->metrics, pb->n_metrics, "accuracy");
    talk->round = pb->round;
    *is_event = answered(talk, event);
    return 0;
}

static int take_result(struct gsp_talk *talk, const Gossipd__WorkerResult *pb, struct gsp_talk_event *event,
                       bool *is_event, struct gsp_error *error)
{
    if (pb->round != talk->task.question.round)
        return gsp_error_set(error, GSP_ERR_PROTOCOL, "RESULT of round %llu, where %llu was asked for",
                             (unsigned long long)pb->round, (unsigned long long)talk->task.question.round);
    int rc = take_metrics(talk, pb->metrics, pb->n_metrics, &event->answer, error);
    if (rc) return rc;
    event->answer.loss = metric(pb->metrics, pb->n_metrics, "loss");
    event->answer.accuracy = metric(pb->metrics, pb->n_metrics, "accuracy");
    *is_event = answered(talk, event);
    return 0;
}

static void take_words(struct gsp_talk *talk, const char *text, enum gsp_talk_event_type type,
                       struct gsp_talk_event *event)
{
    size_t length = strlen(text), skipped = length < sizeof event->text ? 0 : length + 1 - sizeof event->text;
    while (((uint8_t)text[skipped] & 0xc0) == 0x80) skipped++; /* not inside a character */
    event->type = type;
    /* Of a long one its end: there an error is named. */
    snprintf(event->text, sizeof event->text, "%s", *text ? text + skipped : "it gives no reason");
    talk->stage = GSP__TALK_OVER;
}

/* One a second for eleven days is enough; who sends more keeps the daemon busy with nothing else. */
static int take_busy(struct gsp_talk *talk, const Gossipd__WorkerBusy *pb, struct gsp_talk_event *event,
                     struct gsp_error *error)
{
    if (talk->busy_count++ == BUSY_MOST)
        return gsp_error_set(error, GSP_ERR_PROTOCOL, "a flood: more than %d times 'busy' since its last answer",
                             BUSY_MOST);
    if (pb->seconds < 0)
        return gsp_error_set(error, GSP_ERR_PROTOCOL, "it is busy for %g seconds: a number from 0 on is needed",
                             pb->seconds);
    event->type = GSP_TALK_BUSY;
    event->seconds = fmin(pb->seconds, GSP_TALK_BUSY_MAX);
    return 0;
}

static int take(struct gsp_talk *talk, const Gossipd__WorkerMessage *body, struct gsp_talk_event *event, bool *is_event,
                struct gsp_error *error)
{
    enum gsp_ask asked = talk->task.question.ask;
    bool computes = talk->stage == GSP__TALK_COMPUTING;
    *is_event = true;
    switch (body->body_case) {
    case GOSSIPD__WORKER_MESSAGE__BODY_HELLO:
        if (talk->stage != GSP__TALK_AWAITS_HELLO) break;
        return take_hello(talk, body->hello, event, error);
    case GOSSIPD__WORKER_MESSAGE__BODY_READY:
        if (talk->stage != GSP__TALK_BEGINNING && talk->stage != GSP__TALK_LOADING) break;
        *is_event = false;
        return take_ready(talk, body->ready, event, is_event, error);
    case GOSSIPD__WORKER_MESSAGE__BODY_DONE:
        if (!computes || asked != GSP_ASK_GRADIENT) break;
        return take_done(talk, body->done, event, is_event, error);
    case GOSSIPD__WORKER_MESSAGE__BODY_RESULT:
        if (!computes || asked != GSP_ASK_EVALUATE) break;
        return take_result(talk, body->result, event, is_event, error);
    case GOSSIPD__WORKER_MESSAGE__BODY_BUSY:
        return take_busy(talk, body->busy, event, error);
    case GOSSIPD__WORKER_MESSAGE__BODY_ERROR:
        take_words(talk, body->error->text, GSP_TALK_FAILED, event);
        return 0;
    case GOSSIPD__WORKER_MESSAGE__BODY_ABORT:
        take_words(talk, body->abort->text, GSP_TALK_ABORTED, event);
        return 0;
    default:
        break;
    }
    return out_of_turn(talk, body, error);
}

static void wrong(struct gsp_talk *talk, const struct gsp_error *error, struct gsp_talk_event *event)
{
    (void)gsp_talk_stop(talk, error->message);
    *event = (struct gsp_talk_event){.type = GSP_TALK_WRONG};
    snprintf(event->text, sizeof event->text, "%s", error->message);
}

bool gsp_talk_next(struct gsp_talk *talk, struct gsp_talk_event *event)
{
    struct gsp_error error = {0};
    int rc = 0;
    for (;;) {
        bool is_event = false;
        gsp__frame_clear(&talk->frame); /* what the last event pointed into */
        gsp_buffer_consume(&talk->in, talk->used);
        talk->used = 0;
        *event = (struct gsp_talk_event){0};
        if (talk->stage == GSP__TALK_OVER || talk->stage == GSP__TALK_AWAITS_WELCOME) return false;
        if (talk->stage == GSP__TALK_IDLE) rc = ask_next(talk, &error);
        size_t most = MESSAGE_MAX;
        if (talk->inline_vectors) most += talk->size;
        if (!rc && !gsp__frame_take(&talk->frame, &talk->in, most, &talk->used, &rc, &error) && !rc) return false;
        if (!rc) rc = take(talk, talk->frame.body, event, &is_event, &error);
        if (rc && !error.message[0]) gsp_error_set(&error, rc, "%s", gsp_strerror(rc));
        if (rc) {
            wrong(talk, &error, event);
            return true;
        }
        if (is_event) return true;
    }
}
