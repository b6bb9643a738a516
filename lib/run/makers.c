/* What computes a run's gradients: another one is said. */
#include "run/inside.h"

#include <stdio.h>
#include <string.h>

/* Another library or machine computes from here on: its gradients may have other bits, which nobody can tell from
 * outside. Said once in the log, and kept as a note. */
void gsp__makers_compare(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    struct gsp_makers *makers = &run->makers;
    const char *fingerprint = runs->problem->type->fingerprint(runs->problem, &run->settings);
    if (!*fingerprint || strcmp(makers->fingerprint, fingerprint) == 0) return;
    if (makers->fingerprint[0] && run->node) {
        snprintf(makers->change, sizeof makers->change,
                 "perhaps inexact: up to step %llu gradients were computed by %.60s, not %.60s",
                 (unsigned long long)(gsp_node_step(run->node) - 1), makers->fingerprint, fingerprint);
        gsp_log(&runs->host->log, GSP_LOG_WARNING, "run %llu: %s", (unsigned long long)run->key.epoch, makers->change);
    }
    snprintf(makers->fingerprint, sizeof makers->fingerprint, "%s", fingerprint);
}
