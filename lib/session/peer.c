/* The whole peer: one event in, then everything that may have become possible, then what is to be sent. */
#include "session/inside.h"

#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

/* ---- life ---- */

static int make_rooms(struct gsp_peer *peer, const struct gsp_peer_config *config)
{
    const struct gsp__runs_config runs = {.problem = config->problem, .memory_limit = config->memory_limit};
    struct gsp__host *host = &peer->host;
    int rc = gsp__transport_new(&peer->transport, host, config->secret_key, config->network->name);
    if (!rc) rc = gsp__exchange_new(&peer->exchange, host, peer->transport);
    if (!rc) rc = gsp__runs_new(&peer->runs, host, peer->transport, peer->exchange, &runs);
    const struct gsp__rumours_rooms rooms = {host, peer->transport, peer->exchange, peer->runs};
    if (!rc) rc = gsp__rumours_new(&peer->rumours, &rooms, config->problem);
    return rc ? rc : gsp__rumours_enter(peer->rumours, config->network, config->graph, config->self);
}

int gsp_peer_new(struct gsp_peer **out, const struct gsp_peer_config *config, uint64_t now, struct gsp_error *error)
{
    struct gsp_peer *peer = gsp_alloc(1, sizeof *peer);
    bool unwritten = false;
    if (!peer) return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for a peer");
    gsp__host_init(&peer->host, &config->log, config->entropy);
    peer->host.now = now;
    snprintf(peer->host.version, sizeof peer->host.version, "%s", config->version);
    peer->host.commands = config->commands;
    int rc = make_rooms(peer, config);
    if (rc)
        gsp_error_set(error, rc, "no memory for a peer with its links");
    else
        rc = gsp__runs_restore(peer->runs, config->files, &unwritten, error);
    if (rc) {
        gsp_peer_free(peer);
        return rc;
    }
    gsp__rumours_begin(peer->rumours, unwritten);
    *out = peer;
    return 0;
}

void gsp_peer_free(struct gsp_peer *peer)
{
    if (!peer) return;
    gsp__rumours_free(peer->rumours);
    gsp__runs_free(peer->runs);
    gsp__exchange_free(peer->exchange);
    gsp__transport_free(peer->transport);
    gsp__host_clear(&peer->host);
    sodium_memzero(peer, sizeof *peer);
    free(peer);
}

/* ---- a step ---- */

/* What others and the clock allow the run to do, and what a start waits for. */
static void advance(struct gsp_peer *peer)
{
    /* A start that all nodes are ready for becomes the run state to be written below. */
    gsp__rumours_start_tick(peer->rumours);
    /* Lost state and lost neighbours first: they decide whether there is a step to do. */
    gsp__runs_tick(peer->runs);
    gsp__rumours_heed(peer->rumours);
    gsp__runs_advance(peer->runs, gsp__rumours_pending(peer->rumours));
    gsp__rumours_heed(peer->rumours);
    /* After the run, which must not wait for it. */
    gsp__rumours_measure(peer->rumours);
    /* After all that may have changed what is to be written. */
    gsp__rumours_write(peer->rumours);
    gsp__runs_write(peer->runs);
    /* No neighbour may hear of this node while a damaged checkpoint is the only one of its kind. */
    gsp__transport_hold(peer->transport,
                        gsp__runs_repairing(peer->runs) ? "a damaged checkpoint is being replaced here first" : NULL);
    gsp__transport_dial(peer->transport);
}

static void set_majority(struct gsp_peer *peer)
{
    if (gsp__runs_stage(peer->runs) == GSP__NO_RUN || !gsp__runs_settings(peer->runs)->reweight) return;
    gsp__exchange_set_majority(peer->exchange, gsp__rumours_majority(peer->rumours));
}

/* After every event alike. */
static void end(struct gsp_peer *peer)
{
    /* A failure that the event brought is known before anything else is decided. */
    gsp__rumours_heed(peer->rumours);
    /* Of what was heard by now. */
    set_majority(peer);
    /* While the vectors are free: the run takes them below. */
    gsp__control_dumps(peer);
    gsp__runs_serve(peer->runs);
    /* A run that is new here goes on its way before this node spends time on its vectors. */
    if (gsp__runs_stage(peer->runs) == GSP__RUN_PREPARING) gsp__outbox_flush(peer);
    if (!peer->host.shutting_down) advance(peer);
    /* Tells of everything above. */
    gsp__rumours_tell(peer->rumours);
    gsp__outbox_flush(peer);
    /* Last: it ends all connections, and what was to be said on them has been said. */
    gsp__rumours_reload_tick(peer->rumours);
}

void gsp_peer_step(struct gsp_peer *peer, const struct gsp_event *event, uint64_t now)
{
    peer->host.now = now;
    set_majority(peer);
    gsp__event_handle(peer, event);
    end(peer);
}

bool gsp_peer_next_action(struct gsp_peer *peer, struct gsp_action *action)
{
    return gsp__action_next(&peer->host, action);
}

/* ---- questions ---- */

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t gsp_peer_deadline(const struct gsp_peer *peer)
{
    uint64_t deadline = earlier(gsp__transport_deadline(peer->transport), gsp__exchange_deadline(peer->exchange));
    deadline = earlier(deadline, gsp__runs_deadline(peer->runs));
    return earlier(deadline, gsp__rumours_deadline(peer->rumours));
}

const struct gsp_network *gsp_peer_network(const struct gsp_peer *peer)
{
    return peer->host.place.network;
}

bool gsp_peer_finished(const struct gsp_peer *peer)
{
    return peer->host.shutting_down && gsp__transport_silent(peer->transport) && !peer->host.job &&
           !gsp__rumours_writing(peer->rumours) && !gsp__runs_writing(peer->runs);
}
