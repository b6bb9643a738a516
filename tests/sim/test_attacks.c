/* Strangers and false friends, scripted byte by byte: what an attacker on the network can send before it has proved a
 * listed key, and what goes wrong between hosts that were set up differently. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/look.h"
#include "sim/puppet.h"
#include "sim/tell.h"
#include "unit/run_suite.h"

/* The node hung up and said nothing but what it had said before. */
static void check_silent_end(struct puppet *puppet)
{
    cluster_hear(puppet->cluster, puppet->connection, &puppet->heard);
    ck_assert(puppet_hung_up(puppet));
    ck_assert_uint_eq(puppet->heard.length, 0);
}

static void stranger_key(uint8_t secret[GSP_KEY_BYTES], uint8_t public_key[GSP_KEY_BYTES])
{
    gsp_stream_key(secret, 99, "stranger", "key");
    ck_assert_int_eq(gsp_public_key(public_key, secret), 0);
}

/* ---- who has no listed key ---- */

START_TEST(unlisted_node_gets_no_answer)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    uint8_t secret[GSP_KEY_BYTES], public_key[GSP_KEY_BYTES];
    stranger_key(secret, public_key);
    struct puppet puppet;
    puppet_begin(&puppet, cluster, 1, 0, &(struct puppet_lies){.secret_key = secret});
    ck_assert(puppet_prove(&puppet));
    check_silent_end(&puppet);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

/* It was told another key for the node, another network or version: message 1 does not open. */
START_TEST(wrong_first_message_gets_no_answer)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    uint8_t secret[GSP_KEY_BYTES], public_key[GSP_KEY_BYTES];
    stranger_key(secret, public_key);
    const struct puppet_lies lies[] = {
        {.remote_key = public_key}, {.network = "another"}, {.version = GSP_PROTOCOL_VERSION + 1}};
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        struct puppet puppet;
        puppet_begin(&puppet, cluster, 1, 0, &lies[i]);
        check_silent_end(&puppet);
        puppet_end(&puppet);
    }
    cluster_free(cluster);
}
END_TEST

/* Who is at the endpoint of a node without its key learns nothing but the dialer's first message. */
START_TEST(impostor_at_the_endpoint_learns_nothing)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    cluster_pose(cluster, 1);
    cluster_play_for(cluster, 8000);
    uint64_t dialed = cluster_dialed(cluster);
    ck_assert_uint_ne(dialed, 0);
    struct gsp_buffer heard = {0};
    uint8_t garbage[PUPPET_MESSAGE_2] = {9};
    cluster_hear(cluster, dialed, &heard);
    ck_assert_uint_eq(heard.length, PUPPET_MESSAGE_1);
    heard.length = 0;
    cluster_say(cluster, dialed, garbage, sizeof garbage);
    cluster_hear(cluster, dialed, &heard);
    ck_assert_uint_eq(heard.length, 0);
    ck_assert(cluster_hung_up(cluster, dialed));
    ck_assert_ptr_nonnull(strstr(look_link(cluster_peer(cluster, 0), 0).detail, "does not hold the key"));
    gsp_buffer_clear(&heard);
    cluster_free(cluster);
}
END_TEST

/* The node's own bytes, thrown back at it as a dialer and as a responder. */
START_TEST(reflected_messages_are_refused)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    cluster_pose(cluster, 1);
    cluster_play_for(cluster, 8000);
    uint64_t dialed = cluster_dialed(cluster), accepted = cluster_intrude(cluster, 0, "mirror");
    struct gsp_buffer heard = {0};
    cluster_hear(cluster, dialed, &heard);
    ck_assert_uint_eq(heard.length, PUPPET_MESSAGE_1);
    cluster_say(cluster, accepted, heard.data, heard.length);
    ck_assert(cluster_hung_up(cluster, accepted));
    cluster_say(cluster, dialed, heard.data, heard.length);
    ck_assert(cluster_hung_up(cluster, dialed));
    gsp_buffer_clear(&heard);
    cluster_free(cluster);
}
END_TEST

