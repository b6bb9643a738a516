/* Attacks by who sits at a listed node's endpoint: the daemon dials it. */
#include "attack/attacks.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

/* Message 2 with this content brings no message 3. */
static void unproved(struct intruder *intruder)
{
    net_send(intruder->fd, intruder->m2, MESSAGE_2);
    must(net_silent_end(intruder->fd, PROMPT), "no answer to message 2, but the end");
    intruder_close(intruder);
}

/* Another program at the endpoint, with a key of its own: it can't even read message 1. */
static void wrong_responder_key(const struct target *target)
{
    int listener = net_listen(target);
    uint8_t secret[GSP_KEY_BYTES], public_key[GSP_KEY_BYTES], nothing[1];
    size_t length;
    randombytes_buf(secret, sizeof secret);
    must(gsp_public_key(public_key, secret) == 0, "a key");
    struct intruder intruder;
    intruder_await(&intruder, target, net_accept(listener, DIALED), &(struct lies){.secret_key = secret});
    must(gsp__noise_read(&intruder.noise, intruder.m1, MESSAGE_1, nothing, &length) != 0, "an unreadable message 1");
    randombytes_buf(intruder.m2, MESSAGE_2);
    unproved(&intruder);
    close(listener);
}

static void reflected_m1(const struct target *target)
{
    int listener = net_listen(target);
    struct intruder intruder;
    intruder_answer(&intruder, target, net_accept(listener, DIALED));
    memcpy(intruder.m2, intruder.m1, MESSAGE_2);
    unproved(&intruder);
    close(listener);
}

/* Message 2 of a handshake that went well, once more. */
static void replayed_m2(const struct target *target)
{
    int listener = net_listen(target);
    struct intruder honest, replay;
    intruder_answer(&honest, target, net_accept(listener, DIALED));
    intruder_reply(&honest);
    must(intruder_admit(&honest), "message 3");
    close(honest.fd);
    intruder_answer(&replay, target, net_accept(listener, DIALED));
    memcpy(replay.m2, honest.m2, MESSAGE_2);
    unproved(&replay);
    close(listener);
}

static void truncated_m2(const struct target *target)
{
    static const size_t lengths[] = {0, 1, GSP__NOISE_KEY, MESSAGE_2 - 1};
    int listener = net_listen(target);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct intruder intruder;
        intruder_answer(&intruder, target, net_accept(listener, DIALED));
        intruder_reply(&intruder);
        net_send(intruder.fd, intruder.m2, lengths[i]);
        shutdown(intruder.fd, SHUT_WR);
        must(net_silent_end(intruder.fd, PROMPT), "no answer to %zu bytes of message 2", lengths[i]);
        intruder_close(&intruder);
    }
    close(listener);
}

/* Which neighbour of the hub this connection was dialed for: each has an address of its own. */
static size_t dialed_node(const struct target *target, int fd)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;
    must(getsockname(fd, (struct sockaddr *)&address, &length) == 0, "an address");
    uint32_t host = ntohl(address.sin_addr.s_addr);
    char text[32];
    snprintf(text, sizeof text, "%u.%u.%u.%u", host >> 24, host >> 16 & 255, host >> 8 & 255, host & 255);
    for (size_t i = 0; i < target->network->count; i++)
        if (strcmp(target->network->nodes[i].host, text) == 0) return i;
    must(false, "a node at %s", text);
    return 0;
}

/* The hub of a star dials all its neighbours at once: each answers with another bit of message 2 changed, the last with
 * an honest one. */
static void flipped_m2(const struct target *target)
{
    enum { FLIPS = 8 * MESSAGE_2 };
    int listener = net_listen(target);
    bool seen[FLIPS + 1] = {0};
    must(target->network->count == FLIPS + 2, "a hub with %d neighbours", FLIPS + 1);
    for (size_t left = FLIPS + 1; left > 0;) {
        struct intruder intruder;
        int fd = net_accept(listener, DIALED);
        struct target played = *target;
        played.self = dialed_node(target, fd);
        size_t flip = played.self - 1; /* the hub is the first node */
        if (seen[flip]) {
            close(fd);
            continue;
        }
        target_key(&played, played.network->nodes[played.self].name, played.secret);
        intruder_answer(&intruder, &played, fd);
        intruder_reply(&intruder);
        if (flip < FLIPS) {
            intruder.m2[flip / 8] ^= (uint8_t)(1 << flip % 8);
            unproved(&intruder);
        } else {
            must(intruder_admit(&intruder), "message 3 in answer to an honest message 2");
            intruder_close(&intruder);
        }
        seen[flip] = true;
        left--;
    }
    close(listener);
}

/* Both dial at the same moment, as processes of one node: exactly one of the two connections stays. */
static void simultaneous_open(const struct target *target)
{
    int listener = net_listen(target);
    struct intruder dialed, dialing;
    struct gsp_message message, hello = {.type = GSP_MSG_HELLO, .u.hello.incarnation = 7},
                                welcome = {.type = GSP_MSG_WELCOME, .u.welcome.incarnation = 7};
    memcpy(welcome.u.welcome.hash, target->hash, sizeof target->hash);
    do { /* n002 dials too */
        intruder_answer(&dialed, target, net_accept(listener, DIALED));
        intruder_reply(&dialed);
        must(intruder_admit(&dialed), "message 3");
    } while (memcmp(gsp__noise_remote_static(&dialed.noise), target->network->nodes[target->other].public_key,
                    GSP_KEY_BYTES) != 0);
    intruder_open(&dialing, target, NULL);
    must(intruder_ask(&dialing), "message 2");
    intruder_prove(&dialing);
    intruder_enter(&dialing);
    must(intruder_hear(&dialing, GSP_MSG_WELCOME, &message, PROMPT), "a Welcome");
    intruder_say(&dialed, &welcome);
    intruder_say(&dialing, &hello);
    bool first = intruder_hear(&dialed, GSP_MSG_CLOSE, &message, 1000);
    bool second = intruder_hear(&dialing, GSP_MSG_CLOSE, &message, 1000);
    must(first != second, "one of two connections to be closed, not %s", first ? "both" : "none");
    intruder_ping(first ? &dialing : &dialed);
    intruder_close(&dialed);
    intruder_close(&dialing);
    close(listener);
}

const struct attack attacks_answers[] = {
    {"wrong-responder-key", STAGE_ANSWER, wrong_responder_key},
    {"reflected-m1", STAGE_ANSWER, reflected_m1},
    {"replayed-m2", STAGE_ANSWER, replayed_m2},
    {"truncated-m2", STAGE_ANSWER, truncated_m2},
    {"small-order-m2", STAGE_ANSWER, small_order_m2},
    {"flipped-m2", STAGE_STAR, flipped_m2},
    {"simultaneous-open", STAGE_ANSWER, simultaneous_open},
    {0},
};
