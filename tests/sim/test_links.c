/* Links and runs against neighbours that break the rules, late messages, and orderly ends. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/node.h"
#include "session/peer.h"
#include "sim/puppet.h"
#include "unit/run_suite.h"

enum { LONG = 20 * 60 * 1000 };

/* ---- a false neighbour's part of a run ---- */

static struct gsp_message run_state(uint64_t epoch, const char *settings)
{
    struct gsp_message message = {.type = GSP_MSG_RUN_STATE, .u.run_state.run = {.epoch = epoch, .id = {1}}};
    snprintf(message.u.run_state.origin, sizeof message.u.run_state.origin, "n002");
    snprintf(message.u.run_state.settings, sizeof message.u.run_state.settings, "%s", settings);
    return message;
}

/* "I have nothing of you yet." */
static struct gsp_message run_hello(uint64_t epoch, const char *to)
{
    struct gsp_message message = {.type = GSP_MSG_RUN_HELLO, .u.run_hello.run = {.epoch = epoch, .id = {1}}};
    message.u.run_hello.expect = message.u.run_hello.have = message.u.run_hello.durable = 1;
    message.u.run_hello.digest = gsp__digest_start(message.u.run_hello.run.id, to);
    return message;
}

/* Gossip that changes nothing: d zeros, uncompressed. */
static void say_gossip(struct puppet *puppet, size_t d, uint64_t step)
{
    uint8_t *payload = gsp_alloc(1 + 8 * d, 1);
    payload[0] = 1; /* dense */
    struct gsp_message message = {.type = GSP_MSG_GOSSIP};
    message.u.gossip.step = step;
    message.u.gossip.payload = payload;
    message.u.gossip.length = 1 + 8 * d;
    puppet_say(puppet, &message);
    free(payload);
}

static void say(struct puppet *puppet, struct gsp_message message)
{
    puppet_say(puppet, &message);
}

/* Begins a run at node 0 by a false neighbour, both hellos exchanged. */
static void begin_run(struct puppet *puppet, uint64_t epoch, const char *settings)
{
    struct gsp_message message;
    say(puppet, run_state(epoch, settings));
    cluster_play_for(puppet->cluster, 100);
    puppet_expect(puppet, GSP_MSG_RUN_HELLO, &message);
    ck_assert_uint_eq(message.u.run_hello.run.epoch, epoch);
    say(puppet, run_hello(epoch, "n001"));
}

static const struct gsp_node *node_of(const struct cluster *cluster, size_t i)
{
    return cluster_peer(cluster, i)->run->node;
}

static const char *detail(const struct cluster *cluster)
{
    return cluster_peer(cluster, 0)->links[0].detail;
}

/* ---- run states that make no sense ---- */

START_TEST(run_state_without_a_run_ends_the_link)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    for (int i = 0; i < 3; i++) {
        struct gsp_message message = {.type = GSP_MSG_RUN_STATE};
        message.u.run_state.stop_round = i == 0 ? 5 : 0;
        message.u.run_state.aborted = i == 1;
        snprintf(message.u.run_state.abort_node, sizeof message.u.run_state.abort_node, "n002");
        puppet_link(&puppet, cluster, 1, 0);
        puppet_say(&puppet, &message);
        ck_assert(puppet_hung_up(&puppet));
        ck_assert(!cluster_peer(cluster, 0)->state.aborted);
        puppet_end(&puppet);
        cluster_play_for(cluster, 100);
    }
    cluster_free(cluster);
}
END_TEST

START_TEST(impossible_epoch_ends_the_link)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    say(&puppet, run_state(UINT64_MAX, CLUSTER_SETTINGS));
    ck_assert(puppet_hung_up(&puppet));
    ck_assert_uint_eq(cluster_peer(cluster, 0)->state.run.epoch, 0);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* CLUSTER_SETTINGS, with one of them changed. */
static void change_settings(char *text, size_t size, const char *change)
{
    char all[] = CLUSTER_SETTINGS, *rest = all;
    size_t key = strcspn(change, "=") + 1, used = (size_t)snprintf(text, size, "%s\n", change);
    for (char *line; (line = strsep(&rest, "\n"));)
        if (*line && strncmp(line, change, key) != 0) used += (size_t)snprintf(text + used, size - used, "%s\n", line);
}

