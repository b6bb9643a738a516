#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "worker_process.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KILL_MS      5000u
#define LOOK_MS      20u /* between looks for what a shell has left */
#define SHELL_SIGNAL 128 /* a shell that waits for a command ends with this and the signal that has killed that */

/* It is the leader of a session of its own, so that what it has started ends with it. */
struct worker_process {
    uv_process_t process;
    uv_timer_t patience;
    struct worker_process_config config;
    unsigned handles;
    bool ending;
    uint64_t kill_at; /* `ending`: when that is to be over */
    char how[200];    /* it has ended, ... */
    bool own;         /* ... of its own accord, with exit code 0 */
};

static void on_closed(uv_handle_t *handle)
{
    struct worker_process *process = handle->data;
    if (--process->handles == 0) free(process);
}

static void close_handles(struct worker_process *process)
{
    uv_close((uv_handle_t *)&process->process, on_closed);
    uv_close((uv_handle_t *)&process->patience, on_closed);
}

/* It is gone, and what it has left behind goes now. */
static void finish(struct worker_process *process)
{
    (void)kill(-process->process.pid, SIGKILL);
    process->config.gone(process->config.context, process->how, process->own);
    close_handles(process);
}

static void on_look(uv_timer_t *timer)
{
    struct worker_process *process = timer->data;
    bool late = uv_now(timer->loop) >= process->kill_at;
    if (!late && !kill(-process->process.pid, 0)) return;
    if (late) snprintf(process->how, sizeof process->how, "killed by signal 9, as it did not heed signal 15");
    uv_timer_stop(timer);
    finish(process);
}

static void on_exit_of(uv_process_t *handle, int64_t code, int signal)
{
    struct worker_process *process = handle->data;
    char *const how = process->how;
    const size_t size = sizeof process->how;
    if (signal)
        snprintf(how, size, "killed by signal %d", signal);
    else if (code == 127)
        snprintf(how, size, "ended with 127: the shell found no such command (its words are %s)",
                 process->config.output);
    else
        snprintf(how, size, "ended with exit code %" PRId64 "%s%s%s", code, code ? " (its words are " : "",
                 code ? process->config.output : "", code ? ")" : "");
    if (!signal && code > SHELL_SIGNAL && code < SHELL_SIGNAL + NSIG) /* the shell has waited for it */
        snprintf(how, size, "killed by signal %" PRId64 ", says the shell", code - SHELL_SIGNAL);
    process->own = !process->ending && !signal && code == 0;
    /* Where a shell waits for the command a signal ends both, and the shell first: the command has its time all the
     * same. */
    if (process->ending && uv_now(handle->loop) < process->kill_at && !kill(-handle->pid, 0))
        uv_timer_start(&process->patience, on_look, LOOK_MS, LOOK_MS);
    else
        finish(process);
}

/* The daemon's own environment, without a socket or a name of another worker, and what is ours. NULL without memory. */
static char **environment(char *worker, char *node)
{
    size_t count = 0, kept = 0;
    while (environ[count]) count++;
    char **out = gsp_alloc(count + 3, sizeof *out);
    if (!out) return NULL;
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], "GOSSIPD_WORKER=", 15) != 0 && strncmp(environ[i], "GOSSIPD_NODE=", 13) != 0)
            out[kept++] = environ[i];
    out[kept++] = worker;
    out[kept] = node;
    return out;
}

/* The length of the NAME=VALUE words that a command begins with; what is quoted there is not understood. */
static size_t assignments(const char *command)
{
    static const char names[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
    size_t at = 0;
    for (;;) {
        size_t begin = at + strspn(command + at, " \t"), equals = begin + strspn(command + begin, names);
        if (equals == begin || command[equals] != '=') return at;
        at = equals + strcspn(command + equals, " \t");
    }
}

/* The shell is to give way to a plain command, so that a signal is that one's, and its end is seen. Several commands,
 * or what might be, are the shell's to wait for. NULL without memory. */
static char *script_of(const char *command)
{
    size_t before = assignments(command), length = strlen(command) + sizeof " exec ";
    if (strpbrk(command, ";&|()`\n") || strcspn(command, "'\"\\") < before ||
        strncmp(command + before, "exec ", 5) == 0)
        return gsp_strdup(command);
    char *script = gsp_alloc(length, 1);
    if (script) snprintf(script, length, "%.*s exec %s", (int)before, command, command + before);
    return script;
}

static int spawn(struct worker_process *process, int its_end)
{
    const struct worker_process_config *config = &process->config;
    char worker[] = "GOSSIPD_WORKER=fd:3", node[64], *command = NULL;
    snprintf(node, sizeof node, "GOSSIPD_NODE=%s", config->node);
    command = script_of(config->command);
    char **env = environment(worker, node);
    if (!command || !env) {
        free(command);
        free(env);
        return UV_ENOMEM;
    }
    char shell[] = "/bin/sh", flag[] = "-c", *arguments[] = {shell, flag, command, NULL};
    uv_stdio_container_t streams[4] = {{.flags = UV_IGNORE},
                                       {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
                                       {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
                                       {.flags = UV_INHERIT_FD, .data.fd = its_end}};
    uv_process_options_t options = {.exit_cb = on_exit_of,
                                    .file = shell,
                                    .args = arguments,
                                    .env = env,
                                    .cwd = config->folder,
                                    .flags = UV_PROCESS_DETACHED,
                                    .stdio_count = 4,
                                    .stdio = streams};
    int rc = uv_spawn(config->loop, &process->process, &options);
    free(command);
    free(env);
    return rc;
}

int worker_process_start(struct worker_process **out, int *fd, const struct worker_process_config *config,
                         struct gsp_error *error)
{
    int ends[2];
    struct worker_process *process = gsp_alloc(1, sizeof *process);
    if (!process) return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
        free(process);
        return gsp_error_set(error, GSP_ERR_IO, "no socket for it: %s", strerror(errno));
    }
    process->config = *config;
    process->process.data = process->patience.data = process;
    process->handles = 2;
    uv_timer_init(config->loop, &process->patience);
    int rc = spawn(process, ends[1]);
    close(ends[1]);
    if (rc) {
        close(ends[0]);
        close_handles(process); /* libuv has the process's handle in any case */
        return gsp_error_set(error, GSP_ERR_IO, "it can't be started: %s", uv_strerror(rc));
    }
    *out = process;
    *fd = ends[0];
    return 0;
}

static void on_patience_over(uv_timer_t *timer)
{
    struct worker_process *process = timer->data;
    (void)kill(-process->process.pid, SIGKILL);
}

void worker_process_end(struct worker_process *process)
{
    if (process->ending) return;
    process->ending = true;
    process->kill_at = uv_now(process->process.loop) + KILL_MS;
    (void)kill(-process->process.pid, SIGTERM);
    uv_timer_start(&process->patience, on_patience_over, KILL_MS, 0);
}
