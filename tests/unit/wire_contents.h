/* Random messages from seeds, for the tests of lib/wire. */
#ifndef TESTS_WIRE_CONTENTS_H
#define TESTS_WIRE_CONTENTS_H

#include <gossip/wire.h>

enum { SEEDS = 60 };

struct gsp_stream stream_of(int seed, const char *purpose);
void any_name(struct gsp_stream *stream, char out[GSP_NAME_MAX + 1]);
void any_summary(struct gsp_stream *stream, struct gsp_summary *out);
/* `payload` is where a gossip message's payload is put; it has room for 4096 bytes. */
void any_message(struct gsp_stream *stream, enum gsp_message_type type, struct gsp_message *out, uint8_t *payload);
void any_request(struct gsp_stream *stream, struct gsp_request *out, char *settings, size_t size);
/* To be freed with gsp_reply_clear. */
void any_reply(struct gsp_stream *stream, struct gsp_reply *out);

/* The bytes of one packed message, without the u32, in memory of just that size; clears `packed`. */
uint8_t *body_of(struct gsp_buffer *packed, size_t *length);
/* A random message and its bytes as body_of; a gossip message's payload lives until the next call. */
uint8_t *packed_message(int seed, enum gsp_message_type type, struct gsp_message *message, size_t *length);

#endif
