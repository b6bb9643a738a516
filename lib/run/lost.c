/* A node whose state is nowhere but at its neighbours goes on from what they have of it (exchange/gather.c). */
#include "run/inside.h"

#include <stdlib.h>

/* A run of the same settings, with nothing done yet. */
static struct gsp__run *begin_again(struct gsp__runs *runs, const struct gsp__run *old)
{
    struct gsp__run *run = gsp__run_new(runs);
    if (!run) return NULL;
    run->settings = old->settings;
    run->last_round = old->last_round;
    run->d = old->d;
    run->payload_bound = old->payload_bound;
    return run;
}

void gsp__lost_gone(struct gsp__runs *runs, size_t slot, const struct gsp_run_key *key)
{
    const struct gsp__run *old = runs->run;
    if (!gsp__exchange_carries(runs->exchange, key)) return;
    if (old->stage >= GSP__RUN_SAVING) return; /* after its last step it lacks nothing */
    const struct gsp__carried carried = {
        .d = old->d,
        .steps = old->settings.rounds * old->settings.gossip_steps,
        .last = gsp__run_last_step(old),
        .reweight = old->settings.reweight,
        .loss_ms = (uint64_t)(1000 * old->settings.loss_time),
    };
    struct gsp__run *run = begin_again(runs, old);
    if (!run || gsp__exchange_gather(runs->exchange, &carried)) {
        free(run);
        gsp__run_fail(runs, "no memory to ask for lost state");
        return;
    }
    gsp_log(&runs->host->log, GSP_LOG_WARNING,
            "%s no longer has the messages that this node lacks: its state is lost, and is made good from what its "
            "neighbours have",
            gsp__name_at(runs->host, slot));
    gsp__run_drop(runs);
    runs->run = run;
    gsp__run_enter(run, GSP__RUN_LOST);
    gsp__run_set_waiting(runs, runs->host->now);
    gsp__host_news(runs->host, true);
}

static int recover_node(struct gsp__runs *runs, const struct gsp__gathered *gathered, struct gsp_error *error)
{
    struct gsp__run *run = runs->run;
    struct gsp_node_config config;
    int rc = gsp__run_pose(runs, run, error);
    if (!rc) rc = gsp__run_node_config(runs, run, &config, error);
    if (!rc && gsp_node_recover(&run->node, &config, gathered->step, gathered->z, gathered->digest))
        rc = gsp_error_set(error, GSP_ERR_NOMEM, "no memory for %zu parameters", run->d);
    return rc;
}

static void recover(struct gsp__runs *runs, const struct gsp__gathered *gathered)
{
    struct gsp__run *run = runs->run;
    struct gsp_error error = {0};
    unsigned long long step = (unsigned long long)gathered->step;
    if (!step) {
        gsp__run_fail(runs, "the state of %s is lost, and its neighbours have nothing of it either; start again",
                      runs->host->place.name);
        return;
    }
    if (recover_node(runs, gathered, &error)) {
        gsp__run_fail(runs, "%s", error.message);
        return;
    }
    gsp__run_enter(run, GSP__RUN_ACTIVE);
    run->plan.fence = gathered->step;
    run->replay_until = gathered->step + run->plan.reach + 2;
    run->restarted = run->state_lost = true;
    run->scores.evaluated_at = runs->host->now;
    gsp__history_open(runs);
    const char *cost = run->settings.momentum > 0 ? ", its momentum from 0" : ""; /* m is nowhere else */
    gsp__exchange_set_note(runs->exchange, "its disk was lost; went on at step %llu from its neighbours' copies%s",
                           step, cost);
    gsp_log(&runs->host->log, GSP_LOG_WARNING, "this node goes on at step %llu from its neighbours' copies%s", step,
            cost);
    gsp__makers_compare(runs);
    gsp__run_open(runs);
    gsp__host_news(runs->host, true);
}

void gsp__lost_tick(struct gsp__runs *runs)
{
    struct gsp__gathered gathered;
    const struct gsp__run *run = runs->run;
    if (!run || run->stage != GSP__RUN_LOST || run->halted) return;
    if (gsp__exchange_gathered(runs->exchange, &gathered)) recover(runs, &gathered);
}
