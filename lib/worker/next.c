/* What the daemon asks for. */
#include "worker/inside.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What a handler returns besides 0 and errors. */
enum { STEP = 2 };

static int out_of_turn(const char *what, struct gsp_worker_error *error)
{
    return gsp__worker_fail(error, GSP_WORKER_ERR_PROTOCOL, "the daemon sent %s out of turn", what);
}

static int callback_failed(const char *what, struct gsp_worker_error *error)
{
    return gsp__worker_fail(error, GSP_WORKER_ERR_CALLBACK, "%s failed", what);
}

static int begin(struct gsp_worker *worker, struct gsp_worker_error *error)
{
    if (!worker->model.begin || !worker->model.begin(worker->model.context, &worker->run)) return 0;
    return callback_failed("beginning a run", error);
}

static int on_init(struct gsp_worker *worker, const Gossipd__WorkerInit *init, struct gsp_worker_error *error)
{
    struct gsp_worker_run *run = &worker->run;
    if (init->run_id.len != sizeof run->id)
        return gsp__worker_fail(error, GSP_WORKER_ERR_PROTOCOL, "a run's id of %zu bytes", init->run_id.len);
    char *node = strdup(init->node), *settings = strdup(init->settings);
    if (!node || !settings) {
        free(node);
        free(settings);
        return gsp__worker_fail(error, GSP_WORKER_ERR_NOMEM, "no memory for the settings");
    }
    free((void *)(uintptr_t)run->node);
    free((void *)(uintptr_t)run->settings);
    run->node = node;
    run->settings = settings;
    run->epoch = init->epoch;
    run->seed = init->seed;
    run->rounds = init->rounds;
    memcpy(run->id, init->run_id.data, sizeof run->id);
    worker->in_run = true;
    int rc = begin(worker, error);
    return rc ? rc : gsp__worker_ready(worker, true, error);
}

/* Inline, x comes with the message. */
static int take_x(struct gsp_worker *worker, bool present, const ProtobufCBinaryData *x, struct gsp_worker_error *error)
{
    if (!worker->model.inline_vectors || !present) return 0;
    if (x->len != worker->bytes)
        return gsp__worker_fail(error, GSP_WORKER_ERR_PROTOCOL, "an x of %zu bytes, where %zu are right", x->len,
                                worker->bytes);
    memcpy(worker->x, x->data, x->len);
    return 0;
}

static int on_load(struct gsp_worker *worker, const Gossipd__WorkerLoad *load, struct gsp_worker_error *error)
{
    const struct gsp_worker_model *model = &worker->model;
    const void *state = model->inline_vectors ? load->state.data : worker->state;
    if (!worker->in_run) return out_of_turn("LOAD", error);
    if (load->state_length > model->state_max || (model->inline_vectors && load->state.len != load->state_length))
        return gsp__worker_fail(error, GSP_WORKER_ERR_PROTOCOL, "a state of %llu bytes, where %llu were announced",
                                (unsigned long long)load->state_length, (unsigned long long)model->state_max);
    int rc = take_x(worker, load->has_x, &load->x, error);
    if (rc) return rc;
    if (!load->state_length)
        rc = begin(worker, error);
    else if (model->load(model->context, load->round, state, (size_t)load->state_length))
        rc = callback_failed("loading the state", error);
    return rc ? rc : gsp__worker_ready(worker, false, error);
}

static int on_step(struct gsp_worker *worker, const Gossipd__WorkerStep *asked, struct gsp_worker_step *step,
                   struct gsp_worker_error *error)
{
    if (!worker->in_run) return out_of_turn("STEP", error);
    int rc = take_x(worker, asked->has_x, &asked->x, error);
    if (rc) return rc;
    worker->in_step = true;
    worker->round = asked->round;
    worker->attempt = asked->attempt;
    worker->save = asked->save;
    worker->metric_count = 0;
    gsp__worker_seed(worker);
    *step = (struct gsp_worker_step){.run = &worker->run,
                                     .round = asked->round,
                                     .rounds = worker->run.rounds,
                                     .attempt = asked->attempt,
                                     .seed = worker->run.seed,
                                     .eta = asked->eta,
                                     .node = worker->run.node,
                                     .settings = worker->run.settings,
                                     .dimension = worker->model.dimension,
                                     .x = worker->x,
                                     .gradient = worker->vector};
    return STEP;
}

