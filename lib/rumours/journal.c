/* RunState to the disk before it counts: a node that acted on one and then forgot it would take part in two runs, or
 * stop at another round than the rest. */
#include "rumours/inside.h"

#include <stdio.h>
#include <string.h>

bool gsp__rumours_pending(const struct gsp__rumours *rumours)
{
    return rumours->journal.due || rumours->journal.out;
}

bool gsp__rumours_writing(const struct gsp__rumours *rumours)
{
    return rumours->journal.out;
}

void gsp__journal_changed(struct gsp__rumours *rumours)
{
    rumours->journal.due = true;
}

static int pack(struct gsp__rumours *rumours)
{
    struct gsp__journal *journal = &rumours->journal;
    struct gsp_kept kept = {.kind = GSP_KEPT_RUN, .state = journal->wanted};
    memcpy(kept.network_hash, rumours->host->place.hash, sizeof kept.network_hash);
    memcpy(kept.data_digest, rumours->data.digest, sizeof kept.data_digest);
    journal->bytes.length = 0;
    int rc = gsp_kept_begin(&kept, &journal->bytes);
    return rc ? rc : gsp_kept_seal(&journal->bytes);
}

void gsp__rumours_write(struct gsp__rumours *rumours)
{
    struct gsp__journal *journal = &rumours->journal;
    if (!journal->due || journal->out || rumours->host->now < journal->retry.at) return;
    struct gsp_action *action = pack(rumours) ? NULL : gsp__action_add(rumours->host, GSP_ACTION_STORE);
    if (!action) {
        gsp__retry_failed(rumours->host, &journal->retry, GSP_KEEP_RUN, "no memory");
        return;
    }
    action->file = GSP_KEEP_RUN;
    action->bytes = journal->bytes.data;
    action->length = journal->bytes.length;
    journal->writing = journal->wanted;
    journal->due = false;
    journal->out = true;
}

void gsp__journal_describe(const struct gsp__rumours *rumours, struct gsp_summary *out)
{
    const struct gsp__journal *journal = &rumours->journal;
    if (!journal->retry.failure[0] || out->waiting_count) return;
    /* Others may be in that run already. */
    if (gsp_run_key_compare(&journal->wanted.run, &gsp__runs_state(rumours->runs)->run) != 0) {
        out->phase = GSP_PHASE_WAITING;
        out->waiting_count = 1;
        snprintf(out->waiting[0], sizeof out->waiting[0], "%s", rumours->host->place.name);
    }
    gsp__append(out->reason, sizeof out->reason, "%sits own disk: %.300s, and it goes on by itself",
                *out->reason ? "; " : "", journal->retry.failure);
}
