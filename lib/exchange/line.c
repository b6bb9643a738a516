/* What holds on a line now, and what the run owes to it. */
#include "exchange/inside.h"

#include <stdio.h>

bool gsp__exchange_is_ours(const struct gsp__exchange *exchange, const struct gsp_run_key *key)
{
    return exchange->key.epoch && gsp_run_key_compare(key, &exchange->key) == 0;
}

bool gsp__exchange_carries(const struct gsp__exchange *exchange, const struct gsp_run_key *key)
{
    return exchange->state == GSP__EXCHANGE_OPEN && gsp__exchange_is_ours(exchange, key);
}

bool gsp__exchange_opened(const struct gsp__exchange *exchange, size_t slot)
{
    const struct gsp__flow *flow = &exchange->lines[slot].flow;
    return exchange->state == GSP__EXCHANGE_OPEN && flow->answered && flow->greeted;
}

bool gsp__exchange_in_run(struct gsp__exchange *exchange, size_t slot, uint64_t step)
{
    uint64_t last = exchange->run.steps;
    if (step <= last + 1) return true;
    gsp__transport_fail(exchange->transport, slot, "step %llu of a run that has %llu", (unsigned long long)step,
                        (unsigned long long)last);
    return false;
}

const char *gsp__exchange_note(const struct gsp__exchange *exchange)
{
    return exchange->note;
}

void gsp__exchange_set_note(struct gsp__exchange *exchange, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(exchange->note, sizeof exchange->note, format, arguments);
    va_end(arguments);
}

/* Not while a checkpoint that is being packed on another thread reads it: the step after it trims, too. */
void gsp__gossip_trim(struct gsp__exchange *exchange)
{
    struct gsp_node *node = exchange->run.node;
    if (exchange->state != GSP__EXCHANGE_OPEN || !gsp__state_free(exchange->host, node)) return;
    uint64_t needed = gsp_node_step(node), since;
    for (size_t slot = 0; slot < exchange->count; slot++) {
        const struct gsp__line *line = &exchange->lines[slot];
        if (gsp_node_edge(node, slot, &since)) continue; /* it will go on from a resync */
        /* Who wants a resync at a step needs nothing below, long before its checkpoints say so. */
        uint64_t from = line->wants > line->durable ? line->wants : line->durable;
        if (from < needed) needed = from;
    }
    gsp_node_log_trim(node, needed);
}
