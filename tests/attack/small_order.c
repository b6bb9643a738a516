/* Points of small order: with one of them a key exchange comes to nothing but zeros, which anybody can compute. A
 * handshake that went on from there would prove nothing. The messages here are what a careless daemon would take. */
#include "attack/attacks.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "transport/cipher.h"

/* All that X25519 maps to zero, in their forms below 2^255. */
static const uint8_t points[][GSP__NOISE_KEY] = {
    {0},
    {1},
    {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
     0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
    {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
     0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
};

static void mix_hash(struct gsp__noise *noise, const uint8_t *data, size_t length)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, noise->hash, sizeof noise->hash);
    crypto_hash_sha256_update(&state, data, length);
    crypto_hash_sha256_final(&state, noise->hash);
}

/* MixKey with a shared secret of zeros. */
static void mix_zeros(struct gsp__noise *noise)
{
    static const uint8_t zeros[GSP__NOISE_KEY], one = 1, two = 2;
    uint8_t temporary[32], second[33];
    crypto_auth_hmacsha256(temporary, zeros, sizeof zeros, noise->chaining_key);
    crypto_auth_hmacsha256(noise->chaining_key, &one, 1, temporary);
    memcpy(second, noise->chaining_key, 32);
    second[32] = two;
    crypto_auth_hmacsha256(second, second, sizeof second, temporary);
    gsp__cipher_init(&noise->cipher, second);
}

/* Point and tag of a message without a payload. */
static void write_message(struct gsp__noise *noise, const uint8_t point[GSP__NOISE_KEY], uint8_t *message)
{
    memcpy(message, point, GSP__NOISE_KEY);
    mix_hash(noise, point, GSP__NOISE_KEY);
    mix_zeros(noise);
    must(gsp__cipher_encrypt(&noise->cipher, noise->hash, sizeof noise->hash, NULL, 0, message + GSP__NOISE_KEY) == 0,
         "a tag");
}

/* The state of a handshake before its first message, as intruder_open has it after writing one. */
static void begin(struct gsp__noise *noise, const struct target *target)
{
    static const char name[] = "Noise_XK_25519_ChaChaPoly_SHA256";
    const uint8_t version = GSP_PROTOCOL_VERSION;
    *noise = (struct gsp__noise){0};
    memcpy(noise->hash, name, 32);
    memcpy(noise->chaining_key, name, 32);
    struct gsp_buffer prologue = {0};
    gsp_buffer_append(&prologue, "gossipd", 7);
    gsp_buffer_append(&prologue, &version, 1);
    gsp_buffer_append(&prologue, target->network->name, strlen(target->network->name));
    mix_hash(noise, prologue.data, prologue.length);
    gsp_buffer_clear(&prologue);
    mix_hash(noise, target->network->nodes[target->other].public_key, GSP_KEY_BYTES);
}

void small_order_m1(const struct target *target)
{
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        struct gsp__noise noise;
        uint8_t message[MESSAGE_1];
        int fd = net_connect(target);
        begin(&noise, target);
        write_message(&noise, points[i], message);
        net_send(fd, message, sizeof message);
        must(net_silent_end(fd, PROMPT), "no answer to message 1 with point %zu", i);
        close(fd);
    }
}

void small_order_m2(const struct target *target)
{
    int listener = net_listen(target);
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        struct intruder intruder;
        intruder_answer(&intruder, target, net_accept(listener, DIALED));
        write_message(&intruder.noise, points[i], intruder.m2);
        net_send(intruder.fd, intruder.m2, MESSAGE_2);
        must(net_silent_end(intruder.fd, PROMPT), "no answer to message 2 with point %zu", i);
        intruder_close(&intruder);
    }
    close(listener);
}

void small_order_m3(const struct target *target)
{
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        struct intruder intruder;
        uint8_t nothing[1], payload[GSP_NAME_MAX + 32] = {0};
        size_t length, sealed = GSP__NOISE_KEY + GSP__CIPHER_TAG;
        intruder_open(&intruder, target, NULL);
        must(intruder_ask(&intruder), "message 2");
        struct gsp__noise *noise = &intruder.noise;
        must(gsp__noise_read(noise, intruder.m2, MESSAGE_2, nothing, &length) == 0, "a valid message 2");
        must(gsp__cipher_encrypt(&noise->cipher, noise->hash, 32, points[i], GSP__NOISE_KEY, intruder.m3) == 0, "s");
        mix_hash(noise, intruder.m3, sealed);
        mix_zeros(noise);
        must(gsp__cipher_encrypt(&noise->cipher, noise->hash, 32, payload, sizeof payload, intruder.m3 + sealed) == 0,
             "a payload");
        net_send(intruder.fd, intruder.m3, MESSAGE_3);
        must(net_silent_end(intruder.fd, PROMPT), "no answer to message 3 with point %zu", i);
        intruder_close(&intruder);
    }
}
