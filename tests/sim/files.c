#include "sim/files.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "algo/node.h"

enum { LONG = 20 * 60 * 1000 };

void files_random(struct gsp_stream *random, uint64_t seed)
{
    uint8_t key[32];
    gsp_stream_key(key, seed, "reload", "test");
    gsp_stream_init(random, key, 0);
}

static bool among(const char *members, size_t node)
{
    return members && strchr(members, (int)('0' + node));
}

const char *files_text(struct file *file, const struct cluster *cluster)
{
    size_t used = (size_t)snprintf(file->text, sizeof file->text, "[Network]\nName = %s\nTopology = %s\n",
                                   file->name ? file->name : "virtual", file->topology);
    for (const char *member = file->members; *member; member++) {
        size_t i = (size_t)(*member - '0');
        char key[45];
        gsp_key_encode(key, cluster_network(cluster)->nodes[i].public_key);
        used += (size_t)snprintf(file->text + used, sizeof file->text - used, "[Node]\nName = n%03zu\nPublicKey = %s\n",
                                 i + 1, key);
        if (!among(file->silent, i))
            used += (size_t)snprintf(file->text + used, sizeof file->text - used, "Endpoint = %s%zu:7400\n",
                                     among(file->moved, i) ? "moved" : "host", i);
    }
    return file->text;
}

struct cluster *files_cluster(uint64_t seed, const char *topology, size_t cuts)
{
    struct cluster_options options = {.seed = seed,
                                      .nodes = FILES_NODES,
                                      .topology = topology,
                                      .delay_max = 1 + seed % 40,
                                      .job_max = seed % 7,
                                      .cuts = cuts,
                                      .cut_until = 30000,
                                      .features = FILES_FEATURES,
                                      .rows = 8,
                                      .objective = "linear"};
    return cluster_new(&options);
}

void files_write_all(struct cluster *cluster, struct file *file)
{
    for (size_t i = 0; i < FILES_NODES; i++) cluster_write_file(cluster, i, files_text(file, cluster));
}

void files_reload_all(struct cluster *cluster, struct file *file, struct gsp_stream *random, uint64_t within,
                      struct cluster_reply replies[FILES_NODES])
{
    files_write_all(cluster, file);
    for (size_t i = 0; i < FILES_NODES; i++) {
        replies[i] = (struct cluster_reply){0};
        if (among(file->members, i) && cluster_peer(cluster, i))
            cluster_reload(cluster, i, cluster_now(cluster) + 1 + gsp_stream_below(random, within), &replies[i]);
    }
}

struct look_link files_down_link(const struct cluster *cluster, size_t i)
{
    const struct gsp_peer *peer = cluster_peer(cluster, i);
    for (size_t slot = 0; slot < look_link_count(peer); slot++)
        if (!look_link(peer, slot).up) return look_link(peer, slot);
    return (struct look_link){.up = true};
}

void files_check_healed(const struct cluster *cluster, const struct file *file)
{
    for (size_t i = 0; i < FILES_NODES; i++) {
        if (!among(file->members, i)) continue;
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        struct gsp_summary summary;
        look_summary(cluster_peer(cluster, i), &summary);
        ck_assert_msg(!look_reload_pends(peer), "node %zu: %s", i, summary.reason);
        ck_assert_uint_eq(gsp_peer_network(peer)->count, strlen(file->members));
        struct look_link down = files_down_link(cluster, i);
        ck_assert_msg(down.up, "node %zu: its link to %s is down: %s", i, gsp_peer_network(peer)->nodes[down.node].name,
                      down.detail);
    }
}

static double results[FILES_NODES][FILES_FEATURES]; /* of the undisturbed run; a test is a process of its own */

bool files_ended_among(const struct cluster *cluster, const char *members)
{
    for (size_t i = 0; i < FILES_NODES; i++) {
        if (!among(members, i)) continue;
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        if (!look_run(peer).there || look_run(peer).stage != LOOK_ENDED || look_start(peer).active) return false;
        if (gsp_run_key_compare(&look_state(peer)->run, &look_state(cluster_peer(cluster, 0))->run) != 0) return false;
    }
    return true;
}

void files_play_run(struct cluster *cluster, const struct file *file, size_t origin, const double *out[FILES_NODES])
{
    struct cluster_reply reply = {0};
    cluster_start_now(cluster, origin, CLUSTER_SETTINGS, &reply);
    cluster_play_for(cluster, 10);
    uint64_t until = cluster_now(cluster) + LONG;
    while (!reply.done && cluster_now(cluster) < until) cluster_play_for(cluster, 500);
    ck_assert_msg(reply.exit_code == 0, "start: %s", reply.message);
    while (!files_ended_among(cluster, file->members) && cluster_now(cluster) < until) cluster_play_for(cluster, 500);
    for (size_t i = 0; i < FILES_NODES; i++) {
        if (!among(file->members, i)) continue;
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        ck_assert(files_ended_among(cluster, file->members));
        ck_assert_msg(look_run(peer).end == GSP_PHASE_DONE, "%s", look_state(peer)->abort_reason);
        out[i] = gsp_node_x(look_node(peer));
    }
}

void files_undisturbed(uint64_t seed, struct file *file)
{
    struct gsp_stream random;
    struct cluster_reply replies[FILES_NODES];
    const double *x[FILES_NODES] = {0};
    files_random(&random, seed);
    struct cluster *cluster = files_cluster(seed, "ring", 0);
    files_reload_all(cluster, file, &random, 10, replies);
    cluster_play_for(cluster, 2 * FILES_HEALED);
    files_play_run(cluster, file, 0, x);
    for (size_t i = 0; i < FILES_NODES; i++)
        if (x[i]) memcpy(results[i], x[i], sizeof results[i]);
    cluster_free(cluster);
}

void files_check_results(const struct file *file, const double *x[FILES_NODES])
{
    for (size_t i = 0; i < FILES_NODES; i++)
        if (among(file->members, i))
            ck_assert_msg(memcmp(results[i], x[i], sizeof results[i]) == 0, "x of node %zu differs", i);
}
