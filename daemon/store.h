/* store.h - files that must survive a power failure: read when the daemon starts, replaced whole while it runs. */
#ifndef DAEMON_STORE_H
#define DAEMON_STORE_H

#include "files.h"

#include <gossip/session.h>
#include <uv.h>

struct daemon;

/* What an earlier life left; borrowed by the peer's configuration while the peer is made. */
struct store_files {
    struct gsp_buffer bytes[GSP_KEEP_COUNT];
    bool there[GSP_KEEP_COUNT];
};
/* A file that is not there is none; GSP_ERR_IO for one that can't be opened. */
int store_read(struct store_files *out, const char *folder, struct gsp_error *error);
void store_forget(struct store_files *files);

/* The peer's action: reads them once more, and tells the peer. */
void store_read_again(struct daemon *daemon);

/* One write of each file at a time. */
struct store_write {
    uv_work_t request;
    enum gsp_keep file;
    const char *folder;   /* borrowed */
    const uint8_t *bytes; /* the peer's, until it is told */
    size_t length;
    char failure[512]; /* empty: it is on the disk */
};
struct store {
    struct store_write writes[GSP_KEEP_COUNT];
};
/* Writes beside the file, fsyncs, renames, fsyncs the folder, on another thread; then tells the peer. */
void store_start(struct daemon *daemon, enum gsp_keep file, const uint8_t *bytes, size_t length);

#endif
