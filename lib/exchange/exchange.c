/* The run that is exchanged, and links coming and going. */
#include "exchange/inside.h"

#include <assert.h>
#include <stdlib.h>

/* ---- life ---- */

int gsp__exchange_new(struct gsp__exchange **out, struct gsp__host *host, struct gsp__transport *transport)
{
    struct gsp__exchange *exchange = gsp_alloc(1, sizeof *exchange);
    if (!exchange) return GSP_ERR_NOMEM;
    exchange->host = host;
    exchange->transport = transport;
    exchange->waiting_since = GSP__NEVER;
    *out = exchange;
    return 0;
}

static void free_lines(struct gsp__line *lines, size_t count)
{
    for (size_t slot = 0; slot < count; slot++) gsp_buffer_clear(&lines[slot].parcel.z);
    free(lines);
}

void gsp__exchange_free(struct gsp__exchange *exchange)
{
    if (!exchange) return;
    gsp__gather_clear(exchange);
    free_lines(exchange->lines, exchange->count);
    free_lines(exchange->next_lines, exchange->next_count);
    free(exchange);
}

int gsp__exchange_prepare(struct gsp__exchange *exchange, const struct gsp__place *next)
{
    size_t count = next->graph->first[next->self + 1] - next->graph->first[next->self];
    struct gsp__line *lines = gsp_alloc(count, sizeof *lines);
    if (!lines) return GSP_ERR_NOMEM;
    for (size_t slot = 0; slot < count; slot++) lines[slot].have = lines[slot].durable = 1;
    free_lines(exchange->next_lines, exchange->next_count);
    exchange->next_lines = lines;
    exchange->next_count = count;
    return 0;
}

void gsp__exchange_enter(struct gsp__exchange *exchange)
{
    assert(exchange->next_lines && exchange->next_count == gsp__slots(exchange->host));
    gsp__gather_clear(exchange);
    free_lines(exchange->lines, exchange->count);
    exchange->lines = exchange->next_lines;
    exchange->count = exchange->next_count;
    exchange->next_lines = NULL;
    exchange->next_count = 0;
    exchange->state = GSP__EXCHANGE_CLOSED;
    exchange->run = (struct gsp__carried){0};
}

/* ---- the run ---- */

bool gsp__exchange_is_open(const struct gsp__exchange *exchange)
{
    return exchange->state == GSP__EXCHANGE_OPEN;
}

static void reset_lines(struct gsp__exchange *exchange)
{
    for (size_t slot = 0; slot < exchange->count; slot++) {
        struct gsp__line *line = &exchange->lines[slot];
        line->have = line->durable = 1;
        line->wants = line->edge_asked = line->edge_told = 0;
        line->flow = (struct gsp__flow){0};
        line->words = (struct gsp__words){0};
    }
}

void gsp__exchange_reset(struct gsp__exchange *exchange, const struct gsp_run_key *key)
{
    gsp__gather_clear(exchange);
    exchange->state = GSP__EXCHANGE_PREPARING;
    exchange->key = key ? *key : (struct gsp_run_key){0};
    exchange->run = (struct gsp__carried){0};
    exchange->waiting_since = GSP__NEVER;
    exchange->note[0] = 0;
    reset_lines(exchange);
}

static void greet(struct gsp__exchange *exchange, size_t slot)
{
    struct gsp__line *line = &exchange->lines[slot];
    line->words.hello = true;
    if (line->theirs.known && gsp__exchange_is_ours(exchange, &line->theirs.run)) gsp__hello_answer(exchange, slot);
}

void gsp__exchange_open(struct gsp__exchange *exchange, const struct gsp__carried *carried)
{
    assert(carried->node && (exchange->state == GSP__EXCHANGE_PREPARING || exchange->state == GSP__EXCHANGE_LOST));
    exchange->run = *carried;
    exchange->state = GSP__EXCHANGE_OPEN;
    for (size_t slot = 0; slot < exchange->count; slot++)
        if (gsp__transport_up(exchange->transport, slot)) greet(exchange, slot);
    gsp__gather_clear(exchange);
}

void gsp__exchange_close(struct gsp__exchange *exchange)
{
    exchange->state = GSP__EXCHANGE_CLOSED;
    exchange->run.node = NULL;
}

int gsp__exchange_gather(struct gsp__exchange *exchange, const struct gsp__carried *carried)
{
    assert(exchange->state == GSP__EXCHANGE_OPEN && !carried->node);
    struct gsp__gather gather = {.z = gsp_vector(carried->d),
                                 .answered = gsp_alloc(exchange->count, sizeof *gather.answered)};
    if (!gather.z || !gather.answered) {
        free(gather.z);
        free(gather.answered);
        return GSP_ERR_NOMEM;
    }
    struct gsp_run_key key = exchange->key;
    gsp__exchange_reset(exchange, &key);
    exchange->state = GSP__EXCHANGE_LOST;
    exchange->run = *carried;
    exchange->gather = gather;
    for (size_t slot = 0; slot < exchange->count; slot++)
        exchange->lines[slot].words.lost = gsp__transport_up(exchange->transport, slot);
    return 0;
}

/* ---- what changes while it is open ---- */

void gsp__exchange_set_durable(struct gsp__exchange *exchange, uint64_t step)
{
    exchange->run.durable = step;
    for (size_t slot = 0; slot < exchange->count; slot++) {
        struct gsp__line *line = &exchange->lines[slot];
        if (gsp__transport_up(exchange->transport, slot) && line->flow.greeted) line->words.durable = true;
    }
}

