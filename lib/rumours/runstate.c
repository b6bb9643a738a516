/* RunState, the one piece of shared control: the greater (epoch, id) replaces, the smaller stop holds, an abort
 * prevails. Merging changes what is wanted; it counts when it is on the disk (journal.c). */
#include "rumours/inside.h"

#include <stdio.h>
#include <string.h>

/* ---- merging ---- */

bool gsp__run_state_merge_stop(struct gsp_run_state *into, const struct gsp_run_state *theirs)
{
    if (!theirs->stop_round || (into->stop_round && into->stop_round < theirs->stop_round)) return false;
    /* Of two stops at one round, by hand and at the target, it is the target's: all nodes must say the same. */
    if (into->stop_round == theirs->stop_round && (into->target_reached || !theirs->target_reached)) return false;
    into->stop_round = theirs->stop_round;
    into->target_reached = theirs->target_reached;
    return true;
}

/* Of two aborts a failure is kept, else the one of the node that sorts first: all nodes end up with the same reason. */
int gsp__run_state_compare_aborts(const struct gsp_run_state *a, const struct gsp_run_state *b)
{
    if (a->abort_asked != b->abort_asked) return a->abort_asked ? 1 : -1;
    int order = strcmp(a->abort_node, b->abort_node);
    return order ? order : strcmp(a->abort_reason, b->abort_reason);
}

bool gsp__run_state_merge_abort(struct gsp_run_state *into, const struct gsp_run_state *theirs)
{
    if (!theirs->aborted) return false;
    if (into->aborted && gsp__run_state_compare_aborts(theirs, into) >= 0) return false;
    into->aborted = true;
    into->abort_asked = theirs->abort_asked;
    memcpy(into->abort_node, theirs->abort_node, sizeof into->abort_node);
    memcpy(into->abort_reason, theirs->abort_reason, sizeof into->abort_reason);
    return true;
}

/* ---- what neighbours tell ---- */

static bool is_news(const struct gsp_run_state *mine, const struct gsp_run_state *theirs)
{
    int order = gsp_run_key_compare(&theirs->run, &mine->run);
    if (order != 0) return order > 0;
    return theirs->stop_round != mine->stop_round || theirs->aborted != mine->aborted ||
           gsp__run_state_compare_aborts(theirs, mine) != 0;
}

/* Whether a run state may be looked at. Else its link ends: a run number near the end of all numbers would leave none
 * for the runs to come, and too many run states would keep this node busy with nothing else. */
static bool allowed(struct gsp__rumours *rumours, size_t slot, const struct gsp_run_state *theirs)
{
    const struct gsp_run_state *wanted = &rumours->journal.wanted;
    uint64_t mine = wanted->run.epoch, *until = &rumours->circle.audience[slot].run_states_until;
    if (!is_news(wanted, theirs)) return true;
    if (theirs->run.epoch > (mine ? mine + GSP__EPOCH_STEP_MAX : GSP__NUMBER_FREE_MAX)) {
        gsp__transport_fail(rumours->transport, slot, "it tells of run %llu, but the last one here is %llu",
                            (unsigned long long)theirs->run.epoch, (unsigned long long)mine);
        return false;
    }
    if (gsp__allow(until, rumours->host->now, GSP__RUN_STATES_TIME, GSP__RUN_STATES_BURST)) return true;
    gsp__transport_fail(rumours->transport, slot, "it tells of more runs than anyone can start");
    return false;
}

void gsp__run_state_received(struct gsp__rumours *rumours, size_t slot, const struct gsp_run_state *theirs)
{
    struct gsp_run_state *wanted = &rumours->journal.wanted;
    if (!allowed(rumours, slot, theirs)) return;
    if (theirs->run.epoch == 0 || theirs->run.epoch > GSP_COUNT_MAX) {
        gsp__transport_fail(rumours->transport, slot, "a run state of epoch %llu, which no run has",
                            (unsigned long long)theirs->run.epoch);
        return;
    }
    int order = gsp_run_key_compare(&theirs->run, &wanted->run);
    if (order < 0) return;                        /* they have ours already, or get it first thing */
    if (order == 0 && !*wanted->settings) return; /* over: nothing can happen to it any more */
    bool changed = order > 0 || !*theirs->settings;
    if (changed) {
        *wanted = *theirs;
    } else {
        bool stopped = gsp__run_state_merge_stop(wanted, theirs), aborted = gsp__run_state_merge_abort(wanted, theirs);
        changed = stopped || aborted;
    }
    if (changed) gsp__journal_changed(rumours);
}

/* ---- what counts ---- */

/* ---- this node's own changes ---- */

static struct gsp_run_state abort_here(const struct gsp__rumours *rumours)
{
    struct gsp_run_state aborted = {.aborted = true};
    snprintf(aborted.abort_node, sizeof aborted.abort_node, "%s", rumours->host->place.name);
    return aborted;
}

struct gsp_run_state gsp__run_state_asked_abort(const struct gsp__rumours *rumours)
{
    struct gsp_run_state aborted = abort_here(rumours);
    aborted.abort_asked = true;
    snprintf(aborted.abort_reason, sizeof aborted.abort_reason, "stopped at once by %s",
             rumours->host->commands.stop_now);
    return aborted;
}

static void abort_run(struct gsp__rumours *rumours, const struct gsp_run_state *aborted)
{
    struct gsp_run_state *wanted = &rumours->journal.wanted;
    gsp__runs_halt(rumours->runs);
    if (gsp_run_key_compare(&wanted->run, &gsp__runs_state(rumours->runs)->run) != 0) return; /* it gives way anyway */
    if (gsp__run_state_merge_abort(wanted, aborted)) gsp__journal_changed(rumours);
}

void gsp__rumours_heed(struct gsp__rumours *rumours)
{
    char reason[GSP_REASON_MAX + 1];
    if (!gsp__runs_take_failure(rumours->runs, reason)) return; /* nearly always: the rest is not to be paid for then */
    struct gsp_run_state aborted = abort_here(rumours);
    snprintf(aborted.abort_reason, sizeof aborted.abort_reason, "%s", reason);
    abort_run(rumours, &aborted);
}

void gsp__run_state_stop_now(struct gsp__rumours *rumours)
{
    const struct gsp_run_state aborted = gsp__run_state_asked_abort(rumours);
    abort_run(rumours, &aborted);
}
