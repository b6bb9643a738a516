/* A strict reader of protobuf's wire format. */
#include "wire/scan.h"
#include "wire/text.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Base 128, least significant group first; at most 64 bits, no leading zero group. */
static int varint(const uint8_t **bytes, size_t *length, uint64_t *value, struct gsp_error *error)
{
    uint64_t result = 0;
    for (unsigned i = 0; i < 10 && i < *length; i++) {
        uint8_t group = (*bytes)[i];
        if (i == 9 && group > 1) break;
        result |= (uint64_t)(group & 0x7f) << (7 * i);
        if (group & 0x80) continue;
        if (i && !group) break;
        *bytes += i + 1;
        *length -= i + 1;
        *value = result;
        return 0;
    }
    return gsp_error_set(error, GSP_ERR_FORMAT, "a number is cut or not in its shortest form");
}

int gsp__field_next(const uint8_t **bytes, size_t *length, struct gsp__field *field, struct gsp_error *error)
{
    uint64_t tag = 0, size = 0;
    int rc = varint(bytes, length, &tag, error);
    if (rc) return rc;
    if (tag >> 3 == 0 || tag > UINT32_MAX)
        return gsp_error_set(error, GSP_ERR_FORMAT, "a field has an impossible number");
    *field = (struct gsp__field){.number = (uint32_t)(tag >> 3), .wire_type = tag & 7};
    switch (field->wire_type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return varint(bytes, length, &field->value, error);
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        size = 8;
        break;
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        size = 4;
        break;
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        rc = varint(bytes, length, &size, error);
        if (rc) return rc;
        break;
    default:
        return gsp_error_set(error, GSP_ERR_FORMAT, "field %u has wire type %u", field->number, field->wire_type);
    }
    if (size > *length) return gsp_error_set(error, GSP_ERR_FORMAT, "field %u is cut", field->number);
    field->bytes = *bytes;
    field->length = (size_t)size;
    *bytes += size;
    *length -= (size_t)size;
    return 0;
}

static bool is_finite_number(const struct gsp__field *field)
{
    uint64_t bits = 0;
    double number;
    for (unsigned i = 0; i < 8; i++) bits |= (uint64_t)field->bytes[i] << (8 * i);
    memcpy(&number, &bits, sizeof number);
    return isfinite(number);
}

static bool is_packed(const ProtobufCFieldDescriptor *description)
{
    return description->label == PROTOBUF_C_LABEL_REPEATED && description->type == PROTOBUF_C_TYPE_DOUBLE;
}

/* Whether the field has the wire type and the range of its description. Types that no message of ours uses are
 * refused. */
static bool value_fits(const ProtobufCFieldDescriptor *description, const struct gsp__field *field)
{
    bool is_varint = field->wire_type == PROTOBUF_C_WIRE_TYPE_VARINT;
    bool is_bytes = field->wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    switch (description->type) {
    case PROTOBUF_C_TYPE_UINT64:
        return is_varint;
    case PROTOBUF_C_TYPE_UINT32:
        return is_varint && field->value <= UINT32_MAX;
    case PROTOBUF_C_TYPE_BOOL:
        return is_varint && field->value <= 1;
    case PROTOBUF_C_TYPE_ENUM:
        return is_varint && field->value <= INT32_MAX &&
               protobuf_c_enum_descriptor_get_value(description->descriptor, (int)field->value);
    case PROTOBUF_C_TYPE_FIXED64:
        return field->wire_type == PROTOBUF_C_WIRE_TYPE_64BIT;
    case PROTOBUF_C_TYPE_DOUBLE:
        if (is_packed(description)) return is_bytes && field->length % sizeof(double) == 0;
        return field->wire_type == PROTOBUF_C_WIRE_TYPE_64BIT && is_finite_number(field);
    case PROTOBUF_C_TYPE_STRING:
        return is_bytes && gsp__text_valid(field->bytes, field->length);
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return is_bytes;
    default:
        return false;
    }
}

static size_t most_entries(const ProtobufCMessageDescriptor *message, const ProtobufCFieldDescriptor *description,
                           const struct gsp__repeat *repeats)
{
    if (description->label != PROTOBUF_C_LABEL_REPEATED) return 1;
    for (; repeats->message; repeats++)
        if (repeats->message == message && repeats->number == description->id) return repeats->most;
    return 0;
}

enum { FIELDS_MOST = 32 };

static int check_required(const ProtobufCMessageDescriptor *message, const size_t *counts, struct gsp_error *error)
{
    for (unsigned i = 0; i < message->n_fields; i++)
        if (message->fields[i].label == PROTOBUF_C_LABEL_REQUIRED && !counts[i])
            return gsp_error_set(error, GSP_ERR_FORMAT, "%s has no %s", message->name, message->fields[i].name);
    return 0;
}

/* Recursion ends because no message of ours contains itself. */
int gsp__scan(const ProtobufCMessageDescriptor *message, const struct gsp__repeat *repeats, const uint8_t *bytes,
              size_t length, struct gsp_error *error)
{
    size_t counts[FIELDS_MOST] = {0};
    assert(message->n_fields <= FIELDS_MOST);
    while (length) {
        struct gsp__field field = {0};
        int rc = gsp__field_next(&bytes, &length, &field, error);
        if (rc) {
            gsp_error_prefix(error, "%s", message->name);
            return rc;
        }
        const ProtobufCFieldDescriptor *description = protobuf_c_message_descriptor_get_field(message, field.number);
        if (!description)
            return gsp_error_set(error, GSP_ERR_FORMAT, "%s has no field %u", message->name, field.number);
        if (!value_fits(description, &field))
            return gsp_error_set(error, GSP_ERR_FORMAT, "%s: %s has a value that it may not have", message->name,
                                 description->name);
        size_t *count = &counts[description - message->fields];
        if (is_packed(description) && *count)
            return gsp_error_set(error, GSP_ERR_FORMAT, "%s: %s comes in pieces", message->name, description->name);
        *count += is_packed(description) ? field.length / sizeof(double) : 1;
        if (*count > most_entries(message, description, repeats))
            return gsp_error_set(error, GSP_ERR_FORMAT, "%s: %s comes too often", message->name, description->name);
        if (description->type != PROTOBUF_C_TYPE_MESSAGE) continue;
        rc = gsp__scan(description->descriptor, repeats, field.bytes, field.length, error);
        if (rc) return rc;
    }
    return check_required(message, counts, error);
}
