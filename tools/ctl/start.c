/* `gossipctl start`: begins a run on all nodes, and with --wait follows it to its end. */
#include "client.h"
#include "terminal.h"
#include "wait.h"

#include <gossip/config.h>

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The daemon tells what it waits for, and may be silent only while it computes: the greatest dimensions take minutes to
 * calibrate. */
enum { SILENCE_MS = 900000 };

/* A later word overrides an earlier one, so that a script may put its own first. */
static int read_settings(const struct ctl *ctl, struct gsp_settings *settings, int argc, char **argv)
{
    struct gsp_error error = {0};
    gsp_settings_default(settings);
    for (int i = 0; i < argc; i++) {
        if (!strchr(argv[i], '=')) return ctl_usage(ctl, "'%s' is no setting: settings are written KEY=VALUE", argv[i]);
        if (gsp_settings_set(settings, argv[i], &error))
            return client_fail(ctl, EXIT_USAGE, "%s; see `gossipctl start --help`", error.message);
    }
    return EXIT_DONE;
}

/* Sends the settings and shows what the daemon says until it has begun or refused. On EXIT_DONE the last reply is the
 * caller's to clear. */
static int begin(const struct ctl *ctl, const struct gsp_settings *settings, struct gsp_reply *reply)
{
    struct gsp_request request = {.type = GSP_REQ_START, .settings = gsp_settings_format(settings)};
    if (!request.settings) return client_fail(ctl, EXIT_FAILED, "out of memory");
    struct gsp_error error = {0};
    struct progress progress;
    struct client client;
    bool more = true;
    progress_begin(&progress, ctl->json);
    int exit_code = client_open(&client, ctl->socket, &request, &error);
    while (exit_code == EXIT_DONE && more) {
        exit_code = client_next(&client, SILENCE_MS, reply, &error);
        if (exit_code != EXIT_DONE) break;
        more = reply->more;
        exit_code = client_exit_code(reply);
        if (exit_code != EXIT_DONE) gsp_error_set(&error, GSP_ERR_STATE, "%s", reply->message);
        if (exit_code == EXIT_DONE && more) progress_show(&progress, reply->message);
        if (exit_code != EXIT_DONE || more) gsp_reply_clear(reply);
    }
    client_close(&client);
    free(request.settings);
    progress_end(&progress);
    return exit_code == EXIT_DONE ? EXIT_DONE : client_fail(ctl, exit_code, "%s", error.message);
}

static int add_setting(json_t *object, const char *line, size_t length)
{
    size_t key = strcspn(line, "=");
    if (key >= length) return 0;
    return json_object_setn_new(object, line, key, json_stringn(line + key + 1, length - key - 1));
}

static json_t *settings_object(const char *settings)
{
    json_t *object = json_object();
    for (const char *line = settings; object && *line; line += strspn(line, "\n")) {
        size_t length = strcspn(line, "\n");
        if (add_setting(object, line, length)) {
            json_decref(object);
            return NULL;
        }
        line += length;
    }
    return object;
}

static int print_json(const struct ctl *ctl, const struct gsp_reply *reply)
{
    json_t *settings = settings_object(reply->settings);
    json_t *object =
        settings ? json_pack("{s:I,s:o}", "run", (json_int_t)reply->run.epoch, "settings", settings) : NULL;
    int exit_code = client_print(ctl, object ? json_dumps(object, JSON_COMPACT) : NULL);
    json_decref(object);
    return exit_code;
}

/* The settings as the network has resolved them, on one line: what `auto` became is worth knowing. */
static void print_begun(const struct gsp_reply *reply)
{
    printf("run %" PRIu64 " begins:", reply->run.epoch);
    for (const char *line = reply->settings; *line; line += strspn(line, "\n")) {
        size_t length = strcspn(line, "\n");
        printf(" %.*s", (int)length, line);
        line += length;
    }
    printf("\n");
    fflush(stdout);
}

static int run_start(struct ctl *ctl, int argc, char **argv)
{
    struct gsp_settings settings;
    struct gsp_reply reply = {0};
    bool wait = ctl_value(ctl, "--wait") != NULL;
    int exit_code = read_settings(ctl, &settings, argc, argv);
    if (exit_code == EXIT_DONE) exit_code = begin(ctl, &settings, &reply);
    if (exit_code != EXIT_DONE) return exit_code;
    struct gsp_run_key run = reply.run;
    if (!ctl->json)
        print_begun(&reply);
    else if (!wait)
        exit_code = print_json(ctl, &reply);
    gsp_reply_clear(&reply);
    return wait && exit_code == EXIT_DONE ? wait_for_run(ctl, &run) : exit_code;
}

static const struct ctl_option start_options[] = {
    {"--wait", NULL, "show the progress and end when the run is over on all nodes: 0 done, 1 failed or stopped"},
    {0},
};

const struct ctl_command ctl_start = {
    .name = "start",
    .synopsis = "[KEY=VALUE...] [--wait]",
    .summary = "begin a run on all nodes",
    .details = "Begins to train on all nodes of the network, with the settings given and the defaults of\n"
               "the others. It waits until every node is there and ready (setting timeout), works out\n"
               "what is left to `auto`, and says what it came to. Any node will do to start from.\n\n"
               "init=file:PATH.npy is read by every node on its own host; a relative path counts from its\n"
               "gossipd.conf. The file must lie in the folder of gossipd.conf or of peers.conf, or below:\n"
               "nowhere else, since any listed node may start a run.\n\n"
               "  gossipctl start --wait\n"
               "  gossipctl start objective=logistic rounds=200 compressor=topk:fraction=0.05\n",
    .options = start_options,
    .most = -1,
    .json = true,
    .settings = true,
    .run = run_start,
};
