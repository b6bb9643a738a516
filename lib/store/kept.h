/* Inside of the files that a node keeps: between kept.c, kept_2.c (the format before) and kept_origin.c. */
#ifndef GSP_STORE_KEPT_H
#define GSP_STORE_KEPT_H

#include "base/reader.h"

#include <gossip/store.h>

enum { GSP__KEPT_MAGIC = 8, GSP__KEPT_HASH = 16 };

void gsp__kept_hash(uint8_t hash[GSP__KEPT_HASH], const uint8_t *bytes, size_t length);

/* Which format a file has, of those that are read: *format is 2 or 3, magic and hash are right. GSP_ERR_FORMAT: it is
 * ours and damaged; GSP_ERR_FOREIGN: it is of another format, or none of ours; GSP_ERR_NOMEM. */
int gsp__kept_origin(int *format, const uint8_t *bytes, size_t length, struct gsp_error *error);

/* The run state as the peer protocol packs it, its length included. */
int gsp__kept_put_state(const struct gsp_run_state *state, struct gsp_buffer *out);
/* Takes all that the reader has left. GSP_ERR_FORMAT, GSP_ERR_NOMEM. */
int gsp__kept_take_state(struct gsp_run_state *out, struct gsp__reader *reader);

/* What stands between magic and hash in the format gspkept2. The body is a view. GSP_ERR_FORMAT, GSP_ERR_NOMEM. */
int gsp__kept_read_2(struct gsp_kept *out, const uint8_t *bytes, size_t length, struct gsp_error *error);

#endif
