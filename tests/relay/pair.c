#include "pair.h"

#include <netinet/in.h>
#include <stdlib.h>

static void on_closed(uv_handle_t *handle)
{
    struct pair *pair = handle->data;
    if (--pair->handles > 0) return;
    for (int i = 0; i < DIRECTIONS; i++) flow_clear(&pair->flow[i]);
    free(pair);
}

/* Timers carry their flow. */
static void on_timer_closed(uv_handle_t *handle)
{
    const struct flow *flow = handle->data;
    handle->data = flow->pair;
    on_closed(handle);
}

void pair_close(struct pair *pair, bool reset)
{
    if (pair->closing) return;
    pair->closing = true;
    struct pair **place = &pair->link->pairs;
    while (*place != pair) place = &(*place)->next;
    *place = pair->next;
    pair->link->resets += reset;
    for (int i = 0; i < DIRECTIONS; i++) {
        /* It refuses where a shutdown is under way: that end gets an ordinary close. */
        if (!reset || uv_tcp_close_reset(&pair->end[i], on_closed) != 0)
            uv_close((uv_handle_t *)&pair->end[i], on_closed);
        uv_close((uv_handle_t *)&pair->flow[i].timer, on_timer_closed);
    }
}

void pair_flow_over(struct pair *pair)
{
    if (pair->flow[DIRECTION_A].over && pair->flow[DIRECTION_B].over) pair_close(pair, false);
}

void pair_draw_reset(struct pair *pair)
{
    const struct faults *faults = &pair->link->faults;
    uint8_t key[32];
    char node[32];
    struct gsp_stream stream;
    pair->left = faults->rule == RESET_NEVER ? UINT64_MAX : faults->reset_bytes;
    if (faults->rule != RESET_WITHIN) return;
    snprintf(node, sizeof node, "link %zu", pair->link->number);
    gsp_stream_key(key, pair->link->relay->seed, node, "reset");
    gsp_stream_init(&stream, key, pair->number);
    pair->left = 1 + gsp_stream_below(&stream, faults->reset_bytes);
}

static void on_connected(uv_connect_t *request, int status)
{
    struct pair *pair = request->data;
    if (pair->closing) return;
    if (status) {
        pair_close(pair, true);
        return;
    }
    pair->connected = true;
    for (int i = 0; i < DIRECTIONS; i++) uv_tcp_nodelay(&pair->end[i], 1);
    for (int i = 0; i < DIRECTIONS && !pair->closing; i++) flow_start(&pair->flow[i]);
}

void pair_accept(struct link *link)
{
    struct pair *pair = calloc(1, sizeof *pair);
    if (!pair) abort();
    pair->link = link;
    pair->number = ++link->connections;
    for (int i = 0; i < DIRECTIONS; i++) {
        uv_tcp_init(&link->relay->loop, &pair->end[i]);
        pair->end[i].data = pair;
        flow_init(&pair->flow[i], pair, i);
    }
    pair->connect.data = pair;
    pair->handles = 2 * DIRECTIONS;
    pair->next = link->pairs;
    link->pairs = pair;
    pair_draw_reset(pair);

    struct sockaddr_in target;
    uv_ip4_addr("127.0.0.1", (int)link->target, &target);
    if (uv_accept((uv_stream_t *)&link->listener, (uv_stream_t *)&pair->end[DIRECTION_A]) != 0 ||
        uv_tcp_connect(&pair->connect, &pair->end[DIRECTION_B], (const struct sockaddr *)&target, on_connected) != 0)
        pair_close(pair, true);
}
