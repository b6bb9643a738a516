/* Listed nodes that misbehave: what they may spoil is a run, not the memory, the log, the files or the later runs of
 * the others. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/node.h"
#include "host/limits.h"
#include "sim/look.h"
#include "sim/puppet.h"
#include "sim/tell.h"
#include "unit/run_suite.h"

static struct gsp_message run_state(uint64_t epoch, uint8_t id, const char *settings)
{
    struct gsp_message message = {.type = GSP_MSG_RUN_STATE, .u.run_state.run = {.epoch = epoch, .id = {id}}};
    snprintf(message.u.run_state.origin, sizeof message.u.run_state.origin, "n002");
    snprintf(message.u.run_state.settings, sizeof message.u.run_state.settings, "%s", settings);
    return message;
}

static struct gsp_message summary_of(const char *node, uint64_t number)
{
    struct gsp_message message = {.type = GSP_MSG_SUMMARY};
    snprintf(message.u.summary.node, sizeof message.u.summary.node, "%s", node);
    message.u.summary.number = number;
    message.u.summary.ended = true;
    return message;
}

static void say(struct puppet *puppet, struct gsp_message message)
{
    puppet_say(puppet, &message);
}

/* ---- connections ---- */

static size_t ending_in_order(const struct cluster *cluster)
{
    return look_ending_connections(cluster_peer(cluster, 0));
}

/* A listed node that connects again and again: each connection replaces the one before. */
START_TEST(replaced_connections_do_not_pile_up)
{
    enum { MANY = 40 };
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppets[MANY];
    for (int i = 0; i < MANY; i++) {
        puppet_link(&puppets[i], cluster, 1, 0);
        ck_assert_uint_le(ending_in_order(cluster), GSP__CLOSING_PER_NODE_MAX);
    }
    ck_assert_uint_eq(ending_in_order(cluster), GSP__CLOSING_PER_NODE_MAX);
    ck_assert(look_link(cluster_peer(cluster, 0), 0).up);
    for (int i = 0; i < MANY; i++) puppet_end(&puppets[i]);
    cluster_free(cluster);
}
END_TEST

/* The same for one that is refused: no edge of the ring joins the two. */
START_TEST(refused_connections_do_not_pile_up)
{
    enum { MANY = 20 };
    struct cluster *cluster = cluster_small("ring", 4, 2, 4);
    struct puppet puppets[MANY];
    for (int i = 0; i < MANY; i++) {
        puppet_begin(&puppets[i], cluster, 2, 0, NULL);
        ck_assert(puppet_prove(&puppets[i]));
        ck_assert_uint_le(ending_in_order(cluster), GSP__CLOSING_PER_NODE_MAX);
    }
    for (int i = 0; i < MANY; i++) puppet_end(&puppets[i]);
    cluster_free(cluster);
}
END_TEST

/* A connection that ends, or has ended, keeps nothing of what it was sent. */
START_TEST(ending_connection_keeps_no_half_message)
{
    static const uint8_t half[] = {0, 0x10, 0, 0, 1, 2, 3};
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet first, second;
    puppet_link(&first, cluster, 1, 0);
    puppet_say_bytes(&first, half, sizeof half);
    ck_assert_uint_eq(look_link(cluster_peer(cluster, 0), 0).half, sizeof half);
    puppet_link(&second, cluster, 1, 0);
    ck_assert_uint_eq(look_ending_memory(cluster_peer(cluster, 0)), 0);
    puppet_end(&first);
    puppet_end(&second);
    cluster_free(cluster);
}
END_TEST

/* Long messages belong to a run, and a run to a link. Before Hello there is none. */
START_TEST(no_long_message_before_hello)
{
    static const uint8_t announced[] = {0x01, 0x20, 0, 0}; /* 8,193 bytes */
    struct cluster *cluster = cluster_small("complete", 2, 1, 2000);
    struct puppet link, early;
    puppet_link(&link, cluster, 1, 0);
    say(&link, run_state(1, 1, CLUSTER_SETTINGS));
    cluster_play_for(cluster, 100);
    puppet_say_bytes(&link, announced, sizeof announced);
    ck_assert(!puppet_hung_up(&link)); /* 2,000 doubles are longer */
    puppet_begin(&early, cluster, 1, 0, NULL);
    ck_assert(puppet_prove(&early));
    puppet_say_bytes(&early, announced, sizeof announced);
    ck_assert(puppet_hung_up(&early));
    puppet_end(&early);
    puppet_end(&link);
    cluster_free(cluster);
}
END_TEST

