#include "flow.h"

#include "pair.h"

#include <stdlib.h>
#include <string.h>

#define HELD_MAX        (256u << 10)
#define PIECES_A_SECOND 50u /* at least, where a rate is set: a slow link gives its bytes steadily */

enum piece_kind { PIECE_BYTES, PIECE_END, PIECE_RESET };

struct piece {
    struct piece *next;
    enum piece_kind kind;
    uint64_t due;
    size_t length, written;
    char bytes[];
};

static void on_timer(uv_timer_t *timer)
{
    flow_pump(timer->data);
}

void flow_init(struct flow *flow, struct pair *pair, enum direction direction)
{
    uint8_t key[32];
    char node[32];
    snprintf(node, sizeof node, "link %zu %c", pair->link->number, direction == DIRECTION_A ? 'a' : 'b');
    gsp_stream_key(key, pair->link->relay->seed, node, "jitter");
    gsp_stream_init(&flow->jitter, key, pair->number);
    flow->pair = pair;
    flow->direction = direction;
    flow->from = &pair->end[direction];
    flow->to = &pair->end[1 - direction];
    uv_timer_init(&pair->link->relay->loop, &flow->timer);
    flow->timer.data = flow->write.data = flow->shutdown.data = flow;
}

static void push(struct flow *flow, enum piece_kind kind, const char *bytes, size_t length)
{
    const struct faults *faults = &flow->pair->link->faults;
    struct piece *piece = malloc(sizeof *piece + length);
    if (!piece) abort();
    uint64_t due = uv_now(&flow->pair->link->relay->loop) + faults->delay;
    if (faults->jitter > 0) due += (uint64_t)((double)faults->jitter * gsp_stream_uniform(&flow->jitter));
    if (due < flow->latest) due = flow->latest;
    *piece = (struct piece){.kind = kind, .due = due, .length = length};
    if (length > 0) memcpy(piece->bytes, bytes, length);
    flow->latest = due;
    if (flow->last)
        flow->last->next = piece;
    else
        flow->first = piece;
    flow->last = piece;
    flow->held += length;
}

static void drop_first(struct flow *flow)
{
    struct piece *piece = flow->first;
    flow->first = piece->next;
    if (!flow->first) flow->last = NULL;
    flow->held -= piece->length;
    free(piece);
}

void flow_clear(struct flow *flow)
{
    while (flow->first) drop_first(flow);
}

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct pair *pair = handle->data;
    struct relay *relay = pair->link->relay;
    (void)suggested;
    *buffer = uv_buf_init(relay->buffer, sizeof relay->buffer);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct pair *pair = stream->data;
    struct flow *flow = &pair->flow[stream == (uv_stream_t *)&pair->end[DIRECTION_A] ? DIRECTION_A : DIRECTION_B];
    if (count > 0) push(flow, PIECE_BYTES, buffer->base, (size_t)count);
    if (count < 0) {
        uv_read_stop(stream);
        flow->reading = false;
        flow->read_end = true;
        push(flow, count == UV_EOF ? PIECE_END : PIECE_RESET, NULL, 0);
    }
    flow_pump(flow);
}

/* Reads as long as there is room and an end to come. */
static void read_or_pause(struct flow *flow)
{
    bool wanted = !flow->read_end && flow->held < HELD_MAX;
    if (wanted == flow->reading) return;
    flow->reading = wanted;
    if (wanted)
        uv_read_start((uv_stream_t *)flow->from, allocate, on_read);
    else
        uv_read_stop((uv_stream_t *)flow->from);
}

void flow_start(struct flow *flow)
{
    read_or_pause(flow);
    flow_pump(flow);
}

static void on_written(uv_write_t *request, int status)
{
    struct flow *flow = request->data;
    struct pair *pair = flow->pair;
    flow->writing = false;
    if (pair->closing) return;
    if (status) {
        /* Who does not take bytes any more: the sender hears of it as of a reset that comes the other way. */
        flow->read_end = true;
        flow_clear(flow);
        read_or_pause(flow);
        push(&pair->flow[1 - flow->direction], PIECE_RESET, NULL, 0);
        flow_pump(&pair->flow[1 - flow->direction]);
        return;
    }
    if (flow->first->written == flow->first->length) drop_first(flow);
    if (pair->left == 0)
        pair_close(pair, true);
    else
        flow_pump(flow);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    struct flow *flow = request->data;
    (void)status; /* an end that is gone has no use for ours */
    flow->writing = false;
    if (flow->pair->closing) return;
    flow->over = true;
    pair_flow_over(flow->pair);
}

/* What a cut swallows. An end is swallowed as well; once both ends are, nobody is left. */
static void swallow(struct flow *flow)
{
    /* The first piece may be on its way to the kernel. */
    while (flow->first && !flow->writing) {
        flow->pair->lost = true;
        if (flow->first->kind != PIECE_BYTES) flow->over = true;
        drop_first(flow);
    }
    if (flow->over) pair_flow_over(flow->pair);
}

/* How much of the first piece may go now; `*wait`: milliseconds until some may. */
static size_t allowed(const struct flow *flow, uint64_t now, uint64_t *wait)
{
    const struct piece *piece = flow->first;
    uint64_t rate = flow->pair->link->faults.rate;
    size_t length = piece->length - piece->written;
    *wait = piece->due > now ? piece->due - now : 0;
    if (rate > 0) {
        size_t most = rate > PIECES_A_SECOND ? rate / PIECES_A_SECOND : 1;
        if (length > most) length = most;
        if (flow->free_at > (double)(now + *wait)) *wait = (uint64_t)(flow->free_at - (double)now) + 1;
    }
    return flow->pair->left < length ? (size_t)flow->pair->left : length;
}

static void write_some(struct flow *flow, size_t length, uint64_t now)
{
    struct pair *pair = flow->pair;
    struct piece *piece = flow->first;
    uint64_t rate = pair->link->faults.rate;
    uv_buf_t buffer = uv_buf_init(piece->bytes + piece->written, (unsigned)length);
    piece->written += length;
    pair->link->bytes[flow->direction] += length;
    if (pair->left != UINT64_MAX) pair->left -= length;
    double from = flow->free_at > (double)now ? flow->free_at : (double)now;
    flow->free_at = rate > 0 ? from + 1000.0 * (double)length / (double)rate : 0;
    flow->writing = true;
    if (uv_write(&flow->write, (uv_stream_t *)flow->to, &buffer, 1, on_written) != 0) pair_close(pair, true);
}

void flow_pump(struct flow *flow)
{
    struct pair *pair = flow->pair;
    const struct faults *faults = &pair->link->faults;
    if (pair->closing || !pair->connected) return;
    if (faults->cut[flow->direction]) swallow(flow);
    if (pair->closing) return;
    read_or_pause(flow);
    if (!flow->first || flow->writing || faults->stall[flow->direction]) return;

    uint64_t now = uv_now(&pair->link->relay->loop), wait = 0;
    size_t length = allowed(flow, now, &wait);
    if (wait > 0) {
        uv_timer_start(&flow->timer, on_timer, wait, 0);
    } else if (flow->first->kind == PIECE_RESET) {
        pair_close(pair, true);
    } else if (flow->first->kind == PIECE_END) {
        drop_first(flow);
        flow->writing = true;
        if (uv_shutdown(&flow->shutdown, (uv_stream_t *)flow->to, on_shutdown) != 0) pair_close(pair, true);
    } else {
        write_some(flow, length, now);
    }
}
