/* The handshake: what it agrees on, and what it refuses. The official vectors are played by noise-vectors. */
#include "transport/noise.h"
#include "transport/record.h"
#include "unit/run_suite.h"

#include <gossip/session.h>

#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t PROLOGUE[] = "gossipd";
static const uint8_t PAYLOAD[40] = "as long as a name and a hash";

struct pair {
    uint8_t initiator_static[32], responder_static[32], initiator_ephemeral[32], responder_ephemeral[32];
    uint8_t responder_public[32];
    struct gsp__noise initiator, responder;
};

static struct pair begin(uint32_t seed)
{
    struct pair pair = {0};
    uint8_t bytes[128], key[32] = {0};
    memcpy(key, &seed, sizeof seed);
    randombytes_buf_deterministic(bytes, sizeof bytes, key);
    memcpy(pair.initiator_static, bytes, 32);
    memcpy(pair.responder_static, bytes + 32, 32);
    memcpy(pair.initiator_ephemeral, bytes + 64, 32);
    memcpy(pair.responder_ephemeral, bytes + 96, 32);
    ck_assert_int_eq(gsp_public_key(pair.responder_public, pair.responder_static), 0);
    ck_assert_int_eq(gsp__noise_initiator(&pair.initiator, PROLOGUE, sizeof PROLOGUE, pair.initiator_static,
                                          pair.initiator_ephemeral, pair.responder_public),
                     0);
    ck_assert_int_eq(gsp__noise_responder(&pair.responder, PROLOGUE, sizeof PROLOGUE, pair.responder_static,
                                          pair.responder_ephemeral),
                     0);
    return pair;
}

static struct gsp__noise *writer(struct pair *pair, int index)
{
    return index % 2 == 0 ? &pair->initiator : &pair->responder;
}

static struct gsp__noise *reader(struct pair *pair, int index)
{
    return index % 2 == 0 ? &pair->responder : &pair->initiator;
}

/* Plays the messages before `index` and writes that one. */
static size_t play(struct pair *pair, int index, uint8_t message[128])
{
    uint8_t payload[128];
    size_t length, payload_length;
    for (int i = 0; i < index; i++) {
        ck_assert_int_eq(gsp__noise_write(writer(pair, i), PAYLOAD, sizeof PAYLOAD, message, &length), 0);
        ck_assert_int_eq(gsp__noise_read(reader(pair, i), message, length, payload, &payload_length), 0);
        ck_assert_uint_eq(payload_length, sizeof PAYLOAD);
        ck_assert_mem_eq(payload, PAYLOAD, sizeof PAYLOAD);
    }
    if (index == GSP__NOISE_MESSAGES) return 0;
    ck_assert_int_eq(gsp__noise_write(writer(pair, index), PAYLOAD, sizeof PAYLOAD, message, &length), 0);
    return length;
}

static void assert_wiped(const struct gsp__noise *noise)
{
    struct gsp__noise dead = {0};
    ck_assert(noise->dead);
    dead.dead = true;
    ck_assert_mem_eq(noise->chaining_key, dead.chaining_key, sizeof dead.chaining_key);
    ck_assert_mem_eq(noise->cipher.key, dead.cipher.key, sizeof dead.cipher.key);
    ck_assert_mem_eq(noise->static_secret, dead.static_secret, sizeof dead.static_secret);
    ck_assert_mem_eq(noise->ephemeral_secret, dead.ephemeral_secret, sizeof dead.ephemeral_secret);
}

static void assert_refused(struct gsp__noise *noise, const uint8_t *message, size_t length)
{
    uint8_t payload[256], out[256];
    size_t payload_length, out_length;
    ck_assert_int_eq(gsp__noise_read(noise, message, length, payload, &payload_length), GSP_ERR_AUTH);
    assert_wiped(noise);
    ck_assert_int_eq(gsp__noise_read(noise, message, length, payload, &payload_length), GSP_ERR_STATE);
    ck_assert_int_eq(gsp__noise_write(noise, PAYLOAD, sizeof PAYLOAD, out, &out_length), GSP_ERR_STATE);
    struct gsp__cipher send, receive;
    ck_assert_int_eq(gsp__noise_split(noise, &send, &receive), GSP_ERR_STATE);
}

/* RFC 7748, section 6.1. */
START_TEST(public_key_of_a_known_secret)
{
    static const uint8_t alice[32] = {0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1,
                                      0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0,
                                      0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a};
    static const uint8_t expected[32] = {0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54, 0x74, 0x8b, 0x7d,
                                         0xdc, 0xb4, 0x3e, 0xf7, 0x5a, 0x0d, 0xbf, 0x3a, 0x0d, 0x26, 0x38,
                                         0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e, 0x6a};
    uint8_t public[32];
    ck_assert_int_eq(gsp_public_key(public, alice), 0);
    ck_assert_mem_eq(public, expected, 32);
}
END_TEST

