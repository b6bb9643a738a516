#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG  64
#define PROBE_MS 2000u

/* A socket's address has room for 107 bytes. A longer path is reached through its folder's descriptor, which the caller
 * closes after bind or connect (-1: none was needed). */
static int fill_address(struct sockaddr_un *address, int *folder, const char *path)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    *folder = -1;
    size_t length = strlen(path);
    if (length < sizeof address->sun_path) {
        memcpy(address->sun_path, path, length + 1);
        return 0;
    }
    const char *name = strrchr(path, '/');
    if (!name || strlen(name) > 32) {
        errno = ENAMETOOLONG;
        return -1;
    }
    char *parent = gsp_strdup(path);
    if (!parent) return -1;
    parent[name - path] = '\0';
    *folder = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    free(parent);
    if (*folder < 0) return -1;
    snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d%s", *folder, name);
    return 0;
}

int unix_socket_connect(const char *path, unsigned milliseconds)
{
    struct sockaddr_un address;
    struct timeval patience = {.tv_sec = milliseconds / 1000, .tv_usec = (suseconds_t)(milliseconds % 1000) * 1000};
    int folder, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    /* It bounds a connect that waits for room in the listener's queue. */
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (fill_address(&address, &folder, path)) {
        int reason = errno;
        close(fd);
        errno = reason;
        return -1;
    }
    int result = connect(fd, (const struct sockaddr *)&address, sizeof address), reason = errno;
    if (folder >= 0) close(folder);
    if (!result) return fd;
    close(fd);
    errno = reason;
    return -1;
}

/* Only a socket that nobody listens at any more may go. */
static int clear_stale(const char *path, struct gsp_error *error)
{
    struct stat about;
    if (lstat(path, &about)) {
        if (errno == ENOENT) return 0;
        return gsp_error_set(error, GSP_ERR_IO, "%s: %s", path, strerror(errno));
    }
    if (!S_ISSOCK(about.st_mode))
        return gsp_error_set(error, GSP_ERR_STATE,
                             "%s: is in the way of the control socket and is no socket: remove it", path);
    int fd = unix_socket_connect(path, PROBE_MS);
    if (fd >= 0 || errno == EAGAIN) {
        if (fd >= 0) close(fd);
        return gsp_error_set(error, GSP_ERR_STATE,
                             "%s: another gossipd answers at this control socket: stop it, or give this daemon a State "
                             "of its own",
                             path);
    }
    if (errno != ECONNREFUSED && errno != ENOENT)
        return gsp_error_set(error, GSP_ERR_IO, "%s: %s", path, strerror(errno));
    if (unlink(path) && errno != ENOENT) return gsp_error_set(error, GSP_ERR_IO, "%s: %s", path, strerror(errno));
    return 0;
}

int unix_socket_listen(int *out, const char *path, struct gsp_error *error)
{
    struct sockaddr_un address;
    int folder = -1, rc = clear_stale(path, error);
    if (rc) return rc;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return gsp_error_set(error, GSP_ERR_IO, "%s: %s", path, strerror(errno));
    if (fill_address(&address, &folder, path)) goto fail;
    mode_t before = umask(0117); /* mode 0660 from its first moment */
    int result = bind(fd, (const struct sockaddr *)&address, sizeof address), reason = errno;
    umask(before);
    if (folder >= 0) close(folder);
    errno = reason;
    if (result || listen(fd, BACKLOG)) goto fail;
    *out = fd;
    return 0;
fail:
    rc = gsp_error_set(error, GSP_ERR_IO, "%s: %s", path, strerror(errno));
    close(fd);
    return rc;
}
