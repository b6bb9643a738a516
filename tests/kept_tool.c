/* kept-tool FILE section|state NAME VERSION FLAGS: puts a section into a kept file, or into the node's state that it
 * holds, as a later version of gossipd would write it: the hash is that of the result. */
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "unit/section_cases.h"

#include <xxhash.h>

enum { MAGIC = 8, HASH = 16 };

static void read_file(struct gsp_buffer *out, const char *path)
{
    FILE *file = fopen(path, "rb");
    int byte;
    assert(file);
    while ((byte = fgetc(file)) != EOF) {
        const uint8_t one = (uint8_t)byte;
        int rc = gsp_buffer_append(out, &one, 1);
        assert(rc == 0);
    }
    fclose(file);
}

static void write_file(const struct gsp_buffer *bytes, const char *path)
{
    FILE *file = fopen(path, "wb");
    assert(file);
    size_t written = fwrite(bytes->data, 1, bytes->length, file);
    int rc = fclose(file);
    assert(written == bytes->length && rc == 0);
}

/* Right after the magic that stands at `at`. */
static void insert(struct gsp_buffer *bytes, size_t at, const struct gsp_buffer *section)
{
    at += MAGIC;
    int rc = gsp_buffer_reserve(bytes, section->length);
    assert(rc == 0);
    memmove(bytes->data + at + section->length, bytes->data + at, bytes->length - at);
    memcpy(bytes->data + at, section->data, section->length);
    bytes->length += section->length;
}

int main(int count, char **words)
{
    struct gsp_buffer bytes = {0}, section = {0};
    if (count != 6) return 64;
    put_section(&section, words[3], (uint32_t)atoi(words[4]), (uint32_t)atoi(words[5]), "later", 5);
    read_file(&bytes, words[1]);
    assert(bytes.length > MAGIC + HASH && memcmp(bytes.data, "gspkept3", MAGIC) == 0);
    bytes.length -= HASH;
    if (strcmp(words[2], "state") == 0) {
        uint8_t *body = find_section(&bytes, MAGIC, "body");
        assert(body);
        gsp__store64(body + SECTION_HEADER - 8, gsp__load64(body + SECTION_HEADER - 8) + section.length);
        insert(&bytes, (size_t)(body - bytes.data) + SECTION_HEADER, &section);
    } else {
        insert(&bytes, 0, &section);
    }
    XXH128_canonical_t hash;
    XXH128_canonicalFromHash(&hash, XXH3_128bits(bytes.data, bytes.length));
    int rc = gsp_buffer_append(&bytes, hash.digest, HASH);
    assert(rc == 0);
    write_file(&bytes, words[1]);
    gsp_buffer_clear(&bytes);
    gsp_buffer_clear(&section);
    return 0;
}
