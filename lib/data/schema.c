/* Schemas: what the columns of a table are. */
#include "schema.h"

#include <stdlib.h>
#include <string.h>

#define XXH_STATIC_LINKING_ONLY /* a state on the stack */
#include <xxhash.h>

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

static void add(XXH3_state_t *state, const struct gsp__column *column)
{
    const char *name = column->name ? column->name : "";
    XXH3_64bits_update(state, name, strlen(name) + 1);
    for (size_t i = 0; i < column->value_count; i++)
        XXH3_64bits_update(state, column->values[i], strlen(column->values[i]) + 1);
    XXH3_64bits_update(state, "", 1);
}

uint64_t gsp__schema_digest(const struct gsp_schema *schema)
{
    XXH3_state_t state;
    if (!schema->count || !schema->columns[0].name) return 0;
    XXH3_INITSTATE(&state);
    XXH3_64bits_reset(&state);
    for (size_t i = 0; i < schema->count; i++) add(&state, &schema->columns[i]);
    add(&state, &schema->target);
    uint64_t digest = XXH3_64bits_digest(&state);
    return digest ? digest : 1;
}

void gsp_schema_free(struct gsp_schema *schema)
{
    if (!schema) return;
    for (size_t i = 0; i < schema->count; i++) gsp__column_clear(&schema->columns[i]);
    gsp__column_clear(&schema->target);
    free(schema->columns);
    free(schema);
}
