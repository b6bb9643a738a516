/* Proving who one is: Noise XK, then Welcome or Refused from the responder and Hello from the dialer (protocol.md). */
#include "transport/inside.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

enum {
    NAME_BYTES = GSP_NAME_MAX, /* padded with zeros to a fixed size */
    HASH_BYTES = 32,
    MESSAGE_1 = GSP__NOISE_OVERHEAD_1,
    MESSAGE_2 = GSP__NOISE_OVERHEAD_2,
    MESSAGE_3 = GSP__NOISE_OVERHEAD_3 + NAME_BYTES + HASH_BYTES
};

/* A fresh ephemeral secret. The stream is then keyed anew, so that the memory of a live process tells no earlier ones.
 */
static void draw_ephemeral(struct gsp__transport *transport, uint8_t ephemeral[GSP__NOISE_KEY])
{
    uint8_t key[32];
    gsp_stream_bytes(&transport->host->random, ephemeral, GSP__NOISE_KEY);
    gsp_stream_bytes(&transport->host->random, key, sizeof key);
    gsp_stream_init(&transport->host->random, key, 0);
    sodium_memzero(key, sizeof key);
}

/* Draws the ephemeral key and begins as initiator or responder: two scalar multiplications. */
static int begin_noise(struct gsp__transport *transport, struct gsp__connection *connection)
{
    uint8_t ephemeral[GSP__NOISE_KEY];
    draw_ephemeral(transport, ephemeral);
    const struct gsp_buffer *prologue = &transport->prologue;
    const uint8_t *secret = transport->secret_key;
    int rc = connection->dialed >= 0
                 ? gsp__noise_initiator(&connection->noise, prologue->data, prologue->length, secret, ephemeral,
                                        transport->host->place.network->nodes[connection->dialed].public_key)
                 : gsp__noise_responder(&connection->noise, prologue->data, prologue->length, secret, ephemeral);
    sodium_memzero(ephemeral, sizeof ephemeral);
    return rc;
}

int gsp__handshake_begin(struct gsp__transport *transport, struct gsp__connection *connection)
{
    uint8_t message[MESSAGE_1];
    size_t length = 0;
    connection->state = connection->dialed >= 0 ? GSP__AWAITING_MESSAGE_2 : GSP__AWAITING_MESSAGE_1;
    if (connection->dialed < 0) return 0; /* no work for who has said nothing: read_message_1 begins */
    int rc = begin_noise(transport, connection);
    if (!rc) rc = gsp__noise_write(&connection->noise, NULL, 0, message, &length);
    if (!rc) gsp__connection_send_copy(transport, connection, message, length);
    return rc;
}

/* ---- the dialer ---- */

static void read_message_2(struct gsp__transport *transport, struct gsp__connection *connection)
{
    uint8_t nothing[1], payload[NAME_BYTES + HASH_BYTES] = {0}, message[MESSAGE_3];
    size_t length = 0;
    if (gsp__noise_read(&connection->noise, connection->greeting.data, MESSAGE_2, nothing, &length)) {
        gsp__connection_fail(transport, connection,
                             "it does not hold the key that the network file lists for it: another program at its "
                             "endpoint, or a changed key");
        return;
    }
    memcpy(payload, transport->host->place.name, strlen(transport->host->place.name));
    memcpy(payload + NAME_BYTES, transport->host->place.hash, HASH_BYTES);
    int rc = gsp__noise_write(&connection->noise, payload, sizeof payload, message, &length);
    if (!rc) rc = gsp__noise_split(&connection->noise, &connection->channel.send, &connection->channel.receive);
    if (rc) {
        gsp__connection_fail(transport, connection, "the handshake failed: %s", gsp_strerror(rc));
        return;
    }
    gsp__connection_send_copy(transport, connection, message, length);
    connection->state = GSP__AWAITING_WELCOME;
    connection->node = (size_t)connection->dialed;
}

static void hash_text(char text[17], const uint8_t hash[HASH_BYTES])
{
    sodium_bin2hex(text, 17, hash, 8);
}

