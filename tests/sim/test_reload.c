/* Network files that change while the nodes run: between runs and during them, in any order of hosts. `test_reload
 * SEED` plays one seed of the random histories; CLUSTER_LOG=1 shows its logs. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/node.h"
#include "sim/cluster.h"
#include "sim/look.h"
#include "unit/run_suite.h"

enum { NODES = 5, FEATURES = 4, FIRST_SEED = 1, SEEDS = 60, LONG = 20 * 60 * 1000, HEALED = 4000 };

static uint64_t below(struct gsp_stream *random, uint64_t bound)
{
    return gsp_stream_below(random, bound);
}

static void seeded(struct gsp_stream *random, uint64_t seed)
{
    uint8_t key[32];
    gsp_stream_key(key, seed, "reload", "test");
    gsp_stream_init(random, key, 0);
}

/* ---- files ---- */

struct file {
    const char *topology, *members; /* "0124": nodes 0, 1, 2 and 4 */
    const char *moved, *silent;     /* those whose Endpoint is another, or none; NULL: nobody */
    const char *name;               /* of the network; NULL: the one that they begin with */
    char text[2048];
};

static bool among(const char *members, size_t node)
{
    return members && strchr(members, (int)('0' + node));
}

static const char *written(struct file *file, const struct cluster *cluster)
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

/* ---- clusters ---- */

static struct cluster *make(uint64_t seed, const char *topology, size_t cuts)
{
    struct cluster_options options = {.seed = seed,
                                      .nodes = NODES,
                                      .topology = topology,
                                      .delay_max = 1 + seed % 40,
                                      .job_max = seed % 7,
                                      .cuts = cuts,
                                      .cut_until = 30000,
                                      .features = FEATURES,
                                      .rows = 8,
                                      .objective = "linear"};
    return cluster_new(&options);
}

static void write_all(struct cluster *cluster, struct file *file)
{
    for (size_t i = 0; i < NODES; i++) cluster_write_file(cluster, i, written(file, cluster));
}

/* Every node that the file lists reloads within so many milliseconds. */
static void reload_all(struct cluster *cluster, struct file *file, struct gsp_stream *random, uint64_t within,
                       struct cluster_reply replies[NODES])
{
    write_all(cluster, file);
    for (size_t i = 0; i < NODES; i++) {
        replies[i] = (struct cluster_reply){0};
        if (among(file->members, i) && cluster_peer(cluster, i))
            cluster_reload(cluster, i, cluster_now(cluster) + 1 + below(random, within), &replies[i]);
    }
}

/* A link that is not up, if there is one. */
static struct look_link down_link(const struct cluster *cluster, size_t i)
{
    const struct gsp_peer *peer = cluster_peer(cluster, i);
    for (size_t slot = 0; slot < look_link_count(peer); slot++)
        if (!look_link(peer, slot).up) return look_link(peer, slot);
    return (struct look_link){.up = true};
}

/* All members are in the file's network, and all their links are up. */
static void check_healed(const struct cluster *cluster, const struct file *file)
{
    for (size_t i = 0; i < NODES; i++) {
        if (!among(file->members, i)) continue;
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        struct gsp_summary summary;
        look_summary(cluster_peer(cluster, i), &summary);
        ck_assert_msg(!look_reload_pends(peer), "node %zu: %s", i, summary.reason);
        ck_assert_uint_eq(gsp_peer_network(peer)->count, strlen(file->members));
        struct look_link down = down_link(cluster, i);
        ck_assert_msg(down.up, "node %zu: its link to %s is down: %s", i, gsp_peer_network(peer)->nodes[down.node].name,
                      down.detail);
    }
}

/* ---- results ---- */

static double results[NODES][FEATURES]; /* of the undisturbed run; a test is a process of its own */

