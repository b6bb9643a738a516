#include "control.h"

#include "daemon.h"
#include "unix_socket.h"

#include <gossip/wire.h>
#include <stdlib.h>
#include <unistd.h>

#define CLIENTS_MAX 32
#define REQUEST_MS  10000u /* from the connection to the end of the request */
#define REPLY_MS    30000u /* a client that takes nothing for so long is let go */

struct client {
    struct daemon *daemon;
    struct client *next;
    uint64_t number;
    uv_pipe_t pipe;
    uv_timer_t deadline;
    unsigned handles; /* not yet closed */
    struct gsp_buffer request;
    bool asked;   /* the peer has its request */
    bool last;    /* the last reply is handed out */
    bool dropped; /* only libuv still holds it */
    size_t writes;
};

struct reply_write {
    uv_write_t request;
    struct client *client;
    uint8_t *bytes;
};

static void on_client_closed(uv_handle_t *handle)
{
    struct client *client = handle->data;
    if (--client->handles > 0) return;
    gsp_buffer_clear(&client->request);
    free(client);
}

static void drop(struct client *client)
{
    struct daemon *daemon = client->daemon;
    if (client->dropped) return;
    client->dropped = true;
    struct client **link = &daemon->control.first;
    while (*link != client) link = &(*link)->next;
    *link = client->next;
    daemon->control.count--;
    uv_close((uv_handle_t *)&client->pipe, on_client_closed);
    uv_close((uv_handle_t *)&client->deadline, on_client_closed);
    if (client->asked && !client->last)
        daemon_tell(daemon, &(struct gsp_event){.type = GSP_EVENT_CLIENT_GONE, .client = client->number});
}

static void on_deadline(uv_timer_t *timer)
{
    struct client *client = timer->data;
    struct daemon *daemon = client->daemon;
    gsp_log(&daemon->log, GSP_LOG_WARNING, "control socket: a client %s; let go",
            client->asked ? "does not take its reply" : "did not finish its request in time");
    drop(client);
    daemon_pump(daemon);
}

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    const struct client *client = handle->data;
    net_buffer(client->daemon, buffer);
}

/* Looks for a whole request in what has come so far. Returns false if the client must be dropped. */
static bool take_request(struct client *client)
{
    const struct gsp_buffer *request = &client->request;
    if (request->length < 4) return true;
    const uint8_t *b = request->data;
    size_t length = (size_t)b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16 | (size_t)b[3] << 24;
    if (length > GSP_REQUEST_MAX || request->length - 4 > length) return false;
    if (request->length - 4 < length) return true;
    client->asked = true;
    uv_timer_stop(&client->deadline);
    daemon_tell(client->daemon,
                &(struct gsp_event){.type = GSP_EVENT_REQUEST, .request = {client->number, b + 4, length}});
    return true;
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct client *client = stream->data;
    struct daemon *daemon = client->daemon;
    if (count == 0) return;
    /* Nothing may follow a request, not even before its end is known to the client. */
    if (count < 0 || client->asked || gsp_buffer_append(&client->request, buffer->base, (size_t)count) ||
        !take_request(client))
        drop(client);
    daemon_pump(daemon);
}

/* One too many: whoever has idled longest without a request goes, so that idlers never lock others out. */
static void make_room(struct control *control)
{
    struct client *idlest = control->first; /* the newest; it has not asked yet */
    for (struct client *client = control->first; client; client = client->next)
        if (!client->asked) idlest = client;
    drop(idlest);
}

static void on_client(uv_stream_t *stream, int status)
{
    struct daemon *daemon = stream->data;
    struct control *control = &daemon->control;
    struct client *client = !status ? gsp_alloc(1, sizeof *client) : NULL;
    if (!client) return;
    client->daemon = daemon;
    client->number = ++control->last_number;
    client->pipe.data = client->deadline.data = client;
    uv_pipe_init(&daemon->loop, &client->pipe, 0);
    uv_timer_init(&daemon->loop, &client->deadline);
    client->handles = 2;
    client->next = control->first;
    control->first = client;
    control->count++;
    if (uv_accept(stream, (uv_stream_t *)&client->pipe) ||
        uv_read_start((uv_stream_t *)&client->pipe, allocate, on_read)) {
        drop(client);
        return;
    }
    uv_timer_start(&client->deadline, on_deadline, REQUEST_MS, 0);
    if (control->count > CLIENTS_MAX) make_room(control);
}

static void on_replied(uv_write_t *request, int status)
{
    struct reply_write *write = request->data;
    struct client *client = write->client;
    struct daemon *daemon = client->daemon;
    free(write->bytes);
    free(write);
    client->writes--;
    if (client->dropped) return;
    if (status || (client->last && client->writes == 0)) {
        drop(client);
        daemon_pump(daemon);
    } else if (client->writes == 0) {
        uv_timer_stop(&client->deadline);
    } else {
        uv_timer_start(&client->deadline, on_deadline, REPLY_MS, 0);
    }
}

static struct client *find(struct control *control, uint64_t number)
{
    struct client *client = control->first;
    while (client && client->number != number) client = client->next;
    return client;
}

void control_reply(struct daemon *daemon, uint64_t number, uint8_t *bytes, size_t length, bool last)
{
    struct client *client = find(&daemon->control, number);
    struct reply_write *write = client ? gsp_alloc(1, sizeof *write) : NULL;
    if (!write) {
        free(bytes);
        if (client) drop(client);
        return;
    }
    client->last = last;
    *write = (struct reply_write){.client = client, .bytes = bytes};
    write->request.data = write;
    uv_buf_t buffer = uv_buf_init((char *)bytes, (unsigned)length);
    if (uv_write(&write->request, (uv_stream_t *)&client->pipe, &buffer, 1, on_replied)) {
        free(bytes);
        free(write);
        drop(client);
        return;
    }
    client->writes++;
    uv_timer_start(&client->deadline, on_deadline, REPLY_MS, 0);
}

int control_open(struct daemon *daemon, struct gsp_error *error)
{
    struct control *control = &daemon->control;
    int fd, rc = unix_socket_listen(&fd, daemon->folder->socket, error);
    if (rc) return rc;
    uv_pipe_init(&daemon->loop, &control->pipe, 0);
    control->pipe.data = daemon;
    control->open = true;
    rc = uv_pipe_open(&control->pipe, fd);
    if (rc) close(fd);
    if (!rc) rc = uv_listen((uv_stream_t *)&control->pipe, CLIENTS_MAX, on_client);
    if (rc) return gsp_error_set(error, GSP_ERR_IO, "%s: %s", daemon->folder->socket, uv_strerror(rc));
    return 0;
}

void control_close(struct daemon *daemon)
{
    struct control *control = &daemon->control;
    if (!control->open) return;
    control->open = false;
    while (control->first) drop(control->first);
    uv_close((uv_handle_t *)&control->pipe, NULL);
    unlink(daemon->folder->socket);
}