/* Keys are worked out for those who have said something. */
START_TEST(silent_stranger_costs_no_key)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    uint8_t message[PUPPET_MESSAGE_1] = {0};
    uint64_t id = cluster_intrude(cluster, 0, "stranger");
    cluster_say(cluster, id, message, sizeof message - 1);
    ck_assert(!look_has_keys(cluster_peer(cluster, 0), id));
    cluster_say(cluster, id, message, 1);
    ck_assert(cluster_hung_up(cluster, id));
    cluster_free(cluster);
}
END_TEST

/* ---- summaries ---- */

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

static struct gsp_message run_hello(uint64_t epoch, uint8_t id)
{
    struct gsp_message message = {.type = GSP_MSG_RUN_HELLO, .u.run_hello.run = {.epoch = epoch, .id = {id}}};
    message.u.run_hello.expect = message.u.run_hello.have = message.u.run_hello.durable = 1;
    message.u.run_hello.digest = gsp__digest_start(message.u.run_hello.run.id, "n001");
    return message;
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
    say(&puppet, run_state(1, 1, CLUSTER_SETTINGS));
    cluster_play_for(cluster, 100);
    puppet_expect(&puppet, GSP_MSG_RUN_HELLO, &message);
    size_t in_flight = look_block_link(peer, 1);
    for (int i = 3; i <= NODES; i++) {
        char name[8];
        snprintf(name, sizeof name, "n%03d", i);
        ck_assert_int_eq(gsp_network_find(cluster_network(cluster), name), i - 1);
        struct gsp_message heard = summary_of(name, 1);
        look_put_summary(peer, 1, (size_t)i - 1, &heard.u.summary, cluster_now(cluster));
    }
    say(&puppet, run_hello(1, 1));
    tell_sent(peer, look_link_to(peer, 1).connection, in_flight, cluster_now(cluster));
    say(&puppet, (struct gsp_message){.type = GSP_MSG_PING}); /* an event: what is to be sent goes out */
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
    say(&puppet, summary_of("n002", GSP_COUNT_MAX));
    check_heard(cluster, 0, 1);
    say(&puppet, summary_of("n001", GSP_COUNT_MAX));
    check_heard(cluster, 1, 0);
    for (int i = 0; i < 300; i++) { /* the greatest that are believed */
        uint64_t number = look_heard(cluster_peer(cluster, 0), 0)->number;
        if (number < GSP__NUMBER_FREE_MAX) number = GSP__NUMBER_FREE_MAX;
        struct gsp_message forged = summary_of("n001", number + GSP__OWN_NUMBER_STEP_MAX);
        forged.u.summary.poll = number;
        say(&puppet, forged);
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
    say(&puppet, summary_of("n002", GSP_COUNT_MAX));
    ck_assert_uint_eq(look_heard(cluster_peer(cluster, 0), 1)->number, GSP_COUNT_MAX);
    puppet_end(&puppet);
    cluster_play_for(cluster, GSP__SUMMARY_FORGET_TIME + 1000);
    cluster_revive(cluster, 1);
    cluster_play_for(cluster, 40000);
    check_heard(cluster, 0, 1);
    cluster_free(cluster);
}
END_TEST

/* ---- run states ---- */

START_TEST(run_numbers_cannot_be_used_up)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    const struct gsp_peer *peer = cluster_peer(cluster, 0);
    static const uint64_t refused[] = {GSP_COUNT_MAX, GSP_COUNT_MAX / 2 + 1, 2 + GSP__EPOCH_STEP_MAX};
    struct puppet puppet;
    for (size_t i = 0; i < 3; i++) {
        puppet_link(&puppet, cluster, 1, 0);
        if (i == 2) say(&puppet, run_state(1, 1, CLUSTER_SETTINGS));
        say(&puppet, run_state(refused[i], 1, CLUSTER_SETTINGS));
        ck_assert(puppet_hung_up(&puppet));
        ck_assert_uint_eq(look_wanted(peer)->run.epoch, i == 2);
        ck_assert_ptr_nonnull(strstr(look_link(peer, 0).detail, "it tells of run "));
        puppet_end(&puppet);
        cluster_play_for(cluster, 100);
    }
    puppet_link(&puppet, cluster, 1, 0);
    say(&puppet, run_state(1 + GSP__EPOCH_STEP_MAX, 1, CLUSTER_SETTINGS));
    ck_assert(!puppet_hung_up(&puppet));
    ck_assert_uint_eq(look_wanted(peer)->run.epoch, 1 + GSP__EPOCH_STEP_MAX);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* A run that others have given up, and that this node could not even take part in, is over here too. */
START_TEST(aborted_run_with_useless_settings_is_over)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    struct gsp_message message = run_state(1, 1, "rounds=none");
    message.u.run_state.aborted = true;
    snprintf(message.u.run_state.abort_node, sizeof message.u.run_state.abort_node, "a");
    puppet_link(&puppet, cluster, 1, 0);
    puppet_say(&puppet, &message);
    cluster_play_for(cluster, 100);
    ck_assert_uint_eq(look_state(cluster_peer(cluster, 0))->run.epoch, 1);
    ck_assert_int_eq(look_run(cluster_peer(cluster, 0)).stage, LOOK_ENDED);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

static void count_line(void *context, enum gsp_log_level level, const char *message)
{
    (void)message;
    *(size_t *)context += level >= GSP_LOG_INFO;
}

/* Runs without end, and a log that does not take them all. */
START_TEST(run_states_are_rationed)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct gsp_peer *peer = cluster_peer(cluster, 0);
    struct puppet puppet;
    size_t lines = 0, told = 0;
    look_set_log(peer, (struct gsp_log){count_line, &lines});
    enum { SECONDS = 100 };
    for (int second = 0; second < SECONDS; second++) {
        puppet_link(&puppet, cluster, 1, 0);
        for (int i = 0; i < 200 && !puppet_hung_up(&puppet); i++) {
            uint64_t before = look_wanted(peer)->run.epoch;
            say(&puppet, run_state(before + 1, 1, CLUSTER_SETTINGS));
            told += look_wanted(peer)->run.epoch > before;
        }
        ck_assert(puppet_hung_up(&puppet));
        puppet_end(&puppet);
        cluster_play_for(cluster, 1000);
    }
    ck_assert_uint_le(told, GSP__RUN_STATES_BURST + (SECONDS + 1) * 1000 / GSP__RUN_STATES_TIME);
    ck_assert_uint_ge(told, GSP__RUN_STATES_BURST);
    ck_assert_uint_le(lines, 2 * (GSP__LOG_LINES_BURST + SECONDS + 1)); /* each may say what was left out */
    cluster_free(cluster);
}
END_TEST

