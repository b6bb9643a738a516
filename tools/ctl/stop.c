/* `gossipctl stop`: all nodes end the run at one and the same round. */
#include "client.h"

#include <jansson.h>
#include <stdio.h>

int ctl_stop(struct ctl *ctl, int argc, char **argv)
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
