/* Events of a peer, with somebody watching. */
#include "sim/tell.h"

static void (*watch_before)(const struct gsp_peer *peer);
static void (*watch_after)(void);

void tell_watch(void (*before)(const struct gsp_peer *peer), void (*after)(void))
{
    watch_before = before;
    watch_after = after;
}

static void begin(const struct gsp_peer *peer)
{
    if (watch_before) watch_before(peer);
}

static void end(void)
{
    if (watch_after) watch_after();
}

void tell_connected(struct gsp_peer *peer, uint64_t connection, long dialed, const char *address, uint64_t now)
{
    begin(peer);
    gsp_peer_connected(peer, connection, dialed, address, now);
    end();
}

void tell_dial_failed(struct gsp_peer *peer, size_t node, const char *reason, uint64_t now)
{
    begin(peer);
    gsp_peer_dial_failed(peer, node, reason, now);
    end();
}

void tell_received(struct gsp_peer *peer, uint64_t connection, const void *bytes, size_t length, uint64_t now)
{
    begin(peer);
    gsp_peer_received(peer, connection, bytes, length, now);
    end();
}

void tell_sent(struct gsp_peer *peer, uint64_t connection, size_t length, uint64_t now)
{
    begin(peer);
    gsp_peer_sent(peer, connection, length, now);
    end();
}

void tell_disconnected(struct gsp_peer *peer, uint64_t connection, const char *reason, uint64_t now)
{
    begin(peer);
    gsp_peer_disconnected(peer, connection, reason, now);
    end();
}

void tell_tick(struct gsp_peer *peer, uint64_t now)
{
    begin(peer);
    gsp_peer_tick(peer, now);
    end();
}

void tell_request(struct gsp_peer *peer, uint64_t client, const uint8_t *bytes, size_t length, uint64_t now)
{
    begin(peer);
    gsp_peer_request(peer, client, bytes, length, now);
    end();
}

void tell_client_gone(struct gsp_peer *peer, uint64_t client, uint64_t now)
{
    (void)now;
    begin(peer);
    gsp_peer_client_gone(peer, client);
    end();
}

void tell_no_file(struct gsp_peer *peer, const char *path, const char *why, uint64_t now)
{
    begin(peer);
    gsp_peer_file(peer, path, NULL, 0, why, now);
    end();
}

void tell_stored(struct gsp_peer *peer, enum gsp_keep file, const char *failure, uint64_t now)
{
    begin(peer);
    gsp_peer_stored(peer, file, failure, now);
    end();
}

void tell_reload(struct gsp_peer *peer, uint64_t client, struct gsp_network *network, struct gsp_graph *graph,
                 struct gsp_problems *problems, uint64_t now)
{
    begin(peer);
    gsp_peer_reload(peer, client, network, graph, "peers.conf", problems, now);
    end();
}

/* The job's own work is not the peer's. */
void tell_job_done(struct gsp_peer *peer, struct gsp_job *job, uint64_t now)
{
    const double seconds[GSP_JOB_EVALUATE + 1] = {0};
    while (gsp_job_stage(job) != GSP_JOB_DONE) gsp_job_run(job);
    begin(peer);
    gsp_peer_job_done(peer, job, seconds, now);
    end();
}

void tell_shutdown(struct gsp_peer *peer, uint64_t now)
{
    begin(peer);
    gsp_peer_shutdown(peer, now);
    end();
}
