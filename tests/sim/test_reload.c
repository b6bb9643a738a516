/* Network files that change while the nodes run: between runs, in any order of hosts. `test_reload
 * SEED` plays one seed of the random histories; CLUSTER_LOG=1 shows its logs. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/files.h"
#include "unit/run_suite.h"

enum { FIRST_SEED = 1, SEEDS = 60 };

/* ---- between runs ---- */

/* The last node is taken out, on all hosts, in any order. */
START_TEST(removal_between_runs)
{
    struct file small = {.topology = "ring", .members = "0123"}, all = {.topology = "ring", .members = "01234"};
    struct cluster_reply replies[FILES_NODES];
    struct gsp_stream random;
    const double *x[FILES_NODES];
    files_undisturbed((uint64_t)_i, &small);
    files_random(&random, (uint64_t)_i);
    struct cluster *cluster = files_cluster((uint64_t)_i, "ring", 0);
    files_play_run(cluster, &all, (size_t)_i % FILES_NODES, x);
    files_reload_all(cluster, &small, &random, 8000, replies);
    cluster_play_for(cluster, 8000 + FILES_HEALED);
    files_check_healed(cluster, &small);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(replies[i].exit_code, 0);
        ck_assert_msg(strstr(replies[i].message, "removed n005") != NULL, "%s", replies[i].message);
    }
    ck_assert(!files_down_link(cluster, 4).up);                             /* nobody accepts the node that is out */
    ck_assert_uint_eq(look_heard(cluster_peer(cluster, 3), 1)->rounds, 50); /* what was known stays known */
    files_play_run(cluster, &small, (size_t)_i % 4, x);
    files_check_results(&small, x);
    ck_assert_uint_eq(look_state(cluster_peer(cluster, 0))->run.epoch, 2);
    cluster_free(cluster);
}
END_TEST

/* A node joins: its gossipd starts with the new file before, while or after the others reload it. */
START_TEST(addition_between_runs)
{
    struct file small = {.topology = "ring", .members = "0123"}, all = {.topology = "ring", .members = "40123"};
    struct cluster_reply replies[FILES_NODES];
    struct gsp_stream random;
    const double *x[FILES_NODES];
    files_undisturbed((uint64_t)_i, &all);
    files_random(&random, (uint64_t)_i);
    struct cluster *cluster = files_cluster((uint64_t)_i, "ring", 0);
    cluster_kill(cluster, 4);
    files_reload_all(cluster, &small, &random, 10, replies);
    cluster_play_for(cluster, FILES_HEALED);
    files_play_run(cluster, &small, 1, x);
    files_reload_all(cluster, &all, &random, 8000, replies);
    cluster_play_for(cluster, gsp_stream_below(&random, 10000));
    cluster_revive(cluster, 4);
    cluster_play_for(cluster, 8000 + FILES_HEALED);
    files_check_healed(cluster, &all);
    files_play_run(cluster, &all, _i % 2 ? 4 : 2, x);
    files_check_results(&all, x);
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
    const double *x[FILES_NODES];
    files_undisturbed((uint64_t)_i, &small);
    struct cluster *cluster = files_cluster((uint64_t)_i, "ring", 0);
    files_play_run(cluster, &all, 0, x);
    files_write_all(cluster, &small);
    cluster_play_for(cluster, FILES_HEALED);
    for (size_t i = 0; i < 3; i++) cluster_reload(cluster, i, cluster_now(cluster) + 1000 * i, &reply[i]);
    restart(cluster, 3);
    cluster_play_for(cluster, 3000 + FILES_HEALED);
    restart(cluster, 1);
    cluster_play_for(cluster, FILES_HEALED);
    files_check_healed(cluster, &small);
    ck_assert(!look_run(cluster_peer(cluster, 1)).there);
    ck_assert_uint_eq(look_result(cluster_peer(cluster, 1)).d, FILES_FEATURES); /* for dump, and init=last */
    files_play_run(cluster, &small, (size_t)_i % 4, x);
    files_check_results(&small, x);
    cluster_free(cluster);
}
END_TEST