static bool ended_among(const struct cluster *cluster, const char *members)
{
    for (size_t i = 0; i < NODES; i++) {
        if (!among(members, i)) continue;
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        if (!look_run(peer).there || look_run(peer).stage != LOOK_ENDED || look_start(peer).active) return false;
        if (gsp_run_key_compare(&look_state(peer)->run, &look_state(cluster_peer(cluster, 0))->run) != 0) return false;
    }
    return true;
}

static bool first_four_ended(const struct cluster *cluster)
{
    return ended_among(cluster, "0123");
}

/* The next run, by all members of the file: to its end, done, with what it comes to. */
static void play_run(struct cluster *cluster, const struct file *file, size_t origin, const double *out[NODES])
{
    struct cluster_reply reply = {0};
    cluster_start_now(cluster, origin, CLUSTER_SETTINGS, &reply);
    cluster_play_for(cluster, 10);
    uint64_t until = cluster_now(cluster) + LONG;
    while (!reply.done && cluster_now(cluster) < until) cluster_play_for(cluster, 500);
    ck_assert_msg(reply.exit_code == 0, "start: %s", reply.message);
    while (!ended_among(cluster, file->members) && cluster_now(cluster) < until) cluster_play_for(cluster, 500);
    for (size_t i = 0; i < NODES; i++) {
        if (!among(file->members, i)) continue;
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        ck_assert(ended_among(cluster, file->members));
        ck_assert_msg(look_run(peer).end == GSP_PHASE_DONE, "%s", look_state(peer)->abort_reason);
        out[i] = gsp_node_x(look_node(peer));
    }
}

/* What a run comes to on the file's network when nothing disturbs it. */
static void undisturbed(uint64_t seed, struct file *file)
{
    struct gsp_stream random;
    struct cluster_reply replies[NODES];
    const double *x[NODES] = {0};
    seeded(&random, seed);
    struct cluster *cluster = make(seed, "ring", 0);
    reload_all(cluster, file, &random, 10, replies);
    cluster_play_for(cluster, 2 * HEALED);
    play_run(cluster, file, 0, x);
    for (size_t i = 0; i < NODES; i++)
        if (x[i]) memcpy(results[i], x[i], sizeof results[i]);
    cluster_free(cluster);
}

static void check_results(const struct file *file, const double *x[NODES])
{
    for (size_t i = 0; i < NODES; i++)
        if (among(file->members, i))
            ck_assert_msg(memcmp(results[i], x[i], sizeof results[i]) == 0, "x of node %zu differs", i);
}

/* ---- between runs ---- */

/* The last node is taken out, on all hosts, in any order. */
START_TEST(removal_between_runs)
{
    struct file small = {.topology = "ring", .members = "0123"}, all = {.topology = "ring", .members = "01234"};
    struct cluster_reply replies[NODES];
    struct gsp_stream random;
    const double *x[NODES];
    undisturbed((uint64_t)_i, &small);
    seeded(&random, (uint64_t)_i);
    struct cluster *cluster = make((uint64_t)_i, "ring", 0);
    play_run(cluster, &all, (size_t)_i % NODES, x);
    reload_all(cluster, &small, &random, 8000, replies);
    cluster_play_for(cluster, 8000 + HEALED);
    check_healed(cluster, &small);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(replies[i].exit_code, 0);
        ck_assert_msg(strstr(replies[i].message, "removed n005") != NULL, "%s", replies[i].message);
    }
    ck_assert(!down_link(cluster, 4).up);                                   /* nobody accepts the node that is out */
    ck_assert_uint_eq(look_heard(cluster_peer(cluster, 3), 1)->rounds, 50); /* what was known stays known */
    play_run(cluster, &small, (size_t)_i % 4, x);
    check_results(&small, x);
    ck_assert_uint_eq(look_state(cluster_peer(cluster, 0))->run.epoch, 2);
    cluster_free(cluster);
}
END_TEST

