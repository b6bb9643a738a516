/* Noise_XK_25519_ChaChaPoly_SHA256. Names in capitals in the comments are those of the Noise specification. */
#include "transport/noise.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert((int)GSP__NOISE_KEY == crypto_scalarmult_BYTES, "DHLEN");
static_assert((int)GSP__NOISE_HASH == crypto_hash_sha256_BYTES, "HASHLEN");

/* ---- SymmetricState (section 5.2) ---- */

/* MixHash: h = HASH(h || data). */
static void mix_hash(struct gsp__noise *noise, const uint8_t *data, size_t length)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, noise->hash, sizeof noise->hash);
    crypto_hash_sha256_update(&state, data, length);
    crypto_hash_sha256_final(&state, noise->hash);
}

/* HMAC-HASH(key, one || two); keys here always have HASHLEN bytes. */
static void hmac(uint8_t out[GSP__NOISE_HASH], const uint8_t key[GSP__NOISE_HASH], const uint8_t *one,
                 size_t one_length, const uint8_t *two, size_t two_length)
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key, GSP__NOISE_HASH);
    crypto_auth_hmacsha256_update(&state, one, one_length);
    crypto_auth_hmacsha256_update(&state, two, two_length);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

/* HKDF(chaining_key, input, 2): temp = HMAC(ck, input), first = HMAC(temp, 1), second = HMAC(temp, first || 2). */
static void hkdf(const uint8_t chaining_key[GSP__NOISE_HASH], const uint8_t *input, size_t length,
                 uint8_t first[GSP__NOISE_HASH], uint8_t second[GSP__NOISE_HASH])
{
    static const uint8_t one = 1, two = 2;
    uint8_t temporary[GSP__NOISE_HASH];
    hmac(temporary, chaining_key, input, length, NULL, 0);
    hmac(first, temporary, &one, 1, NULL, 0);
    hmac(second, temporary, first, GSP__NOISE_HASH, &two, 1);
    sodium_memzero(temporary, sizeof temporary);
}

/* MixKey(DH(secret, public)): ck, temp_k = HKDF(ck, DH, 2); InitializeKey(temp_k). crypto_scalarmult fails when the
 * result is all zeros, that is, for a point of small order: nobody who means well has such a key. */
static int mix_key(struct gsp__noise *noise, const uint8_t secret[GSP__NOISE_KEY], const uint8_t public[GSP__NOISE_KEY])
{
    uint8_t shared[GSP__NOISE_KEY], chaining_key[GSP__NOISE_HASH], key[GSP__NOISE_HASH];
    int rc = GSP_ERR_AUTH;
    if (crypto_scalarmult(shared, secret, public) == 0) {
        hkdf(noise->chaining_key, shared, sizeof shared, chaining_key, key);
        memcpy(noise->chaining_key, chaining_key, sizeof chaining_key);
        gsp__cipher_init(&noise->cipher, key);
        rc = 0;
    }
    sodium_memzero(shared, sizeof shared);
    sodium_memzero(chaining_key, sizeof chaining_key);
    sodium_memzero(key, sizeof key);
    return rc;
}

/* EncryptAndHash: the handshake hash is associated data, then takes in the ciphertext. */
static int encrypt_and_hash(struct gsp__noise *noise, const uint8_t *plain, size_t length, uint8_t *out)
{
    int rc = gsp__cipher_encrypt(&noise->cipher, noise->hash, sizeof noise->hash, plain, length, out);
    if (rc) return rc;
    mix_hash(noise, out, length + GSP__CIPHER_TAG);
    return 0;
}

static int decrypt_and_hash(struct gsp__noise *noise, const uint8_t *sealed, size_t length, uint8_t *plain)
{
    int rc = gsp__cipher_decrypt(&noise->cipher, noise->hash, sizeof noise->hash, sealed, length, plain);
    if (rc) return rc;
    mix_hash(noise, sealed, length);
    return 0;
}

