#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "worker.h"

#include "daemon.h"
#include "files.h"
#include "unix_socket.h"
#include "worker_words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RETRY_MS      1000u /* before the first restart; doubled up to ... */
#define RETRY_MOST_MS 10000u
#define LEAVE_MS      5000u /* for a process that has closed its stream to end by itself */
#define FAILURES_MOST 3     /* of one step: then the run fails with its words */
#define SOCKET_NAME   "worker.sock"

static void start(struct worker *worker);
static void heard(void *context, const struct gsp_talk_event *event);

/* ---- what the peer is told ---- */

/* That it is not there, or (`starting`) not yet. */
static void tell_away(struct worker *worker, bool starting)
{
    struct daemon *daemon = worker->daemon;
    char reason[sizeof worker->why + WORDS_TRY] = "";
    words_try(reason, sizeof reason, worker->why, worker->starts);
    gsp_problem_worker_set(daemon->problem, NULL);
    const struct gsp_event event = {.type = starting ? GSP_EVENT_PROBLEM_STARTING : GSP_EVENT_PROBLEM_AWAY,
                                    .reason = reason};
    daemon_tell(daemon, &event);
    daemon_pump(daemon);
}

/* Its question is answered without it: it has failed, or (NULL) how good x is can't be told. */
static void tell_answer(struct worker *worker, const char *failure)
{
    struct gsp_event event = {.type = GSP_EVENT_ANSWER};
    event.answer = (struct gsp_answer){.question = worker->question, .failure = failure, .loss = NAN, .accuracy = NAN};
    worker->asked = false;
    daemon_tell(worker->daemon, &event);
    daemon_pump(worker->daemon);
}

/* ---- the link ends ---- */

static void unlink_worker(struct worker *worker, const char *reason)
{
    if (!worker->link) return;
    worker_link_close(worker->link, reason);
    worker->link = NULL;
    worker->ready = false;
    uv_timer_stop(&worker->timer);
}

/* It is gone, or no use any more: the peer hears why. */
static void lose(struct worker *worker, const char *why, const char *reason)
{
    snprintf(worker->why, sizeof worker->why, "%.*s", (int)sizeof worker->why - 1, why);
    unlink_worker(worker, reason);
    gsp_log(&worker->daemon->log, GSP_LOG_WARNING, "worker: %s", worker->why);
    tell_away(worker, false);
}

static void on_staying(uv_timer_t *timer)
{
    struct worker *worker = timer->data;
    if (!worker->process) return;
    if (!worker->why[0]) lose(worker, "it has closed its connection, and did not end: it is ended", NULL);
    worker_process_end(worker->process);
}

/* Its process may end by itself, and say why in words of its own; who stays is ended. */
static void let_end(struct worker *worker)
{
    if (worker->process) uv_timer_start(&worker->timer, on_staying, LEAVE_MS, 0);
}

/* ---- its process ---- */

static void on_restart(uv_timer_t *timer)
{
    start(timer->data);
}

static void restart_later(struct worker *worker)
{
    uint64_t wait = RETRY_MS;
    for (unsigned i = 1; i < worker->starts && wait < RETRY_MOST_MS; i++) wait *= 2;
    uv_timer_start(&worker->timer, on_restart, wait < RETRY_MOST_MS ? wait : RETRY_MOST_MS, 0);
}

/* Why it was ended, if this daemon did that, has been said. */
static void on_gone(void *context, const char *how, bool ended)
{
    struct worker *worker = context;
    const bool said = !worker->link && worker->why[0];
    if (said) ended = false; /* whatever its exit code */
    worker->process = NULL;
    if (worker->closed) {
        daemon_pump(worker->daemon);
        return;
    }
    if (ended)
        snprintf(worker->why, sizeof worker->why,
                 "it ended of its own accord (exit code 0), and is not started again before gossipd is");
    else if (!said)
        snprintf(worker->why, sizeof worker->why, "%s", how);
    unlink_worker(worker, NULL);
    uv_timer_stop(&worker->timer);
    if (said)
        gsp_log(&worker->daemon->log, GSP_LOG_INFO, "worker: its process is gone: %s", how);
    else
        gsp_log(&worker->daemon->log, GSP_LOG_WARNING, "worker: %s", worker->why);
    tell_away(worker, false);
    if (!ended && !worker->given_up[0] && !worker->closed) restart_later(worker);
}

static struct worker_link *open_link(struct worker *worker, int fd)
{
    const struct worker_link_config config = {
        .loop = &worker->daemon->loop,
        .node = worker->daemon->setup->config->node,
        .memory_limit = daemon_memory(worker->daemon),
        .heard = heard,
        .context = worker,
    };
    worker->ready = false;
    worker->link = worker_link_open(&config, fd);
    return worker->link;
}

