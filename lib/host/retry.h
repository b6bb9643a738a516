/* Writing that failed is tried again, ever less often. The log says it once, not at every attempt. */
#ifndef GOSSIP_HOST_RETRY_H
#define GOSSIP_HOST_RETRY_H

#include "host/host.h"

struct gsp__retry {
    uint64_t at, back_off;            /* 0: nothing has failed */
    char failure[GSP_REASON_MAX + 1]; /* of the last attempt; empty: it was written */
};
/* An attempt to write `file` failed: sets when the next is due, and keeps why for status. */
void gsp__retry_failed(struct gsp__host *host, struct gsp__retry *retry, enum gsp_keep file, const char *failure);
/* It was written: says so if it had failed before. */
void gsp__retry_succeeded(struct gsp__host *host, struct gsp__retry *retry, enum gsp_keep file);

#endif
