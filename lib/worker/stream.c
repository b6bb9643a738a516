/* The socket: where the daemon is, and frames over it. */
#define _GNU_SOURCE /* sealed memory, O_PATH */
#include "worker/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int inherit(struct gsp_worker *worker, const char *text, struct gsp_worker_error *error)
{
    char *end;
    struct stat status;
    errno = 0;
    long number = strtol(text + 3, &end, 10);
    if (errno || end == text + 3 || *end || number < 0 || number > INT_MAX || fstat((int)number, &status) ||
        !S_ISSOCK(status.st_mode) || fcntl((int)number, F_SETFD, FD_CLOEXEC))
        return gsp__worker_fail(error, GSP_WORKER_ERR_USAGE,
                                "GOSSIPD_WORKER=%s: that is no inherited socket; only gossipd sets it so", text);
    worker->descriptor = (int)number;
    return 0;
}

int gsp__worker_address(struct gsp_worker *worker, struct gsp_worker_error *error)
{
    const char *text = getenv("GOSSIPD_WORKER");
    if (!text || !*text)
        return gsp__worker_fail(
            error, GSP_WORKER_ERR_USAGE,
            "GOSSIPD_WORKER is not set: this program computes steps for a gossipd. Start it by gossipd "
            "([Worker] Command = ... in gossipd.conf), or set GOSSIPD_WORKER to the path of "
            "State/worker.sock");
    if (!strncmp(text, "fd:", 3)) return inherit(worker, text, error);
    worker->address = strdup(text);
    return worker->address ? 0 : gsp__worker_fail(error, GSP_WORKER_ERR_NOMEM, "out of memory");
}

void gsp__worker_disconnect(struct gsp_worker *worker)
{
    if (worker->descriptor >= 0) close(worker->descriptor);
    worker->descriptor = -1;
    worker->greeted = worker->in_run = worker->in_step = false;
    if (!worker->address) worker->ended = true;
}

/* A path may be longer than a socket's address: then it is reached by way of its folder. errno at -1. */
static int dial(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int folder = -1, length = snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    const char *slash = strrchr(path, '/');
    if (length >= (int)sizeof address.sun_path && slash) {
        char *name = strndup(path, (size_t)(slash - path));
        folder = name ? open(name, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
        free(name);
        if (folder < 0) return -1;
        length = snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d%s", folder, slash);
    }
    int end = -1;
    if (length >= (int)sizeof address.sun_path)
        errno = ENAMETOOLONG;
    else
        end = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (end >= 0 && connect(end, (const struct sockaddr *)&address, sizeof address)) {
        int reason = errno;
        close(end);
        end = -1;
        errno = reason;
    }
    int reason = errno;
    if (folder >= 0) close(folder);
    errno = reason;
    return end;
}

static void say(const struct gsp_worker *worker, const char *text)
{
    if (worker->model.say)
        worker->model.say(worker->model.context, text);
    else
        fprintf(stderr, "gossipd worker: %s\n", text);
}

int gsp__worker_connect(struct gsp_worker *worker, struct gsp_worker_error *error)
{
    if (worker->descriptor >= 0) return 0;
    if (!worker->address) return GSP__WORKER_END;
    for (bool said = false; (worker->descriptor = dial(worker->address)) < 0; said = true) {
        if (errno != ENOENT && errno != ECONNREFUSED && errno != EAGAIN && errno != EINTR)
            return gsp__worker_fail(error, GSP_WORKER_ERR_IO, "GOSSIPD_WORKER=%s: %s", worker->address,
                                    strerror(errno));
        char text[300];
        snprintf(text, sizeof text, "waiting for gossipd at %s", worker->address);
        if (!said) say(worker, text);
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    }
    return 0;
}

int gsp__worker_send(struct gsp_worker *worker, const Gossipd__WorkerMessage *message, struct gsp_worker_error *error)
{
    if (worker->descriptor < 0) return 0;
    size_t length = gossipd__worker_message__get_packed_size(message), done = 0;
    uint8_t *frame = length <= UINT32_MAX ? malloc(4 + length) : NULL;
    if (!frame) return gsp__worker_fail(error, GSP_WORKER_ERR_NOMEM, "no memory for a message of %zu bytes", length);
    for (int i = 0; i < 4; i++) frame[i] = (uint8_t)(length >> 8 * i);
    gossipd__worker_message__pack(message, frame + 4);
    while (done < 4 + length) {
        ssize_t count = send(worker->descriptor, frame + done, 4 + length - done, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR) break;
        if (count > 0) done += (size_t)count;
    }
    free(frame);
    return 0;
}

/* Keeps the first descriptor that came, closes others. */
static void keep_descriptor(struct msghdr *head, int *passed)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(head); part; part = CMSG_NXTHDR(head, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        for (size_t at = 0; at + sizeof(int) <= part->cmsg_len - CMSG_LEN(0); at += sizeof(int)) {
            int number;
            memcpy(&number, CMSG_DATA(part) + at, sizeof number);
            if (*passed < 0)
                *passed = number;
            else
                close(number);
        }
    }
}

static int take(const struct gsp_worker *worker, uint8_t *bytes, size_t length, int *passed)
{
    while (length) {
        union {
            struct cmsghdr align;
            char bytes[CMSG_SPACE(4 * sizeof(int))];
        } ancillary;
        struct iovec part = {.iov_base = bytes, .iov_len = length};
        struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1};
        if (passed) {
            head.msg_control = ancillary.bytes;
            head.msg_controllen = sizeof ancillary.bytes;
        }
        ssize_t count = recvmsg(worker->descriptor, &head, MSG_CMSG_CLOEXEC);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return GSP__WORKER_END;
        if (passed) keep_descriptor(&head, passed);
        bytes += count;
        length -= (size_t)count;
    }
    return 0;
}

int gsp__worker_receive(struct gsp_worker *worker, Gossipd__WorkerMessage **out, int *passed,
                        struct gsp_worker_error *error)
{
    size_t most = GSP__WORKER_FRAME;
    if (worker->model.inline_vectors) most += worker->bytes + (size_t)worker->model.state_max;
    for (;;) {
        uint8_t head[4];
        int rc = take(worker, head, sizeof head, passed);
        if (rc) return rc;
        size_t length = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
        if (length > most)
            return gsp__worker_fail(error, GSP_WORKER_ERR_PROTOCOL,
                                    "the daemon sent a message of %zu bytes, where %zu is the most", length, most);
        if (length > worker->frame_room) {
            uint8_t *larger = realloc(worker->frame, length);
            if (!larger) return gsp__worker_fail(error, GSP_WORKER_ERR_NOMEM, "no memory for %zu bytes", length);
            worker->frame = larger;
            worker->frame_room = length;
        }
        rc = take(worker, worker->frame, length, passed);
        if (rc) return rc;
        Gossipd__WorkerMessage *message = gossipd__worker_message__unpack(NULL, length, worker->frame);
        if (!message || !length) {
            gossipd__worker_message__free_unpacked(message, NULL);
            return gsp__worker_fail(error, GSP_WORKER_ERR_PROTOCOL, "the daemon sent a message that does not decode");
        }
        *out = message;
        if (message->body_case != GOSSIPD__WORKER_MESSAGE__BODY__NOT_SET) return 0;
        gossipd__worker_message__free_unpacked(message, NULL); /* of a later version, which may be passed over */
    }
}
