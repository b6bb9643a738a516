/* A peer in virtual time, of which every allocation fails once, in turn: nobody crashes, nothing leaks, the network
 * comes to an end, and what ended well is bit for bit what it would have been. What did not can be done again.
 * `test_peer_memory FIRST COUNT` plays so many allocations from one on; CLUSTER_LOG=1 shows the logs. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults/allocation.h"
#include "sim/cluster.h"
#include "sim/look.h"
#include "sim/tell.h"
#include "unit/run_suite.h"

enum { NODES = 3, VICTIM = 0, SLICE = 250, SLICES = 40, LONGEST = 10 * 60 * 1000 };
#define SETTINGS "rounds=4\ngossip_steps=2\neta=0.01\ngamma=0.1\ncompressor=topk:fraction=0.5\nobjective=linear\n"

static int first_allocation = 1, allocations = SLICE;

/* ---- while the victim works, its allocations are counted ---- */

static const struct gsp_peer *victim;

static void enter(const struct gsp_peer *peer)
{
    faults_arm(peer == victim);
}

static void leave(void)
{
    faults_arm(false);
}

/* ---- one failure ---- */

static struct cluster *network(void)
{
    struct cluster *cluster = cluster_small("ring", NODES, 0, 4);
    victim = cluster_peer(cluster, VICTIM);
    return cluster;
}

/* All have ended the same run; one that had no memory for it has none. */
static bool over(const struct cluster *cluster)
{
    const struct gsp_run_state *state = look_state(cluster_peer(cluster, VICTIM));
    for (size_t i = 0; i < NODES; i++) {
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        if (gsp_run_key_compare(&look_state(peer)->run, &state->run) != 0 || look_start(peer).active) return false;
        if (look_run(peer).there ? look_run(peer).stage != LOOK_ENDED : !look_state(peer)->aborted) return false;
    }
    return true;
}

/* Starts a run at the victim; whether it has ended well, and everywhere. A start that was lost with its client (whose
 * connection the daemon ends) is no end. */
static bool play_run(struct cluster *cluster, uint64_t epoch, uint64_t at)
{
    struct cluster_reply reply = {0};
    cluster_start_now(cluster, VICTIM, SETTINGS, &reply);
    cluster_play_for(cluster, 40000);
    if (!reply.done || reply.exit_code != 0) return false;
    ck_assert_msg(cluster_play(cluster, over, cluster_now(cluster) + LONGEST),
                  "no end of the run after allocation %llu", (unsigned long long)at);

    for (size_t i = 0; i < NODES; i++) {
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        ck_assert_uint_ge(look_state(peer)->run.epoch, epoch);
        if (!look_run(peer).there || look_run(peer).end != GSP_PHASE_DONE) {
            ck_assert(look_state(peer)->aborted);
            ck_assert_msg(strstr(look_state(peer)->abort_reason, "memory") ||
                              strstr(look_state(peer)->abort_reason, "afresh"),
                          "%s", look_state(peer)->abort_reason);
            return false;
        }
    }
    return true;
}

static void keep_x(const struct cluster *cluster, double x[NODES][4])
{
    for (size_t i = 0; i < NODES; i++) memcpy(x[i], gsp_node_x(look_node(cluster_peer(cluster, i))), sizeof x[i]);
}

/* What the victim allocates from the start of the run to its end, and what all come to. */
static uint64_t undisturbed(double x[NODES][4])
{
    faults_begin(0);
    struct cluster *cluster = network();
    ck_assert(play_run(cluster, 1, 0));
    keep_x(cluster, x);
    uint64_t count = faults_count();
    cluster_free(cluster);
    ck_assert_uint_eq(faults_live(), 0);
    return count;
}

static void play(uint64_t at, double x[NODES][4])
{
    double got[NODES][4];
    faults_begin(at);
    struct cluster *cluster = network();
    if (!play_run(cluster, 1, at)) {
        cluster_play_for(cluster, 60000);
        ck_assert_msg(play_run(cluster, 1, at), "after allocation %llu no run ends well", (unsigned long long)at);
    }
    keep_x(cluster, got);
    ck_assert_msg(memcmp(got, x, sizeof got) == 0, "other parameters after allocation %llu", (unsigned long long)at);
    for (size_t i = 0; i < NODES; i++)
        for (size_t j = 0; j < look_link_count(cluster_peer(cluster, i)); j++)
            ck_assert_msg(look_link(cluster_peer(cluster, i), j).up, "a link is down for good after allocation %llu",
                          (unsigned long long)at);
    ck_assert_msg(faults_struck(), "allocation %llu was not made", (unsigned long long)at);
    cluster_free(cluster);
    size_t left = faults_live();
    ck_assert_msg(left == 0, "%zu blocks are left after allocation %llu", left, (unsigned long long)at);
}

