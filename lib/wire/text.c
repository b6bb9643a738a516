/* Texts and names inside messages. */
#include "wire/text.h"

#include <gossip/wire.h>

#include <string.h>

/* The length of the well-formed UTF-8 character at `text`, or 0: cut, overlong, a surrogate, beyond U+10FFFF. */
static size_t character(const uint8_t *text, size_t length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = text[0];
    size_t bytes = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
    if (!bytes || bytes > length) return 0;
    uint32_t code = bytes == 1 ? first : first & (0x7fu >> bytes);
    for (size_t i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80) return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    if (code < least[bytes] || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return 0;
    return bytes;
}

/* Of a well-formed character: C0 but newline, DEL and C1. */
static bool is_control(const uint8_t *text)
{
    return (text[0] < 0x20 && text[0] != '\n') || text[0] == 0x7f || (text[0] == 0xc2 && text[1] < 0xa0);
}

bool gsp__text_valid(const uint8_t *text, size_t length)
{
    while (length) {
        size_t bytes = character(text, length);
        if (!bytes || is_control(text)) return false;
        text += bytes;
        length -= bytes;
    }
    return true;
}

void gsp_text_clean(char *text)
{
    uint8_t *at = (uint8_t *)text;
    size_t length = strlen(text);
    while (length) {
        size_t bytes = character(at, length);
        if (!bytes || is_control(at)) {
            if (!bytes) bytes = 1;
            memset(at, '?', bytes);
        }
        at += bytes;
        length -= bytes;
    }
}

bool gsp__text_may_be_name(const char *name)
{
    size_t length = strlen(name);
    return length >= 1 && length <= GSP_NAME_MAX && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == length;
}

int gsp__text_copy(char *out, size_t size, const char *text, const char *field, struct gsp_error *error)
{
    size_t length = text ? strlen(text) : 0;
    if (length >= size)
        return gsp_error_set(error, GSP_ERR_FORMAT, "%s has %zu bytes where at most %zu are allowed", field, length,
                             size - 1);
    if (length) memcpy(out, text, length);
    out[length] = 0;
    return 0;
}
