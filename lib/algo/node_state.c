/* A node's whole state as bytes and back, little-endian:
 *   magic, d, degree, step, round, counters, errors, x, z, s, the neighbours (edge, digests, copy), the message log.
 * Messages held of neighbours are not part of it: a restored node asks for them again. */
#include "algo/node.h"
#include "base/bytes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char MAGIC[8] = "gspnode2";

/* ---- writing ---- */

/* A vector that may not be there. */
static int put_optional(struct gsp_buffer *out, const double *values, size_t n)
{
    int rc = gsp_buffer_append_u64(out, values != NULL);
    return rc || !values ? rc : gsp_buffer_append_doubles(out, values, n);
}

static int put_neighbour(const struct gsp_node *node, const struct gsp__neighbour *neighbour, struct gsp_buffer *out)
{
    const struct gsp__resync *resync = neighbour->resync;
    const uint64_t whole[] = {neighbour->since,           neighbour->down,           neighbour->counted,
                              neighbour->awaited,         neighbour->applied_digest, resync ? resync->step : 0,
                              resync ? resync->digest : 0};
    int rc = 0;
    for (size_t i = 0; !rc && i < sizeof whole / sizeof *whole; i++) rc = gsp_buffer_append_u64(out, whole[i]);
    if (!rc) rc = gsp_buffer_append_doubles(out, neighbour->copy, node->d);
    return rc ? rc : put_optional(out, resync ? resync->z : NULL, node->d);
}

static int put_numbers(const struct gsp_node *node, struct gsp_buffer *out)
{
    const struct gsp_counters *counters = &node->counters;
    const uint64_t whole[] = {node->d, node->degree, node->step, node->round, node->stale, counters->payload_bytes};
    const double real[] = {counters->gradient_seconds, counters->coding_seconds, counters->waiting_seconds,
                           node->consensus_error, node->residual};
    int rc = gsp_buffer_append(out, MAGIC, sizeof MAGIC);
    for (size_t i = 0; !rc && i < sizeof whole / sizeof *whole; i++) rc = gsp_buffer_append_u64(out, whole[i]);
    return rc ? rc : gsp_buffer_append_doubles(out, real, sizeof real / sizeof *real);
}

static int put_log(const struct gsp__message_log *log, struct gsp_buffer *out)
{
    int rc = gsp_buffer_append_u64(out, log->base);
    if (!rc) rc = gsp_buffer_append_u64(out, log->base_digest);
    if (!rc) rc = gsp_buffer_append_u64(out, log->count);
    for (uint64_t step = log->base; !rc && step < log->base + log->count; step++) {
        const struct gsp__log_entry *entry = gsp__log_at(log, step);
        rc = gsp_buffer_append_u64(out, entry->digest);
        if (!rc) rc = gsp_buffer_append_u64(out, entry->payload.length);
        if (!rc) rc = gsp_buffer_append(out, entry->payload.bytes, entry->payload.length);
    }
    return rc;
}

/* About what the state takes, so that its buffer grows once. */
static size_t state_size(const struct gsp_node *node)
{
    size_t bytes = 256 + (4 + 2 * node->degree) * (8 * node->d + 64);
    for (uint64_t step = node->log.base; step < node->log.base + node->log.count; step++)
        bytes += gsp__log_at(&node->log, step)->payload.length + 16;
    return bytes;
}

int gsp_node_save(const struct gsp_node *node, struct gsp_buffer *out)
{
    if (node->working || node->begun || node->config.others) return GSP_ERR_STATE;
    int rc = gsp_buffer_reserve(out, state_size(node));
    if (!rc) rc = put_numbers(node, out);
    if (!rc) rc = gsp_buffer_append_doubles(out, node->x, node->d);
    if (!rc) rc = gsp_buffer_append_doubles(out, node->z, node->d);
    if (!rc) rc = gsp_buffer_append_doubles(out, node->s, node->d);
    for (size_t slot = 0; !rc && slot < node->degree; slot++) rc = put_neighbour(node, &node->neighbours[slot], out);
    if (!rc) rc = put_optional(out, node->base_z, node->d);
    return rc ? rc : put_log(&node->log, out);
}

/* ---- reading ---- */

struct reader {
    const uint8_t *bytes;
    size_t left;
    bool short_of; /* more was asked for than there is, or it is no state */
};

static const uint8_t *take(struct reader *reader, uint64_t length)
{
    if (reader->short_of || length > reader->left) {
        reader->short_of = true;
        return NULL;
    }
    const uint8_t *start = reader->bytes;
    reader->bytes += length;
    reader->left -= length;
    return start;
}

static uint64_t take_u64(struct reader *reader)
{
    const uint8_t *bytes = take(reader, 8);
    return bytes ? gsp__load64(bytes) : 0;
}

/* Anything but 0 and 1 is as bad as an end. */
static bool take_flag(struct reader *reader)
{
    uint64_t value = take_u64(reader);
    if (value > 1) reader->short_of = true;
    return value == 1;
}

static void take_vector(struct reader *reader, double *values, size_t n)
{
    const uint8_t *bytes = n <= reader->left / 8 ? take(reader, 8 * n) : take(reader, UINT64_MAX);
    if (bytes) gsp_read_doubles(values, bytes, n);
}

static double take_double(struct reader *reader)
{
    double value = 0;
    take_vector(reader, &value, 1);
    return value;
}

