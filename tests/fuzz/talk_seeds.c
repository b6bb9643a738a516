#include "talk_seeds.h"

#include <assert.h>

#include "talk/talk.h"

enum { D = 2, FRAMED = 0, BEGIN = 4, GRADIENT = 5, EVALUATE = 6 };

static void put_byte(struct gsp_buffer *out, uint8_t byte)
{
    int rc = gsp_buffer_append(out, &byte, 1);
    assert(!rc);
}

/* A message as fuzz_talk takes it: with one byte of length. */
static void put(struct gsp_buffer *out, const Gossipd__WorkerMessage *message)
{
    struct gsp_buffer frame = {0};
    int rc = gsp__frame_put(message, &frame);
    assert(!rc && frame.length - 4 < 256);
    put_byte(out, FRAMED);
    put_byte(out, (uint8_t)(frame.length - 4));
    rc = gsp_buffer_append(out, frame.data + 4, frame.length - 4);
    assert(!rc);
    gsp_buffer_clear(&frame);
}

static void put_hello(struct gsp_buffer *out, bool inline_vectors)
{
    Gossipd__WorkerHello hello = GOSSIPD__WORKER_HELLO__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_HELLO);
    char model[] = "seed", fingerprint[] = "fuzz 1";
    hello.version_min = hello.version_max = 1;
    hello.model = model;
    hello.fingerprint = fingerprint;
    hello.dimension = D;
    hello.dtype = GOSSIPD__WORKER_DTYPE__WORKER_F64;
    hello.has_state_max = hello.has_inline_vectors = hello.has_evaluates = hello.evaluates = true;
    hello.state_max = 16;
    hello.inline_vectors = inline_vectors;
    message.hello = &hello;
    put(out, &message);
}

static void put_ready(struct gsp_buffer *out)
{
    Gossipd__WorkerReady ready = GOSSIPD__WORKER_READY__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_READY);
    message.ready = &ready;
    put(out, &message);
}

static void put_done(struct gsp_buffer *out, bool inline_vectors)
{
    Gossipd__WorkerDone done = GOSSIPD__WORKER_DONE__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_DONE);
    uint8_t vector[D * sizeof(double)] = {0};
    done.round = done.attempt = 1;
    done.has_loss = done.has_rows = true;
    done.loss = 0.5;
    done.rows = 64;
    done.has_vector = inline_vectors;
    done.vector = (ProtobufCBinaryData){.len = sizeof vector, .data = vector};
    message.done = &done;
    put(out, &message);
}

static void put_busy(struct gsp_buffer *out)
{
    Gossipd__WorkerBusy busy = GOSSIPD__WORKER_BUSY__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_BUSY);
    busy.seconds = 2.5;
    message.busy = &busy;
    put(out, &message);
}

static void put_result(struct gsp_buffer *out)
{
    Gossipd__WorkerMetric loss = GOSSIPD__WORKER_METRIC__INIT, *metrics[] = {&loss};
    Gossipd__WorkerResult result = GOSSIPD__WORKER_RESULT__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_RESULT);
    char name[] = "loss";
    loss.name = name;
    loss.value = 0.25;
    result.n_metrics = 1;
    result.metrics = metrics;
    message.result = &result;
    put(out, &message);
}

static void put_error(struct gsp_buffer *out)
{
    Gossipd__WorkerWords words = GOSSIPD__WORKER_WORDS__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_ERROR);
    char text[] = "no\nmore";
    words.text = text;
    message.error = &words;
    put(out, &message);
}

void talk_seed(struct gsp_buffer *out, bool inline_vectors)
{
    put_hello(out, inline_vectors);
    put_byte(out, BEGIN);
    put_byte(out, 0);
    put_ready(out);
    put_byte(out, GRADIENT);
    put_byte(out, 0); /* round 1, attempt 1, with its state */
    put_busy(out);
    put_done(out, inline_vectors);
    put_byte(out, EVALUATE);
    put_byte(out, 0);
    put_result(out);
    put_error(out);
}
