/* What the files of lib/data share. */
#ifndef GSP_DATA_INTERNAL_H
#define GSP_DATA_INTERNAL_H

#include <gossip/data.h>

#define ZLIB_CONST
#include <zlib.h>

/* ---- text to number (number.c) ---- */

/* Reads one decimal number, or nan, inf, infinity, at `text`. Returns the first character after it, or NULL if there is
 * none. Correctly rounded; no locale. */
const char *gsp__scan_number(const char *text, const char *end, double *value);

/* ---- bytes that may be compressed (source.c, npz.c) ---- */

struct gsp__source {
    /* Exactly `length` bytes, or GSP_ERR_DATA. */
    int (*read)(struct gsp__source *source, void *out, size_t length, struct gsp_error *error);
    /* Nothing may be left, and checksums must be right. */
    int (*finish)(struct gsp__source *source, struct gsp_error *error);
    char name[512];       /* for messages: "train.npz: array x" */
    uint64_t limit;       /* it can't yield more bytes than this from here on: bounds what a header may claim */
    const uint8_t *bytes; /* what is left of plain memory */
    void *context;        /* of a decompressor */
};
void gsp__source_memory(struct gsp__source *source, const struct gsp_file *file);
struct gsp__gzip {
    z_stream stream;
    const uint8_t *next; /* compressed bytes that zlib was not yet given */
    uint64_t left;
    bool ended;
};
/* `gzip` must outlive the source; gsp__gzip_clear it afterwards. */
int gsp__source_gzip(struct gsp__source *source, struct gsp__gzip *gzip, const struct gsp_file *file,
                     struct gsp_error *error);
void gsp__gzip_clear(struct gsp__gzip *gzip);
/* All that is in a gzip file; *idx instead where an idx file is in it, which can be read from a source. The caller
 * clears *out, also after a failure. */
int gsp__gzip_all(struct gsp_buffer *out, bool *idx, const struct gsp_file *file, struct gsp_error *error);
/* ARFF, whose first word is @relation, as a table with commas; the caller clears *out, also after a failure. */
bool gsp__is_arff(const struct gsp_file *file);
int gsp__arff_to_csv(struct gsp_buffer *out, const struct gsp_file *file, struct gsp_error *error);
/* A file as it was before it was compressed (but for idx), text in UTF-16 as UTF-8, and ARFF as csv (unpack.c). */
struct gsp__unpacked {
    struct gsp_file file; /* borrows from the file, or from these: */
    struct gsp_buffer bytes;
};
int gsp__file_unpack(struct gsp__unpacked *out, const struct gsp_file *file, struct gsp_error *error);
void gsp__unpacked_clear(struct gsp__unpacked *unpacked);
/* The most that deflated bytes can grow to. */
uint64_t gsp__inflated_bound(uint64_t length);

/* ---- arrays of numbers in a file (array.c) ---- */

enum gsp__element {
    GSP__ELEMENT_U8,
    GSP__ELEMENT_I8,
    GSP__ELEMENT_U16,
    GSP__ELEMENT_I16,
    GSP__ELEMENT_U32,
    GSP__ELEMENT_I32,
    GSP__ELEMENT_U64,
    GSP__ELEMENT_I64,
    GSP__ELEMENT_F16,
    GSP__ELEMENT_F32,
    GSP__ELEMENT_F64
};

struct gsp__array {
    enum gsp__element element;
    bool big_endian, fortran_order, boolean;
    bool whole;     /* its rows are no samples: none can be dropped */
    double divisor; /* 255 for images, else 1 */
    size_t dimensions;
    size_t rows, columns; /* the first dimension, and the product of the others */
};
/* Multiplies the dimensions into rows and columns; refuses empty arrays and claims beyond the source's limit. */
int gsp__array_shape(struct gsp__array *array, const uint64_t *shape, size_t dimensions,
                     const struct gsp__source *source, struct gsp_error *error);
/* The precision that holds its values: float32 for small integers and float32, else float64. */
enum gsp_dtype gsp__array_dtype(const struct gsp__array *array);
/* Converts all elements into rows of `stride` values of `dtype`, then finishes the source. Refuses what is not finite,
 * naming row and column. */
