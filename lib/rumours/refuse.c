/* A start of this node's that does not come to a run, and the moment from which it does. */
#include "rumours/inside.h"

#include <assert.h>
#include <stdio.h>

/* What was handed to the disk cannot be called back, and a crash would find it there: from then on it is the write that
 * decides whether the run begins, and nobody may be told otherwise. */
bool gsp__start_decided(const struct gsp__rumours *rumours)
{
    const struct gsp__journal *journal = &rumours->journal;
    const struct gsp_run_key *key = &rumours->start.key;
    return rumours->start.active && key->epoch && journal->out &&
           gsp_run_key_compare(&journal->writing.run, key) == 0 && gsp_run_key_compare(&journal->wanted.run, key) == 0;
}

bool gsp__start_calibrates(const struct gsp__rumours *rumours)
{
    return rumours->calibration;
}

/* The run that it would begin is not wanted any more: what is on the disk, or on its way there, stays. */
static void withdraw(struct gsp__rumours *rumours)
{
    struct gsp__journal *journal = &rumours->journal;
    const struct gsp_run_key *key = &rumours->start.key;
    if (!key->epoch || gsp_run_key_compare(&journal->wanted.run, key) != 0) return;
    journal->wanted = journal->out ? journal->writing : *gsp__runs_state(rumours->runs);
}

void gsp__start_refuse(struct gsp__rumours *rumours, enum gsp_reply_code code, const char *format, ...)
{
    assert(rumours->start.active && !gsp__start_decided(rumours));
    char reason[GSP_REASON_MAX * 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    gsp_log(&rumours->host->log, GSP_LOG_WARNING, "start refused: %s", reason);
    gsp__reply_text(rumours->host, rumours->start.client, code, false, "%s", reason);
    withdraw(rumours);
    rumours->start.active = rumours->start.calibrating = false;
    if (rumours->calibration) gsp_job_cancel(rumours->calibration);
}
