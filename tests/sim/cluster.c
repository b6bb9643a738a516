#include "sim/cluster.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/peer.h"

enum event_type { BYTES, SENT, CONNECTED, DIAL_FAILED, DISCONNECTED, JOB, REQUEST, CUT, PARTITION, HEAL };

struct event {
    uint64_t at, order;
    enum event_type type;
    size_t node, other;
    uint64_t connection;
    uint8_t *bytes;
    size_t length;
    const char *reason;
    struct gsp_job *job;
    uint64_t client;
};

struct wire {
    uint64_t id;
    size_t ends[2];
    bool open[2];     /* the end has not been told that it is over */
    uint64_t busy[2]; /* when the last byte towards this end arrives */
    bool reset;       /* nothing more arrives */
};

struct cluster {
    struct cluster_options options;
    struct gsp_stream random;
    uint64_t now, orders, ids, clients;
    struct event *events; /* a binary heap by (at, order) */
    size_t event_count, event_capacity;
    struct wire *wires;
    size_t wire_count;
    bool parted[CLUSTER_NODES_MAX][CLUSTER_NODES_MAX];
    size_t cuts_made;
    struct gsp_network *network;
    struct gsp_graph *graph;
    struct gsp_dataset *data[CLUSTER_NODES_MAX];
    struct gsp_peer *peers[CLUSTER_NODES_MAX];
    struct cluster_reply *replies[64];
};

/* ---- the queue of events ---- */

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

static void schedule(struct cluster *cluster, uint64_t at, struct event event)
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

static struct event next_event(struct cluster *cluster)
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

static uint64_t some(struct cluster *cluster, uint64_t most)
{
    return gsp_stream_below(&cluster->random, most + 1);
}

/* ---- wires ---- */

static struct wire *wire_of(struct cluster *cluster, uint64_t id)
{
    for (size_t i = 0; i < cluster->wire_count; i++)
        if (cluster->wires[i].id == id) return &cluster->wires[i];
    return NULL;
}

static int end_of(const struct wire *wire, size_t node)
{
    return wire->ends[1] == node;
}

static void tell_end(struct cluster *cluster, struct wire *wire, int end, uint64_t at, const char *reason)
{
    if (!wire->open[end]) return;
    wire->open[end] = false;
    schedule(cluster, at,
             (struct event){.type = DISCONNECTED, .node = wire->ends[end], .connection = wire->id, .reason = reason});
}

static void reset_wire(struct cluster *cluster, struct wire *wire)
{
    wire->reset = true;
    for (int end = 0; end < 2; end++)
        tell_end(cluster, wire, end, cluster->now + some(cluster, cluster->options.delay_max), "connection reset");
}

/* Bytes arrive in order, in pieces of any size. */
static void carry(struct cluster *cluster, size_t node, struct gsp_action *action)
{
    struct wire *wire = wire_of(cluster, action->connection);
    int to = wire ? !end_of(wire, node) : 0;
    size_t sent = 0;
    while (wire && !wire->reset && sent < action->length) {
        size_t piece = 1 + some(cluster, action->length - sent - 1);
        uint64_t at = cluster->now + 1 + some(cluster, cluster->options.delay_max);
        if (at < wire->busy[to]) at = wire->busy[to];
        wire->busy[to] = at;
        uint8_t *bytes = malloc(piece);
        memcpy(bytes, action->bytes + sent, piece);
        schedule(cluster, at,
                 (struct event){
                     .type = BYTES, .node = wire->ends[to], .connection = wire->id, .bytes = bytes, .length = piece});
        sent += piece;
    }
    schedule(cluster, cluster->now + some(cluster, 3),
             (struct event){.type = SENT, .node = node, .connection = action->connection, .length = action->length});
    free(action->bytes);
}

static void hang_up(struct cluster *cluster, size_t node, const struct gsp_action *action)
{
    struct wire *wire = wire_of(cluster, action->connection);
    if (!wire) return;
    int end = end_of(wire, node);
    uint64_t arrives = wire->busy[!end] > cluster->now ? wire->busy[!end] : cluster->now;
    if (!action->graceful) wire->reset = true;
    tell_end(cluster, wire, !end, arrives + 1, action->graceful ? NULL : "connection reset");
    tell_end(cluster, wire, end, arrives + 2, NULL);
}

static void dial(struct cluster *cluster, size_t node, size_t other)
{
    uint64_t at = cluster->now + 1 + some(cluster, cluster->options.delay_max);
    enum event_type type = cluster->parted[node][other] ? DIAL_FAILED : CONNECTED;
    schedule(cluster, at, (struct event){.type = type, .node = node, .other = other});
}

