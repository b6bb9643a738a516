/* The nodes of a cluster: their network file and data, births and deaths. */
#include "sim/inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/commands.h"
#include "sim/later.h"
#include "sim/tell.h"

static void make_network(struct cluster *cluster)
{
    char text[32768];
    size_t used =
        (size_t)snprintf(text, sizeof text, "[Network]\nName = virtual\nTopology = %s\n", cluster->options.topology);
    for (size_t i = 0; i < cluster->options.nodes; i++) {
        uint8_t public_key[GSP_KEY_BYTES];
        char encoded[45];
        gsp_stream_bytes(&cluster->random, cluster->secrets[i], GSP_KEY_BYTES);
        int rc = gsp_public_key(public_key, cluster->secrets[i]);
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
    (void)level;
    fprintf(stderr, "%s: %s\n", (const char *)context, message);
}

static void free_problem(struct cluster *cluster, size_t i)
{
    if (cluster->options.problem == CLUSTER_AT_ONCE)
        gsp_problem_free(cluster->problems[i]);
    else
        later_free(cluster->problems[i]);
    cluster->problems[i] = NULL;
}

/* A life of a node begins with the data that it has by then. */
static void make_problem(struct cluster *cluster, size_t i)
{
    free_problem(cluster, i);
    if (cluster->options.problem != CLUSTER_AT_ONCE) {
        cluster->problems[i] = later_new(cluster->data[i], cluster->makers[i] ? cluster->makers[i] : "a test",
                                         cluster->options.problem >= CLUSTER_STATEFUL);
        if (cluster->options.problem == CLUSTER_FORGETFUL) later_forget(cluster->problems[i]);
        cluster->lives[i]++;
        return;
    }
    int rc = gsp_problem_dataset(&cluster->problems[i], cluster->data[i], NULL);
    assert(rc == 0);
}

void cluster_set_maker(struct cluster *cluster, size_t node, const char *fingerprint)
{
    cluster->makers[node] = fingerprint;
}

void cluster_kill_problem(struct cluster *cluster, size_t node, uint64_t away)
{
    later_die(cluster->problems[node]);
    cluster->lives[node]++;
    cluster->away[node]++;
    cluster_schedule(cluster, cluster->now + away, (struct event){.type = PROBLEM_DIED, .node = node});
}

void cluster_mute_problem(struct cluster *cluster, size_t node, bool mute)
{
    cluster->mute[node] = mute;
}

static void make_peer(struct cluster *cluster, size_t i)
{
    make_problem(cluster, i);
    struct gsp_peer_config config = {
        .network = cluster->network,
        .graph = cluster->graph,
        .self = i,
        .problem = cluster->problems[i],
        .memory_limit = cluster->options.memory_limit,
        .version = "test",
        .commands = daemon_commands,
    };
    for (enum gsp_keep file = 0; file < GSP_KEEP_COUNT; file++)
        if (cluster->disks[i][file].length)
            config.files[file] = (struct gsp_kept_file){cluster->disks[i][file].data, cluster->disks[i][file].length};
    if (getenv("CLUSTER_LOG")) config.log = (struct gsp_log){log_to_stderr, (void *)cluster->network->nodes[i].name};
    if (cluster->files[i]) {
        struct gsp_problems problems = {0};
        gsp_graph_free(cluster->born_graph[i]);
        gsp_network_free(cluster->born_network[i]);
        cluster_read_file(cluster, i, &cluster->born_network[i], &cluster->born_graph[i], &problems);
        assert(problems.count == 0);
        config.network = cluster->born_network[i];
        config.graph = cluster->born_graph[i];
        config.self = (size_t)gsp_network_find(config.network, cluster->network->nodes[i].name);
    }
    memcpy(config.secret_key, cluster->secrets[i], GSP_KEY_BYTES);
    gsp_stream_bytes(&cluster->random, config.entropy, sizeof config.entropy);
    struct gsp_error error = {0};
    int rc = gsp_peer_new(&cluster->peers[i], &config, cluster->now, &error);
    if (rc) fprintf(stderr, "%s\n", error.message);
    assert(rc == 0);
}

static void plan_faults(struct cluster *cluster)
{
    const struct cluster_options *o = &cluster->options;
    for (size_t i = 0; i < o->cuts; i++)
        cluster_schedule(cluster, cluster_some(cluster, o->cut_until), (struct event){.type = CUT});
    for (size_t i = 0; i < o->partitions; i++) {
        size_t a = cluster_some(cluster, o->nodes - 1), b = cluster_some(cluster, o->nodes - 1);
        if (a == b) continue;
        cluster_schedule(cluster, cluster_some(cluster, o->cut_until),
                         (struct event){.type = PARTITION, .node = a, .other = b});
    }
}

struct cluster *cluster_new(const struct cluster_options *options)
{
    struct cluster *cluster = gsp_alloc(1, sizeof *cluster);
    uint8_t key[32];
    assert(cluster && options->nodes <= CLUSTER_NODES_MAX);
    cluster->options = *options;
    cluster->now = 1000;
    gsp_stream_key(key, options->seed, "cluster", "test");
    gsp_stream_init(&cluster->random, key, 0);
    make_network(cluster);
    make_data(cluster);
    for (size_t i = 0; i + options->absent < options->nodes; i++) make_peer(cluster, i);
    plan_faults(cluster);
    for (size_t i = 0; i + options->absent < options->nodes; i++) {
        tell_tick(cluster->peers[i], cluster->now);
        cluster_act(cluster, i);
    }
    return cluster;
}

static void finish_job(struct gsp_peer *peer, struct gsp_job *job, uint64_t now)
{
    gsp_job_cancel(job);
    tell_job_done(peer, job, now);
}

/* A job that is out must come back first; what the peer still wants done is not done any more. */
static void free_peer(struct cluster *cluster, size_t node, struct gsp_job *job)
{
    struct gsp_peer *peer = cluster->peers[node];
    struct gsp_action action;
    if (!peer) return;
    tell_shutdown(peer, cluster->now);
    if (job) finish_job(peer, job, cluster->now);
    while (gsp_peer_next_action(peer, &action)) {
        if (action.type == GSP_ACTION_JOB) finish_job(peer, action.job, cluster->now);
        if (action.type != GSP_ACTION_STORE) free(action.bytes);
    }
    gsp_peer_free(peer);
    cluster->peers[node] = NULL;
}

/* Takes out of the queue what would come to a node from its sockets and its threads; returns its job. */
static struct gsp_job *forget_events(struct cluster *cluster, size_t node)
{
    struct gsp_job *job = NULL;
    for (size_t i = 0; i < cluster->event_count; i++) {
        struct event *event = &cluster->events[i];
        if (event->node != node || event->type > STORED) continue;
        if (event->type == JOB) job = event->job;
        if (event->type == STORED && !cluster->full[node] && cluster_some(cluster, 1))
            cluster_put(cluster, node, event->file, event->bytes, event->length);
        free(event->bytes);
        event->bytes = NULL;
        event->type = NOTHING;
    }
    return job;
}

void cluster_kill(struct cluster *cluster, size_t node)
{
    assert(cluster->peers[node]);
    free_peer(cluster, node, forget_events(cluster, node));
    for (size_t i = 0; i < cluster->wire_count; i++) {
        struct wire *wire = &cluster->wires[i];
        if (wire->ends[0] != node && wire->ends[1] != node) continue;
        wire->open[wire->ends[1] == node] = false; /* nobody is there to be told */
        cluster_wire_reset(cluster, wire);
    }
}

void cluster_revive(struct cluster *cluster, size_t node)
{
    assert(!cluster->peers[node]);
    make_peer(cluster, node);
    tell_tick(cluster->peers[node], cluster->now);
    cluster_act(cluster, node);
}

void cluster_wipe(struct cluster *cluster, size_t node)
{
    assert(!cluster->peers[node]);
    for (enum gsp_keep file = 0; file < GSP_KEEP_COUNT; file++) cluster->disks[node][file].length = 0;
}

void cluster_damage(struct cluster *cluster, size_t node, enum gsp_keep file)
{
    struct gsp_buffer *bytes = &cluster->disks[node][file], *slots = cluster->disks[node];
    const struct gsp_buffer *twin =
        file == GSP_KEEP_CHECKPOINT_A ? &slots[GSP_KEEP_CHECKPOINT_B] : &slots[GSP_KEEP_CHECKPOINT_A];
    struct gsp_kept kept;
    assert(!cluster->peers[node]);
    if (!bytes->length) return;
    /* Both slots at once are a lost disk. */
    if (twin->length && gsp_kept_read(&kept, GSP_KEPT_CHECKPOINT, twin->data, twin->length, NULL)) return;
    uint64_t place = cluster_some(cluster, bytes->length - 1);
    if (cluster_some(cluster, 1))
        bytes->length = (size_t)place; /* torn */
    else
        bytes->data[place] ^= (uint8_t)(1 << cluster_some(cluster, 7));
}

void cluster_fill(struct cluster *cluster, size_t node, bool full)
{
    cluster->full[node] = full;
}

void cluster_free(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->options.nodes; i++) {
        free_peer(cluster, i, forget_events(cluster, i)); /* which may still put something on the disk */
        for (enum gsp_keep file = 0; file < GSP_KEEP_COUNT; file++) gsp_buffer_clear(&cluster->disks[i][file]);
        free_problem(cluster, i);
        gsp_dataset_free(cluster->data[i]);
        gsp_buffer_clear(&cluster->histories[i]);
        gsp_graph_free(cluster->born_graph[i]);
        gsp_network_free(cluster->born_network[i]);
    }
    for (size_t i = 0; i < cluster->event_count; i++) free(cluster->events[i].bytes);
    cluster_wires_free(cluster);
    gsp_graph_free(cluster->graph);
    gsp_network_free(cluster->network);
    free(cluster->events);
    free(cluster);
}
