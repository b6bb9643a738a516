/* The columns of a history, for who writes and who reads it. */
#ifndef GOSSIP_STORE_HISTORY_H
#define GOSSIP_STORE_HISTORY_H

#include <gossip/store.h>

/* Beside `round`, which is a count, and `node` and `run`, which are texts, all columns are numbers. */
struct gsp__history_field {
    const char *name;
    size_t offset; /* in struct gsp_history_row */
    bool seconds;  /* rounded */
};
extern const struct gsp__history_field gsp__history_columns[]; /* ends with a NULL name */
enum { GSP__HISTORY_COLUMNS = 10 };

#endif
