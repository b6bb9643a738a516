#define _GNU_SOURCE /* sealed memory */
#include "worker/fake.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { D = FAKE_DIMENSION };

void fake_send_bytes(const struct fake *fake, const void *bytes, size_t length)
{
    ck_assert_int_eq(send(fake->end, bytes, length, MSG_NOSIGNAL), (ssize_t)length);
}

static size_t frame(uint8_t *out, const Gossipd__WorkerMessage *message)
{
    uint32_t length = (uint32_t)gossipd__worker_message__pack(message, out + 4);
    memcpy(out, &length, 4);
    return 4 + length;
}

void fake_tell(struct fake *fake, const Gossipd__WorkerMessage *message)
{
    fake_send_bytes(fake, fake->frame, frame(fake->frame, message));
}

Gossipd__WorkerMessage *fake_hear(struct fake *fake)
{
    uint32_t length;
    if (recv(fake->end, &length, 4, MSG_WAITALL) != 4) return NULL;
    ck_assert_uint_lt(length, sizeof fake->frame);
    if (length) ck_assert_int_eq(recv(fake->end, fake->frame, length, MSG_WAITALL), length);
    Gossipd__WorkerMessage *message = gossipd__worker_message__unpack(NULL, length, fake->frame);
    ck_assert_ptr_nonnull(message);
    return message;
}

Gossipd__WorkerMessage *fake_expect(struct fake *fake, Gossipd__WorkerMessage__BodyCase kind)
{
    Gossipd__WorkerMessage *message = fake_hear(fake);
    ck_assert_ptr_nonnull(message);
    if (message->body_case == GOSSIPD__WORKER_MESSAGE__BODY_ERROR && kind != message->body_case)
        ck_abort_msg("the worker says: %s", message->error->text);
    ck_assert_int_eq(message->body_case, kind);
    return message;
}

void fake_done_with(Gossipd__WorkerMessage *message)
{
    gossipd__worker_message__free_unpacked(message, NULL);
}

void fake_welcome(struct fake *fake, size_t size, bool sealed)
{
    int memory = memfd_create("test", MFD_ALLOW_SEALING);
    ck_assert_int_eq(ftruncate(memory, (off_t)size), 0);
    ck_assert_int_eq(fcntl(memory, F_ADD_SEALS, sealed ? F_SEAL_SHRINK : F_SEAL_GROW), 0);
    fake->memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    fake->x = fake->memory;
    fake->vector = fake->x + 8; /* 64 bytes */
    fake->state = (uint8_t *)fake->memory + 128;
    Gossipd__WorkerMessage message = GOSSIPD__WORKER_MESSAGE__INIT;
    Gossipd__WorkerWelcome body = GOSSIPD__WORKER_WELCOME__INIT;
    body.version = 1;
    body.node = (char[]){"n001"};
    body.has_size = body.has_vector_offset = body.has_state_offset = true;
    body.size = 4096;
    body.vector_offset = 64;
    body.state_offset = 128;
    message.body_case = GOSSIPD__WORKER_MESSAGE__BODY_WELCOME;
    message.welcome = &body;
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec part = {.iov_base = fake->frame, .iov_len = frame(fake->frame, &message)};
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *passed = CMSG_FIRSTHDR(&head);
    passed->cmsg_level = SOL_SOCKET;
    passed->cmsg_type = SCM_RIGHTS;
    passed->cmsg_len = CMSG_LEN(sizeof memory);
    memcpy(CMSG_DATA(passed), &memory, sizeof memory);
    ck_assert_int_eq(sendmsg(fake->end, &head, 0), (ssize_t)part.iov_len);
    close(memory);
}

void fake_greet(struct fake *fake)
{
    fake_done_with(fake_expect(fake, GOSSIPD__WORKER_MESSAGE__BODY_HELLO));
    fake_welcome(fake, 4096, true);
}

