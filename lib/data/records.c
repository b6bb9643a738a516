/* Records of a text table: separators, quotes, comments; and what a field holds. */
#include "records.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

void gsp__records_init(struct gsp__records *records, const struct gsp__form *form, const struct gsp_file *file)
{
    struct gsp__lines lines;
    gsp__lines_init(&lines, file);
    *records = (struct gsp__records){.form = *form, .next = lines.next, .end = lines.end};
}

void gsp__records_clear(struct gsp__records *records)
{
    free(records->fields);
    records->fields = NULL;
    records->room = 0;
}

static bool add_field(struct gsp__records *records, const char *begin, const char *end, bool quoted)
{
    if (records->count == records->room) {
        size_t room = records->room ? 2 * records->room : 32;
        struct gsp__field *more = realloc(records->fields, room * sizeof *more);
        if (!more) {
            records->no_memory = true;
            return false;
        }
        records->fields = more;
        records->room = room;
    }
    records->fields[records->count++] = (struct gsp__field){begin, end, quoted};
    return true;
}

static bool add_trimmed(struct gsp__records *records, const char *begin, const char *end)
{
    while (begin < end && is_blank(*begin)) begin++;
    while (begin < end && is_blank(end[-1])) end--;
    return add_field(records, begin, end, false);
}

/* The quote that ends a field which `begin` stands in, or the end of the text where none does. */
static const char *closing_quote(const char *begin, const char *end)
{
    for (;;) {
        const char *quote = memchr(begin, '"', (size_t)(end - begin));
        if (!quote) return end;
        if (quote + 1 < end && quote[1] == '"')
            begin = quote + 2;
        else
            return quote;
    }
}

static size_t newlines(const char *begin, const char *end)
{
    size_t count = 0;
    for (; (begin = memchr(begin, '\n', (size_t)(end - begin))); begin++) count++;
    return count;
}

/* One field of a record with quotes; *at moves behind it and its separator. Sets *last at the end of the record. */
static bool quoted_field(struct gsp__records *records, const char **at, bool *last)
{
    const char separator = records->form.separator, *end = records->end, *begin = *at, *stop;
    while (begin < end && is_blank(*begin) && *begin != separator) begin++;
    bool quoted = begin < end && *begin == '"';
    if (quoted) {
        stop = closing_quote(++begin, end);
        if (stop == end && !records->unclosed) records->unclosed = records->lines_read;
        records->lines_read += newlines(begin, stop);
        if (!add_field(records, begin, stop, true)) return false;
        begin = stop < end ? stop + 1 : end;
    }
    for (stop = begin; stop < end && *stop != '\n' && *stop != separator; stop++) continue;
    if (!quoted && !add_trimmed(records, begin, stop)) return false;
    *last = stop == end || *stop == '\n';
    *at = stop < end ? stop + 1 : end;
    return true;
}

/* White space around a field separates nothing there. */
static bool split_blanks(struct gsp__records *records, const char *begin, const char *end)
{
    while (begin < end) {
        while (begin < end && is_blank(*begin)) begin++;
        const char *stop = begin;
        while (stop < end && !is_blank(*stop)) stop++;
        bool quoted = stop - begin >= 2 && *begin == '"' && stop[-1] == '"';
        if (stop > begin && !add_field(records, begin + quoted, stop - quoted, quoted)) return false;
        begin = stop;
    }
    return true;
}

static bool split_plain(struct gsp__records *records, const char *begin, const char *end)
{
    for (;;) {
        const char *stop = memchr(begin, records->form.separator, (size_t)(end - begin));
        if (!add_trimmed(records, begin, stop ? stop : end)) return false;
        if (!stop) return true;
        begin = stop + 1;
    }
}

/* The next line that is neither blank nor a comment; false at the end. */
static bool next_line(struct gsp__records *records, const char **begin, const char **end)
{
    while (records->next < records->end) {
        const char *stop = memchr(records->next, '\n', (size_t)(records->end - records->next));
        *begin = records->next;
        *end = stop ? stop : records->end;
        records->next = stop ? stop + 1 : records->end;
        records->line = ++records->lines_read;
        const char *first = *begin;
        while (first < *end && is_blank(*first)) first++;
        if (first < *end && *first != '#') return true;
    }
    return false;
}

bool gsp__records_next(struct gsp__records *records)
{
    const char *begin, *end;
    bool last = false;
    records->count = 0;
    if (!next_line(records, &begin, &end)) return false;
    if (records->form.separator == ' ') return split_blanks(records, begin, end);
    if (!records->form.quotes) return split_plain(records, begin, end);
    while (!last)
        if (!quoted_field(records, &begin, &last)) return false;
    records->next = begin;
    return true;
}

size_t gsp__records_count(struct gsp__records *records)
{
    const char *begin, *end;
    size_t count = 0;
    if (records->form.quotes && records->form.separator != ' ')
        while (gsp__records_next(records)) count++;
    else
        while (next_line(records, &begin, &end)) count++;
    return count;
}

static bool stands_for_nothing(const char *begin, size_t length)
{
    static const char *const marks[] = {"?", "NA",   "N/A",  "#N/A", "nan",    "-nan",    "<NA>",
                                        ".", "null", "None", "NaT",  "#NULL!", "#DIV/0!", "missing"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strlen(marks[i]) == length && strncasecmp(marks[i], begin, length) == 0) return true;
    return length == 0;
}

/* 0,35: the comma becomes a point in a copy. */
static bool comma_number(const struct gsp__field *field, double *value)
{
    char copy[64];
    size_t length = (size_t)(field->end - field->begin);
    const char *comma = memchr(field->begin, ',', length);
    if (!comma || length >= sizeof copy || memchr(field->begin, '.', length)) return false;
    memcpy(copy, field->begin, length);
    copy[comma - field->begin] = '.';
    return gsp__scan_number(copy, copy + length, value) == copy + length;
}

static bool truth(const struct gsp__field *field, double *value)
{
    size_t length = (size_t)(field->end - field->begin);
    bool yes = length == 4 && strncasecmp(field->begin, "true", 4) == 0;
    *value = yes;
    return yes || (length == 5 && strncasecmp(field->begin, "false", 5) == 0);
}

enum gsp__field_kind gsp__field_read(const struct gsp__form *form, const struct gsp__field *field, double *value)
{
    const char *after = gsp__scan_number(field->begin, field->end, value);
    if (after && after == field->end && !isnan(*value))
        return isfinite(*value) ? GSP__FIELD_NUMBER : GSP__FIELD_INFINITE;
    if (stands_for_nothing(field->begin, (size_t)(field->end - field->begin))) return GSP__FIELD_MISSING;
    if (form->decimal_comma && comma_number(field, value) && isfinite(*value)) return GSP__FIELD_NUMBER;
    return truth(field, value) ? GSP__FIELD_NUMBER : GSP__FIELD_WORD;
}

char *gsp__field_text(const struct gsp__field *field)
{
    char *text = gsp_alloc((size_t)(field->end - field->begin) + 1, 1), *out = text;
    if (!text) return NULL;
    for (const char *at = field->begin; at < field->end; at++) {
        *out++ = *at;
        if (field->quoted && *at == '"' && at + 1 < field->end && at[1] == '"') at++;
    }
    *out = 0;
    return text;
}