/* Everything that a neighbour once said, said again: the responder's new ephemeral key makes it worthless. */
START_TEST(replayed_handshake_is_refused)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    uint8_t payload[PUPPET_MESSAGE_3], first[PUPPET_MESSAGE_1], third[PUPPET_MESSAGE_3], ephemeral[32] = {5};
    uint8_t prologue[] = "gossipd\0virtual";
    prologue[7] = GSP_PROTOCOL_VERSION;
    size_t length;
    for (int again = 0; again < 2; again++) {
        puppet = (struct puppet){.cluster = cluster, .connection = cluster_intrude(cluster, 0, "replay")};
        if (!again) {
            ck_assert_int_eq(gsp__noise_initiator(&puppet.noise, prologue, sizeof prologue - 1,
                                                  cluster_secret_key(cluster, 1), ephemeral,
                                                  cluster_network(cluster)->nodes[0].public_key),
                             0);
            ck_assert_int_eq(gsp__noise_write(&puppet.noise, NULL, 0, first, &length), 0);
        }
        cluster_say(cluster, puppet.connection, first, sizeof first);
        cluster_hear(cluster, puppet.connection, &puppet.heard);
        ck_assert_uint_eq(puppet.heard.length, PUPPET_MESSAGE_2);
        if (!again) {
            ck_assert_int_eq(gsp__noise_read(&puppet.noise, puppet.heard.data, PUPPET_MESSAGE_2, payload, &length), 0);
            memset(payload, 0, sizeof payload);
            memcpy(payload, "n002", 4);
            gsp_network_hash(payload + GSP_NAME_MAX, cluster_network(cluster), cluster_graph(cluster));
            ck_assert_int_eq(gsp__noise_write(&puppet.noise, payload, GSP_NAME_MAX + 32, third, &length), 0);
        }
        puppet.heard.length = 0;
        cluster_say(cluster, puppet.connection, third, sizeof third);
        cluster_hear(cluster, puppet.connection, &puppet.heard);
        ck_assert_int_eq(puppet_hung_up(&puppet), again);
        ck_assert_int_eq(puppet.heard.length == 0, again); /* else a Welcome */
        puppet_end(&puppet);
    }
    cluster_free(cluster);
}
END_TEST

START_TEST(garbage_ends_the_connection)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct gsp_stream random;
    uint8_t key[32], bytes[400];
    gsp_stream_key(key, (uint64_t)_i, "garbage", "test");
    gsp_stream_init(&random, key, 0);
    uint64_t connection = cluster_intrude(cluster, 0, "garbage");
    size_t said = 0;
    while (said < PUPPET_MESSAGE_1) { /* in pieces, down to single bytes */
        size_t length = 1 + gsp_stream_below(&random, _i % 3 ? sizeof bytes : 3);
        gsp_stream_bytes(&random, bytes, length);
        ck_assert(!cluster_hung_up(cluster, connection));
        cluster_say(cluster, connection, bytes, length);
        said += length;
    }
    ck_assert(cluster_hung_up(cluster, connection));
    cluster_free(cluster);
}
END_TEST

/* ---- listed nodes that were set up differently ---- */

static void check_refused(struct puppet *puppet, const char *words)
{
    struct gsp_message message;
    uint8_t hash[32];
    gsp_network_hash(hash, cluster_network(puppet->cluster), cluster_graph(puppet->cluster));
    ck_assert(puppet_prove(puppet));
    puppet_expect(puppet, GSP_MSG_REFUSED, &message);
    ck_assert_msg(strstr(message.u.refused.reason, words) != NULL, "refused: %s", message.u.refused.reason);
    ck_assert_mem_eq(message.u.refused.hash, hash, sizeof hash);
    ck_assert(puppet_hung_up(puppet));
    puppet_end(puppet);
}

