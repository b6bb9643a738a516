/* Writing new files. */
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int fail(struct gsp_error *error, const char *path)
{
    return gsp_error_set(error, GSP_ERR_IO, "%s: %s", path, strerror(errno));
}

static int write_whole(int descriptor, const char *bytes, size_t length)
{
    while (length) {
        ssize_t put = write(descriptor, bytes, length);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return -1;
        bytes += put;
        length -= (size_t)put;
    }
    return 0;
}

int common_create(const char *path, unsigned mode, const void *bytes, size_t length, struct gsp_error *error)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    if (descriptor < 0) return fail(error, path);
    int failed = write_whole(descriptor, bytes, length);
    int reason = errno;
    if (close(descriptor) && !failed) {
        failed = 1;
        reason = errno;
    }
    if (!failed) return 0;
    unlink(path);
    errno = reason;
    return fail(error, path);
}
