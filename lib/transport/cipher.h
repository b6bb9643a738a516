/* CipherState of the Noise specification (section 5.1) over ChaCha20-Poly1305: a key and the number of the next
 * message under it, which is never sent. */
#ifndef GOSSIP_TRANSPORT_CIPHER_H
#define GOSSIP_TRANSPORT_CIPHER_H

#include <gossip/base.h>

enum { GSP__CIPHER_KEY = 32, GSP__CIPHER_TAG = 16 };

struct gsp__cipher {
    uint8_t key[GSP__CIPHER_KEY];
    uint64_t nonce;
};

/* Copies the key; the nonce begins at 0. */
void gsp__cipher_init(struct gsp__cipher *cipher, const uint8_t key[GSP__CIPHER_KEY]);

/* ENCRYPT under the next nonce: writes length + GSP__CIPHER_TAG bytes to `out`, which may be `plain` itself.
 * GSP_ERR_LIMIT if the nonces are used up. */
int gsp__cipher_encrypt(struct gsp__cipher *cipher, const uint8_t *associated, size_t associated_length,
                        const uint8_t *plain, size_t length, uint8_t *out);
/* DECRYPT under the next nonce: writes length - GSP__CIPHER_TAG bytes to `plain`, which may be `sealed` itself.
 * GSP_ERR_AUTH if the bytes are not what the other side sealed next; the nonce then stays as it is. */
int gsp__cipher_decrypt(struct gsp__cipher *cipher, const uint8_t *associated, size_t associated_length,
                        const uint8_t *sealed, size_t length, uint8_t *plain);
/* REKEY (section 4.2): the next key follows from this one, and this one not from the next. The nonce goes on. */
void gsp__cipher_rekey(struct gsp__cipher *cipher);
/* Overwrites key and nonce. */
void gsp__cipher_wipe(struct gsp__cipher *cipher);

#endif