/* Each prevails over the one before, for the same reason, and would be written and told on. */
START_TEST(aborts_of_one_run_are_rationed)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    say(&puppet, run_state(1, 1, CLUSTER_SETTINGS));
    for (int i = 0; i < 2 * GSP__RUN_STATES_BURST && !puppet_hung_up(&puppet); i++) {
        struct gsp_message message = run_state(1, 1, CLUSTER_SETTINGS);
        message.u.run_state.aborted = message.u.run_state.abort_asked = true;
        snprintf(message.u.run_state.abort_node, sizeof message.u.run_state.abort_node, "n%03d", 999 - i);
        say(&puppet, message);
    }
    ck_assert(puppet_hung_up(&puppet));
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* A run that comes over the network can name no file but one laid out for it. */
START_TEST(init_file_reaches_no_other_files)
{
    static const char *const names[] = {"/etc/passwd", "../peers.conf", "n001.key", ".npy", "x.npy/"};
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char settings[400];
        snprintf(settings, sizeof settings, "%sinit=file:%s\n", CLUSTER_SETTINGS, names[i]);
        say(&puppet, run_state(i + 1, 1, settings));
        cluster_play_for(cluster, 20);
        ck_assert(look_state(cluster_peer(cluster, 0))->aborted);
        ck_assert_msg(strstr(look_state(cluster_peer(cluster, 0))->abort_reason, "must be a .npy file") != NULL,
                      "%s: %s", names[i], look_state(cluster_peer(cluster, 0))->abort_reason);
    }
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

START_TEST(start_with_such_a_file_is_refused)
{
    struct cluster *cluster = cluster_small("complete", 2, 0, 4);
    struct cluster_reply reply = {0};
    cluster_start_now(cluster, 0, "init=file:../x.csv", &reply);
    cluster_play_for(cluster, 100);
    ck_assert(reply.done);
    ck_assert_int_eq(reply.exit_code, GSP_REPLY_USAGE);
    ck_assert_ptr_nonnull(strstr(reply.message, "must be a .npy file"));
    cluster_free(cluster);
}
END_TEST

/* ---- steps ---- */

enum { LAST_STEP = 100, STEP_KINDS = 8 };

