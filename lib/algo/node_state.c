/* A node's whole state as bytes and back: a magic and sections (base/sections.h).
 * Messages held of neighbours are not part of it: a restored node asks for them again. */
#include "algo/node_state.h"
#include "base/sections.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>

static const char MAGIC[8] = {'g', 's', 'p', 'n', 'o', 'd', 'e', '3'},
                  BEFORE[8] = {'g', 's', 'p', 'n', 'o', 'd', 'e', '2'};
enum { FAMILY = 7 }; /* of the 8, what all formats have in common */

static int put_numbers(const uint64_t *numbers, size_t count, struct gsp_buffer *out)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < count; i++) rc = gsp_buffer_append_u64(out, numbers[i]);
    return rc;
}

/* ---- node: what it is of, and how far it is ---- */

static int put_head(const void *from, struct gsp_buffer *out)
{
    const struct gsp_node *node = from;
    const uint64_t numbers[] = {node->d, node->degree, node->step, node->round, node->stale};
    return put_numbers(numbers, sizeof numbers / sizeof *numbers, out);
}

/* What a saved state is of: its first numbers, in both formats. */
struct saved {
    uint64_t d, degree, step;
};

static void take_saved(struct saved *out, struct gsp__reader *reader)
{
    out->d = gsp__read_u64(reader);
    out->degree = gsp__read_u64(reader);
    out->step = gsp__read_u64(reader);
}

void gsp__take_head(struct gsp_node *node, struct gsp__reader *reader)
{
    struct saved saved;
    take_saved(&saved, reader); /* d and degree have been compared */
    node->step = saved.step;
    node->round = gsp__read_u64(reader);
    node->stale = gsp__read_flag(reader);
}

static int take_head(void *into, struct gsp__reader *reader)
{
    gsp__take_head(into, reader);
    return 0;
}

/* ---- counters ---- */

static int put_counters(const void *from, struct gsp_buffer *out)
{
    const struct gsp_node *node = from;
    const struct gsp_counters *counters = &node->counters;
    const double real[] = {counters->gradient_seconds, counters->coding_seconds, counters->waiting_seconds,
                           node->consensus_error, node->residual};
    int rc = gsp_buffer_append_u64(out, counters->payload_bytes);
    return rc ? rc : gsp_buffer_append_doubles(out, real, sizeof real / sizeof *real);
}

void gsp__take_counters(struct gsp_node *node, struct gsp__reader *reader)
{
    node->counters.payload_bytes = gsp__read_u64(reader);
    node->counters.gradient_seconds = gsp__read_double(reader);
    node->counters.coding_seconds = gsp__read_double(reader);
    node->counters.waiting_seconds = gsp__read_double(reader);
    node->consensus_error = gsp__read_double(reader);
    node->residual = gsp__read_double(reader);
}

static int take_counters(void *into, struct gsp__reader *reader)
{
    gsp__take_counters(into, reader);
    return 0;
}

/* ---- x, z, s ---- */

static int put_x(const void *from, struct gsp_buffer *out)
{
    const struct gsp_node *node = from;
    return gsp_buffer_append_doubles(out, node->x, node->d);
}

static int take_x(void *into, struct gsp__reader *reader)
{
    struct gsp_node *node = into;
    gsp__read_vector(reader, node->x, node->d);
    return 0;
}

static int put_z(const void *from, struct gsp_buffer *out)
{
    const struct gsp_node *node = from;
    return gsp_buffer_append_doubles(out, node->z, node->d);
}

static int take_z(void *into, struct gsp__reader *reader)
{
    struct gsp_node *node = into;
    gsp__read_vector(reader, node->z, node->d);
    return 0;
}

static int put_s(const void *from, struct gsp_buffer *out)
{
    const struct gsp_node *node = from;
    return gsp_buffer_append_doubles(out, node->s, node->d);
}

static int take_s(void *into, struct gsp__reader *reader)
{
    struct gsp_node *node = into;
    gsp__read_vector(reader, node->s, node->d);
    return 0;
}

/* ---- edges and copies: of each neighbour, in the order of the slots ---- */

