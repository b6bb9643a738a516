/* Links in a run: gossip, hellos and copies that break the rules or come late, and how a link ends. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "algo/node.h"
#include "sim/inside.h"
#include "sim/look.h"
#include "sim/puppet.h"
#include "sim/script.h"
#include "sim/tell.h"
#include "unit/run_suite.h"

static const struct gsp_node *node_of(const struct cluster *cluster, size_t i)
{
    return look_node(cluster_peer(cluster, i));
}

static const char *detail(const struct cluster *cluster)
{
    return look_link(cluster_peer(cluster, 0), 0).detail;
}

/* ---- gossip that breaks the rules ---- */

START_TEST(third_message_ends_the_link)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    script_begin_run(&puppet, 1, CLUSTER_SETTINGS);
    script_say_gossip(&puppet, 4, 1);
    script_say_gossip(&puppet, 4, 2);
    ck_assert(!puppet_hung_up(&puppet));
    script_say_gossip(&puppet, 4, 3);
    ck_assert(puppet_hung_up(&puppet));
    ck_assert_ptr_nonnull(strstr(detail(cluster), "a third message, of step 3"));
    ck_assert(!look_state(cluster_peer(cluster, 0))->aborted); /* the link is mended when it comes back */
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

START_TEST(gap_ends_the_link)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    script_begin_run(&puppet, 1, CLUSTER_SETTINGS);
    script_say_gossip(&puppet, 4, 2);
    ck_assert(puppet_hung_up(&puppet));
    ck_assert_ptr_nonnull(strstr(detail(cluster), "message of step 2 where 1 is next"));
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

START_TEST(payload_of_another_shape_ends_the_link)
{
    for (size_t d = 3; d <= 5; d += 2) {
        struct cluster *cluster = cluster_small("complete", 2, 1, 4);
        struct puppet puppet;
        puppet_link(&puppet, cluster, 1, 0);
        script_begin_run(&puppet, 1, CLUSTER_SETTINGS);
        script_say_gossip(&puppet, d, 1);
        ck_assert(puppet_hung_up(&puppet));
        puppet_end(&puppet);
        cluster_free(cluster);
    }
}
END_TEST

START_TEST(duplicates_are_dropped)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    script_begin_run(&puppet, 1, CLUSTER_SETTINGS);
    for (int i = 0; i < 5; i++) script_say_gossip(&puppet, 4, 1);
    cluster_play_for(cluster, 100);
    for (int i = 0; i < 5; i++) script_say_gossip(&puppet, 4, 1);
    ck_assert(!puppet_hung_up(&puppet));
    ck_assert_uint_eq(gsp_node_expected(node_of(cluster, 0), 0), 2);
    ck_assert_uint_eq(gsp_node_step(node_of(cluster, 0)), 2);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* What still comes of the run before, before the neighbour's hello of this one, is dropped. However long it is: this
 * run's messages are shorter. */
