/* The npy format of numpy: a short header, a Python dictionary, then the numbers. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAGIC = 6, HEADER_MAX = 10000, DIMENSIONS_MAX = 32 };

/* ---- the header's dictionary: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), } ---- */

struct dictionary {
    const char *next, *end;
    char descr[16];
    bool has_descr, has_order, has_shape, fortran_order;
    uint64_t shape[DIMENSIONS_MAX];
    size_t dimensions;
};

static bool take(struct dictionary *text, const char *token)
{
    while (text->next < text->end && strchr(" \t\r\n", *text->next)) text->next++;
    size_t length = strlen(token);
    if ((size_t)(text->end - text->next) < length || memcmp(text->next, token, length) != 0) return false;
    text->next += length;
    return true;
}

static bool take_string(struct dictionary *text, char *out, size_t size)
{
    const char *quote = take(text, "'") ? "'" : take(text, "\"") ? "\"" : NULL;
    if (!quote) return false;
    const char *stop = memchr(text->next, *quote, (size_t)(text->end - text->next));
    if (!stop || (size_t)(stop - text->next) >= size) return false;
    memcpy(out, text->next, (size_t)(stop - text->next));
    out[stop - text->next] = 0;
    text->next = stop + 1;
    return true;
}

static bool take_count(struct dictionary *text, uint64_t *value)
{
    take(text, "");
    const char *begin = text->next;
    for (*value = 0; text->next < text->end && *text->next >= '0' && *text->next <= '9'; text->next++)
        if (__builtin_mul_overflow(*value, UINT64_C(10), value) ||
            __builtin_add_overflow(*value, (uint64_t)(*text->next - '0'), value))
            return false;
    return text->next > begin;
}

static bool take_shape(struct dictionary *text)
{
    if (!take(text, "(")) return false;
    for (text->dimensions = 0; !take(text, ")"); text->dimensions++) {
        if (text->dimensions == DIMENSIONS_MAX || !take_count(text, &text->shape[text->dimensions])) return false;
        if (take(text, ",")) continue;
        text->dimensions++;
        return take(text, ")");
    }
    return true;
}

static bool take_dictionary(struct dictionary *text)
{
    char key[16];
    if (!take(text, "{")) return false;
    while (!take(text, "}")) {
        if (!take_string(text, key, sizeof key) || !take(text, ":")) return false;
        if (strcmp(key, "descr") == 0) {
            text->has_descr = take_string(text, text->descr, sizeof text->descr);
            if (!text->has_descr) return false;
        } else if (strcmp(key, "fortran_order") == 0) {
            text->has_order = true;
            text->fortran_order = take(text, "True");
            if (!text->fortran_order && !take(text, "False")) return false;
        } else if (strcmp(key, "shape") == 0) {
            text->has_shape = take_shape(text);
            if (!text->has_shape) return false;
        } else {
            return false;
        }
        if (!take(text, ",") && (text->next == text->end || *text->next != '}')) return false;
    }
    return text->has_descr && text->has_order && text->has_shape;
}

static int set_element(struct gsp__array *array, const char *descr, const char *name, struct gsp_error *error)
{
    static const struct {
        const char *code;
        enum gsp__element element;
    } elements[] = {{"f2", GSP__ELEMENT_F16}, {"f4", GSP__ELEMENT_F32}, {"f8", GSP__ELEMENT_F64},
                    {"u1", GSP__ELEMENT_U8},  {"i1", GSP__ELEMENT_I8},  {"b1", GSP__ELEMENT_U8},
                    {"u2", GSP__ELEMENT_U16}, {"i2", GSP__ELEMENT_I16}, {"u4", GSP__ELEMENT_U32},
                    {"i4", GSP__ELEMENT_I32}, {"u8", GSP__ELEMENT_U64}, {"i8", GSP__ELEMENT_I64}};
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
        if (!*descr || strcmp(descr + 1, elements[i].code) != 0) continue;
        bool single = elements[i].code[1] == '1';
        if (strchr("<>", *descr) || (single && strchr("|=", *descr))) {
            array->element = elements[i].element;
            array->big_endian = *descr == '>';
            return 0;
        }
    }
    if (*descr && strchr("US", descr[1]))
        return gsp_error_set(error, GSP_ERR_DATA,
                             "%s: it holds text ('%s'); number it, the same on every host: numpy.unique(a, "
                             "return_inverse=True)[1]",
                             name, descr);
    return gsp_error_set(error, GSP_ERR_DATA,
                         "%s: its element type '%s' is not one of float32, float64, bool or an integer; convert it: "
                         "a.astype('<f4')",
                         name, descr);
}