static int put_edges(const void *from, struct gsp_buffer *out)
{
    const struct gsp_node *node = from;
    int rc = 0;
    for (size_t slot = 0; !rc && slot < node->degree; slot++) {
        const struct gsp__neighbour *neighbour = &node->neighbours[slot];
        const uint64_t numbers[] = {neighbour->since, neighbour->down, neighbour->counted, neighbour->awaited,
                                    neighbour->applied_digest};
        rc = put_numbers(numbers, sizeof numbers / sizeof *numbers, out);
    }
    return rc;
}

void gsp__take_edge(struct gsp_node *node, size_t slot, struct gsp__reader *reader)
{
    struct gsp__neighbour *neighbour = &node->neighbours[slot];
    neighbour->since = gsp__read_u64(reader);
    neighbour->down = gsp__read_flag(reader);
    neighbour->counted = gsp__read_flag(reader);
    neighbour->awaited = gsp__read_flag(reader);
    if (!neighbour->counted) node->self_weight += neighbour->weight;
    neighbour->applied_digest = neighbour->received_digest = gsp__read_u64(reader);
    neighbour->expected = neighbour->since > node->step ? neighbour->since : node->step;
}

static int take_edges(void *into, struct gsp__reader *reader)
{
    struct gsp_node *node = into;
    for (size_t slot = 0; slot < node->degree; slot++) gsp__take_edge(node, slot, reader);
    return 0;
}

static int put_copies(const void *from, struct gsp_buffer *out)
{
    const struct gsp_node *node = from;
    int rc = 0;
    for (size_t slot = 0; !rc && slot < node->degree; slot++)
        rc = gsp_buffer_append_doubles(out, node->neighbours[slot].copy, node->d);
    return rc;
}

static int take_copies(void *into, struct gsp__reader *reader)
{
    struct gsp_node *node = into;
    for (size_t slot = 0; slot < node->degree; slot++) gsp__read_vector(reader, node->neighbours[slot].copy, node->d);
    return 0;
}

/* ---- resyncs: of the neighbours that have one to come: slot, step, digest, z ---- */

static bool has_resyncs(const void *from)
{
    const struct gsp_node *node = from;
    for (size_t slot = 0; slot < node->degree; slot++)
        if (node->neighbours[slot].resync) return true;
    return false;
}

static int put_resyncs(const void *from, struct gsp_buffer *out)
{
    const struct gsp_node *node = from;
    int rc = 0;
    for (size_t slot = 0; !rc && slot < node->degree; slot++) {
        const struct gsp__resync *resync = node->neighbours[slot].resync;
        if (!resync) continue;
        const uint64_t numbers[] = {slot, resync->step, resync->digest};
        rc = put_numbers(numbers, sizeof numbers / sizeof *numbers, out);
        if (!rc) rc = gsp_buffer_append_doubles(out, resync->z, node->d);
    }
    return rc;
}

int gsp__take_resync(struct gsp_node *node, size_t slot, uint64_t step, uint64_t digest, struct gsp__reader *reader)
{
    double *z = gsp_vector(node->d);
    if (!z) return GSP_ERR_NOMEM;
    gsp__read_vector(reader, z, node->d);
    int rc = reader->bad ? GSP_ERR_FORMAT : gsp_node_resync(node, slot, step, z, digest);
    free(z);
    return rc == GSP_ERR_STATE ? GSP_ERR_FORMAT : rc;
}

static int take_resyncs(void *into, struct gsp__reader *reader)
{
    struct gsp_node *node = into;
    int rc = 0;
    for (uint64_t next = 0; !rc && reader->left && !reader->bad;) {
        uint64_t slot = gsp__read_u64(reader), step = gsp__read_u64(reader), digest = gsp__read_u64(reader);
        if (reader->bad || slot < next || slot >= node->degree) return GSP_ERR_FORMAT;
        rc = gsp__take_resync(node, (size_t)slot, step, digest, reader);
        next = slot + 1;
    }
    return rc;
}

/* ---- base_z: z before the first step of the log ---- */

static bool has_base_z(const void *from)
{
    return ((const struct gsp_node *)from)->base_z;
}

static int put_base_z(const void *from, struct gsp_buffer *out)
{
    const struct gsp_node *node = from;
    return gsp_buffer_append_doubles(out, node->base_z, node->d);
}