START_TEST(both_sides_agree)
{
    uint8_t message[128], public[32];
    struct pair pair = begin((uint32_t)_i);
    play(&pair, GSP__NOISE_MESSAGES, message);
    ck_assert_int_eq(gsp_public_key(public, pair.initiator_static), 0);
    ck_assert_mem_eq(gsp__noise_remote_static(&pair.responder), public, 32);
    ck_assert_mem_eq(gsp__noise_remote_static(&pair.initiator), pair.responder_public, 32);
    ck_assert_mem_eq(gsp__noise_hash(&pair.initiator), gsp__noise_hash(&pair.responder), GSP__NOISE_HASH);
    struct gsp__cipher send[2], receive[2];
    ck_assert_int_eq(gsp__noise_split(&pair.initiator, &send[0], &receive[0]), 0);
    ck_assert_int_eq(gsp__noise_split(&pair.responder, &send[1], &receive[1]), 0);
    ck_assert_mem_eq(send[0].key, receive[1].key, 32);
    ck_assert_mem_eq(send[1].key, receive[0].key, 32);
    ck_assert_mem_ne(send[0].key, send[1].key, 32);
    ck_assert_uint_eq(send[0].nonce | send[1].nonce | receive[0].nonce | receive[1].nonce, 0);
    /* The secrets are gone, the identity stays, and nothing can be split twice. */
    assert_wiped(&pair.initiator);
    assert_wiped(&pair.responder);
    ck_assert_mem_eq(gsp__noise_remote_static(&pair.responder), public, 32);
    ck_assert_int_eq(gsp__noise_split(&pair.initiator, &send[0], &receive[0]), GSP_ERR_STATE);
}
END_TEST

START_TEST(overheads_are_as_stated)
{
    static const size_t overhead[] = {GSP__NOISE_OVERHEAD_1, GSP__NOISE_OVERHEAD_2, GSP__NOISE_OVERHEAD_3};
    uint8_t message[128];
    struct pair pair = begin(1);
    ck_assert_uint_eq(play(&pair, _i, message), sizeof PAYLOAD + overhead[_i]);
}
END_TEST