int gsp__npy_header(struct gsp__source *source, struct gsp__array *array, struct gsp_error *error)
{
    static const uint8_t magic[MAGIC] = {0x93, 'N', 'U', 'M', 'P', 'Y'};
    uint8_t fixed[MAGIC + 2], size[4] = {0};
    char text[HEADER_MAX];
    int rc = source->read(source, fixed, sizeof fixed, error);
    if (rc) return rc;
    if (memcmp(fixed, magic, MAGIC) != 0)
        return gsp_error_set(error, GSP_ERR_DATA, "%s: it is no npy array; write it with numpy.save or numpy.savez",
                             source->name);
    if (fixed[MAGIC] < 1 || fixed[MAGIC] > 3)
        return gsp_error_set(error, GSP_ERR_DATA, "%s: npy version %u is not known (1 to 3 are); save it anew",
                             source->name, fixed[MAGIC]);
    rc = source->read(source, size, fixed[MAGIC] == 1 ? 2 : 4, error);
    if (rc) return rc;
    size_t length = size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16 | (size_t)size[3] << 24;
    if (length > sizeof text)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "%s: its header has %zu bytes, more than %d; save it as a plain array", source->name,
                             length, HEADER_MAX);
    rc = source->read(source, text, length, error);
    if (rc) return rc;

    struct dictionary dictionary = {.next = text, .end = text + length};
    if (!take_dictionary(&dictionary))
        return gsp_error_set(error, GSP_ERR_DATA,
                             "%s: its npy header can't be read, or its elements are records; save a plain array of "
                             "numbers",
                             source->name);
    *array = (struct gsp__array){.divisor = 1, .fortran_order = dictionary.fortran_order};
    rc = set_element(array, dictionary.descr, source->name, error);
    if (!rc) rc = gsp__array_shape(array, dictionary.shape, dictionary.dimensions, source, error);
    if (rc) return rc;
    if (array->fortran_order && array->dimensions > 2)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "%s: %zu dimensions in Fortran order; save it with numpy.ascontiguousarray", source->name,
                             array->dimensions);
    return 0;
}

/* ---- whole files ---- */

int gsp__npy_dataset(struct gsp_dataset *dataset, const struct gsp_file *file, const struct gsp__want *want,
                     struct gsp_error *error)
{
    struct gsp__source source;
    struct gsp__array array = {0};
    gsp__source_memory(&source, file);
    int rc = gsp__npy_header(&source, &array, error);
    return rc ? rc : gsp__array_features(&source, &array, want->bias, dataset, error);
}

int gsp__npy_targets(double **targets, size_t *count, const struct gsp_file *file, struct gsp_error *error)
{
    struct gsp__source source;
    struct gsp__array array = {0};
    gsp__source_memory(&source, file);
    int rc = gsp__npy_header(&source, &array, error);
    return rc ? rc : gsp__array_targets(&source, &array, targets, count, error);
}

int gsp_npy_read(const struct gsp_file *file, double **values, size_t shape[2], struct gsp_error *error)
{
    struct gsp__source source;
    struct gsp__array array = {0};
    gsp__source_memory(&source, file);
    int rc = gsp__npy_header(&source, &array, error);
    if (rc) return rc;
    array.whole = true;
    double *read = gsp__matrix(GSP_FLOAT64, array.rows, array.columns);
    if (!read) return gsp_error_set(error, GSP_ERR_NOMEM, "%s: no memory for its numbers", file->name);
    rc = gsp__array_load(&source, &array, GSP_FLOAT64, read, array.columns, error);
    if (rc) {
        free(read);
        return rc;
    }
    *values = read;
    shape[0] = array.rows;
    shape[1] = array.columns;
    return 0;
}

/* ---- writing ---- */

int gsp__npy_write_header(struct gsp_buffer *out, enum gsp_dtype dtype, size_t rows, size_t columns, bool vector)
{
    enum { ALIGNMENT = 64, PREFIX = MAGIC + 4 };
    char shape[64], text[192];
    if (vector)
        snprintf(shape, sizeof shape, "(%zu,)", rows);
    else
        snprintf(shape, sizeof shape, "(%zu, %zu)", rows, columns);
    int length = snprintf(text, sizeof text, "{'descr': '<f%zu', 'fortran_order': False, 'shape': %s, }",
                          gsp__dtype_size(dtype), shape);
    /* Numpy pads the header so that the numbers begin at a multiple of 64. */
    while ((PREFIX + length + 1) % ALIGNMENT) text[length++] = ' ';
    text[length++] = '\n';
    const uint8_t prefix[PREFIX] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (uint8_t)length, (uint8_t)(length >> 8)};
    int rc = gsp_buffer_append(out, prefix, PREFIX);
    return rc ? rc : gsp_buffer_append(out, text, (size_t)length);
}

int gsp__npy_write_values(struct gsp_buffer *out, enum gsp_dtype dtype, const void *values, size_t count)
{
    size_t size = gsp__dtype_size(dtype);
    int rc = gsp_buffer_reserve(out, count * size);
    if (rc) return rc;
    uint8_t *to = out->data + out->length;
    for (size_t i = 0; i < count; i++) {
        uint64_t raw = 0;
        uint32_t half;
        if (dtype == GSP_FLOAT32) {
            memcpy(&half, (const float *)values + i, sizeof half);
            raw = half;
        } else {
            memcpy(&raw, (const double *)values + i, sizeof raw);
        }
        for (size_t byte = 0; byte < size; byte++) *to++ = (uint8_t)(raw >> 8 * byte);
    }
    out->length += count * size;
    return 0;
}

int gsp_npy_write(const double *values, size_t count, size_t rows, struct gsp_buffer *out)
{
    int rc = rows ? gsp__npy_write_header(out, GSP_FLOAT64, rows, count / rows, false)
                  : gsp__npy_write_header(out, GSP_FLOAT64, count, 1, true);
    return rc ? rc : gsp__npy_write_values(out, GSP_FLOAT64, values, count);
}
