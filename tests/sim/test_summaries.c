/* Summaries, which say how each node is: false ones, too many, and of former lives. */
#include <check.h>
#include <stdio.h>

#include "host/limits.h"
#include "sim/look.h"
#include "sim/puppet.h"
#include "sim/script.h"
#include "sim/tell.h"
#include "unit/run_suite.h"

START_TEST(strange_summaries_end_the_link)
{
    const struct gsp_message messages[] = {script_summary("n999", 1), script_summary("n002", GSP_COUNT_MAX + 1),
                                           script_summary("n001", UINT64_MAX), script_summary("n002", 0)};
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        struct puppet puppet;
        puppet_link(&puppet, cluster, 1, 0);
        puppet_say(&puppet, &messages[i]);
        ck_assert_msg(puppet_hung_up(&puppet), "summary %zu", i);
        puppet_end(&puppet);
        cluster_play_for(cluster, 100);
    }
    ck_assert_uint_gt(look_heard(cluster_peer(cluster, 0), 0)->number, 0);
    cluster_free(cluster);
}
END_TEST

/* A node hears of a life before its own, and counts on from there. */
START_TEST(own_number_of_a_former_life_is_taken_up)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    struct gsp_message message, own = script_summary("n001", 700);
    puppet_link(&puppet, cluster, 1, 0);
    own.u.summary.poll = 9;
    puppet_say(&puppet, &own);
    cluster_play_for(cluster, 200);
    bool heard = false;
    while (puppet_hear(&puppet, GSP_MSG_SUMMARY, &message)) heard |= message.u.summary.number == 701;
    ck_assert(heard);
    ck_assert_uint_eq(look_heard(cluster_peer(cluster, 0), 0)->poll, 9);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* However often a neighbour says so in other nodes' names, a node does not send a new summary for each. */
