/* noise-vectors FILE.json: runs our handshake against test vectors in the usual JSON form. Exit 0: all agree; 1: one
 * does not, or the file has none of our protocol; 64: wrong use; 78: the file can't be read. */
#include "transport/noise.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROTOCOL "Noise_XK_25519_ChaChaPoly_SHA256"

enum { EXIT_DISAGREES = 1, EXIT_USE = 64, EXIT_UNREADABLE = 78 };

/* Decodes a text of hex digits; a key that is missing has length 0. The caller frees. NULL if it is not hex. */
static uint8_t *hex(const json_t *object, const char *key, size_t *length)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (!text) text = "";
    size_t digits = strlen(text);
    uint8_t *bytes = malloc(digits / 2 + 1);
    if (!bytes) return NULL;
    if (sodium_hex2bin(bytes, digits / 2 + 1, text, digits, NULL, length, NULL) != 0 || *length != digits / 2) {
        free(bytes);
        return NULL;
    }
    return bytes;
}

static bool key_of(const json_t *vector, const char *name, uint8_t key[GSP__NOISE_KEY])
{
    size_t length;
    uint8_t *bytes = hex(vector, name, &length);
    bool right = bytes && length == GSP__NOISE_KEY;
    if (right) memcpy(key, bytes, GSP__NOISE_KEY);
    free(bytes);
    if (!right) fprintf(stderr, "%s: not a key of %d bytes in hex\n", name, GSP__NOISE_KEY);
    return right;
}

struct pair {
    struct gsp__noise initiator, responder;
    struct gsp__cipher send[2], receive[2]; /* of the initiator, of the responder */
};

static bool begin(struct pair *pair, const json_t *vector)
{
    uint8_t is[32], ie[32], rs[32], re[32], public[32];
    size_t initiator_length, responder_length;
    if (!key_of(vector, "init_static", is) || !key_of(vector, "init_ephemeral", ie) ||
        !key_of(vector, "resp_static", rs) || !key_of(vector, "resp_ephemeral", re) ||
        !key_of(vector, "init_remote_static", public))
        return false;
    uint8_t *initiator_prologue = hex(vector, "init_prologue", &initiator_length);
    uint8_t *responder_prologue = hex(vector, "resp_prologue", &responder_length);
    bool begun = initiator_prologue && responder_prologue &&
                 !gsp__noise_initiator(&pair->initiator, initiator_prologue, initiator_length, is, ie, public) &&
                 !gsp__noise_responder(&pair->responder, responder_prologue, responder_length, rs, re);
    free(initiator_prologue);
    free(responder_prologue);
    if (!begun) fprintf(stderr, "unusable keys or prologue\n");
    return begun;
}

/* Message `index` through both sides: `sealed` and `opened` have room for any message of the file. */
static bool pass(struct pair *pair, size_t index, const uint8_t *payload, size_t length, uint8_t *sealed,
                 size_t *sealed_length, uint8_t *opened, size_t *opened_length)
{
    bool by_initiator = index % 2 == 0;
    if (index < GSP__NOISE_MESSAGES) {
        struct gsp__noise *writer = by_initiator ? &pair->initiator : &pair->responder;
        struct gsp__noise *reader = by_initiator ? &pair->responder : &pair->initiator;
        return !gsp__noise_write(writer, payload, length, sealed, sealed_length) &&
               !gsp__noise_read(reader, sealed, *sealed_length, opened, opened_length);
    }
    *sealed_length = length + GSP__CIPHER_TAG;
    *opened_length = length;
    return !gsp__cipher_encrypt(&pair->send[!by_initiator], NULL, 0, payload, length, sealed) &&
           !gsp__cipher_decrypt(&pair->receive[by_initiator], NULL, 0, sealed, *sealed_length, opened);
}

static bool run_message(struct pair *pair, size_t index, const json_t *message)
{
    size_t payload_length = 0, expected_length = 0, sealed_length, opened_length;
    uint8_t *payload = hex(message, "payload", &payload_length), *sealed = NULL, *opened = NULL;
    uint8_t *expected = hex(message, "ciphertext", &expected_length);
    bool agrees = false;
    if (payload && expected) {
        sealed = malloc(payload_length + GSP__NOISE_OVERHEAD_3);
        opened = malloc(payload_length + 1);
    }
    if (!sealed || !opened) {
        fprintf(stderr, "message %zu: not in hex\n", index + 1);
    } else if (!pass(pair, index, payload, payload_length, sealed, &sealed_length, opened, &opened_length)) {
        fprintf(stderr, "message %zu: refused\n", index + 1);
    } else if (sealed_length != expected_length || memcmp(sealed, expected, sealed_length) != 0) {
        fprintf(stderr, "message %zu: another ciphertext\n", index + 1);
    } else if (opened_length != payload_length || memcmp(opened, payload, payload_length) != 0) {
        fprintf(stderr, "message %zu: another payload\n", index + 1);
    } else {
        agrees = true;
    }
    free(payload);
    free(expected);
    free(sealed);
    free(opened);
    return agrees;
}

static bool hash_agrees(const struct pair *pair, const json_t *vector)
{
    size_t length;
    if (!json_object_get(vector, "handshake_hash")) return true;
    uint8_t *expected = hex(vector, "handshake_hash", &length);
    bool agrees = expected && length == GSP__NOISE_HASH &&
                  memcmp(expected, gsp__noise_hash(&pair->initiator), length) == 0 &&
                  memcmp(expected, gsp__noise_hash(&pair->responder), length) == 0;
    free(expected);
    if (!agrees) fprintf(stderr, "another handshake_hash\n");
    return agrees;
}

static bool run_vector(const json_t *vector)
{
    struct pair pair;
    const json_t *messages = json_object_get(vector, "messages");
    if (json_array_size(messages) < GSP__NOISE_MESSAGES) {
        fprintf(stderr, "fewer messages than the handshake has\n");
        return false;
    }
    if (!begin(&pair, vector)) return false;
    for (size_t i = 0; i < json_array_size(messages); i++) {
        if (!run_message(&pair, i, json_array_get(messages, i))) return false;
        if (i + 1 < GSP__NOISE_MESSAGES) continue;
        if (i + 1 == GSP__NOISE_MESSAGES &&
            (!hash_agrees(&pair, vector) || gsp__noise_split(&pair.initiator, &pair.send[0], &pair.receive[0]) ||
             gsp__noise_split(&pair.responder, &pair.send[1], &pair.receive[1])))
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: noise-vectors FILE.json\n");
        return EXIT_USE;
    }
    json_error_t problem;
    json_t *root = json_load_file(argv[1], JSON_REJECT_DUPLICATES, &problem);
    const json_t *vectors = json_object_get(root, "vectors");
    if (!json_is_array(vectors)) {
        fprintf(stderr, "%s:%d: %s\n", argv[1], root ? 0 : problem.line, root ? "no list `vectors`" : problem.text);
        json_decref(root);
        return EXIT_UNREADABLE;
    }
    size_t run = 0, wrong = 0;
    for (size_t i = 0; i < json_array_size(vectors); i++) {
        const json_t *vector = json_array_get(vectors, i);
        const char *name = json_string_value(json_object_get(vector, "protocol_name"));
        if (!name || strcmp(name, PROTOCOL) != 0) continue;
        run++;
        if (run_vector(vector)) continue;
        fprintf(stderr, "%s: vector %zu disagrees\n", argv[1], i + 1);
        wrong++;
    }
    printf("%zu vectors of %s, %zu disagree\n", run, PROTOCOL, wrong);
    json_decref(root);
    return run && !wrong ? EXIT_SUCCESS : EXIT_DISAGREES;
}