static void connect_now(struct cluster *cluster, size_t node, size_t other)
{
    cluster->wires = realloc(cluster->wires, (cluster->wire_count + 1) * sizeof *cluster->wires);
    assert(cluster->wires);
    uint64_t id = ++cluster->ids;
    cluster->wires[cluster->wire_count++] = (struct wire){.id = id, .ends = {node, other}, .open = {true, true}};
    gsp_peer_connected(cluster->peers[other], id, -1, "virtual", cluster->now);
    gsp_peer_connected(cluster->peers[node], id, (long)other, "virtual", cluster->now);
}

/* ---- actions and events ---- */

static void take_reply(struct cluster *cluster, struct gsp_action *action)
{
    struct cluster_reply *out = cluster->replies[action->client];
    struct gsp_reply reply;
    int rc = gsp_reply_unpack(&reply, action->bytes + 4, action->length - 4, NULL);
    assert(rc == 0);
    if (out && !reply.more) {
        assert(!out->done); /* one last reply, never two */
        out->done = true;
        out->exit_code = reply.exit_code;
        out->run = reply.run;
        snprintf(out->message, sizeof out->message, "%s", reply.message);
    }
    gsp_reply_clear(&reply);
    free(action->bytes);
}

static void act(struct cluster *cluster, size_t node)
{
    struct gsp_action action;
    while (gsp_peer_next_action(cluster->peers[node], &action)) switch (action.type) {
        case GSP_ACTION_SEND:
            carry(cluster, node, &action);
            break;
        case GSP_ACTION_CLOSE:
            hang_up(cluster, node, &action);
            break;
        case GSP_ACTION_DIAL:
            dial(cluster, node, action.node);
            break;
        case GSP_ACTION_JOB:
            schedule(cluster, cluster->now + some(cluster, cluster->options.job_max),
                     (struct event){.type = JOB, .node = node, .job = action.job});
            break;
        case GSP_ACTION_REPLY:
            take_reply(cluster, &action);
            break;
        case GSP_ACTION_READ:
            gsp_peer_file(cluster->peers[node], action.path, NULL, 0, "no files here", cluster->now);
            break;
        }
}

static void play_job(struct cluster *cluster, const struct event *event)
{
    double seconds[GSP_JOB_EVALUATE + 1] = {0};
    while (gsp_job_stage(event->job) != GSP_JOB_DONE) gsp_job_run(event->job);
    gsp_peer_job_done(cluster->peers[event->node], event->job, seconds, cluster->now);
}

static void play_cut(struct cluster *cluster)
{
    size_t open = 0;
    for (size_t i = 0; i < cluster->wire_count; i++) open += cluster->wires[i].open[0] && cluster->wires[i].open[1];
    if (!open) return;
    uint64_t unlucky = some(cluster, open - 1);
    for (size_t i = 0; i < cluster->wire_count; i++) {
        struct wire *wire = &cluster->wires[i];
        if (!wire->open[0] || !wire->open[1] || unlucky-- != 0) continue;
        reset_wire(cluster, wire);
        cluster->cuts_made++;
        return;
    }
}

static void play_partition(struct cluster *cluster, size_t a, size_t b)
{
    cluster->parted[a][b] = cluster->parted[b][a] = true;
    for (size_t i = 0; i < cluster->wire_count; i++) {
        struct wire *wire = &cluster->wires[i];
        bool between = (wire->ends[0] == a && wire->ends[1] == b) || (wire->ends[0] == b && wire->ends[1] == a);
        if (between && wire->open[0] && wire->open[1]) reset_wire(cluster, wire);
    }
    schedule(cluster, cluster->now + 200 + some(cluster, 5000), (struct event){.type = HEAL, .node = a, .other = b});
}

static void play_bytes(struct cluster *cluster, const struct event *event)
{
    struct wire *wire = wire_of(cluster, event->connection);
    if (wire && !wire->reset)
        gsp_peer_received(cluster->peers[event->node], event->connection, event->bytes, event->length, cluster->now);
    free(event->bytes);
}

static void play(struct cluster *cluster, struct event *event)
{
    struct gsp_peer *peer = cluster->peers[event->node];
    switch (event->type) {
    case BYTES:
        play_bytes(cluster, event);
        break;
    case SENT:
        gsp_peer_sent(peer, event->connection, event->length, cluster->now);
        break;
    case CONNECTED:
        connect_now(cluster, event->node, event->other);
        act(cluster, event->other);
        break;
    case DIAL_FAILED:
        gsp_peer_dial_failed(peer, event->other, "no route", cluster->now);
        break;
    case DISCONNECTED:
        gsp_peer_disconnected(peer, event->connection, event->reason, cluster->now);
        break;
    case JOB:
        play_job(cluster, event);
        break;
    case REQUEST:
        gsp_peer_request(peer, event->client, event->bytes, event->length, cluster->now);
        free(event->bytes);
        break;
    case CUT:
        play_cut(cluster);
        break;
    case PARTITION:
        play_partition(cluster, event->node, event->other);
        break;
    case HEAL:
        cluster->parted[event->node][event->other] = cluster->parted[event->other][event->node] = false;
        break;
    }
    act(cluster, event->node);
}

