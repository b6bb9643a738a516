#include "relay.h"

#include "pair.h"

#include <inttypes.h>
#include <netinet/in.h>

#define BACKLOG 64

static void on_connection(uv_stream_t *listener, int status)
{
    if (!status) pair_accept(listener->data);
}

static void on_closed(uv_handle_t *handle)
{
    struct link *link = handle->data;
    link->closing = false;
    link_changed(link); /* it may have been healed meanwhile */
}

int link_listen(struct link *link)
{
    struct sockaddr_in address;
    uv_ip4_addr("127.0.0.1", (int)link->port, &address);
    uv_tcp_init(&link->relay->loop, &link->listener);
    link->listener.data = link;
    link->listening = true;
    int rc = uv_tcp_bind(&link->listener, (const struct sockaddr *)&address, 0);
    return rc ? rc : uv_listen((uv_stream_t *)&link->listener, BACKLOG, on_connection);
}

void link_refuse(struct link *link)
{
    if (!link->listening) return;
    link->listening = false;
    link->closing = true;
    uv_close((uv_handle_t *)&link->listener, on_closed);
}

void link_changed(struct link *link)
{
    if (link->faults.refuse)
        link_refuse(link);
    else if (!link->listening && !link->closing && link_listen(link) != 0)
        fprintf(stderr, "relay: port %u is taken\n", link->port);
    struct pair *next = NULL;
    for (struct pair *pair = link->pairs; pair; pair = next) {
        next = pair->next;
        if (pair->lost && !link->faults.cut[DIRECTION_A] && !link->faults.cut[DIRECTION_B]) pair_close(pair, true);
        for (int i = 0; i < DIRECTIONS; i++) flow_pump(&pair->flow[i]);
    }
}

void link_reset(struct link *link)
{
    while (link->pairs) pair_close(link->pairs, true);
}

void link_draw_resets(struct link *link)
{
    for (struct pair *pair = link->pairs; pair; pair = pair->next) pair_draw_reset(pair);
}

void relay_show(const struct relay *relay, FILE *out)
{
    for (size_t i = 0; i < relay->count; i++) {
        const struct link *link = &relay->links[i];
        size_t open = 0;
        for (const struct pair *pair = link->pairs; pair; pair = pair->next) open++;
        fprintf(out, "link %zu open=%zu connections=%" PRIu64 " resets=%" PRIu64 " a=%" PRIu64 " b=%" PRIu64 "\n",
                link->number, open, link->connections, link->resets, link->bytes[DIRECTION_A],
                link->bytes[DIRECTION_B]);
    }
}