START_TEST(listed_node_with_other_files_is_told_why)
{
    struct cluster *cluster = cluster_small("ring", 4, 1, 4); /* n004 is no neighbour of n002 */
    const uint8_t hash[32] = {1, 2, 3};
    struct puppet puppet;
    puppet_begin(&puppet, cluster, 3, 0, &(struct puppet_lies){.hash = hash});
    check_refused(&puppet, "the network file of n004 has hash 0102030000000000, ours ");
    puppet_begin(&puppet, cluster, 3, 0, &(struct puppet_lies){.name = "n003"});
    check_refused(&puppet, "another node name");
    puppet_begin(&puppet, cluster, 3, 1, NULL);
    check_refused(&puppet, "no edge of the network joins us");
    cluster_free(cluster);
}
END_TEST

/* The dialer shows the refusal in its status and does not try again soon. */
START_TEST(refused_dialer_waits_and_says_so)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    cluster_pose(cluster, 1);
    cluster_play_for(cluster, 2000);
    puppet_answer(&puppet, cluster, 1, 0);
    struct gsp_message refused = {.type = GSP_MSG_REFUSED, .u.refused.hash = {0xab}};
    snprintf(refused.u.refused.reason, sizeof refused.u.refused.reason, "another file");
    puppet_say(&puppet, &refused);
    ck_assert(puppet_hung_up(&puppet));
    puppet_end(&puppet);
    struct look_link link = look_link(cluster_peer(cluster, 0), 0);
    ck_assert(link.refused);
    ck_assert_ptr_nonnull(strstr(link.detail, "peers.conf (hash ab00000000000000)"));
    uint64_t before = cluster_dialed(cluster);
    cluster_play_for(cluster, 29000);
    ck_assert_uint_eq(cluster_dialed(cluster), before);
    cluster_play_for(cluster, 3000);
    ck_assert_uint_ne(cluster_dialed(cluster), before);
    cluster_free(cluster);
}
END_TEST

/* Whoever was refused, and then found the port closed because the host restarts, is not "refused" any more. */
START_TEST(refusal_is_forgotten_when_the_host_goes_away)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct gsp_peer *peer = cluster_peer(cluster, 0);
    look_set_refused(peer, 0);
    tell_dial_failed(peer, 1, "connection refused", cluster_now(cluster));
    ck_assert(!look_link(peer, 0).refused);
    cluster_free(cluster);
}
END_TEST

/* ---- after the handshake ---- */

START_TEST(replayed_record_ends_the_link)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct puppet puppet;
    puppet_link(&puppet, cluster, 1, 0);
    struct gsp_message ping = {.type = GSP_MSG_PING, .u.ping.nonce = 1}, pong;
    uint8_t *sealed;
    size_t length;
    ck_assert_int_eq(gsp__channel_put(&puppet.channel, &ping), 0);
    ck_assert_int_eq(gsp__channel_seal(&puppet.channel, SIZE_MAX, &sealed, &length), 0);
    cluster_say(cluster, puppet.connection, sealed, length);
    puppet_expect(&puppet, GSP_MSG_PONG, &pong);
    ck_assert(!puppet_hung_up(&puppet));
    cluster_say(cluster, puppet.connection, sealed, length);
    ck_assert(puppet_hung_up(&puppet));
    free(sealed);
    puppet_end(&puppet);
    cluster_free(cluster);
}
END_TEST

START_TEST(records_that_are_none_end_the_link)
{
    static const uint8_t records[][40] = {{0, 0}, {15, 0}, {16, 0}, {36, 0, 7, 7, 7}};
    static const size_t lengths[] = {2, 17, 18, 38};
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct puppet puppet;
        puppet_link(&puppet, cluster, 1, 0);
        cluster_say(cluster, puppet.connection, records[i], lengths[i]);
        ck_assert(puppet_hung_up(&puppet));
        puppet_end(&puppet);
        cluster_play_for(cluster, 100);
    }
    cluster_free(cluster);
}
END_TEST

