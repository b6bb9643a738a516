/* What computes a run's gradients: another one is said. */
#include "run/inside.h"

#include <stdio.h>
#include <string.h>

static void say(struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    gsp_log(&runs->host->log, GSP_LOG_WARNING, "run %llu: %s", (unsigned long long)run->key.epoch, run->makers.change);
}

/* x comes back from the neighbours after a lost disk; what the task carries besides it was nowhere else. Whether it
 * carries anything is known once what computes is there. */
static void take_loss(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    struct gsp_problem_facts facts;
    if (!run->state_lost || !gsp__run_asks(run)) return;
    run->state_lost = false;
    runs->problem->type->facts(runs->problem, &facts);
    if (!facts.stateful) return;
    snprintf(run->makers.change, sizeof run->makers.change,
             "inexact: what its worker had kept up to step %llu was lost with the disk, and began anew",
             (unsigned long long)(gsp_node_step(run->node) - 1));
    say(runs);
}

/* Another library or machine computes from here on: its gradients may have other bits, which nobody can tell from
 * outside. Said once in the log, and kept as a note. */
void gsp__makers_compare(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    struct gsp_makers *makers = &run->makers;
    const char *fingerprint = runs->problem->type->fingerprint(runs->problem, &run->settings);
    if (!*fingerprint) return;
    if (run->node) take_loss(runs);
    if (strcmp(makers->fingerprint, fingerprint) == 0) return;
    if (makers->fingerprint[0] && run->node) {
        snprintf(makers->change, sizeof makers->change,
                 "perhaps inexact: up to step %llu gradients were computed by %.60s, not %.60s",
                 (unsigned long long)(gsp_node_step(run->node) - 1), makers->fingerprint, fingerprint);
        say(runs);
    }
    snprintf(makers->fingerprint, sizeof makers->fingerprint, "%s", fingerprint);
}
