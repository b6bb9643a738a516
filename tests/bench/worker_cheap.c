/* A worker whose own step costs nothing: it always answers with the same gradient, numbers of its own in [-1, 1), which
 * stands where answers go. worker_cheap DIMENSION */
#include <gossip/worker.h>

#include <stdio.h>
#include <stdlib.h>

static void fill(float *out, size_t count, const char *node)
{
    uint32_t s = 1;
    for (; *node; node++) s = 31 * s + (uint32_t)*node;
    for (size_t i = 0; i < count; i++) {
        s = 1664525 * s + 1013904223;
        out[i] = (float)(int32_t)s / 2147483648.0f;
    }
}

int main(int argc, char **argv)
{
    struct gsp_worker_error error;
    struct gsp_worker_step step;
    struct gsp_worker *worker;
    struct gsp_worker_model model = {.name = "cheap", .dimension = argc > 1 ? strtoull(argv[1], NULL, 10) : 0};
    int rc = gsp_worker_open(&worker, &model, &error);
    bool filled = false;
    while (!rc && (rc = gsp_worker_next(worker, &step, &error)) == 1) {
        if (!filled) fill(step.gradient, model.dimension, step.node);
        filled = true;
        rc = gsp_worker_gradient(worker, step.gradient, 1, 0, &error);
    }
    gsp_worker_close(worker);
    if (rc) fprintf(stderr, "%s\n", error.message);
    return rc != 0;
}
