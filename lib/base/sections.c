#include "base/sections.h"

#include <assert.h>
#include <ctype.h>

/* ---- writing ---- */

static int put_header(const struct gsp__section *row, struct gsp_buffer *out)
{
    uint8_t header[GSP__SECTION_HEADER] = {0}; /* the length follows when it is known */
    size_t length = strlen(row->name);
    assert(length >= 1 && length <= GSP__SECTION_NAME);
    memcpy(header, row->name, length);
    gsp__store32(header + GSP__SECTION_NAME, row->version);
    gsp__store32(header + GSP__SECTION_NAME + 4, row->flags & GSP__SECTION_SKIP);
    return gsp_buffer_append(out, header, sizeof header);
}

int gsp__sections_put(const struct gsp__section *table, size_t count, const void *from, struct gsp_buffer *out)
{
    for (const struct gsp__section *row = table; row < table + count; row++) {
        if (!row->put || (row->has && !row->has(from))) continue;
        int rc = put_header(row, out);
        size_t start = out->length;
        if (!rc) rc = row->put(from, out);
        if (rc) return rc;
        gsp__store64(out->data + start - 8, out->length - start);
    }
    return 0;
}

void gsp__section_close(struct gsp_buffer *out, size_t start, const char *name)
{
    const uint8_t *header = out->data + start;
    while (strncmp((const char *)header, name, GSP__SECTION_NAME) != 0) {
        header += GSP__SECTION_HEADER + gsp__load64(header + GSP__SECTION_HEADER - 8);
        assert(header + GSP__SECTION_HEADER <= out->data + out->length);
    }
    size_t end = (size_t)(header - out->data) + GSP__SECTION_HEADER;
    gsp__store64(out->data + end - 8, out->length - end);
}

/* ---- reading ---- */

struct header {
    char name[GSP__SECTION_NAME + 1];
    uint32_t version, flags;
    uint64_t length;
};

static bool read_header(struct header *out, struct gsp__reader *reader)
{
    const uint8_t *bytes = gsp__read(reader, GSP__SECTION_HEADER);
    if (!bytes) return false;
    memcpy(out->name, bytes, GSP__SECTION_NAME);
    out->name[GSP__SECTION_NAME] = 0;
    out->version = gsp__load32(bytes + GSP__SECTION_NAME);
    out->flags = gsp__load32(bytes + GSP__SECTION_NAME + 4);
    out->length = gsp__load64(bytes + GSP__SECTION_NAME + 8);
    size_t length = strlen(out->name);
    for (size_t i = 0; i < GSP__SECTION_NAME; i++) {
        unsigned char c = (unsigned char)out->name[i];
        if (i < length ? !(c < 128 && (isalnum(c) || c == '_')) : c != 0) return false;
    }
    return length > 0;
}

/* The row that reads it, or NULL. *twice: the name was there before. A flag that nobody has thought of yet may mean
 * anything: such a section is unknown. */
static const struct gsp__section *row_of(const struct header *header, const struct gsp__section *table, size_t count,
                                         const struct gsp__sections *found, bool *twice)
{
    const struct gsp__section *known = NULL;
    *twice = false;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table[i].name, header->name) != 0) continue;
        if (found->rows[i].bytes) *twice = true;
        if (table[i].version == header->version && header->flags <= GSP__SECTION_SKIP) known = &table[i];
    }
    return known;
}

static bool is_there(const struct gsp__sections *found, const struct gsp__section *table, size_t count,
                     const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (found->rows[i].bytes && strcmp(table[i].name, name) == 0) return true;
    return false;
}

int gsp__sections_find(struct gsp__sections *out, const struct gsp__section *table, size_t count, const uint8_t *bytes,
                       size_t length, struct gsp_error *error)
{
    struct gsp__reader reader = {.bytes = bytes, .left = length};
    assert(count <= GSP__SECTIONS_MAX);
    *out = (struct gsp__sections){0};
    while (reader.left) {
        struct header header;
        if (!read_header(&header, &reader) || header.length > reader.left)
            return gsp_error_set(error, GSP_ERR_FORMAT, "its sections are damaged");
        const uint8_t *contents = gsp__read(&reader, header.length);
        bool twice;
        const struct gsp__section *row = row_of(&header, table, count, out, &twice);
        if (twice) return gsp_error_set(error, GSP_ERR_FORMAT, "section %s is there twice", header.name);
        if (row) {
            out->rows[row - table].bytes = contents;
            out->rows[row - table].length = (size_t)header.length;
        } else if (header.flags != GSP__SECTION_SKIP) {
            return gsp_error_set(
                error, GSP_ERR_FOREIGN,
                "it has a section %s, version %u, which this gossipd does not know: a newer one can read it",
                header.name, (unsigned)header.version);
        }
    }
    for (size_t i = 0; i < count; i++)
        if ((table[i].flags & GSP__SECTION_NEEDED) && !is_there(out, table, count, table[i].name))
            return gsp_error_set(error, GSP_ERR_FORMAT, "section %s is lacking", table[i].name);
    return 0;
}

int gsp__sections_take(const struct gsp__sections *found, const struct gsp__section *table, size_t count, void *into,
                       struct gsp_error *error)
{
    for (size_t i = 0; i < count; i++) {
        struct gsp__reader contents = {.bytes = found->rows[i].bytes, .left = found->rows[i].length};
        if (!contents.bytes) continue;
        int rc = table[i].take(into, &contents);
        if (!rc && (contents.bad || contents.left)) rc = GSP_ERR_FORMAT;
        if (rc)
            return gsp_error_set(error, rc, "section %s: %s", table[i].name,
                                 rc == GSP_ERR_FORMAT ? "malformed" : gsp_strerror(rc));
    }
    return 0;
}
