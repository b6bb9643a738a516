/* A cursor over bytes. A reader that was once asked for more than there is yields zeros from then on, so that a caller
 * reads all it wants and looks at `bad` once. */
#ifndef GSP_BASE_READER_H
#define GSP_BASE_READER_H

#include "base/bytes.h"

#include <gossip/base.h>

struct gsp__reader {
    const uint8_t *bytes;
    size_t left;
    bool bad; /* more was asked for than there was, or a value was none of those allowed */
};

/* The next `length` bytes, or NULL if there are not as many. */
static inline const uint8_t *gsp__read(struct gsp__reader *reader, uint64_t length)
{
    if (reader->bad || length > reader->left) {
        reader->bad = true;
        return NULL;
    }
    const uint8_t *start = reader->bytes;
    reader->bytes += length;
    reader->left -= length;
    return start;
}

static inline uint64_t gsp__read_u64(struct gsp__reader *reader)
{
    const uint8_t *bytes = gsp__read(reader, 8);
    return bytes ? gsp__load64(bytes) : 0;
}

/* Anything but 0 and 1 is as bad as an end. */
static inline bool gsp__read_flag(struct gsp__reader *reader)
{
    uint64_t value = gsp__read_u64(reader);
    if (value > 1) reader->bad = true;
    return value == 1;
}

/* `values` stays as it is where there are not n of them. */
static inline void gsp__read_vector(struct gsp__reader *reader, double *values, size_t n)
{
    const uint8_t *bytes = n <= reader->left / 8 ? gsp__read(reader, 8 * n) : gsp__read(reader, UINT64_MAX);
    if (bytes) gsp_read_doubles(values, bytes, n);
}

static inline double gsp__read_double(struct gsp__reader *reader)
{
    return gsp__double_of(gsp__read_u64(reader));
}

/* Copies `length` bytes out; zeros where there are not as many. */
static inline void gsp__read_into(struct gsp__reader *reader, void *out, size_t length)
{
    const uint8_t *bytes = gsp__read(reader, length);
    memset(out, 0, length);
    if (bytes) memcpy(out, bytes, length);
}

#endif