static void start(struct worker *worker)
{
    const struct gsp_daemon_config *settings = worker->daemon->setup->config;
    const struct worker_process_config config = {
        .loop = &worker->daemon->loop,
        .command = settings->worker_command,
        .folder = worker->folder,
        .node = settings->node,
        .output = "in the log",
        .gone = on_gone,
        .context = worker,
    };
    struct gsp_error error = {0};
    int fd;
    worker->starts++;
    if (!worker->why[0]) snprintf(worker->why, sizeof worker->why, "it has not said what it is yet");
    if (!worker_process_start(&worker->process, &fd, &config, &error)) {
        if (!open_link(worker, fd)) worker_process_end(worker->process);
        tell_away(worker, true);
        worker->why[0] = '\0';
        return;
    }
    lose(worker, error.message, NULL);
    restart_later(worker);
}

/* ---- what it says ---- */

static void arm(struct worker *worker, double seconds);

static void on_silent(uv_timer_t *timer)
{
    struct worker *worker = timer->data;
    char why[200];
    if (!worker->link || !worker_link_busy(worker->link)) return;
    snprintf(why, sizeof why, "no sign of life for %.6g s at round %" PRIu64 " (Timeout in [Worker]): %s",
             worker->patience, worker->question.round, worker->process ? "it is ended" : "its connection is closed");
    lose(worker, why, "no sign of life for longer than Timeout in gossipd.conf allows");
    if (worker->process) worker_process_end(worker->process);
}

static void arm(struct worker *worker, double seconds)
{
    double timeout = worker->daemon->setup->config->worker_timeout;
    if (timeout <= 0) return;
    if (seconds > timeout) timeout = seconds;
    worker->patience = fmin(timeout, 1e9);
    uv_timer_start(&worker->timer, on_silent, (uint64_t)(1000 * worker->patience), 0);
}

static void welcome(struct worker *worker, const struct gsp_talk_event *event)
{
    struct daemon *daemon = worker->daemon;
    const struct gsp_model_summary *model = &event->facts->model;
    struct gsp_error error = {0};
    if (worker_link_welcome(worker->link, event->memory, &error)) {
        lose(worker, error.message, error.message);
        let_end(worker);
        return;
    }
    worker->ready = true;
    worker->evaluates = event->facts->evaluates;
    worker->asked = false;
    worker->given_up[0] = '\0';
    gsp_log(&daemon->log, GSP_LOG_INFO, "worker: %s, %" PRIu64 " parameters, %s", model->name, model->dimension,
            event->facts->fingerprint);
    gsp_problem_worker_set(daemon->problem, event->facts);
    daemon_tell(daemon, &(struct gsp_event){.type = GSP_EVENT_PROBLEM_BEGUN});
    daemon_pump(daemon);
}

static void answer(struct worker *worker, const struct gsp_talk_event *heard_event)
{
    struct daemon *daemon = worker->daemon;
    struct gsp_event event = {.type = GSP_EVENT_ANSWER, .answer = heard_event->answer};
    event.answer.seconds = (double)(daemon_now(daemon) - worker->asked_at) / 1000;
    worker->asked = false;
    worker->starts = worker->starts > 0;
    uv_timer_stop(&worker->timer);
    daemon_tell(daemon, &event);
    daemon_pump(daemon);
}

static bool same_step(const struct gsp_question *a, const struct gsp_question *b)
{
    return a->ask == b->ask && a->round == b->round && gsp_run_key_compare(&a->run, &b->run) == 0;
}

/* It can't go on. A step that fails once may have met an accident; one that fails three times is wrong. What was said
 * at length is for the log; status has the line that says most. */
static void failed(struct worker *worker, const struct gsp_talk_event *event)
{
    struct worker_failures *failures = &worker->failures;
    const bool asked = worker->asked, for_good = event->type == GSP_TALK_ABORTED, wrong = event->type == GSP_TALK_WRONG;
    const char *text = event->text;
    char why[sizeof worker->why], failure[sizeof worker->given_up];
    if (!same_step(&failures->question, &worker->question)) *failures = (struct worker_failures){0};
    failures->question = worker->question;
    if (strchr(text, '\n')) gsp_log(&worker->daemon->log, GSP_LOG_WARNING, "worker: it says:\n%s", text);
    words_last(failure, sizeof failure, wrong ? "its worker failed: what it sent is refused" : "its worker failed",
               text);
    if (for_good) snprintf(worker->given_up, sizeof worker->given_up, "%s", failure);
    words_last(why, sizeof why - WORDS_NEVER,
               wrong      ? "what it sent is refused"
               : for_good ? "it says that it will never work"
                          : "its step failed",
               text);
    if (for_good) words_never(why, sizeof why);
    lose(worker, why, NULL);
    let_end(worker);
    if (asked && (for_good || ++failures->count >= FAILURES_MOST)) tell_answer(worker, failure);
}

