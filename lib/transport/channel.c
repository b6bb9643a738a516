/* Records in and out, and messages cut from the stream inside. */
#include "transport/channel.h"

#include <stdlib.h>

#include <sodium.h>

#include "transport/record.h"

enum { PREFIX = 4 }; /* u32 length in front of a message */

void gsp__channel_clear(struct gsp__channel *channel)
{
    gsp_buffer_clear(&channel->in);
    gsp_buffer_clear(&channel->plain);
    gsp_buffer_clear(&channel->out);
    sodium_memzero(channel, sizeof *channel);
}

/* Opens one record straight into the stream of plain bytes. */
static int open_record(struct gsp__channel *channel, const uint8_t *body, size_t length)
{
    int rc = gsp_buffer_reserve(&channel->plain, length);
    if (rc) return rc;
    size_t plain = 0;
    rc = gsp__record_open(&channel->receive, body, length, channel->plain.data + channel->plain.length, &plain);
    if (!rc) channel->plain.length += plain;
    return rc;
}

static void forget_read(struct gsp__channel *channel)
{
    gsp_buffer_consume(&channel->plain, channel->read);
    channel->read = 0;
}

int gsp__channel_feed(struct gsp__channel *channel, const uint8_t *bytes, size_t length, struct gsp_error *error)
{
    forget_read(channel);
    int rc = gsp_buffer_append(&channel->in, bytes, length);
    if (rc) return gsp_error_set(error, rc, "no memory for %zu received bytes", length);
    size_t used = 0;
    while (channel->in.length - used >= GSP__RECORD_LENGTH) {
        const uint8_t *record = channel->in.data + used;
        size_t body = gsp__record_length(record);
        if (body < GSP__RECORD_MIN)
            return gsp_error_set(error, GSP_ERR_FORMAT, "a record of %zu bytes, shorter than any record", body);
        if (channel->in.length - used - GSP__RECORD_LENGTH < body) break;
        rc = open_record(channel, record + GSP__RECORD_LENGTH, body);
        if (rc) return gsp_error_set(error, rc, "a record does not open: changed, replayed or lost on the way");
        used += GSP__RECORD_LENGTH + body;
    }
    gsp_buffer_consume(&channel->in, used);
    return 0;
}

int gsp__channel_next(struct gsp__channel *channel, size_t limit, const uint8_t **bytes, size_t *length,
                      struct gsp_error *error)
{
    size_t left = channel->plain.length - channel->read;
    if (left < PREFIX) return 0;
    const uint8_t *start = channel->plain.data + channel->read;
    size_t announced = (size_t)start[0] | (size_t)start[1] << 8 | (size_t)start[2] << 16 | (size_t)start[3] << 24;
    if (announced > limit)
        return gsp_error_set(error, GSP_ERR_LIMIT, "a message of %zu bytes where at most %zu are possible", announced,
                             limit);
    if (left - PREFIX < announced) return 0;
    *bytes = start + PREFIX;
    *length = announced;
    channel->read += PREFIX + announced;
    return 1;
}

int gsp__channel_put(struct gsp__channel *channel, const struct gsp_message *message)
{
    if (channel->sealed >= GSP__RECORD_MAX) { /* a stream that is never quite empty must not grow for ever */
        gsp_buffer_consume(&channel->out, channel->sealed);
        channel->sealed = 0;
    }
    return gsp_message_pack(message, &channel->out);
}

size_t gsp__channel_unsealed(const struct gsp__channel *channel)
{
    return channel->out.length - channel->sealed;
}

int gsp__channel_seal(struct gsp__channel *channel, size_t room, uint8_t **bytes, size_t *length)
{
    size_t waiting = gsp__channel_unsealed(channel);
    if (room < GSP__RECORD_PLAIN_MAX) room = GSP__RECORD_PLAIN_MAX;
    size_t plain = waiting < room ? waiting : room;
    size_t records = (plain + GSP__RECORD_PLAIN_MAX - 1) / GSP__RECORD_PLAIN_MAX;
    uint8_t *sealed = malloc(plain + records * GSP__RECORD_OVERHEAD);
    if (!sealed) return GSP_ERR_NOMEM;
    size_t written = 0;
    for (size_t done = 0; done < plain;) {
        size_t part = plain - done < GSP__RECORD_PLAIN_MAX ? plain - done : GSP__RECORD_PLAIN_MAX;
        int rc = gsp__record_seal(&channel->send, channel->out.data + channel->sealed, part, sealed + written);
        if (rc) {
            free(sealed);
            return rc;
        }
        channel->sealed += part;
        done += part;
        written += part + GSP__RECORD_OVERHEAD;
    }
    if (channel->sealed == channel->out.length) channel->out.length = channel->sealed = 0;
    *bytes = sealed;
    *length = written;
    return 0;
}
