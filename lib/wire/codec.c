/* Around protobuf-c: what goes in is scanned, what it may take is capped. */
#include "wire/codec.h"

#include <assert.h>
#include <stdlib.h>

static void *take(void *context, size_t size)
{
    struct gsp__allocator *allocator = context;
    if (size > allocator->limit - allocator->used) {
        allocator->exhausted = true;
        return NULL;
    }
    void *memory = malloc(size ? size : 1);
    if (memory)
        allocator->used += size;
    else
        allocator->failed = true;
    return memory;
}

/* What is given back does not count as room again: sizes are not known here, and a limit on the sum is stricter. */
static void give_back(void *context, void *pointer)
{
    (void)context;
    free(pointer);
}

void gsp__allocator_init(struct gsp__allocator *allocator, size_t limit)
{
    *allocator = (struct gsp__allocator){.functions = {take, give_back, allocator}, .limit = limit};
}

int gsp__unpack(ProtobufCMessage **out, const ProtobufCMessageDescriptor *message, const struct gsp__repeat *repeats,
                const uint8_t *bytes, size_t length, struct gsp__allocator *allocator, struct gsp_error *error)
{
    int rc = gsp__scan(message, repeats, bytes, length, error);
    if (rc) return rc;
    *out = protobuf_c_message_unpack(message, &allocator->functions, length, bytes);
    if (*out) return 0;
    if (allocator->exhausted)
        return gsp_error_set(error, GSP_ERR_LIMIT, "%s of %zu bytes would take more than %zu bytes of memory",
                             message->name, length, allocator->limit);
    if (allocator->failed)
        return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for %s of %zu bytes", message->name, length);
    return gsp_error_set(error, GSP_ERR_FORMAT, "%s does not decode", message->name);
}

void gsp__unpacked_free(ProtobufCMessage *message, struct gsp__allocator *allocator)
{
    protobuf_c_message_free_unpacked(message, &allocator->functions);
}

int gsp__pack(const ProtobufCMessage *message, size_t most, struct gsp_buffer *out)
{
    size_t length = protobuf_c_message_get_packed_size(message);
    if (length > most || length > UINT32_MAX) return GSP_ERR_LIMIT;
    int rc = gsp_buffer_reserve(out, 4 + length);
    if (rc) return rc;
    uint8_t *at = out->data + out->length;
    for (unsigned i = 0; i < 4; i++) at[i] = (uint8_t)(length >> (8 * i));
    size_t written = protobuf_c_message_pack(message, at + 4);
    assert(written == length);
    out->length += 4 + length;
    return 0;
}

ProtobufCBinaryData gsp__bytes_view(const uint8_t *bytes, size_t length)
{
    /* protobuf-c has one struct for what it reads and what it writes, hence no const in it; packing only reads. */
    return (ProtobufCBinaryData){length, (uint8_t *)(uintptr_t)bytes};
}
