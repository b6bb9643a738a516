/* What a data set looks like, in lines for people: its target, its columns, and what is odd about them. */
#include "schema.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 12 };

static int add(struct gsp_buffer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int add(struct gsp_buffer *out, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return gsp_buffer_append(out, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
}

/* ---- names ---- */

static void shorten(char *out, size_t size, const char *text)
{
    gsp__excerpt(out, size, text, text + strlen(text));
}

/* A feature by the column that it is made of: "age", "ward=north", or without names "column 3". */
static void name_feature(const struct gsp_schema *schema, size_t feature, char out[100])
{
    char name[48] = "", value[48];
    size_t before = 0;
    for (size_t i = 0; schema && i < schema->count; i++) {
        const struct gsp__column *column = &schema->columns[i];
        size_t width = column->values ? column->value_count : 1;
        if (feature >= before + width) {
            before += width;
            continue;
        }
        if (column->name && *column->name)
            shorten(name, sizeof name, column->name);
        else
            snprintf(name, sizeof name, "column %zu", i + 1);
        if (column->values) shorten(value, sizeof value, column->values[feature - before]);
        snprintf(out, 100, "%s%s%s", name, column->values ? "=" : "", column->values ? value : "");
        return;
    }
    snprintf(out, 100, "column %zu", feature + 1);
}

static int list_columns(const struct gsp_dataset *dataset, struct gsp_buffer *out)
{
    const struct gsp_schema *schema = dataset->schema;
    char name[100];
    size_t width = schema ? gsp__schema_width(schema) : 0;
    if (!width || !(schema->columns[0].name || width > schema->count)) return 0;
    int rc = add(out, "columns    ");
    for (size_t i = 0; !rc && i < width && i < SHOWN; i++) {
        name_feature(schema, i, name);
        rc = add(out, "%s%s", i ? ", " : "", name);
    }
    if (!rc) rc = width > SHOWN ? add(out, ", ... (%zu)\n", width) : add(out, "\n");
    return rc;
}

/* ---- the target ---- */

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* "0 (7 rows), 1 (5 rows)"; nothing where the values are many. `sorted` has all targets in order. */
static int count_classes(const struct gsp_dataset *dataset, const double *sorted, struct gsp_buffer *out)
{
    const struct gsp__column *target = dataset->schema ? &dataset->schema->target : NULL;
    char name[48];
    size_t classes = 1;
    for (size_t i = 1; i < dataset->rows; i++) classes += sorted[i] != sorted[i - 1];
    if (classes > SHOWN)
        return add(out, ": %zu different values from %g to %g\n", classes, sorted[0], sorted[dataset->rows - 1]);
    int rc = add(out, ": ");
    for (size_t first = 0, next; !rc && first < dataset->rows; first = next) {
        for (next = first; next < dataset->rows && sorted[next] == sorted[first];) next++;
        if (target && target->values)
            shorten(name, sizeof name, target->values[(size_t)sorted[first]]);
        else
            snprintf(name, sizeof name, "%g", sorted[first]);
        rc = add(out, "%s%s (%zu row%s)", first ? ", " : "", name, next - first, next - first == 1 ? "" : "s");
    }
    return rc ? rc : add(out, "\n");
}

static int describe_target(const struct gsp_dataset *dataset, struct gsp_buffer *out)
{
    const char *name = dataset->schema ? dataset->schema->target.name : NULL;
    char shown[48] = "";
    double *sorted = gsp_vector(dataset->rows);
    if (!sorted) return GSP_ERR_NOMEM;
    memcpy(sorted, dataset->targets, dataset->rows * sizeof *sorted);
    qsort(sorted, dataset->rows, sizeof *sorted, by_value);
    if (name) shorten(shown, sizeof shown, name);
    int rc = add(out, "target     %s", name ? shown : "the last column or array");
    if (!rc) rc = count_classes(dataset, sorted, out);
    free(sorted);
    return rc;
}

/* ---- what is odd ---- */

struct column_look {
    double mean, sum, before; /* sum: of squared differences from the mean */
    bool counts;              /* each number is one more than the one before */
};

/* Welford's way, so that large means lose no digits. */
static void look(struct column_look *column, size_t row, double value)
{
    double difference = value - column->mean;
    column->mean += difference / (double)(row + 1);
    column->sum += difference * (value - column->mean);
    column->counts &= row == 0 || value == column->before + 1;
    column->before = value;
}

/* All columns of a table, whose numbers are doubles; NULL without memory. */
static struct column_look *look_at_all(const struct gsp_dataset *dataset, size_t columns)
{
    struct column_look *looks = gsp_alloc(columns, sizeof *looks);
    for (size_t i = 0; looks && i < columns; i++) looks[i].counts = dataset->rows > 2;
    for (size_t row = 0; looks && row < dataset->rows; row++) {
        const double *values = (const double *)dataset->features + row * dataset->columns;
        for (size_t i = 0; i < columns; i++) look(&looks[i], row, values[i]);
    }
    return looks;
}

static int note_column(const struct gsp_dataset *dataset, size_t i, const struct column_look *column,
                       struct gsp_buffer *out)
{
    char name[100];
    name_feature(dataset->schema, i, name);
    if (column->counts)
        return add(out, "note       %s counts the rows: leave it out if it is their number (Drop = %s)\n", name,
                   strncmp(name, "column ", 7) == 0 ? name + 7 : name);
    if (column->sum == 0) return add(out, "note       %s is %g in all rows: it tells nothing\n", name, column->mean);
    return 0;
}

/* One step size for all columns suits none where they differ much. */
static int note_sizes(const struct gsp_dataset *dataset, size_t least, size_t most, double ratio,
                      struct gsp_buffer *out)
{
    char small[100], large[100];
    name_feature(dataset->schema, least, small);
    name_feature(dataset->schema, most, large);
    return add(
        out,
        "note       %s varies %.2g times as much as %s: gradient descent will be slow; divide the columns by their "
        "deviation, by the same numbers on all hosts\n",
        large, ratio, small);
}

/* Of tables alone: that pixels differ says nothing. */
static int describe_oddities(const struct gsp_dataset *dataset, size_t columns, struct gsp_buffer *out)
{
    const double apart = 100;
    size_t smallest = columns, largest = 0;
    int rc = 0;
    if (!dataset->schema || !dataset->schema->count) return 0;
    struct column_look *looks = look_at_all(dataset, columns);
    if (!looks) return GSP_ERR_NOMEM;
    for (size_t i = 0; !rc && i < columns; i++) {
        rc = note_column(dataset, i, &looks[i], out);
        if (looks[i].sum > looks[largest].sum) largest = i;
        if (looks[i].sum > 0 && (smallest == columns || looks[i].sum < looks[smallest].sum)) smallest = i;
    }
    double ratio = smallest < columns ? sqrt(looks[largest].sum / looks[smallest].sum) : 1;
    if (!rc && ratio > apart) rc = note_sizes(dataset, smallest, largest, ratio, out);
    free(looks);
    return rc;
}

int gsp_dataset_describe(const struct gsp_dataset *dataset, bool bias, struct gsp_buffer *out)
{
    int rc = describe_target(dataset, out);
    if (!rc) rc = list_columns(dataset, out);
    for (const char *line = dataset->notes; !rc && line && *line;) {
        size_t length = strcspn(line, "\n");
        rc = add(out, "note       %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
    return rc ? rc : describe_oddities(dataset, dataset->columns - bias, out);
}
