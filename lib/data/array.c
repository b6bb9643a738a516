/* Arrays of numbers as npy, npz and idx files hold them: converted straight into the final matrix. */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 16384 }; /* bytes read at a time; a multiple of every element's size */

static size_t element_size(enum gsp__element element)
{
    static const uint8_t sizes[] = {
        [GSP__ELEMENT_U8] = 1,  [GSP__ELEMENT_I8] = 1,  [GSP__ELEMENT_U16] = 2, [GSP__ELEMENT_I16] = 2,
        [GSP__ELEMENT_U32] = 4, [GSP__ELEMENT_I32] = 4, [GSP__ELEMENT_U64] = 8, [GSP__ELEMENT_I64] = 8,
        [GSP__ELEMENT_F16] = 2, [GSP__ELEMENT_F32] = 4, [GSP__ELEMENT_F64] = 8};
    return sizes[element];
}

enum gsp_dtype gsp__array_dtype(const struct gsp__array *array)
{
    return element_size(array->element) <= 2 || array->element == GSP__ELEMENT_F32 ? GSP_FLOAT32 : GSP_FLOAT64;
}

int gsp__array_shape(struct gsp__array *array, const uint64_t *shape, size_t dimensions,
                     const struct gsp__source *source, struct gsp_error *error)
{
    array->dimensions = dimensions;
    if (!dimensions)
        return gsp_error_set(error, GSP_ERR_DATA, "%s: it holds a single number; an array of rows is needed",
                             source->name);
    for (size_t i = 0; i < dimensions; i++)
        if (!shape[i])
            return gsp_error_set(error, GSP_ERR_DATA, "%s: dimension %zu of its shape is 0: there are no numbers in it",
                                 source->name, i + 1);
    uint64_t columns = 1, total, bytes;
    bool overflow = false;
    for (size_t i = 1; i < dimensions; i++) overflow |= __builtin_mul_overflow(columns, shape[i], &columns);
    overflow |= __builtin_mul_overflow(columns, shape[0], &total);
    overflow |= __builtin_mul_overflow(total, (uint64_t)element_size(array->element), &bytes);
    if (overflow || bytes > source->limit)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "%s: truncated: its header announces more numbers than the file can hold; copy it again",
                             source->name);
    if (bytes > SIZE_MAX / 2) return gsp_error_set(error, GSP_ERR_NOMEM, "%s: too large", source->name);
    array->rows = (size_t)shape[0];
    array->columns = (size_t)columns;
    return 0;
}

static uint64_t load_integer(const uint8_t *bytes, size_t size, bool big_endian)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) value |= (uint64_t)bytes[i] << 8 * (big_endian ? size - 1 - i : i);
    return value;
}

/* IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
static double half_value(uint32_t half)
{
    const int fraction = half & 0x3ff, exponent = half >> 10 & 0x1f;
    double magnitude = exponent == 0x1f ? (fraction ? NAN : INFINITY)
                       : exponent       ? ldexp(1024 + fraction, exponent - 25)
                                        : ldexp(fraction, -24);
    return half & 0x8000 ? -magnitude : magnitude;
}

static double element_value(enum gsp__element element, bool big_endian, const uint8_t *bytes)
{
    uint64_t raw = load_integer(bytes, element_size(element), big_endian);
    uint32_t half = (uint32_t)raw;
    float narrow;
    double wide;
    switch (element) {
    case GSP__ELEMENT_U8:
    case GSP__ELEMENT_U16:
    case GSP__ELEMENT_U32:
    case GSP__ELEMENT_U64:
        return (double)raw;
    case GSP__ELEMENT_I8:
        return (int8_t)raw;
    case GSP__ELEMENT_I16:
        return (int16_t)raw;
    case GSP__ELEMENT_I32:
        return (int32_t)raw;
    case GSP__ELEMENT_I64:
        return (double)(int64_t)raw;
    case GSP__ELEMENT_F16:
        return half_value(half);
    case GSP__ELEMENT_F32:
        memcpy(&narrow, &half, sizeof narrow);
        return narrow;
    case GSP__ELEMENT_F64:
        memcpy(&wide, &raw, sizeof wide);
        return wide;
    }
    abort(); /* no other element exists */
}

/* Where elements go: rows of `stride` values. */
struct destination {
    enum gsp_dtype dtype;
    void *values;
    size_t stride;
};

static void store(const struct destination *to, size_t index, double value)
{
    if (to->dtype == GSP_FLOAT32)
        ((float *)to->values)[index] = (float)value;
    else
        ((double *)to->values)[index] = value;
}

static int not_finite(const struct gsp__source *source, const struct gsp__array *array, size_t row, size_t column,
                      double value, struct gsp_error *error)
{
    return gsp_error_set(error, GSP_ERR_DATA, "%s: row %zu, column %zu (from 1) is %s: every number must be finite; %s",
                         source->name, row + 1, column + 1,
                         isnan(value) ? "nan"
                         : value > 0  ? "inf"
                                      : "-inf",
                         array->whole ? "write the file again" : "fill it in or drop the row");
}

