/* Protobuf messages from bytes and to bytes, safely. */
#ifndef GOSSIP_WIRE_CODEC_H
#define GOSSIP_WIRE_CODEC_H

#include "wire/scan.h"

/* Unpacking may take GSP__UNPACK_BASE + GSP__UNPACK_FACTOR * length bytes of memory, no more. */
enum { GSP__UNPACK_BASE = 4096, GSP__UNPACK_FACTOR = 64 };

/* Hands out memory up to a limit. */
struct gsp__allocator {
    ProtobufCAllocator functions;
    size_t limit, used;
    bool exhausted, failed; /* the limit, or the memory, was not enough */
};
void gsp__allocator_init(struct gsp__allocator *allocator, size_t limit);

/* Scans and unpacks. Free *out with gsp__unpacked_free. `allocator` (initialised, outliving *out) counts the memory.
 * GSP_ERR_FORMAT, GSP_ERR_LIMIT or GSP_ERR_NOMEM. */
int gsp__unpack(ProtobufCMessage **out, const ProtobufCMessageDescriptor *message, const struct gsp__repeat *repeats,
                const uint8_t *bytes, size_t length, struct gsp__allocator *allocator, struct gsp_error *error);
void gsp__unpacked_free(ProtobufCMessage *message, struct gsp__allocator *allocator);

/* Appends u32 length (little-endian) and the message. GSP_ERR_LIMIT if it has more than `most` bytes. */
int gsp__pack(const ProtobufCMessage *message, size_t most, struct gsp_buffer *out);

/* A protobuf field that only points to bytes which it does not change. */
ProtobufCBinaryData gsp__bytes_view(const uint8_t *bytes, size_t length);

#endif
