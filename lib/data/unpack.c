/* Files that are packed: gzip around any format, text in UTF-16, and ARFF. */
#include "internal.h"

#include <string.h>

static bool begins_with(const struct gsp_file *file, const char *magic, size_t length)
{
    return file->length >= length && memcmp(file->bytes, magic, length) == 0;
}

/* ---- UTF-16 ---- */

static uint32_t unit(const uint8_t *bytes, bool big_endian)
{
    return big_endian ? (uint32_t)bytes[0] << 8 | bytes[1] : (uint32_t)bytes[1] << 8 | bytes[0];
}

static int append_utf8(struct gsp_buffer *out, uint32_t code)
{
    uint8_t bytes[4];
    size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = length; i-- > 1; code >>= 6) bytes[i] = (uint8_t)(0x80 | (code & 0x3f));
    bytes[0] = (uint8_t)(lead[length] | code);
    return gsp_buffer_append(out, bytes, length);
}

/* The character at `at`, and how many bytes it has; 0: none that is allowed. */
static size_t decode(const struct gsp_file *file, size_t at, bool big_endian, uint32_t *code)
{
    *code = unit(file->bytes + at, big_endian);
    if (*code < 0xd800 || *code > 0xdfff) return 2;
    if (*code > 0xdbff || file->length - at < 4) return 0;
    uint32_t low = unit(file->bytes + at + 2, big_endian);
    if (low < 0xdc00 || low > 0xdfff) return 0;
    *code = 0x10000 + ((*code & 0x3ff) << 10 | (low & 0x3ff));
    return 4;
}

static int from_utf16(struct gsp_buffer *out, const struct gsp_file *file, bool big_endian, struct gsp_error *error)
{
    if (file->length % 2)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "%s: text in UTF-16 that ends in the middle of a character; copy it again", file->name);
    for (size_t at = 2; at < file->length;) {
        uint32_t code;
        size_t length = decode(file, at, big_endian, &code);
        if (!length)
            return gsp_error_set(error, GSP_ERR_DATA,
                                 "%s: it begins as text in UTF-16, but byte %zu is no part of such; save it "
                                 "as UTF-8",
                                 file->name, at + 1);
        if (append_utf8(out, code)) return gsp_error_set(error, GSP_ERR_NOMEM, "%s: no memory to read it", file->name);
        at += length;
    }
    return 0;
}

/* ---- all of it ---- */

/* Replaces what is there by what was made of it, if that succeeded. */
static int replace(struct gsp__unpacked *unpacked, struct gsp_buffer *bytes, int rc)
{
    if (rc) {
        gsp_buffer_clear(bytes);
        return rc;
    }
    gsp_buffer_clear(&unpacked->bytes);
    unpacked->bytes = *bytes;
    unpacked->file.bytes = bytes->data;
    unpacked->file.length = bytes->length;
    return 0;
}

static int inflate_file(struct gsp__unpacked *out, bool *streamed, struct gsp_error *error)
{
    struct gsp_buffer bytes = {0};
    *streamed = false;
    if (!begins_with(&out->file, "\x1f\x8b", 2)) return 0;
    int rc = gsp__gzip_all(&bytes, streamed, &out->file, error);
    if (!*streamed) return replace(out, &bytes, rc);
    gsp_buffer_clear(&bytes);
    return rc;
}

static int decode_text(struct gsp__unpacked *out, struct gsp_error *error)
{
    struct gsp_buffer bytes = {0};
    bool little = begins_with(&out->file, "\xff\xfe", 2);
    if (!little && !begins_with(&out->file, "\xfe\xff", 2)) return 0;
    return replace(out, &bytes, from_utf16(&bytes, &out->file, !little, error));
}

static int convert_arff(struct gsp__unpacked *out, struct gsp_error *error)
{
    struct gsp_buffer bytes = {0};
    if (!gsp__is_arff(&out->file)) return 0;
    return replace(out, &bytes, gsp__arff_to_csv(&bytes, &out->file, error));
}

int gsp__file_unpack(struct gsp__unpacked *out, const struct gsp_file *file, struct gsp_error *error)
{
    bool streamed;
    *out = (struct gsp__unpacked){.file = *file};
    int rc = inflate_file(out, &streamed, error);
    if (rc || streamed) return rc; /* idx is read while it is inflated */
    rc = decode_text(out, error);
    return rc ? rc : convert_arff(out, error);
}

void gsp__unpacked_clear(struct gsp__unpacked *unpacked)
{
    gsp_buffer_clear(&unpacked->bytes);
}
