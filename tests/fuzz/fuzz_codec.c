/* Payloads. A line with the compressor, a byte d - 1, a byte step, a byte whose low bit says what the rest is: a
 * payload from outside, or (as doubles) a vector to encode, whose payload must be taken. */
#include "fuzz.h"

#include <assert.h>
#include <gossip/algo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { D_MAX = 256 };

static void apply(struct gsp_codec *codec, size_t d, const uint8_t *payload, size_t length,
                  const struct gsp_draws *draws)
{
    double sum[D_MAX] = {0}, copy[D_MAX] = {0}, again[D_MAX] = {0};
    const double weight = 0.25;
    gsp_codec_apply(codec, payload, length, draws, weight, sum, copy);
    gsp_codec_apply(codec, payload, length, draws, weight, again, NULL);
    for (size_t i = 0; i < d; i++) {
        assert(isfinite(copy[i]) && sum[i] == weight * copy[i]);
        assert(again[i] == sum[i]);
    }
}

static void play_payload(struct gsp_codec *codec, size_t d, const struct fuzz_input *rest,
                         const struct gsp_draws *draws)
{
    struct gsp_error error = {0};
    uint8_t *payload = fuzz_copy(rest->bytes, rest->left);
    int rc = gsp_codec_check(codec, payload, rest->left, draws, &error);
    assert(rc == 0 || (rc == GSP_ERR_FORMAT && *error.message));
    if (!rc) apply(codec, d, payload, rest->left, draws);
    free(payload);
}

static void play_vector(struct gsp_codec *codec, const struct gsp_compressor *compressor, size_t d,
                        struct fuzz_input *rest, const struct gsp_draws *draws)
{
    double v[D_MAX];
    size_t bound = gsp_compressor_bound(compressor, d), length;
    for (size_t i = 0; i < d; i++) {
        uint64_t bits = fuzz_u64(rest);
        memcpy(&v[i], &bits, sizeof bits);
    }
    uint8_t *payload = malloc(bound);
    assert(payload);
    int rc = gsp_codec_encode(codec, v, draws, payload, &length);
    assert(rc == 0 || rc == GSP_ERR_DIVERGED);
    if (!rc) {
        assert(length <= bound);
        rc = gsp_codec_check(codec, payload, length, draws, NULL);
        assert(rc == 0);
        apply(codec, d, payload, length, draws);
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
    rc = gsp_codec_new(&codec, &compressor, d);
    assert(rc == 0);
    if (fuzz_byte(&input) & 1)
        play_vector(codec, &compressor, d, &input, &draws);
    else
        play_payload(codec, d, &input, &draws);
    gsp_codec_free(codec);
    return 0;
}
