/* `gossipctl history`: a line for every round of the daemon's last run. */
#include "client.h"
#include "fetch.h"
#include "terminal.h"

#include <gossip/report.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Leaves the last `count` rounds. */
static void keep_last(struct gsp_history *history, uint64_t count)
{
    if (count >= history->count) return;
    memmove(history->rows, history->rows + (history->count - count), (size_t)count * sizeof *history->rows);
    history->count = (size_t)count;
}

static int print_csv(const struct ctl *ctl, const struct gsp_history *history)
{
    struct gsp_buffer text = {0};
    int rc = gsp_history_put_header(&text);
    for (size_t i = 0; !rc && i < history->count; i++)
        rc = gsp_history_put_row(&text, &history->rows[i], history->node, history->run);
    if (!rc) fwrite(text.data, 1, text.length, stdout);
    gsp_buffer_clear(&text);
    return rc ? client_fail(ctl, EXIT_FAILED, "out of memory") : EXIT_DONE;
}

static int run_history(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    const char *last = ctl_value(ctl, "--last");
    bool as_csv = ctl_value(ctl, "--csv") != NULL;
    struct gsp_buffer csv = {0};
    struct gsp_history *history;
    struct gsp_error error = {0};
    uint64_t count = UINT64_MAX;
    if (as_csv && ctl->json) return ctl_usage(ctl, "--csv or --json, not both");
    if (last && (gsp_count_parse(&count, last) || count == 0))
        return ctl_usage(ctl, "--last %s is not a number of rounds", last);
    int exit_code = fetch_history(ctl->socket, &csv, &history, &error);
    gsp_buffer_clear(&csv);
    if (exit_code != EXIT_DONE) return client_fail(ctl, exit_code, "%s", error.message);
    keep_last(history, count);
    struct gsp_style style = terminal_style();
    if (as_csv)
        exit_code = print_csv(ctl, history);
    else
        exit_code =
            client_print(ctl, ctl->json ? gsp_report_history_json(history) : gsp_report_history(history, &style));
    gsp_histories_free(history, 1);
    return exit_code;
}

static const struct ctl_option history_options[] = {
    {"--csv", NULL, "print CSV, as in the file history.csv of the daemon's State folder"},
    {"--last", "N", "only the last N rounds"},
    {0},
};

const struct ctl_command ctl_history = {
    .name = "history",
    .synopsis = "[--last N] [--csv]",
    .summary = "show how the last run went, a line for every round",
    .details = "Shows for every round of this node's last run, from 0, the start, on: its loss on its own\n"
               "rows, the accuracy on test data where it was evaluated (every few seconds, and at the\n"
               "end), the consensus error, the payload sent to one neighbour, the bytes sent and received\n"
               "on the sockets, the seconds spent on gradients, on coding and in waiting, and those since\n"
               "the run's first step. A daemon keeps it in history.csv in its State folder; there\n"
               "the next run takes its place.\n\n"
               "  gossipctl history --last 20\n"
               "  gossipctl history --csv >run7.csv\n",
    .options = history_options,
    .json = true,
    .run = run_history,
};
