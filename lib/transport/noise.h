/* The handshake: Noise_XK_25519_ChaChaPoly_SHA256 (Noise specification, revision 34), nothing else.
 *
 *     <- s            the initiator knows the responder's static key beforehand
 *     ...
 *     -> e, es        1
 *     <- e, ee        2
 *     -> s, se        3
 *
 * Both sides call write and read in turns until gsp__noise_finished, then split. A struct gsp__noise needs no heap;
 * gsp__noise_wipe it whenever it is of no more use, whatever happened before. Ephemeral secrets are the caller's fresh
 * random bytes, never used twice. */
#ifndef GOSSIP_TRANSPORT_NOISE_H
#define GOSSIP_TRANSPORT_NOISE_H

#include "transport/cipher.h"

enum {
    GSP__NOISE_KEY = 32,
    GSP__NOISE_HASH = 32,
    GSP__NOISE_MESSAGES = 3,
    /* what a message is longer than its payload: a public key and the tag; in message 3 the key has its own tag */
    GSP__NOISE_OVERHEAD_1 = GSP__NOISE_KEY + GSP__CIPHER_TAG,
    GSP__NOISE_OVERHEAD_2 = GSP__NOISE_KEY + GSP__CIPHER_TAG,
    GSP__NOISE_OVERHEAD_3 = GSP__NOISE_KEY + GSP__CIPHER_TAG + GSP__CIPHER_TAG,
    GSP__NOISE_MESSAGE_MAX = 65535
};

struct gsp__noise {
    bool initiator, dead;
    int done; /* messages written and read so far */
    uint8_t hash[GSP__NOISE_HASH], chaining_key[GSP__NOISE_HASH];
    struct gsp__cipher cipher;
    uint8_t static_secret[GSP__NOISE_KEY], static_public[GSP__NOISE_KEY];
    uint8_t ephemeral_secret[GSP__NOISE_KEY], ephemeral_public[GSP__NOISE_KEY];
    uint8_t remote_static[GSP__NOISE_KEY], remote_ephemeral[GSP__NOISE_KEY];
};

/* GSP_ERR_AUTH if a secret key has no public key. That `remote_public` is no usable point shows at the first write. */
int gsp__noise_initiator(struct gsp__noise *noise, const uint8_t *prologue, size_t length,
                         const uint8_t static_secret[GSP__NOISE_KEY], const uint8_t ephemeral_secret[GSP__NOISE_KEY],
                         const uint8_t remote_public[GSP__NOISE_KEY]);
int gsp__noise_responder(struct gsp__noise *noise, const uint8_t *prologue, size_t length,
                         const uint8_t static_secret[GSP__NOISE_KEY], const uint8_t ephemeral_secret[GSP__NOISE_KEY]);

/* The next message, if it is ours to write (else GSP_ERR_STATE): payload length and the message's overhead. `out` has
 * room for both and does not overlap `payload`. GSP_ERR_AUTH if a key exchange gave no secret (a point of small order),
 * GSP_ERR_LIMIT if the message would be longer than GSP__NOISE_MESSAGE_MAX. */
int gsp__noise_write(struct gsp__noise *noise, const uint8_t *payload, size_t length, uint8_t *out, size_t *out_length);
/* The next message, if it is ours to read (else GSP_ERR_STATE). `payload` has room for `length` bytes less the
 * message's overhead and does not overlap `message`. GSP_ERR_AUTH on anything but the other side's own message: no
 * byte of the payload may then be believed, and the handshake is dead: every later call gives GSP_ERR_STATE. */
int gsp__noise_read(struct gsp__noise *noise, const uint8_t *message, size_t length, uint8_t *payload,
                    size_t *payload_length);
/* All three messages are through. */
bool gsp__noise_finished(const struct gsp__noise *noise);

/* The other side's static key. At the responder it is known, and proven, once message 3 has been read. */
const uint8_t *gsp__noise_remote_static(const struct gsp__noise *noise);
/* After the last message: a value that both sides share and no other connection has. */
const uint8_t *gsp__noise_hash(const struct gsp__noise *noise);
/* After the last message, once: the keys of the two directions. Wipes the secrets of the handshake. */
int gsp__noise_split(struct gsp__noise *noise, struct gsp__cipher *send, struct gsp__cipher *receive);
/* Overwrites everything; may be called at any time, also twice. */
void gsp__noise_wipe(struct gsp__noise *noise);

#endif
