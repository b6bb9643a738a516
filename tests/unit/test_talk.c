/* The daemon's side of the talk with a worker: what is said when, and what a worker may not say. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "talk/talk.h"
#include "unit/run_suite.h"
#include "wire/text.h"

enum { D = 3, STATE = 8 };
#define SETTINGS "rounds=10\nseed=7\n"

struct pair {
    struct gsp_talk *talk;
    struct gsp_talk_event event;
    uint64_t round;
    uint8_t memory[512] __attribute__((aligned(64)));
};

/* ---- the worker's part ---- */

static void say(struct pair *pair, Gossipd__WorkerMessage *message)
{
    struct gsp_buffer bytes = {0};
    ck_assert_int_eq(gsp__frame_put(message, &bytes), 0);
    ck_assert_int_eq(gsp_talk_receive(pair->talk, bytes.data, bytes.length), 0);
    gsp_buffer_clear(&bytes);
}

static void say_hello(struct pair *pair, uint64_t dimension, uint64_t state_max)
{
    Gossipd__WorkerHello hello = GOSSIPD__WORKER_HELLO__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_HELLO);
    char model[] = "test";
    hello.version_min = hello.version_max = 1;
    hello.model = model;
    hello.dimension = dimension;
    hello.dtype = GOSSIPD__WORKER_DTYPE__WORKER_F64;
    hello.has_state_max = true;
    hello.state_max = state_max;
    message.hello = &hello;
    say(pair, &message);
}

static void say_ready(struct pair *pair)
{
    Gossipd__WorkerReady ready = GOSSIPD__WORKER_READY__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_READY);
    message.ready = &ready;
    say(pair, &message);
}

static void say_done(struct pair *pair, uint64_t round, uint64_t attempt, uint64_t state_length)
{
    Gossipd__WorkerDone done = GOSSIPD__WORKER_DONE__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_DONE);
    done.round = round;
    done.attempt = attempt;
    done.has_loss = done.has_state_length = true;
    done.loss = 0.5;
    done.state_length = state_length;
    message.done = &done;
    say(pair, &message);
}

/* DONE of round `round`, or the first, with this metric. */
static void say_metric(struct pair *pair, const char *name, double value)
{
    Gossipd__WorkerDone done = GOSSIPD__WORKER_DONE__INIT;
    Gossipd__WorkerMetric metric = GOSSIPD__WORKER_METRIC__INIT, *list = &metric;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_DONE);
    char text[40];
    snprintf(text, sizeof text, "%s", name);
    metric.name = text;
    metric.has_value = true;
    metric.value = value;
    done.round = pair->round ? pair->round : 1;
    done.attempt = 1;
    done.n_metrics = 1;
    done.metrics = &list;
    message.done = &done;
    say(pair, &message);
}

/* The next thing said to the worker is this, and nothing after it. */
static void expect_said(struct pair *pair, Gossipd__WorkerMessage__BodyCase body)
{
    struct gsp_buffer *out = gsp_talk_output(pair->talk);
    struct gsp__frame frame = {0};
    size_t used = 0;
    int rc;
    ck_assert(gsp__frame_take(&frame, out, 65536, &used, &rc, NULL));
    ck_assert_int_eq((int)frame.body->body_case, (int)body);
    ck_assert_uint_eq(used, out->length);
    gsp__frame_clear(&frame);
    out->length = 0;
}

static void expect_nothing(struct pair *pair)
{
    ck_assert(!gsp_talk_next(pair->talk, &pair->event));
}

static void expect_event(struct pair *pair, enum gsp_talk_event_type type)
{
    ck_assert(gsp_talk_next(pair->talk, &pair->event));
    ck_assert_msg(pair->event.type == type, "event %d: %s", (int)pair->event.type, pair->event.text);
}

static void expect_wrong(struct pair *pair, const char *words)
{
    expect_event(pair, GSP_TALK_WRONG);
    ck_assert_msg(strstr(pair->event.text, words), "'%s' does not say '%s'", pair->event.text, words);
    expect_said(pair, GOSSIPD__WORKER_MESSAGE__BODY_ERROR);
    say_done(pair, 1, 1, 0); /* whatever else comes */
    expect_nothing(pair);
}

/* ---- the daemon's part ---- */

