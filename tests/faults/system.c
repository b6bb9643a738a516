/* Calls of the system that fail on purpose, in a process that has this library preloaded: of the calls named
 * FAULT_CALL, counted from the start of the process, number FAULT_AT fails with the error number FAULT_ERRNO. When it
 * does, the file FAULT_MARK is made. Reads and writes count apart for files and sockets; those of pipes and the like,
 * which cannot fail so, are let through. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static bool strike(const char *call)
{
    static long count; /* threads write files, so it is counted atomically */
    const char *name = getenv("FAULT_CALL"), *at = getenv("FAULT_AT"), *number = getenv("FAULT_ERRNO");
    const char *mark = getenv("FAULT_MARK");
    if (!name || !at || !number || !mark || strcmp(name, call) != 0) return false;
    if (__atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST) != atol(at)) return false;
    long fd = syscall(SYS_openat, AT_FDCWD, mark, O_WRONLY | O_CREAT, 0600);
    if (fd >= 0) syscall(SYS_close, fd);
    errno = atoi(number);
    return true;
}

static const char *kind(int fd, const char *file, const char *socket)
{
    struct stat about;
    if (syscall(SYS_fstat, fd, &about) != 0) return "";
    return S_ISREG(about.st_mode) ? file : S_ISSOCK(about.st_mode) ? socket : "";
}

/* The function that this one stands in front of. */
static void *behind(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (!function) abort();
    return function;
}

#define CALL(result, failure, name, as, parameters, ...)                                                               \
    result name parameters;                                                                                            \
    result name parameters                                                                                             \
    {                                                                                                                  \
        result(*real) parameters;                                                                                      \
        if (strike(as)) return failure;                                                                                \
        *(void **)&real = behind(#name);                                                                               \
        return real(__VA_ARGS__);                                                                                      \
    }

CALL(int, -1, __open_2, "open", (const char *path, int flags), path, flags)
CALL(int, -1, __open64_2, "open", (const char *path, int flags), path, flags)
CALL(int, -1, fstat, "fstat", (int fd, struct stat *about), fd, about)
CALL(int, -1, fstat64, "fstat", (int fd, struct stat64 *about), fd, about)
CALL(int, -1, fsync, "fsync", (int fd), fd)
CALL(int, -1, fdatasync, "fsync", (int fd), fd)
CALL(int, -1, ftruncate, "ftruncate", (int fd, off_t length), fd, length)
CALL(int, -1, ftruncate64, "ftruncate", (int fd, off64_t length), fd, length)
CALL(int, -1, rename, "rename", (const char *from, const char *to), from, to)
CALL(int, -1, mkdir, "mkdir", (const char *path, mode_t mode), path, mode)
CALL(int, -1, unlink, "unlink", (const char *path), path)
CALL(int, -1, chmod, "chmod", (const char *path, mode_t mode), path, mode)
CALL(int, -1, flock, "flock", (int fd, int operation), fd, operation)
CALL(int, -1, socket, "socket", (int domain, int type, int protocol), domain, type, protocol)
CALL(int, -1, bind, "bind", (int fd, const struct sockaddr *address, socklen_t length), fd, address, length)
CALL(int, -1, listen, "listen", (int fd, int backlog), fd, backlog)
CALL(int, -1, connect, "connect", (int fd, const struct sockaddr *address, socklen_t length), fd, address, length)
CALL(int, -1, accept4, "accept", (int fd, struct sockaddr *address, socklen_t *length, int flags), fd, address, length,
     flags)
CALL(int, -1, setsockopt, "setsockopt", (int fd, int level, int name, const void *value, socklen_t length), fd, level,
     name, value, length)
CALL(void *, MAP_FAILED, mmap, "mmap", (void *at, size_t length, int protection, int flags, int fd, off_t offset), at,
     length, protection, flags, fd, offset)
CALL(void *, MAP_FAILED, mmap64, "mmap", (void *at, size_t length, int protection, int flags, int fd, off64_t offset),
     at, length, protection, flags, fd, offset)
CALL(ssize_t, -1, read, kind(fd, "read-file", "read-socket"), (int fd, void *bytes, size_t length), fd, bytes, length)
CALL(ssize_t, -1, write, kind(fd, "write-file", "write-socket"), (int fd, const void *bytes, size_t length), fd, bytes,
     length)
CALL(ssize_t, -1, pwrite, kind(fd, "write-file", "write-socket"),
     (int fd, const void *bytes, size_t length, off_t offset), fd, bytes, length, offset)
CALL(ssize_t, -1, writev, kind(fd, "write-file", "write-socket"), (int fd, const struct iovec *pieces, int count), fd,
     pieces, count)
CALL(ssize_t, -1, recvmsg, "read-socket", (int fd, struct msghdr *message, int flags), fd, message, flags)
CALL(ssize_t, -1, sendmsg, "write-socket", (int fd, const struct msghdr *message, int flags), fd, message, flags)

static mode_t mode_of(int flags, va_list arguments)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(name)                                                                                                     \
    int name(const char *path, int flags, ...);                                                                        \
    int name(const char *path, int flags, ...)                                                                         \
    {                                                                                                                  \
        int (*real)(const char *, int, ...);                                                                           \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        mode_t mode = mode_of(flags, arguments);                                                                       \
        va_end(arguments);                                                                                             \
        if (strike("open")) return -1;                                                                                 \
        *(void **)&real = behind(#name);                                                                               \
        return real(path, flags, mode);                                                                                \
    }

OPEN(open)
OPEN(open64)
