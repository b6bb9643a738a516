/* The sparse text format of libsvm: "label index:value index:value ...  # comment", indices from 1 or 0, ascending.
 * Rows become dense; two passes, so that the matrix is allocated once. */
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

/* Reads the digits of an index; negative if there are none, or more than 15. */
static int64_t read_index(const char *begin, const char *end)
{
    const ptrdiff_t most_digits = 15;
    int64_t index = 0;
    if (begin == end || end - begin > most_digits) return -1;
    for (; begin < end; begin++) {
        if (*begin < '0' || *begin > '9') return -1;
        index = index * 10 + (*begin - '0');
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

/* What a first look at the file tells. */
struct extent {
    size_t rows;
    int64_t greatest; /* index, of all last ones: that they ascend is checked when they are read */
    size_t line;      /* where it is */
    bool zero;        /* an index is 0 */
    bool pairs;       /* there are any, be they right or wrong */
};

/* The index before the colon that is the last one in [begin, end), or that is the first one. */
static int64_t index_at(const char *begin, const char *end, bool last)
{
    const char *colon = last ? end - 1 : memchr(begin, ':', (size_t)(end - begin));
    while (last && colon > begin && *colon != ':') colon--;
    if (!colon || *colon != ':') return -1;
    const char *index = colon;
    while (index > begin && !space(index[-1])) index--;
    return read_index(index, colon);
}

static void find_extent(struct extent *extent, const struct gsp_file *file)
{
    struct gsp__lines lines;
    const char *begin, *end;
    *extent = (struct extent){.greatest = -1};
    gsp__lines_init(&lines, file);
    while (gsp__lines_next(&lines, &begin, &end)) {
        if (!strip(&begin, &end)) continue;
        extent->rows++;
        extent->zero |= index_at(begin, end, false) == 0;
        extent->pairs |= memchr(begin, ':', (size_t)(end - begin)) != NULL;
        int64_t index = index_at(begin, end, true);
        if (index > extent->greatest) {
            extent->greatest = index;
            extent->line = lines.number;
        }
    }
}

/* A row in the making. */
struct row {
    double *values;
    size_t columns, base; /* base: what indices count from */
    int64_t previous;     /* the index before; -1: none */
    bool given;           /* the width is not that of the file */
};

static int read_entry(const char *file, size_t line, const char *begin, const char *end, struct row *row,
                      struct gsp_error *error)
{
    const char *colon = memchr(begin, ':', (size_t)(end - begin));
    if (!colon)
        return bad_word(file, line, begin, end, "is no index:value pair; write a label, then pairs such as 3:0.5",
                        error);
    if (colon - begin == 3 && memcmp(begin, "qid", 3) == 0)
        return bad_word(file, line, begin, end, "groups rows for ranking, which no objective here does; remove it",
                        error);
    int64_t index = read_index(begin, colon);
    double value;
    if (index < (int64_t)row->base)
        return bad_word(
            file, line, begin, end,
            row->base && index == 0
                ? "has index 0, but the others are counted from 1: Base = 0 in gossipd.conf, base=0 in --data"
                : "has no index: whole numbers of up to 15 digits are",
            error);
    size_t column = (size_t)index - row->base;
    /* The width is that of the last indices: one beyond it has a smaller one behind it. */
    if (index <= row->previous || (column >= row->columns && !row->given))
        return bad_word(file, line, begin, end,
                        index == row->previous ? "has the index of the pair before it; each may stand once in a line"
                                               : "is out of order: the indices of a line must ascend; sort its pairs",
                        error);
    if (column >= row->columns)
        return bad_word(
            file, line, begin, end,
            "lies beyond the width: give the number of features of all files (Features = N in gossipd.conf, "
            "features=N in --data)",
            error);
    if (colon + 1 == end || gsp__scan_number(colon + 1, end, &value) != end)
        return bad_word(file, line, begin, end, "has a value that is not a number", error);
    if (!isfinite(value))
        return bad_word(file, line, begin, end, "is not finite; leave the pair out or drop the row", error);
    row->values[column] = value;
    row->previous = index;
    return 0;
}

static int read_row(const char *file, size_t line, const char *begin, const char *end, struct row *row, double *target,
                    struct gsp_error *error)
{
    const char *stop = word_end(begin, end);
    if (gsp__scan_number(begin, stop, target) != stop)
        return bad_word(file, line, begin, stop, "is not a label; each line begins with one number, its label", error);
    if (!isfinite(*target)) return bad_word(file, line, begin, stop, "is not a finite label; drop the row", error);
    for (;;) {
        for (begin = stop; begin < end && space(*begin);) begin++;
        if (begin == end) return 0;
        stop = word_end(begin, end);
        int rc = read_entry(file, line, begin, stop, row, error);
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
    struct extent extent;
    const char *begin, *end;
    size_t done = 0;
    find_extent(&extent, file);
    const size_t base = want->base == GSP_BASE_ZERO || (want->base == GSP_BASE_DETECTED && extent.zero) ? 0 : 1;
    uint64_t columns = want->features                     ? want->features
                       : extent.greatest >= (int64_t)base ? (uint64_t)(extent.greatest + 1) - base
                                                          : 1; /* refused where it is read */
    if (!extent.rows) return gsp_error_set(error, GSP_ERR_DATA, "%s: no rows in it", file->name);
    if (!want->features && !extent.pairs)
        return gsp_error_set(error, GSP_ERR_DATA, "%s: no features in it: write pairs such as 3:0.5 after each label",
                             file->name);
    int rc = check_width(file, extent.rows, columns, want->features ? 0 : extent.line, error);
    if (!rc) rc = gsp__dataset_shape(dataset, file->name, GSP_FLOAT64, extent.rows, (size_t)columns, want->bias, error);
    if (rc) return rc;
    dataset->base = base ? GSP_BASE_ONE : GSP_BASE_ZERO;
    dataset->targets = gsp__matrix(GSP_FLOAT64, extent.rows, 1);
    if (!dataset->targets)
        return gsp_error_set(error, GSP_ERR_NOMEM, "%s: no memory for %zu labels", file->name, extent.rows);
    gsp__lines_init(&lines, file);
    while (gsp__lines_next(&lines, &begin, &end)) {
        if (!strip(&begin, &end)) continue;
        struct row row = {(double *)dataset->features + done * dataset->columns, (size_t)columns, base, -1,
                          want->features > 0};
        memset(row.values, 0, (size_t)columns * sizeof *row.values);
        rc = read_row(file->name, lines.number, begin, end, &row, dataset->targets + done, error);
        if (rc) return rc;
        done++;
    }
    return 0;
}