START_TEST(polls_are_answered_at_a_bounded_rate)
{
    struct cluster *cluster = cluster_small("complete", 3, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 2, 0);
    cluster_play_for(cluster, 3000);
    uint64_t before = look_heard(cluster_peer(cluster, 0), 0)->number;
    for (uint64_t i = 1; i <= 1000; i++) {
        struct gsp_message message = script_summary("n003", 1000 + i);
        message.u.summary.poll = i;
        puppet_say(&puppet, &message);
        cluster_play_for(cluster, 1);
    }
    ck_assert_uint_le(look_heard(cluster_peer(cluster, 0), 0)->number - before, 20);
    ck_assert_uint_le(look_heard(cluster_peer(cluster, 1), 1)->number, before + 30);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* Types of messages in the order that they come in; returns how many. */
static size_t hear_all(struct puppet *puppet, enum gsp_message_type *types, size_t most)
{
    struct gsp_message message;
    struct gsp_error error = {0};
    const uint8_t *bytes;
    size_t length, count = 0;
    cluster_hear(puppet->cluster, puppet->connection, &puppet->heard);
    ck_assert_int_eq(gsp__channel_feed(&puppet->channel, puppet->heard.data, puppet->heard.length, &error), 0);
    puppet->heard.length = 0;
    while (gsp__channel_next(&puppet->channel, SIZE_MAX, &bytes, &length, &error) > 0 && count < most) {
        ck_assert_int_eq(gsp_message_unpack(&message, bytes, length, &error), 0);
        types[count++] = message.type;
    }
    return count;
}

/* A slow link in a network of a hundred nodes, each with news: gossip need not wait until all are told, nor must the
 * news wait for the gossip. */
START_TEST(gossip_and_summaries_take_turns)
{
    enum { NODES = 100 };
    struct cluster *cluster = cluster_small("ring", NODES, NODES - 1, 4);
    struct gsp_peer *peer = cluster_peer(cluster, 0);
    struct puppet puppet;
    struct gsp_message message;
    puppet_link(&puppet, cluster, 1, 0);
    script_say(&puppet, script_run_state(1, 1, CLUSTER_SETTINGS));
    cluster_play_for(cluster, 100);
    puppet_expect(&puppet, GSP_MSG_RUN_HELLO, &message);
    size_t in_flight = look_block_link(peer, 1);
    for (int i = 3; i <= NODES; i++) {
        char name[8];
        snprintf(name, sizeof name, "n%03d", i);
        ck_assert_int_eq(gsp_network_find(cluster_network(cluster), name), i - 1);
        struct gsp_message heard = script_summary(name, 1);
        look_put_summary(peer, 1, (size_t)i - 1, &heard.u.summary, cluster_now(cluster));
    }
    script_say(&puppet, script_run_hello(1));
    tell_sent(peer, look_link_to(peer, 1).connection, in_flight, cluster_now(cluster));
    script_say(&puppet, (struct gsp_message){.type = GSP_MSG_PING}); /* an event: what is to be sent goes out */
    enum gsp_message_type types[2 * NODES];
    size_t count = hear_all(&puppet, types, 2 * NODES), first_gossip = 0, summaries = 0;
    while (first_gossip < count && types[first_gossip] != GSP_MSG_GOSSIP) first_gossip++;
    ck_assert_uint_lt(first_gossip, count);
    for (size_t i = 0; i < count; i++) {
        summaries += types[i] == GSP_MSG_SUMMARY;
        if (i < first_gossip) ck_assert_uint_le(summaries, 1);
        if (i > 0 && types[i] == GSP_MSG_GOSSIP) ck_assert_int_ne(types[i - 1], GSP_MSG_GOSSIP);
    }
    ck_assert_uint_ge(summaries, NODES - 2);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

static void check_heard(struct cluster *cluster, size_t at, size_t of)
{
    const struct gsp_peer *peer = cluster_peer(cluster, at);
    uint64_t began = cluster_now(cluster);
    cluster_play_for(cluster, 12000); /* a heartbeat and some */
    ck_assert_uint_gt(look_heard_at(peer, of), began);
    ck_assert_uint_lt(look_heard(peer, of)->number, GSP_COUNT_MAX);
}

/* n003 tells summaries in the names of others, with numbers that leave no room for their own: they are heard all the
 * same. */
START_TEST(forged_numbers_silence_nobody)
{
    struct cluster *cluster = cluster_small("complete", 3, 1, 4);
    struct puppet puppet;
    cluster_play_for(cluster, 3000);
    puppet_link(&puppet, cluster, 2, 0);
    script_say(&puppet, script_summary("n002", GSP_COUNT_MAX));
    check_heard(cluster, 0, 1);
    script_say(&puppet, script_summary("n001", GSP_COUNT_MAX));
    check_heard(cluster, 1, 0);
    for (int i = 0; i < 300; i++) { /* the greatest that are believed */
        uint64_t number = look_heard(cluster_peer(cluster, 0), 0)->number;
        if (number < GSP__NUMBER_FREE_MAX) number = GSP__NUMBER_FREE_MAX;
        struct gsp_message forged = script_summary("n001", number + GSP__OWN_NUMBER_STEP_MAX);
        forged.u.summary.poll = number;
        script_say(&puppet, forged);
    }
    ck_assert_uint_lt(look_heard(cluster_peer(cluster, 0), 0)->number,
                      GSP__NUMBER_FREE_MAX + 10 * (uint64_t)GSP__OWN_NUMBER_STEP_MAX); /* and how many */
    check_heard(cluster, 1, 0);
    ck_assert(!puppet_hung_up(&puppet));
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* Of a node that was never heard of any number is believed, but not for ever. */
START_TEST(forged_number_is_forgotten)
{
    struct cluster *cluster = cluster_small("complete", 3, 2, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 2, 0);
    script_say(&puppet, script_summary("n002", GSP_COUNT_MAX));
    ck_assert_uint_eq(look_heard(cluster_peer(cluster, 0), 1)->number, GSP_COUNT_MAX);
    puppet_end(&puppet);
    cluster_play_for(cluster, GSP__SUMMARY_FORGET_TIME + 1000);
    cluster_revive(cluster, 1);
    cluster_play_for(cluster, 40000);
    check_heard(cluster, 0, 1);
    cluster_free(cluster);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("summaries");
    TCase *tests = tcase_create("summaries");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, strange_summaries_end_the_link);
    tcase_add_test(tests, own_number_of_a_former_life_is_taken_up);
    tcase_add_test(tests, polls_are_answered_at_a_bounded_rate);
    tcase_add_test(tests, gossip_and_summaries_take_turns);
    tcase_add_test(tests, forged_numbers_silence_nobody);
    tcase_add_test(tests, forged_number_is_forgotten);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
