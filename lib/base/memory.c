/* Allocation, and a growing buffer. */
#include "base/bytes.h"

#include <gossip/base.h>

#include <stdlib.h>
#include <string.h>

void *gsp_alloc(size_t count, size_t size)
{
    return calloc(count ? count : 1, size ? size : 1);
}

char *gsp_strdup(const char *text)
{
    size_t length = strlen(text) + 1;
    char *copy = malloc(length);
    if (copy) memcpy(copy, text, length);
    return copy;
}

double *gsp_vector(size_t n)
{
    enum { ALIGNMENT = 64 };
    if (n > (SIZE_MAX - ALIGNMENT) / sizeof(double)) return NULL;
    size_t bytes = (n * sizeof(double) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    double *vector = aligned_alloc(ALIGNMENT, bytes ? bytes : ALIGNMENT);
    if (vector) memset(vector, 0, bytes);
    return vector;
}

int gsp_buffer_reserve(struct gsp_buffer *buffer, size_t more)
{
    if (more > SIZE_MAX / 2 - buffer->length) return GSP_ERR_NOMEM;
    size_t need = buffer->length + more;
    if (need <= buffer->capacity) return 0;
    size_t capacity = buffer->capacity ? buffer->capacity : 256;
    while (capacity < need) capacity *= 2;
    uint8_t *grown = realloc(buffer->data, capacity);
    if (!grown) return GSP_ERR_NOMEM;
    buffer->data = grown;
    buffer->capacity = capacity;
    return 0;
}

int gsp_buffer_append(struct gsp_buffer *buffer, const void *bytes, size_t length)
{
    int rc = gsp_buffer_reserve(buffer, length);
    if (rc) return rc;
    if (length) memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
    return 0;
}

int gsp_buffer_append_u64(struct gsp_buffer *buffer, uint64_t value)
{
    uint8_t bytes[8];
    gsp__store64(bytes, value);
    return gsp_buffer_append(buffer, bytes, sizeof bytes);
}

int gsp_buffer_append_doubles(struct gsp_buffer *buffer, const double *values, size_t n)
{
    if (n > SIZE_MAX / 8) return GSP_ERR_NOMEM;
    int rc = gsp_buffer_reserve(buffer, 8 * n);
    for (size_t i = 0; !rc && i < n; i++) {
        gsp__store64(buffer->data + buffer->length, gsp__bits_of(values[i]));
        buffer->length += 8;
    }
    return rc;
}

void gsp_read_doubles(double *values, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) values[i] = gsp__double_of(gsp__load64(bytes + 8 * i));
}

void gsp_buffer_consume(struct gsp_buffer *buffer, size_t length)
{
    if (length >= buffer->length) {
        buffer->length = 0;
        return;
    }
    memmove(buffer->data, buffer->data + length, buffer->length - length);
    buffer->length -= length;
}

void gsp_buffer_clear(struct gsp_buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct gsp_buffer){0};
}