static void read_welcome(struct gsp__transport *transport, struct gsp__connection *connection,
                         const struct gsp_message *message)
{
    if (sodium_memcmp(message->u.welcome.hash, transport->host->place.hash, HASH_BYTES) != 0) {
        gsp__connection_fail(transport, connection, "it welcomes us with another network file than ours");
        return;
    }
    connection->incarnation = message->u.welcome.incarnation;
    struct gsp_message hello = {.type = GSP_MSG_HELLO, .u.hello.incarnation = transport->incarnation};
    gsp__connection_send_now(transport, connection, &hello);
    if (connection->state != GSP__CLOSING) gsp__link_take(transport, connection);
}

static void read_refused(struct gsp__transport *transport, struct gsp__connection *connection,
                         const struct gsp_message *message)
{
    struct gsp__link *link = gsp__link_of(transport, connection->node);
    link->refused = true;
    if (sodium_memcmp(message->u.refused.hash, transport->host->place.hash, HASH_BYTES) != 0) {
        char ours[17], theirs[17];
        link->differs = true;
        hash_text(ours, transport->host->place.hash);
        hash_text(theirs, message->u.refused.hash);
        gsp__connection_fail(transport, connection,
                             "refused us: its peers.conf (hash %s) is not ours (hash %s); copy the same file to every "
                             "host and run there: %s",
                             theirs, ours, transport->host->commands.reload);
    } else {
        gsp__connection_fail(transport, connection, "refused us: %s", message->u.refused.reason);
    }
}

/* ---- the responder ---- */

static void read_message_1(struct gsp__transport *transport, struct gsp__connection *connection)
{
    uint8_t nothing[1], message[MESSAGE_2];
    size_t length = 0;
    int rc = begin_noise(transport, connection);
    if (!rc) rc = gsp__noise_read(&connection->noise, connection->greeting.data, MESSAGE_1, nothing, &length);
    if (!rc) rc = gsp__noise_write(&connection->noise, NULL, 0, message, &length);
    if (rc) {
        gsp__connection_fail(transport, connection,
                             "no valid handshake: not a gossipd of network %s, or its peers.conf lists another public "
                             "key for %s than the one we hold",
                             transport->host->place.network->name, transport->host->place.name);
        return;
    }
    gsp__connection_send_copy(transport, connection, message, length);
    connection->state = GSP__AWAITING_MESSAGE_3;
}

static size_t node_of_key(const struct gsp_network *network, const uint8_t *key)
{
    for (size_t i = 0; i < network->count; i++)
        if (sodium_memcmp(network->nodes[i].public_key, key, GSP_KEY_BYTES) == 0) return i;
    return GSP__NOBODY;
}

static void refuse(struct gsp__transport *transport, struct gsp__connection *connection, const char *reason)
{
    struct gsp_message message = {.type = GSP_MSG_REFUSED};
    snprintf(message.u.refused.reason, sizeof message.u.refused.reason, "%s", reason);
    memcpy(message.u.refused.hash, transport->host->place.hash, HASH_BYTES);
    gsp__connection_complain(transport, connection, reason);
    gsp__connection_send_now(transport, connection, &message);
    gsp__connection_close(transport, connection, reason);
}

