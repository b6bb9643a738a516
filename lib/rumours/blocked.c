/* What a new network waits for. */
#include "rumours/inside.h"

#include <stdio.h>

/* The run is going on here. */
static void describe_run(const struct gsp__rumours *rumours, char *text, size_t size)
{
    const struct gsp_network *network = rumours->host->place.network;
    snprintf(text, size, "the new peers.conf waits for the end of run %llu",
             (unsigned long long)gsp__runs_state(rumours->runs)->run.epoch);
    for (size_t i = 0; i < network->count; i++) {
        if (!gsp__removed(rumours->host, i)) continue;
        gsp__append(text, size, "; %s is not in it any more: if the run waits for it, end it with: %s",
                    network->nodes[i].name, rumours->host->commands.stop_now);
        return;
    }
}

/* Whether a node has told that our run is over there, its result safe and an abort known. */
static bool ended_at(const struct gsp__rumours *rumours, size_t node)
{
    const struct gsp_summary *summary = &rumours->circle.nodes[node].summary;
    int order = gsp_run_key_compare(&summary->run, &gsp__runs_state(rumours->runs)->run);
    return summary->number && (order > 0 || (order == 0 && summary->ended));
}

/* A neighbour that may still need what we have of the run: the last messages, or word of its abort. One that is in
 * another network has left the run behind. */
static bool needs_us(const struct gsp__rumours *rumours, size_t slot)
{
    size_t node = gsp__node_at(rumours->host, slot);
    return !gsp__removed(rumours->host, node) && !gsp__transport_differs(rumours->transport, slot) &&
           !ended_at(rumours, node);
}

/* Who has not told that the run is over; NULL: all have. */
static const char *who_needs_it(const struct gsp__rumours *rumours)
{
    if (!ended_at(rumours, rumours->host->place.self)) return rumours->host->place.name;
    for (size_t slot = 0; slot < gsp__slots(rumours->host); slot++)
        if (needs_us(rumours, slot)) return gsp__name_at(rumours->host, slot);
    return NULL;
}

/* The run has ended here; a network that changed since has left it behind. */
static bool blocked_by_others(const struct gsp__rumours *rumours, char *text, size_t size)
{
    const struct gsp_run_state *state = gsp__runs_state(rumours->runs);
    if (gsp__runs_stage(rumours->runs) == GSP__NO_RUN || !*state->settings) return false;
    const char *name = who_needs_it(rumours);
    if (!name) return false;
    snprintf(text, size,
             "the new peers.conf waits until %s tells that run %llu is over there; see that gossipd runs there, or "
             "take it out of peers.conf",
             name, (unsigned long long)state->run.epoch);
    return true;
}

bool gsp__reload_blocked(const struct gsp__rumours *rumours, char *text, size_t size)
{
    if (!rumours->reload.next_network) return false;
    if (gsp__runs_going_on(rumours->runs)) {
        describe_run(rumours, text, size);
        return true;
    }
    if (gsp__start_calibrates(rumours)) { /* it reads the old graph */
        snprintf(text, size, "the new peers.conf waits for a calibration to be given up");
        return true;
    }
    if (gsp__start_decided(rumours)) {
        snprintf(text, size, "the new peers.conf waits for run %llu, which is just beginning; to end it: %s",
                 (unsigned long long)rumours->start.key.epoch, rumours->host->commands.stop);
        return true;
    }
    if (gsp__rumours_pending(rumours)) {
        snprintf(text, size, "the new peers.conf waits for the disk");
        return true;
    }
    return blocked_by_others(rumours, text, size);
}
