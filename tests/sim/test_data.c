/* Nodes that come back with other training data. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "algo/node.h"
#include "sim/inside.h"
#include "sim/look.h"
#include "sim/puppet.h"
#include "unit/run_suite.h"

enum { NODES = 3, FEATURES = 4, LONG = 20 * 60 * 1000 };

/* A node that is not running gets other rows, with as many columns or others. */
static void change_data(struct cluster *cluster, size_t node, size_t features)
{
    char spec[128];
    struct gsp_error error = {0};
    snprintf(spec, sizeof spec, "objective=linear,samples=9,features=%zu,noise=0.05,seed=77", features);
    gsp_dataset_free(cluster->data[node]);
    ck_assert_msg(gsp_dataset_synthetic(&cluster->data[node], spec, &error) == 0, "%s", error.message);
}

static void restart_with(struct cluster *cluster, size_t node, size_t features)
{
    cluster_kill(cluster, node);
    change_data(cluster, node, features);
    cluster_revive(cluster, node);
}

static double first_x(const struct cluster *cluster, size_t node)
{
    return gsp_node_x(look_node(cluster_peer(cluster, node)))[0];
}

/* The result stays what it was, and the next run is on the new data. */
START_TEST(data_change_after_a_run)
{
    const size_t features = (size_t)_i;
    struct cluster *cluster = cluster_small("ring", NODES, 0, FEATURES);
    struct cluster_reply replies[2] = {0};
    double x[NODES];
    cluster_start_now(cluster, 0, CLUSTER_SETTINGS, &replies[0]);
    ck_assert(cluster_play(cluster, cluster_ended, LONG));
    cluster_play_for(cluster, 2000);
    for (size_t i = 0; i < NODES; i++) x[i] = first_x(cluster, i);
    for (size_t i = 0; i < NODES; i++) restart_with(cluster, i, features);
    cluster_play_for(cluster, 5000);
    for (size_t i = 0; i < NODES; i++) {
        struct gsp_summary summary;
        look_summary(cluster_peer(cluster, i), &summary);
        ck_assert_int_eq(summary.phase, GSP_PHASE_DONE);
        ck_assert_uint_eq(summary.round, 50);
        ck_assert(first_x(cluster, i) == x[i]);
    }
    cluster_start_now(cluster, 1, CLUSTER_SETTINGS, &replies[1]);
    cluster_play_for(cluster, 5000);
    ck_assert_msg(replies[1].done && replies[1].exit_code == 0, "%s", replies[1].message);
    ck_assert(cluster_play(cluster, cluster_ended, LONG));
    for (size_t i = 0; i < NODES; i++) {
        const struct gsp_peer *peer = cluster_peer(cluster, i);
        ck_assert_uint_eq(look_state(peer)->run.epoch, 2);
        ck_assert_int_eq(look_run(peer).end, GSP_PHASE_DONE);
        ck_assert_uint_eq(look_run(peer).d, features);
    }
    cluster_free(cluster);
}
END_TEST

static bool ended_before_its_neighbours(const struct cluster *cluster)
{
    size_t computing = 0;
    for (size_t i = 0; i < NODES; i++) computing += look_run(cluster_peer(cluster, i)).stage == LOOK_ACTIVE;
    return computing && look_run(cluster_peer(cluster, 1)).stage == LOOK_ENDED;
}

/* What neighbours still need of it is in its checkpoint, whatever data it has now. */
START_TEST(data_change_while_neighbours_compute)
{
    double undisturbed[NODES] = {0};
    for (int disturbed = 0; disturbed < 2; disturbed++) {
        struct cluster_options options = {.seed = 3,
                                          .nodes = NODES,
                                          .topology = "ring",
                                          .delay_max = 800,
                                          .features = FEATURES,
                                          .rows = 8,
                                          .objective = "linear"};
        struct cluster *cluster = cluster_new(&options);
        struct cluster_reply reply = {0};
        cluster_start_now(cluster, 0, CLUSTER_SETTINGS, &reply);
        cluster_play_for(cluster, 30000);
        ck_assert_msg(reply.done && reply.exit_code == 0, "%s", reply.message);
        if (disturbed) {
            ck_assert(cluster_play(cluster, ended_before_its_neighbours, LONG));
            restart_with(cluster, 1, (size_t)_i);
        }
        ck_assert(cluster_play(cluster, cluster_ended, LONG));
        for (size_t i = 0; i < NODES; i++) {
            ck_assert_int_eq(look_run(cluster_peer(cluster, i)).end, GSP_PHASE_DONE);
            if (!disturbed) undisturbed[i] = first_x(cluster, i);
            ck_assert(first_x(cluster, i) == undisturbed[i]);
        }
        cluster_free(cluster);
    }
}
END_TEST

static bool first_has_ended(const struct cluster *cluster)
{
    struct look_run run = look_run(cluster_peer(cluster, 0));
    return run.there && run.stage == LOOK_ENDED;
}

/* A run of one step, with the test for a neighbour: told that what it lacks is gone, a node that has ended lacks
 * nothing, whatever data it has now. */
START_TEST(ended_nodes_lack_nothing)
{
    static const uint8_t payload[1 + FEATURES * sizeof(double)] = {1};
    struct cluster *cluster = cluster_small("complete", 2, 1, FEATURES);
    struct puppet puppet;
    struct gsp_message heard, state = {.type = GSP_MSG_RUN_STATE}, hello = {.type = GSP_MSG_RUN_HELLO};
    struct gsp_message gossip = {.type = GSP_MSG_GOSSIP}, gone = {.type = GSP_MSG_GONE};
    state.u.run_state.run = hello.u.run_hello.run = gone.u.gone.run = (struct gsp_run_key){.epoch = 1, .id = {1}};
    snprintf(state.u.run_state.origin, sizeof state.u.run_state.origin, "n002");
    snprintf(state.u.run_state.settings, sizeof state.u.run_state.settings,
             "rounds=1\ngossip_steps=1\neta=0.01\ngamma=0.1\ncompressor=none:values=f64\nobjective=linear\n");
    hello.u.run_hello.expect = hello.u.run_hello.have = hello.u.run_hello.durable = 1;
    hello.u.run_hello.digest = gsp__digest_start(state.u.run_state.run.id, "n001");
    gossip.u.gossip.step = 1;
    gossip.u.gossip.payload = payload;
    gossip.u.gossip.length = sizeof payload;
    puppet_link(&puppet, cluster, 1, 0);
    puppet_say(&puppet, &state);
    while (!puppet_hear(&puppet, GSP_MSG_RUN_HELLO, &heard)) cluster_play_for(cluster, 1);
    puppet_say(&puppet, &hello);
    puppet_say(&puppet, &gossip);
    ck_assert(cluster_play(cluster, first_has_ended, LONG));
    puppet_end(&puppet);
    restart_with(cluster, 0, (size_t)_i);
    puppet_link(&puppet, cluster, 1, 0);
    puppet_say(&puppet, &gone);
    cluster_play_for(cluster, 1000);
    ck_assert(first_has_ended(cluster));
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data");
    TCase *tests = tcase_create("other training data");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, data_change_after_a_run, FEATURES - 1, FEATURES + 3);
    tcase_add_loop_test(tests, data_change_while_neighbours_compute, FEATURES - 1, FEATURES + 3);
    tcase_add_loop_test(tests, ended_nodes_lack_nothing, FEATURES - 1, FEATURES + 3);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
