/* Text files, line by line. */
#include "internal.h"

#include <string.h>

void gsp__lines_init(struct gsp__lines *lines, const struct gsp_file *file)
{
    static const uint8_t byte_order_mark[3] = {0xef, 0xbb, 0xbf};
    size_t skip = file->length >= 3 && memcmp(file->bytes, byte_order_mark, 3) == 0 ? 3 : 0;
    *lines = (struct gsp__lines){(const char *)file->bytes + skip, (const char *)file->bytes + file->length, 0};
}

bool gsp__lines_next(struct gsp__lines *lines, const char **begin, const char **end)
{
    if (lines->next == lines->end) return false;
    const char *stop = memchr(lines->next, '\n', (size_t)(lines->end - lines->next));
    *begin = lines->next;
    *end = stop ? stop : lines->end;
    lines->next = stop ? stop + 1 : lines->end;
    lines->number++;
    if (*end > *begin && (*end)[-1] == '\r') --*end;
    return true;
}

void gsp__excerpt(char *out, size_t size, const char *begin, const char *end)
{
    size_t length = 0;
    for (; begin < end && length + 4 < size; begin++) out[length++] = *begin >= 32 && *begin < 127 ? *begin : '?';
    if (begin < end) {
        memcpy(out + length, "...", 3);
        length += 3;
    }
    out[length] = 0;
}
