/* Making a worker, and its end. */
#include "worker/inside.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "vectors are exchanged in little-endian"
#endif

int gsp__worker_fail(struct gsp_worker_error *error, int code, const char *format, ...)
{
    if (!error) return code;
    va_list list;
    va_start(list, format);
    error->code = code;
    vsnprintf(error->message, sizeof error->message, format, list);
    va_end(list);
    return code;
}

static int check(const struct gsp_worker_model *model, struct gsp_worker_error *error)
{
    if (!model->name || !*model->name || strlen(model->name) > 64)
        return gsp__worker_fail(error, GSP_WORKER_ERR_USAGE, "a model's name has 1 to 64 bytes");
    for (const char *at = model->name; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return gsp__worker_fail(error, GSP_WORKER_ERR_USAGE, "a model's name has no control characters");
    if (model->dtype != GSP_WORKER_F32 && model->dtype != GSP_WORKER_F64)
        return gsp__worker_fail(error, GSP_WORKER_ERR_USAGE, "dtype %d is none", (int)model->dtype);
    if (!model->dimension || model->dimension > SIZE_MAX / 64)
        return gsp__worker_fail(error, GSP_WORKER_ERR_USAGE, "a dimension of %zu", model->dimension);
    if (model->fingerprint && strlen(model->fingerprint) > 100)
        return gsp__worker_fail(error, GSP_WORKER_ERR_USAGE, "a fingerprint has at most 100 bytes");
    if (model->state_max && (!model->begin || !model->save || !model->load))
        return gsp__worker_fail(error, GSP_WORKER_ERR_USAGE, "a state needs begin, save and load");
    if (model->state_max > SIZE_MAX / 4)
        return gsp__worker_fail(error, GSP_WORKER_ERR_USAGE, "a state_max of %llu",
                                (unsigned long long)model->state_max);
    return 0;
}

/* Texts and x0 of the caller's become the worker's. False: no memory. */
static bool take(struct gsp_worker *worker, const struct gsp_worker_model *model)
{
    worker->model = *model;
    worker->model.name = strdup(model->name);
    worker->model.fingerprint = strdup(model->fingerprint ? model->fingerprint : "");
    void *x0 = NULL;
    if (model->x0 && worker->bytes) {
        x0 = malloc(worker->bytes);
        if (x0) memcpy(x0, model->x0, worker->bytes);
    }
    worker->model.x0 = x0;
    return worker->model.name && worker->model.fingerprint && (!model->x0 || x0);
}

int gsp_worker_open(struct gsp_worker **out, const struct gsp_worker_model *model, struct gsp_worker_error *error)
{
    *out = NULL;
    int rc = check(model, error);
    if (rc) return rc;
    if (sodium_init() < 0) return gsp__worker_fail(error, GSP_WORKER_ERR_IO, "libsodium can't be used here");
    struct gsp_worker *worker = calloc(1, sizeof *worker);
    if (!worker) return gsp__worker_fail(error, GSP_WORKER_ERR_NOMEM, "out of memory");
    worker->descriptor = -1;
    worker->bytes = model->dimension * (model->dtype == GSP_WORKER_F32 ? sizeof(float) : sizeof(double));
    rc = take(worker, model) ? gsp__worker_address(worker, error)
                             : gsp__worker_fail(error, GSP_WORKER_ERR_NOMEM, "out of memory");
    if (rc) {
        gsp_worker_close(worker);
        return rc;
    }
    *out = worker;
    return 0;
}

void gsp_worker_close(struct gsp_worker *worker)
{
    if (!worker) return;
    gsp__worker_disconnect(worker);
    gsp__worker_unmap(worker);
    free((void *)(uintptr_t)worker->model.name);
    free((void *)(uintptr_t)worker->model.fingerprint);
    free((void *)(uintptr_t)worker->model.x0);
    free((void *)(uintptr_t)worker->run.node);
    free((void *)(uintptr_t)worker->run.settings);
    free(worker->address);
    free(worker->frame);
    free(worker);
}
