/* npz files. Wrapped: the bytes are the arrays x and y, put into a zip archive first, so that what is inside is reached
 * although zip has checksums. */
#include "read_data.h"

#include <assert.h>
#include <string.h>
#include <zlib.h>

/* Appends numbers of 2 and 4 bytes; a width of 0 ends the list. */
struct field {
    unsigned width;
    uint32_t value;
};

static void put(struct gsp_buffer *out, const struct field *fields)
{
    for (; fields->width; fields++)
        for (unsigned i = 0; i < fields->width; i++) {
            uint8_t byte = (uint8_t)(fields->value >> (8 * i));
            int rc = gsp_buffer_append(out, &byte, 1);
            assert(!rc);
        }
}

struct member {
    const char *name;
    const uint8_t *bytes;
    size_t length, offset;
};

static void put_member(struct gsp_buffer *out, struct member *member)
{
    uint32_t sum = (uint32_t)crc32(0, member->bytes, (uInt)member->length), length = (uint32_t)member->length;
    member->offset = out->length;
    put(out, (const struct field[]){{4, 0x04034b50},
                                    {2, 20},
                                    {2, 0},
                                    {2, 0},
                                    {4, 0x21},
                                    {4, sum},
                                    {4, length},
                                    {4, length},
                                    {2, (uint32_t)strlen(member->name)},
                                    {2, 0},
                                    {0, 0}});
    gsp_buffer_append(out, member->name, strlen(member->name));
    gsp_buffer_append(out, member->bytes, member->length);
}

static void put_directory(struct gsp_buffer *out, const struct member *member)
{
    uint32_t sum = (uint32_t)crc32(0, member->bytes, (uInt)member->length), length = (uint32_t)member->length;
    put(out, (const struct field[]){{4, 0x02014b50},
                                    {2, 20},
                                    {2, 20},
                                    {2, 0},
                                    {2, 0},
                                    {4, 0x21},
                                    {4, sum},
                                    {4, length},
                                    {4, length},
                                    {2, (uint32_t)strlen(member->name)},
                                    {2, 0},
                                    {2, 0},
                                    {2, 0},
                                    {2, 0},
                                    {4, 0},
                                    {4, (uint32_t)member->offset},
                                    {0, 0}});
    gsp_buffer_append(out, member->name, strlen(member->name));
}

static void zip(struct gsp_buffer *out, struct member members[2])
{
    put_member(out, &members[0]);
    put_member(out, &members[1]);
    size_t start = out->length;
    put_directory(out, &members[0]);
    put_directory(out, &members[1]);
    put(out, (const struct field[]){{4, 0x06054b50},
                                    {2, 0},
                                    {2, 0},
                                    {2, 2},
                                    {2, 2},
                                    {4, (uint32_t)(out->length - start)},
                                    {4, (uint32_t)start},
                                    {2, 0},
                                    {0, 0}});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct fuzz_data_head head = fuzz_data_head(&input);
    if (!head.wrapped) {
        fuzz_data(data, size, "data.npz");
        return 0;
    }
    struct gsp_buffer archive = {0};
    size_t length = head.length;
    const uint8_t *x = fuzz_bytes(&input, &length);
    struct member members[2] = {{"x.npy", x, length, 0}, {"y.npy", input.bytes, input.left, 0}};
    zip(&archive, members);
    const struct gsp_file file = {"data.npz", archive.data, archive.length};
    fuzz_read_data(&head, &file, NULL);
    gsp_buffer_clear(&archive);
    return 0;
}
