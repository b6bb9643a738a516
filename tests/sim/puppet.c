#include "sim/puppet.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(int rc, const struct gsp_error *error)
{
    if (rc) fprintf(stderr, "%s\n", error->message);
    assert(rc == 0);
}

static uint64_t puppets; /* ephemeral keys differ */

static void make_prologue(const struct puppet *puppet, struct gsp_buffer *prologue)
{
    const char *name = puppet->lies.network ? puppet->lies.network : cluster_network(puppet->cluster)->name;
    uint8_t version = puppet->lies.version ? puppet->lies.version : GSP_PROTOCOL_VERSION;
    gsp_buffer_append(prologue, "gossipd", 7);
    gsp_buffer_append(prologue, &version, 1);
    gsp_buffer_append(prologue, name, strlen(name));
}

static void start(struct puppet *puppet, bool dialer)
{
    const struct gsp_network_node *nodes = cluster_network(puppet->cluster)->nodes;
    const uint8_t *secret = puppet->lies.secret_key, *remote = puppet->lies.remote_key;
    if (!secret) secret = cluster_secret_key(puppet->cluster, puppet->self);
    if (!remote) remote = nodes[puppet->other].public_key;
    uint8_t ephemeral[GSP__NOISE_KEY];
    gsp_stream_key(ephemeral, ++puppets, "puppet", "ephemeral");
    struct gsp_buffer prologue = {0};
    make_prologue(puppet, &prologue);
    int rc = dialer ? gsp__noise_initiator(&puppet->noise, prologue.data, prologue.length, secret, ephemeral, remote)
                    : gsp__noise_responder(&puppet->noise, prologue.data, prologue.length, secret, ephemeral);
    assert(rc == 0);
    gsp_buffer_clear(&prologue);
}

static void new_puppet(struct puppet *puppet, struct cluster *cluster, size_t self, size_t other,
                       const struct puppet_lies *lies)
{
    *puppet = (struct puppet){.cluster = cluster, .self = self, .other = other};
    if (lies) puppet->lies = *lies;
}

void puppet_begin(struct puppet *puppet, struct cluster *cluster, size_t self, size_t other,
                  const struct puppet_lies *lies)
{
    uint8_t message[PUPPET_MESSAGE_1];
    size_t length;
    new_puppet(puppet, cluster, self, other, lies);
    puppet->connection = cluster_intrude(cluster, other, "puppet");
    start(puppet, true);
    assert(gsp__noise_write(&puppet->noise, NULL, 0, message, &length) == 0);
    cluster_say(cluster, puppet->connection, message, length);
}

static void listen_in(struct puppet *puppet)
{
    cluster_hear(puppet->cluster, puppet->connection, &puppet->heard);
}

static void write_message_3(const struct puppet *puppet, uint8_t payload[GSP_NAME_MAX + 32])
{
    const struct gsp_network *network = cluster_network(puppet->cluster);
    const char *name = puppet->lies.name ? puppet->lies.name : network->nodes[puppet->self].name;
    memset(payload, 0, GSP_NAME_MAX);
    memcpy(payload, name, strlen(name));
    gsp_network_hash(payload + GSP_NAME_MAX, network, cluster_graph(puppet->cluster));
    if (puppet->lies.hash) memcpy(payload + GSP_NAME_MAX, puppet->lies.hash, 32);
}

bool puppet_prove(struct puppet *puppet)
{
    uint8_t nothing[1], payload[GSP_NAME_MAX + 32], message[PUPPET_MESSAGE_3];
    size_t length;
    listen_in(puppet);
    if (puppet->heard.length < PUPPET_MESSAGE_2) return false;
    if (gsp__noise_read(&puppet->noise, puppet->heard.data, PUPPET_MESSAGE_2, nothing, &length)) return false;
    gsp_buffer_consume(&puppet->heard, PUPPET_MESSAGE_2);
    write_message_3(puppet, payload);
    assert(gsp__noise_write(&puppet->noise, payload, sizeof payload, message, &length) == 0);
    assert(gsp__noise_split(&puppet->noise, &puppet->channel.send, &puppet->channel.receive) == 0);
    cluster_say(puppet->cluster, puppet->connection, message, length);
    return true;
}