START_TEST(gossip_of_the_run_before_is_dropped)
{
    enum { D = 2000 }; /* more than 8 KB */
    static const char small[] = "rounds=50\ngossip_steps=2\neta=0.01\ngamma=0.1\ncompressor=topk:fraction=0.001\n"
                                "objective=linear\n";
    struct cluster *cluster = cluster_small("complete", 2, 1, D);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    script_begin_run(&puppet, 1, CLUSTER_SETTINGS);
    script_say_gossip(&puppet, D, 1);
    script_say(&puppet, script_run_state(2, 1, small));
    script_say_gossip(&puppet, D, 2);
    cluster_play_for(cluster, 100);
    script_say_gossip(&puppet, D, 3);
    ck_assert_msg(!puppet_hung_up(&puppet), "%s", detail(cluster));
    ck_assert_uint_eq(gsp_node_expected(node_of(cluster, 0), 0), 1);
    script_say(&puppet, script_run_hello(2));
    script_say_gossip(&puppet, D, 1); /* now it counts, and is of another shape */
    ck_assert(puppet_hung_up(&puppet));
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* The node sends m only if m <= Have + 1, and tells its own Have. */
START_TEST(flow_is_kept)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    struct gsp_message message;
    puppet_link(&puppet, cluster, 1, 0);
    script_begin_run(&puppet, 1, CLUSTER_SETTINGS);
    uint64_t sent = 0;
    for (uint64_t step = 1; step <= 40; step++) {
        struct gsp_message durable = {.type = GSP_MSG_DURABLE, .u.durable.step = step};
        puppet_say(&puppet, &durable);
        script_say_gossip(&puppet, 4, step); /* by which it says that it has `step` in hand */
        cluster_play_for(cluster, 30);
        while (puppet_hear(&puppet, GSP_MSG_GOSSIP, &message)) {
            ck_assert_uint_eq(message.u.gossip.step, sent + 1);
            sent++;
            ck_assert_uint_le(sent, step + 1);
        }
        ck_assert_uint_eq(sent, step + 1);
        ck_assert_uint_le(gsp_node_log_end(node_of(cluster, 0)) - gsp_node_log_base(node_of(cluster, 0)), 3);
    }
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* Hellos that no honest node sends: at worst the run is aborted. */
START_TEST(strange_hellos_do_no_harm)
{
    static const uint64_t numbers[] = {0, 1, 2, 3, 1000, GSP_COUNT_MAX};
    for (size_t i = 0; i < 36; i++) {
        struct cluster *cluster = cluster_small("complete", 2, 1, 4);
        struct puppet puppet;
        puppet_link(&puppet, cluster, 1, 0);
        script_begin_run(&puppet, 1, CLUSTER_SETTINGS);
        for (uint64_t step = 1; step <= i % 3; step++) {
            script_say_gossip(&puppet, 4, step);
            cluster_play_for(cluster, 30);
        }
        struct gsp_message hello = script_run_hello(1);
        hello.u.run_hello.expect = numbers[i % 6];
        hello.u.run_hello.have = numbers[i / 6];
        for (int again = 0; again < 3; again++) puppet_say(&puppet, &hello);
        cluster_play_for(cluster, 100);
        for (uint64_t step = 1; step <= 9; step++) {
            script_say_gossip(&puppet, 4, step);
            cluster_play_for(cluster, 30);
        }
        puppet_end(&puppet);
        cluster_free(cluster);
    }
}
END_TEST

/* Another digest than ours of what we sent is never papered over: they get z as it is, and go on from there. */
static void check_resync(struct puppet *puppet, struct cluster *cluster, uint64_t step)
{
    struct gsp_message message;
    const struct gsp_node *node = node_of(cluster, 0);
    puppet_expect(puppet, GSP_MSG_RESYNC, &message);
    ck_assert_uint_eq(message.u.vector.step, step);
    ck_assert_uint_eq(message.u.vector.digest, gsp_node_digest(node, step - 1));
    double z[4];
    ck_assert_uint_eq(message.u.vector.length, sizeof z);
    gsp_read_doubles(z, message.u.vector.z, 4);
    ck_assert_mem_eq(z, gsp_node_z(node), sizeof z);
    ck_assert_ptr_nonnull(strstr(look_run(cluster_peer(cluster, 0)).note, "recomputed other messages"));
    ck_assert(!look_state(cluster_peer(cluster, 0))->aborted);
}

START_TEST(other_digest_is_answered_by_a_resync)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    script_begin_run(&puppet, 1, CLUSTER_SETTINGS);
    struct gsp_message hello = script_run_hello(1);
    hello.u.run_hello.digest++;
    puppet_say(&puppet, &hello);
    check_resync(&puppet, cluster, 1);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* The same for steps that the node has yet to compute again. */
START_TEST(other_digest_of_later_steps_is_answered_by_a_resync)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    script_begin_run(&puppet, 1, CLUSTER_SETTINGS);
    struct gsp_message hello = script_run_hello(1);
    hello.u.run_hello.expect = 4;
    puppet_say(&puppet, &hello);
    for (uint64_t step = 1; step <= 3; step++) {
        script_say_gossip(&puppet, 4, step);
        cluster_play_for(cluster, 30);
    }
    ck_assert_uint_eq(gsp_node_step(node_of(cluster, 0)), 4);
    check_resync(&puppet, cluster, 4);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* ---- lives and ends ---- */

/* What a neighbour's former life had in hand does not let its messages be forgotten: it needs them again. */
START_TEST(log_is_kept_for_a_neighbour_that_starts_again)
{
    struct cluster *cluster = cluster_small("complete", 3, 2, 4);
    struct puppet again, other;
    struct gsp_message message;
    puppet_link(&again, cluster, 1, 0);
    puppet_link(&other, cluster, 2, 0);
    script_begin_run(&again, 1, CLUSTER_SETTINGS);
    script_say(&other, script_run_hello(1));
    script_say_gossip(&again, 4, 1);
    script_say_gossip(&again, 4, 2);
    for (int life = 2; life <= 3; life++) {
        puppet_end(&again);
        cluster_play_for(cluster, 100);
        puppet_link(&again, cluster, 1, 0);
        puppet_expect(&again, GSP_MSG_RUN_HELLO, &message);
        script_say(&again, script_run_hello(1));
        puppet_expect(&again, GSP_MSG_GOSSIP, &message);
        ck_assert_uint_eq(message.u.gossip.step, 1);
        if (life == 3) break;
        for (uint64_t step = 1; step <= 2; step++) {
            script_say_gossip(&other, 4, step);
            cluster_play_for(cluster, 100);
        }
    }
    ck_assert(!look_state(cluster_peer(cluster, 0))->aborted);
    puppet_end(&again);
    puppet_end(&other);
    cluster_free(cluster);
}
END_TEST

/* At a shutdown neighbours hear Close and nothing after it; nobody waits for strangers. */
START_TEST(shutdown_says_close_and_waits_for_neighbours_alone)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    struct gsp_message message;
    puppet_link(&puppet, cluster, 1, 0);
    script_begin_run(&puppet, 1, CLUSTER_SETTINGS);
    uint64_t stranger = cluster_intrude(cluster, 0, "stranger");
    puppet_hear(&puppet, GSP_MSG_WELCOME, &message); /* skips all there is */
    struct gsp_peer *peer = cluster_peer(cluster, 0);
    look_urge_summary(peer);
    tell_shutdown(peer, cluster_now(cluster));
    struct gsp_action action;
    struct gsp_buffer last = {0};
    bool stranger_closed = false, closed = false;
    while (gsp_peer_next_action(peer, &action)) {
        if (action.type == GSP_ACTION_SEND) gsp_buffer_append(&last, action.bytes, action.length);
        if (action.type == GSP_ACTION_CLOSE && action.connection == stranger) stranger_closed = !action.graceful;
        if (action.type == GSP_ACTION_CLOSE && action.connection == puppet.connection) closed = action.graceful;
        free(action.bytes);
    }
    ck_assert(stranger_closed && closed);
    ck_assert_int_eq(gsp__channel_feed(&puppet.channel, last.data, last.length, NULL), 0);
    const uint8_t *bytes;
    size_t length;
    message.type = GSP_MSG_PING;
    while (gsp__channel_next(&puppet.channel, SIZE_MAX, &bytes, &length, NULL) > 0)
        ck_assert_int_eq(gsp_message_unpack(&message, bytes, length, NULL), 0);
    ck_assert_int_eq(message.type, GSP_MSG_CLOSE);
    gsp_buffer_clear(&last);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* The whole machine stood still for longer than a neighbour may be silent. What all of them have said meanwhile comes
 * in one after the other: the first to be heard must not cost the others their links. */
START_TEST(a_pause_of_the_machine_ends_no_link)
{
    struct cluster *cluster = cluster_small("complete", 3, 2, 4);
    struct puppet first, second;
    struct gsp_message ping = {.type = GSP_MSG_PING, .u.ping.nonce = 1};
    puppet_link(&first, cluster, 1, 0);
    puppet_link(&second, cluster, 2, 0);
    cluster->now += 60000;
    puppet_say(&first, &ping);
    puppet_say(&second, &ping);
    tell_tick(cluster_peer(cluster, 0), cluster->now);
    cluster_act(cluster, 0);
    ck_assert(!puppet_hung_up(&first));
    ck_assert_msg(!puppet_hung_up(&second), "%s", look_link(cluster_peer(cluster, 0), 1).detail);
    /* Who says nothing then is given up all the same. */
    cluster_play_for(cluster, 20000);
    ck_assert(puppet_hung_up(&first) && puppet_hung_up(&second));
    puppet_end(&first);
    puppet_end(&second);
    cluster_free(cluster);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("links");
    TCase *tests = tcase_create("links");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_pause_of_the_machine_ends_no_link);
    tcase_add_test(tests, third_message_ends_the_link);
    tcase_add_test(tests, gap_ends_the_link);
    tcase_add_test(tests, payload_of_another_shape_ends_the_link);
    tcase_add_test(tests, duplicates_are_dropped);
    tcase_add_test(tests, gossip_of_the_run_before_is_dropped);
    tcase_add_test(tests, flow_is_kept);
    tcase_add_test(tests, strange_hellos_do_no_harm);
    tcase_add_test(tests, other_digest_is_answered_by_a_resync);
    tcase_add_test(tests, other_digest_of_later_steps_is_answered_by_a_resync);
    tcase_add_test(tests, log_is_kept_for_a_neighbour_that_starts_again);
    tcase_add_test(tests, shutdown_says_close_and_waits_for_neighbours_alone);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