static struct gsp_message step_message(int kind, uint64_t step)
{
    static const uint8_t z[4 * sizeof(double)];
    static const enum gsp_message_type types[STEP_KINDS] = {GSP_MSG_EDGE_AT,   GSP_MSG_HAVE,      GSP_MSG_DURABLE,
                                                            GSP_MSG_RUN_HELLO, GSP_MSG_RUN_HELLO, GSP_MSG_RUN_HELLO,
                                                            GSP_MSG_RESYNC,    GSP_MSG_COPY};
    struct gsp_message message = {.type = types[kind]};
    const struct gsp_run_key key = {.epoch = 1, .id = {1}};
    if (kind == 0) message.u.edge_at.step = step;
    if (kind == 1) message.u.have.step = step;
    if (kind == 2) message.u.durable.step = step;
    if (kind >= 6) {
        message.u.vector.run = key;
        message.u.vector.step = step;
        message.u.vector.z = z;
        message.u.vector.length = sizeof z;
    } else if (kind >= 3) {
        message.u.run_hello.run = key;
        message.u.run_hello.expect = kind == 3 ? step : 1;
        message.u.run_hello.have = kind == 4 ? step : 1;
        message.u.run_hello.durable = kind == 5 ? step : 1;
    }
    return message;
}

/* A link in a run of 100 steps with reweight, both hellos said; the edge is down where the test is. */
static void link_in_run(struct puppet *puppet, struct cluster *cluster)
{
    struct gsp_message hello = {.type = GSP_MSG_RUN_HELLO, .u.run_hello.run = {.epoch = 1, .id = {1}}}, heard;
    hello.u.run_hello.expect = hello.u.run_hello.have = hello.u.run_hello.durable = 1;
    hello.u.run_hello.edge_down = true;
    puppet_link(puppet, cluster, 1, 0);
    say(puppet, run_state(1, 1, CLUSTER_SETTINGS "on_peer_loss=reweight\n"));
    cluster_play_for(cluster, 100);
    puppet_expect(puppet, GSP_MSG_RUN_HELLO, &heard);
    ck_assert_uint_le(heard.u.run_hello.have, LAST_STEP + 1);
    say(puppet, hello);
}

/* No step is beyond a run: who followed such a number would be out of the run for good, over restarts too. */
START_TEST(no_step_leads_out_of_a_run)
{
    static const uint64_t steps[] = {LAST_STEP + 1, LAST_STEP + 2, GSP_COUNT_MAX};
    for (size_t i = 0; i < 3; i++) {
        struct cluster *cluster = cluster_small("complete", 2, 1, 4);
        struct puppet puppet;
        struct gsp_message gone = {.type = GSP_MSG_GONE, .u.gone.run = {.epoch = 1, .id = {1}}};
        bool lost = step_message(_i, 1).type == GSP_MSG_COPY; /* the node, by the word of the test */
        link_in_run(&puppet, cluster);
        if (lost) say(&puppet, gone);
        say(&puppet, step_message(_i, steps[i]));
        ck_assert_int_eq(puppet_hung_up(&puppet), i > 0);
        puppet_end(&puppet);
        cluster_play_for(cluster, 5000);
        if (!lost && i) link_in_run(&puppet, cluster);
        if (!lost && i) puppet_end(&puppet);
        cluster_free(cluster);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("listed");
    TCase *tests = tcase_create("listed");
    tcase_add_test(tests, replaced_connections_do_not_pile_up);
    tcase_add_test(tests, refused_connections_do_not_pile_up);
    tcase_add_test(tests, ending_connection_keeps_no_half_message);
    tcase_add_test(tests, no_long_message_before_hello);
    tcase_add_test(tests, silent_stranger_costs_no_key);
    tcase_add_test(tests, gossip_and_summaries_take_turns);
    tcase_add_test(tests, forged_numbers_silence_nobody);
    tcase_add_test(tests, forged_number_is_forgotten);
    tcase_add_test(tests, run_numbers_cannot_be_used_up);
    tcase_add_test(tests, aborted_run_with_useless_settings_is_over);
    tcase_add_test(tests, run_states_are_rationed);
    tcase_add_test(tests, aborts_of_one_run_are_rationed);
    tcase_add_test(tests, init_file_reaches_no_other_files);
    tcase_add_test(tests, start_with_such_a_file_is_refused);
    tcase_add_loop_test(tests, no_step_leads_out_of_a_run, 0, STEP_KINDS);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return run_suite(suite());
}
