/* Connections: bytes that take their time, resets and orderly ends, and ends that are the test's. */
#include "sim/inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/tell.h"

struct wire *cluster_wire(const struct cluster *cluster, uint64_t id)
{
    for (size_t i = cluster->wire_count; i > 0; i--)
        if (cluster->wires[i - 1].id == id) return &cluster->wires[i - 1];
    return NULL;
}

struct wire *cluster_wire_new(struct cluster *cluster, size_t a, size_t b)
{
    cluster->wires = realloc(cluster->wires, (cluster->wire_count + 1) * sizeof *cluster->wires);
    assert(cluster->wires);
    struct wire *wire = &cluster->wires[cluster->wire_count++];
    *wire = (struct wire){.id = ++cluster->ids, .ends = {a, b}, .open = {true, true}};
    return wire;
}

void cluster_wires_free(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->wire_count; i++) gsp_buffer_clear(&cluster->wires[i].heard);
    free(cluster->wires);
}

static int end_of(const struct wire *wire, size_t node)
{
    return wire->ends[1] == node;
}

static void tell_end(struct cluster *cluster, struct wire *wire, int end, uint64_t at, const char *reason)
{
    if (!wire->open[end]) return;
    wire->open[end] = false;
    if (wire->ends[end] == CLUSTER_OUTSIDE) return;
    struct event event = {.type = DISCONNECTED, .node = wire->ends[end], .connection = wire->id, .reason = reason};
    cluster_schedule(cluster, at, event);
}

void cluster_wire_reset(struct cluster *cluster, struct wire *wire)
{
    wire->reset = true;
    for (int end = 0; end < 2; end++) {
        uint64_t at = cluster->now + cluster_some(cluster, cluster->options.delay_max);
        tell_end(cluster, wire, end, at, "connection reset");
    }
}

/* Bytes arrive in order, in pieces of any size. */
static void carry_inside(struct cluster *cluster, struct wire *wire, int to, const struct gsp_action *action)
{
    for (size_t sent = 0; sent < action->length;) {
        size_t piece = 1 + cluster_some(cluster, action->length - sent - 1);
        uint64_t at = cluster->now + 1 + cluster_some(cluster, cluster->options.delay_max);
        if (at < wire->busy[to]) at = wire->busy[to];
        wire->busy[to] = at;
        struct event event = {
            .type = BYTES, .node = wire->ends[to], .connection = wire->id, .bytes = malloc(piece), .length = piece};
        assert(event.bytes);
        memcpy(event.bytes, action->bytes + sent, piece);
        cluster_schedule(cluster, at, event);
        sent += piece;
    }
}

void cluster_wire_carry(struct cluster *cluster, size_t from, struct gsp_action *action)
{
    struct wire *wire = cluster_wire(cluster, action->connection);
    int to = wire ? !end_of(wire, from) : 0;
    if (wire && !wire->reset && wire->ends[to] == CLUSTER_OUTSIDE) {
        int rc = gsp_buffer_append(&wire->heard, action->bytes, action->length);
        assert(rc == 0);
    } else if (wire && !wire->reset) {
        carry_inside(cluster, wire, to, action);
    }
    struct event sent = {.type = SENT, .node = from, .connection = action->connection, .length = action->length};
    cluster_schedule(cluster, cluster->now + cluster_some(cluster, 3), sent);
    free(action->bytes);
}

void cluster_wire_close(struct cluster *cluster, size_t from, uint64_t id, bool graceful)
{
    struct wire *wire = cluster_wire(cluster, id);
    if (!wire) return;
    int end = end_of(wire, from);
    uint64_t arrives = wire->busy[!end] > cluster->now ? wire->busy[!end] : cluster->now;
    if (!graceful) wire->reset = true;
    tell_end(cluster, wire, !end, arrives + 1, graceful ? NULL : "connection reset");
    tell_end(cluster, wire, end, arrives + 2, NULL);
}

/* ---- ends that are the test's ---- */

uint64_t cluster_intrude(struct cluster *cluster, size_t node, const char *address)
{
    uint64_t id = cluster_wire_new(cluster, CLUSTER_OUTSIDE, node)->id;
    tell_connected(cluster->peers[node], id, -1, address, cluster->now);
    cluster_act(cluster, node);
    return id;
}

static size_t inside(const struct wire *wire)
{
    return wire->ends[wire->ends[0] == CLUSTER_OUTSIDE];
}

void cluster_pose(struct cluster *cluster, size_t absent)
{
    cluster->posed[absent] = true;
}

uint64_t cluster_dialed(const struct cluster *cluster)
{
    return cluster->dialed;
}

void cluster_say(struct cluster *cluster, uint64_t connection, const void *bytes, size_t length)
{
    const struct wire *wire = cluster_wire(cluster, connection);
    size_t node = inside(wire);
    if (wire->reset || !cluster->peers[node]) return;
    tell_received(cluster->peers[node], connection, bytes, length, cluster->now);
    cluster_act(cluster, node);
}

void cluster_hear(struct cluster *cluster, uint64_t connection, struct gsp_buffer *bytes)
{
    struct wire *wire = cluster_wire(cluster, connection);
    int rc = gsp_buffer_append(bytes, wire->heard.data, wire->heard.length);
    assert(rc == 0);
    wire->heard.length = 0;
}

bool cluster_hung_up(const struct cluster *cluster, uint64_t connection)
{
    const struct wire *wire = cluster_wire(cluster, connection);
    return !wire->open[wire->ends[1] == CLUSTER_OUTSIDE];
}

void cluster_hang_up(struct cluster *cluster, uint64_t connection)
{
    cluster_wire_close(cluster, CLUSTER_OUTSIDE, connection, true);
}
