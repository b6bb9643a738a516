/* Records after the handshake. The first byte's low bit: the bytes are what arrives, in pieces; or they are what is
 * sent, sealed in records of drawn sizes, and must come out as they went in, cut into messages. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "transport/channel.h"
#include "transport/record.h"

static const uint8_t key[32] = "the key of both directions";

static void start(struct gsp__channel *channel)
{
    memset(channel, 0, sizeof *channel);
    gsp__cipher_init(&channel->send, key);
    gsp__cipher_init(&channel->receive, key);
}

/* Takes out whatever messages there are; the stream's fuzz bytes tell what each must be. */
static int take_messages(struct gsp__channel *channel, size_t limit)
{
    const uint8_t *bytes;
    size_t length;
    struct gsp_error error = {0};
    struct gsp_message message;
    int rc;
    while ((rc = gsp__channel_next(channel, limit, &bytes, &length, &error)) > 0) {
        assert(length <= limit);
        uint8_t *copy = fuzz_copy(bytes, length);
        if (gsp_message_unpack(&message, copy, length, NULL) == 0) gsp_message_clear(&message);
        free(copy);
    }
    assert(!rc || *error.message);
    return rc;
}

static void play_foreign(struct fuzz_input *input)
{
    struct gsp__channel channel;
    start(&channel);
    int rc = 0;
    while (input->left && !rc) {
        size_t piece = 1 + fuzz_byte(input);
        const uint8_t *bytes = fuzz_bytes(input, &piece);
        rc = gsp__channel_feed(&channel, bytes, piece, NULL);
        assert(channel.plain.length == 0); /* nobody without the key gets a byte in */
    }
    gsp__channel_clear(&channel);
}

static void play_sealed(struct fuzz_input *input)
{
    struct gsp__channel from, to;
    start(&from);
    start(&to);
    size_t limit = fuzz_u16(input);
    int rc = 0;
    while (input->left && rc >= 0) {
        size_t piece = 1 + fuzz_byte(input);
        const uint8_t *bytes = fuzz_bytes(input, &piece);
        uint8_t *sealed = malloc(piece + GSP__RECORD_OVERHEAD);
        assert(sealed && gsp__record_seal(&from.send, bytes, piece, sealed) == 0);
        size_t whole = piece + GSP__RECORD_OVERHEAD, half = whole / 2;
        assert(gsp__channel_feed(&to, sealed, half, NULL) == 0);
        assert(gsp__channel_feed(&to, sealed + half, whole - half, NULL) == 0);
        free(sealed);
        rc = take_messages(&to, limit);
    }
    gsp__channel_clear(&from);
    gsp__channel_clear(&to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    if (fuzz_byte(&input) & 1)
        play_foreign(&input);
    else
        play_sealed(&input);
    return 0;
}