/* ---- HandshakeState (section 5.3) for the pattern XK ---- */

static int start(struct gsp__noise *noise, bool initiator, const uint8_t *prologue, size_t length,
                 const uint8_t static_secret[GSP__NOISE_KEY], const uint8_t ephemeral_secret[GSP__NOISE_KEY])
{
    /* The name has exactly HASHLEN bytes, so it is the first h, neither padded nor hashed. */
    static const char name[] = "Noise_XK_25519_ChaChaPoly_SHA256";
    static_assert(sizeof name - 1 == GSP__NOISE_HASH, "the protocol name fills the hash");
    *noise = (struct gsp__noise){.initiator = initiator};
    memcpy(noise->hash, name, sizeof noise->hash);
    memcpy(noise->chaining_key, noise->hash, sizeof noise->chaining_key);
    mix_hash(noise, prologue, length);
    memcpy(noise->static_secret, static_secret, sizeof noise->static_secret);
    memcpy(noise->ephemeral_secret, ephemeral_secret, sizeof noise->ephemeral_secret);
    if (crypto_scalarmult_base(noise->static_public, static_secret) != 0 ||
        crypto_scalarmult_base(noise->ephemeral_public, ephemeral_secret) != 0) {
        gsp__noise_wipe(noise);
        return GSP_ERR_AUTH;
    }
    return 0;
}

int gsp__noise_initiator(struct gsp__noise *noise, const uint8_t *prologue, size_t length,
                         const uint8_t static_secret[GSP__NOISE_KEY], const uint8_t ephemeral_secret[GSP__NOISE_KEY],
                         const uint8_t remote_public[GSP__NOISE_KEY])
{
    int rc = start(noise, true, prologue, length, static_secret, ephemeral_secret);
    if (rc) return rc;
    memcpy(noise->remote_static, remote_public, sizeof noise->remote_static);
    mix_hash(noise, noise->remote_static, sizeof noise->remote_static);
    return 0;
}

int gsp__noise_responder(struct gsp__noise *noise, const uint8_t *prologue, size_t length,
                         const uint8_t static_secret[GSP__NOISE_KEY], const uint8_t ephemeral_secret[GSP__NOISE_KEY])
{
    int rc = start(noise, false, prologue, length, static_secret, ephemeral_secret);
    if (rc) return rc;
    mix_hash(noise, noise->static_public, sizeof noise->static_public);
    return 0;
}

/* The key agreement that message number `done` + 1 ends with: es, ee, se. */
static int agree(struct gsp__noise *noise)
{
    switch (noise->done) {
    case 0:
        return noise->initiator ? mix_key(noise, noise->ephemeral_secret, noise->remote_static)
                                : mix_key(noise, noise->static_secret, noise->remote_ephemeral);
    case 1:
        return mix_key(noise, noise->ephemeral_secret, noise->remote_ephemeral);
    default:
        return noise->initiator ? mix_key(noise, noise->static_secret, noise->remote_ephemeral)
                                : mix_key(noise, noise->ephemeral_secret, noise->remote_static);
    }
}

/* The initiator writes messages 1 and 3. */
static bool our_turn(const struct gsp__noise *noise)
{
    return noise->initiator == (noise->done % 2 == 0);
}

/* Bytes of the next message before its payload: e, e, or s with its tag. */
static size_t key_bytes(const struct gsp__noise *noise)
{
    return noise->done < 2 ? GSP__NOISE_KEY : GSP__NOISE_KEY + GSP__CIPHER_TAG;
}

static int write_message(struct gsp__noise *noise, const uint8_t *payload, size_t length, uint8_t *out)
{
    int rc = 0;
    if (noise->done < 2) {
        memcpy(out, noise->ephemeral_public, GSP__NOISE_KEY);
        mix_hash(noise, noise->ephemeral_public, GSP__NOISE_KEY);
    } else {
        rc = encrypt_and_hash(noise, noise->static_public, GSP__NOISE_KEY, out);
    }
    if (!rc) rc = agree(noise);
    if (!rc) rc = encrypt_and_hash(noise, payload, length, out + key_bytes(noise));
    return rc;
}

