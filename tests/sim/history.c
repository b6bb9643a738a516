/* Histories, kept in memory as daemons keep them in files. */
#include "sim/inside.h"

#include <assert.h>
#include <stdio.h>

void cluster_history_open(struct cluster *cluster, size_t node, const struct gsp_action *action)
{
    struct gsp_buffer *history = &cluster->histories[node];
    char run[GSP_HISTORY_RUN];
    uint64_t after;
    gsp_history_run(run, &action->run);
    history->length =
        action->position ? gsp_history_keep((const char *)history->data, history->length, run, action->position, &after)
                         : 0;
    if (!history->length) gsp_history_put_header(history);
}

size_t cluster_history(const struct cluster *cluster, size_t node, struct gsp_history **out)
{
    const struct gsp_buffer *history = &cluster->histories[node];
    struct gsp_error error = {0};
    size_t count = 0;
    int rc = gsp_history_parse(out, &count, "history", (const char *)history->data, history->length, &error);
    if (rc) fprintf(stderr, "%s\n", error.message);
    assert(rc == 0);
    return count;
}
