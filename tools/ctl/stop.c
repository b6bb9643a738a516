/* `gossipctl stop`: all nodes end the run at one and the same round. */
#include "client.h"

#include <jansson.h>
#include <stdio.h>

static int run_stop(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    struct gsp_request request = {.type = GSP_REQ_STOP, .now = ctl_value(ctl, "--now") != NULL};
    struct gsp_reply reply;
    int exit_code = client_ask_or_say(ctl, &request, &reply);
    if (exit_code != EXIT_DONE) return exit_code;
    if (ctl->json) {
        json_t *object = json_pack("{s:s}", "message", reply.message);
        exit_code = client_print(ctl, object ? json_dumps(object, JSON_COMPACT) : NULL);
        json_decref(object);
    } else {
        printf("%s\n", reply.message);
    }
    gsp_reply_clear(&reply);
    return exit_code;
}

static const struct ctl_option stop_options[] = {
    {"--now", NULL,
     "end the run at once, wherever each node is, without a result; init=last goes on from the run before, unless some "
     "node had just finished this one"},
    {0},
};

const struct ctl_command ctl_stop = {
    .name = "stop",
    .synopsis = "[--now]",
    .summary = "end the run, at the same round on all nodes",
    .details = "All nodes end the run some rounds from now, at one and the same round, and keep their\n"
               "parameters: `dump` writes them, and init=last goes on from them.\n",
    .options = stop_options,
    .json = true,
    .run = run_stop,
};