START_TEST(every_allocation_fails_once)
{
    double x[NODES][4];
    uint64_t count = undisturbed(x);
    ck_assert_uint_gt(count, 100);
    ck_assert_msg(count < SLICE * SLICES, "%llu allocations: more than are played", (unsigned long long)count);
    uint64_t first = (uint64_t)first_allocation + (uint64_t)(_i * SLICE);
    for (uint64_t at = first; at < first + (uint64_t)allocations && at <= count; at++) play(at, x);
}
END_TEST

/* ---- a restart ---- */

#define LONGER                                                                                                         \
    "rounds=20\ngossip_steps=2\neta=0.01\ngamma=0.1\ncompressor=topk:fraction=0.5\nobjective=linear\n"                 \
    "checkpoint_every=1\n"
static bool restoring;

int __real_gsp_peer_new(struct gsp_peer **out, const struct gsp_peer_config *config, uint64_t now,
                        struct gsp_error *error);
int __wrap_gsp_peer_new(struct gsp_peer **out, const struct gsp_peer_config *config, uint64_t now,
                        struct gsp_error *error);
/* A daemon that has no memory to go on ends, and is started again. */
int __wrap_gsp_peer_new(struct gsp_peer **out, const struct gsp_peer_config *config, uint64_t now,
                        struct gsp_error *error)
{
    faults_arm(restoring);
    int rc = __real_gsp_peer_new(out, config, now, error);
    faults_arm(false);
    if (!restoring || rc != GSP_ERR_NOMEM) return rc;
    ck_assert(*error->message);
    return __real_gsp_peer_new(out, config, now, error);
}

/* The victim is killed in the middle, one of its slots is damaged; of what its restart allocates number `at` fails. */
static void play_restart(uint64_t at, double x[NODES][4])
{
    struct cluster_reply reply = {0};
    faults_begin(at);
    struct cluster *cluster = cluster_small("ring", NODES, 0, 4);
    victim = NULL;
    cluster_start_now(cluster, VICTIM, LONGER, &reply);
    while (!look_node(cluster_peer(cluster, VICTIM)) || gsp_node_round(look_node(cluster_peer(cluster, VICTIM))) < 10)
        cluster_play_for(cluster, 10);
    cluster_kill(cluster, VICTIM);
    cluster_damage(cluster, VICTIM, GSP_KEEP_CHECKPOINT_A);
    restoring = true;
    cluster_revive(cluster, VICTIM);
    restoring = false;
    ck_assert_msg(cluster_play(cluster, over, cluster_now(cluster) + LONGEST), "no end after allocation %llu",
                  (unsigned long long)at);
    const struct gsp_peer *peer = cluster_peer(cluster, VICTIM);
    ck_assert_msg(!look_state(peer)->aborted && !look_run(peer).note[0], "%s%s", look_state(peer)->abort_reason,
                  look_run(peer).note);
    keep_x(cluster, x);
    cluster_free(cluster);
}

/* Nothing that is on the disk is given up for want of memory. */
START_TEST(a_restart_without_memory_changes_nothing)
{
    double x[NODES][4], got[NODES][4];
    bool struck = true;
    uint64_t at = 1;
    play_restart(0, x);
    for (; struck; at++) {
        play_restart(at, got);
        struck = faults_struck();
        ck_assert_msg(faults_live() == 0, "%zu blocks are left after allocation %llu", faults_live(),
                      (unsigned long long)at);
        ck_assert_msg(memcmp(got, x, sizeof x) == 0, "other parameters after allocation %llu", (unsigned long long)at);
    }
    ck_assert_uint_gt(at, 30);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("peer memory");
    TCase *tests = tcase_create("each allocation fails once");
    int slices = SLICES;
    if (argc == 3) {
        first_allocation = atoi(argv[1]);
        allocations = atoi(argv[2]);
        slices = 1;
    }
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, every_allocation_fails_once, 0, slices);
    if (argc != 3) tcase_add_test(tests, a_restart_without_memory_changes_nothing);
    suite_add_tcase(suite, tests);
    tell_watch(enter, leave);
    return run_suite(suite);
}
