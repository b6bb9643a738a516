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
void gsp__channel_clear(struct gsp__channel *channel);
/* Takes bytes from the transport and opens the records that are complete. */
int gsp__channel_feed(struct gsp__channel *channel, const uint8_t *bytes, size_t length, struct gsp_error *error);
/* The next message's bytes, valid until the next call on the channel: 1 there is one, 0 there is none yet, negative:
 * one longer than `limit` was announced. */
int gsp__channel_next(struct gsp__channel *channel, size_t limit, const uint8_t **bytes, size_t *length,
                      struct gsp_error *error);
int gsp__channel_put(struct gsp__channel *channel, const struct gsp_message *message);
size_t gsp__channel_unsealed(const struct gsp__channel *channel);
/* Seals up to `room` bytes of what waits (whole records, at least one) into *bytes, which the caller frees. */
int gsp__channel_seal(struct gsp__channel *channel, size_t room, uint8_t **bytes, size_t *length);

#endif
