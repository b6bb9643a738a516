/* A text table on its way to a data set: which field of a record goes where, and what was found in it. */
#ifndef GSP_DATA_TEXT_H
#define GSP_DATA_TEXT_H

#include "records.h"
#include "schema.h"

/* Where the fields of one column go: a feature's column of the schema, or these. */
enum { GSP__SLOT_TARGET = -1, GSP__SLOT_NOWHERE = -2 };

/* A column as the file has it. */
struct gsp__text_field {
    ptrdiff_t slot;
    size_t numbers, words, missing;
    size_t first_word, first_missing, first_infinite; /* lines; 0: none */
    char word[48];                                    /* the first one, for messages */
};

struct gsp__text {
    const struct gsp_file *file;
    const struct gsp__want *want;
    struct gsp__form form;
    bool header;        /* the first record has names */
    size_t header_line; /* where it is */
    char **names;       /* of all fields; without a header NULL */
    struct gsp__text_field *fields;
    size_t field_count, rows;
    struct gsp_schema *schema;     /* under construction; owned */
    const struct gsp_schema *like; /* or given by another file: borrowed, else NULL */
    double *values, *targets; /* rows of `stride`: numbers, of words their index, NaN where a value is missing; owned */
    size_t stride;
    struct gsp_buffer notes; /* lines */
};

/* In this order. Each: 0, or an error with the file, line and a remedy; gsp__text_clear also after a failure. */
int gsp__text_open(struct gsp__text *table, const struct gsp_file *file, const struct gsp__want *want,
                   struct gsp_error *error);                            /* form, header, rows (text.c) */
int gsp__text_assign(struct gsp__text *table, struct gsp_error *error); /* slots, schema (text_slots.c) */
int gsp__text_fill(struct gsp__text *table, struct gsp_error *error);   /* numbers (text_fill.c) */
int gsp__text_judge(struct gsp__text *table, struct gsp_error *error);  /* missing values, stray words (text_judge.c) */
int gsp__text_number_words(struct gsp__text *table, struct gsp_error *error); /* indices (text_words.c) */
void gsp__text_drop_rows(struct gsp__text *table);                            /* those with a NaN (text_judge.c) */
void gsp__text_clear(struct gsp__text *table);

/* Column `i` from 0 as messages call it: "column 3 'age'". */
const char *gsp__text_name(const struct gsp__text *table, size_t i, char out[128]);
int gsp__text_no_memory(const struct gsp__text *table, struct gsp_error *error);

/* Goes on behind the header. */
void gsp__text_rewind(const struct gsp__text *table, struct gsp__records *records);

#endif
