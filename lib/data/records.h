/* Text tables: records of fields, whatever separates them. */
#ifndef GSP_DATA_RECORDS_H
#define GSP_DATA_RECORDS_H

#include "internal.h"

/* How the text of a table is to be read. */
struct gsp__form {
    char separator; /* , ; or tab; a blank: any white space */
    bool decimal_comma;
    bool quotes; /* there are quotes somewhere, so that a line may not be a record (RFC 4180) */
};

/* A field as it stands in the file: without white space and quotes around it; inside quotes "" may stand for ". */
struct gsp__field {
    const char *begin, *end;
    bool quoted;
};

struct gsp__records {
    struct gsp__form form;
    const char *next, *end;
    size_t line;       /* where the record returned last begins, from 1 */
    size_t lines_read; /* so far */
    struct gsp__field *fields;
    size_t count, room;
    size_t unclosed; /* the line of a quote that nothing closes; 0: none yet */
    bool no_memory;
};

/* Looks at the first lines. GSP_ERR_NOMEM. */
int gsp__form_find(struct gsp__form *form, const struct gsp_file *file);
void gsp__records_init(struct gsp__records *records, const struct gsp__form *form, const struct gsp_file *file);
void gsp__records_clear(struct gsp__records *records);
/* The next record that is neither blank nor a comment (a line that begins with #). False at the end, and without
 * memory. */
bool gsp__records_next(struct gsp__records *records);
/* How many records there are from here on; the fields are not looked at where that can be helped. */
size_t gsp__records_count(struct gsp__records *records);

/* What a field is: a finite number (also true and false); an infinite one; something that stands for no value (empty,
 * ?, NA, nan, null, ...); or a word. */
enum gsp__field_kind { GSP__FIELD_NUMBER, GSP__FIELD_INFINITE, GSP__FIELD_MISSING, GSP__FIELD_WORD };
enum gsp__field_kind gsp__field_read(const struct gsp__form *form, const struct gsp__field *field, double *value);
/* The field's text, "" made one ", ended by NUL; the caller frees it. NULL without memory. */
char *gsp__field_text(const struct gsp__field *field);

#endif
