/* Schemas: what the columns of a table are. */
#include "schema.h"

#include <stdlib.h>
#include <string.h>

size_t gsp__schema_width(const struct gsp_schema *schema)
{
    size_t width = 0;
    for (size_t i = 0; i < schema->count; i++) width += schema->columns[i].values ? schema->columns[i].value_count : 1;
    return width;
}

static int by_bytes(const void *key, const void *element)
{
    return strcmp(key, *(char *const *)element);
}

size_t gsp__column_value(const struct gsp__column *column, const char *text)
{
    char **found = bsearch(text, column->values, column->value_count, sizeof *column->values, by_bytes);
    return found ? (size_t)(found - column->values) : column->value_count;
}

void gsp__column_clear(struct gsp__column *column)
{
    for (size_t i = 0; i < column->value_count; i++) free(column->values[i]);
    free(column->values);
    free(column->name);
    *column = (struct gsp__column){0};
}

void gsp_schema_free(struct gsp_schema *schema)
{
    if (!schema) return;
    for (size_t i = 0; i < schema->count; i++) gsp__column_clear(&schema->columns[i]);
    gsp__column_clear(&schema->target);
    free(schema->columns);
    free(schema);
}
