/* Comma-separated values: one row a line, the target last; read in two passes, so that the matrix is allocated once. */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Drops white space, and one pair of quotes, around a field. */
static void trim(const char **begin, const char **end)
{
    while (*begin < *end && (**begin == ' ' || **begin == '\t')) ++*begin;
    while (*begin < *end && ((*end)[-1] == ' ' || (*end)[-1] == '\t')) --*end;
    if (*end - *begin >= 2 && **begin == '"' && (*end)[-1] == '"') {
        ++*begin;
        --*end;
    }
}

static bool blank(const char *begin, const char *end)
{
    trim(&begin, &end);
    return begin == end;
}

static const char *field_end(const char *begin, const char *end)
{
    const char *comma = memchr(begin, ',', (size_t)(end - begin));
    return comma ? comma : end;
}

static bool field_number(const char *begin, const char *end, double *value)
{
    trim(&begin, &end);
    return begin < end && gsp__scan_number(begin, end, value) == end;
}

/* What the first pass finds out. */
struct layout {
    size_t rows, fields;
    size_t header; /* the line that is skipped, or 0 */
};

static int find_layout(struct layout *layout, const struct gsp_file *file, struct gsp_error *error)
{
    struct gsp__lines lines;
    const char *begin, *end;
    double ignored;
    *layout = (struct layout){0};
    gsp__lines_init(&lines, file);
    while (gsp__lines_next(&lines, &begin, &end)) {
        if (blank(begin, end)) continue;
        if (!layout->rows && !layout->header && !field_number(begin, field_end(begin, end), &ignored)) {
            size_t length = (size_t)(end - begin);
            if (!memchr(begin, ',', length) && (memchr(begin, ';', length) || memchr(begin, '\t', length)))
                return gsp_error_set(error, GSP_ERR_DATA,
                                     "%s:%zu: columns must be separated by commas, and decimals by points", file->name,
                                     lines.number);
            layout->header = lines.number;
            continue;
        }
        if (!layout->rows++) {
            layout->fields = 1;
            for (const char *at = begin; (at = memchr(at, ',', (size_t)(end - at))); at++) layout->fields++;
        }
    }
    if (!layout->rows)
        return gsp_error_set(error, GSP_ERR_DATA, "%s: no rows of numbers in it; one row a line is needed", file->name);
    return 0;
}

static int bad_field(const char *file, size_t line, size_t column, const char *begin, const char *end,
                     struct gsp_error *error)
{
    char shown[48];
    trim(&begin, &end);
    gsp__excerpt(shown, sizeof shown, begin, end);
    if (begin == end)
        return gsp_error_set(error, GSP_ERR_DATA, "%s:%zu: column %zu is empty: fill it in or drop the row", file, line,
                             column);
    if (memchr(begin, ';', (size_t)(end - begin)) || memchr(begin, '\t', (size_t)(end - begin)))
        return gsp_error_set(error, GSP_ERR_DATA,
                             "%s:%zu: column %zu is '%s': columns must be separated by commas, and decimals by points",
                             file, line, column, shown);
    return gsp_error_set(error, GSP_ERR_DATA,
                         "%s:%zu: column %zu is '%s', not a number: only the first line may hold names; encode or drop "
                         "this column",
                         file, line, column, shown);
}

/* Reads one line of `fields` numbers: the first into features, the last into *target if that is wanted. */
static int read_line(const char *file, size_t line, const char *begin, const char *end, size_t fields, double *features,
                     double *target, struct gsp_error *error)
{
    for (size_t field = 0; field < fields; field++) {
        const char *stop = field_end(begin, end);
        double value;
        if (!field_number(begin, stop, &value)) return bad_field(file, line, field + 1, begin, stop, error);
        if (!isfinite(value))
            return gsp_error_set(error, GSP_ERR_DATA,
                                 "%s:%zu: column %zu is %s: every number must be finite; fill it in or drop the row",
                                 file, line, field + 1, isnan(value) ? "nan" : "infinite");
        if (target && field + 1 == fields)
            *target = value;
        else
            features[field] = value;
        if ((stop == end) != (field + 1 == fields)) {
            size_t found = field + 1;
            for (; stop < end; stop = field_end(stop + 1, end)) found++;
            return gsp_error_set(error, GSP_ERR_DATA,
                                 "%s:%zu: %zu column%s, but the lines before have %zu: every row needs as many", file,
                                 line, found, found == 1 ? "" : "s", fields);
        }
        begin = stop + 1;
    }
    return 0;
}

/* The second pass. `features` has rows of `stride`; either may be NULL if no field goes there. */
static int fill(const struct gsp_file *file, const struct layout *layout, double *features, size_t stride,
                double *targets, struct gsp_error *error)
{
    struct gsp__lines lines;
    const char *begin, *end;
    size_t row = 0;
    gsp__lines_init(&lines, file);
    while (gsp__lines_next(&lines, &begin, &end)) {
        if (blank(begin, end) || lines.number == layout->header) continue;
        int rc = read_line(file->name, lines.number, begin, end, layout->fields,
                           features ? features + row * stride : NULL, targets ? targets + row : NULL, error);
        if (rc) return rc;
        row++;
    }
    return 0;
}

int gsp__csv_dataset(struct gsp_dataset *dataset, const struct gsp_file *file, const struct gsp__want *want,
                     struct gsp_error *error)
{
    struct layout layout;
    int rc = find_layout(&layout, file, error);
    if (rc) return rc;
    size_t columns = layout.fields - want->targets;
    if (!columns)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "%s: one column only, the target: features must stand before it, separated by commas",
                             file->name);
    rc = gsp__dataset_shape(dataset, file->name, GSP_FLOAT64, layout.rows, columns, want->bias, error);
    if (rc) return rc;
    if (want->targets && !(dataset->targets = gsp__matrix(GSP_FLOAT64, layout.rows, 1)))
        return gsp_error_set(error, GSP_ERR_NOMEM, "%s: no memory for %zu targets", file->name, layout.rows);
    return fill(file, &layout, dataset->features, dataset->columns, dataset->targets, error);
}

int gsp__csv_targets(double **targets, size_t *count, const struct gsp_file *file, struct gsp_error *error)
{
    struct layout layout;
    int rc = find_layout(&layout, file, error);
    if (rc) return rc;
    if (layout.fields != 1)
        return gsp_error_set(error, GSP_ERR_DATA, "%s: %zu columns, but a file of labels has one number a line",
                             file->name, layout.fields);
    double *values = gsp__matrix(GSP_FLOAT64, layout.rows, 1);
    if (!values) return gsp_error_set(error, GSP_ERR_NOMEM, "%s: no memory for %zu labels", file->name, layout.rows);
    rc = fill(file, &layout, NULL, 0, values, error);
    if (rc) {
        free(values);
        return rc;
    }
    *targets = values;
    *count = layout.rows;
    return 0;
}
