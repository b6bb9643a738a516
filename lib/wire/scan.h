/* Looks through protobuf bytes before anything is allocated for them. */
#ifndef GOSSIP_WIRE_SCAN_H
#define GOSSIP_WIRE_SCAN_H

#include <gossip/base.h>

#include <protobuf-c/protobuf-c.h>

/* One field as it stands in the bytes. */
struct gsp__field {
    uint32_t number;
    unsigned wire_type;   /* PROTOBUF_C_WIRE_TYPE_... */
    uint64_t value;       /* VARINT */
    const uint8_t *bytes; /* else: a view */
    size_t length;
};

/* Takes the next field off the front; to be called while *length > 0. GSP_ERR_FORMAT: cut, a varint that is not in its
 * shortest form, or another wire type than varint, 64 bits, 32 bits and length-prefixed. */
int gsp__field_next(const uint8_t **bytes, size_t *length, struct gsp__field *field, struct gsp_error *error);

/* How many entries a repeated field may have. */
struct gsp__repeat {
    const ProtobufCMessageDescriptor *message;
    uint32_t number;
    size_t most;
};

/* Checks bytes against a message's description: known fields of their own type, singular ones at most once, required
 * ones present, repeated ones up to their limit (none if it is not in `repeats`, which ends with message NULL), texts
 * as gsp__text_valid, numbers finite (but for packed ones), enumerations in range; the same for messages inside. What
 * it lets through takes memory of a known multiple of its length to unpack. */
int gsp__scan(const ProtobufCMessageDescriptor *message, const struct gsp__repeat *repeats, const uint8_t *bytes,
              size_t length, struct gsp_error *error);

#endif
