#include "command.h"
#include "relay.h"

#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096

/* Standard input: a pipe or a terminal, read by the line. Its end ends the relay. */
struct console {
    union {
        uv_stream_t stream;
        uv_pipe_t pipe;
        uv_tty_t tty;
    } input;
    struct relay *relay;
    bool opened;
    size_t length;
    char line[LINE_MAX_BYTES];
    char buffer[LINE_MAX_BYTES];
};

static void usage(FILE *out)
{
    fprintf(out, "usage: relay [--seed N] PORT:TARGET...\n\n"
                 "Forwards connections from each PORT of 127.0.0.1 to a TARGET there, and spoils them as standard\n"
                 "input tells it to, a command a line, each answered by `ok` or `error: ...`:\n");
    command_help(out);
}

static bool parse_link(struct link *link, const char *text)
{
    char end = 0;
    return sscanf(text, "%5u:%5u%c", &link->port, &link->target, &end) == 2 && link->port > 0 && link->port < 65536 &&
           link->target > 0 && link->target < 65536;
}

/* Returns 0, or the exit code. */
static int parse_arguments(struct relay *relay, int count, char **words)
{
    int first = 1;
    char end = 0;
    if (count > 1 && strcmp(words[1], "--help") == 0) {
        usage(stdout);
        exit(0);
    }
    if (count > 2 && strcmp(words[1], "--seed") == 0) {
        unsigned long long seed = 0;
        if (sscanf(words[2], "%llu%c", &seed, &end) != 1) return 64;
        relay->seed = seed;
        first = 3;
    }
    if (first >= count) return 64;
    relay->count = (size_t)(count - first);
    relay->links = calloc(relay->count, sizeof *relay->links);
    if (!relay->links) abort();
    for (size_t i = 0; i < relay->count; i++) {
        relay->links[i].relay = relay;
        relay->links[i].number = i + 1;
        if (!parse_link(&relay->links[i], words[first + (int)i])) return 64;
    }
    return 0;
}

/* Closes everything, and the loop ends. */
static void end(struct console *console, struct relay *relay)
{
    if (console->opened) uv_close((uv_handle_t *)&console->input, NULL);
    for (size_t i = 0; i < relay->count; i++) {
        struct link *link = &relay->links[i];
        link->faults.refuse = true; /* so that it is not opened again */
        link_refuse(link);
        link_reset(link);
    }
}

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct console *console = handle->data;
    (void)suggested;
    *buffer = uv_buf_init(console->buffer, sizeof console->buffer);
}

static void on_input(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct console *console = stream->data;
    for (ssize_t i = 0; i < count; i++) {
        char c = buffer->base[i];
        if (c != '\n' && console->length + 1 < sizeof console->line) console->line[console->length++] = c;
        if (c != '\n') continue;
        console->line[console->length] = '\0';
        console->length = 0;
        command_run(console->relay, console->line, stdout);
    }
    if (count >= 0) return;
    end(console, console->relay);
}

static int open_console(struct console *console, struct relay *relay)
{
    int rc = UV_EINVAL;
    uv_handle_type type = uv_guess_handle(STDIN_FILENO);
    console->relay = relay;
    console->opened = type == UV_TTY || type == UV_NAMED_PIPE;
    if (type == UV_TTY) rc = uv_tty_init(&relay->loop, &console->input.tty, STDIN_FILENO, 0);
    if (type == UV_NAMED_PIPE) {
        uv_pipe_init(&relay->loop, &console->input.pipe, 0);
        rc = uv_pipe_open(&console->input.pipe, STDIN_FILENO);
    }
    console->input.stream.data = console;
    if (!rc) rc = uv_read_start(&console->input.stream, allocate, on_input);
    if (!rc) return 0;
    fprintf(stderr, "relay: standard input must be a pipe or a terminal: %s\n", uv_strerror(rc));
    return 64;
}

static int open_links(struct relay *relay)
{
    for (size_t i = 0; i < relay->count; i++) {
        int rc = link_listen(&relay->links[i]);
        if (!rc) continue;
        fprintf(stderr, "relay: port %u: %s\n", relay->links[i].port, uv_strerror(rc));
        return 1;
    }
    return 0;
}

int main(int count, char **words)
{
    struct relay relay = {0};
    struct console console = {0};
    if (sodium_init() < 0) return 1;
    signal(SIGPIPE, SIG_IGN); /* writing to who is gone is an error of that connection */
    int exit_code = parse_arguments(&relay, count, words);
    if (exit_code) {
        usage(stderr);
        free(relay.links);
        return exit_code;
    }
    uv_loop_init(&relay.loop);
    exit_code = open_console(&console, &relay);
    if (!exit_code) exit_code = open_links(&relay);
    if (!exit_code) {
        printf("listening\n");
        fflush(stdout);
    } else {
        end(&console, &relay);
    }
    uv_run(&relay.loop, UV_RUN_DEFAULT);
    uv_loop_close(&relay.loop);
    free(relay.links);
    return exit_code;
}
