/* A run state that is on the disk counts: the run follows it, and neighbours hear of it. */
#include "rumours/inside.h"

/* To all neighbours: who has no link gets it first thing when he has one. */
static void flood(struct gsp__rumours *rumours)
{
    for (size_t slot = 0; slot < rumours->circle.slot_count; slot++) rumours->circle.audience[slot].state_due = true;
}

static void act_on_change(struct gsp__rumours *rumours, const struct gsp_run_state *state)
{
    struct gsp_run_state merged = *gsp__runs_state(rumours->runs);
    bool stopped = gsp__run_state_merge_stop(&merged, state), aborted = gsp__run_state_merge_abort(&merged, state);
    if (stopped) gsp__runs_stop(rumours->runs, merged.stop_round, merged.target_reached);
    if (aborted) gsp__runs_abort(rumours->runs, &merged);
    if (stopped || aborted) flood(rumours);
    gsp__stops_answer(rumours);
}

void gsp__run_state_act(struct gsp__rumours *rumours, const struct gsp_run_state *state)
{
    const struct gsp_run_state *in_force = gsp__runs_state(rumours->runs);
    bool ends = !*state->settings && *in_force->settings; /* over, in the network as it is now */
    if (gsp_run_key_compare(&state->run, &in_force->run) == 0 && !ends) {
        act_on_change(rumours, state);
        return;
    }
    gsp__runs_adopt(rumours->runs, state);
    flood(rumours);
    gsp__rumours_heed(rumours); /* what cannot be taken part in is aborted before anybody is told that it stops */
    gsp__stops_answer(rumours);
    gsp__start_begun(rumours);
}

/* If this node forgets it, it finds out again: the files tell of another network. */
void gsp__run_state_over(struct gsp__rumours *rumours)
{
    if (!gsp__runs_state(rumours->runs)->run.epoch) return;
    gsp__runs_leave(rumours->runs);
    rumours->journal.wanted = *gsp__runs_state(rumours->runs);
    gsp__journal_changed(rumours);
}
