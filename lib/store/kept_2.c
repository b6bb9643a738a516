/* Kept files as gossipd wrote them before they had sections: read, never written. After the magic "gspkept2":
 *   kind, generation, hash of the network, digest of the data, seconds, loss, accuracy, first loss, final, bytes sent,
 *   bytes received, length of the run state, length of the body, the run state, the body. */
#include "store/kept.h"

static void take_numbers(struct gsp_kept *out, struct gsp__reader *reader)
{
    out->kind = (enum gsp_kept_kind)gsp__read_u64(reader);
    out->generation = gsp__read_u64(reader);
    gsp__read_into(reader, out->network_hash, sizeof out->network_hash);
    gsp__read_into(reader, out->data_digest, sizeof out->data_digest);
    out->seconds = gsp__read_double(reader);
    out->loss = gsp__read_double(reader);
    out->accuracy = gsp__read_double(reader);
    out->first_loss = gsp__read_double(reader);
    out->final = gsp__read_u64(reader);
    out->bytes_sent = gsp__read_u64(reader);
    out->bytes_received = gsp__read_u64(reader);
}

int gsp__kept_read_2(struct gsp_kept *out, const uint8_t *bytes, size_t length, struct gsp_error *error)
{
    struct gsp__reader reader = {.bytes = bytes, .left = length};
    take_numbers(out, &reader);
    uint64_t state_length = gsp__read_u64(&reader), body_length = gsp__read_u64(&reader);
    struct gsp__reader state = {.bytes = gsp__read(&reader, state_length), .left = (size_t)state_length};
    out->body = gsp__read(&reader, body_length);
    out->length = (size_t)body_length;
    if (reader.bad || reader.left) return gsp_error_set(error, GSP_ERR_FORMAT, "its lengths do not fit");
    int rc = gsp__kept_take_state(&out->state, &state);
    return rc ? gsp_error_set(error, rc, "its run state is malformed") : 0;
}
