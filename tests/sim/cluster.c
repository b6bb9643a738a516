/* Events of a cluster in the order of time: what comes to the peers, what they want done, faults. */
#include "sim/inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/look.h"
#include "sim/later.h"
#include "sim/tell.h"

static void take_reply(struct cluster *cluster, struct gsp_action *action)
{
    struct cluster_reply *out = cluster->replies[action->client];
    struct gsp_reply reply;
    int rc = gsp_reply_unpack(&reply, action->bytes + 4, action->length - 4, NULL);
    assert(rc == 0);
    if (out && !reply.more) {
        assert(!out->done); /* one last reply, never two */
        out->done = true;
        out->exit_code = reply.code;
        out->run = reply.run;
        out->round = reply.round;
        memcpy(out->settings, reply.settings, sizeof out->settings);
        snprintf(out->message, sizeof out->message, "%s", reply.message);
    }
    if (out && reply.more) {
        size_t used = strlen(out->before);
        snprintf(out->before + used, sizeof out->before - used, "%s\n", reply.message);
    }
    gsp_reply_clear(&reply);
    free(action->bytes);
}

static void dial(struct cluster *cluster, size_t node, size_t known)
{
    uint64_t at = cluster->now + 1 + cluster_some(cluster, cluster->options.delay_max);
    size_t other = cluster_index(cluster, node, known);
    bool there = (cluster->peers[other] || cluster->posed[other]) && cluster_reachable(cluster, node, known);
    enum event_type type = !there || cluster->parted[node][other] ? DIAL_FAILED : CONNECTED;
    cluster_schedule(cluster, at, (struct event){.type = type, .node = node, .other = other, .dialed = (long)known});
}

static void job(struct cluster *cluster, size_t node, struct gsp_job *work)
{
    uint64_t at = cluster->now + cluster_some(cluster, cluster->options.job_max);
    cluster_schedule(cluster, at, (struct event){.type = JOB, .node = node, .job = work});
}

static void store(struct cluster *cluster, size_t node, const struct gsp_action *action)
{
    struct event event = {.type = STORED, .node = node, .file = action->file, .length = action->length};
    event.bytes = malloc(action->length);
    assert(event.bytes);
    memcpy(event.bytes, action->bytes, action->length);
    cluster_schedule(cluster, cluster->now + cluster_some(cluster, cluster->options.disk_max), event);
}

/* Of a problem that answers later: its answer comes as an event. */
static void ask(struct cluster *cluster, size_t node, const struct gsp_action *action)
{
    struct event event = {.type = ANSWER,
                          .node = node,
                          .question = action->question,
                          .save = action->asked.save,
                          .life = cluster->lives[node]};
    event.length = action->asked.dimension * sizeof(double);
    event.bytes = malloc(event.length);
    assert(event.bytes);
    memcpy(event.bytes, action->asked.x, event.length);
    cluster_schedule(cluster, cluster->now + cluster_some(cluster, cluster->options.job_max), event);
}

static void read_kept(struct cluster *cluster, size_t node)
{
    struct gsp_kept_file files[GSP_KEEP_COUNT] = {0};
    for (enum gsp_keep file = 0; file < GSP_KEEP_COUNT; file++) {
        const struct gsp_buffer *bytes = &cluster->disks[node][file];
        if (bytes->length) files[file] = (struct gsp_kept_file){bytes->data, bytes->length};
    }
    tell_kept(cluster->peers[node], files, cluster->now);
}

static void carry_out(struct cluster *cluster, size_t node, struct gsp_action *action)
{
    switch (action->type) {
    case GSP_ACTION_SEND:
        cluster_wire_carry(cluster, node, action);
        break;
    case GSP_ACTION_CLOSE:
        cluster_wire_close(cluster, node, action->connection, action->graceful);
        break;
    case GSP_ACTION_DIAL:
        dial(cluster, node, action->node);
        break;
    case GSP_ACTION_UNDIAL:
        cluster_undial(cluster, node);
        break;
    case GSP_ACTION_JOB:
        job(cluster, node, action->job);
        break;
    case GSP_ACTION_REPLY:
        take_reply(cluster, action);
        break;
    case GSP_ACTION_STORE:
        store(cluster, node, action);
        break;
    case GSP_ACTION_ASK:
        ask(cluster, node, action);
        break;
    case GSP_ACTION_READ_KEPT:
        read_kept(cluster, node);
        break;
    case GSP_ACTION_READ:
        tell_no_file(cluster->peers[node], action->path, "no files here", cluster->now);
        break;
    case GSP_ACTION_HISTORY_OPEN:
        cluster_history_open(cluster, node, action);
        break;
    case GSP_ACTION_HISTORY:
        gsp_buffer_append(&cluster->histories[node], action->bytes, action->length);
        free(action->bytes);
        break;
    case GSP_ACTION_HISTORY_READ: /* no test asks for it here */
        break;
    case GSP_ACTION_RELOAD:
        cluster_reload_file(cluster, node, action->client);
        break;
    }
}

