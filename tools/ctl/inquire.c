#include "inquire.h"

#include "daemon/worker_link.h"
#include "daemon/worker_process.h"

#include <signal.h>

struct inquiry {
    uv_loop_t loop;
    uv_timer_t patience;
    struct worker_process *process;
    struct worker_link *link;
    struct gsp_worker_facts *facts;
    bool over;
    struct gsp_error *error;
};

/* The first to say how it went; `text` NULL: well. */
static void conclude(struct inquiry *inquiry, const char *text)
{
    if (inquiry->over) return;
    inquiry->over = true;
    if (text) (void)gsp_error_set(inquiry->error, GSP_ERR_STATE, "%s", text);
    if (inquiry->link) worker_link_close(inquiry->link, NULL);
    if (inquiry->process) worker_process_end(inquiry->process);
    uv_close((uv_handle_t *)&inquiry->patience, NULL);
}

static void heard(void *context, const struct gsp_talk_event *event)
{
    struct inquiry *inquiry = context;
    if (!event) return; /* how it ended is heard in a moment */
    if (event->type == GSP_TALK_HELLO) *inquiry->facts = *event->facts;
    conclude(inquiry, event->type == GSP_TALK_HELLO ? NULL : event->text);
}

static void gone(void *context, const char *how, bool ended)
{
    struct inquiry *inquiry = context;
    inquiry->process = NULL;
    conclude(inquiry, ended ? "it ended with exit code 0 before it had said what it is" : how);
}

static void on_patience_over(uv_timer_t *timer)
{
    char text[100];
    snprintf(text, sizeof text, "it has not said what it is within %d s", INQUIRE_SECONDS);
    conclude(timer->data, text);
}

int inquire_worker(struct gsp_worker_facts *out, const char *command, const char *folder, const char *node,
                   struct gsp_error *error)
{
    struct gsp_error reason = {0};
    struct inquiry inquiry = {.facts = out, .error = &reason};
    int fd;
    if (uv_loop_init(&inquiry.loop)) return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    signal(SIGPIPE, SIG_IGN); /* one that dies is told in words */
    uv_timer_init(&inquiry.loop, &inquiry.patience);
    inquiry.patience.data = &inquiry;
    uv_timer_start(&inquiry.patience, on_patience_over, INQUIRE_SECONDS * 1000, 0);
    const struct worker_process_config process = {.loop = &inquiry.loop,
                                                  .command = command,
                                                  .folder = folder,
                                                  .node = node,
                                                  .output = "above",
                                                  .gone = gone,
                                                  .context = &inquiry};
    const struct worker_link_config link = {
        .loop = &inquiry.loop, .node = node, .memory_limit = SIZE_MAX, .heard = heard, .context = &inquiry};
    if (worker_process_start(&inquiry.process, &fd, &process, &reason))
        conclude(&inquiry, reason.message);
    else if (!(inquiry.link = worker_link_open(&link, fd)))
        conclude(&inquiry, "out of memory");
    uv_run(&inquiry.loop, UV_RUN_DEFAULT);
    uv_loop_close(&inquiry.loop);
    return reason.code ? gsp_error_set(error, reason.code, "%s", reason.message) : 0;
}
