/* A worker that sends what it likes, and a daemon that asks what it likes. Each first byte is one or the other: a
 * message (its length in the next byte), bytes as they are (the same), or a question. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <gossip/talk.h>

enum { MEMORY_MAX = 1 << 20 };

struct talk_play {
    struct gsp_talk *talk;
    void *memory;
    size_t dimension;
    bool welcomed, asked, over;
    struct gsp_question question; /* the last */
};

/* Reads all of it, so that a sanitizer sees what is not there. */
static void look_at(const void *bytes, size_t length)
{
    const uint8_t *p = bytes;
    volatile uint8_t sum = 0;
    for (size_t i = 0; i < length; i++) sum = (uint8_t)(sum + p[i]);
}

static void take_hello(struct talk_play *play, const struct gsp_talk_event *event)
{
    assert(!play->welcomed && event->memory <= MEMORY_MAX && event->facts->model.dimension > 0);
    play->welcomed = true;
    play->dimension = (size_t)event->facts->model.dimension;
    if (event->memory) {
        play->memory = aligned_alloc(4096, (event->memory + 4095) / 4096 * 4096);
        assert(play->memory);
        memset(play->memory, 0, event->memory);
    }
    assert(!gsp_talk_welcome(play->talk, play->memory));
}

static void take_answer(struct talk_play *play, const struct gsp_answer *answer)
{
    assert(play->asked && !memcmp(&answer->question, &play->question, sizeof play->question));
    play->asked = false;
    size_t width = answer->dtype == GSP_FLOAT32 ? sizeof(float) : sizeof(double);
    if (answer->vector) {
        assert(answer->dimension == play->dimension);
        look_at(answer->vector, answer->dimension * width);
    }
    if (answer->state_length) look_at(answer->state, answer->state_length);
}

static void take_events(struct talk_play *play)
{
    struct gsp_talk_event event;
    while (gsp_talk_next(play->talk, &event)) {
        assert(!play->over);
        switch (event.type) {
        case GSP_TALK_HELLO:
            take_hello(play, &event);
            break;
        case GSP_TALK_ANSWER:
            take_answer(play, &event.answer);
            break;
        case GSP_TALK_BUSY:
            assert(event.seconds >= 0 && event.seconds <= GSP_TALK_BUSY_MAX);
            break;
        case GSP_TALK_FAILED:
        case GSP_TALK_ABORTED:
        case GSP_TALK_WRONG:
            assert(strlen(event.text) <= GSP_TALK_TEXT_MAX && *event.text);
            play->over = true;
            break;
        }
    }
    struct gsp_buffer *out = gsp_talk_output(play->talk);
    look_at(out->data, out->length);
    out->length = 0;
}

static void receive(struct talk_play *play, struct fuzz_input *input, bool framed)
{
    size_t length = fuzz_byte(input);
    const uint8_t *bytes = fuzz_bytes(input, &length);
    const uint8_t prefix[4] = {(uint8_t)length};
    if (framed) assert(!gsp_talk_receive(play->talk, prefix, sizeof prefix));
    uint8_t *copy = fuzz_copy(bytes, length);
    assert(!gsp_talk_receive(play->talk, copy, length));
    free(copy);
}

static void ask(struct talk_play *play, struct fuzz_input *input, enum gsp_ask what)
{
    struct gsp_error error = {0};
    uint8_t draw = fuzz_byte(input);
    double *x = calloc(play->dimension + 1, sizeof *x);
    uint8_t state[15] = {1, 2, 3};
    assert(x);
    memset(&play->question, 0, sizeof play->question);
    play->question.ask = what;
    play->question.run.epoch = 1 + draw % 2;
    play->question.round = draw / 2 % 8 + 1;
    play->question.attempt = draw / 16 % 4 + 1;
    const struct gsp_asked asked = {.settings = "rounds=10\nseed=7\n",
                                    .x = what == GSP_ASK_BEGIN ? NULL : x,
                                    .dimension = play->dimension + (draw >= 250),
                                    .eta = 0.5,
                                    .state = state,
                                    .state_length = draw % sizeof state,
                                    .save = draw % 3 == 0};
    int rc = gsp_talk_ask(play->talk, &play->question, &asked, &error);
    assert(!rc || (rc == GSP_ERR_CONFIG && *error.message));
    play->asked = !rc;
    play->over = play->over || rc;
    free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct talk_play play = {0};
    assert(!gsp_talk_new(&play.talk, "n001", MEMORY_MAX));
    while (input.left && !play.over) {
        uint8_t what = fuzz_byte(&input) % 8;
        if (what < 3)
            receive(&play, &input, true);
        else if (what == 3)
            receive(&play, &input, false);
        else if (play.welcomed && what < 7)
            ask(&play, &input, (enum gsp_ask)(what - 4 + GSP_ASK_BEGIN));
        else
            (void)gsp_talk_busy(play.talk);
        take_events(&play);
    }
    gsp_talk_free(play.talk);
    free(play.memory);
    return 0;
}