void cluster_act(struct cluster *cluster, size_t node)
{
    const struct cluster_options *o = &cluster->options;
    struct gsp_action action;
    while (cluster->peers[node] && gsp_peer_next_action(cluster->peers[node], &action)) {
        if (o->watch) o->watch(o->watch_context, cluster, node, &action);
        carry_out(cluster, node, &action);
    }
    if (o->watch && cluster->peers[node]) o->watch(o->watch_context, cluster, node, NULL);
}

static void play_connected(struct cluster *cluster, const struct event *event)
{
    size_t node = event->node, other = event->other;
    if (cluster->posed[other]) {
        cluster->dialed = cluster_wire_new(cluster, node, CLUSTER_OUTSIDE)->id;
        tell_connected(cluster->peers[node], cluster->dialed, event->dialed, "virtual", cluster->now);
    } else if (!cluster->peers[other]) { /* it died meanwhile */
        tell_dial_failed(cluster->peers[node], (size_t)event->dialed, "connection refused", cluster->now);
    } else {
        uint64_t id = cluster_wire_new(cluster, node, other)->id;
        tell_connected(cluster->peers[other], id, -1, "virtual", cluster->now);
        tell_connected(cluster->peers[node], id, event->dialed, "virtual", cluster->now);
        cluster_act(cluster, other);
    }
}

static void play_cut(struct cluster *cluster)
{
    size_t open = 0;
    for (size_t i = 0; i < cluster->wire_count; i++) open += cluster->wires[i].open[0] && cluster->wires[i].open[1];
    if (!open) return;
    uint64_t unlucky = cluster_some(cluster, open - 1);
    for (size_t i = 0; i < cluster->wire_count; i++) {
        struct wire *wire = &cluster->wires[i];
        if (!wire->open[0] || !wire->open[1] || unlucky-- != 0) continue;
        cluster_wire_reset(cluster, wire);
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
        if (between && wire->open[0] && wire->open[1]) cluster_wire_reset(cluster, wire);
    }
    cluster_schedule(cluster, cluster->now + 200 + cluster_some(cluster, 5000),
                     (struct event){.type = HEAL, .node = a, .other = b});
}

static void play_bytes(struct cluster *cluster, const struct event *event)
{
    struct wire *wire = cluster_wire(cluster, event->connection);
    if (wire && !wire->reset)
        tell_received(cluster->peers[event->node], event->connection, event->bytes, event->length, cluster->now);
}

void cluster_put(struct cluster *cluster, size_t node, enum gsp_keep file, const uint8_t *bytes, size_t length)
{
    struct gsp_buffer *place = &cluster->disks[node][file];
    place->length = 0;
    int rc = gsp_buffer_append(place, bytes, length);
    assert(rc == 0);
}

static void play_stored(struct cluster *cluster, const struct event *event)
{
    bool full = cluster->full[event->node];
    if (!full) cluster_put(cluster, event->node, event->file, event->bytes, event->length);
    tell_stored(cluster->peers[event->node], event->file, full ? "No space left on device; make room" : NULL,
                cluster->now);
}

static void play_answer(struct cluster *cluster, const struct event *event)
{
    struct gsp_answer answer;
    if (event->life != cluster->lives[event->node]) return; /* it died before it was done */
    if (cluster->away[event->node] || cluster->mute[event->node]) return;
    if (later_answer(cluster->problems[event->node], &event->question, (const double *)(const void *)event->bytes,
                     event->save, &answer))
        tell_answer(cluster->peers[event->node], &answer, cluster->now);
}

void cluster_answer(struct cluster *cluster, size_t node, const struct gsp_answer *answer)
{
    tell_answer(cluster->peers[node], answer, cluster->now);
    cluster_act(cluster, node);
}

/* What comes to a peer; it is running. */
static void play_at(struct cluster *cluster, const struct event *event)
{
    struct gsp_peer *peer = cluster->peers[event->node];
    switch (event->type) {
    case BYTES:
        play_bytes(cluster, event);
        break;
    case SENT:
        tell_sent(peer, event->connection, event->length, cluster->now);
        break;
    case CONNECTED:
        play_connected(cluster, event);
        break;
    case DIAL_FAILED:
        tell_dial_failed(peer, (size_t)event->dialed, "no route", cluster->now);
        break;
    case DISCONNECTED:
        tell_disconnected(peer, event->connection, event->reason, cluster->now);
        break;
    case JOB:
        tell_job_done(peer, event->job, cluster->now);
        break;
    case STORED:
        play_stored(cluster, event);
        break;
    case ANSWER:
        play_answer(cluster, event);
        break;
    case PROBLEM_DIED:
        tell_problem_begun(peer, cluster->now);
        break;
    case REQUEST:
        tell_request(peer, event->client, event->bytes, event->length, cluster->now);
        break;
    default:
        break;
    }
    cluster_act(cluster, event->node);
}

