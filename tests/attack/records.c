/* Attacks on the records of a link, by who can change, keep and repeat what passes, and by a listed node itself. */
#include "attack/attacks.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "transport/record.h"

/* A Ping in a record of its own. */
static size_t sealed_ping(struct intruder *intruder, uint8_t *record)
{
    struct gsp_message ping = {.type = GSP_MSG_PING, .u.ping.nonce = 1};
    struct gsp_buffer plain = {0};
    must(gsp_message_pack(&ping, &plain) == 0, "a Ping");
    size_t length = intruder_seal(intruder, plain.data, plain.length, record);
    gsp_buffer_clear(&plain);
    return length;
}

static void refused(struct intruder *intruder, const void *bytes, size_t length)
{
    net_send(intruder->fd, bytes, length);
    must(net_end(intruder->fd, PROMPT), "the end of the connection");
    intruder_close(intruder);
}

static void replayed_record(const struct target *target)
{
    uint8_t record[256];
    struct intruder intruder;
    struct gsp_message pong;
    intruder_link(&intruder, target);
    size_t length = sealed_ping(&intruder, record);
    net_send(intruder.fd, record, length);
    must(intruder_hear(&intruder, GSP_MSG_PONG, &pong, PROMPT), "a Pong");
    refused(&intruder, record, length);
}

static void reordered_records(const struct target *target)
{
    uint8_t first[256], second[256];
    struct intruder intruder;
    intruder_link(&intruder, target);
    sealed_ping(&intruder, first);
    size_t length = sealed_ping(&intruder, second);
    refused(&intruder, second, length);
}

static void dropped_record(const struct target *target)
{
    uint8_t record[256];
    struct intruder intruder;
    intruder_link(&intruder, target);
    sealed_ping(&intruder, record); /* gets lost */
    size_t length = sealed_ping(&intruder, record);
    refused(&intruder, record, length);
}

/* A record of another connection of the same node, with the same number there. */
static void spliced_record(const struct target *target)
{
    uint8_t record[256];
    struct intruder one, other;
    intruder_link(&one, target);
    size_t length = sealed_ping(&one, record);
    intruder_close(&one);
    intruder_link(&other, target);
    refused(&other, record, length);
}

/* What the daemon said comes back to it. */
static void reflected_record(const struct target *target)
{
    uint8_t record[4096];
    struct intruder intruder;
    intruder_open(&intruder, target, NULL);
    must(intruder_ask(&intruder), "message 2");
    intruder_prove(&intruder);
    intruder_enter(&intruder);
    size_t length = net_receive_some(intruder.fd, record, sizeof record, PROMPT); /* Welcome */
    must(length > 0, "a Welcome");
    refused(&intruder, record, length);
}

static void flipped_record(const struct target *target)
{
    uint8_t record[256];
    for (size_t bit = 0; bit < 8 * 30; bit++) {
        struct intruder intruder;
        intruder_link(&intruder, target);
        size_t length = sealed_ping(&intruder, record);
        if (bit >= 8 * length) {
            intruder_close(&intruder);
            break;
        }
        record[bit / 8] ^= (uint8_t)(1 << bit % 8);
        net_send(intruder.fd, record, length);
        shutdown(intruder.fd, SHUT_WR); /* a greater length makes it wait for more */
        must(net_end(intruder.fd, PROMPT), "the end after a record with bit %zu changed", bit);
        intruder_close(&intruder);
    }
}

static void record_of_length_0(const struct target *target)
{
    static const uint8_t lengths[][2] = {{0, 0}, {1, 0}, {GSP__CIPHER_TAG - 1, 0}};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct intruder intruder;
        intruder_link(&intruder, target);
        refused(&intruder, lengths[i], 2);
    }
}

/* The longest record: full of honest messages it is taken, full of anything else it is not. */
static void record_of_length_65535(const struct target *target)
{
    static uint8_t plain[GSP__RECORD_PLAIN_MAX], record[GSP__RECORD_PLAIN_MAX + GSP__RECORD_OVERHEAD];
    struct gsp_message ping = {.type = GSP_MSG_PING, .u.ping.nonce = 12345}, pong;
    struct gsp_buffer one = {0};
    struct intruder intruder;
    must(gsp_message_pack(&ping, &one) == 0, "a Ping");
    for (size_t i = 0; i < sizeof plain; i++) plain[i] = one.data[i % one.length];
    intruder_link(&intruder, target);
    net_send(intruder.fd, record, intruder_seal(&intruder, plain, sizeof plain, record));
    must(intruder_hear(&intruder, GSP_MSG_PONG, &pong, PROMPT) && pong.u.ping.nonce == 12345, "a Pong");
    record[0] = record[1] = 0xff;
    randombytes_buf(record + 2, sizeof record - 2);
    refused(&intruder, record, sizeof record);
    gsp_buffer_clear(&one);
}

static void end_without_close(const struct target *target)
{
    struct intruder intruder;
    intruder_link(&intruder, target);
    shutdown(intruder.fd, SHUT_WR);
    must(net_end(intruder.fd, PROMPT), "the end in answer to an end");
    intruder_close(&intruder);
}

/* In the middle of a record. */
static void truncated_record(const struct target *target)
{
    uint8_t record[256];
    for (size_t cut = 1; cut < 24; cut++) {
        struct intruder intruder;
        intruder_link(&intruder, target);
        sealed_ping(&intruder, record);
        net_send(intruder.fd, record, cut);
        shutdown(intruder.fd, SHUT_WR);
        must(net_end(intruder.fd, PROMPT), "the end after %zu bytes of a record", cut);
        intruder_close(&intruder);
    }
}

const struct attack attacks_records[] = {
    {"replayed-record", STAGE_DIAL, replayed_record},
    {"reordered-records", STAGE_DIAL, reordered_records},
    {"dropped-record", STAGE_DIAL, dropped_record},
    {"spliced-record", STAGE_DIAL, spliced_record},
    {"reflected-record", STAGE_DIAL, reflected_record},
    {"flipped-record", STAGE_DIAL, flipped_record},
    {"truncated-record", STAGE_DIAL, truncated_record},
    {"record-of-length-0", STAGE_DIAL, record_of_length_0},
    {"record-of-length-65535", STAGE_DIAL, record_of_length_65535},
    {"end-without-close", STAGE_DIAL, end_without_close},
    {0},
};
