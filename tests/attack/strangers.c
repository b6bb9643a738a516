/* Attacks by who has no key: what comes before the proof. The daemon must end the connection without a word more. */
#include "attack/attacks.h"

#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void stranger_key(uint8_t secret[GSP_KEY_BYTES], uint8_t public_key[GSP_KEY_BYTES])
{
    randombytes_buf(secret, GSP_KEY_BYTES);
    must(gsp_public_key(public_key, secret) == 0, "a key");
}

/* Message 1 with these lies is not answered. */
static void unanswered(const struct target *target, const struct lies *lies)
{
    struct intruder intruder;
    intruder_open(&intruder, target, lies);
    net_send(intruder.fd, intruder.m1, MESSAGE_1);
    must(net_silent_end(intruder.fd, PROMPT), "no answer to message 1, but the end");
    intruder_close(&intruder);
}

static void wrong_daemon_key(const struct target *target)
{
    uint8_t secret[GSP_KEY_BYTES], public_key[GSP_KEY_BYTES];
    stranger_key(secret, public_key);
    unanswered(target, &(struct lies){.remote_key = public_key});
}

static void other_network(const struct target *target)
{
    unanswered(target, &(struct lies){.network = "another"});
    unanswered(target, &(struct lies){.network = ""});
}

static void other_version(const struct target *target)
{
    unanswered(target, &(struct lies){.version = GSP_PROTOCOL_VERSION + 1});
    unanswered(target, &(struct lies){.version = 255});
}

static void check_unproved(struct intruder *intruder, const uint8_t *message_3, size_t length)
{
    net_send(intruder->fd, message_3, length);
    must(net_silent_end(intruder->fd, PROMPT), "no answer to message 3, but the end");
    intruder_close(intruder);
}

static void unlisted_initiator(const struct target *target)
{
    uint8_t secret[GSP_KEY_BYTES], public_key[GSP_KEY_BYTES];
    struct intruder intruder;
    stranger_key(secret, public_key);
    intruder_open(&intruder, target, &(struct lies){.secret_key = secret});
    must(intruder_ask(&intruder), "message 2");
    intruder_prove(&intruder);
    check_unproved(&intruder, intruder.m3, MESSAGE_3);
}

/* The daemon's own message 2 comes back to it as message 3, filled up with itself. */
static void reflected_m2(const struct target *target)
{
    uint8_t echo[3 * MESSAGE_2];
    struct intruder intruder;
    intruder_open(&intruder, target, NULL);
    must(intruder_ask(&intruder), "message 2");
    for (size_t i = 0; i < sizeof echo; i++) echo[i] = intruder.m2[i % MESSAGE_2];
    check_unproved(&intruder, echo, MESSAGE_3);
}

/* Recorded from an honest node, sent again. */
static void replayed_m1_m3(const struct target *target)
{
    struct intruder honest, replay;
    intruder_open(&honest, target, NULL);
    must(intruder_ask(&honest), "message 2");
    intruder_prove(&honest);
    intruder_open(&replay, target, NULL);
    memcpy(replay.m1, honest.m1, MESSAGE_1);
    must(intruder_ask(&replay), "message 2");
    must(memcmp(honest.m2, replay.m2, MESSAGE_2) != 0, "another message 2 on each connection");
    check_unproved(&replay, honest.m3, MESSAGE_3);
    intruder_close(&honest);
}

static void flipped_m1(const struct target *target)
{
    for (int bit = 0; bit < 8 * MESSAGE_1; bit++) {
        struct intruder intruder;
        intruder_open(&intruder, target, NULL);
        /* X25519 takes no notice of a point's last bit, but the handshake's hash does. */
        intruder.m1[bit / 8] ^= (uint8_t)(1 << bit % 8);
        net_send(intruder.fd, intruder.m1, MESSAGE_1);
        must(net_silent_end(intruder.fd, PROMPT), "no answer to message 1 with bit %d changed", bit);
        intruder_close(&intruder);
    }
}

static void flipped_m3(const struct target *target)
{
    for (int bit = 0; bit < 8 * MESSAGE_3; bit++) {
        struct intruder intruder;
        intruder_open(&intruder, target, NULL);
        must(intruder_ask(&intruder), "message 2");
        intruder_prove(&intruder);
        intruder.m3[bit / 8] ^= (uint8_t)(1 << bit % 8);
        check_unproved(&intruder, intruder.m3, MESSAGE_3);
    }
}

/* Every message 1 and 3 that is cut short, and then the end of the stream. */
static void truncated(const struct target *target)
{
    struct intruder intruder;
    for (size_t length = 0; length < MESSAGE_1; length++) {
        intruder_open(&intruder, target, NULL);
        net_send(intruder.fd, intruder.m1, length);
        shutdown(intruder.fd, SHUT_WR);
        must(net_silent_end(intruder.fd, PROMPT), "no answer to %zu bytes of message 1", length);
        intruder_close(&intruder);
    }
    for (size_t length = 0; length < MESSAGE_3; length++) {
        intruder_open(&intruder, target, NULL);
        must(intruder_ask(&intruder), "message 2");
        intruder_prove(&intruder);
        net_send(intruder.fd, intruder.m3, length);
        shutdown(intruder.fd, SHUT_WR);
        must(net_silent_end(intruder.fd, PROMPT), "no answer to %zu bytes of message 3", length);
        intruder_close(&intruder);
    }
}

static void other_protocol(const struct target *target, const void *bytes, size_t length)
{
    int fd = net_connect(target);
    net_send(fd, bytes, length);
    must(net_silent_end(fd, PROMPT), "the end, and no answer");
    close(fd);
}

static void http(const struct target *target)
{
    static const char request[] =
        "GET /status HTTP/1.1\r\nHost: gossipd\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n";
    other_protocol(target, request, sizeof request - 1);
}

/* A ClientHello of TLS 1.3, about as browsers send it. */
static void tls(const struct target *target)
{
    uint8_t hello[517] = {0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3};
    randombytes_buf(hello + 11, 32);
    other_protocol(target, hello, sizeof hello);
}

static void garbage(const struct target *target)
{
    for (int i = 0; i < 100; i++) {
        uint8_t bytes[2000];
        randombytes_buf(bytes, sizeof bytes);
        other_protocol(target, bytes, MESSAGE_1 + randombytes_uniform(sizeof bytes - MESSAGE_1));
    }
}

const struct attack attacks_strangers[] = {
    {"wrong-daemon-key", STAGE_DIAL, wrong_daemon_key},
    {"unlisted-initiator", STAGE_DIAL, unlisted_initiator},
    {"other-network", STAGE_DIAL, other_network},
    {"other-version", STAGE_DIAL, other_version},
    {"reflected-m2", STAGE_DIAL, reflected_m2},
    {"replayed-m1-m3", STAGE_DIAL, replayed_m1_m3},
    {"flipped-m1", STAGE_DIAL, flipped_m1},
    {"flipped-m3", STAGE_DIAL, flipped_m3},
    {"small-order-m1", STAGE_DIAL, small_order_m1},
    {"small-order-m3", STAGE_DIAL, small_order_m3},
    {"truncated", STAGE_DIAL, truncated},
    {"http", STAGE_DIAL, http},
    {"tls", STAGE_DIAL, tls},
    {"garbage", STAGE_DIAL, garbage},
    {0},
};