/* Settings that only a node with other rules than ours would flood: the run is aborted with the reason. */
START_TEST(settings_that_cannot_run_abort)
{
    static const struct {
        const char *change, *words;
    } cases[] = {
        {"gossip_steps=0", "gossip_steps"}, {"eta=auto", "eta"},        {"gamma=auto", "gamma"},
        {"objective=softmax", "classes"},   {"rounds=none", "rounds"},  {"compressor=zip", "compressor"},
        {"objective=logistic", "label"},    {"init=last", "init=last"}, {"init=file:x.npy", "no files here"},
        {"objective=zip", "objective"},     {"init=moon", "init"},      {"loss_time=1", "loss_time"},
    };
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char settings[400];
        change_settings(settings, sizeof settings, cases[i].change);
        say(&puppet, run_state(1 + i, settings));
        cluster_play_for(cluster, 100);
        const struct gsp_run_state *state = &cluster_peer(cluster, 0)->state;
        ck_assert_uint_eq(state->run.epoch, 1 + i);
        ck_assert_msg(state->aborted && strstr(state->abort_reason, cases[i].words), "%s: %s", cases[i].change,
                      state->abort_reason);
        ck_assert(!puppet_hung_up(&puppet));
    }
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* A run that comes aborted, for a reason that prevails over ours, and could not run here either: it has ended. */
START_TEST(aborted_run_that_cannot_run_has_ended)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    struct gsp_message message = run_state(1, "rounds=none");
    message.u.run_state.aborted = true;
    strcpy(message.u.run_state.abort_node, "a");
    strcpy(message.u.run_state.abort_reason, "none");
    say(&puppet, message);
    cluster_play_for(cluster, 100);
    const struct gsp_peer *peer = cluster_peer(cluster, 0);
    ck_assert(peer->run && peer->run->stage == GSP__RUN_ENDED && peer->run->end == GSP_PHASE_FAILED);
    ck_assert_str_eq(peer->state.abort_node, "a");
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* A run that would not fit is refused before anything is allocated for it. */
START_TEST(run_larger_than_the_memory_aborts)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 700000);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    say(&puppet, run_state(1, CLUSTER_SETTINGS));
    cluster_play_for(cluster, 100);
    const struct gsp_peer *peer = cluster_peer(cluster, 0);
    ck_assert(peer->state.aborted);
    ck_assert_msg(strstr(peer->state.abort_reason, "MB") != NULL, "%s", peer->state.abort_reason);
    ck_assert_ptr_null(peer->run->node);
    ck_assert_ptr_null(peer->run->objective);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* A stop of a round that is past must end the run, not leave the node waiting for ever. */
START_TEST(stop_that_comes_too_late_aborts)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    begin_run(&puppet, 1, CLUSTER_SETTINGS);
    for (uint64_t step = 1; step <= 6; step++) {
        say_gossip(&puppet, 4, step);
        cluster_play_for(cluster, 50);
    }
    ck_assert_uint_eq(gsp_node_step(node_of(cluster, 0)), 7);
    struct gsp_message stop = run_state(1, CLUSTER_SETTINGS);
    stop.u.run_state.stop_round = 3; /* its last step is 6, and 7 has begun */
    puppet_say(&puppet, &stop);
    cluster_play_for(cluster, 100);
    ck_assert(cluster_peer(cluster, 0)->state.aborted);
    ck_assert_ptr_nonnull(strstr(cluster_peer(cluster, 0)->state.abort_reason, "stop"));
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* ---- gossip that breaks the rules ---- */

START_TEST(third_message_ends_the_link)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    begin_run(&puppet, 1, CLUSTER_SETTINGS);
    say_gossip(&puppet, 4, 1);
    say_gossip(&puppet, 4, 2);
    ck_assert(!puppet_hung_up(&puppet));
    say_gossip(&puppet, 4, 3);
    ck_assert(puppet_hung_up(&puppet));
    ck_assert_ptr_nonnull(strstr(detail(cluster), "a third message, of step 3"));
    ck_assert(!cluster_peer(cluster, 0)->state.aborted); /* the link is mended when it comes back */
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

