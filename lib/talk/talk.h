/* Inside of a talk with a worker: talk.c has what is asked and what comes, say.c what is said, frames.c how
 * messages are written. */
#ifndef GOSSIP_TALK_TALK_H
#define GOSSIP_TALK_TALK_H

#include <gossip/talk.h>

#include "wire/codec.h"

#include "worker.pb-c.h"

/* One message from a worker; what it points to lives until it is cleared. */
struct gsp__frame {
    ProtobufCMessage *message; /* NULL: none */
    struct gsp__allocator allocator;
    const Gossipd__WorkerMessage *body;
};

/* Takes the first whole message off `in`; false: there is none yet, or (*rc) it is none. GSP_ERR_FORMAT, GSP_ERR_LIMIT,
 * GSP_ERR_NOMEM. `most`: bytes that one may have. The bytes stay in the buffer; *used of them are done with. */
bool gsp__frame_take(struct gsp__frame *out, const struct gsp_buffer *in, size_t most, size_t *used, int *rc,
                     struct gsp_error *error);
void gsp__frame_clear(struct gsp__frame *frame);

enum gsp__talk_stage {
    GSP__TALK_AWAITS_HELLO,
    GSP__TALK_AWAITS_WELCOME, /* of the driver */
    GSP__TALK_IDLE,
    GSP__TALK_BEGINNING, /* INIT is out */
    GSP__TALK_LOADING,   /* LOAD is out */
    GSP__TALK_COMPUTING, /* STEP or EVAL is out */
    GSP__TALK_OVER
};

/* The question in hand, and what it takes to ask it. */
struct gsp__talk_task {
    struct gsp_question question;
    double eta;
    bool save, dropped; /* dropped: its answer is awaited, and nobody wants it */
    char settings[sizeof(((struct gsp_run_state *)NULL)->settings)];
    uint64_t after; /* the round whose state the worker must be in */
    size_t state_length;
};

struct gsp_talk {
    enum gsp__talk_stage stage;
    char node[GSP_NAME_MAX + 1];
    struct gsp_worker_facts facts;
    bool inline_vectors;
    size_t memory_limit, x_offset, vector_offset, state_offset, size;
    uint8_t *memory, *own; /* own: where nothing is shared */
    struct gsp_buffer in, out;
    size_t used; /* of `in`, by the message that the last event is made of */
    struct gsp__frame frame;
    struct gsp_run_key run; /* that the worker is in; epoch 0: none */
    uint64_t round;         /* whose state it is in */
    unsigned busy_count;    /* BUSY since the last answer */
    struct gsp__talk_task task;
    struct gsp_buffer next_x, next_state; /* of a question that waits for the one before */
    struct gsp__talk_task next;
    bool has_next;
    struct gsp_metric metrics[GSP_METRICS_MAX]; /* of the last answer */
};

static inline size_t gsp__talk_width(const struct gsp_talk *talk)
{
    return talk->facts.dtype == GSP_FLOAT32 ? sizeof(float) : sizeof(double);
}

static inline size_t gsp__talk_dimension(const struct gsp_talk *talk)
{
    return (size_t)talk->facts.model.dimension;
}

/* The next thing to say for the question in hand: INIT, LOAD, STEP or EVAL. GSP_ERR_NOMEM, GSP_ERR_CONFIG. */
int gsp__talk_go_on(struct gsp_talk *talk);
/* An empty message of this kind. */
Gossipd__WorkerMessage gsp__talk_message(Gossipd__WorkerMessage__BodyCase body);

/* What a worker says of itself, checked. GSP_ERR_FORMAT says what is wrong. */
int gsp__hello_take(struct gsp_worker_facts *out, bool *inline_vectors, const Gossipd__WorkerHello *pb,
                    struct gsp_error *error);

/* Appends a message. GSP_ERR_NOMEM. */
int gsp__frame_put(const Gossipd__WorkerMessage *message, struct gsp_buffer *out);

/* Values of `width` bytes, from the machine's order to little-endian, as they stand inline; and back. */
void gsp__little_values(uint8_t *values, size_t count, size_t width);

#endif
