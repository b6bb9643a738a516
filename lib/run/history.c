/* The history of a run: a line for every round, which the driver keeps in a file. */
#include "run/inside.h"

#include <math.h>

void gsp__history_open(struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    uint64_t step = gsp_node_step(run->node);
    bool between_rounds = (step - 1) % run->settings.gossip_steps == 0 && gsp_node_log_end(run->node) == step;
    struct gsp_action *action = gsp__action_add(runs->host, GSP_ACTION_HISTORY_OPEN);
    if (!action) return;
    action->run = run->key;
    /* Inside a round the loss of the one before is known, and written. */
    action->position = gsp_node_round(run->node) + !between_rounds;
    if (between_rounds) gsp__history_round(runs);
}

void gsp__history_round(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    const struct gsp_counters *counters = gsp_node_counters(run->node);
    double seconds = gsp__run_seconds(runs);
    uint64_t sent, received;
    gsp__run_bytes(runs, &sent, &received);
    run->scores.row = (struct gsp_history_row){
        .round = gsp_node_round(run->node),
        .loss = NAN,
        .accuracy = NAN,
        .consensus_error = gsp_node_consensus_error(run->node),
        .payload_bytes = (double)counters->payload_bytes,
        .bytes_sent = (double)sent,
        .bytes_received = (double)received,
        .gradient_seconds = counters->gradient_seconds,
        .coding_seconds = counters->coding_seconds,
        .waiting_seconds = counters->waiting_seconds,
        .seconds = isnan(seconds) ? 0 : seconds,
    };
}

void gsp__history_loss(struct gsp__runs *runs, double loss)
{
    struct gsp__run *run = runs->run;
    struct gsp_history_row *row = &run->scores.row;
    struct gsp_buffer line = {0};
    char name[GSP_HISTORY_RUN];
    gsp_history_run(name, &run->key);
    row->loss = loss;
    row->accuracy = run->scores.evaluated_round == row->round ? run->scores.accuracy : NAN;
    struct gsp_action *action = gsp_history_put_row(&line, row, runs->host->place.name, name)
                                    ? NULL
                                    : gsp__action_add(runs->host, GSP_ACTION_HISTORY);
    if (!action) {
        gsp_buffer_clear(&line);
        gsp_log(&runs->host->log, GSP_LOG_WARNING, "no memory for round %llu in the history",
                (unsigned long long)row->round);
        return;
    }
    action->bytes = line.data;
    action->length = line.length;
}
