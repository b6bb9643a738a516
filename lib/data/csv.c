/* Text tables, whatever separates their columns, as data sets and as files of labels. */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- words become features ---- */

static const struct gsp_schema *schema_of(const struct gsp__text *table)
{
    return table->like ? table->like : table->schema;
}

/* One row: numbers as they are, for a column of words 1 where its value is and 0 elsewhere. */
static void expand_row(const struct gsp_schema *schema, const double *values, double *out)
{
    for (size_t i = 0; i < schema->count; i++) {
        const struct gsp__column *column = &schema->columns[i];
        if (!column->values) {
            *out++ = values[i];
            continue;
        }
        for (size_t value = 0; value < column->value_count; value++) *out++ = (double)value == values[i];
    }
}

static int expand(struct gsp__text *table, struct gsp_error *error)
{
    const struct gsp_schema *schema = schema_of(table);
    const size_t width = gsp__schema_width(schema) + table->want->bias;
    bool words = false;
    for (size_t i = 0; i < schema->count; i++) words |= schema->columns[i].values != NULL;
    if (!words) return 0;
    double *features = gsp__matrix(GSP_FLOAT64, table->rows, width);
    if (!features) return gsp__text_no_memory(table, error);
    for (size_t row = 0; row < table->rows; row++) {
        expand_row(schema, table->values + row * table->stride, features + row * width);
        if (table->want->bias) features[(row + 1) * width - 1] = 1;
    }
    free(table->values);
    table->values = features;
    table->stride = width;
    return 0;
}

/* ---- from text to rows ---- */

static int no_rows_left(const struct gsp__text *table, struct gsp_error *error)
{
    return gsp_error_set(error, GSP_ERR_DATA,
                         "%s: a value is missing in each of its rows: leave columns out (Drop, drop)",
                         table->file->name);
}

static int note_dropped(struct gsp__text *table, size_t rows, struct gsp_error *error)
{
    char line[600];
    if (rows == table->rows) return 0;
    int length = snprintf(line, sizeof line, "%.400s: %zu of %zu rows are left out, as values are missing in them\n",
                          table->file->name, rows - table->rows, rows);
    return gsp_buffer_append(&table->notes, line, (size_t)length) ? gsp__text_no_memory(table, error) : 0;
}

/* Everything behind gsp__text_assign. */
static int read_rows(struct gsp__text *table, struct gsp_error *error)
{
    int rc = gsp__text_fill(table, error);
    if (!rc) rc = gsp__text_judge(table, error);
    if (!rc) rc = gsp__text_number_words(table, error);
    const size_t rows = table->rows;
    if (!rc) gsp__text_drop_rows(table);
    if (!rc && !table->rows) rc = no_rows_left(table, error);
    return rc ? rc : note_dropped(table, rows, error);
}

static int add_end(struct gsp_buffer *notes)
{
    return notes->length ? gsp_buffer_append(notes, "", 1) : 0;
}

/* Hands what was made over to the data set. */
static int settle(struct gsp__text *table, struct gsp_dataset *dataset, struct gsp_error *error)
{
    if (add_end(&table->notes)) return gsp__text_no_memory(table, error);
    dataset->dtype = GSP_FLOAT64;
    dataset->rows = table->rows;
    dataset->columns = table->stride;
    dataset->features = table->values;
    dataset->targets = table->targets;
    dataset->schema = table->schema;
    dataset->notes = (char *)table->notes.data;
    table->values = table->targets = NULL;
    table->schema = NULL;
    table->notes = (struct gsp_buffer){0};
    return 0;
}

int gsp__csv_dataset(struct gsp_dataset *dataset, const struct gsp_file *file, const struct gsp__want *want,
                     struct gsp_error *error)
{
    struct gsp__text table;
    struct gsp__want own = *want;
    if (own.like && !own.like->count) own.like = NULL; /* the other one's labels alone are of a table */
    int rc = gsp__text_open(&table, file, &own, error);
    if (!rc) rc = gsp__text_assign(&table, error);
    if (!rc) rc = read_rows(&table, error);
    if (!rc) rc = expand(&table, error);
    if (!rc) rc = settle(&table, dataset, error);
    gsp__text_clear(&table);
    return rc;
}

/* ---- labels alone ---- */

static int assign_labels(struct gsp__text *table, struct gsp_error *error)
{
    if (table->field_count != 1)
        return gsp_error_set(error, GSP_ERR_DATA, "%s: %zu columns, but a file of labels has one label a line",
                             table->file->name, table->field_count);
    table->fields = gsp_alloc(1, sizeof *table->fields);
    if (!table->fields || (!table->like && !(table->schema = gsp_alloc(1, sizeof *table->schema))))
        return gsp__text_no_memory(table, error);
    table->fields->slot = GSP__SLOT_TARGET;
    return 0;
}

int gsp__csv_targets(double **targets, size_t *count, struct gsp__column *classes, const struct gsp_file *file,
                     const struct gsp__want *want, struct gsp_error *error)
{
    struct gsp__text table;
    /* Their rows belong to those of another file: none can be left out. */
    const struct gsp__want all = {
        .targets = true, .alone = want->alone, .like = want->like, .like_name = want->like_name};
    int rc = gsp__text_open(&table, file, &all, error);
    if (!rc) rc = assign_labels(&table, error);
    if (!rc) rc = read_rows(&table, error);
    if (!rc) {
        *targets = table.targets;
        *count = table.rows;
        table.targets = NULL;
    }
    if (!rc && table.schema) {
        *classes = table.schema->target;
        table.schema->target = (struct gsp__column){0};
    }
    gsp__text_clear(&table);
    return rc;
}
