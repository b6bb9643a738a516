/* on_peer_loss=reweight together with lost disks: the run goes on without who is away for good, also for who needs what
 * its neighbours have of it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "algo/node.h"
#include "sim/cluster.h"
#include "sim/look.h"
#include "unit/run_suite.h"

enum { LOSS_TIME = 30 * 1000, VICTIM = 1, AWAY = 4, LONG = 20 * 60 * 1000 };

#define SETTINGS                                                                                                       \
    "rounds=1000000\ngossip_steps=2\neta=0.01\ngamma=0.1\ncompressor=topk:fraction=0.5\nobjective=linear\n"            \
    "checkpoint_every=2\non_peer_loss=reweight\nloss_time=30\n"

static struct cluster *running_cluster(struct cluster_reply *reply)
{
    struct cluster_options options = {.seed = 11,
                                      .nodes = 5,
                                      .topology = "complete",
                                      .delay_max = 30,
                                      .job_max = 30,
                                      .disk_max = 300,
                                      .features = 4,
                                      .rows = 8,
                                      .objective = "linear"};
    struct cluster *cluster = cluster_new(&options);
    cluster_start_now(cluster, 0, SETTINGS, reply);
    cluster_play_for(cluster, 10000);
    ck_assert_msg(reply->done && reply->exit_code == 0, "%s", reply->message);
    return cluster;
}

static void wipe(struct cluster *cluster, size_t node)
{
    cluster_kill(cluster, node);
    cluster_wipe(cluster, node);
    cluster_play_for(cluster, 1000);
    cluster_revive(cluster, node);
}

static uint64_t step_of(const struct cluster *cluster, size_t node)
{
    struct look_run run = look_run(cluster_peer(cluster, node));
    return run.node ? gsp_node_step(run.node) : 0;
}

/* All that are running step, within twice the time after which a neighbour is given up. */
static void check_all_step(struct cluster *cluster)
{
    uint64_t before[AWAY + 1] = {0};
    cluster_play_for(cluster, 2 * (uint64_t)LOSS_TIME + 10000);
    for (size_t i = 0; i <= AWAY; i++)
        if (cluster_peer(cluster, i)) before[i] = step_of(cluster, i);
    cluster_play_for(cluster, 10000);
    for (size_t i = 0; i <= AWAY; i++)
        if (cluster_peer(cluster, i))
            ck_assert_msg(step_of(cluster, i) > before[i] + 10, "node %zu stays at step %llu", i,
                          (unsigned long long)before[i]);
}

/* Everybody, who was away too, ends at a stop, with copies that are what they are copies of. */
static void check_end(struct cluster *cluster)
{
    struct cluster_reply stop = {0};
    cluster_stop(cluster, 0, cluster_now(cluster) + 1, false, &stop);
    ck_assert(cluster_play(cluster, cluster_ended, cluster_now(cluster) + LONG));
    for (size_t i = 0; i <= AWAY; i++) {
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        ck_assert_msg(look_run(peer).end == GSP_PHASE_STOPPED, "%s", look_state(peer)->abort_reason);
        for (size_t slot = 0; slot < look_link_count(peer); slot++) {
            const struct gsp__neighbour *neighbour = &look_node(peer)->neighbours[slot];
            ck_assert(!neighbour->down && !neighbour->awaited);
            ck_assert(neighbour->copy[0] == gsp_node_z(look_node(cluster_peer(cluster, neighbour->node)))[0]);
        }
    }
}

static bool victim_is_lost(const struct cluster *cluster)
{
    struct look_run run = look_run(cluster_peer(cluster, VICTIM));
    return run.there && run.stage == LOOK_LOST;
}

static bool victim_gathers(const struct cluster *cluster)
{
    struct look_run run = look_run(cluster_peer(cluster, VICTIM));
    return run.there && run.gathering;
}

/* The node that is away has no answer for who lost its disk: dead for long (0), only just (1). */
START_TEST(lost_disk_while_another_is_away)
{
    struct cluster_reply reply = {0};
    struct cluster *cluster = running_cluster(&reply);
    cluster_kill(cluster, AWAY);
    cluster_play_for(cluster, _i ? 100 : 3 * (uint64_t)LOSS_TIME);
    wipe(cluster, VICTIM);
    ck_assert(cluster_play(cluster, victim_is_lost, cluster_now(cluster) + LOSS_TIME));
    check_all_step(cluster);
    cluster_revive(cluster, AWAY);
    check_all_step(cluster);
    check_end(cluster);
    cluster_free(cluster);
}
END_TEST

/* It answered, and is gone before its z came. */
START_TEST(lost_disk_and_another_goes_away)
{
    struct cluster_reply reply = {0};
    struct cluster *cluster = running_cluster(&reply);
    wipe(cluster, VICTIM);
    ck_assert(cluster_play(cluster, _i ? victim_gathers : victim_is_lost, cluster_now(cluster) + LOSS_TIME));
    cluster_kill(cluster, AWAY);
    check_all_step(cluster);
    cluster_revive(cluster, AWAY);
    check_all_step(cluster);
    check_end(cluster);
    cluster_free(cluster);
}
END_TEST

/* One node is left that knows anything of the three. */
START_TEST(three_disks_lost_while_another_is_away)
{
    struct cluster_reply reply = {0};
    struct cluster *cluster = running_cluster(&reply);
    for (size_t i = 0; i <= AWAY; i++) {
        cluster_kill(cluster, i);
        if (i && i != AWAY) cluster_wipe(cluster, i);
    }
    for (size_t i = 1; i < AWAY; i++) cluster_revive(cluster, i);
    cluster_play_for(cluster, 3 * (uint64_t)LOSS_TIME);
    cluster_revive(cluster, 0);
    check_all_step(cluster);
    cluster_revive(cluster, AWAY);
    check_all_step(cluster);
    check_end(cluster);
    cluster_free(cluster);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("losses");
    TCase *tests = tcase_create("nodes and disks");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, lost_disk_while_another_is_away, 0, 2);
    tcase_add_loop_test(tests, lost_disk_and_another_goes_away, 0, 2);
    tcase_add_test(tests, three_disks_lost_while_another_is_away);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
