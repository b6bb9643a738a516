/* `gossipctl health`: 0 or 1, for a container engine or a monitor. */
#include "client.h"

#include <jansson.h>
#include <stdio.h>

static int run_health(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    struct gsp_request request = {.type = GSP_REQ_HEALTH};
    struct gsp_reply reply;
    struct gsp_error error = {0};
    bool answered = client_ask(ctl->socket, &request, &reply, &error) == EXIT_DONE;
    bool healthy = answered && reply.code == GSP_REPLY_DONE;
    const char *message = answered ? reply.message : error.message;
    int exit_code = healthy ? EXIT_DONE : EXIT_FAILED; /* engines know no other codes, so not EXIT_NO_DAEMON either */
    if (ctl->json) {
        json_t *object = json_pack("{s:b,s:s}", "healthy", healthy, "message", message);
        int printed = client_print(ctl, object ? json_dumps(object, JSON_COMPACT) : NULL);
        if (printed != EXIT_DONE) exit_code = printed;
        json_decref(object);
    } else {
        printf("%s\n", message);
    }
    if (answered) gsp_reply_clear(&reply);
    return exit_code;
}

const struct ctl_command ctl_health = {
    .name = "health",
    .synopsis = "",
    .summary = "0 if the daemon answers and its run has not failed, else 1",
    .details = "For a container engine or a monitor: exit code 0 if the daemon answers and its run has\n"
               "not failed, else 1, with a line that says why.\n",
    .json = true,
    .run = run_health,
};
