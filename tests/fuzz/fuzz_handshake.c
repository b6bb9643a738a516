/* The handshake, in both roles. The first byte says which message a side gets wrong: 0 message 1 and 3 of whatever
 * bytes to a responder, 1 message 2 to an initiator, else a whole handshake in which one message is changed: only an
 * unchanged one may get through. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <gossip/session.h>

#include "transport/noise.h"

enum { ROOM = 65535 };

static const uint8_t prologue[] = "gossipd fuzz";

static void keys(uint8_t secret[2][32], uint8_t public[2][32], uint8_t ephemeral[2][32])
{
    static const char *const names[] = {"initiator", "responder"};
    for (int i = 0; i < 2; i++) {
        gsp_stream_key(secret[i], 1, names[i], "static");
        gsp_stream_key(ephemeral[i], 1, names[i], "ephemeral");
        int rc = gsp_public_key(public[i], secret[i]);
        assert(!rc);
    }
}

static void start(struct gsp__noise sides[2])
{
    uint8_t secret[2][32], public[2][32], ephemeral[2][32];
    keys(secret, public, ephemeral);
    int rc = gsp__noise_initiator(&sides[0], prologue, sizeof prologue, secret[0], ephemeral[0], public[1]);
    assert(!rc);
    rc = gsp__noise_responder(&sides[1], prologue, sizeof prologue, secret[1], ephemeral[1]);
    assert(!rc);
}

/* Bytes that nobody sealed: refused, and the handshake is dead. */
static void play_foreign(struct gsp__noise *side, struct fuzz_input *input, size_t length)
{
    uint8_t *payload = malloc(ROOM);
    size_t taken = length, opened;
    const uint8_t *bytes = fuzz_bytes(input, &taken);
    uint8_t *message = fuzz_copy(bytes, taken);
    assert(payload && gsp__noise_read(side, message, taken, payload, &opened) == GSP_ERR_AUTH);
    assert(gsp__noise_read(side, message, taken, payload, &opened) == GSP_ERR_STATE);
    assert(!gsp__noise_finished(side));
    free(message);
    free(payload);
}

static void play_changed(struct gsp__noise sides[2], struct fuzz_input *input, unsigned which)
{
    uint8_t message[256], payload[128], told[64];
    size_t length, opened;
    for (unsigned turn = 0; turn < GSP__NOISE_MESSAGES; turn++) {
        size_t said = fuzz_byte(input) % sizeof told;
        memset(told, (int)turn, sizeof told);
        int rc = gsp__noise_write(&sides[turn % 2], told, said, message, &length);
        assert(!rc);
        bool changed = false;
        if (turn == which % GSP__NOISE_MESSAGES) {
            size_t at = fuzz_byte(input) % length, cut = fuzz_byte(input) % length;
            uint8_t flip = fuzz_byte(input);
            changed = flip != 0 || cut != 0;
            message[at] ^= flip;
            length -= cut;
        }
        rc = gsp__noise_read(&sides[!(turn % 2)], message, length, payload, &opened);
        /* The top bit of a point on Curve25519 does not count, but the hash of the handshake takes it in. */
        assert(rc == (changed ? GSP_ERR_AUTH : 0));
        if (rc) return;
        assert(opened == said && memcmp(payload, told, said) == 0);
    }
    assert(gsp__noise_finished(&sides[0]) && gsp__noise_finished(&sides[1]));
    assert(memcmp(gsp__noise_hash(&sides[0]), gsp__noise_hash(&sides[1]), 32) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct gsp__noise sides[2];
    uint8_t message[64];
    size_t length;
    unsigned which = fuzz_byte(&input);
    start(sides);
    switch (which) {
    case 0:
        play_foreign(&sides[1], &input, input.left);
        break;
    case 1: {
        int rc = gsp__noise_write(&sides[0], NULL, 0, message, &length);
        assert(!rc);
        play_foreign(&sides[0], &input, input.left);
        break;
    }
    default:
        play_changed(sides, &input, which);
    }
    gsp__noise_wipe(&sides[0]);
    gsp__noise_wipe(&sides[1]);
    return 0;
}
