/* Files, for programs. */
#include "common.h"

#include <gossip/config.h>

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct gsp_error *error, int code, const char *path)
{
    return gsp_error_set(error, code, "%s: %s", path, strerror(errno));
}

/* Opens a regular file for reading. */
static int open_file(const char *path, struct stat *status, struct gsp_error *error)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) return fail(error, GSP_ERR_CONFIG, path);
    if (fstat(descriptor, status) == 0 && S_ISREG(status->st_mode)) return descriptor;
    close(descriptor);
    return gsp_error_set(error, GSP_ERR_CONFIG, "%s: not a regular file", path);
}

static int read_whole(int descriptor, char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        ssize_t got = read(descriptor, text + at, length - at);
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) errno = EIO; /* it shrank meanwhile */
        if (got <= 0) return -1;
        at += (size_t)got;
    }
    return 0;
}

int common_read_text(char **text, size_t *length, const char *path, struct gsp_error *error)
{
    const off_t most = (off_t)256 << 20;
    struct stat status;
    int descriptor = open_file(path, &status, error);
    if (descriptor < 0) return descriptor;
    int rc = 0;
    char *bytes = NULL;
    if (status.st_size > most)
        rc = gsp_error_set(error, GSP_ERR_CONFIG, "%s: larger than any configuration file", path);
    else if (!(bytes = malloc((size_t)status.st_size + 1)))
        rc = gsp_error_set(error, GSP_ERR_NOMEM, "%s: out of memory", path);
    else if (read_whole(descriptor, bytes, (size_t)status.st_size))
        rc = fail(error, GSP_ERR_CONFIG, path);
    close(descriptor);
    if (rc) {
        free(bytes);
        return rc;
    }
    bytes[status.st_size] = 0;
    *text = bytes;
    *length = (size_t)status.st_size;
    return 0;
}

int common_map(struct common_map *map, const char *path, struct gsp_error *error)
{
    struct stat status;
    int descriptor = open_file(path, &status, error);
    if (descriptor < 0) return descriptor;
    void *address = NULL;
    int rc = 0;
    if (status.st_size > 0) address = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (address == MAP_FAILED) rc = fail(error, GSP_ERR_CONFIG, path);
    close(descriptor);
    if (rc) return rc;
    map->address = address;
    map->file = (struct gsp_file){.name = path, .bytes = address, .length = (size_t)status.st_size};
    return 0;
}

void common_unmap(struct common_map *map)
{
    if (map->address) munmap(map->address, map->file.length);
    *map = (struct common_map){0};
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
    if (descriptor < 0) return fail(error, GSP_ERR_IO, path);
    int failed = fchmod(descriptor, (mode_t)mode) || write_whole(descriptor, bytes, length) || fsync(descriptor);
    int reason = errno;
    if (close(descriptor) && !failed) {
        failed = 1;
        reason = errno;
    }
    if (!failed) return 0;
    unlink(path);
    errno = reason;
    return fail(error, GSP_ERR_IO, path);
}

char *common_relative(const char *base, const char *path)
{
    const char *slash = strrchr(base, '/');
    if (*path == '/' || !slash) return gsp_strdup(path);
    size_t folder = (size_t)(slash - base) + 1, rest = strlen(path) + 1;
    char *whole = malloc(folder + rest);
    if (!whole) return NULL;
    memcpy(whole, base, folder);
    memcpy(whole + folder, path, rest);
    return whole;
}

int common_read_key(uint8_t key[32], const char *path, struct gsp_error *error)
{
    char text[128];
    struct stat status;
    int descriptor = open_file(path, &status, error);
    if (descriptor < 0) return descriptor;
    int rc = 0;
    size_t length = (size_t)status.st_size;
    if (status.st_mode & 077)
        rc = gsp_error_set(error, GSP_ERR_CONFIG,
                           "%s: others may read this private key (mode %04o): run `chmod 600 %s`; if it was exposed, "
                           "make a new one with `gossipctl genkey`",
                           path, (unsigned)(status.st_mode & 07777), path);
    else if (length > sizeof text)
        rc = gsp_error_set(error, GSP_ERR_CONFIG, "%s: not a key file: it holds %zu bytes, a key is 44 characters",
                           path, length);
    else if (read_whole(descriptor, text, length))
        rc = fail(error, GSP_ERR_CONFIG, path);
    close(descriptor);
    if (rc) return rc;
    rc = gsp_key_decode(key, text, length, error);
    if (rc) gsp_error_prefix(error, "%s", path);
    sodium_memzero(text, sizeof text);
    return rc;
}
