/* RunState to the disk before it counts: a node that acted on one and then forgot it would take part in two runs, or
 * stop at another round than the rest. */
#include "session/peer.h"

#include <stdio.h>
#include <string.h>

void gsp__retry_failed(struct gsp_peer *peer, struct gsp__retry *retry, enum gsp_keep file, const char *failure)
{
    bool news = strcmp(retry->failure, failure) != 0;
    snprintf(retry->failure, sizeof retry->failure, "%s", failure);
    retry->back_off = retry->back_off ? 2 * retry->back_off : GSP__DISK_FIRST;
    if (retry->back_off > GSP__DISK_MAX) retry->back_off = GSP__DISK_MAX;
    retry->at = peer->now + retry->back_off;
    if (news)
        gsp_log(&peer->config.log, GSP_LOG_ERROR, "%s cannot be written: %s; it is tried again and nothing is lost",
                gsp_keep_name(file), failure);
    gsp__summary_changed(peer, true);
}

bool gsp__journal_pending(const struct gsp_peer *peer)
{
    return peer->journal.due || peer->journal.out;
}

void gsp__journal_changed(struct gsp_peer *peer)
{
    peer->journal.due = true;
}

static int pack(struct gsp_peer *peer)
{
    struct gsp__journal *journal = &peer->journal;
    struct gsp_kept kept = {.kind = GSP_KEPT_RUN, .state = journal->wanted};
    memcpy(kept.network_hash, peer->network_hash, sizeof kept.network_hash);
    memcpy(kept.data_digest, peer->data_digest, sizeof kept.data_digest);
    journal->bytes.length = 0;
    int rc = gsp_kept_begin(&kept, &journal->bytes);
    return rc ? rc : gsp_kept_seal(&journal->bytes);
}

void gsp__journal_tick(struct gsp_peer *peer)
{
    struct gsp__journal *journal = &peer->journal;
    if (!journal->due || journal->out || peer->now < journal->retry.at) return;
    struct gsp_action *action = pack(peer) ? NULL : gsp__action_add(peer, GSP_ACTION_STORE);
    if (!action) {
        gsp__retry_failed(peer, &journal->retry, GSP_KEEP_RUN, "no memory");
        return;
    }
    action->file = GSP_KEEP_RUN;
    action->bytes = journal->bytes.data;
    action->length = journal->bytes.length;
    journal->writing = journal->wanted;
    journal->due = false;
    journal->out = true;
}

/* A start that nobody else knows of is given up; everything else stays wanted. */
static void give_start_up(struct gsp_peer *peer, const char *failure)
{
    if (!peer->start.active || !peer->start.key.epoch) return;
    gsp__start_refuse(peer, 1, "the run cannot be written to this node's state folder: %s, then start again", failure);
}

static void answer_stop(struct gsp_peer *peer, const struct gsp__stop *stop, const char *failure)
{
    if (gsp_run_key_compare(&stop->run, &peer->state.run) != 0)
        gsp__reply_text(peer, stop->client, 0, false,
                        "nothing is running: run %llu has not begun, since it could not be written to this node's "
                        "state folder: %s",
                        (unsigned long long)stop->run.epoch, failure);
    else
        gsp__reply_text(peer, stop->client, 1, false,
                        "the stop cannot be written to this node's state folder yet: %s; it takes effect as soon as "
                        "it is written",
                        failure);
}

static void failed(struct gsp_peer *peer, const char *failure)
{
    struct gsp__journal *journal = &peer->journal;
    gsp__retry_failed(peer, &journal->retry, GSP_KEEP_RUN, failure);
    give_start_up(peer, failure);
    for (size_t i = 0; i < peer->stop_count; i++) answer_stop(peer, &peer->stops[i], failure);
    peer->stop_count = 0;
    journal->due = true;
}

void gsp__journal_stored(struct gsp_peer *peer, const char *failure)
{
    struct gsp__journal *journal = &peer->journal;
    journal->out = false;
    if (failure) {
        failed(peer, failure);
        return;
    }
    if (journal->retry.failure[0])
        gsp_log(&peer->config.log, GSP_LOG_INFO, "%s is written", gsp_keep_name(GSP_KEEP_RUN));
    journal->retry = (struct gsp__retry){0};
    gsp__run_state_act(peer, &journal->writing);
    gsp__summary_changed(peer, true);
}

/* What status says while there is no room for it, unless the run in hand says so already. */
void gsp__journal_describe(const struct gsp_peer *peer, struct gsp_summary *out)
{
    const struct gsp__journal *journal = &peer->journal;
    size_t used = strlen(out->reason);
    if (!journal->retry.failure[0] || out->waiting_count) return;
    if (gsp_run_key_compare(&journal->wanted.run, &peer->state.run) != 0) { /* others may be in that run already */
        out->phase = GSP_PHASE_WAITING;
        out->waiting_count = 1;
        snprintf(out->waiting[0], sizeof out->waiting[0], "%s", peer->name);
    }
    snprintf(out->reason + used, sizeof out->reason - used, "%sits own disk: %.300s, and it goes on by itself",
             used ? "; " : "", journal->retry.failure);
}