/* While only some have the new file, a start names who is missing, and nothing of a run begins. */
START_TEST(half_reloaded)
{
    struct file complete = {.topology = "complete", .members = "01234"};
    struct cluster *cluster = files_cluster(3, "ring", 0);
    struct cluster_reply reload = {0}, start = {0};
    files_write_all(cluster, &complete);
    cluster_play_for(cluster, FILES_HEALED);
    uint64_t received = look_link_to(cluster_peer(cluster, 2), 1).receiving;
    cluster_reload(cluster, 2, cluster_now(cluster) + 1, &reload);
    cluster_play_for(cluster, 3000);
    ck_assert_msg(strstr(reload.message, "in force") != NULL, "%s", reload.message);
    ck_assert_msg(strstr(files_down_link(cluster, 1).detail, "gossipctl reload") != NULL, "%s",
                  files_down_link(cluster, 1).detail);
    ck_assert_msg(strstr(files_down_link(cluster, 2).detail, "gossipctl reload") != NULL, "%s",
                  files_down_link(cluster, 2).detail);
    for (size_t i = 0; i < FILES_NODES; i++) /* what it knew of the others it knows still */
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
    struct cluster_reply replies[FILES_NODES], others[3] = {0}, last = {0};
    struct gsp_stream random;
    files_random(&random, 1);
    struct cluster *cluster = files_cluster(1, "star", 0);
    files_reload_all(cluster, &before, &random, 10, replies);
    cluster_play_for(cluster, FILES_HEALED);
    files_write_all(cluster, &after);
    for (size_t i = 1; i < 4; i++) cluster_reload(cluster, i, cluster_now(cluster) + i, &others[i - 1]);
    cluster_play_for(cluster, 60000);
    cluster_reload(cluster, 0, cluster_now(cluster), &last);
    cluster_play_for(cluster, FILES_HEALED);
    files_check_healed(cluster, &after);
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
    ck_assert(files_down_link(cluster, 0).up);
}

START_TEST(bad_files)
{
    struct file all = {.topology = "ring", .members = "01234"}, other = {.topology = "ring", .members = "1234"};
    struct file renamed = {.topology = "ring", .members = "01234", .name = "other"};
    struct cluster *cluster = files_cluster(5, "ring", 0);
    char bad[2048], *key;
    cluster_play_for(cluster, FILES_HEALED);
    snprintf(bad, sizeof bad, "%s[Nodes]\nName = n001\n", files_text(&all, cluster));
    refused(cluster, bad, "peers.conf:24: ", "1 problem");
    snprintf(bad, sizeof bad, "%sNext = 3\nEndpoint = host3\n", files_text(&all, cluster));
    refused(cluster, bad, "peers.conf:24: ", "2 problems");
    refused(cluster, files_text(&other, cluster), "peers.conf: lists no node n001, which this daemon is", "1 problem");
    refused(cluster, files_text(&renamed, cluster), "peers.conf: Name = other: ", "1 problem");
    snprintf(bad, sizeof bad, "%s", files_text(&all, cluster));
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
    struct cluster_reply *replies = calloc(64, sizeof *replies), last[FILES_NODES];
    struct gsp_stream random;
    const double *x[FILES_NODES];
    size_t asked = 0;
    files_random(&random, (uint64_t)_i);
    struct file *final = &files[gsp_stream_below(&random, 4)];
    files_undisturbed((uint64_t)_i, final);
    struct cluster *cluster = files_cluster((uint64_t)_i, "ring", gsp_stream_below(&random, 40));
    for (size_t i = 0; i < 4; i++) files_text(&files[i], cluster);
    files_write_all(cluster, &files[0]);
    for (int act = 0; act < 40; act++) {
        size_t node = gsp_stream_below(&random, FILES_NODES), kind = gsp_stream_below(&random, 10);
        if (kind < 5) {
            cluster_write_file(cluster, node, files[gsp_stream_below(&random, 4)].text);
            cluster_reload(cluster, node, cluster_now(cluster) + 1, &replies[asked++]);
        } else if (kind < 8) {
            cluster_start_now(cluster, node,
                              gsp_stream_below(&random, 2) ? CLUSTER_SETTINGS : CLUSTER_ENDLESS "timeout=3\n",
                              &replies[asked++]);
        } else {
            cluster_stop(cluster, node, cluster_now(cluster) + 1, gsp_stream_below(&random, 2), &replies[asked++]);
        }
        cluster_play_for(cluster, gsp_stream_below(&random, 3000));
    }
    cluster_play_for(cluster, 35000);        /* starts that still wait have begun a run by then, or given up */
    for (size_t i = 0; i < FILES_NODES; i++) /* whoever waits for a run that cannot end is told to end it */
        if (look_run(cluster_peer(cluster, i)).there && look_run(cluster_peer(cluster, i)).stage != LOOK_ENDED)
            cluster_stop(cluster, i, cluster_now(cluster) + 1, true, &replies[asked++]);
    files_reload_all(cluster, final, &random, 3000, last);
    cluster_play_for(cluster, 40000);
    files_check_healed(cluster, final);
    files_play_run(cluster, final, 0, x);
    files_check_results(final, x);
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
    tcase_add_test(tests, bad_files);
    tcase_add_loop_test(tests, random_histories, FIRST_SEED, FIRST_SEED + SEEDS);
    return suite;
}

int main(int argc, char **argv)
{
    return run_suite(suite(argc == 2 ? argv[1] : NULL));
}
