#include "workers.h"

#include "daemon/worker_link.h"
#include "daemon/worker_process.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    WATCH_MS = 100,   /* how often an interrupt is looked for */
    LEAVE_TICKS = 50, /* for a process that has closed its stream to end by itself */
    QUIET_TICKS = 300 /* until it is said for whom everything waits */
};

struct worker {
    struct workers *workers;
    const char *node;
    struct worker_process *process; /* NULL: gone */
    struct worker_link *link;       /* NULL: closed */
    struct gsp_worker_facts facts;
    struct gsp_answer answer; /* its vector is good until the next question */
    double *point;
    bool awaited; /* the run waits for what it says */
    unsigned leaving;
};

struct workers {
    uv_loop_t loop;
    uv_timer_t watch;
    const volatile bool *interrupted;
    size_t count, awaited;
    struct worker *each;
    struct lockstep_source source;
    struct gsp_node_config config; /* for eta alone */
    size_t dimension;
    char *settings;
    char doing[40]; /* what is waited for */
    unsigned quiet; /* ticks that it has been */
    bool ending;
    struct gsp_error failure; /* the first of all; code 0: none */
};

/* ---- what ends the run ---- */

static void fail(struct worker *worker, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void fail(struct worker *worker, const char *format, ...)
{
    struct workers *workers = worker->workers;
    char what[sizeof workers->failure.message];
    va_list arguments;
    if (workers->failure.code || workers->ending) return;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    gsp_error_set(&workers->failure, GSP_ERR_STATE, "the worker of %s, %s: %s", worker->node, workers->doing, what);
}

static void hang_up(struct worker *worker, const char *reason)
{
    if (worker->link) worker_link_close(worker->link, reason);
    worker->link = NULL;
}

static void on_gone(void *context, const char *how, bool ended)
{
    struct worker *worker = context;
    worker->process = NULL;
    fail(worker, "%s", ended ? "it ended of its own accord (exit code 0)" : how);
    hang_up(worker, NULL);
}

/* ---- what they say ---- */

static void is_here(struct worker *worker)
{
    worker->workers->awaited -= worker->awaited;
    worker->awaited = false;
}

static void welcome(struct worker *worker, const struct gsp_talk_event *event)
{
    struct gsp_error error = {0};
    worker->facts = *event->facts;
    if (worker_link_welcome(worker->link, event->memory, &error)) fail(worker, "%s", error.message);
    is_here(worker);
}

static void take_answer(struct worker *worker, const struct gsp_answer *answer)
{
    struct gsp_error error = {0};
    worker->answer = *answer;
    if (answer->failure)
        fail(worker, "%s", answer->failure);
    else if (answer->question.ask == GSP_ASK_BEGIN &&
             gsp_answer_take(worker->point, worker->workers->dimension, answer, NULL, &error))
        fail(worker, "%s", error.message);
    is_here(worker);
}

/* Where a traceback says what it was; all of it has been printed by the worker itself. */
static const char *last_line(char *text)
{
    size_t length = strlen(text);
    while (length && text[length - 1] == '\n') text[--length] = 0;
    const char *line = strrchr(text, '\n');
    return line ? line + 1 : text;
}

static void heard(void *context, const struct gsp_talk_event *event)
{
    struct worker *worker = context;
    if (!event) { /* how it ended is heard in a moment */
        hang_up(worker, NULL);
        return;
    }
    char text[sizeof event->text];
    snprintf(text, sizeof text, "%s", event->text);
    worker->workers->quiet = 0;
    switch (event->type) {
    case GSP_TALK_HELLO:
        welcome(worker, event);
        break;
    case GSP_TALK_ANSWER:
        take_answer(worker, &event->answer);
        break;
    case GSP_TALK_BUSY:
        break;
    case GSP_TALK_FAILED:
    case GSP_TALK_WRONG:
        fail(worker, "its step failed: %s", last_line(text));
        break;
    case GSP_TALK_ABORTED:
        fail(worker, "it says that it will never work: %s", last_line(text));
        break;
    }
}

/* ---- waiting for them ---- */

static void say_whom(const struct workers *workers)
{
    char names[200] = "";
    size_t used = 0;
    for (size_t i = 0; i < workers->count && used + GSP_NAME_MAX + 8 < sizeof names; i++)
        if (workers->each[i].awaited)
            used += (size_t)snprintf(names + used, sizeof names - used, " %s", workers->each[i].node);
    common_say("%s: still waiting for the worker of%s", workers->doing, names);
}

static void on_watch(uv_timer_t *timer)
{
    struct workers *workers = timer->data;
    for (size_t i = 0; i < workers->count; i++) {
        struct worker *worker = &workers->each[i];
        if (worker->link || !worker->process || workers->ending) continue;
        if (++worker->leaving > LEAVE_TICKS) fail(worker, "it has closed its connection, and did not end");
    }
    if (workers->awaited && ++workers->quiet == QUIET_TICKS) say_whom(workers);
}

/* Until all that are awaited have answered. */
static int wait_for_all(struct workers *workers, struct gsp_error *error)
{
    workers->quiet = 0;
    while (workers->awaited && !workers->failure.code && !*workers->interrupted) uv_run(&workers->loop, UV_RUN_ONCE);
    if (workers->failure.code) {
        *error = workers->failure;
        return error->code;
    }
    return workers->awaited ? gsp_error_set(error, GSP_ERR_STATE, "interrupted, %s", workers->doing) : 0;
}

static void await(struct worker *worker)
{
    worker->awaited = true;
    worker->workers->awaited++;
}

static void ask(struct worker *worker, const struct gsp_question *question, const struct gsp_asked *asked)
{
    struct gsp_error error = {0};
    await(worker);
    if (worker->link && worker_link_ask(worker->link, question, asked, &error)) fail(worker, "%s", error.message);
}

/* What is asked of all at once, of each at its own x. */
static struct gsp_question question_of(enum gsp_ask what, uint64_t round)
{
    return (struct gsp_question){.ask = what, .run = {.epoch = 1}, .round = round, .attempt = 1};
}

static struct gsp_asked asked_at(const struct workers *workers, const double *x)
{
    return (struct gsp_asked){.settings = workers->settings, .x = x, .dimension = workers->dimension};
}

/* ---- rounds ---- */

static int begin_round(void *context, const struct lockstep *lockstep, struct gsp_error *error)
{
    struct workers *workers = context;
    const struct gsp_question question = question_of(GSP_ASK_GRADIENT, lockstep->round + 1);
    snprintf(workers->doing, sizeof workers->doing, "in round %" PRIu64, question.round);
    for (size_t i = 0; i < workers->count; i++) {
        struct gsp_asked asked = asked_at(workers, gsp_node_x(lockstep->nodes[i]));
        asked.eta = gsp_eta_at(&workers->config, question.round);
        ask(&workers->each[i], &question, &asked);
    }
    return wait_for_all(workers, error);
}

static int take_gradient(void *context, size_t node, const struct gsp_work *work, double *loss, bool *update,
                         struct gsp_error *error)
{
    const struct workers *workers = context;
    const struct gsp_answer *answer = &workers->each[node].answer;
    *loss = answer->loss;
    *update = answer->kind == GSP_ANSWER_UPDATE;
    int rc = gsp_answer_step(work->gradient, workers->dimension, answer, work->x, workers->config.momentum, error);
    if (rc) gsp_error_prefix(error, "the worker of %s", workers->each[node].node);
    return rc;
}

int workers_evaluate(struct workers *workers, uint64_t round, const double *const *x, struct score *out,
                     struct gsp_error *error)
{
    const struct gsp_question question = question_of(GSP_ASK_EVALUATE, round);
    snprintf(workers->doing, sizeof workers->doing, "evaluating after round %" PRIu64, round);
    for (size_t i = 0; i < workers->count; i++) {
        const struct gsp_asked asked = asked_at(workers, x[i]);
        workers->each[i].answer = (struct gsp_answer){.loss = NAN, .accuracy = NAN};
        if (workers->each[i].facts.evaluates) ask(&workers->each[i], &question, &asked);
    }
    int rc = wait_for_all(workers, error);
    for (size_t i = 0; i < workers->count; i++)
        out[i] = (struct score){.loss = workers->each[i].answer.loss, .metric = workers->each[i].answer.accuracy};
    return rc;
}

/* ---- begin and end ---- */

static int start(struct worker *worker, const char *command, struct gsp_error *error)
{
    struct workers *workers = worker->workers;
    const struct worker_process_config process = {.loop = &workers->loop,
                                                  .command = command,
                                                  .folder = ".",
                                                  .node = worker->node,
                                                  .output = "above",
                                                  .gone = on_gone,
                                                  .context = worker};
    const struct worker_link_config link = {
        .loop = &workers->loop, .node = worker->node, .heard = heard, .context = worker};
    int fd, rc = worker_process_start(&worker->process, &fd, &process, error);
    if (!rc && !(worker->link = worker_link_open(&link, fd))) rc = gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    if (rc)
        gsp_error_prefix(error, "the worker of %s", worker->node);
    else
        await(worker);
    return rc;
}

int workers_start(struct workers **out, const struct gsp_graph *graph, const char *command,
                  const volatile bool *interrupted, struct gsp_error *error)
{
    struct workers *workers = gsp_alloc(1, sizeof *workers);
    struct worker *each = gsp_alloc(graph->count, sizeof *each);
    if (!workers || !each || uv_loop_init(&workers->loop)) {
        free(workers);
        free(each);
        return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for %zu workers", graph->count);
    }
    *out = workers;
    signal(SIGPIPE, SIG_IGN); /* one that dies is told in words */
    workers->interrupted = interrupted;
    workers->each = each;
    workers->source = (struct lockstep_source){.context = workers, .begin = begin_round, .take = take_gradient};
    snprintf(workers->doing, sizeof workers->doing, "as it began");
    uv_timer_init(&workers->loop, &workers->watch);
    workers->watch.data = workers;
    uv_timer_start(&workers->watch, on_watch, WATCH_MS, WATCH_MS);
    for (size_t i = 0; i < graph->count; i++) {
        each[i] = (struct worker){.workers = workers, .node = graph->names[i]};
        workers->count = i + 1;
        int rc = start(&each[i], command, error);
        if (rc) return rc;
    }
    return wait_for_all(workers, error);
}

void workers_end(struct workers *workers)
{
    if (!workers) return;
    workers->ending = true;
    for (size_t i = 0; i < workers->count; i++) {
        hang_up(&workers->each[i], NULL);
        if (workers->each[i].process) worker_process_end(workers->each[i].process);
        free(workers->each[i].point);
    }
    uv_close((uv_handle_t *)&workers->watch, NULL);
    uv_run(&workers->loop, UV_RUN_DEFAULT); /* until nothing is left of them */
    uv_loop_close(&workers->loop);
    free(workers->settings);
    free(workers->each);
    free(workers);
}

int workers_resolve(const struct workers *workers, struct gsp_objective_choice *objective,
                    struct gsp_settings *settings, struct gsp_error *error)
{
    const struct gsp_node_model mine = {workers->each[0].node, &workers->each[0].facts.model};
    for (size_t i = 0; i < workers->count; i++) {
        const struct gsp_node_model other = {workers->each[i].node, &workers->each[i].facts.model};
        int rc = gsp_model_check(&mine, &other, settings->init, error);
        if (rc) return rc;
    }
    gsp_model_resolve(mine.model, objective, settings);
    return 0;
}

size_t workers_rows(const struct workers *workers, size_t node)
{
    return (size_t)workers->each[node].facts.rows;
}

size_t workers_rows_of_all(const struct workers *workers)
{
    size_t rows = 0;
    for (size_t i = 0; i < workers->count; i++) {
        if (!workers_rows(workers, i)) return 0;
        rows += workers_rows(workers, i);
    }
    return rows;
}

const char *workers_model(const struct workers *workers)
{
    return workers->each[0].facts.model.name;
}

static int fetch_points(struct workers *workers, struct gsp_error *error)
{
    const struct gsp_question question = question_of(GSP_ASK_BEGIN, 0);
    const struct gsp_asked asked = asked_at(workers, NULL);
    for (size_t i = 0; i < workers->count; i++) {
        struct worker *worker = &workers->each[i];
        worker->point = gsp_vector(workers->dimension);
        if (!worker->point)
            return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for %zu parameters", workers->dimension);
        ask(worker, &question, &asked);
    }
    return wait_for_all(workers, error);
}

int workers_begin(struct workers *workers, const struct gsp_settings *settings, struct gsp_error *error)
{
    gsp_node_config_take(&workers->config, settings);
    workers->dimension = (size_t)workers->each[0].facts.model.dimension;
    workers->settings = gsp_settings_format(settings);
    if (!workers->settings) return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    return settings->init == GSP_INIT_WORKER ? fetch_points(workers, error) : 0;
}

const double *workers_point(const struct workers *workers, size_t node)
{
    return workers->each[node].point;
}

const struct lockstep_source *workers_source(const struct workers *workers)
{
    return &workers->source;
}