int gsp__array_load(struct gsp__source *source, const struct gsp__array *array, enum gsp_dtype dtype, void *values,
                    size_t stride, struct gsp_error *error);
/* A vector of numbers, or a matrix of one column, into *targets. */
int gsp__array_targets(struct gsp__source *source, const struct gsp__array *array, double **targets, size_t *count,
                       struct gsp_error *error);
/* A matrix into the data set (which has no features yet). */
int gsp__array_features(struct gsp__source *source, const struct gsp__array *array, bool bias,
                        struct gsp_dataset *dataset, struct gsp_error *error);

/* ---- file formats: headers, and whole files ---- */

int gsp__npy_header(struct gsp__source *source, struct gsp__array *array, struct gsp_error *error);
int gsp__idx_header(struct gsp__source *source, struct gsp__array *array, struct gsp_error *error);

/* Append a header, and numbers, of an npy file. */
int gsp__npy_write_header(struct gsp_buffer *out, enum gsp_dtype dtype, size_t rows, size_t columns, bool vector);
int gsp__npy_write_values(struct gsp_buffer *out, enum gsp_dtype dtype, const void *values, size_t count);

/* Fill features, dtype, rows, columns and, where the format has them and `targets` is asked for, targets. On failure
 * the data set may hold memory: its owner frees it. */
struct gsp__want {
    bool targets; /* tables: a column is the target. npz: y is read */
    bool bias;
    size_t features; /* libsvm */
    enum gsp_base base;
    /* Of struct gsp_data_options, for tables. */
    const char *label, *drop, *like_name;
    enum gsp_missing missing;
    bool alone;
    bool test; /* of an npz that holds both the rows to test on */
    const struct gsp_schema *like;
};
int gsp__npy_dataset(struct gsp_dataset *dataset, const struct gsp_file *file, const struct gsp__want *want,
                     struct gsp_error *error);
int gsp__npz_dataset(struct gsp_dataset *dataset, const struct gsp_file *file, const struct gsp__want *want,
                     struct gsp_error *error);
int gsp__idx_dataset(struct gsp_dataset *dataset, const struct gsp_file *file, const struct gsp__want *want,
                     struct gsp_error *error);
int gsp__csv_dataset(struct gsp_dataset *dataset, const struct gsp_file *file, const struct gsp__want *want,
                     struct gsp_error *error);
int gsp__libsvm_dataset(struct gsp_dataset *dataset, const struct gsp_file *file, const struct gsp__want *want,
                        struct gsp_error *error);
/* Files that hold labels alone. */
int gsp__npy_targets(double **targets, size_t *count, const struct gsp_file *file, struct gsp_error *error);
int gsp__npz_targets(double **targets, size_t *count, const struct gsp_file *file, bool test, struct gsp_error *error);
int gsp__idx_targets(double **targets, size_t *count, const struct gsp_file *file, struct gsp_error *error);
struct gsp__column;
/* Where its labels are words, *classes becomes what they are; else it stays as it is. */
int gsp__csv_targets(double **targets, size_t *count, struct gsp__column *classes, const struct gsp_file *file,
                     const struct gsp__want *want, struct gsp_error *error);

/* A line of a text file: [*begin, *end) without its end of line. False at the end of the file. */
struct gsp__lines {
    const char *next, *end;
    size_t number; /* of the line returned last, from 1 */
};
void gsp__lines_init(struct gsp__lines *lines, const struct gsp_file *file);
bool gsp__lines_next(struct gsp__lines *lines, const char **begin, const char **end);
/* A field as it may be shown in a message: printable and short. */
void gsp__excerpt(char *out, size_t size, const char *begin, const char *end);

/* ---- data sets (dataset.c) ---- */

size_t gsp__dtype_size(enum gsp_dtype dtype);
/* rows x columns values of dtype, not initialised, 64-byte aligned; NULL without memory or on overflow. */
void *gsp__matrix(enum gsp_dtype dtype, size_t rows, size_t columns);
/* Allocates the features for rows x columns (the bias column added and filled if asked). */
int gsp__dataset_shape(struct gsp_dataset *dataset, const char *name, enum gsp_dtype dtype, size_t rows, size_t columns,
                       bool bias, struct gsp_error *error);
/* Works out what is known of the targets. */
void gsp__dataset_finish(struct gsp_dataset *dataset);

#endif
