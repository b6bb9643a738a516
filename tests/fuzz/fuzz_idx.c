/* idx files, plain and packed by gzip. Wrapped: the bytes are packed first, so that what is inside is reached although
 * gzip has a checksum. */
#include "read_data.h"

#include <assert.h>
#include <stdlib.h>
#include <zlib.h>

static uint8_t *gzip(const uint8_t *bytes, size_t length, size_t *packed_length)
{
    z_stream stream = {0};
    enum { GZIP = 16 };
    int rc = deflateInit2(&stream, 1, Z_DEFLATED, MAX_WBITS + GZIP, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY);
    assert(rc == Z_OK);
    size_t room = deflateBound(&stream, length);
    uint8_t *packed = malloc(room);
    assert(packed);
    stream.next_in = (Bytef *)(uintptr_t)bytes;
    stream.avail_in = (uInt)length;
    stream.next_out = packed;
    stream.avail_out = (uInt)room;
    rc = deflate(&stream, Z_FINISH);
    assert(rc == Z_STREAM_END);
    *packed_length = stream.total_out;
    deflateEnd(&stream);
    return packed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct fuzz_data_head head = fuzz_data_head(&input);
    if (!head.wrapped) {
        fuzz_data(data, size, "data-idx3-ubyte");
        return 0;
    }
    size_t length = head.length, packed_length, labels_length;
    const uint8_t *start = fuzz_bytes(&input, &length);
    uint8_t *packed = gzip(start, length, &packed_length);
    uint8_t *packed_labels = gzip(input.bytes, input.left, &labels_length);
    const struct gsp_file images = {"data-idx3-ubyte.gz", packed, packed_length};
    const struct gsp_file labels = {"data-idx1-ubyte.gz", packed_labels, labels_length};
    fuzz_read_data(&head, &images, head.labels ? &labels : NULL);
    free(packed);
    free(packed_labels);
    return 0;
}