/* A node joins: its gossipd starts with the new file before, while or after the others reload it. */
START_TEST(addition_between_runs)
{
    struct file small = {.topology = "ring", .members = "0123"}, all = {.topology = "ring", .members = "40123"};
    struct cluster_reply replies[NODES];
    struct gsp_stream random;
    const double *x[NODES];
    undisturbed((uint64_t)_i, &all);
    seeded(&random, (uint64_t)_i);
    struct cluster *cluster = make((uint64_t)_i, "ring", 0);
    cluster_kill(cluster, 4);
    reload_all(cluster, &small, &random, 10, replies);
    cluster_play_for(cluster, HEALED);
    play_run(cluster, &small, 1, x);
    reload_all(cluster, &all, &random, 8000, replies);
    cluster_play_for(cluster, below(&random, 10000));
    cluster_revive(cluster, 4);
    cluster_play_for(cluster, 8000 + HEALED);
    check_healed(cluster, &all);
    play_run(cluster, &all, _i % 2 ? 4 : 2, x);
    check_results(&all, x);
    cluster_free(cluster);
}
END_TEST

static void restart(struct cluster *cluster, size_t node)
{
    cluster_kill(cluster, node);
    cluster_play_for(cluster, 300);
    cluster_revive(cluster, node);
}

/* A restart does for a reload, and a node that is restarted after one has no part in the run before it. */
START_TEST(restarts_between_runs)
{
    struct file small = {.topology = "ring", .members = "0123"}, all = {.topology = "ring", .members = "01234"};
    struct cluster_reply reply[3] = {0};
    const double *x[NODES];
    undisturbed((uint64_t)_i, &small);
    struct cluster *cluster = make((uint64_t)_i, "ring", 0);
    play_run(cluster, &all, 0, x);
    write_all(cluster, &small);
    cluster_play_for(cluster, HEALED);
    for (size_t i = 0; i < 3; i++) cluster_reload(cluster, i, cluster_now(cluster) + 1000 * i, &reply[i]);
    restart(cluster, 3);
    cluster_play_for(cluster, 3000 + HEALED);
    restart(cluster, 1);
    cluster_play_for(cluster, HEALED);
    check_healed(cluster, &small);
    ck_assert(!look_run(cluster_peer(cluster, 1)).there);
    ck_assert_uint_eq(look_result(cluster_peer(cluster, 1)).d, FEATURES); /* for dump, and init=last */
    play_run(cluster, &small, (size_t)_i % 4, x);
    check_results(&small, x);
    cluster_free(cluster);
}
END_TEST

/* While only some have the new file, a start names who is missing, and nothing of a run begins. */
START_TEST(half_reloaded)
{
    struct file complete = {.topology = "complete", .members = "01234"};
    struct cluster *cluster = make(3, "ring", 0);
    struct cluster_reply reload = {0}, start = {0};
    write_all(cluster, &complete);
    cluster_play_for(cluster, HEALED);
    uint64_t received = look_link_to(cluster_peer(cluster, 2), 1).receiving;
    cluster_reload(cluster, 2, cluster_now(cluster) + 1, &reload);
    cluster_play_for(cluster, 3000);
    ck_assert_msg(strstr(reload.message, "in force") != NULL, "%s", reload.message);
    ck_assert_msg(strstr(down_link(cluster, 1).detail, "gossipctl reload") != NULL, "%s", down_link(cluster, 1).detail);
    ck_assert_msg(strstr(down_link(cluster, 2).detail, "gossipctl reload") != NULL, "%s", down_link(cluster, 2).detail);
    for (size_t i = 0; i < NODES; i++) /* what it knew of the others it knows still */
        ck_assert_uint_eq(look_heard(cluster_peer(cluster, 2), i)->rows, 8);
    ck_assert_uint_ge(look_link_to(cluster_peer(cluster, 2), 1).received, received);
    cluster_start_now(cluster, 0, CLUSTER_SETTINGS "timeout=5\n", &start);
    cluster_play_for(cluster, 7000);
    ck_assert_int_eq(start.exit_code, 1);
    ck_assert_msg(strstr(start.message, "n003") != NULL, "%s", start.message);
    cluster_free(cluster);
}
END_TEST