static void begin(struct pair *pair, uint64_t state_max)
{
    *pair = (struct pair){0};
    ck_assert_int_eq(gsp_talk_new(&pair->talk, "n001", sizeof pair->memory), 0);
    say_hello(pair, D, state_max);
    expect_event(pair, GSP_TALK_HELLO);
    ck_assert_uint_le(pair->event.memory, sizeof pair->memory);
    ck_assert_int_eq(gsp_talk_welcome(pair->talk, pair->memory), 0);
    expect_said(pair, GOSSIPD__WORKER_MESSAGE__BODY_WELCOME);
}

static void ask(struct pair *pair, uint64_t epoch, uint64_t round, uint64_t attempt, bool save)
{
    static const double x[D] = {1, 2, 3};
    static const uint8_t state[STATE] = {9, 8, 7};
    const struct gsp_question question = {
        .ask = GSP_ASK_GRADIENT, .run = {.epoch = epoch}, .round = round, .attempt = attempt};
    const struct gsp_asked asked = {.settings = SETTINGS,
                                    .x = x,
                                    .dimension = D,
                                    .eta = 0.1,
                                    .state = state,
                                    .state_length = round > 1 ? STATE : 0,
                                    .save = save};
    ck_assert_int_eq(gsp_talk_ask(pair->talk, &question, &asked, NULL), 0);
}

/* A run's first step, asked for. */
static void first_step(struct pair *pair)
{
    begin(pair, STATE);
    ask(pair, 1, 1, 1, true);
    expect_said(pair, GOSSIPD__WORKER_MESSAGE__BODY_INIT);
    say_ready(pair);
    expect_nothing(pair);
    expect_said(pair, GOSSIPD__WORKER_MESSAGE__BODY_STEP);
}

START_TEST(a_step_is_led_up_to)
{
    struct pair pair;
    first_step(&pair);
    ck_assert(((const double *)(const void *)pair.memory)[2] == 3);
    say_done(&pair, 1, 1, STATE);
    expect_event(&pair, GSP_TALK_ANSWER);
    ck_assert(pair.event.answer.loss == 0.5 && pair.event.answer.dimension == D && !pair.event.answer.state_kept);
    ck_assert_uint_eq(pair.event.answer.state_length, STATE);
    ask(&pair, 1, 2, 1, false); /* it is in the round before */
    expect_said(&pair, GOSSIPD__WORKER_MESSAGE__BODY_STEP);
    say_done(&pair, 2, 1, 0);
    expect_event(&pair, GSP_TALK_ANSWER);
    ck_assert(pair.event.answer.state_kept);
    gsp_talk_free(pair.talk);
}
END_TEST

/* In a new worker, and where the run goes back. */
START_TEST(state_is_loaded_where_the_worker_is_elsewhere)
{
    struct pair pair;
    begin(&pair, STATE);
    ask(&pair, 1, 5, 3, false);
    expect_said(&pair, GOSSIPD__WORKER_MESSAGE__BODY_INIT);
    say_ready(&pair);
    expect_nothing(&pair);
    expect_said(&pair, GOSSIPD__WORKER_MESSAGE__BODY_LOAD);
    ck_assert_uint_eq(pair.memory[128], 9);
    say_ready(&pair);
    expect_nothing(&pair);
    expect_said(&pair, GOSSIPD__WORKER_MESSAGE__BODY_STEP);
    say_done(&pair, 5, 3, 0);
    expect_event(&pair, GSP_TALK_ANSWER);
    ask(&pair, 1, 3, 4, false);
    expect_said(&pair, GOSSIPD__WORKER_MESSAGE__BODY_LOAD);
    gsp_talk_free(pair.talk);
}
END_TEST

/* Nobody waits for the answer any more, and the worker may not be disturbed. */
START_TEST(a_question_that_gives_way_is_answered_to_nobody)
{
    struct pair pair;
    first_step(&pair);
    ask(&pair, 2, 1, 1, false);
    ck_assert_uint_eq(gsp_talk_output(pair.talk)->length, 0);
    say_done(&pair, 1, 1, STATE);
    expect_nothing(&pair);
    expect_said(&pair, GOSSIPD__WORKER_MESSAGE__BODY_INIT);
    say_ready(&pair);
    expect_nothing(&pair);
    expect_said(&pair, GOSSIPD__WORKER_MESSAGE__BODY_STEP);
    say_done(&pair, 1, 1, 0);
    expect_event(&pair, GSP_TALK_ANSWER);
    ck_assert_uint_eq(pair.event.answer.question.run.epoch, 2);
    gsp_talk_free(pair.talk);
}
END_TEST

