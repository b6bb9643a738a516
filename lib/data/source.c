/* Where a reader takes its bytes from: plain memory, or gzip. */
#include "internal.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static int memory_read(struct gsp__source *source, void *out, size_t length, struct gsp_error *error)
{
    if (length > source->limit)
        return gsp_error_set(error, GSP_ERR_DATA, "%s: truncated: the file ends in the middle; copy it again",
                             source->name);
    memcpy(out, source->bytes, length);
    source->bytes += length;
    source->limit -= length;
    return 0;
}

static int memory_finish(struct gsp__source *source, struct gsp_error *error)
{
    if (!source->limit) return 0;
    return gsp_error_set(error, GSP_ERR_DATA,
                         "%s: %llu bytes more than its header says; write the file again, one array a file",
                         source->name, (unsigned long long)source->limit);
}

void gsp__source_memory(struct gsp__source *source, const struct gsp_file *file)
{
    *source =
        (struct gsp__source){.read = memory_read, .finish = memory_finish, .limit = file->length, .bytes = file->bytes};
    snprintf(source->name, sizeof source->name, "%s", file->name);
}

/* ---- gzip ---- */

/* zlib counts its input in unsigned ints: larger files are handed over in pieces. */
static void refill(struct gsp__gzip *gzip)
{
    if (gzip->stream.avail_in) return;
    uInt piece = gzip->left > UINT_MAX / 2 ? UINT_MAX / 2 : (uInt)gzip->left;
    gzip->stream.next_in = gzip->next;
    gzip->stream.avail_in = piece;
    gzip->next += piece;
    gzip->left -= piece;
}

/* Whether another member follows the one that ended: `cat a.gz b.gz` is a gzip file, too. */
static bool next_member(struct gsp__gzip *gzip)
{
    refill(gzip);
    return gzip->stream.avail_in && *gzip->stream.next_in == 0x1f && inflateReset(&gzip->stream) == Z_OK;
}

/* Inflates up to `length` bytes; *done is less at the end of the stream. */
static int gzip_inflate(struct gsp__source *source, void *out, size_t length, size_t *done, struct gsp_error *error)
{
    struct gsp__gzip *gzip = source->context;
    *done = 0;
    while (*done < length && !gzip->ended) {
        refill(gzip);
        size_t rest = length - *done;
        uInt room = rest > UINT_MAX / 2 ? UINT_MAX / 2 : (uInt)rest;
        gzip->stream.next_out = (Bytef *)out + *done;
        gzip->stream.avail_out = room;
        int rc = inflate(&gzip->stream, Z_NO_FLUSH);
        *done += room - gzip->stream.avail_out;
        if (rc == Z_STREAM_END) {
            gzip->ended = !next_member(gzip);
        } else if (rc == Z_MEM_ERROR) {
            return gsp_error_set(error, GSP_ERR_NOMEM, "%s: no memory to inflate it", source->name);
        } else if (rc == Z_BUF_ERROR) {
            return gsp_error_set(error, GSP_ERR_DATA, "%s: truncated: the gzip stream does not end; copy it again",
                                 source->name);
        } else if (rc != Z_OK) {
            return gsp_error_set(error, GSP_ERR_DATA, "%s: damaged gzip stream (%s); copy it again", source->name,
                                 gzip->stream.msg ? gzip->stream.msg : "unknown reason");
        }
    }
    return 0;
}

static int gzip_read(struct gsp__source *source, void *out, size_t length, struct gsp_error *error)
{
    size_t done;
    int rc = gzip_inflate(source, out, length, &done, error);
    if (rc) return rc;
    if (done < length)
        return gsp_error_set(error, GSP_ERR_DATA, "%s: truncated: it holds less than its header says; copy it again",
                             source->name);
    source->limit -= length < source->limit ? length : source->limit;
    return 0;
}

static int gzip_finish(struct gsp__source *source, struct gsp_error *error)
{
    const struct gsp__gzip *gzip = source->context;
    uint8_t surplus;
    size_t done;
    int rc = gzip_inflate(source, &surplus, 1, &done, error); /* reads the checksum, too */
    if (rc) return rc;
    if (done || gzip->left || gzip->stream.avail_in)
        return gsp_error_set(error, GSP_ERR_DATA, "%s: it holds more than its header says; write the file again",
                             source->name);
    return 0;
}

int gsp__source_gzip(struct gsp__source *source, struct gsp__gzip *gzip, const struct gsp_file *file,
                     struct gsp_error *error)
{
    enum { GZIP_ONLY = 16 };
    *source = (struct gsp__source){
        .read = gzip_read, .finish = gzip_finish, .limit = gsp__inflated_bound(file->length), .context = gzip};
    snprintf(source->name, sizeof source->name, "%s", file->name);
    *gzip = (struct gsp__gzip){.next = file->bytes, .left = file->length};
    if (inflateInit2(&gzip->stream, MAX_WBITS + GZIP_ONLY) != Z_OK)
        return gsp_error_set(error, GSP_ERR_NOMEM, "%s: no memory to inflate it", file->name);
    return 0;
}

/* Inflates what is left behind *out. */
static int inflate_all(struct gsp__source *source, struct gsp_buffer *out, struct gsp_error *error)
{
    enum { PIECE = 1 << 20 };
    size_t done = 1;
    while (done) {
        if (gsp_buffer_reserve(out, PIECE))
            return gsp_error_set(error, GSP_ERR_NOMEM, "%s: no memory to inflate it", source->name);
        int rc = gzip_inflate(source, out->data + out->length, out->capacity - out->length, &done, error);
        if (rc) return rc;
        out->length += done;
    }
    return gzip_finish(source, error);
}

int gsp__gzip_all(struct gsp_buffer *out, bool *idx, const struct gsp_file *file, struct gsp_error *error)
{
    enum { MAGIC = 4 };
    struct gsp__source source;
    struct gsp__gzip gzip;
    size_t done = 0;
    *idx = false;
    int rc = gsp__source_gzip(&source, &gzip, file, error);
    if (rc) return rc;
    rc = gsp_buffer_reserve(out, MAGIC) ? gsp_error_set(error, GSP_ERR_NOMEM, "%s: no memory to inflate it", file->name)
                                        : gzip_inflate(&source, out->data, MAGIC, &done, error);
    if (!rc) {
        out->length = done;
        *idx = done == MAGIC && !out->data[0] && !out->data[1];
    }
    if (!rc && !*idx) rc = inflate_all(&source, out, error);
    gsp__gzip_clear(&gzip);
    return rc;
}

void gsp__gzip_clear(struct gsp__gzip *gzip)
{
    inflateEnd(&gzip->stream);
}

uint64_t gsp__inflated_bound(uint64_t length)
{
    const uint64_t greatest_ratio = 1032; /* of deflate: 258 bytes in two bits */
    return length > UINT64_MAX / greatest_ratio ? UINT64_MAX : length * greatest_ratio;
}