/* Who has no Endpoint is dialed by nobody, and still finds soon that the other end has reloaded. */
START_TEST(without_endpoint)
{
    struct file before = {.topology = "star", .members = "01234", .silent = "1234"};
    struct file after = {.topology = "star", .members = "0123", .silent = "123"};
    struct cluster_reply replies[NODES], others[3] = {0}, last = {0};
    struct gsp_stream random;
    seeded(&random, 1);
    struct cluster *cluster = make(1, "star", 0);
    reload_all(cluster, &before, &random, 10, replies);
    cluster_play_for(cluster, HEALED);
    write_all(cluster, &after);
    for (size_t i = 1; i < 4; i++) cluster_reload(cluster, i, cluster_now(cluster) + i, &others[i - 1]);
    cluster_play_for(cluster, 60000);
    cluster_reload(cluster, 0, cluster_now(cluster), &last);
    cluster_play_for(cluster, HEALED);
    check_healed(cluster, &after);
    cluster_free(cluster);
}
END_TEST

/* ---- during a run ---- */

static void check_reason(const struct cluster *cluster, size_t i, const char *words)
{
    struct gsp_summary summary;
    look_summary(cluster_peer(cluster, i), &summary);
    ck_assert_msg(strstr(summary.reason, words) != NULL, "node %zu: %s", i, summary.reason);
}

/* Nobody leaves the old ring before its run has ended at the neighbours, too. */
static bool ring_left_in_order(const struct cluster *cluster)
{
    for (size_t i = 0; i < NODES; i++) {
        if (!look_run(cluster_peer(cluster, i)).there || !look_run(cluster_peer(cluster, i)).over) continue;
        ck_assert_int_eq(look_run(cluster_peer(cluster, (i + 1) % NODES)).stage, LOOK_ENDED);
        ck_assert_int_eq(look_run(cluster_peer(cluster, (i + NODES - 1) % NODES)).stage, LOOK_ENDED);
    }
    return cluster_ended(cluster);
}

/* Other edges: the run goes on to its end on those that it began with, and then they count. */
START_TEST(other_edges_during_a_run)
{
    struct file ring = {.topology = "ring", .members = "01234"},
                complete = {.topology = "complete", .members = "01234"};
    struct cluster_reply replies[NODES], start = {0};
    struct gsp_stream random;
    const double *x[NODES];
    undisturbed((uint64_t)_i, &ring);
    seeded(&random, (uint64_t)_i);
    struct cluster *cluster = make((uint64_t)_i, "ring", 30);
    cluster_play_for(cluster, HEALED);
    cluster_start_now(cluster, 0, CLUSTER_SETTINGS, &start);
    cluster_play_for(cluster, 300);
    ck_assert_int_eq(start.exit_code, 0);
    ck_assert(!cluster_ended(cluster));
    reload_all(cluster, &complete, &random, 500 + 3000 * (_i % 2), replies);
    ck_assert(cluster_play(cluster, ring_left_in_order, LONG));
    for (size_t i = 0; i < NODES; i++) x[i] = gsp_node_x(look_node(cluster_peer(cluster, i)));
    check_results(&ring, x);
    cluster_play_for(cluster, 40000); /* until the last cut is healed, too */
    for (size_t i = 0; i < NODES; i++) ck_assert_int_eq(look_run(cluster_peer(cluster, i)).end, GSP_PHASE_DONE);
    check_healed(cluster, &complete);
    undisturbed((uint64_t)_i, &complete);
    play_run(cluster, &complete, 3, x);
    check_results(&complete, x);
    cluster_free(cluster);
}
END_TEST