START_TEST(what_makes_no_sense_ends_the_talk)
{
    struct pair pair;
    first_step(&pair);
    switch (_i) {
    case 0:
        say_done(&pair, 1, 2, 0);
        expect_wrong(&pair, "attempt 2, where round 1, attempt 1");
        break;
    case 1:
        say_done(&pair, 2, 1, 0);
        expect_wrong(&pair, "round 2, attempt 1, where round 1");
        break;
    case 2:
        say_done(&pair, 1, 1, STATE + 1);
        expect_wrong(&pair, "a state of 9 bytes, where 8 were said to be the most");
        break;
    case 3:
        say_done(&pair, 1, 1, 0);
        expect_event(&pair, GSP_TALK_ANSWER);
        say_done(&pair, 1, 1, 0);
        expect_wrong(&pair, "the message 'done' out of turn: nothing was asked");
        break;
    case 4:
        say_ready(&pair);
        expect_wrong(&pair, "the message 'ready' out of turn: another was due");
        break;
    case 5:
        say_hello(&pair, D, 0);
        expect_wrong(&pair, "out of turn");
        break;
    case 6:
        say_metric(&pair, "a b", 1);
        expect_wrong(&pair, "a metric called 'a b'");
        break;
    case 7:
        ck_assert_int_eq(gsp_talk_receive(pair.talk, (const uint8_t *)"\3\0\0\0abc", 7), 0);
        expect_wrong(&pair, "no message of proto/worker.proto");
        break;
    default:
        ck_assert_int_eq(gsp_talk_receive(pair.talk, (const uint8_t *)"GET / HTTP/1.1\r\n", 16), 0);
        expect_wrong(&pair, "a message of 542393671 bytes");
    }
    gsp_talk_free(pair.talk);
}
END_TEST

START_TEST(metrics_go_with_the_answer)
{
    struct pair pair;
    first_step(&pair);
    say_metric(&pair, "loss", 7); /* it has a place of its own */
    expect_event(&pair, GSP_TALK_ANSWER);
    ck_assert_uint_eq(pair.event.answer.metric_count, 0);
    ask(&pair, 1, 2, 1, false);
    gsp_talk_output(pair.talk)->length = 0;
    pair.round = 2;
    say_metric(&pair, "perplexity_2", 12.5);
    expect_event(&pair, GSP_TALK_ANSWER);
    ck_assert_uint_eq(pair.event.answer.metric_count, 1);
    ck_assert_str_eq(pair.event.answer.metrics[0].name, "perplexity_2");
    ck_assert(pair.event.answer.metrics[0].value == 12.5);
    gsp_talk_free(pair.talk);
}
END_TEST

/* The end of what it says is kept: there a traceback names the error. */
START_TEST(long_words_keep_their_end)
{
    struct pair pair;
    first_step(&pair);
    char text[2001];
    for (size_t i = 0; i + 1 < sizeof text; i += 2) memcpy(text + i, "\xc3\xa9", 2);
    memcpy(text + sizeof text - 5, "end", 4);
    text[sizeof text - 6] = ' ';
    text[sizeof text - 7] = ' ';
    Gossipd__WorkerWords words = GOSSIPD__WORKER_WORDS__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_ERROR);
    words.text = text;
    message.error = &words;
    say(&pair, &message);
    expect_event(&pair, GSP_TALK_FAILED);
    size_t length = strlen(pair.event.text);
    ck_assert_uint_ge(length, GSP_TALK_TEXT_MAX - 1);
    ck_assert_str_eq(pair.event.text + length - 3, "end");
    ck_assert(gsp__text_valid((const uint8_t *)pair.event.text, length));
    gsp_talk_free(pair.talk);
}
END_TEST

