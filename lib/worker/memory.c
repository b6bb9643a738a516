/* The memory in which x, the answer and the state lie. */
#define _GNU_SOURCE /* sealed memory, O_PATH */
#include "worker/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

void gsp__worker_unmap(struct gsp_worker *worker)
{
    if (worker->memory && worker->model.inline_vectors)
        free(worker->memory);
    else if (worker->memory)
        munmap(worker->memory, worker->memory_size);
    worker->memory = NULL;
}

static int make(struct gsp_worker *worker, struct gsp_worker_error *error)
{
    worker->memory_size = 2 * worker->bytes + (size_t)worker->model.state_max;
    worker->memory = calloc(1, worker->memory_size);
    if (!worker->memory) return gsp__worker_fail(error, GSP_WORKER_ERR_NOMEM, "no memory for the vectors");
    worker->x = worker->memory;
    worker->vector = worker->x + worker->bytes;
    worker->state = worker->vector + worker->bytes;
    return 0;
}

static bool fits(uint64_t size, uint64_t offset, uint64_t length, uint64_t align)
{
    return offset <= size && length <= size - offset && offset % align == 0;
}

int gsp__worker_map(struct gsp_worker *worker, const Gossipd__WorkerWelcome *welcome, int passed,
                    struct gsp_worker_error *error)
{
    gsp__worker_unmap(worker);
    if (worker->model.inline_vectors) return make(worker, error);
    struct stat status;
    /* Of memory that shrinks, pages that are gone would end this process at the next touch. */
    int seals = passed >= 0 ? fcntl(passed, F_GET_SEALS) : -1;
    if (seals < 0 || !(seals & F_SEAL_SHRINK))
        return gsp__worker_fail(error, GSP_WORKER_ERR_PROTOCOL, "the daemon passed no memory that can't shrink");
    size_t align = worker->model.dtype == GSP_WORKER_F32 ? sizeof(float) : sizeof(double);
    if (fstat(passed, &status) || welcome->size > (uint64_t)status.st_size || welcome->size > SIZE_MAX ||
        !fits(welcome->size, welcome->x_offset, worker->bytes, align) ||
        !fits(welcome->size, welcome->vector_offset, worker->bytes, align) ||
        !fits(welcome->size, welcome->state_offset, worker->model.state_max, 1))
        return gsp__worker_fail(error, GSP_WORKER_ERR_PROTOCOL, "the daemon's memory has no room for the vectors");
    void *memory = mmap(NULL, (size_t)welcome->size, PROT_READ | PROT_WRITE, MAP_SHARED, passed, 0);
    if (memory == MAP_FAILED) return gsp__worker_fail(error, GSP_WORKER_ERR_IO, "mapping memory: %s", strerror(errno));
    worker->memory = memory;
    worker->memory_size = (size_t)welcome->size;
    worker->x = (uint8_t *)memory + welcome->x_offset;
    worker->vector = (uint8_t *)memory + welcome->vector_offset;
    worker->state = (uint8_t *)memory + welcome->state_offset;
    return 0;
}
