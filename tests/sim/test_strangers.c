/* Strangers who are slow, or many: what they hold up is theirs alone, and neighbours get in. */
#include <check.h>
#include <stdio.h>

#include "host/limits.h"
#include "sim/look.h"
#include "sim/puppet.h"
#include "unit/run_suite.h"

/* Two or more nodes, of which the last is the test's. (Which stranger gives way to the next is drawn from the seed: in
 * one of four it is the neighbour, which would have to come again.) */
static struct cluster *new_cluster(const char *topology, size_t nodes)
{
    struct cluster_options options = {.seed = 7,
                                      .nodes = nodes,
                                      .topology = topology,
                                      .absent = 1,
                                      .delay_max = 5,
                                      .job_max = 5,
                                      .features = 4,
                                      .rows = 8,
                                      .objective = "linear"};
    return cluster_new(&options);
}

static void check_deadline(struct cluster *cluster, uint64_t connection, uint64_t opened)
{
    cluster_play(cluster, NULL, opened + GSP__HANDSHAKE_TIME - 50);
    ck_assert(!cluster_hung_up(cluster, connection));
    cluster_play(cluster, NULL, opened + GSP__HANDSHAKE_TIME + 50);
    ck_assert(cluster_hung_up(cluster, connection));
}

/* A byte now and then does not stretch the five seconds. */
START_TEST(slow_handshake_is_ended)
{
    struct cluster *cluster = new_cluster("complete", 2);
    uint64_t silent = cluster_intrude(cluster, 0, "silent"), opened = cluster_now(cluster);
    uint64_t slow = cluster_intrude(cluster, 0, "slow");
    for (int i = 0; i < 4; i++) {
        cluster_say(cluster, slow, "x", 1);
        cluster_play_for(cluster, 1000);
    }
    check_deadline(cluster, silent, opened);
    ck_assert(cluster_hung_up(cluster, slow));
    cluster_free(cluster);
}
END_TEST

START_TEST(slow_steps_of_the_handshake_are_ended)
{
    struct cluster *cluster = new_cluster("complete", 2);
    struct puppet puppet;
    uint64_t opened = cluster_now(cluster);
    puppet_begin(&puppet, cluster, 1, 0, NULL); /* message 3 never comes */
    check_deadline(cluster, puppet.connection, opened);
    puppet_end(&puppet);
    opened = cluster_now(cluster);
    puppet_begin(&puppet, cluster, 1, 0, NULL);
    ck_assert(puppet_prove(&puppet)); /* Hello never comes */
    check_deadline(cluster, puppet.connection, opened);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

START_TEST(slow_responder_is_left)
{
    struct cluster *cluster = new_cluster("complete", 2);
    cluster_pose(cluster, 1);
    while (!cluster_dialed(cluster)) cluster_play_for(cluster, 1);
    check_deadline(cluster, cluster_dialed(cluster), cluster_now(cluster));
    cluster_free(cluster);
}
END_TEST

static void intrude_from(struct cluster *cluster, int from, int to, bool one_host)
{
    for (int i = from; i < to; i++) {
        char address[32];
        snprintf(address, sizeof address, "10.0.%d.%d", one_host ? 0 : i / 250, one_host ? 0 : i % 250);
        cluster_intrude(cluster, 0, address);
    }
}

/* Strangers from everywhere: their number is bounded, and a neighbour that comes meanwhile gets in. */
START_TEST(strangers_are_few_and_a_neighbour_gets_in)
{
    struct cluster *cluster = new_cluster("complete", 2);
    struct puppet puppet;
    intrude_from(cluster, 0, 500, false);
    ck_assert_uint_eq(look_open_connections(cluster_peer(cluster, 0)), GSP__STRANGERS_MAX);
    puppet_begin(&puppet, cluster, 1, 0, NULL);
    ck_assert_uint_eq(look_open_connections(cluster_peer(cluster, 0)), GSP__STRANGERS_MAX);
    intrude_from(cluster, 500, 510, false); /* while its handshake is under way */
    ck_assert(puppet_prove(&puppet));
    puppet_say(&puppet, &(struct gsp_message){.type = GSP_MSG_HELLO, .u.hello.incarnation = 1});
    ck_assert(look_link(cluster_peer(cluster, 0), 0).up);
    intrude_from(cluster, 600, 1000, false); /* no link is given up for strangers */
    ck_assert(look_link(cluster_peer(cluster, 0), 0).up);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* Strangers behind the neighbour's own address (one host, one gateway): no newcomer is turned away for them. */
START_TEST(strangers_at_one_address_keep_nobody_out)
{
    struct cluster *cluster = new_cluster("complete", 2);
    intrude_from(cluster, 0, 200, true);
    ck_assert_uint_eq(look_open_connections(cluster_peer(cluster, 0)), GSP__STRANGERS_PER_ADDRESS_MAX);
    int entered = 0;
    for (int i = 0; i < 20; i++) {
        uint64_t id = cluster_intrude(cluster, 0, "10.0.0.0");
        entered += !cluster_hung_up(cluster, id);
    }
    ck_assert_int_ge(entered, 15);
    ck_assert_uint_eq(look_open_connections(cluster_peer(cluster, 0)), GSP__STRANGERS_PER_ADDRESS_MAX);
    cluster_free(cluster);
}
END_TEST

/* Nobody without a key can fill a disk with our log. */
START_TEST(strangers_do_not_fill_the_log)
{
    struct cluster *cluster = new_cluster("complete", 2);
    size_t lines = 0;
    look_count_lines(cluster_peer(cluster, 0), &lines);
    for (int second = 0; second < 60; second++) {
        for (int i = 0; i < 50; i++) {
            uint8_t garbage[PUPPET_MESSAGE_1] = {3};
            uint64_t id = cluster_intrude(cluster, 0, i % 2 ? "10.0.0.1" : "10.0.0.2");
            cluster_say(cluster, id, garbage, sizeof garbage);
        }
        cluster_play_for(cluster, 1000);
    }
    ck_assert_uint_ge(lines, 1); /* an operator sees that something is going on */
    ck_assert_uint_le(lines, 60);
    cluster_free(cluster);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("strangers");
    TCase *tests = tcase_create("strangers");
    tcase_add_test(tests, slow_handshake_is_ended);
    tcase_add_test(tests, slow_steps_of_the_handshake_are_ended);
    tcase_add_test(tests, slow_responder_is_left);
    tcase_add_test(tests, strangers_are_few_and_a_neighbour_gets_in);
    tcase_add_test(tests, strangers_at_one_address_keep_nobody_out);
    tcase_add_test(tests, strangers_do_not_fill_the_log);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
