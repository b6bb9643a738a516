#include "attack/intruder.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transport/record.h"

void must(bool holds, const char *format, ...)
{
    if (holds) return;
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "expected ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    exit(EXIT_FAILURE);
}

/* ---- the network under attack ---- */

static size_t read_file(const struct target *target, const char *name, char *text, size_t size)
{
    char path[PATH_MAX];
    int needed = snprintf(path, sizeof path, "%s/%s", target->folder, name);
    must(needed > 0 && (size_t)needed < sizeof path, "a shorter path than %s", target->folder);
    FILE *file = fopen(path, "r");
    must(file, "the file %s", path);
    size_t length = fread(text, 1, size - 1, file);
    fclose(file);
    text[length] = 0;
    return length;
}

void target_key(const struct target *target, const char *name, uint8_t secret[GSP_KEY_BYTES])
{
    char path[2 * GSP_NAME_MAX + 8], text[128];
    snprintf(path, sizeof path, "%s/%s.key", name, name);
    size_t length = read_file(target, path, text, sizeof text);
    must(gsp_key_decode(secret, text, length, NULL) == 0, "a key in %s", path);
}

static size_t find(const struct target *target, const char *name)
{
    long node = gsp_network_find(target->network, name);
    must(node >= 0, "a node %s in peers.conf", name);
    return (size_t)node;
}

void target_load(struct target *target, const char *folder, const char *self, const char *other)
{
    static char text[1 << 20];
    struct gsp_problems problems = {0};
    *target = (struct target){.folder = folder};
    size_t length = read_file(target, "peers.conf", text, sizeof text);
    must(gsp_network_parse(&target->network, "peers.conf", text, length, &problems) == 0 &&
             gsp_graph_from_network(&target->graph, "peers.conf", target->network, &problems) == 0,
         "a network in peers.conf");
    gsp_problems_clear(&problems);
    target->self = find(target, self);
    target->other = find(target, other);
    target_key(target, self, target->secret);
    gsp_network_hash(target->hash, target->network, target->graph);
}

void target_free(struct target *target)
{
    gsp_graph_free(target->graph);
    gsp_network_free(target->network);
}

long target_memory(const struct target *target, const char *what)
{
    char path[PATH_MAX], text[256];
    snprintf(path, sizeof path, "%s/state/lock", target->network->nodes[target->other].name);
    read_file(target, path, text, sizeof text);
    snprintf(path, sizeof path, "/proc/%ld/status", atol(text));
    FILE *file = fopen(path, "r");
    must(file, "the daemon to live, and %s", path);
    long value = -1;
    while (value < 0 && fgets(text, sizeof text, file))
        if (strncmp(text, what, strlen(what)) == 0) value = atol(text + strlen(what) + 1);
    fclose(file);
    must(value > 0, "%s in %s", what, path);
    return value;
}

void check_growth(const struct target *target, const char *what, long before, long most)
{
    long after = target_memory(target, what);
    printf("  %s %ld kB before, %ld kB after\n", what, before, after);
    must(after - before <= most || getenv("ATTACK_SANITIZED"), "at most %ld kB more", most);
}

/* ---- handshakes ---- */

static void begin(struct intruder *intruder, const struct lies *lies, bool dialer)
{
    static const struct lies none;
    const struct target *target = intruder->target;
    if (!lies) lies = &none;
    const char *network = lies->network ? lies->network : target->network->name;
    const uint8_t version = lies->version ? lies->version : GSP_PROTOCOL_VERSION;
    const uint8_t *secret = lies->secret_key ? lies->secret_key : target->secret;
    const uint8_t *remote = lies->remote_key ? lies->remote_key : target->network->nodes[target->other].public_key;
    uint8_t ephemeral[GSP__NOISE_KEY];
    struct gsp_buffer prologue = {0};
    randombytes_buf(ephemeral, sizeof ephemeral);
    gsp_buffer_append(&prologue, "gossipd", 7);
    gsp_buffer_append(&prologue, &version, 1);
    gsp_buffer_append(&prologue, network, strlen(network));
    int rc = dialer ? gsp__noise_initiator(&intruder->noise, prologue.data, prologue.length, secret, ephemeral, remote)
                    : gsp__noise_responder(&intruder->noise, prologue.data, prologue.length, secret, ephemeral);
    must(!rc, "a handshake to begin");
    gsp_buffer_clear(&prologue);
}

void intruder_open(struct intruder *intruder, const struct target *target, const struct lies *lies)
{
    size_t length;
    *intruder = (struct intruder){.target = target, .fd = net_connect(target)};
    begin(intruder, lies, true);
    must(gsp__noise_write(&intruder->noise, NULL, 0, intruder->m1, &length) == 0, "message 1");
}

bool intruder_ask(struct intruder *intruder)
{
    net_send(intruder->fd, intruder->m1, MESSAGE_1);
    return net_receive(intruder->fd, intruder->m2, MESSAGE_2, PROMPT) == MESSAGE_2;
}

void intruder_prove(struct intruder *intruder)
{
    uint8_t nothing[1], payload[GSP_NAME_MAX + 32] = {0};
    size_t length;
    const struct target *target = intruder->target;
    const char *name = target->network->nodes[target->self].name;
    must(gsp__noise_read(&intruder->noise, intruder->m2, MESSAGE_2, nothing, &length) == 0, "a valid message 2");
    memcpy(payload, name, strlen(name));
    memcpy(payload + GSP_NAME_MAX, target->hash, sizeof target->hash);
    must(gsp__noise_write(&intruder->noise, payload, sizeof payload, intruder->m3, &length) == 0, "message 3");
    must(gsp__noise_split(&intruder->noise, &intruder->channel.send, &intruder->channel.receive) == 0, "two keys");
}