START_TEST(gap_ends_the_link)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    begin_run(&puppet, 1, CLUSTER_SETTINGS);
    say_gossip(&puppet, 4, 2);
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
        begin_run(&puppet, 1, CLUSTER_SETTINGS);
        say_gossip(&puppet, d, 1);
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
    begin_run(&puppet, 1, CLUSTER_SETTINGS);
    for (int i = 0; i < 5; i++) say_gossip(&puppet, 4, 1);
    cluster_play_for(cluster, 100);
    for (int i = 0; i < 5; i++) say_gossip(&puppet, 4, 1);
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
    begin_run(&puppet, 1, CLUSTER_SETTINGS);
    say_gossip(&puppet, D, 1);
    say(&puppet, run_state(2, small));
    say_gossip(&puppet, D, 2);
    cluster_play_for(cluster, 100);
    say_gossip(&puppet, D, 3);
    ck_assert_msg(!puppet_hung_up(&puppet), "%s", detail(cluster));
    ck_assert_uint_eq(gsp_node_expected(node_of(cluster, 0), 0), 1);
    say(&puppet, run_hello(2, "n001"));
    say_gossip(&puppet, D, 1); /* now it counts, and is of another shape */
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
    begin_run(&puppet, 1, CLUSTER_SETTINGS);
    uint64_t sent = 0;
    for (uint64_t step = 1; step <= 40; step++) {
        struct gsp_message durable = {.type = GSP_MSG_DURABLE, .u.durable.step = step};
        puppet_say(&puppet, &durable);
        say_gossip(&puppet, 4, step); /* by which it says that it has `step` in hand */
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
        begin_run(&puppet, 1, CLUSTER_SETTINGS);
        for (uint64_t step = 1; step <= i % 3; step++) {
            say_gossip(&puppet, 4, step);
            cluster_play_for(cluster, 30);
        }
        struct gsp_message hello = run_hello(1, "n001");
        hello.u.run_hello.expect = numbers[i % 6];
        hello.u.run_hello.have = numbers[i / 6];
        for (int again = 0; again < 3; again++) puppet_say(&puppet, &hello);
        cluster_play_for(cluster, 100);
        for (uint64_t step = 1; step <= 9; step++) {
            say_gossip(&puppet, 4, step);
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
    ck_assert_ptr_nonnull(strstr(cluster_peer(cluster, 0)->run->note, "recomputed other messages"));
    ck_assert(!cluster_peer(cluster, 0)->state.aborted);
}

START_TEST(other_digest_is_answered_by_a_resync)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    begin_run(&puppet, 1, CLUSTER_SETTINGS);
    struct gsp_message hello = run_hello(1, "n001");
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
    begin_run(&puppet, 1, CLUSTER_SETTINGS);
    struct gsp_message hello = run_hello(1, "n001");
    hello.u.run_hello.expect = 4;
    puppet_say(&puppet, &hello);
    for (uint64_t step = 1; step <= 3; step++) {
        say_gossip(&puppet, 4, step);
        cluster_play_for(cluster, 30);
    }
    ck_assert_uint_eq(gsp_node_step(node_of(cluster, 0)), 4);
    check_resync(&puppet, cluster, 4);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* ---- summaries ---- */

static struct gsp_message summary_of(const char *node, uint64_t number)
{
    struct gsp_message message = {.type = GSP_MSG_SUMMARY};
    struct gsp_summary *summary = &message.u.summary;
    snprintf(summary->node, sizeof summary->node, "%s", node);
    summary->number = number;
    summary->ended = true;
    summary->rows = summary->columns = 4;
    return message;
}

START_TEST(strange_summaries_end_the_link)
{
    const struct gsp_message messages[] = {summary_of("n999", 1), summary_of("n002", GSP_COUNT_MAX + 1),
                                           summary_of("n001", UINT64_MAX), summary_of("n002", 0)};
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        struct puppet puppet;
        puppet_link(&puppet, cluster, 1, 0);
        puppet_say(&puppet, &messages[i]);
        ck_assert_msg(puppet_hung_up(&puppet), "summary %zu", i);
        puppet_end(&puppet);
        cluster_play_for(cluster, 100);
    }
    ck_assert_uint_gt(cluster_peer(cluster, 0)->nodes[0].summary.number, 0);
    cluster_free(cluster);
}
END_TEST

/* A node hears of a life before its own, and counts on from there. */
START_TEST(own_number_of_a_former_life_is_taken_up)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    struct gsp_message message, own = summary_of("n001", 700);
    puppet_link(&puppet, cluster, 1, 0);
    own.u.summary.poll = 9;
    puppet_say(&puppet, &own);
    cluster_play_for(cluster, 200);
    bool heard = false;
    while (puppet_hear(&puppet, GSP_MSG_SUMMARY, &message)) heard |= message.u.summary.number == 701;
    ck_assert(heard);
    ck_assert_uint_eq(cluster_peer(cluster, 0)->nodes[0].summary.poll, 9);
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
    uint64_t before = cluster_peer(cluster, 0)->nodes[0].summary.number;
    for (uint64_t i = 1; i <= 1000; i++) {
        struct gsp_message message = summary_of("n003", 1000 + i);
        message.u.summary.poll = i;
        puppet_say(&puppet, &message);
        cluster_play_for(cluster, 1);
    }
    ck_assert_uint_le(cluster_peer(cluster, 0)->nodes[0].summary.number - before, 20);
    ck_assert_uint_le(cluster_peer(cluster, 1)->nodes[1].summary.number, before + 30);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* What a neighbour's former life had in hand does not let its messages be forgotten: it needs them again. */
