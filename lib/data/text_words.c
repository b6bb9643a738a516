/* Columns of words: their different values, and in each row which of them it is. */
#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

/* The different values of a column, found by hash: a table of open addressing, a power of two in size. */
struct words {
    char **slots;
    size_t size, count;
};

static size_t place(const struct words *words, const char *text)
{
    size_t at = (size_t)XXH3_64bits(text, strlen(text)) & (words->size - 1);
    while (words->slots[at] && strcmp(words->slots[at], text) != 0) at = (at + 1) & (words->size - 1);
    return at;
}

static bool grow(struct words *words)
{
    struct words larger = {.size = words->size ? 2 * words->size : 64, .count = words->count};
    if (!(larger.slots = gsp_alloc(larger.size, sizeof *larger.slots))) return false;
    for (size_t i = 0; i < words->size; i++)
        if (words->slots[i]) larger.slots[place(&larger, words->slots[i])] = words->slots[i];
    free(words->slots);
    *words = larger;
    return true;
}

/* Takes the text. */
static bool add(struct words *words, char *text)
{
    if (!text || (2 * words->count >= words->size && !grow(words))) {
        free(text);
        return false;
    }
    char **slot = &words->slots[place(words, text)];
    if (*slot) {
        free(text);
    } else {
        *slot = text;
        words->count++;
    }
    return true;
}

static void clear(struct words *words)
{
    for (size_t i = 0; i < words->size; i++) free(words->slots[i]);
    free(words->slots);
}

static int ascending(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Hands the values over to the column. */
static bool settle(struct words *words, struct gsp__column *column)
{
    column->values = gsp_alloc(words->count + 1, sizeof *column->values);
    if (!column->values) return false;
    for (size_t i = 0; i < words->size; i++) {
        if (words->slots[i]) column->values[column->value_count++] = words->slots[i];
        words->slots[i] = NULL;
    }
    qsort(column->values, column->value_count, sizeof *column->values, ascending);
    return true;
}

static const struct gsp__column *column_of(const struct gsp_schema *schema, ptrdiff_t slot)
{
    return slot == GSP__SLOT_TARGET ? &schema->target : &schema->columns[slot];
}

static bool missing(const struct gsp__records *records, size_t i)
{
    double ignored;
    return gsp__field_read(&records->form, &records->fields[i], &ignored) == GSP__FIELD_MISSING;
}

static int too_many(const struct gsp__text *table, size_t i, struct gsp_error *error)
{
    char name[128];
    return gsp_error_set(
        error, GSP_ERR_DATA,
        "%s: %s has more than %d different words ('%s', ...): that is no category but a name or an identifier; "
        "leave it out (Drop = %zu)",
        table->file->name, gsp__text_name(table, i, name), GSP_CATEGORIES_MAX, table->fields[i].word, i + 1);
}

/* Another word in most rows tells nothing of rows that come later. */
static int identifier(const struct gsp__text *table, size_t i, size_t words, struct gsp_error *error)
{
    char name[128];
    return gsp_error_set(
        error, GSP_ERR_DATA,
        "%s: %s has %zu different words ('%s', ...) in %zu rows: that is no category but a name, a date or an "
        "identifier; leave it out (Drop = %zu)",
        table->file->name, gsp__text_name(table, i, name), words, table->fields[i].word, table->rows, i + 1);
}

static int judge(const struct gsp__text *table, size_t i, size_t words, struct gsp_error *error)
{
    enum { FEW = 8 };
    if (words > GSP_CATEGORIES_MAX) return too_many(table, i, error);
    return words > FEW && 2 * words > table->rows ? identifier(table, i, words, error) : 0;
}

static int collect(struct gsp__text *table, size_t i, struct gsp_error *error)
{
    struct words words = {0};
    struct gsp__records records;
    bool ok = true;
    const ptrdiff_t slot = table->fields[i].slot;
    struct gsp__column *column = slot == GSP__SLOT_TARGET ? &table->schema->target : &table->schema->columns[slot];
    gsp__text_rewind(table, &records);
    while (ok && words.count <= GSP_CATEGORIES_MAX && gsp__records_next(&records))
        if (!missing(&records, i)) ok = add(&words, gsp__field_text(&records.fields[i]));
    ok &= !records.no_memory;
    gsp__records_clear(&records);
    int rc = ok ? judge(table, i, words.count, error) : 0;
    if (!rc && (!ok || !settle(&words, column))) rc = gsp__text_no_memory(table, error);
    clear(&words);
    return rc;
}

static int unknown_class(const struct gsp__text *table, size_t line, const char *text, struct gsp_error *error)
{
    char shown[48];
    gsp__excerpt(shown, sizeof shown, text, text + strlen(text));
    return gsp_error_set(error, GSP_ERR_DATA, "%s:%zu: the target is '%s', which no row of %.200s has",
                         table->file->name, line, shown, table->want->like_name);
}

/* The index of the field's word. One that is unknown is, as a feature, none of them. */
static int index_of(const struct gsp__text *table, const struct gsp__records *records, size_t i,
                    const struct gsp__column *column, double *index, struct gsp_error *error)
{
    char *text = gsp__field_text(&records->fields[i]);
    if (!text) return gsp__text_no_memory(table, error);
    size_t value = gsp__column_value(column, text);
    *index = (double)value;
    int rc = value == column->value_count && table->fields[i].slot == GSP__SLOT_TARGET
                 ? unknown_class(table, records->line, text, error)
                 : 0;
    free(text);
    return rc;
}

static int number(struct gsp__text *table, size_t i, const struct gsp__column *column, struct gsp_error *error)
{
    struct gsp__records records;
    int rc = 0;
    const ptrdiff_t slot = table->fields[i].slot;
    gsp__text_rewind(table, &records);
    for (size_t row = 0; !rc && gsp__records_next(&records); row++) {
        double *out =
            slot == GSP__SLOT_TARGET ? &table->targets[row] : &table->values[row * table->stride + (size_t)slot];
        if (missing(&records, i))
            *out = NAN;
        else
            rc = index_of(table, &records, i, column, out, error);
    }
    if (!rc && records.no_memory) rc = gsp__text_no_memory(table, error);
    gsp__records_clear(&records);
    return rc;
}

static int other_kind(const struct gsp__text *table, size_t i, struct gsp_error *error)
{
    char name[128];
    return gsp_error_set(error, GSP_ERR_DATA, "%s:%zu: %s is '%s', but a number in %.200s", table->file->name,
                         table->fields[i].first_word, gsp__text_name(table, i, name), table->fields[i].word,
                         table->want->like_name);
}

int gsp__text_number_words(struct gsp__text *table, struct gsp_error *error)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < table->field_count; i++) {
        const struct gsp__text_field *field = &table->fields[i];
        if (field->slot == GSP__SLOT_NOWHERE) continue;
        if (!table->like && field->words) rc = collect(table, i, error);
        const struct gsp__column *column =
            rc ? NULL : column_of(table->like ? table->like : table->schema, field->slot);
        if (rc) break;
        if (column->values)
            rc = number(table, i, column, error);
        else if (field->words)
            rc = other_kind(table, i, error);
    }
    return rc;
}