void puppet_link(struct puppet *puppet, struct cluster *cluster, size_t self, size_t other)
{
    struct gsp_message message;
    puppet_begin(puppet, cluster, self, other, NULL);
    assert(puppet_prove(puppet));
    puppet_expect(puppet, GSP_MSG_WELCOME, &message);
    puppet_say(puppet, &(struct gsp_message){.type = GSP_MSG_HELLO, .u.hello.incarnation = puppets});
    assert(!puppet_hung_up(puppet));
}

void puppet_answer(struct puppet *puppet, struct cluster *cluster, size_t self, size_t other)
{
    uint8_t payload[PUPPET_MESSAGE_3], message[PUPPET_MESSAGE_2];
    size_t length;
    new_puppet(puppet, cluster, self, other, NULL);
    puppet->connection = cluster_dialed(cluster);
    start(puppet, false);
    listen_in(puppet);
    assert(puppet->heard.length == PUPPET_MESSAGE_1);
    assert(gsp__noise_read(&puppet->noise, puppet->heard.data, PUPPET_MESSAGE_1, payload, &length) == 0);
    puppet->heard.length = 0;
    assert(gsp__noise_write(&puppet->noise, NULL, 0, message, &length) == 0);
    cluster_say(cluster, puppet->connection, message, length);
    listen_in(puppet);
    assert(puppet->heard.length == PUPPET_MESSAGE_3);
    assert(gsp__noise_read(&puppet->noise, puppet->heard.data, PUPPET_MESSAGE_3, payload, &length) == 0);
    puppet->heard.length = 0;
    assert(gsp__noise_split(&puppet->noise, &puppet->channel.send, &puppet->channel.receive) == 0);
}

void puppet_end(struct puppet *puppet)
{
    cluster_hang_up(puppet->cluster, puppet->connection);
    gsp__noise_wipe(&puppet->noise);
    gsp__channel_clear(&puppet->channel);
    gsp_buffer_clear(&puppet->heard);
}

static void seal(struct puppet *puppet)
{
    uint8_t *sealed;
    size_t length;
    assert(gsp__channel_seal(&puppet->channel, SIZE_MAX, &sealed, &length) == 0);
    cluster_say(puppet->cluster, puppet->connection, sealed, length);
    free(sealed);
}

void puppet_say(struct puppet *puppet, const struct gsp_message *message)
{
    assert(gsp__channel_put(&puppet->channel, message) == 0);
    seal(puppet);
}

void puppet_say_bytes(struct puppet *puppet, const void *message, size_t length)
{
    assert(gsp_buffer_append(&puppet->channel.out, message, length) == 0);
    seal(puppet);
}

bool puppet_hear(struct puppet *puppet, enum gsp_message_type type, struct gsp_message *out)
{
    struct gsp_error error = {0};
    const uint8_t *bytes;
    size_t length;
    listen_in(puppet);
    int rc = gsp__channel_feed(&puppet->channel, puppet->heard.data, puppet->heard.length, &error);
    must(rc, &error);
    puppet->heard.length = 0;
    while ((rc = gsp__channel_next(&puppet->channel, SIZE_MAX, &bytes, &length, &error)) > 0) {
        must(gsp_message_unpack(out, bytes, length, &error), &error);
        if (out->type == type) return true;
    }
    must(rc, &error);
    return false;
}

void puppet_expect(struct puppet *puppet, enum gsp_message_type type, struct gsp_message *out)
{
    bool came = puppet_hear(puppet, type, out);
    if (!came) fprintf(stderr, "no message of type %d came\n", (int)type);
    assert(came);
}

bool puppet_hung_up(const struct puppet *puppet)
{
    return cluster_hung_up(puppet->cluster, puppet->connection);
}