int gsp__take_base_z(struct gsp_node *node, struct gsp__reader *reader)
{
    node->base_z = gsp_vector(node->d);
    if (!node->base_z) return GSP_ERR_NOMEM;
    gsp__read_vector(reader, node->base_z, node->d);
    return 0;
}

static int take_base_z(void *into, struct gsp__reader *reader)
{
    return gsp__take_base_z(into, reader);
}

/* ---- momentum: only with it: the round that is open, m ---- */

static bool has_momentum(const void *from)
{
    return ((const struct gsp_node *)from)->momentum;
}

static int put_momentum(const void *from, struct gsp_buffer *out)
{
    const struct gsp_node *node = from;
    int rc = gsp_buffer_append_u64(out, node->open_round);
    return rc ? rc : gsp_buffer_append_doubles(out, node->momentum, node->d);
}

static int take_momentum(void *into, struct gsp__reader *reader)
{
    struct gsp_node *node = into;
    if (!node->momentum) return GSP_ERR_FORMAT;
    node->open_round = gsp__read_u64(reader);
    gsp__read_vector(reader, node->momentum, node->d);
    return node->open_round && node->open_round != node->round + 1 ? GSP_ERR_FORMAT : 0;
}

/* ---- log: the own messages that a neighbour may still need ---- */

