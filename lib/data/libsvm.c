/* The sparse text format of libsvm: "label index:value index:value ...  # comment", indices from 1, ascending. Rows
 * become dense; two passes, so that the matrix is allocated once. */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool space(char letter)
{
    return letter == ' ' || letter == '\t';
}

/* Cuts comment and white space off; false if nothing is left. */
static bool strip(const char **begin, const char **end)
{
    const char *comment = memchr(*begin, '#', (size_t)(*end - *begin));
    if (comment) *end = comment;
    while (*begin < *end && space(**begin)) ++*begin;
    while (*begin < *end && space((*end)[-1])) --*end;
    return *begin < *end;
}

static const char *word_end(const char *begin, const char *end)
{
    while (begin < end && !space(*begin)) begin++;
    return begin;
}

/* Reads the digits of an index; 0 if there are none, or more than 15. */
static uint64_t read_index(const char *begin, const char *end)
{
    const ptrdiff_t most_digits = 15;
    uint64_t index = 0;
    if (end - begin > most_digits) return 0;
    for (; begin < end; begin++) {
        if (*begin < '0' || *begin > '9') return 0;
        index = index * 10 + (uint64_t)(*begin - '0');
    }
    return index;
}

static int bad_word(const char *file, size_t line, const char *begin, const char *end, const char *what,
                    struct gsp_error *error)
{
    char shown[48];
    gsp__excerpt(shown, sizeof shown, begin, end);
    return gsp_error_set(error, GSP_ERR_DATA, "%s:%zu: '%s' %s", file, line, shown, what);
}

/* The greatest index, of all last ones: that they ascend is checked when they are read. */
static void find_size(const struct gsp_file *file, size_t *rows, uint64_t *greatest, size_t *line)
{
    struct gsp__lines lines;
    const char *begin, *end;
    gsp__lines_init(&lines, file);
    *rows = 0;
    *greatest = 0;
    *line = 0;
    while (gsp__lines_next(&lines, &begin, &end)) {
        if (!strip(&begin, &end)) continue;
        ++*rows;
        const char *colon = end - 1;
        while (colon > begin && *colon != ':') colon--;
        const char *index_begin = colon;
        while (index_begin > begin && !space(index_begin[-1])) index_begin--;
        uint64_t index = read_index(index_begin, colon);
        if (!index && *colon == ':') index = 1; /* it will be refused where it is read */
        if (index > *greatest) {
            *greatest = index;
            *line = lines.number;
        }
    }
}

static int read_entry(const char *file, size_t line, const char *begin, const char *end, size_t columns,
                      size_t *previous, double *row, struct gsp_error *error)
{
    const char *colon = memchr(begin, ':', (size_t)(end - begin));
    if (!colon)
        return bad_word(file, line, begin, end, "is no index:value pair; write a label, then pairs such as 3:0.5",
                        error);
    if (colon - begin == 3 && memcmp(begin, "qid", 3) == 0)
        return bad_word(file, line, begin, end, "groups rows for ranking, which no objective here does; remove it",
                        error);
    uint64_t index = read_index(begin, colon);
    double value;
    if (!index) return bad_word(file, line, begin, end, "has no index from 1 on; indices count from 1", error);
    if (index <= *previous)
        return bad_word(file, line, begin, end, "is out of order; the indices of a line must ascend", error);
    if (index > columns)
        return bad_word(file, line, begin, end, "lies beyond the width; set Features to the greatest index of all",
                        error);
    if (colon + 1 == end || gsp__scan_number(colon + 1, end, &value) != end)
        return bad_word(file, line, begin, end, "has a value that is not a number", error);
    if (!isfinite(value))
        return bad_word(file, line, begin, end, "is not finite; leave the pair out or drop the row", error);
    row[index - 1] = value;
    *previous = (size_t)index;
    return 0;
}

static int read_row(const char *file, size_t line, const char *begin, const char *end, size_t columns, double *row,
                    double *target, struct gsp_error *error)
{
    const char *stop = word_end(begin, end);
    size_t previous = 0;
    if (gsp__scan_number(begin, stop, target) != stop)
        return bad_word(file, line, begin, stop, "is not a label; each line begins with one number, its label", error);
    if (!isfinite(*target)) return bad_word(file, line, begin, stop, "is not a finite label; drop the row", error);
    for (;;) {
        for (begin = stop; begin < end && space(*begin);) begin++;
        if (begin == end) return 0;
        stop = word_end(begin, end);
        int rc = read_entry(file, line, begin, stop, columns, &previous, row, error);
        if (rc) return rc;
    }
}

/* A few bytes may name a huge index: the dense matrix must stay in proportion to the file. `line` 0: the width was
 * given, not read. */
static int check_width(const struct gsp_file *file, size_t rows, uint64_t columns, size_t line, struct gsp_error *error)
{
    const uint64_t always = UINT64_C(1) << 30, ratio = 4096;
    uint64_t bytes;
    bool overflow = __builtin_mul_overflow(columns, (uint64_t)rows, &bytes);
    overflow |= __builtin_mul_overflow(bytes, (uint64_t)sizeof(double), &bytes);
    if (!overflow && (bytes <= always || bytes / ratio <= file->length)) return 0;
    if (!line)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "%s: a width of %llu would make far more numbers of its %zu rows than the file holds: "
                             "give the number of features (Features = N)",
                             file->name, (unsigned long long)columns, rows);
    return gsp_error_set(error, GSP_ERR_DATA,
                         "%s:%zu: index %llu would make %zu rows of as many numbers, far more than the file holds: "
                         "number the features from 1 without gaps",
                         file->name, line, (unsigned long long)columns, rows);
}

int gsp__libsvm_dataset(struct gsp_dataset *dataset, const struct gsp_file *file, const struct gsp__want *want,
                        struct gsp_error *error)
{
    struct gsp__lines lines;
    const char *begin, *end;
    size_t rows, row = 0, line;
    uint64_t greatest;
    find_size(file, &rows, &greatest, &line);
    uint64_t columns = want->features ? want->features : greatest;
    if (!rows) return gsp_error_set(error, GSP_ERR_DATA, "%s: no rows in it", file->name);
    if (!columns)
        return gsp_error_set(error, GSP_ERR_DATA, "%s: no features in it: write pairs such as 3:0.5 after each label",
                             file->name);
    int rc = check_width(file, rows, columns, want->features ? 0 : line, error);
    if (!rc) rc = gsp__dataset_shape(dataset, file->name, GSP_FLOAT64, rows, (size_t)columns, want->bias, error);
    if (rc) return rc;
    dataset->targets = gsp__matrix(GSP_FLOAT64, rows, 1);
    if (!dataset->targets) return gsp_error_set(error, GSP_ERR_NOMEM, "%s: no memory for %zu labels", file->name, rows);
    gsp__lines_init(&lines, file);
    while (gsp__lines_next(&lines, &begin, &end)) {
        if (!strip(&begin, &end)) continue;
        double *values = (double *)dataset->features + row * dataset->columns;
        memset(values, 0, (size_t)columns * sizeof *values);
        rc = read_row(file->name, lines.number, begin, end, (size_t)columns, values, dataset->targets + row, error);
        if (rc) return rc;
        row++;
    }
    return 0;
}