START_TEST(any_flipped_bit_is_refused)
{
    uint8_t message[128];
    const struct pair fresh = begin(2);
    struct pair written = fresh;
    size_t length = play(&written, _i, message);
    for (size_t bit = 0; bit < 8 * length; bit++) {
        struct pair pair = written;
        message[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_refused(reader(&pair, _i), message, length);
        message[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    uint8_t payload[128];
    size_t payload_length;
    ck_assert_int_eq(gsp__noise_read(reader(&written, _i), message, length, payload, &payload_length), 0);
}
END_TEST

START_TEST(any_other_length_is_refused)
{
    uint8_t message[129] = {0};
    const struct pair fresh = begin(3);
    struct pair written = fresh;
    size_t length = play(&written, _i, message);
    for (size_t cut = 0; cut <= length + 1; cut++) {
        if (cut == length) continue;
        /* A copy of just that size, so that a reading beyond it is seen. */
        struct pair pair = written;
        uint8_t *copy = malloc(cut ? cut : 1);
        memcpy(copy, message, cut);
        assert_refused(reader(&pair, _i), copy, cut);
        free(copy);
    }
}
END_TEST

START_TEST(another_message_of_the_same_handshake_is_refused)
{
    uint8_t first[128], message[128];
    struct pair pair = begin(4), other = begin(4);
    size_t length = play(&other, 0, first);
    play(&pair, 1, message);
    assert_refused(&pair.initiator, first, length);
}
END_TEST

START_TEST(dialing_the_wrong_key_is_refused)
{
    uint8_t message[128];
    struct pair pair = begin(5), other = begin(6);
    ck_assert_int_eq(gsp__noise_initiator(&pair.initiator, PROLOGUE, sizeof PROLOGUE, pair.initiator_static,
                                          pair.initiator_ephemeral, other.responder_public),
                     0);
    size_t length = play(&pair, 0, message);
    assert_refused(&pair.responder, message, length);
}
END_TEST

/* Who answers in the responder's place knows its public key and message 1, but not its secret. */
START_TEST(an_impostor_is_refused)
{
    uint8_t message[128];
    size_t length;
    struct pair pair = begin(7), impostor = begin(8);
    play(&pair, 0, message);
    struct pair answering = begin(7);
    size_t first = play(&answering, 0, message);
    uint8_t payload[128];
    size_t payload_length;
    ck_assert_int_eq(gsp__noise_read(&answering.responder, message, first, payload, &payload_length), 0);
    memcpy(answering.responder.chaining_key, impostor.responder.chaining_key, 32);
    ck_assert_int_eq(gsp__noise_write(&answering.responder, PAYLOAD, sizeof PAYLOAD, message, &length), 0);
    assert_refused(&pair.initiator, message, length);
}
END_TEST

/* Who claims a static key in message 3 must have its secret. */
START_TEST(a_borrowed_public_key_is_refused)
{
    uint8_t message[128];
    struct pair pair = begin(9), other = begin(10);
    ck_assert_int_eq(gsp_public_key(pair.initiator.static_public, other.initiator_static), 0);
    size_t length = play(&pair, 2, message);
    assert_refused(&pair.responder, message, length);
}
END_TEST

START_TEST(another_prologue_is_refused)
{
    uint8_t message[128];
    struct pair pair = begin(11);
    ck_assert_int_eq(gsp__noise_responder(&pair.responder, PROLOGUE, sizeof PROLOGUE - 1, pair.responder_static,
                                          pair.responder_ephemeral),
                     0);
    size_t length = play(&pair, 0, message);
    assert_refused(&pair.responder, message, length);
}
END_TEST

START_TEST(turns_are_kept)
{
    uint8_t message[128], payload[128];
    size_t length, payload_length;
    struct gsp__cipher send, receive;
    struct pair pair = begin(12);
    ck_assert_int_eq(gsp__noise_write(&pair.responder, PAYLOAD, sizeof PAYLOAD, message, &length), GSP_ERR_STATE);
    ck_assert_int_eq(gsp__noise_read(&pair.initiator, message, 88, payload, &payload_length), GSP_ERR_STATE);
    ck_assert_int_eq(gsp__noise_split(&pair.initiator, &send, &receive), GSP_ERR_STATE);
    /* Asking out of turn is a mistake of the caller's and spoils nothing. */
    play(&pair, GSP__NOISE_MESSAGES, message);
    ck_assert(gsp__noise_finished(&pair.initiator) && gsp__noise_finished(&pair.responder));
    ck_assert_int_eq(gsp__noise_write(&pair.responder, PAYLOAD, sizeof PAYLOAD, message, &length), GSP_ERR_STATE);
    ck_assert_int_eq(gsp__noise_read(&pair.initiator, message, 88, payload, &payload_length), GSP_ERR_STATE);
}
END_TEST

START_TEST(messages_have_a_greatest_length)
{
    enum { LARGEST = GSP__NOISE_MESSAGE_MAX - GSP__NOISE_OVERHEAD_1 };
    uint8_t *payload = calloc(1, LARGEST + 1), *message = malloc(GSP__NOISE_MESSAGE_MAX + 1);
    size_t length, payload_length;
    struct pair pair = begin(13);
    ck_assert_int_eq(gsp__noise_write(&pair.initiator, payload, LARGEST + 1, message, &length), GSP_ERR_LIMIT);
    ck_assert_int_eq(gsp__noise_write(&pair.initiator, payload, LARGEST, message, &length), 0);
    ck_assert_uint_eq(length, GSP__NOISE_MESSAGE_MAX);
    ck_assert_int_eq(gsp__noise_read(&pair.responder, message, length, payload, &payload_length), 0);
    ck_assert_uint_eq(payload_length, LARGEST);
    free(payload);
    free(message);
}
END_TEST

/* Every point of Curve25519 and its twist whose order divides 8, in all encodings below 2^255. */
static const uint8_t SMALL_ORDER[][32] = {
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
enum { SMALL_ORDERS = sizeof SMALL_ORDER / sizeof *SMALL_ORDER };

/* MixKey with the shared secret that a point of small order gives everybody: zeros. */
static void mix_zeros(struct gsp__noise *noise)
{
    static const uint8_t zeros[32];
    uint8_t temporary[32], tail[33];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, noise->chaining_key, 32);
    crypto_auth_hmacsha256_update(&state, zeros, 32);
    crypto_auth_hmacsha256_final(&state, temporary);
    tail[0] = 1;
    crypto_auth_hmacsha256(noise->chaining_key, tail, 1, temporary);
    memcpy(tail, noise->chaining_key, 32);
    tail[32] = 2;
    crypto_auth_hmacsha256(noise->cipher.key, tail, 33, temporary);
    noise->cipher.nonce = 0;
}

static void mix_hash(struct gsp__noise *noise, const uint8_t *bytes, size_t length)
{
    uint8_t both[256];
    memcpy(both, noise->hash, 32);
    memcpy(both + 32, bytes, length);
    crypto_hash_sha256(noise->hash, both, 32 + length);
}

/* A message e, dh whose ephemeral key is `point`, its dh known to be zeros: only the check of the point refuses it. */
static size_t forge(struct gsp__noise *noise, const uint8_t point[32], uint8_t message[128])
{
    memcpy(message, point, 32);
    mix_hash(noise, point, 32);
    mix_zeros(noise);
    ck_assert_int_eq(gsp__cipher_encrypt(&noise->cipher, noise->hash, 32, PAYLOAD, sizeof PAYLOAD, message + 32), 0);
    return 32 + sizeof PAYLOAD + GSP__CIPHER_TAG;
}

START_TEST(small_order_ephemeral_in_message_1_is_refused)
{
    uint8_t message[128];
    struct pair pair = begin(14);
    size_t length = forge(&pair.initiator, SMALL_ORDER[_i], message);
    assert_refused(&pair.responder, message, length);
}
END_TEST

START_TEST(small_order_ephemeral_in_message_2_is_refused)
{
    uint8_t message[128], payload[128];
    size_t payload_length;
    struct pair pair = begin(15);
    size_t length = play(&pair, 0, message);
    ck_assert_int_eq(gsp__noise_read(&pair.responder, message, length, payload, &payload_length), 0);
    length = forge(&pair.responder, SMALL_ORDER[_i], message);
    assert_refused(&pair.initiator, message, length);
}
END_TEST

START_TEST(small_order_static_in_message_3_is_refused)
{
    uint8_t message[128], payload[128];
    size_t payload_length;
    struct pair pair = begin(16);
    size_t length = play(&pair, 1, message);
    struct gsp__noise *initiator = &pair.initiator;
    ck_assert_int_eq(gsp__noise_read(initiator, message, length, payload, &payload_length), 0);
    ck_assert_int_eq(gsp__cipher_encrypt(&initiator->cipher, initiator->hash, 32, SMALL_ORDER[_i], 32, message), 0);
    mix_hash(initiator, message, 48);
    mix_zeros(initiator);
    ck_assert_int_eq(
        gsp__cipher_encrypt(&initiator->cipher, initiator->hash, 32, PAYLOAD, sizeof PAYLOAD, message + 48), 0);
    assert_refused(&pair.responder, message, 48 + sizeof PAYLOAD + 16);
}
END_TEST

START_TEST(small_order_static_is_not_dialed)
{
    uint8_t message[128];
    size_t length;
    struct pair pair = begin(17);
    ck_assert_int_eq(gsp__noise_initiator(&pair.initiator, PROLOGUE, sizeof PROLOGUE, pair.initiator_static,
                                          pair.initiator_ephemeral, SMALL_ORDER[_i]),
                     0);
    ck_assert_int_eq(gsp__noise_write(&pair.initiator, PAYLOAD, sizeof PAYLOAD, message, &length), GSP_ERR_AUTH);
    assert_wiped(&pair.initiator);
    ck_assert_int_eq(gsp__noise_write(&pair.initiator, PAYLOAD, sizeof PAYLOAD, message, &length), GSP_ERR_STATE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("noise");
    TCase *tests = tcase_create("noise");
    tcase_add_test(tests, public_key_of_a_known_secret);
    tcase_add_loop_test(tests, both_sides_agree, 0, 20);
    tcase_add_loop_test(tests, overheads_are_as_stated, 0, 3);
    tcase_add_loop_test(tests, any_flipped_bit_is_refused, 0, 3);
    tcase_add_loop_test(tests, any_other_length_is_refused, 0, 3);
    tcase_add_test(tests, another_message_of_the_same_handshake_is_refused);
    tcase_add_test(tests, dialing_the_wrong_key_is_refused);
    tcase_add_test(tests, an_impostor_is_refused);
    tcase_add_test(tests, a_borrowed_public_key_is_refused);
    tcase_add_test(tests, another_prologue_is_refused);
    tcase_add_test(tests, turns_are_kept);
    tcase_add_test(tests, messages_have_a_greatest_length);
    tcase_add_loop_test(tests, small_order_ephemeral_in_message_1_is_refused, 0, SMALL_ORDERS);
    tcase_add_loop_test(tests, small_order_ephemeral_in_message_2_is_refused, 0, SMALL_ORDERS);
    tcase_add_loop_test(tests, small_order_static_in_message_3_is_refused, 0, SMALL_ORDERS);
    tcase_add_loop_test(tests, small_order_static_is_not_dialed, 0, SMALL_ORDERS);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
