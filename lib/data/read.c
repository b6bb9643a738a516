/* Reading a data set: which format a file has, and how features and labels come together. */
#include "schema.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum format { NPY, NPZ, IDX, GZIP, CSV, LIBSVM };

static bool begins_with(const struct gsp_file *file, const char *magic, size_t length)
{
    return file->length >= length && memcmp(file->bytes, magic, length) == 0;
}

static bool named(const struct gsp_file *file, const char *suffix)
{
    size_t name = strlen(file->name), length = strlen(suffix);
    if (name > 3 && strcasecmp(file->name + name - 3, ".gz") == 0) name -= 3;
    return name >= length && strncasecmp(file->name + name - length, suffix, length) == 0;
}

/* A label, white space, and then digits (or qid) with a colon. */
static bool looks_libsvm(const char *begin, const char *end)
{
    while (begin < end && (*begin == ' ' || *begin == '\t')) begin++;
    while (begin < end && *begin != ' ' && *begin != '\t') begin++;
    while (begin < end && (*begin == ' ' || *begin == '\t')) begin++;
    const char *index = begin;
    if (end - begin > 4 && memcmp(begin, "qid:", 4) == 0) return true;
    while (begin < end && *begin >= '0' && *begin <= '9') begin++;
    return begin > index && begin < end && *begin == ':';
}

/* What holds rows of numbers in no way that is known. */
static int other_text(const struct gsp_file *file, const char *begin, const char *end, struct gsp_error *error)
{
    while (begin < end && (*begin == ' ' || *begin == '\t')) begin++;
    if (begin == end || (*begin != '<' && *begin != '{' && *begin != '[')) return 0;
    return gsp_error_set(error, GSP_ERR_DATA, "%s: %s, but no table: convert it to csv, npy, npz, libsvm or idx",
                         file->name, *begin == '<' ? "XML or HTML" : "JSON");
}

/* libsvm where a line looks like it, or by the name; any other text is a table. */
static int text_format(enum format *format, const struct gsp_file *file, struct gsp_error *error)
{
    enum { LINES_LOOKED_AT = 1000 };
    struct gsp__lines lines;
    const char *begin, *end;
    int rc = 0;
    *format = named(file, ".libsvm") || named(file, ".svm") ? LIBSVM : CSV;
    gsp__lines_init(&lines, file);
    while (!rc && lines.number < LINES_LOOKED_AT && gsp__lines_next(&lines, &begin, &end)) {
        size_t length = (size_t)(end - begin);
        const char *comment = memchr(begin, '#', length);
        if (lines.number == 1) rc = other_text(file, begin, end, error);
        if (looks_libsvm(begin, comment ? comment : end)) {
            *format = LIBSVM;
            return 0;
        }
        if (memchr(begin, ',', length) || memchr(begin, ';', length)) break;
    }
    return rc;
}

/* Whether the text stands in the first bytes. */
static bool holds(const struct gsp_file *file, const char *text)
{
    enum { LOOKED_AT = 2000 };
    size_t end = file->length < LOOKED_AT ? file->length : LOOKED_AT, length = strlen(text);
    for (size_t at = 0; at + length <= end; at++)
        if (memcmp(file->bytes + at, text, length) == 0) return true;
    return false;
}

static bool has_name(const struct gsp_file *file, const char *a, const char *b)
{
    return named(file, a) || named(file, b);
}

