/* worker_link.h - one connection to one worker: the stream, the memory shared with it, and the talk on it. */
#ifndef DAEMON_WORKER_LINK_H
#define DAEMON_WORKER_LINK_H

#include <gossip/talk.h>
#include <uv.h>

struct worker_link;

struct worker_link_config {
    uv_loop_t *loop;
    const char *node; /* copied */
    size_t memory_limit;
    /* Each event of the talk, and its end: type GSP_TALK_WRONG if there is no memory for it, or `event` NULL: the other
     * side is gone. The link may be closed from within. */
    void (*heard)(void *context, const struct gsp_talk_event *event);
    void *context;
};

/* Takes the descriptor of a connected Unix stream socket, also where it fails. NULL without memory. */
struct worker_link *worker_link_open(const struct worker_link_config *config, int fd);
/* Answers HELLO: makes the memory and sends its descriptor. GSP_ERR_NOMEM, GSP_ERR_IO; the link is to be closed then.
 */
int worker_link_welcome(struct worker_link *link, size_t memory, struct gsp_error *error);
/* gsp_talk_ask, and sends. */
int worker_link_ask(struct worker_link *link, const struct gsp_question *question, const struct gsp_asked *asked,
                    struct gsp_error *error);
bool worker_link_busy(const struct worker_link *link);
/* Says STOP, or `reason`, as far as that can be written at once, and closes: nothing is heard of it any more. */
void worker_link_close(struct worker_link *link, const char *reason);
/* Closes without a word: as if the daemon had died. */
void worker_link_drop(struct worker_link *link);

#endif
