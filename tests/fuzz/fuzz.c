#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

uint8_t *fuzz_copy(const uint8_t *bytes, size_t length)
{
    uint8_t *copy = malloc(length ? length : 1);
    assert(copy);
    if (length) memcpy(copy, bytes, length);
    return copy;
}

char *fuzz_text(const uint8_t *bytes, size_t length)
{
    char *text = malloc(length + 1);
    assert(text);
    if (length) memcpy(text, bytes, length);
    text[length] = 0;
    return text;
}
