/* Which column of a text table is the target, which are features, and which are left out: by Label and Drop, or as in a
 * table that was read before. */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The column that a word of Label or Drop means: a name, or else a number from 1. Negative: none. */
static ptrdiff_t find_column(const struct gsp__text *table, const char *word)
{
    uint64_t number;
    for (size_t i = 0; table->names && i < table->field_count; i++)
        if (strcmp(table->names[i], word) == 0) return (ptrdiff_t)i;
    for (size_t i = 0; table->names && i < table->field_count; i++)
        if (strcasecmp(table->names[i], word) == 0) return (ptrdiff_t)i;
    if (!gsp_count_parse(&number, word) && number >= 1 && number <= table->field_count) return (ptrdiff_t)number - 1;
    return -1;
}

static int no_column(const struct gsp__text *table, const char *key, const char *word, struct gsp_error *error)
{
    const char *near = table->names ? gsp_suggest(word, (const char *const *)table->names) : NULL;
    if (!table->names)
        return gsp_error_set(
            error, GSP_ERR_DATA,
            "%s: %s = %.80s: its columns have no names, as its first line is a row; give a number from 1 to "
            "%zu",
            table->file->name, key, word, table->field_count);
    return gsp_error_set(error, GSP_ERR_DATA, "%s:%zu: %s = %.80s: no column is called that%s%.80s%s",
                         table->file->name, table->header_line, key, word, near ? "; did you mean " : "",
                         near ? near : "", near ? "?" : "");
}

/* The next word of a list whose words are separated by blanks, commas or semicolons; quotes around what holds these.
 * False at the end. */
static bool next_word(const char **list, char *word, size_t size)
{
    static const char between[] = " \t,;";
    const char *begin = *list + strspn(*list, between);
    if (!*begin) return false;
    bool quoted = *begin == '"';
    begin += quoted;
    size_t length = quoted ? strcspn(begin, "\"") : strcspn(begin, between);
    snprintf(word, size, "%.*s", (int)(length < size ? length : size - 1), begin);
    *list = begin + length + (quoted && begin[length]);
    return true;
}

static int drop(struct gsp__text *table, struct gsp_error *error)
{
    const char *list = table->want->drop ? table->want->drop : "";
    char word[256];
    ptrdiff_t whole = *list ? find_column(table, list) : -1; /* one name that holds blanks */
    if (whole >= 0) {
        table->fields[whole].slot = GSP__SLOT_NOWHERE;
        return 0;
    }
    while (next_word(&list, word, sizeof word)) {
        ptrdiff_t found = find_column(table, word);
        if (found < 0) return no_column(table, "Drop", word, error);
        table->fields[found].slot = GSP__SLOT_NOWHERE;
    }
    return 0;
}

static int label(struct gsp__text *table, struct gsp_error *error)
{
    ptrdiff_t found = (ptrdiff_t)table->field_count - 1;
    if (!table->want->targets) return 0;
    if (table->want->label) {
        found = find_column(table, table->want->label);
        if (found < 0) return no_column(table, "Label", table->want->label, error);
    }
    while (!table->want->label && found > 0 && table->fields[found].slot == GSP__SLOT_NOWHERE) found--;
    if (table->fields[found].slot == GSP__SLOT_NOWHERE)
        return gsp_error_set(error, GSP_ERR_DATA, "%s: its target, column %td, is named in Drop, too",
                             table->file->name, found + 1);
    table->fields[found].slot = GSP__SLOT_TARGET;
    return 0;
}

static char *copy_name(const struct gsp__text *table, size_t i, bool *failed)
{
    char *copy = table->names ? gsp_strdup(table->names[i]) : NULL;
    *failed |= table->names && !copy;
    return copy;
}

/* The schema of this table: what is left, in its order. */
static int new_schema(struct gsp__text *table, struct gsp_error *error)
{
    struct gsp_schema *schema = table->schema = gsp_alloc(1, sizeof *schema);
    bool failed = !schema || !(schema->columns = gsp_alloc(table->field_count, sizeof *schema->columns));
    for (size_t i = 0; !failed && i < table->field_count; i++) {
        if (table->fields[i].slot == GSP__SLOT_NOWHERE) continue;
        if (table->fields[i].slot == GSP__SLOT_TARGET) {
            schema->target.name = copy_name(table, i, &failed);
        } else {
            table->fields[i].slot = (ptrdiff_t)schema->count;
            schema->columns[schema->count++].name = copy_name(table, i, &failed);
        }
    }
    if (failed) return gsp__text_no_memory(table, error);
    if (schema->count) return 0;
    return gsp_error_set(error, GSP_ERR_DATA,
                         "%s: no features: of its %zu column%s one is the target%s, and features must stand beside it",
                         table->file->name, table->field_count, table->field_count == 1 ? "" : "s",
                         table->want->drop ? " and the others are dropped" : "");
}

/* ---- as in a table before ---- */

/* Of columns of the same name each is taken once, in their order. */
static int by_name(struct gsp__text *table, const struct gsp__column *column, ptrdiff_t slot, struct gsp_error *error)
{
    for (size_t i = 0; i < table->field_count; i++)
        if (table->fields[i].slot == GSP__SLOT_NOWHERE && strcmp(table->names[i], column->name) == 0) {
            table->fields[i].slot = slot;
            return 0;
        }
    return gsp_error_set(error, GSP_ERR_DATA,
                         "%s:%zu: no column is called '%.80s', as one of %.200s is: they must be of one kind",
                         table->file->name, table->header_line, column->name, table->want->like_name);
}

static int match_names(struct gsp__text *table, struct gsp_error *error)
{
    const struct gsp_schema *like = table->like;
    for (size_t i = 0; i < table->field_count; i++) table->fields[i].slot = GSP__SLOT_NOWHERE;
    for (size_t i = 0; i < like->count; i++) {
        int rc = by_name(table, &like->columns[i], (ptrdiff_t)i, error);
        if (rc) return rc;
    }
    return table->want->targets ? by_name(table, &like->target, GSP__SLOT_TARGET, error) : 0;
}

/* Whether the columns, and the target where one is wanted, can be found by the names that they had before. */
static bool has_names(const struct gsp__text *table)
{
    const struct gsp_schema *like = table->like;
    if (!like || !table->names || (table->want->targets && !like->target.name)) return false;
    for (size_t i = 0; i < like->count; i++)
        if (!like->columns[i].name) return false;
    return true;
}

static int match_places(struct gsp__text *table, struct gsp_error *error)
{
    const struct gsp_schema *like = table->like;
    size_t slot = 0;
    for (size_t i = 0; i < table->field_count; i++)
        if (table->fields[i].slot >= 0) table->fields[i].slot = (ptrdiff_t)slot++;
    if (slot == like->count) return 0;
    return gsp_error_set(error, GSP_ERR_DATA, "%s has %zu columns and %.200s has %zu: they must be of one kind",
                         table->file->name, slot, table->want->like_name, like->count);
}

int gsp__text_assign(struct gsp__text *table, struct gsp_error *error)
{
    table->fields = gsp_alloc(table->field_count, sizeof *table->fields);
    if (!table->fields) return gsp__text_no_memory(table, error);
    if (has_names(table)) return match_names(table, error);
    int rc = drop(table, error);
    if (!rc) rc = label(table, error);
    if (!rc) rc = table->like ? match_places(table, error) : new_schema(table, error);
    return rc;
}
