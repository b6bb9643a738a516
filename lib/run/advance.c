/* The next piece of work: a step, an evaluation, a checkpoint, or the end. */
#include "run/inside.h"

/* The gap between two evaluations: some seconds, more where one takes long. */
static bool evaluation_due(const struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    const struct gsp__scores *scores = &run->scores;
    uint64_t step = gsp_node_step(run->node), gap = scores->evaluation_ms * GSP__EVALUATE_SHARE;
    bool between_rounds = (step - 1) % run->settings.gossip_steps == 0 && gsp_node_log_end(run->node) == step;
    if (!between_rounds || scores->evaluated_round == gsp_node_round(run->node)) return false;
    if (gsp_node_round(run->node) == run->last_round) return true;
    if (gap < GSP__EVALUATE_TIME) gap = GSP__EVALUATE_TIME;
    return runs->tested && runs->host->now >= scores->evaluated_at + gap;
}

/* With reweight a node that was cut off when the stop was agreed on is past it already: it stops where it is. */
static void stop_late(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    gsp_node_take_back(run->node);
    uint64_t step = gsp_node_step(run->node);
    if (step <= gsp__run_last_step(run) + 1) return;
    gsp__exchange_set_note(runs->exchange, "heard of the stop after round %llu only at step %llu",
                           (unsigned long long)run->last_round, (unsigned long long)step);
    run->scores.evaluated_round = run->last_round;
}

/* The last step is done: what came out goes to the disk before anybody hears of the end. */
static void complete(struct gsp__runs *runs)
{
    gsp__run_stop_counting(runs);
    runs->run->outcome = gsp__run_outcome(runs);
    gsp__run_enter(runs->run, GSP__RUN_SAVING);
    gsp__run_set_waiting(runs, GSP__NEVER);
}

static void advance_active(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    bool begun_beyond = gsp_node_log_end(run->node) > gsp__run_last_step(run) + 1;
    if (begun_beyond && run->settings.reweight) stop_late(runs);
    if (begun_beyond && !run->settings.reweight)
        gsp__run_fail(runs, "the stop after round %llu came when a later round had begun",
                      (unsigned long long)run->last_round);
    else if (gsp_node_step(run->node) > gsp__run_last_step(run) && run->scores.evaluated_round == run->last_round)
        complete(runs); /* the last evaluation is done, in an earlier life maybe */
    else if (evaluation_due(runs))
        gsp__run_evaluate(runs);
    else if (gsp__checkpoint_due(runs))
        gsp__checkpoint_begin(runs);
    else
        gsp__run_step(runs);
}

static bool must_wait(const struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    if (run->halted || gsp__lost_gathering(run)) return true;
    return run->stage == GSP__RUN_ACTIVE && gsp__exchange_edges_hold(runs->exchange);
}

void gsp__runs_advance(struct gsp__runs *runs, bool held)
{
    struct gsp__run *run = runs->run;
    if (!run || runs->host->job || run->asking.out || run->halted || held) return;
    if (run->stage == GSP__RUN_PREPARING && !run->file.awaited && !run->rolling_back) gsp__run_begin(runs);
    if (must_wait(runs)) {
        if (run->clock.waiting_since == GSP__NEVER) gsp__run_set_waiting(runs, runs->host->now);
        return;
    }
    if (run->stage == GSP__RUN_ACTIVE) advance_active(runs);
    if (run->stage == GSP__RUN_SAVING && !runs->host->job && gsp__checkpoint_due(runs)) gsp__checkpoint_begin(runs);
}

void gsp__runs_serve(struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    if (!run || run->halted || !gsp__run_at_rest(runs)) return; /* halted: in the middle of a step, maybe */
    gsp__exchange_serve(runs->exchange);
}

void gsp__runs_tick(struct gsp__runs *runs)
{
    gsp__roll_back_tick(runs);
    gsp__lost_tick(runs);
    const struct gsp__run *run = runs->run;
    if (!run || run->stage != GSP__RUN_ACTIVE || run->halted || !gsp__run_at_rest(runs)) return;
    gsp__exchange_edges_tick(runs->exchange, gsp__lost_gathering(run));
}

bool gsp__runs_receive(struct gsp__runs *runs, size_t slot, const struct gsp_message *message)
{
    if (message->type != GSP_MSG_GONE) return gsp__exchange_receive(runs->exchange, slot, message);
    gsp__lost_gone(runs, slot, &message->u.gone.run);
    return true;
}