static int read_message(struct gsp__noise *noise, const uint8_t *message, size_t length, uint8_t *payload)
{
    size_t before = key_bytes(noise);
    if (length < before + GSP__CIPHER_TAG || length > GSP__NOISE_MESSAGE_MAX) return GSP_ERR_AUTH;
    int rc = 0;
    if (noise->done < 2) {
        memcpy(noise->remote_ephemeral, message, GSP__NOISE_KEY);
        mix_hash(noise, noise->remote_ephemeral, GSP__NOISE_KEY);
    } else {
        rc = decrypt_and_hash(noise, message, before, noise->remote_static);
    }
    if (!rc) rc = agree(noise);
    if (!rc) rc = decrypt_and_hash(noise, message + before, length - before, payload);
    return rc;
}

int gsp__noise_write(struct gsp__noise *noise, const uint8_t *payload, size_t length, uint8_t *out, size_t *out_length)
{
    if (noise->dead || gsp__noise_finished(noise) || !our_turn(noise)) return GSP_ERR_STATE;
    size_t overhead = key_bytes(noise) + GSP__CIPHER_TAG;
    if (length > GSP__NOISE_MESSAGE_MAX - overhead) return GSP_ERR_LIMIT;
    int rc = write_message(noise, payload, length, out);
    if (rc) {
        gsp__noise_wipe(noise);
        return rc;
    }
    *out_length = length + overhead;
    noise->done++;
    return 0;
}

int gsp__noise_read(struct gsp__noise *noise, const uint8_t *message, size_t length, uint8_t *payload,
                    size_t *payload_length)
{
    if (noise->dead || gsp__noise_finished(noise) || our_turn(noise)) return GSP_ERR_STATE;
    size_t overhead = key_bytes(noise) + GSP__CIPHER_TAG;
    if (read_message(noise, message, length, payload)) {
        gsp__noise_wipe(noise);
        return GSP_ERR_AUTH;
    }
    *payload_length = length - overhead;
    noise->done++;
    return 0;
}

bool gsp__noise_finished(const struct gsp__noise *noise)
{
    return noise->done == GSP__NOISE_MESSAGES;
}

const uint8_t *gsp__noise_remote_static(const struct gsp__noise *noise)
{
    assert(noise->initiator || gsp__noise_finished(noise));
    return noise->remote_static;
}

const uint8_t *gsp__noise_hash(const struct gsp__noise *noise)
{
    assert(gsp__noise_finished(noise));
    return noise->hash;
}

int gsp__noise_split(struct gsp__noise *noise, struct gsp__cipher *send, struct gsp__cipher *receive)
{
    uint8_t from_initiator[GSP__NOISE_HASH], from_responder[GSP__NOISE_HASH];
    if (noise->dead || !gsp__noise_finished(noise)) return GSP_ERR_STATE;
    hkdf(noise->chaining_key, NULL, 0, from_initiator, from_responder);
    gsp__cipher_init(send, noise->initiator ? from_initiator : from_responder);
    gsp__cipher_init(receive, noise->initiator ? from_responder : from_initiator);
    sodium_memzero(from_initiator, sizeof from_initiator);
    sodium_memzero(from_responder, sizeof from_responder);
    /* The public parts stay: who the other side is, and the hash of the handshake. */
    sodium_memzero(noise->chaining_key, sizeof noise->chaining_key);
    sodium_memzero(noise->static_secret, sizeof noise->static_secret);
    sodium_memzero(noise->ephemeral_secret, sizeof noise->ephemeral_secret);
    gsp__cipher_wipe(&noise->cipher);
    noise->dead = true;
    return 0;
}

void gsp__noise_wipe(struct gsp__noise *noise)
{
    sodium_memzero(noise, sizeof *noise);
    noise->dead = true; /* never another message, least of all with zeros for keys */
}
