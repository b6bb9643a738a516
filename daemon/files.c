#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

char *path_beside(const char *file, const char *path)
{
    const char *slash = strrchr(file, '/');
    if (path[0] == '/' || !slash) return gsp_strdup(path);
    size_t folder = (size_t)(slash - file) + 1, length = strlen(path);
    char *joined = gsp_alloc(folder + length + 1, 1);
    if (!joined) return NULL;
    memcpy(joined, file, folder);
    memcpy(joined + folder, path, length);
    return joined;
}

static int failed(struct gsp_error *error, const char *path)
{
    return gsp_error_set(error, GSP_ERR_IO, "%s: %s", path, strerror(errno));
}

/* Opens a regular file. O_NONBLOCK: a named pipe must not hang the program before it is refused. */
static int open_regular(int *fd, struct stat *about, const char *path, struct gsp_error *error)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0) return failed(error, path);
    if (fstat(*fd, about)) {
        int rc = failed(error, path);
        close(*fd);
        return rc;
    }
    if (!S_ISREG(about->st_mode)) {
        close(*fd);
        return gsp_error_set(error, GSP_ERR_IO, "%s: %s, not a file", path,
                             S_ISDIR(about->st_mode) ? "a folder" : "a device or pipe");
    }
    return 0;
}

int file_map(struct file_map *out, const char *path, struct gsp_error *error)
{
    int fd = -1;
    struct stat about = {0};
    int rc = open_regular(&fd, &about, path, error);
    if (rc) return rc;
    *out = (struct file_map){.bytes = (const uint8_t *)"", .length = (size_t)about.st_size};
    if (out->length > 0) {
        out->mapping = mmap(NULL, out->length, PROT_READ, MAP_PRIVATE, fd, 0);
        out->bytes = out->mapping;
        if (out->mapping == MAP_FAILED) {
            rc = failed(error, path);
            *out = (struct file_map){0};
        }
    }
    close(fd);
    return rc;
}

void file_unmap(struct file_map *map)
{
    if (map->mapping) munmap(map->mapping, map->length);
    *map = (struct file_map){0};
}

int file_read_rest(struct gsp_buffer *out, int fd, const char *path, size_t limit, struct gsp_error *error)
{
    for (;;) {
        int rc = gsp_buffer_reserve(out, 65536);
        if (rc) return gsp_error_set(error, rc, "%s: %s", path, gsp_strerror(rc));
        ssize_t count = read(fd, out->data + out->length, 65536);
        if (count == 0) return 0;
        if (count < 0 && errno == EINTR) continue;
        if (count < 0)
            return gsp_error_set(error, errno == EIO ? GSP_ERR_DATA : GSP_ERR_IO, "%s: %s", path, strerror(errno));
        out->length += (size_t)count;
        if (out->length > limit)
            return gsp_error_set(error, GSP_ERR_IO, "%s: longer than %zu bytes: is it the right file?", path, limit);
    }
}

int file_read(struct gsp_buffer *out, const char *path, size_t limit, struct gsp_error *error)
{
    int fd = -1;
    struct stat about = {0};
    int rc = open_regular(&fd, &about, path, error);
    if (rc) return rc;
    rc = file_read_rest(out, fd, path, limit, error);
    close(fd);
    return rc;
}

int file_read_private(struct gsp_buffer *out, const char *path, size_t limit, struct gsp_error *error)
{
    int fd = -1;
    struct stat about = {0};
    int rc = open_regular(&fd, &about, path, error);
    if (rc) return rc;
    if (about.st_uid != geteuid())
        rc = gsp_error_set(error, GSP_ERR_CONFIG,
                           "%s: belongs to user %lu, but gossipd runs as user %lu: a private key must be the daemon's "
                           "own (chown %lu %s)",
                           path, (unsigned long)about.st_uid, (unsigned long)geteuid(), (unsigned long)geteuid(), path);
    else if ((about.st_mode & 077) != 0)
        rc = gsp_error_set(error, GSP_ERR_CONFIG, "%s: mode %04o lets others use this private key: chmod 600 %s", path,
                           (unsigned)about.st_mode & 07777, path);
    else
        rc = file_read_rest(out, fd, path, limit, error);
    close(fd);
    return rc;
}

bool folder_sync(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    bool synced = !fsync(fd);
    int reason = errno;
    close(fd);
    errno = reason;
    return synced;
}

void files_fill_standard(void)
{
    int fd;
    do fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) close(fd);
}
