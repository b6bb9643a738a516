#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "daemon.h"

#include "commands.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Neighbours have 5 s to end their connections; a gradient under way may take longer, and nobody needs it any more. */
#define PATIENCE_MS 10000u

uint64_t daemon_now(struct daemon *daemon)
{
    uv_update_time(&daemon->loop);
    return uv_now(&daemon->loop);
}

void daemon_tell(struct daemon *daemon, const struct gsp_event *event)
{
    gsp_peer_step(daemon->peer, event, daemon_now(daemon));
}

static void carry_out(struct daemon *daemon, struct gsp_action *action)
{
    switch (action->type) {
    case GSP_ACTION_SEND:
        net_send(daemon, action->connection, action->bytes, action->length);
        break;
    case GSP_ACTION_CLOSE:
        net_close(daemon, action->connection, action->graceful);
        break;
    case GSP_ACTION_DIAL:
        dial_start(daemon, action->node);
        break;
    case GSP_ACTION_UNDIAL:
        dials_forget(daemon);
        break;
    case GSP_ACTION_JOB:
        work_start(daemon, action->job);
        break;
    case GSP_ACTION_REPLY:
        control_reply(daemon, action->client, action->bytes, action->length, action->last);
        break;
    case GSP_ACTION_STORE:
        if (action->file != GSP_KEEP_RUN) history_flush(daemon);
        store_start(daemon, action->file, action->bytes, action->length);
        break;
    case GSP_ACTION_READ:
        work_read(daemon, action->path, action->length);
        break;
    case GSP_ACTION_HISTORY_OPEN:
        history_open(daemon, &action->run, action->position);
        break;
    case GSP_ACTION_HISTORY:
        history_append(daemon, action->bytes, action->length);
        break;
    case GSP_ACTION_HISTORY_READ:
        history_read(daemon, action->client, action->position);
        break;
    case GSP_ACTION_RELOAD:
        reload_start(daemon, action->client);
        break;
    case GSP_ACTION_ASK:
        worker_ask(daemon, &action->question, &action->asked);
        break;
    case GSP_ACTION_READ_KEPT:
        store_read_again(daemon);
        break;
    }
}

static void on_deadline(uv_timer_t *timer)
{
    struct daemon *daemon = timer->data;
    daemon->armed = UINT64_MAX;
    daemon_tell(daemon, &(struct gsp_event){.type = GSP_EVENT_TICK});
    daemon_pump(daemon);
}

static void arm(struct daemon *daemon)
{
    uint64_t deadline = gsp_peer_deadline(daemon->peer);
    if (deadline == daemon->armed) return;
    daemon->armed = deadline;
    if (deadline == UINT64_MAX) {
        uv_timer_stop(&daemon->deadline);
        return;
    }
    uint64_t now = daemon_now(daemon);
    uv_timer_start(&daemon->deadline, on_deadline, deadline > now ? deadline - now : 0, 0);
}

/* All that could still happen has happened: closes the last handles that keep the loop running, and it ends. */
static void finish(struct daemon *daemon)
{
    if (daemon->finishing) return;
    daemon->finishing = true;
    uv_close((uv_handle_t *)&daemon->deadline, NULL);
    uv_close((uv_handle_t *)&daemon->patience, NULL);
    history_close(daemon);
}

void daemon_pump(struct daemon *daemon)
{
    if (daemon->pumping) return;
    daemon->pumping = true;
    struct gsp_action action;
    while (gsp_peer_next_action(daemon->peer, &action)) carry_out(daemon, &action);
    daemon->pumping = false;
    if (daemon->finishing) return;
    if (daemon->stopping && gsp_peer_finished(daemon->peer) && worker_gone(daemon))
        finish(daemon);
    else
        arm(daemon);
}

static void on_patience_over(uv_timer_t *timer)
{
    const struct daemon *daemon = timer->data;
    gsp_log(&daemon->log, GSP_LOG_WARNING, "%s still under way; leaving without it",
            daemon->work.job ? "a computation is" : "connections are");
    /* The job's thread reads the data and the peer: neither may be freed under it. */
    _exit(0);
}

void daemon_stop(struct daemon *daemon, const char *why)
{
    if (daemon->stopping) {
        gsp_log(&daemon->log, GSP_LOG_WARNING, "%s again: stopping at once", why);
        _exit(1);
    }
    gsp_log(&daemon->log, GSP_LOG_INFO, "%s: stopping", why);
    daemon->stopping = true;
    listeners_close(daemon);
    control_close(daemon);
    work_cancel(daemon);
    worker_close(daemon);
    daemon_tell(daemon, &(struct gsp_event){.type = GSP_EVENT_SHUTDOWN});
    dials_cancel(daemon);
    uv_timer_start(&daemon->patience, on_patience_over, PATIENCE_MS, 0);
    daemon_pump(daemon);
}

/* The limit of a container; 0: none. libuv before 1.45 knows the first version of cgroups alone. */
static uint64_t container_memory(void)
{
    char text[32] = "";
    uint64_t limit = uv_get_constrained_memory();
    FILE *file = limit > 0 ? NULL : fopen("/sys/fs/cgroup/memory.max", "re");
    if (!file) return limit;
    if (fgets(text, sizeof text, file)) text[strcspn(text, "\n")] = '\0';
    fclose(file);
    return gsp_count_parse(&limit, text) ? 0 : limit; /* "max": none */
}