static void heard(void *context, const struct gsp_talk_event *event)
{
    struct worker *worker = context;
    if (!event) {
        if (worker->process) {
            unlink_worker(worker, NULL); /* how it ended is heard in a moment */
            let_end(worker);
        } else
            lose(worker, "it has closed the connection", NULL);
        return;
    }
    switch (event->type) {
    case GSP_TALK_HELLO:
        welcome(worker, event);
        break;
    case GSP_TALK_ANSWER:
        answer(worker, event);
        break;
    case GSP_TALK_BUSY:
        arm(worker, event->seconds);
        break;
    case GSP_TALK_FAILED:
    case GSP_TALK_ABORTED:
    case GSP_TALK_WRONG:
        failed(worker, event);
        break;
    }
}

/* ---- what it is asked ---- */

void worker_ask(struct daemon *daemon, const struct gsp_question *question, const struct gsp_asked *asked)
{
    struct worker *worker = &daemon->worker;
    struct gsp_error error = {0};
    worker->question = *question;
    worker->asked = true;
    worker->asked_at = daemon_now(daemon);
    if (worker->given_up[0]) {
        tell_answer(worker, worker->given_up);
        return;
    }
    if (!worker->ready) return; /* asked again when it is there */
    if (question->ask == GSP_ASK_EVALUATE && !worker->evaluates) {
        tell_answer(worker, NULL);
        return;
    }
    if (!worker_link_ask(worker->link, question, asked, &error)) {
        arm(worker, 0);
        return;
    }
    lose(worker, error.message, error.message);
    let_end(worker);
}

/* ---- one that connects ---- */

static void on_connection(uv_stream_t *stream, int status)
{
    struct worker *worker = stream->data;
    uv_pipe_t *pipe = !status ? gsp_alloc(1, sizeof *pipe) : NULL;
    uv_os_fd_t fd;
    int own = -1;
    if (!pipe) return;
    uv_pipe_init(&worker->daemon->loop, pipe, 0);
    if (!uv_accept(stream, (uv_stream_t *)pipe) && !uv_fileno((const uv_handle_t *)pipe, &fd)) own = dup(fd);
    uv_close((uv_handle_t *)pipe, (uv_close_cb)free);
    if (own < 0) return;
    if (worker->link) {
        static const char words[] = "this node has a worker already";
        struct worker_link *before = worker->link;
        bool ready = worker->ready;
        struct worker_link *refused = open_link(worker, own);
        if (refused) worker_link_close(refused, words);
        worker->link = before;
        worker->ready = ready;
        gsp_log(&worker->daemon->log, GSP_LOG_WARNING, "worker: a second one wants to connect and is refused");
        return;
    }
    (void)open_link(worker, own);
}

static int listen_for_one(struct worker *worker, struct gsp_error *error)
{
    int fd, rc = unix_socket_listen(&fd, worker->socket, error);
    if (rc) return rc;
    uv_pipe_init(&worker->daemon->loop, &worker->listener, 0);
    worker->listener.data = worker;
    worker->listening = true;
    rc = uv_pipe_open(&worker->listener, fd);
    if (rc) close(fd);
    if (!rc) rc = uv_listen((uv_stream_t *)&worker->listener, 4, on_connection);
    return rc ? gsp_error_set(error, GSP_ERR_IO, "%s: %s", worker->socket, uv_strerror(rc)) : 0;
}

/* ---- begin and end ---- */

int worker_open(struct daemon *daemon, struct gsp_error *error)
{
    struct worker *worker = &daemon->worker;
    const struct gsp_daemon_config *config = daemon->setup->config;
    worker->daemon = daemon;
    if (!config->worker) return 0;
    size_t length = strlen(daemon->folder->path) + sizeof SOCKET_NAME + 1;
    worker->socket = gsp_alloc(length, 1);
    worker->folder = path_beside(daemon->setup->file, ".");
    if (!worker->socket || !worker->folder) return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    snprintf(worker->socket, length, "%s/%s", daemon->folder->path, SOCKET_NAME);
    uv_timer_init(&daemon->loop, &worker->timer);
    worker->timer.data = worker;
    worker->wanted = true;
    if (config->worker_command) {
        start(worker);
        return 0;
    }
    snprintf(worker->why, sizeof worker->why, "none has connected to %s yet", worker->socket);
    int rc = listen_for_one(worker, error);
    if (!rc) tell_away(worker, false);
    return rc;
}

void worker_close(struct daemon *daemon)
{
    struct worker *worker = &daemon->worker;
    if (!worker->wanted || worker->closed) return;
    worker->closed = true;
    /* One that this daemon has not started outlives it, and connects again: nothing tells it to end. */
    if (worker->link && !worker->process) {
        worker_link_drop(worker->link);
        worker->link = NULL;
    }
    unlink_worker(worker, NULL);
    uv_close((uv_handle_t *)&worker->timer, NULL);
    if (worker->listening) {
        uv_close((uv_handle_t *)&worker->listener, NULL);
        unlink(worker->socket);
    }
    if (worker->process) worker_process_end(worker->process);
    free(worker->socket);
    free(worker->folder);
}

bool worker_gone(const struct daemon *daemon)
{
    return !daemon->worker.process;
}
