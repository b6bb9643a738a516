/* `gossipctl status` and `gossipctl peers`: what the daemon, or the whole network, is doing. */
#include "advice.h"
#include "client.h"
#include "terminal.h"

#include <gossip/report.h>

int ctl_status(struct ctl *ctl, int argc, char **argv)
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

int ctl_peers(struct ctl *ctl, int argc, char **argv)
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