/* What a run may take: the memory of this machine, or of the container, less what the data take. */
size_t daemon_memory(const struct daemon *daemon)
{
    const struct setup *setup = daemon->setup;
    uint64_t total = uv_get_total_memory(), allowed = container_memory(), data = 0;
    if (allowed > 0 && allowed < total) total = allowed;
    const struct gsp_dataset *sets[] = {setup->train, setup->test};
    for (size_t i = 0; i < 2; i++) {
        if (!sets[i]) continue;
        uint64_t element = sets[i]->dtype == GSP_FLOAT32 ? sizeof(float) : sizeof(double);
        data += sets[i]->rows * (sets[i]->columns * element + sizeof(double));
    }
    if (total == 0) return 0;
    return total > data ? (size_t)(total - data) : 1;
}

static int make_problem(struct daemon *daemon, const struct setup *setup)
{
    int rc = setup->train ? gsp_problem_dataset(&daemon->data, setup->train, setup->test) : 0;
    daemon->problem = daemon->data;
    return rc || !setup->config->worker ? rc : gsp_problem_worker(&daemon->problem, daemon->data);
}

static int make_peer(struct daemon *daemon, struct setup *setup, struct gsp_error *error)
{
    struct gsp_peer_config config = {
        .network = setup->network,
        .graph = setup->graph,
        .self = setup->self,
        .memory_limit = daemon_memory(daemon),
        .log = daemon->log,
        .commands = daemon_commands,
    };
    memcpy(config.secret_key, setup->secret_key, sizeof config.secret_key);
    randombytes_buf(config.entropy, sizeof config.entropy);
    snprintf(config.version, sizeof config.version, "%s", PACKAGE_VERSION);
    struct store_files files;
    int rc = make_problem(daemon, setup);
    if (rc) return gsp_error_set(error, rc, "out of memory");
    config.problem = daemon->problem;
    rc = store_read(&files, daemon->folder->path, error);
    for (size_t i = 0; i < GSP_KEEP_COUNT; i++)
        if (files.there[i]) config.files[i] = (struct gsp_kept_file){files.bytes[i].data, files.bytes[i].length};
    if (!rc) rc = gsp_peer_new(&daemon->peer, &config, daemon_now(daemon), error);
    if (rc == GSP_ERR_FOREIGN) gsp_error_prefix(error, "State = %s", daemon->folder->path);
    store_forget(&files);
    sodium_memzero(&config, sizeof config);
    sodium_memzero(setup->secret_key, sizeof setup->secret_key);
    return rc;
}

/* What is odd about the rows, as `gossipctl check` says it. */
static void announce_rows(const struct daemon *daemon)
{
    static const char note[] = "note ";
    struct gsp_buffer lines = {0};
    const struct setup *setup = daemon->setup;
    if (setup->train && !gsp_dataset_describe(setup->train, setup->config->data.bias, &lines) &&
        !gsp_buffer_append(&lines, "", 1))
        for (const char *line = (const char *)lines.data; *line;) {
            size_t length = strcspn(line, "\n");
            if (strncmp(line, note, strlen(note)) == 0)
                gsp_log(&daemon->log, GSP_LOG_INFO, "%.*s", (int)(length - 11), line + 11);
            line += length + (line[length] == '\n');
        }
    gsp_buffer_clear(&lines);
}

static void announce(const struct daemon *daemon)
{
    const struct setup *setup = daemon->setup;
    const struct gsp_daemon_config *config = setup->config;
    char where[300] = "not listening", rows[80] = "no rows";
    if (setup->train) snprintf(rows, sizeof rows, "%zu rows of %zu columns", setup->train->rows, setup->train->columns);
    if (config->listen_port != 0)
        snprintf(where, sizeof where, "listening on %s port %" PRIu16, config->listen_host, config->listen_port);
    gsp_log(&daemon->log, GSP_LOG_INFO, "gossipd %s: node %s of network %s (%zu nodes, %s), %s, %s, control socket %s",
            PACKAGE_VERSION, config->node, setup->network->name, setup->network->count, setup->network->topology, where,
            rows, daemon->folder->socket);
    announce_rows(daemon);
}

static void open_loop(struct daemon *daemon)
{
    uv_loop_init(&daemon->loop);
    uv_loop_set_data(&daemon->loop, daemon);
    uv_timer_init(&daemon->loop, &daemon->deadline);
    uv_timer_init(&daemon->loop, &daemon->patience);
    uv_timer_init(&daemon->loop, &daemon->history.timer);
    daemon->deadline.data = daemon->patience.data = daemon->history.timer.data = daemon;
    daemon->armed = UINT64_MAX;
    signals_open(daemon);
}

int daemon_run(struct setup *setup, const struct state_folder *folder, const struct gsp_log *log,
               struct gsp_error *error)
{
    struct daemon *daemon = gsp_alloc(1, sizeof *daemon);
    if (!daemon) return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    daemon->setup = setup;
    daemon->folder = folder;
    daemon->log = *log;
    open_loop(daemon);

    int rc = history_begin(daemon, error);
    if (!rc) rc = make_peer(daemon, setup, error);
    if (!rc) rc = listeners_open(daemon, error);
    if (!rc) rc = control_open(daemon, error);
    if (!rc) announce(daemon);
    if (!rc) rc = worker_open(daemon, error);
    if (!rc) {
        daemon_pump(daemon);
    } else {
        listeners_close(daemon);
        control_close(daemon);
        worker_close(daemon);
        finish(daemon);
    }
    uv_run(&daemon->loop, UV_RUN_DEFAULT);
    signals_close(daemon);
    uv_run(&daemon->loop, UV_RUN_DEFAULT);
    if (!rc) gsp_log(&daemon->log, GSP_LOG_INFO, "stopped");
    gsp_peer_free(daemon->peer);
    if (daemon->problem != daemon->data) gsp_problem_free(daemon->problem);
    gsp_problem_free(daemon->data);
    history_end(daemon);
    uv_loop_close(&daemon->loop);
    free(daemon);
    return rc;
}
