/* target_loss: the run ends, at one and the same round everywhere, once the nodes' mean loss is low enough. Whoever
 * notices first, by the summaries that it has, floods a stop. */
#include "session/peer.h"

#include <math.h>
#include <stdio.h>

/* The mean loss of all nodes in the run in hand; NaN as long as one has not told. */
static double mean_loss(const struct gsp_peer *peer)
{
    size_t n = peer->config.network->count;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const struct gsp_summary *summary = &peer->nodes[i].summary;
        if (gsp_run_key_compare(&summary->run, &peer->run->key) != 0) return NAN;
        sum += summary->loss;
    }
    return sum / (double)n;
}

void gsp__target_check(struct gsp_peer *peer)
{
    const struct gsp__run *run = peer->run;
    if (!run || run->stage != GSP__RUN_ACTIVE || !(run->settings.target_loss > 0) || peer->journal.wanted.stop_round)
        return;
    double loss = mean_loss(peer);
    if (!(loss <= run->settings.target_loss)) return;
    bool pending;
    uint64_t round = gsp__run_state_stop(peer, true, &pending);
    if (!peer->journal.wanted.stop_round) return; /* it ends by itself before; every summary finds this again */
    gsp_log(&peer->config.log, GSP_LOG_INFO,
            "the nodes' mean loss is %.6g, target_loss=%.6g: run %llu ends after round %llu", loss,
            run->settings.target_loss, (unsigned long long)run->key.epoch, (unsigned long long)round);
}
