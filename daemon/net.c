#include "net.h"

#include "daemon.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

/* How long the other side may take to end its half once we have ended ours. */
#define DRAIN_MS 5000

enum connection_state {
    CONNECTION_NEW,     /* the peer does not know it */
    CONNECTION_OPEN,    /* the peer does */
    CONNECTION_CLOSING, /* what was handed out is being written, then the other side's end is awaited */
    CONNECTION_GONE     /* the peer was told; only libuv still holds it */
};

struct connection {
    struct daemon *daemon;
    struct connection *next; /* in its bucket */
    uint64_t number;
    enum connection_state state;
    uv_tcp_t tcp;
    uv_timer_t drain;
    uv_shutdown_t shutdown;
    unsigned handles;         /* not yet closed */
    bool wrote_end, read_end; /* our half and the other side's have ended */
};

struct write_request {
    uv_write_t request;
    struct connection *connection;
    uint8_t *bytes;
    size_t length;
};

void net_buffer(struct daemon *daemon, uv_buf_t *buffer)
{
    *buffer = uv_buf_init(daemon->net.buffer, sizeof daemon->net.buffer);
}

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    const struct connection *connection = handle->data;
    net_buffer(connection->daemon, buffer);
}

static struct connection **bucket_of(struct net *net, uint64_t number)
{
    return &net->buckets[number % NET_BUCKETS];
}

static struct connection *find(struct net *net, uint64_t number)
{
    struct connection *connection = *bucket_of(net, number);
    while (connection && connection->number != number) connection = connection->next;
    return connection;
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    if (--connection->handles == 0) free(connection);
}

static void close_handles(struct connection *connection)
{
    uv_close((uv_handle_t *)&connection->tcp, on_closed);
    uv_close((uv_handle_t *)&connection->drain, on_closed);
}

struct connection *connection_new(struct daemon *daemon)
{
    struct connection *connection = gsp_alloc(1, sizeof *connection);
    if (!connection) return NULL;
    connection->daemon = daemon;
    connection->tcp.data = connection;
    connection->drain.data = connection;
    uv_tcp_init(&daemon->loop, &connection->tcp);
    uv_timer_init(&daemon->loop, &connection->drain);
    connection->handles = 2;
    return connection;
}

uv_tcp_t *connection_tcp(struct connection *connection)
{
    return &connection->tcp;
}

void connection_abandon(struct connection *connection)
{
    connection->state = CONNECTION_GONE;
    close_handles(connection);
}

/* The one place where a connection that the peer knows ends. */
static void gone(struct connection *connection, const char *reason)
{
    struct daemon *daemon = connection->daemon;
    if (connection->state == CONNECTION_GONE) return;
    connection->state = CONNECTION_GONE;
    struct connection **link = bucket_of(&daemon->net, connection->number);
    while (*link != connection) link = &(*link)->next;
    *link = connection->next;
    close_handles(connection);
    daemon_tell(daemon,
                &(struct gsp_event){.type = GSP_EVENT_DISCONNECTED, .disconnected = {connection->number, reason}});
}

static void on_end(struct connection *connection)
{
    connection->read_end = true;
    if (connection->state == CONNECTION_OPEN || connection->wrote_end) gone(connection, NULL);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct connection *connection = stream->data;
    struct daemon *daemon = connection->daemon;
    if (count == 0) return;
    if (count == UV_EOF)
        on_end(connection);
    else if (count < 0)
        gone(connection, uv_strerror((int)count));
    else if (connection->state == CONNECTION_OPEN)
        daemon_tell(daemon, &(struct gsp_event){
                                .type = GSP_EVENT_RECEIVED,
                                .received = {connection->number, (const uint8_t *)buffer->base, (size_t)count}});
    daemon_pump(daemon);
}

void address_text(char *text, size_t size, const struct sockaddr *address)
{
    if (uv_ip_name(address, text, size)) snprintf(text, size, "unknown");
}

void connection_open(struct connection *connection, long dialed)
{
    struct daemon *daemon = connection->daemon;
    struct sockaddr_storage address = {0};
    int length = sizeof address;
    char host[64] = "unknown";
    if (!uv_tcp_getpeername(&connection->tcp, (struct sockaddr *)&address, &length))
        address_text(host, sizeof host, (const struct sockaddr *)&address);
    /* Messages are written whole: waiting for more to fill a segment would only delay a step. */
    uv_tcp_nodelay(&connection->tcp, 1);

    connection->number = ++daemon->net.last_number;
    connection->state = CONNECTION_OPEN;
    struct connection **bucket = bucket_of(&daemon->net, connection->number);
    connection->next = *bucket;
    *bucket = connection;
    daemon_tell(daemon,
                &(struct gsp_event){.type = GSP_EVENT_CONNECTED, .connected = {connection->number, dialed, host}});
    int rc = uv_read_start((uv_stream_t *)&connection->tcp, allocate, on_read);
    if (rc) gone(connection, uv_strerror(rc));
}

static void on_written(uv_write_t *request, int status)
{
    struct write_request *write = request->data;
    struct connection *connection = write->connection;
    struct daemon *daemon = connection->daemon;
    size_t length = write->length;
    free(write->bytes);
    free(write);
    if (connection->state == CONNECTION_GONE) return;
    if (!status)
        daemon_tell(daemon, &(struct gsp_event){.type = GSP_EVENT_SENT, .sent = {connection->number, length}});
    else
        gone(connection, uv_strerror(status));
    daemon_pump(daemon);
}

void net_send(struct daemon *daemon, uint64_t number, uint8_t *bytes, size_t length)
{
    struct connection *connection = find(&daemon->net, number);
    if (!connection || connection->state != CONNECTION_OPEN) {
        free(bytes);
        return;
    }
    struct write_request *write = gsp_alloc(1, sizeof *write);
    if (!write) {
        free(bytes);
        gone(connection, "out of memory");
        return;
    }
    *write = (struct write_request){.connection = connection, .bytes = bytes, .length = length};
    write->request.data = write;
    uv_buf_t buffer = uv_buf_init((char *)bytes, (unsigned)length);
    int rc = uv_write(&write->request, (uv_stream_t *)&connection->tcp, &buffer, 1, on_written);
    if (!rc) return;
    free(bytes);
    free(write);
    gone(connection, uv_strerror(rc));
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    struct connection *connection = request->data;
    if (connection->state == CONNECTION_GONE) return;
    connection->wrote_end = true;
    if (status || connection->read_end) {
        gone(connection, status ? uv_strerror(status) : NULL);
        daemon_pump(connection->daemon);
    }
}

static void on_drained_too_long(uv_timer_t *timer)
{
    struct connection *connection = timer->data;
    gone(connection, "the other side did not end the connection");
    daemon_pump(connection->daemon);
}

void net_close(struct daemon *daemon, uint64_t number, bool graceful)
{
    struct connection *connection = find(&daemon->net, number);
    if (!connection) return;
    if (!graceful) {
        gone(connection, "closed by this node");
        return;
    }
    if (connection->state != CONNECTION_OPEN) return;
    connection->state = CONNECTION_CLOSING;
    connection->shutdown.data = connection;
    uv_timer_start(&connection->drain, on_drained_too_long, DRAIN_MS, 0);
    /* libuv shuts the socket down once everything queued is written. */
    int rc = uv_shutdown(&connection->shutdown, (uv_stream_t *)&connection->tcp, on_shutdown);
    if (rc) gone(connection, uv_strerror(rc));
}
