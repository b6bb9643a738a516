/* Attacks by a listed node: messages that no honest node sends, and sockets that it does not read. */
#include "attack/attacks.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { GROWTH = 4 * 1024 /* kB that one link may take beyond what is there */ };

static void refused(const struct target *target, const uint8_t *body, size_t length)
{
    uint8_t message[4 + GSP_MESSAGE_MAX];
    struct intruder intruder;
    must(length <= GSP_MESSAGE_MAX, "a message that is not refused for its length");
    for (int i = 0; i < 4; i++) message[i] = (uint8_t)(length >> (8 * i));
    memcpy(message + 4, body, length);
    intruder_link(&intruder, target);
    intruder_say_bytes(&intruder, message, 4 + length);
    must(net_end(intruder.fd, PROMPT), "the end of the connection");
    intruder_close(&intruder);
}

/* Messages in messages in messages: for each field that may hold one, and as groups of the old kind. */
static void nested_messages(const struct target *target)
{
    uint8_t body[GSP_MESSAGE_MAX];
    for (uint8_t field = 1; field <= 12; field++) {
        for (size_t i = 0; i + 3 <= sizeof body; i += 3) {
            size_t rest = sizeof body - i - 3;
            body[i] = (uint8_t)(field << 3 | 2);
            body[i + 1] = (uint8_t)(rest & 0x7f) | 0x80;
            body[i + 2] = (uint8_t)(rest >> 7);
        }
        refused(target, body, sizeof body / 3 * 3);
    }
    memset(body, 1 << 3 | 3, sizeof body); /* the beginnings of groups */
    refused(target, body, sizeof body);
}

/* Thousands of empty parts, which decode to far more than they take on the wire. */
static void amplified_message(const struct target *target)
{
    static const uint8_t parts[][4] = {
        {0xaa, 1, 0, 0}, /* summary.waiting, of two bytes for its number */
        {0x0a, 0, 0, 0}, /* summary.node */
        {0x32, 0, 0, 0}, /* run_state.abort */
        {0xfa, 1, 0, 0}, /* a field that there is not */
    };
    static const size_t lengths[] = {3, 2, 2, 3};
    static const uint8_t fields[] = {GSP_MSG_SUMMARY, GSP_MSG_SUMMARY, GSP_MSG_RUN_STATE, GSP_MSG_SUMMARY};
    long before = target_memory(target, "VmRSS:");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint8_t body[GSP_MESSAGE_MAX];
        size_t inner = (sizeof body - 3) / lengths[i] * lengths[i];
        body[0] = (uint8_t)(fields[i] << 3 | 2);
        body[1] = (uint8_t)(inner & 0x7f) | 0x80;
        body[2] = (uint8_t)(inner >> 7);
        for (size_t j = 0; j < inner; j++) body[3 + j] = parts[i][j % lengths[i]];
        refused(target, body, 3 + inner);
        refused(target, body + 3, inner);
    }
    check_growth(target, "VmRSS:", before, GROWTH);
}

/* Lengths that no message has, announced and not sent: nothing is kept for them. */
static void long_messages(const struct target *target)
{
    static const uint8_t announced[][4] = {{0xff, 0xff, 0xff, 0xff}, {0, 0, 0, 0x80}, {0, 0, 0, 0x10}};
    long before = target_memory(target, "VmRSS:");
    for (size_t i = 0; i < 20; i++) {
        struct intruder intruder;
        intruder_link(&intruder, target);
        intruder_say_bytes(&intruder, announced[i % 3], 4);
        must(net_end(intruder.fd, PROMPT), "the end of the connection");
        intruder_close(&intruder);
    }
    check_growth(target, "VmRSS:", before, GROWTH);
}

static void garbage_messages(const struct target *target)
{
    for (int i = 0; i < 200; i++) {
        uint8_t body[300];
        size_t length = 1 + randombytes_uniform(sizeof body - 1);
        randombytes_buf(body, sizeof body);
        body[0] = (uint8_t)((1 + randombytes_uniform(13)) << 3 | 2);
        body[1] = (uint8_t)(length - 2);
        refused(target, body, length > 2 && length < 130 ? length : 3);
    }
}

/* A second process with the same key, many times over: each replaces the one before, and the last is served. */
static void duplicate_identity(const struct target *target)
{
    enum { MANY = 300 };
    static struct intruder each[MANY];
    long before = target_memory(target, "VmRSS:");
    for (int i = 0; i < MANY; i++) intruder_link(&each[i], target);
    intruder_ping(&each[MANY - 1]);
    for (int i = 0; i + 1 < MANY; i++) {
        must(net_end(each[i].fd, PROMPT), "the end of replaced connection %d", i);
        intruder_close(&each[i]);
    }
    intruder_ping(&each[MANY - 1]);
    intruder_close(&each[MANY - 1]);
    check_growth(target, "VmRSS:", before, GROWTH);
}

/* Summaries in the name of another node, whose numbers leave none for its own. */
static void forged_numbers(const struct target *target)
{
    struct gsp_message forged = {.type = GSP_MSG_SUMMARY};
    struct intruder intruder;
    intruder_link(&intruder, target);
    for (size_t i = 0; i < target->network->count; i++) {
        snprintf(forged.u.summary.node, sizeof forged.u.summary.node, "%s", target->network->nodes[i].name);
        forged.u.summary.number = forged.u.summary.poll = GSP_COUNT_MAX;
        if (i == target->self) continue;
        intruder_say(&intruder, &forged);
        forged.u.summary.number = forged.u.summary.poll = GSP_COUNT_MAX / 2;
        intruder_say(&intruder, &forged);
    }
    intruder_ping(&intruder);
    intruder_close(&intruder);
}

const struct attack attacks_messages[] = {
    {"nested-messages", STAGE_DIAL, nested_messages},
    {"amplified-message", STAGE_DIAL, amplified_message},
    {"long-messages", STAGE_DIAL, long_messages},
    {"garbage-messages", STAGE_DIAL, garbage_messages},
    {"duplicate-identity", STAGE_DIAL, duplicate_identity},
    {"forged-numbers", STAGE_DIAL, forged_numbers},
    {0},
};
