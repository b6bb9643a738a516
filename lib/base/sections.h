/* Things written down as sections, so that a later version may add some and an earlier one knows what it can't read.
 *
 * A section is a header and its contents, little-endian:
 *   name (8 ASCII bytes, zeros after it), version (u32), flags (u32), length of the contents (u64), contents.
 * Sections stand one after another, in any order, each name at most once.
 *
 * Who reads has a table with a row for each name and version that it understands. What is in the bytes and not in the
 * table is passed over if its flags allow that, and else refused by name (GSP_ERR_FOREIGN): the bytes are good, and
 * only a later version knows what they mean. What is in the table and not in the bytes stays as it was, unless its row
 * says that nothing goes without it: bytes of an earlier version had fewer sections.
 *
 * To add a section: a function that writes it, one that reads it, a row. Where older versions must not go on without
 * it, leave GSP__SECTION_SKIP out. To change one: give its row the next version, and keep a row without `put` for the
 * old. */
#ifndef GSP_BASE_SECTIONS_H
#define GSP_BASE_SECTIONS_H

#include "base/reader.h"

enum {
    GSP__SECTION_NAME = 8,
    GSP__SECTION_HEADER = GSP__SECTION_NAME + 4 + 4 + 8,
    GSP__SECTIONS_MAX = 32 /* rows of a table */
};

enum {
    GSP__SECTION_SKIP = 1,  /* written: a reader that does not know this section may pass it over */
    GSP__SECTION_NEEDED = 2 /* not written: bytes without this section are malformed */
};

struct gsp__section {
    const char *name; /* 1 to 8 letters, digits or underscores */
    uint32_t version;
    unsigned flags;
    bool (*has)(const void *from); /* whether there is anything to write; NULL: always */
    /* Appends the contents. NULL: this version is read and not written any more. */
    int (*put)(const void *from, struct gsp_buffer *out);
    /* Reads the contents; what it leaves unread, or a reader gone bad, makes them malformed. Rows are taken in the
     * table's order, whatever the order in the bytes: so one may stand on what those above it have read. */
    int (*take)(void *into, struct gsp__reader *contents);
};

/* The contents of the sections found, by row; bytes NULL: it is not there. */
struct gsp__sections {
    struct {
        const uint8_t *bytes;
        size_t length;
    } rows[GSP__SECTIONS_MAX];
};

/* Appends all sections that there are. */
int gsp__sections_put(const struct gsp__section *table, size_t count, const void *from, struct gsp_buffer *out);

/* The contents of the last section, which `put` left empty, are what was appended since: puts their length into its
 * header. The sections begin at out->data + start; `name` is the last one's. */
void gsp__section_close(struct gsp_buffer *out, size_t start, const char *name);

/* Finds the sections, without a look into them. GSP_ERR_FORMAT: these are no sections, or a needed one is not there;
 * GSP_ERR_FOREIGN: one is unknown and says that it must not be passed over; *error names it. */
int gsp__sections_find(struct gsp__sections *out, const struct gsp__section *table, size_t count, const uint8_t *bytes,
                       size_t length, struct gsp_error *error);

/* Reads what was found into *into. GSP_ERR_FORMAT names the section that is malformed. */
int gsp__sections_take(const struct gsp__sections *found, const struct gsp__section *table, size_t count, void *into,
                       struct gsp_error *error);

#endif