START_TEST(removal_during_a_run)
{
    struct file small = {.topology = "ring", .members = "0123"};
    struct cluster_reply replies[NODES], start = {0}, stop = {0};
    struct gsp_stream random;
    const double *x[NODES];
    undisturbed((uint64_t)_i, &small);
    seeded(&random, (uint64_t)_i);
    struct cluster *cluster = make((uint64_t)_i, "ring", 0);
    cluster_play_for(cluster, HEALED);
    cluster_start_now(cluster, 4, CLUSTER_ENDLESS, &start);
    cluster_play_for(cluster, 2000);
    ck_assert_int_eq(start.exit_code, 0);
    reload_all(cluster, &small, &random, 100, replies);
    cluster_play_for(cluster, 101 + 2 * (1 + (uint64_t)_i % 40));
    for (size_t slot = 0; slot < 2; slot++) ck_assert(!look_link(cluster_peer(cluster, 4), slot).up); /* at once */
    cluster_play_for(cluster, 60000);
    for (size_t slot = 0; slot < 2; slot++) { /* and for good */
        struct look_link link = look_link(cluster_peer(cluster, 4), slot);
        ck_assert(!link.up);
        ck_assert_msg(*link.detail, "no word why");
    }
    for (size_t i = 0; i < 4; i++) {
        ck_assert_msg(strstr(replies[i].message, "waits for the end of run 1") != NULL, "%s", replies[i].message);
        check_reason(cluster, i, "n005 is not in it any more");
        ck_assert(look_run(cluster_peer(cluster, i)).waiting);
    }
    cluster_stop(cluster, (size_t)_i % 4, cluster_now(cluster) + 1, true, &stop);
    ck_assert(cluster_play(cluster, first_four_ended, LONG));
    cluster_play_for(cluster, HEALED);
    check_healed(cluster, &small);
    play_run(cluster, &small, 2, x);
    check_results(&small, x);
    cluster_free(cluster);
}
END_TEST

static bool hub_has_lost_a_leaf(const struct cluster *cluster)
{
    return !down_link(cluster, 0).up;
}

/* The hub of a star moves; the leaves, which nobody can dial, learn where to, and the run goes on to its exact end. */
START_TEST(endpoint_during_a_run)
{
    struct file star = {.topology = "star", .members = "01234", .silent = "1234"};
    struct file moved = {.topology = "star", .members = "04321", .silent = "1234", .moved = "0"};
    struct cluster_reply replies[NODES], start = {0};
    struct gsp_stream random;
    const double *x[NODES];
    undisturbed((uint64_t)_i, &star);
    seeded(&random, (uint64_t)_i);
    struct cluster *cluster = make((uint64_t)_i, "star", 200);
    reload_all(cluster, &star, &random, 10, replies);
    cluster_play_for(cluster, HEALED);
    for (size_t i = 0; i < NODES; i++)
        ck_assert_msg(strstr(replies[i].message, "moved") != NULL, "%s", replies[i].message);
    cluster_start_now(cluster, 0, CLUSTER_SETTINGS "rounds=400\n", &start);
    cluster_play_for(cluster, 1000);
    cluster_move(cluster, 0);
    ck_assert(cluster_play(cluster, hub_has_lost_a_leaf, LONG));
    cluster_play_for(cluster, 20000);
    ck_assert(!cluster_ended(cluster));
    ck_assert(hub_has_lost_a_leaf(cluster));
    reload_all(cluster, &moved, &random, 1000, replies);
    ck_assert(cluster_play(cluster, cluster_ended, LONG));
    for (size_t i = 0; i < NODES; i++) {
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        ck_assert_str_eq(replies[i].message, "moved n001");
        ck_assert_int_eq(look_run(peer).end, GSP_PHASE_DONE);
        x[i] = gsp_node_x(look_node(peer));
    }
    struct cluster *still = make((uint64_t)_i, "star", 0);
    cluster_play_for(still, HEALED);
    start = (struct cluster_reply){0};
    cluster_start_now(still, 0, CLUSTER_SETTINGS "rounds=400\n", &start);
    ck_assert(cluster_play(still, cluster_ended, LONG));
    for (size_t i = 0; i < NODES; i++) {
        const double *want = gsp_node_x(look_node(cluster_peer(still, i)));
        ck_assert(memcmp(x[i], want, FEATURES * sizeof *want) == 0);
    }
    cluster_free(still);
    cluster_free(cluster);
}
END_TEST

