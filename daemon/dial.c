#include "dial.h"

#include "daemon.h"

#include <inttypes.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOKUP_MS  10000u
#define CONNECT_MS 5000u /* for each address */

struct dial {
    struct daemon *daemon;
    struct dial *next;
    size_t node;
    bool over;            /* reported; what is left is libuv's to give back */
    bool looking, timing; /* requests and handles that libuv still holds */
    uv_getaddrinfo_t lookup;
    uv_timer_t timer;
    struct addrinfo *addresses; /* of the look-up, and the one in hand */
    const struct addrinfo *address;
    struct connection *attempt;
    char failure[400]; /* one reason for each address tried */
};

/* A connect request lives as long as its TCP handle, which may be longer than the dial. */
struct attempt {
    uv_connect_t request;
    struct dial *dial;
};

static void try_next(struct dial *dial);

static const struct gsp_network_node *target(const struct dial *dial)
{
    return &gsp_peer_network(dial->daemon->peer)->nodes[dial->node];
}

static void release(struct dial *dial)
{
    if (!dial->over || dial->looking || dial->timing) return;
    if (dial->addresses) uv_freeaddrinfo(dial->addresses);
    free(dial);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct dial *dial = handle->data;
    dial->timing = false;
    release(dial);
}

/* Takes the dial out of the list; its memory goes when libuv has given everything back. */
static void end(struct dial *dial)
{
    struct dial **link = &dial->daemon->dials.first;
    while (*link != dial) link = &(*link)->next;
    *link = dial->next;
    dial->over = true;
    if (dial->looking) uv_cancel((uv_req_t *)&dial->lookup);
    if (dial->attempt) connection_abandon(dial->attempt);
    dial->attempt = NULL;
    uv_close((uv_handle_t *)&dial->timer, on_timer_closed);
}

static void note(struct dial *dial, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(struct dial *dial, const char *format, ...)
{
    size_t used = strlen(dial->failure), room = sizeof dial->failure - used;
    if (used > 0 && room > 2) {
        memcpy(dial->failure + used, "; ", 3);
        used += 2;
        room -= 2;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(dial->failure + used, room, format, arguments);
    va_end(arguments);
}

static void fail(struct dial *dial)
{
    struct daemon *daemon = dial->daemon;
    end(dial);
    daemon_tell(daemon, &(struct gsp_event){.type = GSP_EVENT_DIAL_FAILED, .dial_failed = {dial->node, dial->failure}});
    daemon_pump(daemon);
}

/* The address in hand did not answer. */
static void attempt_failed(struct dial *dial, const char *reason)
{
    char host[64];
    address_text(host, sizeof host, dial->address->ai_addr);
    note(dial, "%s port %" PRIu16 ": %s", host, target(dial)->port, reason);
    if (dial->attempt) connection_abandon(dial->attempt);
    dial->attempt = NULL;
    dial->address = dial->address->ai_next;
    try_next(dial);
}

static void on_timer(uv_timer_t *timer)
{
    struct dial *dial = timer->data;
    char reason[64];
    if (dial->looking) {
        note(dial, "looking up %s took longer than %u s", target(dial)->host, LOOKUP_MS / 1000);
        fail(dial);
        return;
    }
    snprintf(reason, sizeof reason, "no answer within %u s", CONNECT_MS / 1000);
    attempt_failed(dial, reason);
}

static void on_connect(uv_connect_t *request, int status)
{
    struct attempt *attempt = request->data;
    struct dial *dial = attempt->dial;
    free(attempt);
    if (status == UV_ECANCELED) return; /* abandoned: the dial may be gone */
    if (status) {
        attempt_failed(dial, uv_strerror(status));
        return;
    }
    struct daemon *daemon = dial->daemon;
    struct connection *connection = dial->attempt;
    long node = (long)dial->node;
    dial->attempt = NULL;
    end(dial);
    connection_open(connection, node);
    daemon_pump(daemon);
}

static void try_next(struct dial *dial)
{
    if (!dial->address) {
        fail(dial);
        return;
    }
    struct attempt *attempt = gsp_alloc(1, sizeof *attempt);
    dial->attempt = connection_new(dial->daemon);
    int rc = UV_ENOMEM;
    if (attempt && dial->attempt) {
        attempt->dial = dial;
        attempt->request.data = attempt;
        rc = uv_tcp_connect(&attempt->request, connection_tcp(dial->attempt), dial->address->ai_addr, on_connect);
    }
    if (rc) {
        free(attempt);
        attempt_failed(dial, uv_strerror(rc));
        return;
    }
    uv_timer_start(&dial->timer, on_timer, CONNECT_MS, 0);
}

static void on_lookup(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses)
{
    struct dial *dial = request->data;
    dial->looking = false;
    dial->addresses = addresses;
    dial->address = addresses;
    if (dial->over) {
        release(dial);
        return;
    }
    if (status) {
        note(dial, "%s: %s", target(dial)->host, uv_strerror(status));
        fail(dial);
        return;
    }
    try_next(dial);
}

void dial_start(struct daemon *daemon, size_t node)
{
    struct dial *dial = gsp_alloc(1, sizeof *dial);
    if (!dial) {
        daemon_tell(daemon, &(struct gsp_event){.type = GSP_EVENT_DIAL_FAILED, .dial_failed = {node, "out of memory"}});
        return;
    }
    dial->daemon = daemon;
    dial->node = node;
    dial->next = daemon->dials.first;
    daemon->dials.first = dial;
    dial->lookup.data = dial->timer.data = dial;
    uv_timer_init(&daemon->loop, &dial->timer);
    dial->timing = true;

    char port[8];
    snprintf(port, sizeof port, "%" PRIu16, target(dial)->port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    /* An address needs no name server, and must not queue behind names whose server is slow. */
    if (!getaddrinfo(target(dial)->host, port, &hints, &dial->addresses)) {
        dial->address = dial->addresses;
        try_next(dial);
        return;
    }
    hints.ai_flags = AI_NUMERICSERV;
    int rc = uv_getaddrinfo(&daemon->loop, &dial->lookup, on_lookup, target(dial)->host, port, &hints);
    dial->looking = !rc;
    if (!rc) {
        uv_timer_start(&dial->timer, on_timer, LOOKUP_MS, 0);
    } else {
        note(dial, "%s: %s", target(dial)->host, uv_strerror(rc));
        fail(dial);
    }
}

void dials_forget(struct daemon *daemon)
{
    while (daemon->dials.first) end(daemon->dials.first);
}

void dials_cancel(struct daemon *daemon)
{
    while (daemon->dials.first) {
        struct dial *dial = daemon->dials.first;
        note(dial, "gossipd is stopping");
        fail(dial);
    }
}
