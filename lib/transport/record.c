/* Sealing and opening records. */
#include "transport/record.h"

static void put_length(uint8_t prefix[GSP__RECORD_LENGTH], size_t length)
{
    prefix[0] = (uint8_t)length;
    prefix[1] = (uint8_t)(length >> 8);
}

/* Both sides count alike: the record that completes a thousand is the last under its key. */
static void rekey_when_due(struct gsp__cipher *cipher)
{
    if (cipher->nonce % GSP__RECORD_REKEY == 0) gsp__cipher_rekey(cipher);
}

int gsp__record_seal(struct gsp__cipher *cipher, const uint8_t *plain, size_t length, uint8_t *out)
{
    if (length > GSP__RECORD_PLAIN_MAX) return GSP_ERR_LIMIT;
    put_length(out, length + GSP__CIPHER_TAG);
    int rc = gsp__cipher_encrypt(cipher, out, GSP__RECORD_LENGTH, plain, length, out + GSP__RECORD_LENGTH);
    if (rc) return rc;
    rekey_when_due(cipher);
    return 0;
}

size_t gsp__record_length(const uint8_t prefix[GSP__RECORD_LENGTH])
{
    return (size_t)prefix[0] | (size_t)prefix[1] << 8;
}

int gsp__record_open(struct gsp__cipher *cipher, const uint8_t *body, size_t length, uint8_t *plain,
                     size_t *plain_length)
{
    uint8_t prefix[GSP__RECORD_LENGTH];
    if (length < GSP__RECORD_MIN || length > GSP__RECORD_MAX) return GSP_ERR_AUTH;
    put_length(prefix, length);
    int rc = gsp__cipher_decrypt(cipher, prefix, sizeof prefix, body, length, plain);
    if (rc) return rc;
    *plain_length = length - GSP__CIPHER_TAG;
    rekey_when_due(cipher);
    return 0;
}