/* Changed and changed back during a run: nothing waits any more, and who was cut off is back. */
START_TEST(changed_back)
{
    struct file small = {.topology = "ring", .members = "0123"}, all = {.topology = "ring", .members = "01234"};
    struct cluster_reply replies[NODES], start = {0};
    struct gsp_stream random;
    const double *x[NODES];
    undisturbed(7, &all);
    seeded(&random, 7);
    struct cluster *cluster = make(7, "ring", 0);
    cluster_play_for(cluster, HEALED);
    cluster_start_now(cluster, 1, CLUSTER_SETTINGS, &start);
    cluster_play_for(cluster, 200);
    reload_all(cluster, &small, &random, 10, replies);
    cluster_play_for(cluster, 20000);
    ck_assert(!cluster_ended(cluster));
    reload_all(cluster, &all, &random, 10, replies);
    ck_assert(cluster_play(cluster, cluster_ended, LONG));
    for (size_t i = 0; i < NODES; i++) x[i] = gsp_node_x(look_node(cluster_peer(cluster, i)));
    check_results(&all, x);
    check_healed(cluster, &all);
    cluster_free(cluster);
}
END_TEST

/* ---- files that are not taken ---- */

static void refused(struct cluster *cluster, const char *text, const char *words, const char *count)
{
    struct cluster_reply reply = {0};
    uint8_t hash[32];
    memcpy(hash, look_network_hash(cluster_peer(cluster, 0)), sizeof hash);
    cluster_write_file(cluster, 0, text);
    cluster_reload(cluster, 0, cluster_now(cluster) + 1, &reply);
    cluster_play_for(cluster, 10);
    ck_assert_int_eq(reply.exit_code, GSP_REPLY_CONFIG);
    ck_assert_msg(strstr(reply.before, words) != NULL, "%s", reply.before);
    ck_assert_msg(strstr(reply.message, count) != NULL, "%s", reply.message);
    ck_assert(memcmp(hash, look_network_hash(cluster_peer(cluster, 0)), sizeof hash) == 0);
    ck_assert(down_link(cluster, 0).up);
}

START_TEST(bad_files)
{
    struct file all = {.topology = "ring", .members = "01234"}, other = {.topology = "ring", .members = "1234"};
    struct file renamed = {.topology = "ring", .members = "01234", .name = "other"};
    struct cluster *cluster = make(5, "ring", 0);
    char bad[2048], *key;
    cluster_play_for(cluster, HEALED);
    snprintf(bad, sizeof bad, "%s[Nodes]\nName = n001\n", written(&all, cluster));
    refused(cluster, bad, "peers.conf:24: ", "1 problem");
    snprintf(bad, sizeof bad, "%sNext = 3\nEndpoint = host3\n", written(&all, cluster));
    refused(cluster, bad, "peers.conf:24: ", "2 problems");
    refused(cluster, written(&other, cluster), "peers.conf: lists no node n001, which this daemon is", "1 problem");
    refused(cluster, written(&renamed, cluster), "peers.conf: Name = other: ", "1 problem");
    snprintf(bad, sizeof bad, "%s", written(&all, cluster));
    key = strstr(bad, "PublicKey = ") + 12;
    memcpy(key, "AAAAAAAAAAAAAAAA", 16);
    refused(cluster, bad, "peers.conf:4: lists another PublicKey for n001", "1 problem");
    cluster_free(cluster);
}
END_TEST