void gsp__exchange_set_last(struct gsp__exchange *exchange, uint64_t step)
{
    exchange->run.last = step;
}

void gsp__exchange_set_waiting(struct gsp__exchange *exchange, uint64_t since)
{
    exchange->waiting_since = since;
}

void gsp__exchange_hold(struct gsp__exchange *exchange, bool held)
{
    exchange->held = held;
}

void gsp__exchange_set_majority(struct gsp__exchange *exchange, bool majority)
{
    exchange->majority = majority;
}

/* ---- links and messages ---- */

void gsp__exchange_link_up(struct gsp__exchange *exchange, size_t slot)
{
    assert(slot < exchange->count && gsp__transport_up(exchange->transport, slot));
    struct gsp__line *line = &exchange->lines[slot];
    gsp_buffer_clear(&line->parcel.z);
    line->parcel = (struct gsp__parcel){0};
    line->flow = (struct gsp__flow){0};
    line->theirs = (struct gsp__their_hello){0};
    line->words = (struct gsp__words){.lost = exchange->state == GSP__EXCHANGE_LOST};
    line->copy_due = false;
    if (exchange->state == GSP__EXCHANGE_OPEN) line->words.hello = true;
}

void gsp__exchange_link_down(struct gsp__exchange *exchange, size_t slot)
{
    assert(slot < exchange->count);
    exchange->lines[slot].edge_asked = exchange->lines[slot].edge_told = 0;
}

bool gsp__exchange_receive(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message)
{
    assert(slot < exchange->count);
    switch (message->type) {
    case GSP_MSG_RUN_HELLO:
        gsp__hello_received(exchange, slot, message);
        return true;
    case GSP_MSG_GOSSIP:
        gsp__gossip_received(exchange, slot, message);
        return true;
    case GSP_MSG_HAVE:
        gsp__gossip_have(exchange, slot, message->u.have.step);
        return true;
    case GSP_MSG_DURABLE:
        gsp__gossip_durable(exchange, slot, message->u.durable.step);
        return true;
    case GSP_MSG_LOST:
        gsp__gather_asked(exchange, slot, &message->u.gone.run);
        return true;
    case GSP_MSG_COPY:
        gsp__gather_copy(exchange, slot, message);
        return true;
    case GSP_MSG_EDGE_AT:
        gsp__edge_told(exchange, slot, message->u.edge_at.step);
        return true;
    case GSP_MSG_RESYNC:
        gsp__vector_resync(exchange, slot, message);
        return true;
    default:
        return false;
    }
}

static bool take_due(bool *due)
{
    bool was = *due;
    *due = false;
    return was;
}

/* Words that only an open run has. */
static bool next_word_of_run(struct gsp__exchange *exchange, size_t slot, struct gsp_message *out)
{
    struct gsp__words *words = &exchange->lines[slot].words;
    if (take_due(&words->hello)) {
        gsp__hello_write(exchange, slot, out);
    } else if (take_due(&words->edge)) {
        gsp__message_begin(out, GSP_MSG_EDGE_AT);
        out->u.edge_at.step = exchange->lines[slot].edge_asked;
    } else if (take_due(&words->durable)) {
        gsp__message_begin(out, GSP_MSG_DURABLE);
        out->u.durable.step = exchange->run.durable;
    } else if (words->have && !gsp__gossip_says_have(exchange, slot)) {
        words->have = false;
        gsp__message_begin(out, GSP_MSG_HAVE);
        out->u.have.step = gsp_node_step(exchange->run.node);
    } else {
        return false;
    }
    return true;
}

bool gsp__exchange_next_word(struct gsp__exchange *exchange, size_t slot, struct gsp_message *out)
{
    struct gsp__words *words = &exchange->lines[slot].words;
    if (take_due(&words->lost)) {
        gsp__message_begin(out, GSP_MSG_LOST);
        out->u.gone.run = exchange->key;
    } else if (take_due(&words->gone)) {
        gsp__message_begin(out, GSP_MSG_GONE);
        out->u.gone.run = exchange->key;
    } else {
        return exchange->state == GSP__EXCHANGE_OPEN && next_word_of_run(exchange, slot, out);
    }
    return true;
}

/* ---- what status says ---- */

bool gsp__exchange_waits_for(const struct gsp__exchange *exchange, size_t slot)
{
    const struct gsp_node *node = exchange->run.node;
    if (exchange->state == GSP__EXCHANGE_LOST) return !exchange->gather.answered[slot];
    if (exchange->state != GSP__EXCHANGE_OPEN) return false;
    return gsp_node_awaits(node, slot) || gsp_node_waiting_for(node, slot);
}

bool gsp__exchange_has_majority(const struct gsp__exchange *exchange)
{
    return exchange->majority;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

uint64_t gsp__exchange_furthest(const struct gsp__exchange *exchange)
{
    uint64_t step = 1;
    for (size_t slot = 0; slot < exchange->count; slot++) {
        const struct gsp__line *line = &exchange->lines[slot];
        const struct gsp__their_hello *theirs = &line->theirs;
        step = later(step, line->have);
        if (gsp__transport_up(exchange->transport, slot) && theirs->known &&
            gsp__exchange_is_ours(exchange, &theirs->run))
            step = later(step, later(theirs->have, theirs->expect));
    }
    return step;
}
