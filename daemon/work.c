#include "work.h"

#include "daemon.h"
#include "files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define JOB_NICE 10

/* A node that computes must still answer its neighbours and gossipctl at once, also where several nodes share a core:
 * the loops go first. On Linux a priority is the thread's own. */
static void step_back(void)
{
    setpriority(PRIO_PROCESS, 0, JOB_NICE);
}

static void run_job(uv_work_t *request)
{
    struct work *work = request->data;
    enum gsp_job_stage stage;
    step_back();
    while ((stage = gsp_job_stage(work->job)) != GSP_JOB_DONE) {
        uint64_t begin = uv_hrtime();
        gsp_job_run(work->job);
        work->seconds[stage] += (double)(uv_hrtime() - begin) * 1e-9;
    }
}

static void on_job_done(uv_work_t *request, int status)
{
    struct work *work = request->data;
    struct daemon *daemon = uv_loop_get_data(request->loop);
    struct gsp_job *job = work->job;
    (void)status; /* never cancelled: a job ends by itself, see work_cancel */
    work->job = NULL;
    daemon_tell(daemon, &(struct gsp_event){.type = GSP_EVENT_JOB_DONE, .job_done = {job, work->seconds}});
    daemon_pump(daemon);
}

void work_start(struct daemon *daemon, struct gsp_job *job)
{
    struct work *work = &daemon->work;
    work->job = job;
    work->request.data = work;
    memset(work->seconds, 0, sizeof work->seconds);
    /* Fails only without a callback. */
    uv_queue_work(&daemon->loop, &work->request, run_job, on_job_done);
}

void work_cancel(struct daemon *daemon)
{
    if (daemon->work.job) gsp_job_cancel(daemon->work.job);
}

struct reading {
    uv_work_t request;
    const struct setup *setup;
    char *asked, *path; /* as the peer wrote it, and where it is */
    size_t limit;
    struct gsp_buffer bytes;
    struct gsp_error error;
    int rc;
};

static void reading_free(struct reading *reading)
{
    gsp_buffer_clear(&reading->bytes);
    free(reading->asked);
    free(reading->path);
    free(reading);
}

static void run_reading(uv_work_t *request)
{
    struct reading *reading = request->data;
    /* Who starts a run names the file; x0 goes to the neighbours. What lies elsewhere and what is not there are told in
     * the same words. */
    if (!setup_may_read(reading->setup, reading->path))
        reading->rc = gsp_error_set(&reading->error, GSP_ERR_DATA,
                                    "there is no such file in the folders of this node's gossipd.conf and peers.conf");
    else if (setup_is_data(reading->setup, reading->path))
        reading->rc = gsp_error_set(&reading->error, GSP_ERR_DATA,
                                    "%s holds this node's own rows, which no run may begin from", reading->path);
    else
        reading->rc = file_read(&reading->bytes, reading->path, reading->limit, &reading->error);
}

static void on_reading_done(uv_work_t *request, int status)
{
    struct reading *reading = request->data;
    struct daemon *daemon = uv_loop_get_data(request->loop);
    (void)status;
    daemon_tell(daemon, &(struct gsp_event){.type = GSP_EVENT_FILE,
                                            .file = {reading->asked, reading->bytes.data, reading->bytes.length,
                                                     reading->rc ? reading->error.message : NULL}});
    reading_free(reading);
    daemon_pump(daemon);
}

static void tell_no_memory(struct daemon *daemon, const char *path)
{
    daemon_tell(daemon,
                &(struct gsp_event){.type = GSP_EVENT_FILE, .file = {.path = path, .failure = "out of memory"}});
}

void work_read(struct daemon *daemon, const char *path, size_t limit)
{
    struct reading *reading = gsp_alloc(1, sizeof *reading);
    if (!reading) {
        tell_no_memory(daemon, path);
        return;
    }
    reading->setup = daemon->setup;
    reading->asked = gsp_strdup(path);
    reading->path = path_beside(daemon->setup->file, path);
    reading->limit = limit;
    reading->request.data = reading;
    if (!reading->asked || !reading->path) {
        reading_free(reading);
        tell_no_memory(daemon, path);
        return;
    }
    uv_queue_work(&daemon->loop, &reading->request, run_reading, on_reading_done);
}