/* ---- random histories ---- */

/* Files, starts, stops and restarts at random, with cuts; then one file for all: the network heals, and trains. */
START_TEST(random_histories)
{
    struct file files[] = {{.topology = "ring", .members = "01234"},
                           {.topology = "complete", .members = "0123"},
                           {.topology = "star", .members = "20134", .moved = "9"},
                           {.topology = "grid", .members = "0213"}};
    struct cluster_reply *replies = calloc(64, sizeof *replies), last[NODES];
    struct gsp_stream random;
    const double *x[NODES];
    size_t asked = 0;
    seeded(&random, (uint64_t)_i);
    struct file *final = &files[below(&random, 4)];
    undisturbed((uint64_t)_i, final);
    struct cluster *cluster = make((uint64_t)_i, "ring", below(&random, 40));
    for (size_t i = 0; i < 4; i++) written(&files[i], cluster);
    write_all(cluster, &files[0]);
    for (int act = 0; act < 40; act++) {
        size_t node = below(&random, NODES), kind = below(&random, 10);
        if (kind < 5) {
            cluster_write_file(cluster, node, files[below(&random, 4)].text);
            cluster_reload(cluster, node, cluster_now(cluster) + 1, &replies[asked++]);
        } else if (kind < 8) {
            cluster_start_now(cluster, node, below(&random, 2) ? CLUSTER_SETTINGS : CLUSTER_ENDLESS "timeout=3\n",
                              &replies[asked++]);
        } else {
            cluster_stop(cluster, node, cluster_now(cluster) + 1, below(&random, 2), &replies[asked++]);
        }
        cluster_play_for(cluster, below(&random, 3000));
    }
    cluster_play_for(cluster, 35000);  /* starts that still wait have begun a run by then, or given up */
    for (size_t i = 0; i < NODES; i++) /* whoever waits for a run that cannot end is told to end it */
        if (look_run(cluster_peer(cluster, i)).there && look_run(cluster_peer(cluster, i)).stage != LOOK_ENDED)
            cluster_stop(cluster, i, cluster_now(cluster) + 1, true, &replies[asked++]);
    reload_all(cluster, final, &random, 3000, last);
    cluster_play_for(cluster, 40000);
    check_healed(cluster, final);
    play_run(cluster, final, 0, x);
    check_results(final, x);
    cluster_free(cluster);
    free(replies);
}
END_TEST

/* All, or with one argument the random history of that seed. */
static Suite *suite(const char *one)
{
    Suite *suite = suite_create("reload");
    TCase *tests = tcase_create("reload");
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    if (one) {
        tcase_add_loop_test(tests, random_histories, atoi(one), atoi(one) + 1);
        return suite;
    }
    tcase_add_loop_test(tests, removal_between_runs, FIRST_SEED, FIRST_SEED + 10);
    tcase_add_loop_test(tests, addition_between_runs, FIRST_SEED, FIRST_SEED + 10);
    tcase_add_loop_test(tests, restarts_between_runs, FIRST_SEED, FIRST_SEED + 8);
    tcase_add_test(tests, half_reloaded);
    tcase_add_test(tests, without_endpoint);
    tcase_add_loop_test(tests, other_edges_during_a_run, FIRST_SEED, FIRST_SEED + 10);
    tcase_add_loop_test(tests, removal_during_a_run, FIRST_SEED, FIRST_SEED + 10);
    tcase_add_loop_test(tests, endpoint_during_a_run, FIRST_SEED, FIRST_SEED + 5);
    tcase_add_test(tests, changed_back);
    tcase_add_test(tests, bad_files);
    tcase_add_loop_test(tests, random_histories, FIRST_SEED, FIRST_SEED + SEEDS);
    return suite;
}

int main(int argc, char **argv)
{
    return run_suite(suite(argc == 2 ? argv[1] : NULL));
}