/* Whether the file's bytes are already what memory holds. */
static bool same_form(const struct gsp__array *array, enum gsp_dtype dtype)
{
    bool file_little = !array->big_endian, host_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    bool same_type = array->element == (dtype == GSP_FLOAT32 ? GSP__ELEMENT_F32 : GSP__ELEMENT_F64);
    return same_type && file_little == host_little && array->divisor == 1;
}

static size_t first_not_finite(const struct destination *to, size_t index, size_t count)
{
    size_t i = 0;
    if (to->dtype == GSP_FLOAT32)
        for (const float *values = (const float *)to->values + index; i < count && isfinite(values[i]);) i++;
    else
        for (const double *values = (const double *)to->values + index; i < count && isfinite(values[i]);) i++;
    return i;
}

/* Places `count` elements, the first of which is number `first` of the array in C order: runs within rows. */
static int place_rows(const struct gsp__source *source, const struct gsp__array *array, const struct destination *to,
                      size_t first, size_t count, const uint8_t *bytes, struct gsp_error *error)
{
    size_t size = element_size(array->element), row = first / array->columns, column = first % array->columns;
    bool copy = same_form(array, to->dtype);
    while (count) {
        size_t run = array->columns - column < count ? array->columns - column : count;
        size_t at = row * to->stride + column;
        if (copy)
            memcpy((char *)to->values + at * size, bytes, run * size);
        else
            for (size_t i = 0; i < run; i++)
                store(to, at + i, element_value(array->element, array->big_endian, bytes + i * size) / array->divisor);
        size_t good = first_not_finite(to, at, run);
        if (good < run)
            return not_finite(source, array, row, column + good,
                              element_value(array->element, array->big_endian, bytes + good * size), error);
        bytes += run * size;
        count -= run;
        column += run;
        if (column == array->columns) column = 0, row++;
    }
    return 0;
}

/* The same for Fortran order: columns one after the other. */
static int place_columns(const struct gsp__source *source, const struct gsp__array *array, const struct destination *to,
                         size_t first, size_t count, const uint8_t *bytes, struct gsp_error *error)
{
    size_t size = element_size(array->element), row = first % array->rows, column = first / array->rows;
    for (size_t i = 0; i < count; i++) {
        double value = element_value(array->element, array->big_endian, bytes + i * size);
        if (!isfinite(value)) return not_finite(source, array, row, column, value, error);
        store(to, row * to->stride + column, value / array->divisor);
        if (++row == array->rows) row = 0, column++;
    }
    return 0;
}

int gsp__array_load(struct gsp__source *source, const struct gsp__array *array, enum gsp_dtype dtype, void *values,
                    size_t stride, struct gsp_error *error)
{
    uint8_t chunk[CHUNK];
    const struct destination to = {dtype, values, stride};
    size_t size = element_size(array->element), total = array->rows * array->columns;
    for (size_t done = 0; done < total;) {
        size_t count = total - done < CHUNK / size ? total - done : CHUNK / size;
        int rc = source->read(source, chunk, count * size, error);
        if (!rc)
            rc = (array->fortran_order ? place_columns : place_rows)(source, array, &to, done, count, chunk, error);
        if (rc) return rc;
        done += count;
    }
    return source->finish(source, error);
}

/* Rows of k numbers of which one is 1 and the others are 0 become which one it is. */
static int from_one_hot(double *values, const struct gsp__array *array, const char *name, struct gsp_error *error)
{
    for (size_t row = 0; row < array->rows; row++) {
        const double *numbers = values + row * array->columns;
        size_t ones = 0, zeros = 0, which = 0;
        for (size_t i = 0; i < array->columns; i++) {
            ones += numbers[i] == 1;
            zeros += numbers[i] == 0;
            if (numbers[i] == 1) which = i;
        }
        if (ones != 1 || ones + zeros != array->columns)
            return gsp_error_set(
                error, GSP_ERR_DATA,
                "%s: %zu numbers a row, but targets are one number a row, or one 1 among zeros, which row %zu is "
                "not",
                name, array->columns, row + 1);
        values[row] = (double)which;
    }
    return 0;
}

int gsp__array_targets(struct gsp__source *source, const struct gsp__array *array, double **targets, size_t *count,
                       struct gsp_error *error)
{
    double *values = gsp__matrix(GSP_FLOAT64, array->rows, array->columns);
    if (!values) return gsp_error_set(error, GSP_ERR_NOMEM, "%s: no memory for %zu targets", source->name, array->rows);
    int rc = gsp__array_load(source, array, GSP_FLOAT64, values, array->columns, error);
    if (!rc && array->columns > 1) rc = from_one_hot(values, array, source->name, error);
    if (rc) {
        free(values);
        return rc;
    }
    *targets = values;
    *count = array->rows;
    return 0;
}

int gsp__array_features(struct gsp__source *source, const struct gsp__array *array, bool bias,
                        struct gsp_dataset *dataset, struct gsp_error *error)
{
    int rc =
        gsp__dataset_shape(dataset, source->name, gsp__array_dtype(array), array->rows, array->columns, bias, error);
    if (rc) return rc;
    return gsp__array_load(source, array, dataset->dtype, dataset->features, dataset->columns, error);
}
