/* What a step by a worker costs beyond the worker's own arithmetic: bench_worker STEPS COMMAND...
 *
 * This is the daemon's side as the daemon has it (its link, its process, its talk), and a worker that answers every
 * step with the same vector. A step here is: x is rounded to the worker's type and handed over, the worker wakes,
 * answers, and its vector is read as doubles. For every COMMAND a line: d, the median step by the clock in
 * milliseconds, and for comparison a copy of d doubles, measured in between. */
#include "daemon/worker_link.h"
#include "daemon/worker_process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct bench {
    uv_loop_t loop;
    struct worker_process *process;
    struct worker_link *link;
    size_t dimension, steps, done;
    double *x, *gradient, *times, *copies;
    double began, loss;
    char failure[GSP_TALK_TEXT_MAX + 1];
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fail(struct bench *bench, const char *text)
{
    snprintf(bench->failure, sizeof bench->failure, "%s", text);
    uv_stop(&bench->loop);
}

static void ask(struct bench *bench, enum gsp_ask what)
{
    struct gsp_error error = {0};
    struct gsp_question question = {.ask = what, .run = {.epoch = 1}, .attempt = 1};
    struct gsp_asked asked = {.settings = "rounds=1000000\nseed=1\n", .dimension = bench->dimension, .eta = 0.1};
    if (what == GSP_ASK_GRADIENT) {
        question.round = bench->done + 1;
        asked.x = bench->x;
    }
    bench->began = now();
    if (worker_link_ask(bench->link, &question, &asked, &error)) fail(bench, error.message);
}

/* The vector as the core takes it: lib/run/ask.c. */
static void take(struct bench *bench, const struct gsp_answer *answer)
{
    const float *singles = answer->vector;
    if (answer->dtype == GSP_FLOAT64)
        memcpy(bench->gradient, answer->vector, bench->dimension * sizeof(double));
    else
        for (size_t i = 0; i < bench->dimension; i++) bench->gradient[i] = (double)singles[i];
    bench->loss += bench->gradient[0];
}

static void answered(struct bench *bench, const struct gsp_answer *answer)
{
    if (answer->question.ask == GSP_ASK_GRADIENT) {
        take(bench, answer);
        double end = now();
        bench->times[bench->done] = end - bench->began;
        memcpy(bench->x, bench->gradient, bench->dimension * sizeof(double));
        bench->copies[bench->done] = now() - end;
        if (++bench->done == bench->steps) {
            uv_stop(&bench->loop);
            return;
        }
    }
    ask(bench, GSP_ASK_GRADIENT);
}

static void greet(struct bench *bench, const struct gsp_talk_event *event)
{
    struct gsp_error error = {0};
    bench->dimension = (size_t)event->facts->model.dimension;
    bench->x = gsp_vector(bench->dimension);
    bench->gradient = gsp_vector(bench->dimension);
    if (!bench->x || !bench->gradient)
        fail(bench, "no memory");
    else if (worker_link_welcome(bench->link, event->memory, &error))
        fail(bench, error.message);
    else
        ask(bench, GSP_ASK_BEGIN);
}

static void heard(void *context, const struct gsp_talk_event *event)
{
    struct bench *bench = context;
    if (!event)
        fail(bench, "the worker has gone");
    else if (event->type == GSP_TALK_HELLO)
        greet(bench, event);
    else if (event->type == GSP_TALK_ANSWER)
        answered(bench, &event->answer);
    else if (event->type != GSP_TALK_BUSY)
        fail(bench, event->text);
}

static void gone(void *context, const char *how, bool ended)
{
    struct bench *bench = context;
    (void)ended;
    bench->process = NULL;
    if (bench->done < bench->steps) fail(bench, how);
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return values[count / 2];
}

static int start(struct bench *bench, const char *command, struct gsp_error *error)
{
    int fd;
    struct worker_process_config process = {.loop = &bench->loop,
                                            .command = command,
                                            .folder = ".",
                                            .node = "n001",
                                            .output = "above",
                                            .gone = gone,
                                            .context = bench};
    struct worker_link_config link = {
        .loop = &bench->loop, .node = "n001", .memory_limit = (size_t)1 << 34, .heard = heard, .context = bench};
    int rc = worker_process_start(&bench->process, &fd, &process, error);
    if (rc) return rc;
    bench->link = worker_link_open(&link, fd);
    return bench->link ? 0 : gsp_error_set(error, GSP_ERR_NOMEM, "no memory");
}

static int play(size_t steps, const char *command)
{
    struct gsp_error error = {0};
    struct bench bench = {.steps = steps};
    bench.times = gsp_vector(steps);
    bench.copies = gsp_vector(steps);
    if (!bench.times || !bench.copies) return 1;
    uv_loop_init(&bench.loop);
    if (start(&bench, command, &error)) fail(&bench, error.message);
    if (!*bench.failure) uv_run(&bench.loop, UV_RUN_DEFAULT);
    if (bench.link) worker_link_close(bench.link, NULL);
    if (bench.process) worker_process_end(bench.process);
    uv_run(&bench.loop, UV_RUN_DEFAULT);
    if (*bench.failure)
        fprintf(stderr, "%s: %s\n", command, bench.failure);
    else
        printf("%9zu  %8.4f  %8.4f  %s\n", bench.dimension, 1e3 * median(bench.times, steps),
               1e3 * median(bench.copies, steps), command);
    fflush(stdout);
    uv_loop_close(&bench.loop);
    free(bench.x);
    free(bench.gradient);
    free(bench.times);
    free(bench.copies);
    return *bench.failure != 0;
}

int main(int argc, char **argv)
{
    int status = 0;
    if (argc < 3 || strtoull(argv[1], NULL, 10) == 0) {
        fprintf(stderr, "usage: bench_worker STEPS COMMAND...\n");
        return 64;
    }
    printf("        d   step ms   copy ms  worker\n");
    for (int i = 2; i < argc; i++) status |= play(strtoull(argv[1], NULL, 10), argv[i]);
    return status;
}
