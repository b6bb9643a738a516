/* gzip files that tests make. */
#ifndef GSP_TEST_GZIP_H
#define GSP_TEST_GZIP_H

#include <gossip/base.h>

#include <check.h>
#include <zlib.h>

static inline struct gsp_buffer gzip(const void *bytes, size_t length)
{
    enum { GZIP_ONLY = 16, BEST_MEMORY = 8 };
    struct gsp_buffer out = {0};
    z_stream stream = {0};
    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + GZIP_ONLY, BEST_MEMORY, Z_DEFAULT_STRATEGY),
                     Z_OK);
    ck_assert(!gsp_buffer_reserve(&out, deflateBound(&stream, length)));
    stream.next_in = (Bytef *)(uintptr_t)bytes;
    stream.avail_in = (uInt)length;
    stream.next_out = out.data;
    stream.avail_out = (uInt)out.capacity;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.length = stream.total_out;
    deflateEnd(&stream);
    return out;
}

#endif
