/* gossip/talk.h - the daemon's side of the talk with a worker (proto/worker.proto, doc/worker.md), without sockets,
 * clocks or processes: bytes in, bytes out, questions in, events out.
 *
 * A talk lasts as long as one connection to one worker. Its driver reads and writes the stream, shares memory with the
 * worker, and ends the talk when an event says so. */
#ifndef GOSSIP_TALK_H
#define GOSSIP_TALK_H

#include <gossip/host.h>
#include <gossip/problem.h>

#define GSP_TALK_BUSY_MAX 1e9  /* seconds; who says more is taken to have said this */
#define GSP_TALK_TEXT_MAX 1000 /* bytes kept of what a worker says */

struct gsp_talk;

enum gsp_talk_event_type {
    /* The worker has said what it is: facts, memory. The driver answers by gsp_talk_welcome, or ends the talk. */
    GSP_TALK_HELLO,
    GSP_TALK_ANSWER,  /* answer: to the question in hand; its views are good until the next call. `seconds` is 0 */
    GSP_TALK_BUSY,    /* seconds: it needs so many more, at most GSP_TALK_BUSY_MAX */
    GSP_TALK_FAILED,  /* text: the step failed there. Who goes on in it is in no known state: the talk is to be ended */
    GSP_TALK_ABORTED, /* text: it will never work. The same */
    GSP_TALK_WRONG    /* text: what it sent makes no sense; it is told so by what is in the output. The same */
};

struct gsp_talk_event {
    enum gsp_talk_event_type type;
    const struct gsp_worker_facts *facts; /* lives as long as the talk */
    size_t memory;                        /* bytes to share, page-aligned by the driver; 0: vectors go inline */
    struct gsp_answer answer;
    double seconds;
    char text[GSP_TALK_TEXT_MAX + 1];
};

/* `node` is copied. `memory_limit`: the most that may be shared, in bytes; more is WRONG. GSP_ERR_NOMEM. */
int gsp_talk_new(struct gsp_talk **out, const char *node, size_t memory_limit);
void gsp_talk_free(struct gsp_talk *talk); /* NULL is allowed */

/* What the worker has sent. GSP_ERR_NOMEM. */
int gsp_talk_receive(struct gsp_talk *talk, const uint8_t *bytes, size_t length);
/* Takes the next event out; false: there is none. After one that says that the talk is to be ended there is none. */
bool gsp_talk_next(struct gsp_talk *talk, struct gsp_talk_event *event);
/* Bytes for the worker, appended by the calls here; the driver writes them and sets the length to 0. Before the
 * answer to HELLO there are none. */
struct gsp_buffer *gsp_talk_output(struct gsp_talk *talk);

/* After HELLO, once: `memory` of the size that it said, which outlives the talk; NULL where it was 0. The descriptor of
 * the memory must go with the output. GSP_ERR_NOMEM. */
int gsp_talk_welcome(struct gsp_talk *talk, void *memory);
/* After the welcome: asks. What the question points to is not looked at any more afterwards. A question that is out is
 * forgotten, and its answer dropped when it comes; this one follows then. GSP_ERR_CONFIG: the worker's model is not of
 * the run's dimension, and the talk is to be ended; GSP_ERR_NOMEM. */
int gsp_talk_ask(struct gsp_talk *talk, const struct gsp_question *question, const struct gsp_asked *asked,
                 struct gsp_error *error);
/* The worker has something to do. */
bool gsp_talk_busy(const struct gsp_talk *talk);
/* Puts STOP, or with a reason ERROR, into the output: the driver ends the stream after it. */
int gsp_talk_stop(struct gsp_talk *talk, const char *reason);

#endif
