/* Records and the cipher below them. */
#include "transport/record.h"
#include "unit/run_suite.h"

#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static struct gsp__cipher fresh(uint8_t fill)
{
    uint8_t key[GSP__CIPHER_KEY];
    struct gsp__cipher cipher;
    memset(key, fill, sizeof key);
    gsp__cipher_init(&cipher, key);
    return cipher;
}

START_TEST(nonce_is_four_zero_bytes_and_the_number_little_endian)
{
    static const uint8_t nonce[12] = {0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1}, plain[5] = "abcd", associated[3] = "xy";
    uint8_t ours[21], theirs[21];
    struct gsp__cipher cipher = fresh(7);
    cipher.nonce = 0x0102030405060708;
    ck_assert_int_eq(gsp__cipher_encrypt(&cipher, associated, 3, plain, 5, ours), 0);
    crypto_aead_chacha20poly1305_ietf_encrypt(theirs, NULL, plain, 5, associated, 3, NULL, nonce, cipher.key);
    ck_assert_mem_eq(ours, theirs, sizeof ours);
    ck_assert_uint_eq(cipher.nonce, 0x0102030405060709);
}
END_TEST

/* The nonce 2^64 - 1 belongs to REKEY alone. */
START_TEST(last_nonce_is_never_used)
{
    uint8_t sealed[16];
    struct gsp__cipher cipher = fresh(1), other = fresh(1);
    cipher.nonce = other.nonce = UINT64_MAX - 1;
    ck_assert_int_eq(gsp__cipher_encrypt(&cipher, NULL, 0, NULL, 0, sealed), 0);
    ck_assert_int_eq(gsp__cipher_encrypt(&cipher, NULL, 0, NULL, 0, sealed), GSP_ERR_LIMIT);
    ck_assert_int_eq(gsp__cipher_decrypt(&other, NULL, 0, sealed, 16, sealed), 0);
    ck_assert_int_eq(gsp__cipher_decrypt(&other, NULL, 0, sealed, 16, sealed), GSP_ERR_AUTH);
}
END_TEST

/* The first 32 bytes of ENCRYPT(k, 2^64 - 1, "", zeros) are the key stream of block 1. */
START_TEST(rekey_is_that_of_the_specification)
{
    static const uint8_t zeros[32];
    uint8_t nonce[12] = {0}, expected[32];
    memset(nonce + 4, 0xff, 8);
    struct gsp__cipher cipher = fresh(9);
    cipher.nonce = 41;
    crypto_stream_chacha20_ietf_xor_ic(expected, zeros, 32, nonce, 1, cipher.key);
    gsp__cipher_rekey(&cipher);
    ck_assert_mem_eq(cipher.key, expected, 32);
    ck_assert_uint_eq(cipher.nonce, 41);
}
END_TEST

START_TEST(length_is_little_endian_and_counts_the_tag)
{
    uint8_t *out = malloc(GSP__RECORD_MAX + 2), *plain = calloc(1, GSP__RECORD_PLAIN_MAX);
    struct gsp__cipher cipher = fresh(3);
    ck_assert_int_eq(gsp__record_seal(&cipher, plain, 0x0102 - 16, out), 0);
    ck_assert_uint_eq(out[0], 2);
    ck_assert_uint_eq(out[1], 1);
    ck_assert_int_eq(gsp__record_seal(&cipher, plain, GSP__RECORD_PLAIN_MAX, out), 0);
    ck_assert_uint_eq(gsp__record_length(out), GSP__RECORD_MAX);
    ck_assert_int_eq(gsp__record_seal(&cipher, plain, (size_t)GSP__RECORD_PLAIN_MAX + 1, out), GSP_ERR_LIMIT);
    ck_assert_uint_eq(cipher.nonce, 2);
    free(out);
    free(plain);
}
END_TEST

START_TEST(both_sides_rekey_after_a_thousand_records)
{
    struct gsp__cipher send = fresh(5), receive = fresh(5), before = send;
    for (unsigned i = 1; i <= 3001; i++) {
        uint8_t record[4 + GSP__RECORD_OVERHEAD], plain[4] = {(uint8_t)i, (uint8_t)(i >> 8)}, opened[4];
        size_t length;
        ck_assert_int_eq(gsp__record_seal(&send, plain, 4, record), 0);
        ck_assert_int_eq(gsp__record_open(&receive, record + 2, 20, opened, &length), 0);
        ck_assert_uint_eq(length, 4);
        ck_assert_mem_eq(opened, plain, 4);
        ck_assert_mem_eq(send.key, receive.key, 32);
        ck_assert_uint_eq(send.nonce, i);
        if (i % 1000 == 0) gsp__cipher_rekey(&before);
        ck_assert_msg(memcmp(before.key, send.key, 32) == 0, "another key than expected after record %u", i);
    }
    ck_assert_mem_ne(fresh(5).key, send.key, 32);
}
END_TEST

