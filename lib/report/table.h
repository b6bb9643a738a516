/* Tables: cells are added row by row, columns are as wide as they need. */
#ifndef GOSSIP_REPORT_TABLE_H
#define GOSSIP_REPORT_TABLE_H

#include "report/page.h"

struct gsp__column {
    const char *title;
    bool right; /* aligned to the right */
    int drop;   /* where the width is too small the columns with the greatest number go first; 0: never */
};

struct gsp__cell {
    char *text;
    enum gsp__colour colour;
};

/* Borrows `columns`. End with gsp__table_clear. */
struct gsp__table {
    const struct gsp__column *columns;
    size_t column_count, cell_count, capacity;
    struct gsp__cell *cells;
    bool failed;
};
enum { GSP__COLUMNS_MAX = 16 };
void gsp__table_init(struct gsp__table *table, const struct gsp__column *columns, size_t count);
/* The next cell of the row; after the last column a new row begins. */
void gsp__table_add(struct gsp__table *table, enum gsp__colour colour, const char *text);
/* Writes titles and rows, each line indented. A column without any text is left out. Lines that are still too long have
 * their last column cut. */
void gsp__table_print(const struct gsp__table *table, const struct gsp_style *style, size_t indent,
                      struct gsp__page *page);
void gsp__table_clear(struct gsp__table *table);

#endif