void fake_init(struct fake *fake, uint64_t epoch, uint64_t seed)
{
    uint8_t id[16] = {1, 2, 3};
    Gossipd__WorkerMessage message = GOSSIPD__WORKER_MESSAGE__INIT;
    Gossipd__WorkerInit body = GOSSIPD__WORKER_INIT__INIT;
    body.epoch = epoch;
    body.run_id = (ProtobufCBinaryData){.data = id, .len = sizeof id};
    body.seed = seed;
    body.rounds = 9;
    body.node = (char[]){"n001"};
    body.settings = (char[]){"a=b\n"};
    message.body_case = GOSSIPD__WORKER_MESSAGE__BODY_INIT;
    message.init = &body;
    fake_tell(fake, &message);
    Gossipd__WorkerMessage *ready = fake_expect(fake, GOSSIPD__WORKER_MESSAGE__BODY_READY);
    ck_assert(ready->ready->x0);
    ck_assert_double_eq(fake->vector[2], 3);
    fake_done_with(ready);
}

void fake_load(struct fake *fake, uint64_t round, const void *state, size_t length)
{
    Gossipd__WorkerMessage message = GOSSIPD__WORKER_MESSAGE__INIT;
    Gossipd__WorkerLoad body = GOSSIPD__WORKER_LOAD__INIT;
    body.round = round;
    body.state_length = length;
    if (length) memcpy(fake->state, state, length);
    message.body_case = GOSSIPD__WORKER_MESSAGE__BODY_LOAD;
    message.load = &body;
    fake_tell(fake, &message);
    fake_done_with(fake_expect(fake, GOSSIPD__WORKER_MESSAGE__BODY_READY));
}

void fake_ask(struct fake *fake, uint64_t round, uint64_t attempt, bool save)
{
    Gossipd__WorkerMessage message = GOSSIPD__WORKER_MESSAGE__INIT;
    Gossipd__WorkerStep body = GOSSIPD__WORKER_STEP__INIT;
    body.round = round;
    body.attempt = attempt;
    body.eta = 0.5;
    body.save = save;
    message.body_case = GOSSIPD__WORKER_MESSAGE__BODY_STEP;
    message.step = &body;
    fake_tell(fake, &message);
}

void fake_train(struct fake *fake, uint64_t first, uint64_t last)
{
    for (uint64_t round = first; round <= last; round++) {
        fake_ask(fake, round, 1, round == last);
        Gossipd__WorkerMessage *done = fake_expect(fake, GOSSIPD__WORKER_MESSAGE__BODY_DONE);
        ck_assert_uint_eq(done->done->round, round);
        ck_assert_uint_eq(done->done->kind, GOSSIPD__WORKER_KIND__WORKER_UPDATE);
        ck_assert(done->done->has_state_length == (round == last));
        if (round == last) ck_assert_uint_eq(done->done->state_length, sizeof(struct client_state));
        memcpy(fake->x, fake->vector, D * sizeof(double));
        fake_done_with(done);
    }
}

void fake_stop(struct fake *fake)
{
    Gossipd__WorkerMessage message = GOSSIPD__WORKER_MESSAGE__INIT;
    Gossipd__WorkerStop body = GOSSIPD__WORKER_STOP__INIT;
    message.body_case = GOSSIPD__WORKER_MESSAGE__BODY_STOP;
    message.stop = &body;
    fake_tell(fake, &message);
}

void fake_ended(struct fake *fake, int result)
{
    int status;
    ck_assert_int_eq(waitpid(fake->child, &status, 0), fake->child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), result);
    close(fake->end);
    if (fake->memory) munmap(fake->memory, 4096);
}

struct fake fake_start(enum client_case how)
{
    struct fake fake = {0};
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    fake.child = fork();
    if (!fake.child) {
        char text[20];
        close(ends[0]);
        snprintf(text, sizeof text, "fd:%d", ends[1]);
        setenv("GOSSIPD_WORKER", text, 1);
        _exit(client(how, ends[1]));
    }
    close(ends[1]);
    fake.end = ends[0];
    return fake;
}
