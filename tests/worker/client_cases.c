#include "worker/client_cases.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { D = 3, WRONG = 100 };

static int begin(void *context, const struct gsp_worker_run *run)
{
    memset(context, 0, sizeof(struct client_state));
    return strcmp(run->node, "n001") != 0 || strcmp(run->settings, "a=b\n") != 0;
}

static int save(void *context, void *bytes, size_t room, size_t *length)
{
    *length = sizeof(struct client_state);
    if (room < *length) return 1;
    memcpy(bytes, context, *length);
    return 0;
}

static int load(void *context, uint64_t round, const void *bytes, size_t length)
{
    if (length != sizeof(struct client_state)) return 1;
    memcpy(context, bytes, length);
    return ((struct client_state *)context)->count != round;
}

static int evaluate(void *context, struct gsp_worker *worker, const void *x)
{
    (void)context;
    return gsp_worker_metric(worker, "accuracy", ((const double *)x)[1]);
}

static void silent(void *context, const char *text)
{
    (void)context;
    (void)text;
}

static int plain_step(struct gsp_worker *worker, struct client_state *state, const struct gsp_worker_step *step,
                      struct gsp_worker_error *error)
{
    const double *x = step->x;
    double *out = step->gradient;
    for (int i = 0; i < D; i++) {
        state->m[i] = 0.5 * state->m[i] + (double)gsp_worker_below(worker, 1000);
        out[i] = x[i] - step->eta * state->m[i];
    }
    state->count++;
    if (gsp_worker_metric(worker, "a b", 0) != GSP_WORKER_ERR_USAGE) return WRONG;
    gsp_worker_metric(worker, "count", (double)state->count);
    int rc = gsp_worker_update(worker, out, NAN, 4, error);
    if (!rc && gsp_worker_gradient(worker, out, NAN, 4, error) != GSP_WORKER_ERR_USAGE) rc = WRONG;
    return rc;
}

static int failing_step(struct gsp_worker *worker, const struct gsp_worker_step *step, struct gsp_worker_error *error)
{
    char text[5000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    int rc = gsp_worker_busy(worker, 2.5, error);
    if (step->attempt == 1)
        gsp_worker_failed(worker, text);
    else
        gsp_worker_abort(worker, "ne\tv\x1b\xc2\x85r\xff\n\xc3\xa9\xc3");
    return rc;
}

int client(enum client_case how, int descriptor)
{
    static const double x0[D] = {1, 2, 3};
    struct client_state state = {.count = 1234};
    struct gsp_worker *worker;
    struct gsp_worker_step step;
    struct gsp_worker_error error = {0};
    struct gsp_worker_model model = {.name = "test",
                                     .dimension = D,
                                     .dtype = GSP_WORKER_F64,
                                     .fingerprint = "check",
                                     .x0 = x0,
                                     .inline_vectors = how == CLIENT_INLINE,
                                     .state_max = sizeof state,
                                     .context = &state,
                                     .begin = begin,
                                     .save = save,
                                     .load = load,
                                     .evaluate = evaluate,
                                     .say = silent};
    int rc = gsp_worker_open(&worker, &model, &error);
    if (!rc && descriptor >= 0 && !(fcntl(descriptor, F_GETFD) & FD_CLOEXEC)) return WRONG;
    while (!rc && (rc = gsp_worker_next(worker, &step, &error)) == 1) {
        if (how == CLIENT_DIES) kill(getpid(), SIGKILL);
        rc = how == CLIENT_FAILS ? failing_step(worker, &step, &error) : plain_step(worker, &state, &step, &error);
    }
    if (rc < 0 && (error.code != rc || !*error.message)) rc = WRONG;
    gsp_worker_close(worker);
    return rc < 0 ? -rc : rc;
}
