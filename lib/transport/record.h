/* Records: what a connection carries after the handshake. u16 length (little-endian) of what follows, ciphertext, tag.
 * The two length bytes are associated data. Every GSP__RECORD_REKEY records of a direction its key is replaced by
 * Noise's REKEY; the nonce goes on. What the records carry is one stream of bytes: where they are cut means nothing. */
#ifndef GOSSIP_TRANSPORT_RECORD_H
#define GOSSIP_TRANSPORT_RECORD_H

#include "transport/cipher.h"

enum {
    GSP__RECORD_LENGTH = 2,                                      /* the bytes in front that say how long the body is */
    GSP__RECORD_MAX = 65535,                                     /* greatest body: ciphertext with tag */
    GSP__RECORD_MIN = GSP__CIPHER_TAG,                           /* least body: a shorter one is refused unread */
    GSP__RECORD_PLAIN_MAX = GSP__RECORD_MAX - GSP__CIPHER_TAG,   /* greatest plaintext */
    GSP__RECORD_OVERHEAD = GSP__RECORD_LENGTH + GSP__CIPHER_TAG, /* bytes on the wire beyond the plaintext */
    GSP__RECORD_REKEY = 1000
};

/* Writes GSP__RECORD_OVERHEAD + length bytes to `out`; `plain` may be `out + GSP__RECORD_LENGTH`. length is at most
 * GSP__RECORD_PLAIN_MAX, or GSP_ERR_LIMIT. */
int gsp__record_seal(struct gsp__cipher *cipher, const uint8_t *plain, size_t length, uint8_t *out);
/* The length of the body that follows these two bytes. */
size_t gsp__record_length(const uint8_t prefix[GSP__RECORD_LENGTH]);
/* Opens a body (without its length bytes); writes length - GSP__CIPHER_TAG bytes to `plain`, which may be `body`
 * itself. GSP_ERR_AUTH: changed, replayed, reordered or cut; the connection is then good for nothing. */
int gsp__record_open(struct gsp__cipher *cipher, const uint8_t *body, size_t length, uint8_t *plain,
                     size_t *plain_length);

#endif
