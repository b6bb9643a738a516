#include "reload.h"

#include "daemon.h"

#include <stdlib.h>

struct reloading {
    uv_work_t request;
    struct reloading *next;
    const char *file;
    uint64_t client;
    struct gsp_network *network;
    struct gsp_graph *graph;
    struct gsp_problems problems;
};

/* The spectrum of a large graph takes seconds: not on the loop. */
static void run_reading(uv_work_t *request)
{
    struct reloading *reading = request->data;
    setup_read_network(&reading->network, &reading->graph, reading->file, &reading->problems);
}

static void begin(struct daemon *daemon);

static void on_reading_done(uv_work_t *request, int status)
{
    struct reloading *reading = request->data;
    struct daemon *daemon = uv_loop_get_data(request->loop);
    (void)status;
    if (!reading->graph) { /* a network without a graph is of no use */
        gsp_network_free(reading->network);
        reading->network = NULL;
    }
    daemon_tell(daemon, &(struct gsp_event){.type = GSP_EVENT_RELOADED,
                                            .reloaded = {reading->client, reading->network, reading->graph,
                                                         reading->file, &reading->problems}});
    daemon->reloads.first = reading->next;
    gsp_problems_clear(&reading->problems);
    free(reading);
    if (daemon->reloads.first) begin(daemon);
    daemon_pump(daemon);
}

/* The first of those that wait. */
static void begin(struct daemon *daemon)
{
    struct reloading *reading = daemon->reloads.first;
    reading->request.data = reading;
    uv_queue_work(&daemon->loop, &reading->request, run_reading, on_reading_done);
}

void reload_start(struct daemon *daemon, uint64_t client)
{
    struct reloads *reloads = &daemon->reloads;
    struct reloading *reading = gsp_alloc(1, sizeof *reading);
    if (!reading) {
        struct gsp_problems problems = {0};
        gsp_problems_add(&problems, "%s: out of memory", daemon->setup->peers);
        daemon_tell(daemon, &(struct gsp_event){
                                .type = GSP_EVENT_RELOADED,
                                .reloaded = {.client = client, .file = daemon->setup->peers, .problems = &problems}});
        gsp_problems_clear(&problems);
        daemon_pump(daemon);
        return;
    }
    reading->file = daemon->setup->peers;
    reading->client = client;
    if (!reloads->first)
        reloads->first = reading;
    else
        reloads->last->next = reading;
    reloads->last = reading;
    if (reloads->first == reading) begin(daemon);
}
