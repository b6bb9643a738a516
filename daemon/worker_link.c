#define _GNU_SOURCE /* memfd_create */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "worker_link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_BYTES 65536u

struct worker_link {
    uv_pipe_t pipe;
    struct worker_link_config config;
    struct gsp_talk *talk;
    void *memory;
    size_t size;
    bool closing;
    char buffer[BUFFER_BYTES];
};

struct link_write {
    uv_write_t request;
    uint8_t *bytes;
};

/* ---- the end ---- */

static void on_closed(uv_handle_t *handle)
{
    struct worker_link *link = handle->data;
    gsp_talk_free(link->talk);
    if (link->memory) munmap(link->memory, link->size);
    free(link);
}

void worker_link_drop(struct worker_link *link)
{
    if (link->closing) return;
    link->closing = true;
    uv_close((uv_handle_t *)&link->pipe, on_closed);
}

void worker_link_close(struct worker_link *link, const char *reason)
{
    if (link->closing) return;
    struct gsp_buffer *out = gsp_talk_output(link->talk);
    uv_buf_t buffer;
    if (!gsp_talk_stop(link->talk, reason)) {
        buffer = uv_buf_init((char *)out->data, (unsigned)out->length);
        (void)uv_try_write((uv_stream_t *)&link->pipe, &buffer, 1);
    }
    worker_link_drop(link);
}

static void end(struct worker_link *link, const struct gsp_talk_event *event)
{
    if (!link->closing) link->config.heard(link->config.context, event);
}

static void fail(struct worker_link *link, const char *text)
{
    struct gsp_talk_event event = {.type = GSP_TALK_WRONG};
    snprintf(event.text, sizeof event.text, "%s", text);
    end(link, &event);
}

/* ---- writing ---- */

static void on_written(uv_write_t *request, int status)
{
    struct link_write *write = request->data;
    struct worker_link *link = request->handle->data;
    free(write->bytes);
    free(write);
    if (status < 0 && status != UV_ECANCELED) end(link, NULL);
}

/* Hands the talk's output to libuv. */
static int flush(struct worker_link *link)
{
    struct gsp_buffer *out = gsp_talk_output(link->talk);
    if (out->length == 0) return 0;
    struct link_write *write = gsp_alloc(1, sizeof *write);
    if (!write) return GSP_ERR_NOMEM;
    write->bytes = out->data;
    uv_buf_t buffer = uv_buf_init((char *)out->data, (unsigned)out->length);
    *out = (struct gsp_buffer){0};
    write->request.data = write;
    if (!uv_write(&write->request, (uv_stream_t *)&link->pipe, &buffer, 1, on_written)) return 0;
    free(write->bytes);
    free(write);
    return GSP_ERR_IO;
}

/* ---- reading ---- */

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct worker_link *link = handle->data;
    (void)suggested;
    *buffer = uv_buf_init(link->buffer, sizeof link->buffer);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct worker_link *link = stream->data;
    struct gsp_talk_event event;
    if (count == 0 || link->closing) return;
    if (count < 0) { /* a process that is killed with something unread resets the connection */
        end(link, NULL);
        return;
    }
    if (gsp_talk_receive(link->talk, (const uint8_t *)buffer->base, (size_t)count)) {
        fail(link, "no memory for what it sent");
        return;
    }
    while (!link->closing && gsp_talk_next(link->talk, &event)) link->config.heard(link->config.context, &event);
    if (!link->closing && flush(link)) fail(link, "what is for it can't be written");
}

struct worker_link *worker_link_open(const struct worker_link_config *config, int fd)
{
    struct worker_link *link = gsp_alloc(1, sizeof *link);
    if (!link || gsp_talk_new(&link->talk, config->node, config->memory_limit)) {
        free(link);
        close(fd);
        return NULL;
    }
    link->config = *config;
    link->pipe.data = link;
    uv_pipe_init(config->loop, &link->pipe, 0);
    if (uv_pipe_open(&link->pipe, fd)) {
        close(fd);
        worker_link_close(link, NULL);
        return NULL;
    }
    (void)uv_read_start((uv_stream_t *)&link->pipe, allocate, on_read);
    return link;
}

/* ---- the welcome ---- */

/* Memory that nobody can make shorter: whoever reads beyond its end would die of it. */
static int share(struct worker_link *link, size_t size)
{
    int fd = memfd_create("gossipd-worker", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return -1;
    if (ftruncate(fd, (off_t)size) || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) goto fail;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) goto fail;
    link->memory = memory;
    link->size = size;
    return fd;
fail:
    close(fd);
    return -1;
}

/* The first bytes on a new stream, fewer than its buffer holds: they go out whole or not at all. */
static int send_with(struct worker_link *link, int shared)
{
    struct gsp_buffer *out = gsp_talk_output(link->talk);
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec vector = {.iov_base = out->data, .iov_len = out->length};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.bytes};
    message.msg_controllen = sizeof control.bytes;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof shared);
    memcpy(CMSG_DATA(header), &shared, sizeof shared);
    uv_os_fd_t fd;
    if (uv_fileno((const uv_handle_t *)&link->pipe, &fd)) return GSP_ERR_IO;
    ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent != (ssize_t)out->length) return GSP_ERR_IO;
    out->length = 0;
    return 0;
}

int worker_link_welcome(struct worker_link *link, size_t memory, struct gsp_error *error)
{
    int shared = memory > 0 ? share(link, memory) : -1;
    if (memory > 0 && shared < 0)
        return gsp_error_set(error, GSP_ERR_IO, "%zu bytes of memory can't be shared with it: %s", memory,
                             strerror(errno));
    int rc = gsp_talk_welcome(link->talk, link->memory);
    if (!rc) rc = shared >= 0 ? send_with(link, shared) : flush(link);
    if (shared >= 0) close(shared);
    return rc ? gsp_error_set(error, rc, "it can't be welcomed: %s", gsp_strerror(rc)) : 0;
}

int worker_link_ask(struct worker_link *link, const struct gsp_question *question, const struct gsp_asked *asked,
                    struct gsp_error *error)
{
    int rc = gsp_talk_ask(link->talk, question, asked, error);
    if (rc) return rc;
    rc = flush(link);
    return rc ? gsp_error_set(error, rc, "it can't be asked: %s", gsp_strerror(rc)) : 0;
}

bool worker_link_busy(const struct worker_link *link)
{
    return gsp_talk_busy(link->talk);
}
