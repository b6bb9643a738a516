/* Payloads. A line with the compressor, a byte b, a byte step, a byte of flags, the rest: a payload from outside, or
 * (as doubles) a vector to encode, whose payload must be taken. The dimension is b + 1, or eight times that. */
#include "fuzz.h"

#include <assert.h>
#include <gossip/algo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VECTOR = 1, EIGHTFOLD = 2 }; /* flags */
enum { D_MAX = 8 * 256 };

/* In its longer form a payload is taken as well, and means the same. */
static void apply(struct gsp_codec *codec, size_t d, size_t bound, const uint8_t *payload, size_t length,
                  const struct gsp_draws *draws)
{
    double sum[D_MAX] = {0}, copy[D_MAX] = {0}, again[D_MAX] = {0};
    const double weight = 0.25;
    size_t longer_length;
    uint8_t *longer = malloc(bound);
    assert(longer);
    int rc = gsp_codec_expand(codec, payload, length, draws, longer, &longer_length, NULL);
    assert(!rc && longer_length >= length && longer_length <= bound);
    rc = gsp_codec_check(codec, longer, longer_length, draws, NULL);
    assert(!rc);
    gsp_codec_apply(codec, payload, length, draws, weight, sum, copy);
    gsp_codec_apply(codec, longer, longer_length, draws, weight, again, NULL);
    for (size_t i = 0; i < d; i++) {
        assert(isfinite(copy[i]) && sum[i] == weight * copy[i]);
        assert(again[i] == sum[i]);
    }
    free(longer);
}

static void play_payload(struct gsp_codec *codec, size_t d, size_t bound, const struct fuzz_input *rest,
                         const struct gsp_draws *draws)
{
    struct gsp_error error = {0};
    uint8_t *payload = fuzz_copy(rest->bytes, rest->left);
    int rc = gsp_codec_check(codec, payload, rest->left, draws, &error);
    assert(!rc || (rc == GSP_ERR_FORMAT && *error.message));
    if (!rc) apply(codec, d, bound, payload, rest->left, draws);
    free(payload);
}

static void play_vector(struct gsp_codec *codec, size_t d, size_t bound, struct fuzz_input *rest,
                        const struct gsp_draws *draws)
{
    double v[D_MAX];
    size_t length;
    for (size_t i = 0; i < d; i++) {
        uint64_t bits = fuzz_u64(rest);
        memcpy(&v[i], &bits, sizeof bits);
    }
    uint8_t *payload = malloc(bound);
    assert(payload);
    int rc = gsp_codec_encode(codec, v, draws, payload, &length);
    assert(!rc || rc == GSP_ERR_DIVERGED);
    if (!rc) {
        assert(length <= bound);
        rc = gsp_codec_check(codec, payload, length, draws, NULL);
        assert(!rc);
        apply(codec, d, bound, payload, length, draws);
    }
    free(payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
    struct gsp_compressor compressor;
    struct gsp_codec *codec = NULL;
    uint8_t key[32];
    if (!line) return 0;
    char *text = fuzz_text(data, (size_t)(line - data));
    int rc = gsp_compressor_parse(&compressor, text, NULL);
    free(text);
    if (rc) return 0;
    struct fuzz_input input = {line + 1, size - (size_t)(line - data) - 1};
    size_t d = 1 + (size_t)fuzz_byte(&input);
    gsp_stream_key(key, 1, "n001", "compressor");
    struct gsp_draws draws = {.key = key, .step = fuzz_byte(&input)};
    unsigned flags = fuzz_byte(&input);
    if (flags & EIGHTFOLD) d *= 8;
    size_t bound = gsp_compressor_bound(&compressor, d);
    rc = gsp_codec_new(&codec, &compressor, d);
    assert(!rc);
    if (flags & VECTOR)
        play_vector(codec, d, bound, &input, &draws);
    else
        play_payload(codec, d, bound, &input, &draws);
    gsp_codec_free(codec);
    return 0;
}
