/* TCP on loopback, blocking, with time limits. */
#include "attack/intruder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

long net_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static struct sockaddr_in address_of(const struct target *target, size_t node)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(target->network->nodes[node].port)};
    must(inet_pton(AF_INET, target->network->nodes[node].host, &address.sin_addr) == 1, "an endpoint on loopback");
    return address;
}

static int start_connection(const struct target *target, const char *source, int flags)
{
    struct sockaddr_in from = {.sin_family = AF_INET}, to = address_of(target, target->other);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0) return -1;
    bool bound = !source || (inet_pton(AF_INET, source, &from.sin_addr) == 1 &&
                             bind(fd, (const struct sockaddr *)&from, sizeof from) == 0);
    if (bound && (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS)) return fd;
    close(fd);
    return -1;
}

int net_begin(const struct target *target, const char *source)
{
    return start_connection(target, source, SOCK_NONBLOCK);
}

int net_try(const struct target *target, const char *source)
{
    return start_connection(target, source, 0);
}

int net_connect(const struct target *target)
{
    int fd = net_try(target, NULL);
    must(fd >= 0, "a connection to the daemon: %s", strerror(errno));
    return fd;
}

int net_listen(const struct target *target)
{
    int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = address_of(target, target->self);
    address.sin_addr.s_addr = htonl(INADDR_ANY); /* the addresses of all nodes that the attacker plays */
    must(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
             bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1024) == 0,
         "a listening socket: %s", strerror(errno));
    return fd;
}

static bool readable(int fd, int milliseconds)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    return poll(&wait, 1, milliseconds > 0 ? milliseconds : 0) > 0;
}

int net_accept(int listener, int milliseconds)
{
    must(readable(listener, milliseconds), "the daemon to dial within %d ms", milliseconds);
    int fd = accept(listener, NULL, NULL);
    must(fd >= 0, "to accept: %s", strerror(errno));
    return fd;
}

void net_send(int fd, const void *bytes, size_t length)
{
    const uint8_t *next = bytes;
    while (length > 0) {
        ssize_t sent = send(fd, next, length, MSG_NOSIGNAL);
        if (sent < 0) return;
        next += sent;
        length -= (size_t)sent;
    }
}

size_t net_receive(int fd, void *bytes, size_t length, int milliseconds)
{
    size_t got = 0;
    for (long end = net_now() + milliseconds; got < length && readable(fd, (int)(end - net_now()));) {
        ssize_t part = recv(fd, (uint8_t *)bytes + got, length - got, 0);
        if (part <= 0) break;
        got += (size_t)part;
    }
    return got;
}

size_t net_receive_some(int fd, void *bytes, size_t length, int milliseconds)
{
    ssize_t got = readable(fd, milliseconds) ? recv(fd, bytes, length, 0) : 0;
    return got > 0 ? (size_t)got : 0;
}

static bool ended(int fd, int milliseconds, bool silently)
{
    uint8_t bytes[4096];
    for (long end = net_now() + milliseconds; readable(fd, (int)(end - net_now()));) {
        if (recv(fd, bytes, sizeof bytes, 0) <= 0) return true;
        if (silently) return false;
    }
    return false;
}

bool net_silent_end(int fd, int milliseconds)
{
    return ended(fd, milliseconds, true);
}

bool net_end(int fd, int milliseconds)
{
    return ended(fd, milliseconds, false);
}