START_TEST(changed_records_are_refused)
{
    const struct gsp__cipher start = fresh(5);
    struct gsp__cipher send = start;
    uint8_t record[40 + GSP__RECORD_OVERHEAD], plain[41], wrong[58];
    size_t length;
    memset(plain, 0x5a, sizeof plain);
    ck_assert_int_eq(gsp__record_seal(&send, plain, 40, record), 0);
    for (unsigned bit = 0; bit < 8 * 56; bit++) {
        struct gsp__cipher receive = start;
        memcpy(wrong, record + 2, 56);
        wrong[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert_int_eq(gsp__record_open(&receive, wrong, 56, plain, &length), GSP_ERR_AUTH);
        ck_assert_uint_eq(receive.nonce, 0);
    }
    for (size_t cut = 0; cut < 56; cut++) {
        struct gsp__cipher receive = start;
        ck_assert_int_eq(gsp__record_open(&receive, record + 2, cut, plain, &length), GSP_ERR_AUTH);
    }
    struct gsp__cipher receive = start;
    memcpy(wrong, record + 2, 56);
    wrong[56] = 0;
    ck_assert_int_eq(gsp__record_open(&receive, wrong, 57, plain, &length), GSP_ERR_AUTH);
    ck_assert_int_eq(gsp__record_open(&receive, record + 2, 56, plain, &length), 0);
}
END_TEST

START_TEST(length_is_authenticated)
{
    struct gsp__cipher send = fresh(2), receive = fresh(2);
    uint8_t body[16 + 8], plain[8] = {0};
    size_t length;
    /* A body sealed without its length as associated data. */
    ck_assert_int_eq(gsp__cipher_encrypt(&send, NULL, 0, plain, 8, body), 0);
    ck_assert_int_eq(gsp__record_open(&receive, body, sizeof body, plain, &length), GSP_ERR_AUTH);
}
END_TEST

START_TEST(replayed_reordered_and_reflected_records_are_refused)
{
    struct gsp__cipher send = fresh(1), receive = fresh(1), back = fresh(2);
    uint8_t first[1 + GSP__RECORD_OVERHEAD], second[1 + GSP__RECORD_OVERHEAD], plain[1] = {1};
    size_t length;
    ck_assert_int_eq(gsp__record_seal(&send, plain, 1, first), 0);
    ck_assert_int_eq(gsp__record_seal(&send, plain, 1, second), 0);
    ck_assert_int_eq(gsp__record_open(&receive, second + 2, 17, plain, &length), GSP_ERR_AUTH);
    ck_assert_int_eq(gsp__record_open(&back, first + 2, 17, plain, &length), GSP_ERR_AUTH);
    ck_assert_int_eq(gsp__record_open(&receive, first + 2, 17, plain, &length), 0);
    ck_assert_int_eq(gsp__record_open(&receive, first + 2, 17, plain, &length), GSP_ERR_AUTH);
    ck_assert_int_eq(gsp__record_open(&receive, second + 2, 17, plain, &length), 0);
}
END_TEST

START_TEST(works_in_place)
{
    struct gsp__cipher send = fresh(4), receive = fresh(4);
    uint8_t record[300 + GSP__RECORD_OVERHEAD], expected[300];
    size_t length;
    for (unsigned i = 0; i < sizeof expected; i++) expected[i] = record[i + 2] = (uint8_t)(i * 7);
    ck_assert_int_eq(gsp__record_seal(&send, record + 2, 300, record), 0);
    ck_assert_mem_ne(record + 2, expected, 300);
    ck_assert_int_eq(gsp__record_open(&receive, record + 2, gsp__record_length(record), record + 2, &length), 0);
    ck_assert_uint_eq(length, 300);
    ck_assert_mem_eq(record + 2, expected, 300);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record");
    TCase *tests = tcase_create("record");
    tcase_add_test(tests, nonce_is_four_zero_bytes_and_the_number_little_endian);
    tcase_add_test(tests, last_nonce_is_never_used);
    tcase_add_test(tests, rekey_is_that_of_the_specification);
    tcase_add_test(tests, length_is_little_endian_and_counts_the_tag);
    tcase_add_test(tests, both_sides_rekey_after_a_thousand_records);
    tcase_add_test(tests, changed_records_are_refused);
    tcase_add_test(tests, length_is_authenticated);
    tcase_add_test(tests, replayed_reordered_and_reflected_records_are_refused);
    tcase_add_test(tests, works_in_place);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
