/* The numbers of a text table, in one pass; what is missing and what is a word is counted, and NaN for now. */
#include "text.h"

#include <math.h>
#include <stdlib.h>

static void note_word(struct gsp__text_field *column, size_t line, const struct gsp__field *field)
{
    if (!column->words++) {
        column->first_word = line;
        gsp__excerpt(column->word, sizeof column->word, field->begin, field->end);
    }
}

static double read_field(const struct gsp__records *records, size_t i, struct gsp__text_field *column)
{
    double value;
    switch (gsp__field_read(&records->form, &records->fields[i], &value)) {
    case GSP__FIELD_NUMBER:
        column->numbers++;
        return value;
    case GSP__FIELD_INFINITE:
        if (!column->first_infinite) column->first_infinite = records->line;
        break;
    case GSP__FIELD_MISSING:
        if (!column->missing++) column->first_missing = records->line;
        break;
    case GSP__FIELD_WORD:
        note_word(column, records->line, &records->fields[i]);
        break;
    }
    return NAN;
}

static int other_width(const struct gsp__text *table, const struct gsp__records *records, struct gsp_error *error)
{
    if (records->unclosed)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "%s:%zu: a quote is opened and never closed: close it, or write it twice",
                             table->file->name, records->unclosed);
    return gsp_error_set(
        error, GSP_ERR_DATA, "%s:%zu: %zu column%s, but the lines before have %zu: every row needs as many",
        table->file->name, records->line, records->count, records->count == 1 ? "" : "s", table->field_count);
}

static void fill_row(struct gsp__text *table, const struct gsp__records *records, size_t row)
{
    double *values = table->values ? table->values + row * table->stride : NULL;
    for (size_t i = 0; i < table->field_count; i++) {
        struct gsp__text_field *column = &table->fields[i];
        if (column->slot == GSP__SLOT_NOWHERE) continue;
        double value = read_field(records, i, column);
        if (column->slot == GSP__SLOT_TARGET)
            table->targets[row] = value;
        else if (values) /* not of labels alone */
            values[column->slot] = value;
    }
}

static size_t feature_count(const struct gsp__text *table)
{
    return table->like ? table->like->count : table->schema ? table->schema->count : 0;
}

int gsp__text_fill(struct gsp__text *table, struct gsp_error *error)
{
    struct gsp__records records;
    size_t columns = feature_count(table), row = 0;
    table->stride = columns + table->want->bias;
    if ((columns && !(table->values = gsp__matrix(GSP_FLOAT64, table->rows, table->stride))) ||
        (table->want->targets && !(table->targets = gsp__matrix(GSP_FLOAT64, table->rows, 1))))
        return gsp__text_no_memory(table, error);
    gsp__text_rewind(table, &records);
    int rc = 0;
    for (; !rc && gsp__records_next(&records); row++) {
        if (records.count != table->field_count)
            rc = other_width(table, &records, error);
        else
            fill_row(table, &records, row);
    }
    if (!rc && records.no_memory) rc = gsp__text_no_memory(table, error);
    gsp__records_clear(&records);
    for (row = 0; !rc && table->want->bias && row < table->rows; row++)
        table->values[row * table->stride + columns] = 1;
    return rc;
}
