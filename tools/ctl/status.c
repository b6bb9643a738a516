/* `gossipctl status` and `gossipctl peers`: what the daemon, or the whole network, is doing. */
#include "advice.h"
#include "client.h"
#include "terminal.h"

#include <gossip/report.h>

static int run_status(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    bool all = ctl_value(ctl, "--all") != NULL;
    struct gsp_request request = {.type = all ? GSP_REQ_STATUS_ALL : GSP_REQ_STATUS};
    struct gsp_reply reply;
    int exit_code = client_ask_or_say(ctl, &request, &reply);
    if (exit_code != EXIT_DONE) return exit_code;
    struct gsp_style style = terminal_style();
    char *text;
    if (all)
        text = ctl->json ? gsp_report_status_all_json(&reply) : gsp_report_status_all(&reply, &style);
    else
        text = ctl->json ? gsp_report_status_json(&reply) : gsp_report_status(&reply, advice_text(&reply), &style);
    exit_code = client_print(ctl, text);
    gsp_reply_clear(&reply);
    return exit_code;
}

static int run_peers(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    struct gsp_request request = {.type = GSP_REQ_STATUS};
    struct gsp_reply reply;
    int exit_code = client_ask_or_say(ctl, &request, &reply);
    if (exit_code != EXIT_DONE) return exit_code;
    struct gsp_style style = terminal_style();
    exit_code = client_print(ctl, ctl->json ? gsp_report_peers_json(&reply) : gsp_report_peers(&reply, &style));
    gsp_reply_clear(&reply);
    return exit_code;
}

static const struct ctl_option status_options[] = {
    {"--all", NULL, "a row for each node of the network, as far as this node has heard of it"},
    {0},
};

const struct ctl_command ctl_status = {
    .name = "status",
    .synopsis = "[--all]",
    .summary = "show what the daemon, or the whole network, is doing",
    .details = "Shows the run, its progress and what the node waits for. Any node can tell about all.\n",
    .options = status_options,
    .json = true,
    .run = run_status,
};

const struct ctl_command ctl_peers = {
    .name = "peers",
    .synopsis = "",
    .summary = "show the links to the neighbours",
    .details = "Shows the links to the neighbours, and why one is not up.\n",
    .json = true,
    .run = run_peers,
};
