/* A node's own messages by step, and the digest chain over messages. */
#include "algo/node.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

static size_t position(const struct gsp__message_log *log, size_t index)
{
    return (log->first + index) & (log->capacity - 1);
}

static int grow(struct gsp__message_log *log)
{
    size_t capacity = log->capacity ? 2 * log->capacity : 4;
    struct gsp__log_entry *entries = gsp_alloc(capacity, sizeof *entries);
    if (!entries) return GSP_ERR_NOMEM;
    for (size_t i = 0; i < log->count; i++) entries[i] = log->entries[position(log, i)];
    free(log->entries);
    log->entries = entries;
    log->capacity = capacity;
    log->first = 0;
    return 0;
}

int gsp__log_append(struct gsp__message_log *log, const uint8_t *bytes, size_t length, uint64_t digest)
{
    if (log->count == log->capacity && grow(log)) return GSP_ERR_NOMEM;
    uint8_t *copy = malloc(length ? length : 1);
    if (!copy) return GSP_ERR_NOMEM;
    memcpy(copy, bytes, length);
    struct gsp__log_entry *entry = &log->entries[position(log, log->count)];
    entry->payload = (struct gsp__payload){copy, length};
    entry->digest = digest;
    log->count++;
    return 0;
}

struct gsp__log_entry *gsp__log_at(const struct gsp__message_log *log, uint64_t step)
{
    if (step < log->base || step - log->base >= log->count) return NULL;
    return &log->entries[position(log, (size_t)(step - log->base))];
}

void gsp__log_drop_below(struct gsp__message_log *log, uint64_t base)
{
    while (log->base < base && log->count) {
        struct gsp__log_entry *entry = &log->entries[log->first];
        free(entry->payload.bytes);
        log->base_digest = entry->digest;
        log->first = position(log, 1);
        log->count--;
        log->base++;
    }
}

void gsp__log_drop_last(struct gsp__message_log *log)
{
    free(log->entries[position(log, --log->count)].payload.bytes);
}

void gsp__log_clear(struct gsp__message_log *log)
{
    while (log->count) gsp__log_drop_last(log); /* whatever a damaged file says of the base */
    free(log->entries);
    *log = (struct gsp__message_log){0};
}

uint64_t gsp__digest_start(const uint8_t run_id[16], const char *node)
{
    uint8_t bytes[16 + GSP_NAME_MAX + 1] = {0};
    memcpy(bytes, run_id, 16);
    memcpy(bytes + 16, node, strlen(node));
    return XXH3_64bits(bytes, sizeof bytes);
}

uint64_t gsp__digest_next(uint64_t previous, const uint8_t run_id[16], uint64_t step, const uint8_t *payload,
                          size_t length)
{
    /* Everything short goes into the seed of the hash of the payload: one pass, no state on the heap. */
    uint8_t head[32];
    memcpy(head, run_id, 16);
    for (int i = 0; i < 8; i++) {
        head[16 + i] = (uint8_t)(previous >> (8 * i));
        head[24 + i] = (uint8_t)(step >> (8 * i));
    }
    return XXH3_64bits_withSeed(payload, length, XXH3_64bits(head, sizeof head));
}

/* ---- queries ---- */

uint64_t gsp_node_log_base(const struct gsp_node *node)
{
    return node->log.base;
}

uint64_t gsp_node_log_end(const struct gsp_node *node)
{
    return node->log.base + node->log.count;
}

const uint8_t *gsp_node_log_view(const struct gsp_node *node, uint64_t step, size_t *length)
{
    const struct gsp__log_entry *entry = gsp__log_at(&node->log, step);
    if (!entry) return NULL;
    *length = entry->payload.length;
    return entry->payload.bytes;
}

void gsp_node_log_trim(struct gsp_node *node, uint64_t base)
{
    uint64_t before = node->log.base;
    gsp__log_drop_below(&node->log, base < node->step ? base : node->step);
    if (node->log.base > before) {
        free(node->base_z);
        node->base_z = NULL;
    }
}

uint64_t gsp_node_digest(const struct gsp_node *node, uint64_t step)
{
    if (step + 1 == node->log.base) return node->log.base_digest;
    const struct gsp__log_entry *entry = gsp__log_at(&node->log, step);
    assert(entry);
    return entry->digest;
}

uint64_t gsp_node_digest_of(const struct gsp_node *node, size_t slot)
{
    assert(slot < node->degree);
    return node->neighbours[slot].received_digest;
}
