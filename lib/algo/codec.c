/* Encodes and applies messages: what is the same for every compressor. The first byte, the exact length, finite values
 * and zero padding are checked here (of a shorter form, that it is shorter); what the fields mean is the compressor's.
 */
#include "algo/ans.h"
#include "algo/coding.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct gsp__coding_entry gsp__codings[] = {
#define ENTRY(id, number, name, traits) {(number), (name), (traits)},
    GSP__CODINGS(ENTRY)
#undef ENTRY
        {0, NULL, 0}};

const struct gsp__coding_entry *gsp__coding_find(uint8_t number)
{
    for (const struct gsp__coding_entry *entry = gsp__codings; entry->number; entry++)
        if (entry->number == number) return entry;
    return NULL;
}

int gsp_codec_new(struct gsp_codec **out, const struct gsp_compressor *compressor, size_t d)
{
    if (d == 0) return GSP_ERR_USAGE;
    if (d > UINT32_MAX) return GSP_ERR_LIMIT; /* indices have 32 bits */
    struct gsp_codec *codec = gsp_alloc(1, sizeof *codec);
    if (!codec) return GSP_ERR_NOMEM;
    codec->compressor = *compressor;
    codec->d = d;
    codec->layout = gsp__layout(compressor, d);
    codec->ops = gsp__ops(compressor);
    int rc = codec->ops->allocate ? codec->ops->allocate(codec) : 0;
    if (rc) {
        gsp_codec_free(codec);
        return rc;
    }
    *out = codec;
    return 0;
}

void gsp_codec_free(struct gsp_codec *codec)
{
    if (!codec) return;
    free(codec->index);
    free(codec->keys);
    free(codec->norms);
    gsp__ans_free(codec->ans);
    free(codec);
}

static struct gsp__layout layout_of_message(struct gsp_codec *codec, const struct gsp_draws *draws)
{
    struct gsp__layout layout = codec->layout;
    if (codec->ops->count) layout.values = codec->ops->count(codec, draws);
    return layout;
}

static size_t fields_offset(const struct gsp_codec *codec, const struct gsp__layout *layout)
{
    return 1 + layout->values * gsp__value_bytes(codec->compressor.values);
}

int gsp_codec_encode(struct gsp_codec *codec, const double *v, const struct gsp_draws *draws, uint8_t *payload,
                     size_t *length)
{
    struct gsp__layout layout = layout_of_message(codec, draws);
    size_t offset = fields_offset(codec, &layout);
    struct gsp__draft draft = {.values = payload + 1,
                               .fields = payload + offset,
                               .fields_length = gsp__fields_bytes(layout.fields, layout.field_bits)};
    int rc = codec->ops->encode(codec, v, draws, &draft);
    if (rc) return rc;
    payload[0] = (uint8_t)(draft.shorter ? layout.shorter : layout.coding);
    *length = offset + draft.fields_length;
    return 0;
}

static struct gsp__coded message_of(const struct gsp_codec *codec, const struct gsp__layout *layout,
                                    const uint8_t *payload, size_t length)
{
    size_t offset = fields_offset(codec, layout);
    return (struct gsp__coded){.values = payload + 1,
                               .fields = payload + offset,
                               .fields_length = length - offset,
                               .shorter = payload[0] != layout->coding};
}

static int check_length(const struct gsp_codec *codec, const struct gsp__layout *layout, const uint8_t *payload,
                        size_t length, struct gsp_error *error)
{
    size_t full = gsp__layout_length(layout, codec->compressor.values);
    if (payload[0] == layout->coding) {
        if (length == full) return 0;
        return gsp_error_set(error, GSP_ERR_FORMAT, "the payload has %zu bytes, not %zu", length, full);
    }
    if (length >= fields_offset(codec, layout) && length < full) return 0;
    return gsp_error_set(error, GSP_ERR_FORMAT, "the payload has %zu bytes, which coding %u cannot have", length,
                         payload[0]);
}

/* `expanded`: NULL, or where the message goes in its longer form. */
static int check(struct gsp_codec *codec, const uint8_t *payload, size_t length, const struct gsp_draws *draws,
                 uint8_t *expanded, struct gsp_error *error)
{
    if (length == 0) return gsp_error_set(error, GSP_ERR_FORMAT, "the payload is empty");
    if (payload[0] == 0 || (payload[0] != codec->layout.coding && payload[0] != codec->layout.shorter)) {
        return gsp_error_set(error, GSP_ERR_FORMAT, "the payload has coding %u, not %u of this compressor", payload[0],
                             (unsigned)codec->layout.coding);
    }
    struct gsp__layout layout = layout_of_message(codec, draws);
    int rc = check_length(codec, &layout, payload, length, error);
    if (rc) return rc;
    if (!gsp__values_finite(codec->compressor.values, layout.values, payload + 1)) {
        return gsp_error_set(error, GSP_ERR_FORMAT, "the payload holds a value that is not finite");
    }
    struct gsp__coded message = message_of(codec, &layout, payload, length);
    unsigned used = (unsigned)(layout.fields % 8 * layout.field_bits % 8);
    if (!message.shorter && used && payload[length - 1] >> used) {
        return gsp_error_set(error, GSP_ERR_FORMAT, "the padding at the end of the payload is not zero");
    }
    bool expand = expanded && message.shorter;
    if (expanded) memcpy(expanded, payload, expand ? length - message.fields_length : length);
    if (expanded) expanded[0] = (uint8_t)layout.coding;
    uint8_t *longer = expand ? expanded + (message.fields - payload) : NULL;
    return codec->ops->check ? codec->ops->check(codec, &message, longer, error) : 0;
}

int gsp_codec_check(struct gsp_codec *codec, const uint8_t *payload, size_t length, const struct gsp_draws *draws,
                    struct gsp_error *error)
{
    return check(codec, payload, length, draws, NULL, error);
}

int gsp_codec_expand(struct gsp_codec *codec, const uint8_t *payload, size_t length, const struct gsp_draws *draws,
                     uint8_t *expanded, size_t *expanded_length, struct gsp_error *error)
{
    int rc = check(codec, payload, length, draws, expanded, error);
    if (rc) return rc;
    struct gsp__layout layout = layout_of_message(codec, draws);
    *expanded_length = gsp__layout_length(&layout, codec->compressor.values);
    return 0;
}

void gsp_codec_apply(struct gsp_codec *codec, const uint8_t *payload, size_t length, const struct gsp_draws *draws,
                     double weight, double *sum, double *copy)
{
    struct gsp__layout layout = layout_of_message(codec, draws);
    assert(!check_length(codec, &layout, payload, length, NULL));
    struct gsp__coded message = message_of(codec, &layout, payload, length);
    codec->ops->apply(codec, &message, draws, weight, sum, copy);
}
