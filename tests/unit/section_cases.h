/* Sections as bytes, written here by the layout that is documented, not by the code under test. */
#ifndef TESTS_UNIT_SECTION_CASES_H
#define TESTS_UNIT_SECTION_CASES_H

#include <assert.h>
#include <string.h>

#include <gossip/base.h>

enum { SECTION_HEADER = 24 };

static inline void put_section(struct gsp_buffer *out, const char *name, uint32_t version, uint32_t flags,
                               const void *contents, size_t length)
{
    char padded[8] = {0};
    memcpy(padded, name, strnlen(name, sizeof padded));
    int rc = gsp_buffer_append(out, padded, sizeof padded);
    if (!rc) rc = gsp_buffer_append_u64(out, version | (uint64_t)flags << 32);
    if (!rc) rc = gsp_buffer_append_u64(out, length);
    if (!rc) rc = gsp_buffer_append(out, contents, length);
    assert(rc == 0);
}

/* The header of the section `name` in what stands from `start` on; NULL if it is not there. */
static inline uint8_t *find_section(const struct gsp_buffer *bytes, size_t start, const char *name)
{
    char padded[8] = {0};
    memcpy(padded, name, strnlen(name, sizeof padded));
    while (start + SECTION_HEADER <= bytes->length) {
        uint8_t *header = bytes->data + start;
        uint64_t length = 0;
        for (int i = 7; i >= 0; i--) length = length << 8 | header[16 + i];
        if (memcmp(header, padded, sizeof padded) == 0) return header;
        start += SECTION_HEADER + (size_t)length;
    }
    return NULL;
}

#endif
