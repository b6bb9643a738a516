/* The encrypted stream of messages on one connection, after its handshake: records in and out, messages cut from it. */
#ifndef GOSSIP_TRANSPORT_CHANNEL_H
#define GOSSIP_TRANSPORT_CHANNEL_H

#include <gossip/wire.h>

#include "transport/cipher.h"

struct gsp__channel {
    struct gsp__cipher send, receive;
    struct gsp_buffer in;    /* bytes of a record not yet complete */
    struct gsp_buffer plain; /* opened, not yet cut into messages */
    size_t read;             /* how much of plain has been cut off */
    struct gsp_buffer out;   /* messages not yet sealed */
    size_t sealed;           /* how much of out has been sealed */
};
/* Wipes keys and bytes; the channel is then as zeroed memory. */
void gsp__channel_clear(struct gsp__channel *channel);
/* Takes bytes that came in and opens the records that are complete, after which gsp__channel_next has messages. On an
 * error (GSP_ERR_AUTH, GSP_ERR_FORMAT, GSP_ERR_NOMEM) the connection is good for nothing. */
int gsp__channel_feed(struct gsp__channel *channel, const uint8_t *bytes, size_t length, struct gsp_error *error);
/* The next message's bytes, valid until the next call on the channel: 1 there is one, 0 there is none yet, negative:
 * one longer than `limit` was announced. */
int gsp__channel_next(struct gsp__channel *channel, size_t limit, const uint8_t **bytes, size_t *length,
                      struct gsp_error *error);
/* Packs a message behind what waits to be sealed. An error leaves what waits as it was. */
int gsp__channel_put(struct gsp__channel *channel, const struct gsp_message *message);
/* How many bytes wait to be sealed. */
size_t gsp__channel_unsealed(const struct gsp__channel *channel);
/* Seals up to `room` bytes of what waits into *bytes, which the caller frees; at least a whole record's worth, so that
 * a small room does not make small records. */
int gsp__channel_seal(struct gsp__channel *channel, size_t room, uint8_t **bytes, size_t *length);

#endif
