/* `gossipctl reload`: the daemon reads its peers.conf anew. */
#include "client.h"

#include <jansson.h>
#include <stdio.h>

enum { ANSWER_MS = 60000 }; /* the spectrum of thousands of nodes takes its time */

/* The problems that the daemon found in the file come one by one; they are said, and gathered for --json. */
static int hear(const struct ctl *ctl, json_t *problems, struct gsp_reply *reply, struct gsp_error *error)
{
    struct gsp_request request = {.type = GSP_REQ_RELOAD};
    struct client client;
    int exit_code = client_open(&client, ctl->socket, &request, error);
    while (exit_code == EXIT_DONE) {
        exit_code = client_next(&client, ANSWER_MS, reply, error);
        if (exit_code != EXIT_DONE || !reply->more) break;
        common_say("%s", reply->message);
        json_array_append_new(problems, json_string(reply->message));
        gsp_reply_clear(reply);
    }
    client_close(&client);
    return exit_code;
}

static int print_json(const struct ctl *ctl, json_t *problems, const struct gsp_reply *reply)
{
    bool refused = reply->code != GSP_REPLY_DONE;
    json_t *object = json_pack("{s:s,s:O}", refused ? "error" : "message", reply->message, "problems", problems);
    int exit_code = client_print(ctl, object ? json_dumps(object, JSON_COMPACT) : NULL);
    json_decref(object);
    return exit_code == EXIT_DONE ? client_exit_code(reply) : exit_code;
}

static int run_reload(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    struct gsp_reply reply = {0};
    struct gsp_error error = {0};
    json_t *problems = json_array();
    int exit_code = hear(ctl, problems, &reply, &error);
    if (exit_code != EXIT_DONE) {
        json_decref(problems);
        return client_fail(ctl, exit_code, "%s", error.message);
    }
    exit_code = client_exit_code(&reply);
    if (exit_code != EXIT_DONE)
        common_say("%s", reply.message);
    else if (!ctl->json)
        printf("%s\n", reply.message);
    if (ctl->json) exit_code = print_json(ctl, problems, &reply);
    json_decref(problems);
    gsp_reply_clear(&reply);
    return exit_code;
}

const struct ctl_command ctl_reload = {
    .name = "reload",
    .synopsis = "",
    .summary = "read peers.conf anew, without a restart",
    .details = "The daemon reads its peers.conf anew. Endpoints that have changed count at once, and a\n"
               "node that is listed no more is cut off at once. The rest takes effect when no run is\n"
               "going on: until then `status` says what it waits for. Nothing changes if the file has\n"
               "problems: all of them are told, each with its line; the exit code is then 78.\n"
               "\n"
               "All hosts need the same file. Copy it to each and reload there, in any order: hosts with\n"
               "different files refuse each other, and connect within seconds when the second has\n"
               "reloaded. SIGHUP does the same, and only the log tells what came of it.\n\n"
               "  gossipctl check net/peers.conf && gossipctl reload\n",
    .json = true,
    .run = run_reload,
};
