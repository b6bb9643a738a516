#include "client.h"

#include "daemon/unix_socket.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int explain_connect(const char *socket, int reason, struct gsp_error *error)
{
    switch (reason) {
    case ENOENT:
    case ENOTDIR:
    case ECONNREFUSED:
        gsp_error_set(
            error, GSP_ERR_IO,
            "no daemon answers at %s: is gossipd running? Give its control.sock (in the State folder) with -s "
            "SOCKET or GOSSIPD_SOCKET",
            socket);
        return EXIT_NO_DAEMON;
    case EACCES:
    case EPERM:
        gsp_error_set(error, GSP_ERR_IO,
                      "%s: %s: only the daemon's user may control it, and its group where the State folder lets it in",
                      socket, strerror(reason));
        return EXIT_FAILED;
    case EAGAIN:
        gsp_error_set(error, GSP_ERR_IO, "the daemon at %s accepts no connection: it is overloaded or stopped", socket);
        return EXIT_FAILED;
    default:
        gsp_error_set(error, GSP_ERR_IO, "%s: %s", socket, strerror(reason));
        return EXIT_FAILED;
    }
}

/* Waits until the descriptor is ready or the deadline has passed. */
static int await(const struct client *client, short what, int64_t deadline, struct gsp_error *error)
{
    for (;;) {
        int64_t left = deadline - now_ms();
        struct pollfd poll_one = {.fd = client->descriptor, .events = what};
        int ready = left > 0 ? poll(&poll_one, 1, (int)left) : 0;
        if (ready > 0) return EXIT_DONE;
        if (ready < 0 && errno == EINTR) continue;
        gsp_error_set(error, GSP_ERR_IO, "the daemon at %s does not answer in time: is it stopped or overloaded?",
                      client->socket);
        return EXIT_FAILED;
    }
}

static int broken_off(const struct client *client, const char *why, struct gsp_error *error)
{
    gsp_error_set(error, GSP_ERR_IO,
                  "the daemon at %s ended the connection%s%s: it is stopping, or has too many clients", client->socket,
                  *why ? ": " : "", why);
    return EXIT_FAILED;
}

static int send_all(const struct client *client, const uint8_t *bytes, size_t length, struct gsp_error *error)
{
    int64_t deadline = now_ms() + CLIENT_MS;
    while (length > 0) {
        ssize_t sent = send(client->descriptor, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes += sent;
            length -= (size_t)sent;
        } else if (sent < 0 && errno == EAGAIN) {
            int exit_code = await(client, POLLOUT, deadline, error);
            if (exit_code != EXIT_DONE) return exit_code;
        } else if (sent < 0 && errno != EINTR) {
            return broken_off(client, strerror(errno), error);
        }
    }
    return EXIT_DONE;
}

int client_open(struct client *client, const char *socket, const struct gsp_request *request, struct gsp_error *error)
{
    *client = (struct client){.socket = socket, .descriptor = unix_socket_connect(socket, CLIENT_MS)};
    if (client->descriptor < 0) return explain_connect(socket, errno, error);
    struct gsp_buffer bytes = {0};
    int rc = gsp_request_pack(request, &bytes), exit_code = EXIT_FAILED;
    if (rc)
        gsp_error_set(error, rc, "the request: %s", gsp_strerror(rc));
    else
        exit_code = send_all(client, bytes.data, bytes.length, error);
    gsp_buffer_clear(&bytes);
    return exit_code;
}

/* Reads until the frame holds `want` bytes. */
static int fill(struct client *client, size_t want, int64_t deadline, struct gsp_error *error)
{
    struct gsp_buffer *frame = &client->frame;
    if (frame->length < want && gsp_buffer_reserve(frame, want - frame->length)) {
        gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
        return EXIT_FAILED;
    }
    while (frame->length < want) {
        int exit_code = await(client, POLLIN, deadline, error);
        if (exit_code != EXIT_DONE) return exit_code;
        ssize_t got = recv(client->descriptor, frame->data + frame->length, want - frame->length, MSG_DONTWAIT);
        if (got == 0) return broken_off(client, "", error);
        if (got < 0 && errno != EAGAIN && errno != EINTR) return broken_off(client, strerror(errno), error);
        if (got > 0) frame->length += (size_t)got;
    }
    return EXIT_DONE;
}

int client_next(struct client *client, int milliseconds, struct gsp_reply *reply, struct gsp_error *error)
{
    int64_t deadline = now_ms() + milliseconds;
    client->frame.length = 0;
    int exit_code = fill(client, 4, deadline, error);
    if (exit_code != EXIT_DONE) return exit_code;
    const uint8_t *b = client->frame.data;
    size_t length = (size_t)b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16 | (size_t)b[3] << 24;
    if (length > GSP_REPLY_MAX) {
        gsp_error_set(error, GSP_ERR_FORMAT, "%s: what answers there is no gossipd", client->socket);
        return EXIT_FAILED;
    }
    exit_code = fill(client, 4 + length, deadline, error);
    if (exit_code != EXIT_DONE) return exit_code;
    if (!gsp_reply_unpack(reply, client->frame.data + 4, length, error)) return EXIT_DONE;
    gsp_error_prefix(error, "%s: what answers there is no gossipd, or one of another version", client->socket);
    return EXIT_FAILED;
}

void client_close(struct client *client)
{
    if (client->descriptor >= 0) close(client->descriptor);
    gsp_buffer_clear(&client->frame);
    client->descriptor = -1;
}

int client_ask(const char *socket, const struct gsp_request *request, struct gsp_reply *reply, struct gsp_error *error)
{
    struct client client;
    int exit_code = client_open(&client, socket, request, error);
    if (exit_code == EXIT_DONE) exit_code = client_next(&client, CLIENT_MS, reply, error);
    client_close(&client);
    return exit_code;
}

int client_exit_code(const struct gsp_reply *reply)
{
    switch (reply->code) {
    case GSP_REPLY_DONE:
        return EXIT_DONE;
    case GSP_REPLY_USAGE:
        return EXIT_USAGE;
    case GSP_REPLY_CONFIG:
        return EXIT_CONFIG;
    case GSP_REPLY_FAILED:
        break;
    }
    return EXIT_FAILED;
}

int client_fail(const struct ctl *ctl, int exit_code, const char *format, ...)
{
    char message[sizeof(((struct gsp_error *)0)->message)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    common_say("%s", message);
    if (!ctl->json) return exit_code;
    json_t *object = json_pack("{s:s}", "error", message);
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    puts(text ? text : "{\"error\":\"out of memory\"}");
    free(text);
    json_decref(object);
    return exit_code;
}

int client_ask_or_say(const struct ctl *ctl, const struct gsp_request *request, struct gsp_reply *reply)
{
    struct gsp_error error = {0};
    int exit_code = client_ask(ctl->socket, request, reply, &error);
    if (exit_code != EXIT_DONE) return client_fail(ctl, exit_code, "%s", error.message);
    exit_code = client_exit_code(reply);
    if (exit_code == EXIT_DONE) return EXIT_DONE;
    client_fail(ctl, exit_code, "%s", reply->message);
    gsp_reply_clear(reply);
    return exit_code;
}

int client_print(const struct ctl *ctl, char *text)
{
    if (!text) return client_fail(ctl, EXIT_FAILED, "out of memory");
    fputs(text, stdout);
    if (*text && text[strlen(text) - 1] != '\n') putchar('\n');
    free(text);
    return EXIT_DONE;
}
