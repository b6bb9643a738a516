/* The life of the room, and what changes with the network. */
#include "rumours/inside.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int gsp__rumours_new(struct gsp__rumours **out, const struct gsp__rumours_rooms *rooms,
                     const struct gsp_problem *problem)
{
    struct gsp__rumours *rumours = gsp_alloc(1, sizeof *rumours);
    if (!rumours) return GSP_ERR_NOMEM;
    rumours->host = rooms->host;
    rumours->transport = rooms->transport;
    rumours->exchange = rooms->exchange;
    rumours->runs = rooms->runs;
    rumours->problem = problem;
    rumours->data.lambda_max = NAN;
    problem->type->facts(problem, &rumours->data.facts);
    problem->type->digest(problem, rumours->data.digest);
    *out = rumours;
    return 0;
}

void gsp__rumours_problem(struct gsp__rumours *rumours)
{
    rumours->problem->type->facts(rumours->problem, &rumours->data.facts);
    gsp__host_news(rumours->host, true);
}

void gsp__rumours_free(struct gsp__rumours *rumours)
{
    if (!rumours) return;
    gsp_buffer_clear(&rumours->journal.bytes);
    gsp__reload_clear(rumours);
    gsp__circle_free(&rumours->circle);
    free(rumours);
}

void gsp__rumours_begin(struct gsp__rumours *rumours, bool unwritten)
{
    rumours->journal.wanted = *gsp__runs_state(rumours->runs);
    if (unwritten) gsp__journal_changed(rumours);
    gsp__rumours_heed(rumours);
    gsp__host_news(rumours->host, true);
}

/* ---- the network ---- */

/* ---- links and messages ---- */

void gsp__rumours_link_up(struct gsp__rumours *rumours, size_t slot)
{
    assert(slot < rumours->circle.slot_count);
    struct gsp__audience *audience = &rumours->circle.audience[slot];
    audience->turn = false;
    audience->summaries_due = audience->summary_next = 0;
    for (size_t i = 0; i < rumours->circle.node_count; i++) {
        audience->summary_due[i] = rumours->circle.nodes[i].summary.number && !gsp__summary_outlived(rumours, i);
        audience->summaries_due += audience->summary_due[i];
    }
    audience->state_due = gsp__runs_state(rumours->runs)->run.epoch > 0;
}

bool gsp__rumours_receive(struct gsp__rumours *rumours, size_t slot, const struct gsp_message *message)
{
    assert(slot < rumours->circle.slot_count);
    switch (message->type) {
    case GSP_MSG_RUN_STATE:
        gsp__run_state_received(rumours, slot, &message->u.run_state);
        return true;
    case GSP_MSG_SUMMARY:
        gsp__summary_received(rumours, slot, &message->u.summary);
        return true;
    default:
        return false;
    }
}

bool gsp__rumours_next_state(struct gsp__rumours *rumours, size_t slot, struct gsp_message *out)
{
    struct gsp__audience *audience = &rumours->circle.audience[slot];
    if (!audience->state_due) return false;
    audience->state_due = false;
    gsp__message_begin(out, GSP_MSG_RUN_STATE);
    out->u.run_state = *gsp__runs_state(rumours->runs);
    return true;
}

bool gsp__rumours_next_summary(struct gsp__rumours *rumours, size_t slot, struct gsp_message *out)
{
    struct gsp__audience *audience = &rumours->circle.audience[slot];
    size_t n = rumours->circle.node_count, i = audience->summary_next;
    if (!audience->summaries_due) return false;
    while (!audience->summary_due[i]) i = (i + 1) % n;
    audience->summary_due[i] = false;
    audience->summaries_due--;
    audience->summary_next = (i + 1) % n;
    gsp__message_begin(out, GSP_MSG_SUMMARY);
    out->u.summary = rumours->circle.nodes[i].summary;
    return true;
}

bool gsp__rumours_turn(const struct gsp__rumours *rumours, size_t slot)
{
    return rumours->circle.audience[slot].turn;
}

void gsp__rumours_set_turn(struct gsp__rumours *rumours, size_t slot, bool summary)
{
    rumours->circle.audience[slot].turn = summary;
}

/* ---- events ---- */

void gsp__rumours_history_failed(struct gsp__rumours *rumours, const char *reason)
{
    snprintf(rumours->history_failure, sizeof rumours->history_failure, "%s", reason ? reason : "");
    gsp__host_news(rumours->host, false);
}

void gsp__rumours_client_gone(struct gsp__rumours *rumours, uint64_t client)
{
    const struct gsp__start *start = &rumours->start;
    gsp__stops_forget(rumours, client);
    if (!start->active || start->client != client) return;
    if (gsp__start_decided(rumours)) {
        gsp_log(&rumours->host->log, GSP_LOG_INFO,
                "who asked for run %llu has gone; the run is on its way to the disk and begins all the same; end it "
                "with: %s",
                (unsigned long long)start->key.epoch, rumours->host->commands.stop);
    } else {
        gsp_log(&rumours->host->log, GSP_LOG_INFO, "the start was given up: who asked for it has gone");
        gsp__start_refuse(rumours, GSP_REPLY_FAILED, "given up");
    }
}

void gsp__rumours_shutdown(struct gsp__rumours *rumours)
{
    if (rumours->start.active && !gsp__start_decided(rumours))
        gsp__start_refuse(rumours, GSP_REPLY_FAILED, "%s is shutting down", rumours->host->commands.run_node);
}

/* ---- time ---- */

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t gsp__rumours_deadline(const struct gsp__rumours *rumours)
{
    const struct gsp__start *start = &rumours->start;
    const struct gsp__journal *journal = &rumours->journal;
    uint64_t deadline = gsp__summary_deadline(rumours);
    if (start->active && !start->calibrating && !start->key.epoch) /* it still waits for nodes */
        deadline = earlier(deadline, start->deadline);
    if (journal->due && !journal->out && !rumours->host->shutting_down) deadline = earlier(deadline, journal->retry.at);
    return deadline;
}

/* A start that nobody else knows of is given up; everything else stays wanted. */
static void give_start_up(struct gsp__rumours *rumours, const char *failure)
{
    if (!rumours->start.active || !rumours->start.key.epoch) return;
    gsp__start_refuse(rumours, GSP_REPLY_FAILED,
                      "the run cannot be written to this node's state folder: %s, then start again", failure);
}

void gsp__rumours_stored(struct gsp__rumours *rumours, const char *failure)
{
    struct gsp__journal *journal = &rumours->journal;
    assert(journal->out);
    journal->out = false;
    if (failure) {
        gsp__retry_failed(rumours->host, &journal->retry, GSP_KEEP_RUN, failure);
        give_start_up(rumours, failure);
        gsp__stops_fail(rumours, failure);
        journal->due = true;
        return;
    }
    gsp__retry_succeeded(rumours->host, &journal->retry, GSP_KEEP_RUN);
    gsp__run_state_act(rumours, &journal->writing);
    gsp__host_news(rumours->host, true);
}
