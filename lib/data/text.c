/* Opening a text table: its form, whether its first record is a header, and how many rows there are. */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int gsp__text_no_memory(const struct gsp__text *table, struct gsp_error *error)
{
    return gsp_error_set(error, GSP_ERR_NOMEM, "%s: no memory for its %zu rows of %zu columns; cut it into shards",
                         table->file->name, table->rows, table->field_count);
}

const char *gsp__text_name(const struct gsp__text *table, size_t i, char out[128])
{
    char shown[64];
    if (!table->names) {
        snprintf(out, 128, "column %zu", i + 1);
        return out;
    }
    gsp__excerpt(shown, sizeof shown, table->names[i], table->names[i] + strlen(table->names[i]));
    snprintf(out, 128, "column %zu '%s'", i + 1, shown);
    return out;
}

void gsp__text_rewind(const struct gsp__text *table, struct gsp__records *records)
{
    gsp__records_init(records, &table->form, table->file);
    if (table->header) gsp__records_next(records);
}

/* ---- is the first record a header? ---- */

/* What the records behind the first hold in one column. */
struct below {
    size_t numbers, words;
    bool recurs; /* the first record's word */
};

static bool same_text(const struct gsp__field *field, const char *text)
{
    size_t length = strlen(text);
    return (size_t)(field->end - field->begin) == length && memcmp(field->begin, text, length) == 0;
}

static void look_below(struct gsp__records *records, char **first, size_t count, struct below *below)
{
    enum { LOOKED_AT = 1000 };
    double ignored;
    for (size_t row = 0; row < LOOKED_AT && gsp__records_next(records); row++)
        for (size_t i = 0; i < records->count && i < count; i++) {
            enum gsp__field_kind kind = gsp__field_read(&records->form, &records->fields[i], &ignored);
            below[i].numbers += kind == GSP__FIELD_NUMBER;
            below[i].words += kind == GSP__FIELD_WORD;
            below[i].recurs |= kind == GSP__FIELD_WORD && same_text(&records->fields[i], first[i]);
        }
}

/* A first record is a header where it has a word above numbers; where it holds words alone, above words of which fewer
 * than half are the same word; and where it counts 0, 1, 2, ... in three columns or more. */
static bool is_header(const struct gsp__form *form, char **first, size_t count, const struct below *below)
{
    size_t above_numbers = 0, named = 0, words = 0, recurring = 0, counted = 0;
    for (size_t i = 0; i < count; i++) {
        const struct gsp__field field = {first[i], first[i] + strlen(first[i]), false};
        double value = -1;
        enum gsp__field_kind kind = gsp__field_read(form, &field, &value);
        counted += kind == GSP__FIELD_NUMBER && value == (double)i;
        named += kind != GSP__FIELD_MISSING; /* that of an index may be empty */
        if (kind != GSP__FIELD_WORD) continue;
        words++;
        above_numbers += below[i].numbers > below[i].words;
        recurring += below[i].recurs;
    }
    return above_numbers || (words && words == named && 2 * recurring < words) || (counted == count && count >= 3);
}

static int copy_fields(char ***out, const struct gsp__records *records)
{
    char **texts = gsp_alloc(records->count + 1, sizeof *texts);
    if (!texts) return GSP_ERR_NOMEM;
    *out = texts;
    for (size_t i = 0; i < records->count; i++)
        if (!(texts[i] = gsp__field_text(&records->fields[i]))) return GSP_ERR_NOMEM;
    return 0;
}

static int find_header(struct gsp__text *table, struct gsp__records *records)
{
    table->field_count = records->count;
    table->header_line = records->line;
    int rc = copy_fields(&table->names, records);
    struct below *below = gsp_alloc(records->count, sizeof *below);
    if (!rc && below) {
        look_below(records, table->names, table->field_count, below);
        table->header = is_header(&table->form, table->names, table->field_count, below);
    }
    free(below);
    return !rc && below && !records->no_memory ? 0 : GSP_ERR_NOMEM;
}

static void forget_names(struct gsp__text *table)
{
    for (size_t i = 0; table->names && i < table->field_count; i++) free(table->names[i]);
    free(table->names);
    table->names = NULL;
}

static int note_numbered(struct gsp__text *table)
{
    char line[600];
    if (!table->header || strcmp(table->names[0], "0") != 0) return 0;
    int length = snprintf(line, sizeof line, "%.400s:%zu: 0, 1, 2, ... is taken for a header\n", table->file->name,
                          table->header_line);
    return gsp_buffer_append(&table->notes, line, (size_t)length);
}

int gsp__text_open(struct gsp__text *table, const struct gsp_file *file, const struct gsp__want *want,
                   struct gsp_error *error)
{
    struct gsp__records records;
    *table = (struct gsp__text){.file = file, .want = want, .like = want->like};
    if (gsp__form_find(&table->form, file)) return gsp__text_no_memory(table, error);
    gsp__records_init(&records, &table->form, file);
    int rc = gsp__records_next(&records) ? find_header(table, &records) : records.no_memory ? GSP_ERR_NOMEM : 0;
    gsp__records_clear(&records);
    gsp__text_rewind(table, &records);
    if (!rc) table->rows = gsp__records_count(&records);
    if (records.no_memory) rc = GSP_ERR_NOMEM;
    gsp__records_clear(&records);
    if (!table->header) forget_names(table);
    if (!rc) rc = note_numbered(table);
    if (rc) return gsp__text_no_memory(table, error);
    if (table->rows) return 0;
    return gsp_error_set(error, GSP_ERR_DATA, "%s: no rows in it%s; one row a line is needed", file->name,
                         table->header ? " but the header" : "");
}

void gsp__text_clear(struct gsp__text *table)
{
    forget_names(table);
    free(table->fields);
    free(table->values);
    free(table->targets);
    gsp_schema_free(table->schema);
    gsp_buffer_clear(&table->notes);
}