void intruder_enter(struct intruder *intruder)
{
    net_send(intruder->fd, intruder->m3, MESSAGE_3);
}

static bool pinged(struct intruder *intruder, int milliseconds)
{
    struct gsp_message ping = {.type = GSP_MSG_PING}, pong;
    randombytes_buf(&ping.u.ping.nonce, sizeof ping.u.ping.nonce);
    intruder_say(intruder, &ping);
    do
        if (!intruder_hear(intruder, GSP_MSG_PONG, &pong, milliseconds)) return false;
    while (pong.u.ping.nonce != ping.u.ping.nonce);
    return true;
}

static void hello(struct intruder *intruder)
{
    struct gsp_message message = {.type = GSP_MSG_HELLO};
    randombytes_buf(&message.u.hello.incarnation, sizeof message.u.hello.incarnation);
    intruder_say(intruder, &message);
}

void intruder_link(struct intruder *intruder, const struct target *target)
{
    must(intruder_try(intruder, target, PROMPT), "a link with the daemon");
}

bool intruder_try(struct intruder *intruder, const struct target *target, int milliseconds)
{
    struct gsp_message message;
    intruder_open(intruder, target, NULL);
    if (!intruder_ask(intruder)) return false;
    intruder_prove(intruder);
    intruder_enter(intruder);
    if (!intruder_hear(intruder, GSP_MSG_WELCOME, &message, milliseconds)) return false;
    hello(intruder);
    return true;
}

void intruder_await(struct intruder *intruder, const struct target *target, int fd, const struct lies *lies)
{
    *intruder = (struct intruder){.target = target, .fd = fd};
    must(net_receive(fd, intruder->m1, MESSAGE_1, PROMPT) == MESSAGE_1, "message 1 of who dialed");
    begin(intruder, lies, false);
}

void intruder_answer(struct intruder *intruder, const struct target *target, int fd)
{
    uint8_t nothing[1];
    size_t length;
    intruder_await(intruder, target, fd, NULL);
    must(gsp__noise_read(&intruder->noise, intruder->m1, MESSAGE_1, nothing, &length) == 0, "a message 1 for us");
}

void intruder_reply(struct intruder *intruder)
{
    size_t length;
    must(gsp__noise_write(&intruder->noise, NULL, 0, intruder->m2, &length) == 0, "message 2");
}

bool intruder_admit(struct intruder *intruder)
{
    uint8_t payload[GSP_NAME_MAX + 32];
    size_t length;
    net_send(intruder->fd, intruder->m2, MESSAGE_2);
    if (net_receive(intruder->fd, intruder->m3, MESSAGE_3, PROMPT) != MESSAGE_3) return false;
    must(gsp__noise_read(&intruder->noise, intruder->m3, MESSAGE_3, payload, &length) == 0, "a valid message 3");
    must(gsp__noise_split(&intruder->noise, &intruder->channel.send, &intruder->channel.receive) == 0, "two keys");
    return true;
}

void intruder_close(struct intruder *intruder)
{
    if (intruder->fd >= 0) close(intruder->fd);
    intruder->fd = -1;
    gsp__noise_wipe(&intruder->noise);
    gsp__channel_clear(&intruder->channel);
}

/* ---- messages ---- */

static void send_sealed(struct intruder *intruder)
{
    uint8_t *sealed;
    size_t length;
    must(gsp__channel_seal(&intruder->channel, SIZE_MAX, &sealed, &length) == 0, "a record");
    net_send(intruder->fd, sealed, length);
    free(sealed);
}

void intruder_say(struct intruder *intruder, const struct gsp_message *message)
{
    must(gsp__channel_put(&intruder->channel, message) == 0, "a message of type %d", (int)message->type);
    send_sealed(intruder);
}

void intruder_say_bytes(struct intruder *intruder, const void *bytes, size_t length)
{
    must(gsp_buffer_append(&intruder->channel.out, bytes, length) == 0, "memory");
    send_sealed(intruder);
}

size_t intruder_seal(struct intruder *intruder, const void *bytes, size_t length, uint8_t *record)
{
    must(gsp__record_seal(&intruder->channel.send, bytes, length, record) == 0, "a record");
    return length + GSP__RECORD_OVERHEAD;
}

bool intruder_hear(struct intruder *intruder, enum gsp_message_type type, struct gsp_message *out, int milliseconds)
{
    struct gsp_error error = {0};
    const uint8_t *bytes;
    size_t length;
    for (;;) {
        while (gsp__channel_next(&intruder->channel, SIZE_MAX, &bytes, &length, &error) > 0) {
            must(gsp_message_unpack(out, bytes, length, &error) == 0, "a message: %s", error.message);
            if (out->type == type) return true;
        }
        uint8_t part[4096];
        size_t got = net_receive_some(intruder->fd, part, sizeof part, milliseconds);
        if (got == 0) return false;
        must(gsp__channel_feed(&intruder->channel, part, got, &error) == 0, "a record: %s", error.message);
    }
}

void intruder_ping(struct intruder *intruder)
{
    must(pinged(intruder, PROMPT), "a Pong");
}

void check_healthy(const struct target *target, int milliseconds)
{
    struct intruder honest;
    struct gsp_message farewell = {.type = GSP_MSG_CLOSE};
    for (long end = net_now() + milliseconds; !intruder_try(&honest, target, PROMPT) || !pinged(&honest, PROMPT);) {
        intruder_close(&honest);
        must(net_now() < end, "an honest node to be let in within %d ms", milliseconds);
    }
    intruder_say(&honest, &farewell);
    must(net_end(honest.fd, PROMPT), "the end of a connection that was closed in order");
    intruder_close(&honest);
}
