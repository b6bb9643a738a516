/* Events of a peer, with somebody watching. */
#include "sim/tell.h"

static void (*watch_before)(const struct gsp_peer *peer);
static void (*watch_after)(void);

void tell_watch(void (*before)(const struct gsp_peer *peer), void (*after)(void))
{
    watch_before = before;
    watch_after = after;
}

static void tell(struct gsp_peer *peer, const struct gsp_event *event, uint64_t now)
{
    if (watch_before) watch_before(peer);
    gsp_peer_step(peer, event, now);
    if (watch_after) watch_after();
}

void tell_connected(struct gsp_peer *peer, uint64_t connection, long dialed, const char *address, uint64_t now)
{
    tell(peer, &(struct gsp_event){.type = GSP_EVENT_CONNECTED, .connected = {connection, dialed, address}}, now);
}

void tell_dial_failed(struct gsp_peer *peer, size_t node, const char *reason, uint64_t now)
{
    tell(peer, &(struct gsp_event){.type = GSP_EVENT_DIAL_FAILED, .dial_failed = {node, reason}}, now);
}

void tell_received(struct gsp_peer *peer, uint64_t connection, const void *bytes, size_t length, uint64_t now)
{
    tell(peer, &(struct gsp_event){.type = GSP_EVENT_RECEIVED, .received = {connection, bytes, length}}, now);
}

void tell_sent(struct gsp_peer *peer, uint64_t connection, size_t length, uint64_t now)
{
    tell(peer, &(struct gsp_event){.type = GSP_EVENT_SENT, .sent = {connection, length}}, now);
}

void tell_disconnected(struct gsp_peer *peer, uint64_t connection, const char *reason, uint64_t now)
{
    tell(peer, &(struct gsp_event){.type = GSP_EVENT_DISCONNECTED, .disconnected = {connection, reason}}, now);
}

void tell_tick(struct gsp_peer *peer, uint64_t now)
{
    tell(peer, &(struct gsp_event){.type = GSP_EVENT_TICK}, now);
}

void tell_request(struct gsp_peer *peer, uint64_t client, const uint8_t *bytes, size_t length, uint64_t now)
{
    tell(peer, &(struct gsp_event){.type = GSP_EVENT_REQUEST, .request = {client, bytes, length}}, now);
}

void tell_client_gone(struct gsp_peer *peer, uint64_t client, uint64_t now)
{
    tell(peer, &(struct gsp_event){.type = GSP_EVENT_CLIENT_GONE, .client = client}, now);
}

void tell_no_file(struct gsp_peer *peer, const char *path, const char *why, uint64_t now)
{
    tell(peer, &(struct gsp_event){.type = GSP_EVENT_FILE, .file = {.path = path, .failure = why}}, now);
}

void tell_stored(struct gsp_peer *peer, enum gsp_keep file, const char *failure, uint64_t now)
{
    tell(peer, &(struct gsp_event){.type = GSP_EVENT_STORED, .stored = {file, failure}}, now);
}

void tell_kept(struct gsp_peer *peer, const struct gsp_kept_file *files, uint64_t now)
{
    tell(peer, &(struct gsp_event){.type = GSP_EVENT_KEPT, .kept = {.files = files}}, now);
}

void tell_reload(struct gsp_peer *peer, uint64_t client, struct gsp_network *network, struct gsp_graph *graph,
                 struct gsp_problems *problems, uint64_t now)
{
    tell(peer,
         &(struct gsp_event){.type = GSP_EVENT_RELOADED, .reloaded = {client, network, graph, "peers.conf", problems}},
         now);
}

/* The job's own work is not the peer's. */
void tell_job_done(struct gsp_peer *peer, struct gsp_job *job, uint64_t now)
{
    const double seconds[GSP_JOB_STAGES] = {0};
    while (gsp_job_stage(job) != GSP_JOB_DONE) gsp_job_run(job);
    tell(peer, &(struct gsp_event){.type = GSP_EVENT_JOB_DONE, .job_done = {job, seconds}}, now);
}

void tell_answer(struct gsp_peer *peer, const struct gsp_answer *answer, uint64_t now)
{
    tell(peer, &(struct gsp_event){.type = GSP_EVENT_ANSWER, .answer = *answer}, now);
}

void tell_problem_begun(struct gsp_peer *peer, uint64_t now)
{
    tell(peer, &(struct gsp_event){.type = GSP_EVENT_PROBLEM_BEGUN}, now);
}

void tell_shutdown(struct gsp_peer *peer, uint64_t now)
{
    tell(peer, &(struct gsp_event){.type = GSP_EVENT_SHUTDOWN}, now);
}