static uint64_t next_deadline(const struct cluster *cluster, size_t *node)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < cluster->options.nodes; i++) {
        uint64_t deadline = gsp_peer_deadline(cluster->peers[i]);
        if (deadline < least) {
            least = deadline;
            *node = i;
        }
    }
    return least;
}

bool cluster_play(struct cluster *cluster, bool (*done)(const struct cluster *cluster), uint64_t until)
{
    while (cluster->now < until) {
        if (done && done(cluster)) return true;
        size_t node = 0;
        uint64_t deadline = next_deadline(cluster, &node);
        if (cluster->event_count && cluster->events[0].at <= deadline) {
            struct event event = next_event(cluster);
            if (event.at > cluster->now) cluster->now = event.at;
            play(cluster, &event);
        } else {
            if (deadline > cluster->now) cluster->now = deadline;
            gsp_peer_tick(cluster->peers[node], cluster->now);
            act(cluster, node);
        }
    }
    return done && done(cluster);
}

/* ---- requests ---- */

static void request(struct cluster *cluster, size_t node, uint64_t at, const struct gsp_request *what,
                    struct cluster_reply *reply)
{
    struct gsp_buffer bytes = {0};
    int rc = gsp_request_pack(what, &bytes);
    assert(rc == 0);
    size_t length = bytes.length - 4;
    uint8_t *body = malloc(length);
    memcpy(body, bytes.data + 4, length);
    gsp_buffer_clear(&bytes);
    uint64_t client = cluster->clients++;
    assert(client < sizeof cluster->replies / sizeof *cluster->replies);
    cluster->replies[client] = reply;
    schedule(cluster, at,
             (struct event){.type = REQUEST, .node = node, .client = client, .bytes = body, .length = length});
}

void cluster_start(struct cluster *cluster, size_t node, uint64_t at, const char *settings, struct cluster_reply *reply)
{
    char text[1024];
    snprintf(text, sizeof text, "%s", settings);
    request(cluster, node, at, &(struct gsp_request){.type = GSP_REQ_START, .settings = text}, reply);
}

void cluster_stop(struct cluster *cluster, size_t node, uint64_t at, bool now, struct cluster_reply *reply)
{
    request(cluster, node, at, &(struct gsp_request){.type = GSP_REQ_STOP, .now = now}, reply);
}

/* ---- life ---- */

static void make_network(struct cluster *cluster, uint8_t secrets[][GSP_KEY_BYTES])
{
    char text[8192];
    size_t used =
        (size_t)snprintf(text, sizeof text, "[Network]\nName = virtual\nTopology = %s\n", cluster->options.topology);
    for (size_t i = 0; i < cluster->options.nodes; i++) {
        uint8_t public_key[GSP_KEY_BYTES];
        char encoded[45];
        gsp_stream_bytes(&cluster->random, secrets[i], GSP_KEY_BYTES);
        int rc = gsp_public_key(public_key, secrets[i]);
        assert(rc == 0);
        gsp_key_encode(encoded, public_key);
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "[Node]\nName = n%03zu\nPublicKey = %s\nEndpoint = host%zu:7400\n", i + 1, encoded, i);
    }
    struct gsp_problems problems = {0};
    int rc = gsp_network_parse(&cluster->network, "peers.conf", text, used, &problems);
    if (!rc) rc = gsp_graph_from_network(&cluster->graph, "peers.conf", cluster->network, &problems);
    for (size_t i = 0; i < problems.count; i++) fprintf(stderr, "%s\n", problems.messages[i]);
    assert(rc == 0);
    gsp_problems_clear(&problems);
}

static void make_data(struct cluster *cluster)
{
    char spec[256];
    const struct cluster_options *o = &cluster->options;
    snprintf(spec, sizeof spec, "objective=%s,samples=%zu,features=%zu,noise=0.05,seed=%llu", o->objective,
             o->rows * o->nodes, o->features, (unsigned long long)o->seed);
    struct gsp_dataset *all = NULL;
    struct gsp_error error = {0};
    int rc = gsp_dataset_synthetic(&all, spec, &error);
    if (rc) fprintf(stderr, "%s\n", error.message);
    assert(rc == 0);
    for (size_t i = 0; i < o->nodes; i++) {
        rc = gsp_dataset_slice(&cluster->data[i], all, i * o->rows, (i + 1) * o->rows);
        assert(rc == 0);
    }
    gsp_dataset_free(all);
}