static void play(struct cluster *cluster, const struct event *event)
{
    switch (event->type) {
    case CUT:
        play_cut(cluster);
        break;
    case PARTITION:
        play_partition(cluster, event->node, event->other);
        break;
    case HEAL:
        cluster->parted[event->node][event->other] = cluster->parted[event->other][event->node] = false;
        break;
    case PROBLEM_DIED:
        cluster->away[event->node]--;
        cluster->lives[event->node]++; /* what it was asked while it was away it never heard */
        if (cluster->peers[event->node]) play_at(cluster, event);
        break;
    default:
        if (cluster->peers[event->node]) play_at(cluster, event);
    }
    free(event->bytes);
}

static uint64_t next_deadline(const struct cluster *cluster, size_t *node)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < cluster->options.nodes; i++) {
        uint64_t deadline = cluster->peers[i] ? gsp_peer_deadline(cluster->peers[i]) : UINT64_MAX;
        if (deadline < least) {
            least = deadline;
            *node = i;
        }
    }
    return least;
}

bool cluster_play(struct cluster *cluster, bool (*done)(const struct cluster *cluster), uint64_t until)
{
    while (!done || !done(cluster)) {
        size_t node = 0;
        uint64_t deadline = next_deadline(cluster, &node);
        uint64_t arrival = cluster->event_count ? cluster->events[0].at : UINT64_MAX;
        uint64_t at = arrival <= deadline ? arrival : deadline;
        if (at >= until) {
            if (until > cluster->now) cluster->now = until;
            return false;
        }
        if (at > cluster->now) cluster->now = at;
        if (arrival <= deadline) {
            struct event event = cluster_next_event(cluster);
            play(cluster, &event);
        } else {
            tell_tick(cluster->peers[node], cluster->now);
            cluster_act(cluster, node);
            cluster->ticks++;
        }
    }
    return true;
}

/* ---- requests ---- */

void cluster_request(struct cluster *cluster, size_t node, uint64_t at, const struct gsp_request *what,
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
    assert(client < CLUSTER_CLIENTS_MAX);
    cluster->replies[client] = reply;
    cluster_schedule(cluster, at,
                     (struct event){.type = REQUEST, .node = node, .client = client, .bytes = body, .length = length});
}

void cluster_start(struct cluster *cluster, size_t node, uint64_t at, const char *settings, struct cluster_reply *reply)
{
    char text[1024];
    snprintf(text, sizeof text, "%s", settings);
    cluster_request(cluster, node, at, &(struct gsp_request){.type = GSP_REQ_START, .settings = text}, reply);
}

void cluster_stop(struct cluster *cluster, size_t node, uint64_t at, bool now, struct cluster_reply *reply)
{
    cluster_request(cluster, node, at, &(struct gsp_request){.type = GSP_REQ_STOP, .now = now}, reply);
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

const struct gsp_network *cluster_network(const struct cluster *cluster)
{
    return cluster->network;
}

const uint8_t *cluster_secret_key(const struct cluster *cluster, size_t node)
{
    return cluster->secrets[node];
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

size_t cluster_ticks(const struct cluster *cluster)
{
    return cluster->ticks;
}

bool cluster_ended(const struct cluster *cluster)
{
    const struct gsp_run_key *key = NULL;
    for (size_t i = 0; i < cluster->options.nodes; i++) {
        const struct gsp_peer *peer = cluster->peers[i];
        if (!peer) continue;
        if (!key) key = &look_state(peer)->run;
        if (!look_run(peer).there || look_run(peer).stage != LOOK_ENDED || look_start(peer).active) return false;
        if (gsp_run_key_compare(&look_state(peer)->run, key) != 0) return false;
    }
    return true;
}

/* ---- what many tests need ---- */

struct cluster *cluster_small(const char *topology, size_t nodes, size_t absent, size_t features)
{
    struct cluster_options options = {.seed = 11,
                                      .nodes = nodes,
                                      .topology = topology,
                                      .absent = absent,
                                      .delay_max = 5,
                                      .job_max = 5,
                                      .features = features,
                                      .rows = 8,
                                      .objective = "linear",
                                      .memory_limit = 32 << 20};
    return cluster_new(&options);
}

void cluster_play_for(struct cluster *cluster, uint64_t time)
{
    cluster_play(cluster, NULL, cluster_now(cluster) + time);
}

void cluster_start_now(struct cluster *cluster, size_t node, const char *settings, struct cluster_reply *reply)
{
    cluster_start(cluster, node, cluster_now(cluster) + 1, settings, reply);
}
