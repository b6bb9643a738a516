/* What is made of a text table's missing values and stray words. */
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool used(const struct gsp__text_field *column)
{
    return column->slot != GSP__SLOT_NOWHERE;
}

/* Few words among numbers are mistakes; many are names that happen to look like numbers. */
static bool has_strays(const struct gsp__text_field *column)
{
    return column->words && column->numbers > 9 * column->words;
}

static int strays(const struct gsp__text *table, size_t i, struct gsp_error *error)
{
    const struct gsp__text_field *column = &table->fields[i];
    char name[128];
    return gsp_error_set(
        error, GSP_ERR_DATA,
        "%s:%zu: %s is '%s', but a number in %zu other rows: correct it, or leave the row or the column out "
        "(Drop = %zu)",
        table->file->name, column->first_word, gsp__text_name(table, i, name), column->word, column->numbers, i + 1);
}

static int nothing_there(const struct gsp__text *table, size_t i, struct gsp_error *error)
{
    char name[128];
    return gsp_error_set(error, GSP_ERR_DATA, "%s: %s is empty in all rows: leave it out (Drop = %zu)",
                         table->file->name, gsp__text_name(table, i, name), i + 1);
}

static int words_of_many(const struct gsp__text *table, size_t i, struct gsp_error *error)
{
    const struct gsp__text_field *column = &table->fields[i];
    char name[128];
    return gsp_error_set(
        error, GSP_ERR_DATA,
        "%s:%zu: %s is '%s', no number. Nodes that read files of their own have no common numbering of words "
        "yet: write numbers for them, the same on every host%s",
        table->file->name, column->first_word, gsp__text_name(table, i, name), column->word,
        column->slot == GSP__SLOT_TARGET ? "" : ", or leave the column out (Drop)");
}

/* "3 in column 2 'age' (first in line 7), 11 in ..." */
static int refuse_missing(const struct gsp__text *table, struct gsp_error *error)
{
    char text[700] = "", name[128];
    size_t missing = 0, length = 0, columns = 0, line = 0;
    for (size_t i = 0; i < table->field_count; i++) {
        const struct gsp__text_field *column = &table->fields[i];
        if (!used(column) || !column->missing) continue;
        missing += column->missing;
        if (!line || column->first_missing < line) line = column->first_missing;
        if (++columns > 6 || length + 200 > sizeof text) continue;
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%zu in %s (first in line %zu)",
                                   columns > 1 ? ", " : "", column->missing, gsp__text_name(table, i, name),
                                   column->first_missing);
    }
    return gsp_error_set(
        error, GSP_ERR_DATA,
        "%s:%zu: %zu value%s missing: %s%s. Fill them in, or leave these rows out (Missing = drop, missing=drop in "
        "--data) or their columns (Drop, drop)",
        table->file->name, line, missing, missing == 1 ? " is" : "s are", text, columns > 6 ? ", and more" : "");
}

static int infinite(const struct gsp__text *table, size_t i, struct gsp_error *error)
{
    char name[128];
    return gsp_error_set(error, GSP_ERR_DATA,
                         "%s:%zu: %s is infinite: every number must be finite; correct it or drop the row",
                         table->file->name, table->fields[i].first_infinite, gsp__text_name(table, i, name));
}

int gsp__text_judge(struct gsp__text *table, struct gsp_error *error)
{
    bool missing = false;
    for (size_t i = 0; i < table->field_count; i++) {
        const struct gsp__text_field *column = &table->fields[i];
        if (!used(column)) continue;
        if (column->first_infinite) return infinite(table, i, error);
        if (!column->numbers && !column->words) return nothing_there(table, i, error);
        if (!table->like && has_strays(column)) return strays(table, i, error);
        if (column->words && !table->want->alone) return words_of_many(table, i, error);
        missing |= column->missing;
    }
    return missing && table->want->missing == GSP_MISSING_REFUSE ? refuse_missing(table, error) : 0;
}

static bool complete(const struct gsp__text *table, size_t row)
{
    for (size_t column = 0; table->values && column < table->stride; column++)
        if (isnan(table->values[row * table->stride + column])) return false;
    return !table->targets || !isnan(table->targets[row]);
}

void gsp__text_drop_rows(struct gsp__text *table)
{
    size_t kept = 0;
    for (size_t row = 0; row < table->rows; row++) {
        if (!complete(table, row)) continue;
        if (kept < row && table->values)
            memcpy(table->values + kept * table->stride, table->values + row * table->stride,
                   table->stride * sizeof *table->values);
        if (table->targets) table->targets[kept] = table->targets[row];
        kept++;
    }
    table->rows = kept;
}
