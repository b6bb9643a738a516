/* Attacks on the daemon's patience, memory and descriptors by many connections, or slow ones. */
#include "attack/attacks.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/limits.h"

enum {
    CROWD = 10000,
    SETTLED = 10000,  /* ms: in this time an honest node gets in */
    GROWTH = 4 * 1024 /* kB that a flood may take: 64 connections of strangers take much less */
};

/* A byte now and then does not stretch the time for a handshake. */
static void slow_handshake(const struct target *target)
{
    struct intruder intruder;
    intruder_open(&intruder, target, NULL);
    long began = net_now();
    bool over = false;
    for (size_t i = 0; i < MESSAGE_1 - 1 && !over; i++) {
        net_send(intruder.fd, intruder.m1 + i, 1);
        over = net_silent_end(intruder.fd, 300);
        must(net_now() - began < GSP__HANDSHAKE_TIME + 3000, "the end of a slow handshake");
    }
    must(over && net_now() - began > GSP__HANDSHAKE_TIME - 1000, "%d ms for a handshake, not %ld", GSP__HANDSHAKE_TIME,
         net_now() - began);
    intruder_close(&intruder);
}

/* As many open files, or as many as the host allows; returns how many of them may be connections. */
static size_t allow_files(rlim_t count)
{
    struct rlimit files;
    must(getrlimit(RLIMIT_NOFILE, &files) == 0, "a limit of open files");
    files.rlim_cur = count < files.rlim_max ? count : files.rlim_max;
    must(setrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur > 200, "to be allowed more open files");
    return files.rlim_cur - 64;
}

/* Connections from many addresses; each that the daemon drops is made anew. */
struct crowd {
    struct pollfd *each;
    size_t size, made, dropped;
};

static void join(const struct target *target, struct crowd *crowd, size_t i)
{
    char source[32];
    snprintf(source, sizeof source, "127.%zu.%zu.%zu", 2 + crowd->made / 62500 % 200, crowd->made / 250 % 250,
             1 + crowd->made % 250);
    crowd->each[i] = (struct pollfd){.fd = net_begin(target, source), .events = POLLIN};
    crowd->made++;
}

static void come_back(const struct target *target, struct crowd *crowd)
{
    poll(crowd->each, crowd->size, 10);
    for (size_t i = 0; i < crowd->size; i++) {
        if (crowd->each[i].fd >= 0 && crowd->each[i].revents == 0) continue;
        if (crowd->each[i].fd >= 0) {
            crowd->dropped++;
            close(crowd->each[i].fd);
        }
        join(target, crowd, i);
    }
}

/* A process of its own that keeps so many connections half open, until it is killed. What it has done is seen here. */
static struct crowd *flood(const struct target *target, size_t size, pid_t *child)
{
    /* cppcheck-suppress invalidFunctionArg */
    struct crowd *crowd = mmap(NULL, sizeof *crowd, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(crowd != MAP_FAILED, "memory");
    *child = fork();
    must(*child >= 0, "a process");
    if (*child > 0) return crowd;
    crowd->each = calloc(size, sizeof *crowd->each);
    if (!crowd->each) _exit(EXIT_FAILURE);
    for (crowd->size = 0; crowd->size < size; crowd->size++) join(target, crowd, crowd->size);
    for (long end = net_now() + 60000; net_now() < end;) come_back(target, crowd);
    _exit(EXIT_SUCCESS);
}

static void end_flood(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* Ten thousand that say nothing, and come back when they are dropped. In the thick of it an honest node gets in. */
static void half_open(const struct target *target)
{
    long before = target_memory(target, "VmHWM:");
    pid_t child;
    const struct crowd *crowd = flood(target, allow_files(CROWD + 64), &child);
    for (long end = net_now() + 30000; crowd->dropped < CROWD && net_now() < end;) usleep(10000);
    must(crowd->dropped >= CROWD, "%d connections to be dropped, not %zu", CROWD, crowd->dropped);
    long began = net_now();
    check_healthy(target, SETTLED);
    printf("  %zu connections made, %zu dropped; an honest node was in after %ld ms\n", crowd->made, crowd->dropped,
           net_now() - began);
    end_flood(child);
    check_growth(target, "VmHWM:", before, GROWTH);
}

/* The same against a daemon that may open few files: it goes on, and lets an honest node in when the flood is over. */
static void few_files(const struct target *target)
{
    pid_t child;
    allow_files(1000);
    flood(target, 500, &child);
    sleep(2);
    end_flood(child);
    check_healthy(target, SETTLED);
}

/* Replays of message 1 cost the daemon a key agreement each, and an attacker nothing. */
static void replayed_m1_flood(const struct target *target)
{
    long before = target_memory(target, "VmHWM:");
    struct intruder honest;
    intruder_open(&honest, target, NULL);
    for (int i = 0; i < 2000; i++) {
        int fd = net_try(target, NULL);
        if (fd < 0) continue;
        net_send(fd, honest.m1, MESSAGE_1);
        if (i % 2) net_receive_some(fd, honest.m2, MESSAGE_2, 100);
        close(fd);
    }
    intruder_close(&honest);
    check_growth(target, "VmHWM:", before, GROWTH);
}

const struct attack attacks_floods[] = {
    {"slow-handshake", STAGE_DIAL, slow_handshake},
    {"half-open-10000", STAGE_DIAL, half_open},
    {"few-files", STAGE_FEW, few_files},
    {"replayed-m1-flood", STAGE_DIAL, replayed_m1_flood},
    {0},
};
