/* Weka's ARFF becomes a table with commas and a header, line by line, so that messages name the lines of the file.
 * Strings in single quotes get double ones. https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/ */
#include "internal.h"

#include <string.h>
#include <strings.h>

struct arff {
    const struct gsp_file *file;
    struct gsp_buffer *out;
    struct gsp_buffer names; /* the header that stands for the attributes */
    bool data, no_memory;
};

static void put(struct arff *arff, struct gsp_buffer *to, const char *text, size_t length)
{
    arff->no_memory |= gsp_buffer_append(to, text, length) != 0;
}

static bool word(const char **begin, const char *end, const char *text)
{
    size_t length = strlen(text);
    if ((size_t)(end - *begin) < length || strncasecmp(*begin, text, length) != 0) return false;
    *begin += length;
    return true;
}

static void skip_blanks(const char **begin, const char *end)
{
    while (*begin < end && (**begin == ' ' || **begin == '\t')) ++*begin;
}

/* A string that begins with the quote at *begin, as a field in double quotes; *begin moves behind it. False where it
 * does not end. */
static bool put_string(struct arff *arff, struct gsp_buffer *to, const char **begin, const char *end)
{
    const char quote = *(*begin)++;
    put(arff, to, "\"", 1);
    for (; *begin < end && **begin != quote; ++*begin) {
        if (**begin == '\\' && *begin + 1 < end) ++*begin;
        if (**begin == '"') put(arff, to, "\"", 1);
        put(arff, to, *begin, 1);
    }
    put(arff, to, "\"", 1);
    return (*begin)++ < end;
}

static int attribute(struct arff *arff, const char *begin, const char *end, size_t line, struct gsp_error *error)
{
    skip_blanks(&begin, end);
    if (arff->names.length) put(arff, &arff->names, ",", 1);
    if (begin < end && (*begin == '\'' || *begin == '"')) {
        if (put_string(arff, &arff->names, &begin, end)) return 0;
        return gsp_error_set(error, GSP_ERR_DATA, "%s:%zu: the name of this attribute does not end", arff->file->name,
                             line);
    }
    const char *stop = begin;
    while (stop < end && *stop != ' ' && *stop != '\t' && *stop != '{') stop++;
    put(arff, &arff->names, begin, (size_t)(stop - begin));
    return 0;
}

static int row(struct arff *arff, const char *begin, const char *end, size_t line, struct gsp_error *error)
{
    if (*begin == '{')
        return gsp_error_set(
            error, GSP_ERR_DATA,
            "%s:%zu: sparse ARFF is not read; convert it with Weka's SparseToNonSparse, or to libsvm text",
            arff->file->name, line);
    while (begin < end && !arff->no_memory) {
        bool quote = *begin == '\'' || *begin == '"';
        if (quote && !put_string(arff, arff->out, &begin, end))
            return gsp_error_set(error, GSP_ERR_DATA, "%s:%zu: a quote is opened and never closed", arff->file->name,
                                 line);
        if (!quote) put(arff, arff->out, begin++, 1);
    }
    return 0;
}

static int convert_line(struct arff *arff, const char *begin, const char *end, size_t line, struct gsp_error *error)
{
    int rc = 0;
    skip_blanks(&begin, end);
    if (begin == end || *begin == '%') {
        /* nothing: a line of its own */
    } else if (arff->data) {
        rc = row(arff, begin, end, line, error);
    } else if (word(&begin, end, "@attribute")) {
        rc = attribute(arff, begin, end, line, error);
    } else if (word(&begin, end, "@data")) {
        arff->data = true;
        put(arff, arff->out, (const char *)arff->names.data, arff->names.length);
    } else if (!word(&begin, end, "@relation")) {
        rc = gsp_error_set(error, GSP_ERR_DATA,
                           "%s:%zu: ARFF in which neither @relation, @attribute nor @data begins this line",
                           arff->file->name, line);
    }
    put(arff, arff->out, "\n", 1);
    return rc;
}

bool gsp__is_arff(const struct gsp_file *file)
{
    struct gsp__lines lines;
    const char *begin, *end;
    gsp__lines_init(&lines, file);
    while (gsp__lines_next(&lines, &begin, &end)) {
        skip_blanks(&begin, end);
        if (begin < end && *begin != '%') return word(&begin, end, "@relation");
    }
    return false;
}

int gsp__arff_to_csv(struct gsp_buffer *out, const struct gsp_file *file, struct gsp_error *error)
{
    struct arff arff = {.file = file, .out = out};
    struct gsp__lines lines;
    const char *begin, *end;
    int rc = 0;
    gsp__lines_init(&lines, file);
    while (!rc && !arff.no_memory && gsp__lines_next(&lines, &begin, &end))
        rc = convert_line(&arff, begin, end, lines.number, error);
    gsp_buffer_clear(&arff.names);
    if (!rc && arff.no_memory) rc = gsp_error_set(error, GSP_ERR_NOMEM, "%s: no memory to read it", file->name);
    if (!rc && !arff.data) rc = gsp_error_set(error, GSP_ERR_DATA, "%s: ARFF without @data: no rows in it", file->name);
    return rc;
}