/* Refuses formats of others by name, with the line of Python that converts them. */
static int known_otherwise(const struct gsp_file *file, struct gsp_error *error)
{
    bool zip = begins_with(file, "PK\3\4", 4);
    const struct {
        bool it_is;
        const char *what, *line;
    } others[] = {
        {begins_with(file, "PAR1", 4), "Parquet", "pandas.read_parquet('%s').to_csv('table.csv', index=False)"},
        {(zip && (holds(file, "[Content_Types].xml") || holds(file, "xl/") || has_name(file, ".xlsx", ".xlsm"))) ||
             begins_with(file, "\xd0\xcf\x11\xe0", 4),
         "an Excel workbook", "pandas.read_excel('%s').to_csv('table.csv', index=False)"},
        {zip && (holds(file, "mimetype") || named(file, ".ods")), "an OpenDocument sheet",
         "pandas.read_excel('%s').to_csv('table.csv', index=False)"},
        {begins_with(file, "MATLAB 5.0", 10), "a MATLAB file",
         "m = scipy.io.loadmat('%s'); numpy.savez('table.npz', x=m['X'], y=m['y'].ravel())"},
        {begins_with(file, "\x89HDF\r\n", 6), "an HDF5 file",
         "f = h5py.File('%s'); numpy.savez('table.npz', x=f['X'][:], y=f['y'][:])"},
        {file->length > 2 && file->bytes[0] == 0x80 && file->bytes[1] >= 2 && file->bytes[1] <= 5, "a Python pickle",
         "pandas.read_pickle('%s').to_csv('table.csv', index=False)"},
    };
    char line[600];
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!others[i].it_is) continue;
        const char *base = strrchr(file->name, '/');
        const char *hole = strstr(others[i].line, "%s");
        snprintf(line, sizeof line, "%.*s%.300s%s", (int)(hole - others[i].line), others[i].line,
                 base ? base + 1 : file->name, hole + 2);
        return gsp_error_set(error, GSP_ERR_DATA, "%s: %s, which is not read; convert it with Python: %s", file->name,
                             others[i].what, line);
    }
    return 0;
}

static int find_format(enum format *format, const struct gsp_file *file, struct gsp_error *error)
{
    if (!file->length) return gsp_error_set(error, GSP_ERR_DATA, "%s: the file is empty; copy it again", file->name);
    if (begins_with(file, "\x93NUMPY", 6)) {
        *format = NPY;
    } else if (known_otherwise(file, error)) {
        return GSP_ERR_DATA;
    } else if (begins_with(file, "PK\3\4", 4) || begins_with(file, "PK\5\6", 4)) {
        *format = NPZ;
    } else if (begins_with(file, "\x1f\x8b", 2)) {
        *format = GZIP;
    } else if (begins_with(file, "\0\0", 2)) {
        *format = IDX;
    } else if (memchr(file->bytes, 0, file->length < 4096 ? file->length : 4096)) {
        return gsp_error_set(error, GSP_ERR_DATA,
                             "%s: a binary file, but neither npy, npz, idx nor idx.gz: convert it to one of these",
                             file->name);
    } else {
        return text_format(format, file, error);
    }
    return 0;
}

static int read_plain_labels(double **targets, size_t *count, struct gsp__column *classes, const struct gsp_file *file,
                             const struct gsp__want *want, struct gsp_error *error)
{
    enum format format;
    int rc = find_format(&format, file, error);
    if (rc) return rc;
    switch (format) {
    case NPY:
        return gsp__npy_targets(targets, count, file, error);
    case NPZ:
        return gsp__npz_targets(targets, count, file, want->test, error);
    case IDX:
    case GZIP:
        return gsp__idx_targets(targets, count, file, error);
    case CSV:
        return gsp__csv_targets(targets, count, classes, file, want, error);
    case LIBSVM:
        break;
    }
    return gsp_error_set(error, GSP_ERR_DATA,
                         "%s: a libsvm file holds labels and features; as a file of labels give npy, idx or one number "
                         "a line",
                         file->name);
}

static int read_plain_features(struct gsp_dataset *dataset, const struct gsp_file *file, const struct gsp__want *want,
                               struct gsp_error *error)
{
    enum format format;
    int rc = find_format(&format, file, error);
    if (rc) return rc;
    switch (format) {
    case NPY:
        return gsp__npy_dataset(dataset, file, want, error);
    case NPZ:
        return gsp__npz_dataset(dataset, file, want, error);
    case IDX:
    case GZIP:
        return gsp__idx_dataset(dataset, file, want, error);
    case CSV:
        return gsp__csv_dataset(dataset, file, want, error);
    case LIBSVM:
        return gsp__libsvm_dataset(dataset, file, want, error);
    }
    abort(); /* no other format exists */
}