static void log_to_stderr(void *context, enum gsp_log_level level, const char *message)
{
    const struct gsp_peer_config *config = context;
    (void)level;
    fprintf(stderr, "%s: %s\n", config->network->nodes[config->self].name, message);
}

static void make_peer(struct cluster *cluster, size_t i, const uint8_t secret[GSP_KEY_BYTES])
{
    struct gsp_peer_config config = {
        .network = cluster->network,
        .graph = cluster->graph,
        .self = i,
        .train = cluster->data[i],
        .version = "test",
    };
    memcpy(config.secret_key, secret, GSP_KEY_BYTES);
    gsp_stream_bytes(&cluster->random, config.entropy, sizeof config.entropy);
    int rc = gsp_peer_new(&cluster->peers[i], &config, cluster->now, NULL);
    assert(rc == 0);
    if (getenv("CLUSTER_LOG"))
        cluster->peers[i]->config.log = (struct gsp_log){log_to_stderr, &cluster->peers[i]->config};
}

static void plan_faults(struct cluster *cluster)
{
    const struct cluster_options *o = &cluster->options;
    for (size_t i = 0; i < o->cuts; i++) schedule(cluster, some(cluster, o->cut_until), (struct event){.type = CUT});
    for (size_t i = 0; i < o->partitions; i++) {
        size_t a = some(cluster, o->nodes - 1), b = some(cluster, o->nodes - 1);
        if (a == b) continue;
        schedule(cluster, some(cluster, o->cut_until), (struct event){.type = PARTITION, .node = a, .other = b});
    }
}

struct cluster *cluster_new(const struct cluster_options *options)
{
    struct cluster *cluster = gsp_alloc(1, sizeof *cluster);
    uint8_t key[32], secrets[CLUSTER_NODES_MAX][GSP_KEY_BYTES];
    assert(cluster && options->nodes <= CLUSTER_NODES_MAX);
    cluster->options = *options;
    cluster->now = 1000;
    gsp_stream_key(key, options->seed, "cluster", "test");
    gsp_stream_init(&cluster->random, key, 0);
    make_network(cluster, secrets);
    make_data(cluster);
    for (size_t i = 0; i < options->nodes; i++) make_peer(cluster, i, secrets[i]);
    plan_faults(cluster);
    for (size_t i = 0; i < options->nodes; i++) {
        gsp_peer_tick(cluster->peers[i], cluster->now);
        act(cluster, i);
    }
    return cluster;
}

void cluster_free(struct cluster *cluster)
{
    while (cluster->event_count) {
        struct event event = next_event(cluster);
        if (event.type == JOB) play_job(cluster, &event);
        free(event.bytes);
    }
    for (size_t i = 0; i < cluster->options.nodes; i++) {
        struct gsp_action action; /* a job that was handed out meanwhile */
        while (gsp_peer_next_action(cluster->peers[i], &action)) {
            if (action.type == GSP_ACTION_JOB) {
                gsp_peer_shutdown(cluster->peers[i], cluster->now);
                play_job(cluster, &(struct event){.node = i, .job = action.job});
            }
            free(action.bytes);
        }
        gsp_peer_free(cluster->peers[i]);
        gsp_dataset_free(cluster->data[i]);
    }
    gsp_graph_free(cluster->graph);
    gsp_network_free(cluster->network);
    free(cluster->events);
    free(cluster->wires);
    free(cluster);
}

/* ---- queries ---- */

struct gsp_peer *cluster_peer(const struct cluster *cluster, size_t node)
{
    return cluster->peers[node];
}

const struct gsp_graph *cluster_graph(const struct cluster *cluster)
{
    return cluster->graph;
}

const struct gsp_dataset *cluster_data(const struct cluster *cluster, size_t node)
{
    return cluster->data[node];
}

size_t cluster_size(const struct cluster *cluster)
{
    return cluster->options.nodes;
}

uint64_t cluster_now(const struct cluster *cluster)
{
    return cluster->now;
}

size_t cluster_cuts_made(const struct cluster *cluster)
{
    return cluster->cuts_made;
}

bool cluster_ended(const struct cluster *cluster)
{
    const struct gsp_run_key *key = &cluster->peers[0]->state.run;
    for (size_t i = 0; i < cluster->options.nodes; i++) {
        const struct gsp_peer *peer = cluster->peers[i];
        if (!peer->run || peer->run->stage != GSP__RUN_ENDED || peer->start.active) return false;
        if (gsp_run_key_compare(&peer->state.run, key) != 0) return false;
    }
    return true;
}
