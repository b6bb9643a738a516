/* Files that a node keeps: a header, a body, and a hash of both. */
#include "base/bytes.h"

#include <gossip/store.h>

#include <assert.h>
#include <string.h>

#include <xxhash.h>

static const char MAGIC[8] = "gspkept2";
enum {
    NUMBERS = 4,
    BODY_LENGTH_AT = 8 + 8 + 8 + 32 + 16 + 8 * NUMBERS + 8 + 16 + 8, /* where seal writes the body's length */
    HEADER = BODY_LENGTH_AT + 8,
    HASH = 16
};

/* ---- writing ---- */

/* The run state as the peer protocol packs it. */
static int put_state(const struct gsp_run_state *state, struct gsp_buffer *out)
{
    struct gsp_message message = {.type = GSP_MSG_RUN_STATE, .u.run_state = *state};
    return gsp_message_pack(&message, out);
}

int gsp_kept_begin(const struct gsp_kept *kept, struct gsp_buffer *out)
{
    assert(out->length == 0);
    const double numbers[NUMBERS] = {kept->seconds, kept->loss, kept->accuracy, kept->first_loss};
    struct gsp_buffer state = {0};
    int rc = put_state(&kept->state, &state);
    if (!rc) rc = gsp_buffer_append(out, MAGIC, sizeof MAGIC);
    if (!rc) rc = gsp_buffer_append_u64(out, (uint64_t)kept->kind);
    if (!rc) rc = gsp_buffer_append_u64(out, kept->generation);
    if (!rc) rc = gsp_buffer_append(out, kept->network_hash, sizeof kept->network_hash);
    if (!rc) rc = gsp_buffer_append(out, kept->data_digest, sizeof kept->data_digest);
    if (!rc) rc = gsp_buffer_append_doubles(out, numbers, NUMBERS);
    if (!rc) rc = gsp_buffer_append_u64(out, kept->final);
    if (!rc) rc = gsp_buffer_append_u64(out, kept->bytes_sent);
    if (!rc) rc = gsp_buffer_append_u64(out, kept->bytes_received);
    if (!rc) rc = gsp_buffer_append_u64(out, state.length);
    if (!rc) rc = gsp_buffer_append_u64(out, 0); /* the body's length, when it is known */
    if (!rc) rc = gsp_buffer_append(out, state.data, state.length);
    gsp_buffer_clear(&state);
    return rc;
}

static void hash_of(uint8_t hash[HASH], const uint8_t *bytes, size_t length)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, length));
    memcpy(hash, canonical.digest, HASH);
}

int gsp_kept_seal(struct gsp_buffer *out)
{
    uint8_t hash[HASH];
    assert(out->length >= HEADER);
    size_t state = (size_t)gsp__load64(out->data + BODY_LENGTH_AT - 8);
    gsp__store64(out->data + BODY_LENGTH_AT, out->length - HEADER - state);
    hash_of(hash, out->data, out->length);
    return gsp_buffer_append(out, hash, sizeof hash);
}

/* ---- reading ---- */

static int read_state(struct gsp_run_state *out, const uint8_t *bytes, size_t length, struct gsp_error *error)
{
    struct gsp_message message;
    if (length < 4) return gsp_error_set(error, GSP_ERR_FORMAT, "it holds no run state");
    int rc = gsp_message_unpack(&message, bytes + 4, length - 4, error);
    if (rc) return rc;
    if (message.type != GSP_MSG_RUN_STATE)
        rc = gsp_error_set(error, GSP_ERR_FORMAT, "it holds a message of type %d, no run state", (int)message.type);
    else
        *out = message.u.run_state;
    gsp_message_clear(&message);
    return rc;
}

static void read_header(struct gsp_kept *out, const uint8_t *bytes)
{
    const uint8_t *at = bytes + 16;
    out->generation = gsp__load64(at);
    memcpy(out->network_hash, at + 8, sizeof out->network_hash);
    memcpy(out->data_digest, at + 40, sizeof out->data_digest);
    at += 56;
    out->seconds = gsp__double_of(gsp__load64(at));
    out->loss = gsp__double_of(gsp__load64(at + 8));
    out->accuracy = gsp__double_of(gsp__load64(at + 16));
    out->first_loss = gsp__double_of(gsp__load64(at + 24));
    out->final = gsp__load64(at + 32);
    out->bytes_sent = gsp__load64(at + 40);
    out->bytes_received = gsp__load64(at + 48);
}

int gsp_kept_read(struct gsp_kept *out, enum gsp_kept_kind kind, const uint8_t *bytes, size_t length,
                  struct gsp_error *error)
{
    uint8_t hash[HASH];
    if (length < HEADER + HASH || memcmp(bytes, MAGIC, sizeof MAGIC) != 0)
        return gsp_error_set(error, GSP_ERR_FORMAT, "it is cut, or not what gossipd wrote");
    hash_of(hash, bytes, length - HASH);
    if (memcmp(hash, bytes + length - HASH, HASH) != 0)
        return gsp_error_set(error, GSP_ERR_FORMAT,
                             "its hash does not fit: it is damaged, or was not written to its end");
    size_t rest = length - HEADER - HASH;
    uint64_t state = gsp__load64(bytes + BODY_LENGTH_AT - 8), body = gsp__load64(bytes + BODY_LENGTH_AT);
    if (gsp__load64(bytes + 8) != (uint64_t)kind || state > rest || body != rest - state)
        return gsp_error_set(error, GSP_ERR_FORMAT, "it is another kind of file");
    struct gsp_kept kept = {.kind = kind, .body = bytes + HEADER + state, .length = (size_t)body};
    read_header(&kept, bytes);
    int rc = read_state(&kept.state, bytes + HEADER, (size_t)state, error);
    if (!rc) *out = kept;
    return rc;
}
