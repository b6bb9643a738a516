/* Words that the forms of a status share. */
#include "report/phase.h"

#include <stdio.h>
#include <string.h>

const char *gsp__phase_text(const struct gsp_summary *node)
{
    return node->number ? gsp_phase_name(node->phase) : "unknown";
}

enum gsp__colour gsp__phase_colour(const struct gsp_summary *node)
{
    if (!node->number) return GSP__DIM;
    switch (node->phase) {
    case GSP_PHASE_RUNNING:
    case GSP_PHASE_DONE:
        return GSP__GREEN;
    case GSP_PHASE_WAITING:
    case GSP_PHASE_STOPPED:
        return GSP__YELLOW;
    case GSP_PHASE_FAILED:
        return GSP__RED;
    case GSP_PHASE_IDLE:
        break;
    }
    return GSP__PLAIN;
}

void gsp__waiting_names(char out[GSP__NAMES_SIZE], const struct gsp_summary *node)
{
    size_t listed = node->waiting_count < GSP_WAITING_MAX ? node->waiting_count : GSP_WAITING_MAX, used = 0;
    out[0] = 0;
    for (size_t i = 0; i < listed; i++)
        used += (size_t)snprintf(out + used, GSP__NAMES_SIZE - used, "%s%s", i ? ", " : "", node->waiting[i]);
    if (node->waiting_count > listed)
        snprintf(out + used, GSP__NAMES_SIZE - used, " and %zu more", node->waiting_count - listed);
}