/* What the words of a file of labels are, into the schema of the features; takes them. */
static int take_classes(struct gsp_dataset *dataset, struct gsp__column *classes, struct gsp_error *error)
{
    if (!classes->values) {
        gsp__column_clear(classes);
        return 0;
    }
    if (!dataset->schema && !(dataset->schema = gsp_alloc(1, sizeof *dataset->schema))) {
        gsp__column_clear(classes);
        return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory for the words of the labels");
    }
    gsp__column_clear(&dataset->schema->target);
    dataset->schema->target = *classes;
    return 0;
}

static int read_features(struct gsp_dataset *dataset, const struct gsp_file *file, const struct gsp__want *want,
                         struct gsp_error *error)
{
    struct gsp__unpacked unpacked;
    int rc = gsp__file_unpack(&unpacked, file, error);
    if (!rc) rc = read_plain_features(dataset, &unpacked.file, want, error);
    gsp__unpacked_clear(&unpacked);
    return rc;
}

/* Targets from a file of their own. */
static int read_labels(struct gsp_dataset *dataset, const struct gsp_file *file, const struct gsp__want *want,
                       size_t *count, struct gsp_error *error)
{
    struct gsp__unpacked unpacked;
    struct gsp__column classes = {0};
    double *targets = NULL;
    int rc = gsp__file_unpack(&unpacked, file, error);
    if (!rc) rc = read_plain_labels(&targets, count, &classes, &unpacked.file, want, error);
    gsp__unpacked_clear(&unpacked);
    if (rc) return rc;
    free(dataset->targets); /* libsvm has its own */
    dataset->targets = targets;
    return take_classes(dataset, &classes, error);
}

/* Labels -1 and 1 in one file, and 0 and 1 in the other. */
static int check_signs(const struct gsp_dataset *dataset, const char *name, const struct gsp_data_options *options,
                       struct gsp_error *error)
{
    const struct gsp_dataset *like = options->like;
    if (!like || !dataset->targets_whole || !like->targets_whole || fmin(dataset->target_min, like->target_min) >= 0 ||
        (dataset->target_min != 0 && like->target_min != 0))
        return 0;
    return gsp_error_set(error, GSP_ERR_DATA,
                         "%s: labels from %g on, but those of %s are from %g on: write the same labels", name,
                         dataset->target_min, options->like_name, like->target_min);
}

static int read_both(struct gsp_dataset *dataset, const struct gsp_file *data, const struct gsp_file *labels,
                     const struct gsp__want *want, struct gsp_error *error)
{
    int rc = read_features(dataset, data, want, error);
    size_t count = dataset->rows;
    if (!rc && labels) rc = read_labels(dataset, labels, want, &count, error);
    if (rc) return rc;
    if (count != dataset->rows)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "%s has %zu rows, but %s has %zu labels: give files that belong together", data->name,
                             dataset->rows, labels->name, count);
    if (!dataset->targets)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "%s: features only: give the file of their labels too (Labels = FILE, labels=FILE)",
                             data->name);
    dataset->columns_named = dataset->schema ? gsp__schema_digest(dataset->schema) : (uint64_t)dataset->base;
    gsp__dataset_finish(dataset);
    return 0;
}

int gsp_dataset_read(struct gsp_dataset **out, const struct gsp_file *data, const struct gsp_file *labels,
                     const struct gsp_data_options *options, struct gsp_error *error)
{
    struct gsp_dataset *dataset = gsp_alloc(1, sizeof *dataset);
    if (!dataset) return gsp_error_set(error, GSP_ERR_NOMEM, "%s: out of memory", data->name);
    const struct gsp_schema *like = options->like ? options->like->schema : NULL;
    const struct gsp__want want = {.targets = !labels,
                                   .bias = options->bias,
                                   .features = options->features,
                                   .base = options->base,
                                   .label = options->label,
                                   .drop = options->drop,
                                   .missing = options->missing,
                                   .test = options->test,
                                   .alone = options->alone && (like || !options->like),
                                   .like = like,
                                   .like_name = options->like_name};
    int rc = read_both(dataset, data, labels, &want, error);
    if (!rc) rc = check_signs(dataset, data->name, options, error);
    if (rc)
        gsp_dataset_free(dataset);
    else
        *out = dataset;
    return rc;
}