/* One that says nothing but that it is busy ends, too, and takes no memory before. */
START_TEST(a_flood_ends_the_talk)
{
    struct pair pair;
    struct gsp_buffer frame = {0};
    Gossipd__WorkerBusy busy = GOSSIPD__WORKER_BUSY__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_BUSY);
    message.busy = &busy;
    ck_assert_int_eq(gsp__frame_put(&message, &frame), 0);
    first_step(&pair);
    enum { MOST = 2000000 };
    int heard = 0;
    bool more = true; /* an assertion each time would take longer than all the rest */
    while (more && heard++ < MOST)
        more = !gsp_talk_receive(pair.talk, frame.data, frame.length) && gsp_talk_next(pair.talk, &pair.event) &&
               pair.event.type == GSP_TALK_BUSY && pair.talk->in.capacity <= 65536;
    ck_assert_int_eq(pair.event.type, GSP_TALK_WRONG);
    ck_assert(strstr(pair.event.text, "a flood") != NULL);
    gsp_buffer_clear(&frame);
    gsp_talk_free(pair.talk);
}
END_TEST

START_TEST(a_model_that_is_too_large_is_refused)
{
    struct pair pair = {0};
    ck_assert_int_eq(gsp_talk_new(&pair.talk, "n001", 1000), 0);
    say_hello(&pair, _i ? 1000 : D, _i ? 0 : UINT64_MAX);
    expect_wrong(&pair, "more memory than this node has");
    gsp_talk_free(pair.talk);
}
END_TEST

START_TEST(a_failure_without_a_word_is_told_in_words)
{
    struct pair pair;
    Gossipd__WorkerWords words = GOSSIPD__WORKER_WORDS__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_ERROR);
    char text[] = "";
    words.text = text;
    message.error = &words;
    first_step(&pair);
    say(&pair, &message);
    expect_event(&pair, GSP_TALK_FAILED);
    ck_assert_str_eq(pair.event.text, "it gives no reason");
    gsp_talk_free(pair.talk);
}
END_TEST

START_TEST(how_long_it_is_busy_is_a_number)
{
    static const double said[] = {3, 1e300, -1};
    static const double heard[] = {3, GSP_TALK_BUSY_MAX};
    struct pair pair;
    Gossipd__WorkerBusy busy = GOSSIPD__WORKER_BUSY__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_BUSY);
    busy.seconds = said[_i];
    message.busy = &busy;
    first_step(&pair);
    say(&pair, &message);
    if (_i < 2) {
        expect_event(&pair, GSP_TALK_BUSY);
        ck_assert_double_eq(pair.event.seconds, heard[_i]);
    } else {
        expect_wrong(&pair, "a number from 0 on is needed");
    }
    gsp_talk_free(pair.talk);
}
END_TEST

/* Bytes from a seed, in pieces: an end with a reason, sooner or later, and nothing worse. */
START_TEST(garbage_ends_the_talk)
{
    struct pair pair;
    uint8_t key[32] = {(uint8_t)_i}, bytes[4096];
    struct gsp_stream stream;
    first_step(&pair);
    gsp_stream_init(&stream, key, 1);
    for (int piece = 0; piece < 40; piece++) {
        gsp_stream_bytes(&stream, bytes, sizeof bytes);
        gsp__store32(bytes, 16); /* short messages, so that their contents are looked at */
        ck_assert_int_eq(gsp_talk_receive(pair.talk, bytes, sizeof bytes), 0);
        while (gsp_talk_next(pair.talk, &pair.event)) continue;
    }
    ck_assert_int_eq(pair.talk->stage, GSP__TALK_OVER);
    gsp_talk_free(pair.talk);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("talk with a worker");
    TCase *tests = tcase_create("talk");
    tcase_add_test(tests, a_step_is_led_up_to);
    tcase_add_test(tests, state_is_loaded_where_the_worker_is_elsewhere);
    tcase_add_test(tests, a_question_that_gives_way_is_answered_to_nobody);
    tcase_add_loop_test(tests, what_makes_no_sense_ends_the_talk, 0, 9);
    tcase_add_test(tests, metrics_go_with_the_answer);
    tcase_add_test(tests, long_words_keep_their_end);
    tcase_add_test(tests, a_failure_without_a_word_is_told_in_words);
    tcase_add_loop_test(tests, how_long_it_is_busy_is_a_number, 0, 3);
    tcase_add_test(tests, a_flood_ends_the_talk);
    tcase_add_loop_test(tests, a_model_that_is_too_large_is_refused, 0, 2);
    tcase_add_loop_test(tests, garbage_ends_the_talk, 0, 20);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
