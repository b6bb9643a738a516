/* Listed nodes that misbehave: what they may spoil is a run, not the memory, the log, the files or the later runs of
 * the others. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "host/limits.h"
#include "sim/look.h"
#include "sim/puppet.h"
#include "sim/script.h"
#include "unit/run_suite.h"

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
    script_say(&link, script_run_state(1, 1, CLUSTER_SETTINGS));
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

/* ---- run states ---- */

START_TEST(run_numbers_cannot_be_used_up)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    const struct gsp_peer *peer = cluster_peer(cluster, 0);
    static const uint64_t refused[] = {GSP_COUNT_MAX, GSP_COUNT_MAX / 2 + 1, 2 + GSP__EPOCH_STEP_MAX};
    struct puppet puppet;
    for (size_t i = 0; i < 3; i++) {
        puppet_link(&puppet, cluster, 1, 0);
        if (i == 2) script_say(&puppet, script_run_state(1, 1, CLUSTER_SETTINGS));
        script_say(&puppet, script_run_state(refused[i], 1, CLUSTER_SETTINGS));
        ck_assert(puppet_hung_up(&puppet));
        ck_assert_uint_eq(look_wanted(peer)->run.epoch, i == 2);
        ck_assert_ptr_nonnull(strstr(look_link(peer, 0).detail, "it tells of run "));
        puppet_end(&puppet);
        cluster_play_for(cluster, 100);
    }
    puppet_link(&puppet, cluster, 1, 0);
    script_say(&puppet, script_run_state(1 + GSP__EPOCH_STEP_MAX, 1, CLUSTER_SETTINGS));
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
    struct gsp_message message = script_run_state(1, 1, "rounds=none");
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

/* Runs without end, and a log that does not take them all. */
START_TEST(run_states_are_rationed)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct gsp_peer *peer = cluster_peer(cluster, 0);
    struct puppet puppet;
    size_t lines = 0, told = 0;
    look_count_lines(peer, &lines);
    enum { SECONDS = 100 };
    for (int second = 0; second < SECONDS; second++) {
        puppet_link(&puppet, cluster, 1, 0);
        for (int i = 0; i < 200 && !puppet_hung_up(&puppet); i++) {
            uint64_t before = look_wanted(peer)->run.epoch;
            script_say(&puppet, script_run_state(before + 1, 1, CLUSTER_SETTINGS));
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
    script_say(&puppet, script_run_state(1, 1, CLUSTER_SETTINGS));
    for (int i = 0; i < 2 * GSP__RUN_STATES_BURST && !puppet_hung_up(&puppet); i++) {
        struct gsp_message message = script_run_state(1, 1, CLUSTER_SETTINGS);
        message.u.run_state.aborted = message.u.run_state.abort_asked = true;
        snprintf(message.u.run_state.abort_node, sizeof message.u.run_state.abort_node, "n%03d", 999 - i);
        script_say(&puppet, message);
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
        script_say(&puppet, script_run_state(i + 1, 1, settings));
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
    script_say(puppet, script_run_state(1, 1, CLUSTER_SETTINGS "on_peer_loss=reweight\n"));
    cluster_play_for(cluster, 100);
    puppet_expect(puppet, GSP_MSG_RUN_HELLO, &heard);
    ck_assert_uint_le(heard.u.run_hello.have, LAST_STEP + 1);
    script_say(puppet, hello);
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
        if (lost) script_say(&puppet, gone);
        script_say(&puppet, step_message(_i, steps[i]));
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
