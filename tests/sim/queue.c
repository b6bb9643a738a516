/* The queue of events, and the source of all chance. */
#include "sim/inside.h"

#include <assert.h>
#include <stdlib.h>

static bool before(const struct event *a, const struct event *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(struct event *a, struct event *b)
{
    struct event c = *a;
    *a = *b;
    *b = c;
}

void cluster_schedule(struct cluster *cluster, uint64_t at, struct event event)
{
    if (cluster->event_count == cluster->event_capacity) {
        cluster->event_capacity = cluster->event_capacity ? 2 * cluster->event_capacity : 64;
        cluster->events = realloc(cluster->events, cluster->event_capacity * sizeof event);
        assert(cluster->events);
    }
    event.at = at;
    event.order = cluster->orders++;
    size_t i = cluster->event_count++;
    cluster->events[i] = event;
    for (; i && before(&cluster->events[i], &cluster->events[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&cluster->events[i], &cluster->events[(i - 1) / 2]);
}

struct event cluster_next_event(struct cluster *cluster)
{
    struct event first = cluster->events[0], *e = cluster->events;
    e[0] = e[--cluster->event_count];
    for (size_t i = 0;;) {
        size_t least = i, n = cluster->event_count;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < n; child++)
            if (before(&e[child], &e[least])) least = child;
        if (least == i) return first;
        swap(&e[i], &e[least]);
        i = least;
    }
}

uint64_t cluster_some(struct cluster *cluster, uint64_t most)
{
    return gsp_stream_below(&cluster->random, most + 1);
}
