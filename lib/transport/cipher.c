/* ChaCha20-Poly1305 as Noise uses it. */
#include "transport/cipher.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

/* The specification keeps the last nonce for REKEY. */
#define REKEY_NONCE UINT64_MAX

static_assert((int)GSP__CIPHER_KEY == crypto_aead_chacha20poly1305_ietf_KEYBYTES, "key length");
static_assert((int)GSP__CIPHER_TAG == crypto_aead_chacha20poly1305_ietf_ABYTES, "tag length");

/* Section 12.3: 32 bits of zeros, then the nonce as 64 bits little-endian. */
static void nonce_bytes(uint8_t out[crypto_aead_chacha20poly1305_ietf_NPUBBYTES], uint64_t nonce)
{
    memset(out, 0, 4);
    for (int i = 0; i < 8; i++) out[4 + i] = (uint8_t)(nonce >> (8 * i));
}

void gsp__cipher_init(struct gsp__cipher *cipher, const uint8_t key[GSP__CIPHER_KEY])
{
    memcpy(cipher->key, key, sizeof cipher->key);
    cipher->nonce = 0;
}

int gsp__cipher_encrypt(struct gsp__cipher *cipher, const uint8_t *associated, size_t associated_length,
                        const uint8_t *plain, size_t length, uint8_t *out)
{
    uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];
    if (cipher->nonce == REKEY_NONCE) return GSP_ERR_LIMIT;
    nonce_bytes(nonce, cipher->nonce);
    /* libsodium documents that encryption can't fail; it aborts on lengths that the cipher does not allow. */
    crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, plain, length, associated, associated_length, NULL, nonce,
                                              cipher->key);
    cipher->nonce++;
    return 0;
}

int gsp__cipher_decrypt(struct gsp__cipher *cipher, const uint8_t *associated, size_t associated_length,
                        const uint8_t *sealed, size_t length, uint8_t *plain)
{
    uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];
    if (cipher->nonce == REKEY_NONCE || length < GSP__CIPHER_TAG) return GSP_ERR_AUTH;
    nonce_bytes(nonce, cipher->nonce);
    if (crypto_aead_chacha20poly1305_ietf_decrypt(plain, NULL, NULL, sealed, length, associated, associated_length,
                                                  nonce, cipher->key) != 0)
        return GSP_ERR_AUTH;
    cipher->nonce++;
    return 0;
}

void gsp__cipher_rekey(struct gsp__cipher *cipher)
{
    static const uint8_t zeros[GSP__CIPHER_KEY];
    uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES], sealed[GSP__CIPHER_KEY + GSP__CIPHER_TAG];
    nonce_bytes(nonce, REKEY_NONCE);
    crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, zeros, sizeof zeros, NULL, 0, NULL, nonce, cipher->key);
    memcpy(cipher->key, sealed, sizeof cipher->key);
    sodium_memzero(sealed, sizeof sealed);
}

void gsp__cipher_wipe(struct gsp__cipher *cipher)
{
    sodium_memzero(cipher, sizeof *cipher);
}