/* Only here does the responder look the key up: an unlisted one learns nothing. */
static void read_message_3(struct gsp__transport *transport, struct gsp__connection *connection)
{
    uint8_t payload[NAME_BYTES + HASH_BYTES];
    size_t length = 0;
    int rc = gsp__noise_read(&connection->noise, connection->greeting.data, MESSAGE_3, payload, &length);
    if (!rc && length != sizeof payload) rc = GSP_ERR_FORMAT;
    if (rc) {
        gsp__connection_fail(transport, connection, "the last message of the handshake is not valid");
        return;
    }
    const struct gsp_network *network = transport->host->place.network;
    size_t node = node_of_key(network, gsp__noise_remote_static(&connection->noise));
    if (node == GSP__NOBODY || gsp__removed(transport->host, node)) {
        char key[45];
        gsp_key_encode(key, gsp__noise_remote_static(&connection->noise));
        gsp__connection_fail(transport, connection, "its key %s is not in our peers.conf", key);
        return;
    }
    rc = gsp__noise_split(&connection->noise, &connection->channel.send, &connection->channel.receive);
    if (rc) {
        gsp__connection_fail(transport, connection, "the handshake failed: %s", gsp_strerror(rc));
        return;
    }
    connection->node = node;
    char name[NAME_BYTES] = {0};
    memcpy(name, network->nodes[node].name, strlen(network->nodes[node].name));
    if (sodium_memcmp(payload + NAME_BYTES, transport->host->place.hash, HASH_BYTES) != 0) {
        char ours[17], theirs[17], reason[GSP_REASON_MAX];
        struct gsp__link *link = gsp__link_of(transport, node);
        if (link) link->differs = true;
        hash_text(ours, transport->host->place.hash);
        hash_text(theirs, payload + NAME_BYTES);
        snprintf(reason, sizeof reason,
                 "the network file of %s has hash %s, ours %s: every host needs the same file; copy it and run: %s",
                 network->nodes[node].name, theirs, ours, transport->host->commands.reload);
        refuse(transport, connection, reason);
    } else if (memcmp(payload, name, sizeof name) != 0) {
        refuse(transport, connection, "the key belongs to another node name");
    } else if (!gsp__link_of(transport, node)) {
        refuse(transport, connection, "no edge of the network joins us");
    } else {
        struct gsp_message welcome = {.type = GSP_MSG_WELCOME, .u.welcome.incarnation = transport->incarnation};
        memcpy(welcome.u.welcome.hash, transport->host->place.hash, HASH_BYTES);
        connection->state = GSP__AWAITING_HELLO;
        gsp__connection_send_now(transport, connection, &welcome);
    }
}

/* ---- both ---- */

void gsp__handshake_message(struct gsp__transport *transport, struct gsp__connection *connection,
                            const struct gsp_message *message)
{
    if (connection->state == GSP__AWAITING_WELCOME && message->type == GSP_MSG_WELCOME) {
        read_welcome(transport, connection, message);
    } else if (connection->state == GSP__AWAITING_WELCOME && message->type == GSP_MSG_REFUSED) {
        read_refused(transport, connection, message);
    } else if (connection->state == GSP__AWAITING_HELLO && message->type == GSP_MSG_HELLO) {
        connection->incarnation = message->u.hello.incarnation;
        gsp__link_take(transport, connection);
    } else {
        gsp__connection_fail(transport, connection, "its first message is not the one that belongs there");
    }
}

static size_t awaited(const struct gsp__connection *connection)
{
    switch (connection->state) {
    case GSP__AWAITING_MESSAGE_1:
        return MESSAGE_1;
    case GSP__AWAITING_MESSAGE_2:
        return MESSAGE_2;
    case GSP__AWAITING_MESSAGE_3:
        return MESSAGE_3;
    default:
        return 0;
    }
}

size_t gsp__handshake_feed(struct gsp__transport *transport, struct gsp__connection *connection, const uint8_t *bytes,
                           size_t length)
{
    size_t need, used = 0;
    while ((need = awaited(connection)) > 0 && used < length) {
        size_t part = need - connection->greeting.length;
        if (part > length - used) part = length - used;
        if (gsp_buffer_append(&connection->greeting, bytes + used, part)) {
            gsp__connection_fail(transport, connection, "no memory for the handshake");
            break;
        }
        used += part;
        if (connection->greeting.length < need) break;
        if (connection->state == GSP__AWAITING_MESSAGE_1)
            read_message_1(transport, connection);
        else if (connection->state == GSP__AWAITING_MESSAGE_2)
            read_message_2(transport, connection);
        else
            read_message_3(transport, connection);
        connection->greeting.length = 0;
    }
    return used;
}
