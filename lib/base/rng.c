/* Counter-based random streams: ChaCha20 keyed by BLAKE2b-256(seed, node name, purpose), the step as nonce. */
#include "base/bytes.h"

#include <gossip/base.h>

#include <math.h>
#include <sodium.h>
#include <string.h>

enum { BLOCK = crypto_stream_chacha20_KEYBYTES * 2 };
_Static_assert(BLOCK == 64, "ChaCha20 counts blocks of 64 bytes");

void gsp_stream_key(uint8_t key[32], uint64_t seed, const char *node, const char *purpose)
{
    uint8_t seed_bytes[8];
    gsp__store64(seed_bytes, seed);
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, 32);
    crypto_generichash_update(&state, seed_bytes, sizeof seed_bytes);
    /* With their final zero bytes, no two pairs of names are the same bytes. */
    crypto_generichash_update(&state, (const uint8_t *)node, strlen(node) + 1);
    crypto_generichash_update(&state, (const uint8_t *)purpose, strlen(purpose) + 1);
    crypto_generichash_final(&state, key, 32);
    sodium_memzero(&state, sizeof state);
}

void gsp_stream_init(struct gsp_stream *stream, const uint8_t key[32], uint64_t nonce)
{
    memcpy(stream->key, key, sizeof stream->key);
    stream->nonce = nonce;
    stream->block = 0;
    memset(stream->bytes, 0, sizeof stream->bytes);
    stream->used = sizeof stream->bytes;
}

/* The next length / 64 blocks of the key stream, straight into `out`. */
static void next_blocks(struct gsp_stream *stream, uint8_t *out, size_t length)
{
    uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    _Static_assert(sizeof nonce == 8, "the original ChaCha20, with a 64-bit nonce and a 64-bit counter");
    gsp__store64(nonce, stream->nonce);
    memset(out, 0, length);
    crypto_stream_chacha20_xor_ic(out, out, length, nonce, stream->block, stream->key);
    stream->block += length / BLOCK;
}

void gsp_stream_bytes(struct gsp_stream *stream, void *out, size_t length)
{
    uint8_t *to = out;
    while (length) {
        size_t left = sizeof stream->bytes - stream->used;
        if (left == 0 && length >= sizeof stream->bytes) {
            size_t whole = length - length % BLOCK;
            next_blocks(stream, to, whole);
            to += whole;
            length -= whole;
            continue;
        }
        if (left == 0) {
            next_blocks(stream, stream->bytes, sizeof stream->bytes);
            stream->used = 0;
            left = sizeof stream->bytes;
        }
        size_t part = length < left ? length : left;
        memcpy(to, stream->bytes + stream->used, part);
        stream->used += part;
        to += part;
        length -= part;
    }
}

uint32_t gsp_stream_u32(struct gsp_stream *stream)
{
    uint8_t b[4];
    if (sizeof stream->bytes - stream->used >= sizeof b) {
        memcpy(b, stream->bytes + stream->used, sizeof b);
        stream->used += sizeof b;
    } else {
        gsp_stream_bytes(stream, b, sizeof b);
    }
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

uint64_t gsp_stream_u64(struct gsp_stream *stream)
{
    uint64_t low = gsp_stream_u32(stream);
    return low | (uint64_t)gsp_stream_u32(stream) << 32;
}

/* Lemire's multiplication for bounds of up to 32 bits, rejection of the incomplete last interval above. */
uint64_t gsp_stream_below(struct gsp_stream *stream, uint64_t bound)
{
    if (bound <= UINT32_MAX) {
        uint32_t narrow = (uint32_t)bound;
        uint64_t product = (uint64_t)gsp_stream_u32(stream) * narrow;
        if ((uint32_t)product < narrow) {
            uint32_t unfair = (uint32_t)(0 - narrow) % narrow;
            while ((uint32_t)product < unfair) product = (uint64_t)gsp_stream_u32(stream) * narrow;
        }
        return product >> 32;
    }
    uint64_t unfair = (0 - bound) % bound, value;
    do {
        value = gsp_stream_u64(stream);
    } while (value < unfair);
    return value % bound;
}

double gsp_stream_uniform(struct gsp_stream *stream)
{
    return (double)(gsp_stream_u64(stream) >> 11) * 0x1p-53;
}

/* Marsaglia's polar method. The second number of a pair is dropped: a call takes two uniforms for each attempt,
 * whatever was drawn before, and the stream has nothing to remember. */
double gsp_stream_normal(struct gsp_stream *stream)
{
    for (;;) {
        double u = 2 * gsp_stream_uniform(stream) - 1;
        double v = 2 * gsp_stream_uniform(stream) - 1;
        double square = u * u + v * v;
        if (square > 0 && square < 1) return u * sqrt(-2 * gsp_ln(square) / square);
    }
}
