/* target_loss: the run ends, at one and the same round everywhere, once the nodes' mean loss is low enough. Whoever
 * notices first, by the summaries that it has, floods a stop. */
#include "rumours/inside.h"

#include <math.h>

/* The mean loss of all nodes in the run in hand, each by its weight; NaN as long as one has not told. */
static double mean_loss(const struct gsp__rumours *rumours)
{
    size_t n = rumours->circle.node_count;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const struct gsp_summary *summary = &rumours->circle.nodes[i].summary;
        if (gsp_run_key_compare(&summary->run, &gsp__runs_state(rumours->runs)->run) != 0) return NAN;
        sum += gsp_weight(gsp__runs_settings(rumours->runs), (double)summary->rows) * summary->loss;
    }
    return sum / (double)n;
}

void gsp__target_check(struct gsp__rumours *rumours)
{
    const struct gsp_run_state *wanted = &rumours->journal.wanted;
    if (gsp__runs_stage(rumours->runs) != GSP__RUN_ACTIVE || wanted->stop_round) return;
    double target = gsp__runs_settings(rumours->runs)->target_loss, loss = mean_loss(rumours);
    if (!(target > 0) || !(loss <= target)) return;
    bool pending;
    uint64_t round = gsp__stop_at_round(rumours, true, &pending);
    if (!wanted->stop_round) return; /* it ends by itself before; every summary finds this again */
    gsp_log(&rumours->host->log, GSP_LOG_INFO,
            "the nodes' mean loss is %.6g, target_loss=%.6g: run %llu ends after round %llu", loss, target,
            (unsigned long long)wanted->run.epoch, (unsigned long long)round);
}
