/* What an attacker does on a real network: TCP, the handshake and the records of a node, honest or not. Whatever goes
 * wrong on its own side ends the program with a message. */
#ifndef TESTS_ATTACK_INTRUDER_H
#define TESTS_ATTACK_INTRUDER_H

#include <gossip/algo.h>
#include <gossip/session.h>

#include "transport/channel.h"
#include "transport/noise.h"

enum {
    MESSAGE_1 = GSP__NOISE_OVERHEAD_1,
    MESSAGE_2 = GSP__NOISE_OVERHEAD_2,
    MESSAGE_3 = GSP__NOISE_OVERHEAD_3 + GSP_NAME_MAX + 32,
    PROMPT = 3000,  /* ms: an answer, or the end, of a daemon that has nothing to wait for */
    WRITTEN = 20000 /* ms: what comes when a run state is on the disks, which may be busy */
};

/* Ends the program unless the claim holds; the format says what was expected. */
void must(bool holds, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- the network under attack ---- */

struct target {
    const char *folder; /* the stage's: peers.conf, and a folder for each node */
    struct gsp_network *network;
    struct gsp_graph *graph;
    size_t self, other; /* whose key the attacker holds, and the node that it attacks */
    uint8_t secret[GSP_KEY_BYTES];
    uint8_t hash[32]; /* of the network */
};

void target_load(struct target *target, const char *folder, const char *self, const char *other);
void target_free(struct target *target);
/* The private key of another node. */
void target_key(const struct target *target, const char *name, uint8_t secret[GSP_KEY_BYTES]);
/* kB of the attacked daemon, as /proc/PID/status has it: VmRSS, VmHWM. */
long target_memory(const struct target *target, const char *what);
/* That it has not grown by more than `most` kB since it was `before`. Sanitizers keep what is freed: no limit then. */
void check_growth(const struct target *target, const char *what, long before, long most);

/* ---- bytes ---- */

/* Milliseconds of a clock that only goes on. */
long net_now(void);
/* Connects to the attacked node, from this loopback address (NULL: the usual). Negative: it was not possible. */
int net_begin(const struct target *target, const char *source); /* does not wait until it stands */
int net_try(const struct target *target, const char *source);
int net_connect(const struct target *target);
/* Listens where the attacker's node is said to be; then waits for one who dials it. */
int net_listen(const struct target *target);
int net_accept(int listener, int milliseconds);
/* That the other side has hung up meanwhile is no failure. */
void net_send(int fd, const void *bytes, size_t length);
/* Until there are so many bytes, the end or the time is over; returns how many came. */
size_t net_receive(int fd, void *bytes, size_t length, int milliseconds);
/* What there is, once there is something; 0: the end, or nothing in this time. */
size_t net_receive_some(int fd, void *bytes, size_t length, int milliseconds);
/* Whether the other side ends the connection in this time, having said nothing more. */
bool net_silent_end(int fd, int milliseconds);
/* The same, whatever it says before. */
bool net_end(int fd, int milliseconds);

/* ---- handshakes ---- */

/* Where the attacker differs from the node it plays; what is NULL or 0 is the truth. */
struct lies {
    const uint8_t *secret_key, *remote_key;
    const char *network;
    uint8_t version;
};

struct intruder {
    const struct target *target;
    int fd;
    struct gsp__noise noise;
    struct gsp__channel channel;
    uint8_t m1[MESSAGE_1], m2[MESSAGE_2], m3[MESSAGE_3]; /* as they are, or were, on the wire */
};

/* As dialer: connects and makes message 1; sends it and takes message 2 (false: none came); makes message 3; sends it.
 */
void intruder_open(struct intruder *intruder, const struct target *target, const struct lies *lies);
bool intruder_ask(struct intruder *intruder);
void intruder_prove(struct intruder *intruder);
void intruder_enter(struct intruder *intruder);
/* All of it, Welcome and Hello: the link is up. */
void intruder_link(struct intruder *intruder, const struct target *target);
/* The same; false if the daemon hung up or is not in time. */
bool intruder_try(struct intruder *intruder, const struct target *target, int milliseconds);
/* As responder on an accepted connection: takes message 1 (await: without reading it); makes message 2; sends it and
 * takes message 3 (false: none came). */
void intruder_await(struct intruder *intruder, const struct target *target, int fd, const struct lies *lies);
void intruder_answer(struct intruder *intruder, const struct target *target, int fd);
void intruder_reply(struct intruder *intruder);
bool intruder_admit(struct intruder *intruder);
void intruder_close(struct intruder *intruder);

/* ---- messages ---- */

void intruder_say(struct intruder *intruder, const struct gsp_message *message);
/* Plain bytes of the stream, which begin with a u32 length or not. */
void intruder_say_bytes(struct intruder *intruder, const void *bytes, size_t length);
/* Seals plain bytes into one record without sending it; `record` has room for GSP__RECORD_OVERHEAD more. */
size_t intruder_seal(struct intruder *intruder, const void *bytes, size_t length, uint8_t *record);
/* The next message of this type, others skipped; false: none came in this time. A payload lives until the next call. */
bool intruder_hear(struct intruder *intruder, enum gsp_message_type type, struct gsp_message *out, int milliseconds);
/* A ping, and the daemon's answer to it. */
void intruder_ping(struct intruder *intruder);
/* The attacked daemon takes an honest node in and answers it, within this time. */
void check_healthy(const struct target *target, int milliseconds);

#endif