/* What is too long is refused when it is announced: nothing is kept for it. */
START_TEST(oversize_message_is_refused_unread)
{
    static const uint8_t lengths[][4] = {{0xff, 0xff, 0xff, 0xff}, {0, 0, 0, 0x40}, {1, 0x20, 0, 0}};
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct puppet puppet;
        puppet_link(&puppet, cluster, 1, 0);
        puppet_say_bytes(&puppet, lengths[i], sizeof lengths[i]);
        ck_assert(puppet_hung_up(&puppet));
        ck_assert_ptr_nonnull(strstr(look_link(cluster_peer(cluster, 0), 0).detail, "at most 8192 are possible"));
        puppet_end(&puppet);
        cluster_play_for(cluster, 100);
    }
    cluster_free(cluster);
}
END_TEST

/* Well-sealed nonsense of a listed node: random bytes, and messages with a few bytes changed. */
START_TEST(sealed_garbage_ends_the_link_at_most)
{
    struct cluster *cluster = cluster_small("complete", 2, 1, 4);
    struct gsp_stream random;
    uint8_t key[32];
    gsp_stream_key(key, (uint64_t)_i, "sealed garbage", "test");
    gsp_stream_init(&random, key, 0);
    struct gsp_message seeds[] = {{.type = GSP_MSG_RUN_STATE}, {.type = GSP_MSG_RUN_HELLO}, {.type = GSP_MSG_SUMMARY},
                                  {.type = GSP_MSG_GOSSIP},    {.type = GSP_MSG_HAVE},      {.type = GSP_MSG_CLOSE}};
    seeds[0].u.run_state.run.epoch = 1;
    snprintf(seeds[0].u.run_state.origin, sizeof seeds[0].u.run_state.origin, "n002");
    snprintf(seeds[0].u.run_state.settings, sizeof seeds[0].u.run_state.settings,
             "rounds=9\nobjective=linear\neta=0.1\ngamma=0.1\ncompressor=none");
    seeds[1].u.run_hello.run.epoch = 1;
    snprintf(seeds[2].u.summary.node, sizeof seeds[2].u.summary.node, "n001");
    seeds[3].u.gossip.payload = key;
    seeds[3].u.gossip.length = sizeof key;
    for (int i = 0; i < 20; i++) {
        struct puppet puppet;
        puppet_link(&puppet, cluster, 1, 0);
        for (int j = 0; j < 20 && !puppet_hung_up(&puppet); j++) {
            struct gsp_buffer bytes = {0};
            ck_assert_int_eq(gsp_message_pack(&seeds[gsp_stream_below(&random, 6)], &bytes), 0);
            for (uint64_t changes = gsp_stream_below(&random, 4); changes; changes--)
                bytes.data[4 + gsp_stream_below(&random, bytes.length - 4)] = (uint8_t)gsp_stream_u32(&random);
            puppet_say_bytes(&puppet, bytes.data, bytes.length);
            gsp_buffer_clear(&bytes);
            cluster_play_for(cluster, gsp_stream_below(&random, 20));
        }
        puppet_end(&puppet);
        cluster_play_for(cluster, 200);
    }
    cluster_free(cluster);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("attacks");
    TCase *tests = tcase_create("attacks");
    tcase_add_test(tests, unlisted_node_gets_no_answer);
    tcase_add_test(tests, wrong_first_message_gets_no_answer);
    tcase_add_test(tests, impostor_at_the_endpoint_learns_nothing);
    tcase_add_test(tests, reflected_messages_are_refused);
    tcase_add_test(tests, replayed_handshake_is_refused);
    tcase_add_loop_test(tests, garbage_ends_the_connection, 0, 12);
    tcase_add_test(tests, listed_node_with_other_files_is_told_why);
    tcase_add_test(tests, refused_dialer_waits_and_says_so);
    tcase_add_test(tests, refusal_is_forgotten_when_the_host_goes_away);
    tcase_add_test(tests, replayed_record_ends_the_link);
    tcase_add_test(tests, records_that_are_none_end_the_link);
    tcase_add_test(tests, oversize_message_is_refused_unread);
    tcase_add_loop_test(tests, sealed_garbage_ends_the_link_at_most, 0, 20);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return run_suite(suite());
}