static void take_counters(struct reader *reader, struct gsp_node *node)
{
    node->step = take_u64(reader);
    node->round = take_u64(reader);
    node->stale = take_flag(reader);
    node->counters.payload_bytes = take_u64(reader);
    node->counters.gradient_seconds = take_double(reader);
    node->counters.coding_seconds = take_double(reader);
    node->counters.waiting_seconds = take_double(reader);
    node->consensus_error = take_double(reader);
    node->residual = take_double(reader);
}

static int take_log(struct reader *reader, struct gsp_node *node)
{
    struct gsp__message_log *log = &node->log;
    log->base = take_u64(reader);
    log->base_digest = take_u64(reader);
    uint64_t count = take_u64(reader);
    size_t bound = gsp_compressor_bound(&node->config.compressor, node->d);
    for (uint64_t i = 0; i < count && !reader->short_of; i++) {
        uint64_t digest = take_u64(reader), length = take_u64(reader);
        if (length > bound) return GSP_ERR_FORMAT;
        const uint8_t *bytes = take(reader, length);
        if (bytes && gsp__log_append(log, bytes, (size_t)length, digest)) return GSP_ERR_NOMEM;
    }
    bool up_to_step = log->base >= 1 && log->base <= node->step && count == node->step - log->base;
    return reader->short_of || reader->left || !up_to_step ? GSP_ERR_FORMAT : 0;
}

static int take_optional(struct reader *reader, double **out, size_t n)
{
    if (!take_flag(reader)) return 0;
    *out = gsp_vector(n);
    if (!*out) return GSP_ERR_NOMEM;
    take_vector(reader, *out, n);
    return 0;
}

static int take_neighbour(struct reader *reader, struct gsp_node *node, struct gsp__neighbour *neighbour)
{
    neighbour->since = take_u64(reader);
    neighbour->down = take_flag(reader);
    neighbour->counted = take_flag(reader);
    neighbour->awaited = take_flag(reader);
    if (!neighbour->counted) node->self_weight += neighbour->weight;
    neighbour->applied_digest = neighbour->received_digest = take_u64(reader);
    neighbour->expected = neighbour->since > node->step ? neighbour->since : node->step;
    uint64_t step = take_u64(reader), digest = take_u64(reader);
    take_vector(reader, neighbour->copy, node->d);
    double *z = NULL;
    int rc = take_optional(reader, &z, node->d);
    if (rc) return rc;
    if (!z) return step || digest ? GSP_ERR_FORMAT : 0;
    rc = reader->short_of ? GSP_ERR_FORMAT : 0;
    if (!rc) rc = gsp_node_resync(node, (size_t)(neighbour - node->neighbours), step, z, digest);
    free(z);
    return rc == GSP_ERR_STATE ? GSP_ERR_FORMAT : rc;
}

static int take_state(struct reader *reader, struct gsp_node *node)
{
    int rc = 0;
    take_counters(reader, node);
    take_vector(reader, node->x, node->d);
    take_vector(reader, node->z, node->d);
    take_vector(reader, node->s, node->d);
    for (size_t slot = 0; !rc && slot < node->degree; slot++)
        rc = take_neighbour(reader, node, &node->neighbours[slot]);
    if (!rc) rc = take_optional(reader, &node->base_z, node->d);
    return rc ? rc : take_log(reader, node);
}

int gsp_node_saved(const uint8_t *bytes, size_t length, size_t *dimension, uint64_t *step)
{
    struct reader reader = {.bytes = bytes, .left = length};
    const uint8_t *magic = take(&reader, sizeof MAGIC);
    if (!magic || memcmp(magic, MAGIC, sizeof MAGIC) != 0) return GSP_ERR_FORMAT;
    uint64_t d = take_u64(&reader);
    take_u64(&reader); /* degree */
    *step = take_u64(&reader);
    *dimension = (size_t)d;
    return reader.short_of || d > reader.left / sizeof(double) ? GSP_ERR_FORMAT : 0;
}

int gsp_node_load(struct gsp_node **out, const struct gsp_node_config *config, const uint8_t *bytes, size_t length,
                  struct gsp_error *error)
{
    struct reader reader = {.bytes = bytes, .left = length};
    const uint8_t *magic = take(&reader, sizeof MAGIC);
    if (config->others || !magic || memcmp(magic, MAGIC, sizeof MAGIC) != 0)
        return gsp_error_set(error, GSP_ERR_FORMAT, "not the state of a node");
    struct gsp_node *node = NULL;
    double *x0 = gsp_vector(config->dimension);
    int rc = x0 ? gsp_node_new(&node, config, x0) : GSP_ERR_NOMEM;
    free(x0);
    if (rc) return gsp_error_set(error, rc, "no memory for the state of a node");
    uint64_t d = take_u64(&reader), degree = take_u64(&reader);
    if (d != node->d || degree != node->degree) {
        rc = gsp_error_set(error, GSP_ERR_FORMAT, "state of dimension %llu with %llu neighbours, not %zu with %zu",
                           (unsigned long long)d, (unsigned long long)degree, node->d, node->degree);
        goto fail;
    }
    rc = take_state(&reader, node);
    if (rc) {
        gsp_error_set(error, rc, "the state of the node is damaged");
        goto fail;
    }
    *out = node;
    return 0;
fail:
    gsp_node_free(node);
    return rc;
}
