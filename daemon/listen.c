#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "listen.h"

#include "daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG       128
#define ACCEPTS_MAX   16   /* at one go: the other streams want their turn */
#define PAUSE_MS      500u /* after a failed accept: descriptors come back as connections end */
#define WARN_AGAIN_MS 30000u

static void on_readable(uv_poll_t *poll, int status, int events);

static void on_pause_over(uv_timer_t *timer)
{
    struct listener *listener = timer->data;
    uv_poll_start(&listener->poll, UV_READABLE, on_readable);
}

/* Out of descriptors or memory: the pending connection would wake us again at once, so look away for a while. */
static void back_off(struct listener *listener, const char *reason)
{
    struct daemon *daemon = listener->daemon;
    uint64_t now = daemon_now(daemon);
    uv_poll_stop(&listener->poll);
    uv_timer_start(&listener->pause, on_pause_over, PAUSE_MS, 0);
    if (listener->warned != 0 && now - listener->warned < WARN_AGAIN_MS) return;
    listener->warned = now;
    gsp_log(&daemon->log, GSP_LOG_WARNING, "can't accept a connection: %s; neighbours have to wait", reason);
}

static void adopt(struct listener *listener, int fd)
{
    struct connection *connection = connection_new(listener->daemon);
    int rc = connection ? uv_tcp_open(connection_tcp(connection), fd) : UV_ENOMEM;
    if (!rc) {
        connection_open(connection, -1);
        return;
    }
    close(fd);
    if (connection) connection_abandon(connection);
    back_off(listener, uv_strerror(rc));
}

/* Errors that belong to the one connection that was about to be accepted, see accept(2). */
static bool passing(int reason)
{
    return reason == ECONNABORTED || reason == EINTR || reason == ENETDOWN || reason == EPROTO ||
           reason == ENOPROTOOPT || reason == EHOSTDOWN || reason == ENONET || reason == EHOSTUNREACH ||
           reason == EOPNOTSUPP || reason == ENETUNREACH;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct listener *listener = poll->data;
    (void)events;
    if (status) {
        back_off(listener, uv_strerror(status));
        return;
    }
    for (int i = 0; i < ACCEPTS_MAX && !listener->daemon->stopping; i++) {
        int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            adopt(listener, fd);
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) break;
        if (passing(errno)) continue;
        back_off(listener, strerror(errno));
        break;
    }
    daemon_pump(listener->daemon);
}

/* A listening socket, or -1 with errno set. */
static int open_socket(const struct addrinfo *address)
{
    int yes = 1, fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    /* A restarted daemon must not wait for the connections of the one before it to time out. */
    if (!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) &&
        !bind(fd, address->ai_addr, address->ai_addrlen) && !listen(fd, BACKLOG))
        return fd;
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

static int explain(const struct daemon *daemon, int reason, struct gsp_error *error)
{
    const struct gsp_daemon_config *config = daemon->setup->config;
    const char *open = strchr(config->listen_host, ':') ? "[" : "", *shut = *open ? "]" : "";
    char place[300];
    snprintf(place, sizeof place, "%s%s%s:%" PRIu16, open, config->listen_host, shut, config->listen_port);
    const char *file = daemon->setup->file;
    if (reason == EADDRINUSE)
        return gsp_error_set(error, GSP_ERR_IO,
                             "%s is in use by another program; choose another Listen in %s or stop it", place, file);
    if (reason == EADDRNOTAVAIL)
        return gsp_error_set(error, GSP_ERR_IO,
                             "%s is not an address of this host; correct Listen in %s (0.0.0.0 means all addresses)",
                             place, file);
    if (reason == EACCES)
        return gsp_error_set(error, GSP_ERR_IO, "%s: no permission; choose a port above 1023 as Listen in %s", place,
                             file);
    return gsp_error_set(error, GSP_ERR_IO, "can't listen on %s: %s; see Listen in %s", place, strerror(reason), file);
}

static void on_closed(uv_handle_t *handle)
{
    struct listener *listener = handle->data;
    if (--listener->handles == 0) close(listener->fd);
}

static int add_listener(struct daemon *daemon, int fd)
{
    struct listener *listener = &daemon->listeners.each[daemon->listeners.count];
    *listener = (struct listener){.daemon = daemon, .fd = fd};
    int rc = uv_poll_init(&daemon->loop, &listener->poll, fd);
    if (rc) {
        close(fd);
        return rc;
    }
    uv_timer_init(&daemon->loop, &listener->pause);
    listener->poll.data = listener->pause.data = listener;
    listener->handles = 2;
    daemon->listeners.count++;
    return uv_poll_start(&listener->poll, UV_READABLE, on_readable);
}

int listeners_open(struct daemon *daemon, struct gsp_error *error)
{
    const struct gsp_daemon_config *config = daemon->setup->config;
    if (config->listen_port == 0) return 0;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *found = NULL;
    char port[8];
    snprintf(port, sizeof port, "%" PRIu16, config->listen_port);
    int rc = getaddrinfo(config->listen_host, port, &hints, &found);
    if (rc)
        return gsp_error_set(error, GSP_ERR_IO, "%s: %s; correct Listen in %s", config->listen_host, gai_strerror(rc),
                             daemon->setup->file);
    int missing = 0;
    for (const struct addrinfo *a = found; a && daemon->listeners.count < LISTENERS_MAX; a = a->ai_next) {
        int fd = open_socket(a);
        /* "localhost" may have an address of a family that this host has not: one that works is enough. */
        if (fd < 0 && (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT)) {
            missing = errno;
            continue;
        }
        if (fd < 0) {
            rc = explain(daemon, errno, error);
            break;
        }
        int added = add_listener(daemon, fd);
        if (added) {
            rc = gsp_error_set(error, GSP_ERR_IO, "can't listen: %s", uv_strerror(added));
            break;
        }
    }
    freeaddrinfo(found);
    if (!rc && daemon->listeners.count == 0) rc = explain(daemon, missing, error);
    return rc;
}

void listeners_close(struct daemon *daemon)
{
    for (size_t i = 0; i < daemon->listeners.count; i++) {
        struct listener *listener = &daemon->listeners.each[i];
        uv_close((uv_handle_t *)&listener->poll, on_closed);
        uv_close((uv_handle_t *)&listener->pause, on_closed);
    }
    daemon->listeners.count = 0;
}
