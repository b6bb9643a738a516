/* The history of every node, line for line what its daemon would keep. */
#include "sim.h"

#include <errno.h>
#include <gossip/store.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int failed(const struct node_history *history, struct gsp_error *error)
{
    return gsp_error_set(error, GSP_ERR_IO, "%s: %s", history->path, strerror(errno));
}

int node_history_open(struct node_history *history, const char *path, const struct lockstep *lockstep,
                      const struct gsp_graph *graph, struct gsp_error *error)
{
    struct gsp_buffer header = {0};
    *history = (struct node_history){.path = path, .lockstep = lockstep, .graph = graph};
    history->rows = gsp_alloc(lockstep->count, sizeof *history->rows);
    if (!history->rows || gsp_history_put_header(&header))
        return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for the history of %zu nodes", lockstep->count);
    history->file = fopen(path, "w");
    bool written = history->file && fwrite(header.data, 1, header.length, history->file) == header.length;
    gsp_buffer_clear(&header);
    return written ? 0 : failed(history, error);
}

void node_history_round(struct node_history *history, double seconds)
{
    const struct lockstep *lockstep = history->lockstep;
    for (size_t i = 0; i < lockstep->count; i++)
        history->rows[i] = (struct gsp_history_row){
            .round = lockstep->round,
            .accuracy = NAN,
            .consensus_error = gsp_node_consensus_error(lockstep->nodes[i]),
            .payload_bytes = (double)gsp_node_counters(lockstep->nodes[i])->payload_bytes,
            .bytes_sent = NAN,
            .bytes_received = NAN,
            .gradient_seconds = NAN,
            .coding_seconds = NAN,
            .waiting_seconds = NAN,
            .seconds = seconds,
        };
}

int node_history_write(struct node_history *history, const double *losses, struct gsp_error *error)
{
    struct gsp_buffer lines = {0};
    int rc = 0;
    for (size_t i = 0; !rc && i < history->lockstep->count; i++) {
        history->rows[i].loss = losses[i];
        rc = gsp_history_put_row(&lines, &history->rows[i], history->graph->names[i], "gossip-sim");
    }
    if (rc)
        gsp_error_set(error, rc, "%s: %s", history->path, gsp_strerror(rc));
    else if (fwrite(lines.data, 1, lines.length, history->file) != lines.length)
        rc = failed(history, error);
    gsp_buffer_clear(&lines);
    return rc;
}

int node_history_end(struct node_history *history, double seconds, const struct score *scores, struct gsp_error *error)
{
    size_t count = history->lockstep->count;
    double *losses = gsp_vector(count);
    if (!losses) return gsp_error_set(error, GSP_ERR_NOMEM, "%s: out of memory", history->path);
    node_history_round(history, seconds);
    for (size_t i = 0; i < count; i++) {
        losses[i] = scores[i].loss;
        if (history->accuracy) history->rows[i].accuracy = scores[i].metric;
    }
    int rc = node_history_write(history, losses, error);
    free(losses);
    return rc;
}

int node_history_close(struct node_history *history, struct gsp_error *error)
{
    int rc = history->file && fclose(history->file) ? failed(history, error) : 0;
    free(history->rows);
    *history = (struct node_history){0};
    return rc;
}