static int put_log(const void *from, struct gsp_buffer *out)
{
    const struct gsp__message_log *log = &((const struct gsp_node *)from)->log;
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

int gsp__take_log(struct gsp_node *node, struct gsp__reader *reader)
{
    struct gsp__message_log *log = &node->log;
    log->base = gsp__read_u64(reader);
    log->base_digest = gsp__read_u64(reader);
    uint64_t count = gsp__read_u64(reader);
    size_t bound = gsp_compressor_bound(&node->config.compressor, node->d);
    for (uint64_t i = 0; i < count && !reader->bad; i++) {
        uint64_t digest = gsp__read_u64(reader), length = gsp__read_u64(reader);
        if (length > bound) return GSP_ERR_FORMAT;
        const uint8_t *bytes = gsp__read(reader, length);
        if (bytes && gsp__log_append(log, bytes, (size_t)length, digest)) return GSP_ERR_NOMEM;
    }
    bool up_to_step = log->base >= 1 && log->base <= node->step && count == node->step - log->base;
    return reader->bad || !up_to_step ? GSP_ERR_FORMAT : 0;
}

static int take_log(void *into, struct gsp__reader *reader)
{
    return gsp__take_log(into, reader);
}

/* ---- all of it ---- */

enum { NEEDED = GSP__SECTION_NEEDED, SKIP = GSP__SECTION_SKIP };

/* In the order in which they are taken: all of a node but its counters stands on the step. */
static const struct gsp__section SECTIONS[] = {
    {.name = "node", .version = 1, .flags = NEEDED, .put = put_head, .take = take_head},
    {.name = "counters", .version = 1, .flags = SKIP, .put = put_counters, .take = take_counters},
    {.name = "x", .version = 1, .flags = NEEDED, .put = put_x, .take = take_x},
    {.name = "z", .version = 1, .flags = NEEDED, .put = put_z, .take = take_z},
    {.name = "s", .version = 1, .flags = NEEDED, .put = put_s, .take = take_s},
    {.name = "edges", .version = 1, .flags = NEEDED, .put = put_edges, .take = take_edges},
    {.name = "copies", .version = 1, .flags = NEEDED, .put = put_copies, .take = take_copies},
    {.name = "resyncs", .version = 1, .has = has_resyncs, .put = put_resyncs, .take = take_resyncs},
    {.name = "base_z", .version = 1, .has = has_base_z, .put = put_base_z, .take = take_base_z},
    {.name = "momentum", .version = 1, .has = has_momentum, .put = put_momentum, .take = take_momentum},
    {.name = "log", .version = 1, .flags = NEEDED, .put = put_log, .take = take_log},
};
enum { NODE, COUNT = sizeof SECTIONS / sizeof *SECTIONS }; /* NODE: the row of "node" */

/* About what the state takes, so that its buffer grows once. */
static size_t state_size(const struct gsp_node *node)
{
    size_t bytes = 1024 + (5 + 2 * node->degree) * (8 * node->d + 64);
    for (uint64_t step = node->log.base; step < node->log.base + node->log.count; step++)
        bytes += gsp__log_at(&node->log, step)->payload.length + 16;
    return bytes;
}

int gsp_node_save(const struct gsp_node *node, struct gsp_buffer *out)
{
    if (node->working || node->begun || node->config.others) return GSP_ERR_STATE;
    int rc = gsp_buffer_reserve(out, state_size(node));
    if (!rc) rc = gsp_buffer_append(out, MAGIC, sizeof MAGIC);
    return rc ? rc : gsp__sections_put(SECTIONS, COUNT, node, out);
}

/* A saved state, looked through. */
struct state {
    bool before;             /* of the format before sections */
    struct gsp__reader rest; /* what follows the magic */
    struct gsp__sections found;
    struct saved saved;
};

static int look_through(struct state *out, const uint8_t *bytes, size_t length, struct gsp_error *error)
{
    *out = (struct state){0};
    if (length < sizeof MAGIC || memcmp(bytes, MAGIC, FAMILY) != 0)
        return gsp_error_set(error, GSP_ERR_FORMAT, "not the state of a node");
    out->before = memcmp(bytes, BEFORE, sizeof BEFORE) == 0;
    if (!out->before && memcmp(bytes, MAGIC, sizeof MAGIC) != 0)
        return gsp_error_set(error, GSP_ERR_FOREIGN,
                             "its node state is of the format gspnode%c: another gossipd can read it; this one reads "
                             "gspnode2 and gspnode3",
                             isgraph(bytes[FAMILY]) ? bytes[FAMILY] : '?');
    out->rest = (struct gsp__reader){.bytes = bytes + sizeof MAGIC, .left = length - sizeof MAGIC};
    struct gsp__reader head = out->rest;
    if (!out->before) {
        int rc = gsp__sections_find(&out->found, SECTIONS, COUNT, out->rest.bytes, out->rest.left, error);
        if (rc) return rc;
        head = (struct gsp__reader){.bytes = out->found.rows[NODE].bytes, .left = out->found.rows[NODE].length};
    }
    take_saved(&out->saved, &head);
    if (head.bad || out->saved.d > length / sizeof(double))
        return gsp_error_set(error, GSP_ERR_FORMAT, "the state of the node is damaged");
    return 0;
}

int gsp_node_saved(const uint8_t *bytes, size_t length, size_t *dimension, uint64_t *step, struct gsp_error *error)
{
    struct state state;
    int rc = look_through(&state, bytes, length, error);
    if (rc) return rc;
    *dimension = (size_t)state.saved.d;
    *step = state.saved.step;
    return 0;
}

static int take_state(struct state *state, struct gsp_node *node, struct gsp_error *error)
{
    if (!state->before) return gsp__sections_take(&state->found, SECTIONS, COUNT, node, error);
    int rc = gsp__take_state_2(node, &state->rest);
    return rc ? gsp_error_set(error, rc, "the state of the node is damaged") : 0;
}

int gsp_node_load(struct gsp_node **out, const struct gsp_node_config *config, const uint8_t *bytes, size_t length,
                  struct gsp_error *error)
{
    struct state state;
    if (config->others) return gsp_error_set(error, GSP_ERR_FORMAT, "not the state of a node");
    int rc = look_through(&state, bytes, length, error);
    if (rc) return rc;
    struct gsp_node *node = NULL;
    double *x0 = gsp_vector(config->dimension);
    rc = x0 ? gsp_node_new(&node, config, x0) : GSP_ERR_NOMEM;
    free(x0);
    if (rc) return gsp_error_set(error, rc, "no memory for the state of a node");
    if (state.saved.d != node->d || state.saved.degree != node->degree)
        rc = gsp_error_set(error, GSP_ERR_FORMAT, "state of dimension %llu with %llu neighbours, not %zu with %zu",
                           (unsigned long long)state.saved.d, (unsigned long long)state.saved.degree, node->d,
                           node->degree);
    if (!rc) rc = take_state(&state, node, error);
    if (rc)
        gsp_node_free(node);
    else
        *out = node;
    return rc;
}
