/* What separates the fields of a text table, and whether its decimals are commas: from its first records. */
#include "records.h"

#include <string.h>

enum { LOOKED_AT = 50, CANDIDATES = 3 };
/* In this order: a table with tabs or semicolons may hold commas as decimals or in words, rarely the other way round.
 */
static const char candidates[CANDIDATES] = {'\t', ';', ','};

/* How often each candidate occurs in the first records, outside quotes. */
struct counts {
    size_t records;
    size_t first[CANDIDATES];
    bool alike[CANDIDATES]; /* as often in every record */
    bool blanks;            /* every record has white space between words */
};

/* Counts in one record from `at` on, which ends in a line that is outside quotes; returns where the next begins. */
static const char *count_record(struct counts *counts, const char *at, const char *end)
{
    size_t found[CANDIDATES] = {0};
    bool inside = false, word = false, gap = false, blanks = false;
    for (; at < end && (inside || *at != '\n'); at++) {
        inside ^= *at == '"';
        if (inside) continue;
        for (int i = 0; i < CANDIDATES; i++) found[i] += *at == candidates[i];
        bool blank = *at == ' ' || *at == '\t' || *at == '\r';
        blanks |= !blank && gap;
        gap = blank && word;
        word |= !blank;
    }
    for (int i = 0; i < CANDIDATES; i++) {
        if (!counts->records) counts->first[i] = found[i];
        counts->alike[i] &= found[i] == counts->first[i];
    }
    counts->blanks &= blanks;
    counts->records++;
    return at < end ? at + 1 : end;
}

static void count(struct counts *counts, const char *at, const char *end)
{
    *counts = (struct counts){.alike = {true, true, true}, .blanks = true};
    while (at < end && counts->records < LOOKED_AT) {
        const char *first = at;
        while (first < end && (*first == ' ' || *first == '\t' || *first == '\r')) first++;
        if (first < end && *first != '\n' && *first != '#') {
            at = count_record(counts, at, end);
            continue;
        }
        const char *stop = memchr(first, '\n', (size_t)(end - first));
        at = stop ? stop + 1 : end;
    }
}

/* Whether fields such as 0,35 occur in the first records, but none with a point such as 0.35. */
static bool decimals_are_commas(const struct gsp__form *form, const struct gsp_file *file, bool *no_memory)
{
    struct gsp__records records;
    size_t commas = 0, points = 0, looked_at = 0;
    double ignored;
    gsp__records_init(&records, form, file);
    while (looked_at++ < LOOKED_AT && gsp__records_next(&records))
        for (size_t i = 0; i < records.count; i++) {
            const struct gsp__field *field = &records.fields[i];
            size_t length = (size_t)(field->end - field->begin);
            if (memchr(field->begin, ',', length))
                commas += gsp__field_read(form, field, &ignored) == GSP__FIELD_NUMBER;
            else if (memchr(field->begin, '.', length))
                points += gsp__field_read(form, field, &ignored) == GSP__FIELD_NUMBER;
        }
    *no_memory = records.no_memory;
    gsp__records_clear(&records);
    return commas && !points;
}

int gsp__form_find(struct gsp__form *form, const struct gsp_file *file)
{
    struct gsp__lines lines;
    struct counts counts;
    bool no_memory = false;
    gsp__lines_init(&lines, file);
    count(&counts, lines.next, lines.end);
    *form = (struct gsp__form){.separator = 0, .quotes = memchr(lines.next, '"', (size_t)(lines.end - lines.next))};
    for (int i = 0; i < CANDIDATES && !form->separator; i++)
        if (counts.first[i] && counts.alike[i]) form->separator = candidates[i];
    /* Some record has too many or too few, which reading it will tell; but tabs here and there are white space. */
    for (int i = CANDIDATES; i-- > 1 && !form->separator;)
        if (counts.first[i]) form->separator = candidates[i];
    if (!form->separator) form->separator = counts.records && counts.blanks ? ' ' : ',';
    if (form->separator == ',') return 0;
    form->decimal_comma = true;
    form->decimal_comma = decimals_are_commas(form, file, &no_memory);
    return no_memory ? GSP_ERR_NOMEM : 0;
}