START_TEST(log_is_kept_for_a_neighbour_that_starts_again)
{
    struct cluster *cluster = cluster_small("complete", 3, 2, 4);
    struct puppet again, other;
    struct gsp_message message;
    puppet_link(&again, cluster, 1, 0);
    puppet_link(&other, cluster, 2, 0);
    begin_run(&again, 1, CLUSTER_SETTINGS);
    say(&other, run_hello(1, "n001"));
    say_gossip(&again, 4, 1);
    say_gossip(&again, 4, 2);
    for (int life = 2; life <= 3; life++) {
        puppet_end(&again);
        cluster_play_for(cluster, 100);
        puppet_link(&again, cluster, 1, 0);
        puppet_expect(&again, GSP_MSG_RUN_HELLO, &message);
        say(&again, run_hello(1, "n001"));
        puppet_expect(&again, GSP_MSG_GOSSIP, &message);
        ck_assert_uint_eq(message.u.gossip.step, 1);
        if (life == 3) break;
        for (uint64_t step = 1; step <= 2; step++) {
            say_gossip(&other, 4, step);
            cluster_play_for(cluster, 100);
        }
    }
    ck_assert(!cluster_peer(cluster, 0)->state.aborted);
    puppet_end(&again);
    puppet_end(&other);
    cluster_free(cluster);
}
END_TEST

/* ---- the end ---- */

/* At a shutdown neighbours hear Close and nothing after it; nobody waits for strangers. */
START_TEST(shutdown_says_close_and_waits_for_neighbours_alone)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    struct gsp_message message;
    puppet_link(&puppet, cluster, 1, 0);
    begin_run(&puppet, 1, CLUSTER_SETTINGS);
    uint64_t stranger = cluster_intrude(cluster, 0, "stranger");
    puppet_hear(&puppet, GSP_MSG_WELCOME, &message); /* skips all there is */
    struct gsp_peer *peer = cluster_peer(cluster, 0);
    gsp__summary_changed(peer, true);
    gsp_peer_shutdown(peer, cluster_now(cluster));
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

/* A stop before the first step, while the data are still being measured, is a stop like any other. */
START_TEST(stop_while_a_run_is_prepared)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    struct cluster_reply stop = {0};
    puppet_link(&puppet, cluster, 1, 0);
    cluster_peer(cluster, 0)->measured = false; /* a job keeps the run from beginning */
    cluster_play_for(cluster, 1);
    say(&puppet, run_state(1, CLUSTER_SETTINGS));
    cluster_stop(cluster, 0, cluster_now(cluster), false, &stop);
    cluster_play_for(cluster, 100);
    ck_assert(stop.done);
    ck_assert(!cluster_peer(cluster, 0)->state.aborted);
    ck_assert_uint_eq(cluster_peer(cluster, 0)->state.stop_round, 3);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("links");
    TCase *tests = tcase_create("links");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, run_state_without_a_run_ends_the_link);
    tcase_add_test(tests, impossible_epoch_ends_the_link);
    tcase_add_test(tests, settings_that_cannot_run_abort);
    tcase_add_test(tests, aborted_run_that_cannot_run_has_ended);
    tcase_add_test(tests, run_larger_than_the_memory_aborts);
    tcase_add_test(tests, stop_that_comes_too_late_aborts);
    tcase_add_test(tests, third_message_ends_the_link);
    tcase_add_test(tests, gap_ends_the_link);
    tcase_add_test(tests, payload_of_another_shape_ends_the_link);
    tcase_add_test(tests, duplicates_are_dropped);
    tcase_add_test(tests, gossip_of_the_run_before_is_dropped);
    tcase_add_test(tests, flow_is_kept);
    tcase_add_test(tests, strange_hellos_do_no_harm);
    tcase_add_test(tests, other_digest_is_answered_by_a_resync);
    tcase_add_test(tests, other_digest_of_later_steps_is_answered_by_a_resync);
    tcase_add_test(tests, strange_summaries_end_the_link);
    tcase_add_test(tests, own_number_of_a_former_life_is_taken_up);
    tcase_add_test(tests, polls_are_answered_at_a_bounded_rate);
    tcase_add_test(tests, log_is_kept_for_a_neighbour_that_starts_again);
    tcase_add_test(tests, shutdown_says_close_and_waits_for_neighbours_alone);
    tcase_add_test(tests, stop_while_a_run_is_prepared);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
