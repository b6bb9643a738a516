#include "log.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

static const char *level_name(enum gsp_log_level level)
{
    switch (level) {
    case GSP_LOG_DEBUG:
        return "debug";
    case GSP_LOG_INFO:
        return "info";
    case GSP_LOG_WARNING:
        return "warning";
    case GSP_LOG_ERROR:
        return "error";
    }
    return "?";
}

static const char *level_colour(enum gsp_log_level level)
{
    switch (level) {
    case GSP_LOG_DEBUG:
        return "\033[2m";
    case GSP_LOG_INFO:
        return "\033[32m";
    case GSP_LOG_WARNING:
        return "\033[33m";
    case GSP_LOG_ERROR:
        return "\033[31m";
    }
    return "";
}

/* Parts of a message may be other nodes' words: nothing but printable characters reaches the terminal, and a message
 * stays one line. */
static size_t append_clean(char *line, size_t used, size_t room, const char *message)
{
    for (const char *p = message; *p && used < room; p++) {
        unsigned char c = (unsigned char)*p;
        line[used++] = c < 0x20 || c == 0x7f ? ' ' : (char)c;
    }
    return used;
}

static size_t append(char *line, size_t used, size_t room, const char *text)
{
    while (*text && used < room) line[used++] = *text++;
    return used;
}

static void write_line(void *context, enum gsp_log_level level, const char *message)
{
    const struct log_writer *writer = context;
    if (level < writer->least) return;

    struct timespec now = {0};
    struct tm utc = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);

    char stamp[64], line[LINE_MAX_BYTES];
    size_t length = strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(stamp + length, sizeof stamp - length, ".%03ldZ ", now.tv_nsec / 1000000);
    size_t room = sizeof line - 1, used = append(line, 0, room, stamp);
    if (writer->colour) used = append(line, used, room, level_colour(level));
    used = append(line, used, room, level_name(level));
    if (writer->colour) used = append(line, used, room, "\033[0m");
    used = append(line, used, room, ": ");
    used = append_clean(line, used, room, message);
    line[used++] = '\n';
    /* One write, so that the lines of several daemons that share a terminal do not mix. A log that can't be written, or
     * whose reader has stopped reading, must not stop the training: the line is lost. */
    struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
    ssize_t ignored = poll(&ready, 1, 0) == 1 ? write(STDERR_FILENO, line, used) : 0;
    (void)ignored;
}

void log_writer_init(struct log_writer *writer, bool verbose)
{
    const char *no_colour = getenv("NO_COLOR");
    writer->least = verbose ? GSP_LOG_DEBUG : GSP_LOG_INFO;
    writer->colour = isatty(STDERR_FILENO) && (!no_colour || !*no_colour);
}

struct gsp_log log_writer_sink(struct log_writer *writer)
{
    return (struct gsp_log){.write = write_line, .context = writer};
}
