#include "store.h"

#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 };

static bool path_of(char *path, const char *folder, enum gsp_keep file, const char *ending)
{
    int length = snprintf(path, PATH_ROOM, "%s/%s%s", folder, gsp_keep_name(file), ending);
    return length > 0 && length < PATH_ROOM;
}

/* ---- reading ---- */

int store_read(struct store_files *out, const char *folder, struct gsp_error *error)
{
    *out = (struct store_files){0};
    for (enum gsp_keep file = 0; file < GSP_KEEP_COUNT; file++) {
        char path[PATH_ROOM];
        struct stat about;
        if (!path_of(path, folder, file, ""))
            return gsp_error_set(error, GSP_ERR_CONFIG, "State: the path is too long; choose a folder further up");
        if (lstat(path, &about) && errno == ENOENT) continue;
        int rc = file_read(&out->bytes[file], path, SIZE_MAX, error);
        /* What the disk gives back in part is for the peer to judge: it has a copy of all it needs. */
        if (rc && rc != GSP_ERR_DATA) {
            store_forget(out);
            return rc;
        }
        out->there[file] = true;
    }
    return 0;
}

void store_forget(struct store_files *files)
{
    for (enum gsp_keep file = 0; file < GSP_KEEP_COUNT; file++) gsp_buffer_clear(&files->bytes[file]);
    *files = (struct store_files){0};
}

/* Rare, and nothing of the run goes on meanwhile: so it is done at once. */
void store_read_again(struct daemon *daemon)
{
    struct store_files found;
    struct gsp_error error = {0};
    struct gsp_kept_file files[GSP_KEEP_COUNT] = {0};
    struct gsp_event event = {.type = GSP_EVENT_KEPT, .kept.files = files};
    if (store_read(&found, daemon->folder->path, &error)) event.kept.failure = error.message;
    for (size_t i = 0; i < GSP_KEEP_COUNT; i++)
        if (found.there[i]) files[i] = (struct gsp_kept_file){found.bytes[i].data, found.bytes[i].length};
    daemon_tell(daemon, &event);
    store_forget(&found);
}

/* ---- writing ---- */

static bool write_all(int fd, const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = write(fd, bytes, length);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        bytes += count;
        length -= (size_t)count;
    }
    return true;
}

static bool write_beside(const char *path, const uint8_t *bytes, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return false;
    bool written = write_all(fd, bytes, length) && !fsync(fd);
    int reason = errno;
    if (close(fd) && written) {
        written = false;
        reason = errno;
    }
    errno = reason;
    return written;
}

/* What went wrong, and what to do about it; the node tries again by itself. */
static void fail(struct store_write *write, const char *path, int reason)
{
    const char *remedy = "see to that disk";
    if (reason == ENOSPC || reason == EDQUOT || reason == EFBIG) remedy = "make room";
    if (reason == EROFS || reason == EACCES || reason == EPERM) remedy = "let gossipd write there";
    if (reason == ENOENT) remedy = "bring that folder back, or restart gossipd";
    snprintf(write->failure, sizeof write->failure, "%.380s: %s; %s", path, strerror(reason), remedy);
}

static void run_write(uv_work_t *request)
{
    struct store_write *write = request->data;
    char beside[PATH_ROOM], path[PATH_ROOM];
    write->failure[0] = '\0';
    if (!path_of(beside, write->folder, write->file, ".new") || !path_of(path, write->folder, write->file, "")) {
        snprintf(write->failure, sizeof write->failure, "too long a path");
        return;
    }
    if (!write_beside(beside, write->bytes, write->length)) {
        int reason = errno;
        unlink(beside); /* what is half written only takes room */
        fail(write, beside, reason);
    } else if (rename(beside, path) || !folder_sync(write->folder)) {
        fail(write, path, errno);
    }
}

static void on_written(uv_work_t *request, int status)
{
    const struct store_write *write = request->data;
    struct daemon *daemon = uv_loop_get_data(request->loop);
    (void)status; /* never cancelled */
    daemon_tell(daemon, &(struct gsp_event){.type = GSP_EVENT_STORED,
                                            .stored = {write->file, *write->failure ? write->failure : NULL}});
    daemon_pump(daemon);
}

void store_start(struct daemon *daemon, enum gsp_keep file, const uint8_t *bytes, size_t length)
{
    struct store_write *write = &daemon->store.writes[file];
    write->file = file;
    write->folder = daemon->folder->path;
    write->bytes = bytes;
    write->length = length;
    write->request.data = write;
    uv_queue_work(&daemon->loop, &write->request, run_write, on_written);
}