static int on_eval(struct gsp_worker *worker, const Gossipd__WorkerEval *eval, struct gsp_worker_error *error)
{
    if (!worker->model.evaluate) return out_of_turn("EVAL", error);
    int rc = take_x(worker, eval->has_x, &eval->x, error);
    if (rc) return rc;
    worker->metric_count = 0;
    if (worker->model.evaluate(worker->model.context, worker, worker->x)) return callback_failed("evaluating", error);
    return gsp__worker_result(worker, eval->round, error);
}

static int handle(struct gsp_worker *worker, const Gossipd__WorkerMessage *message, struct gsp_worker_step *step,
                  struct gsp_worker_error *error)
{
    switch (message->body_case) {
    case GOSSIPD__WORKER_MESSAGE__BODY_INIT:
        return on_init(worker, message->init, error);
    case GOSSIPD__WORKER_MESSAGE__BODY_LOAD:
        return on_load(worker, message->load, error);
    case GOSSIPD__WORKER_MESSAGE__BODY_STEP:
        return on_step(worker, message->step, step, error);
    case GOSSIPD__WORKER_MESSAGE__BODY_EVAL:
        return on_eval(worker, message->eval, error);
    case GOSSIPD__WORKER_MESSAGE__BODY_STOP:
        worker->ended = true;
        return GSP__WORKER_END;
    case GOSSIPD__WORKER_MESSAGE__BODY_ERROR:
        return gsp__worker_fail(error, GSP_WORKER_ERR_REFUSED, "%s", message->error->text);
    default:
        return out_of_turn("a message", error);
    }
}

/* HELLO, and the daemon's answer. */
static int greet(struct gsp_worker *worker, struct gsp_worker_error *error)
{
    Gossipd__WorkerMessage *message = NULL;
    int passed = -1, rc = gsp__worker_hello(worker, error);
    if (!rc) rc = gsp__worker_receive(worker, &message, &passed, error);
    if (!rc && message->body_case == GOSSIPD__WORKER_MESSAGE__BODY_ERROR)
        rc = gsp__worker_fail(error, GSP_WORKER_ERR_REFUSED, "%s", message->error->text);
    else if (!rc && (message->body_case != GOSSIPD__WORKER_MESSAGE__BODY_WELCOME ||
                     message->welcome->version != GSP__WORKER_VERSION))
        rc =
            gsp__worker_fail(error, GSP_WORKER_ERR_PROTOCOL, "the daemon's answer to HELLO is no WELCOME of version 1");
    else if (!rc)
        rc = gsp__worker_map(worker, message->welcome, passed, error);
    if (passed >= 0) close(passed);
    gossipd__worker_message__free_unpacked(message, NULL);
    return rc;
}

/* One message: STEP, 0, END or an error. */
static int turn(struct gsp_worker *worker, struct gsp_worker_step *step, struct gsp_worker_error *error)
{
    Gossipd__WorkerMessage *message;
    if (worker->descriptor < 0 || !worker->greeted) {
        int rc = gsp__worker_connect(worker, error);
        if (!rc) rc = greet(worker, error);
        worker->greeted = !rc;
        return rc;
    }
    int rc = gsp__worker_receive(worker, &message, NULL, error);
    if (rc) return rc;
    rc = handle(worker, message, step, error);
    gossipd__worker_message__free_unpacked(message, NULL);
    return rc;
}

int gsp_worker_next(struct gsp_worker *worker, struct gsp_worker_step *step, struct gsp_worker_error *error)
{
    struct gsp_worker_error own = {0};
    if (!error) error = &own;
    if (worker->in_step)
        return gsp__worker_fail(error, GSP_WORKER_ERR_USAGE, "the step of round %llu has not been answered",
                                (unsigned long long)worker->round);
    while (!worker->ended) {
        int rc = turn(worker, step, error);
        if (rc == STEP) return 1;
        if (!rc) continue;
        if (rc < 0 && rc != GSP_WORKER_ERR_REFUSED) gsp_worker_failed(worker, error->message);
        gsp__worker_disconnect(worker);
        if (rc < 0) return rc;
        /* the daemon has to end before it can begin */
        if (!worker->ended) nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    }
    return 0;
}
