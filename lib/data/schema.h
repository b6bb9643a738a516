/* What the columns of a table are. */
#ifndef GSP_DATA_SCHEMA_H
#define GSP_DATA_SCHEMA_H

#include "internal.h"

/* A column of words becomes one feature (0 or 1) a value, and a target of words a class a value, in the order of the
 * bytes of these values. */
struct gsp__column {
    char *name;    /* from the header; NULL: it has none */
    char **values; /* ascending; NULL: a column of numbers */
    size_t value_count;
};

struct gsp_schema {
    struct gsp__column *columns; /* of the features, in the order of the file */
    size_t count;
    struct gsp__column target;
};

/* Features that the columns make. */
size_t gsp__schema_width(const struct gsp_schema *schema);
/* The index of these bytes among the values; value_count: they are none of them. */
size_t gsp__column_value(const struct gsp__column *column, const char *text);
/* A digest of all names and words, in their order; 0 where the columns have no names. */
uint64_t gsp__schema_digest(const struct gsp_schema *schema);
void gsp__column_clear(struct gsp__column *column);

#endif
