/* Histories: a byte with the round to go on with, then the file. What is read, written and read again is the same, and
 * what is kept is kept whole the next time. */
#include "fuzz.h"

#include <assert.h>
#include <gossip/store.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void check_kept(const char *text, size_t length, uint64_t next)
{
    static const char run[] = "3-1f0c99ab";
    uint64_t after, again;
    size_t kept = gsp_history_keep(text, length, run, next, &after);
    assert(kept <= length && after <= next);
    if (!kept) return;
    assert(text[kept - 1] == '\n' && gsp_history_keep(text, kept, run, next, &again) == kept && again == after);
}

static void put(const struct gsp_history *history, struct gsp_buffer *out)
{
    int rc = gsp_history_put_header(out);
    for (size_t i = 0; !rc && i < history->count; i++)
        rc = gsp_history_put_row(out, &history->rows[i], history->node, "3-1f0c99ab");
    assert(!rc);
}

static bool same(double a, double b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

/* To the last bit, but for the seconds, which are rounded. */
static void check_rows(const struct gsp_history *one, const struct gsp_history *two)
{
    assert(one->count == two->count && strcmp(one->node, two->node) == 0);
    for (size_t i = 0; i < one->count; i++) {
        const struct gsp_history_row *a = &one->rows[i], *b = &two->rows[i];
        assert(a->round == b->round);
        assert(same(a->loss, b->loss) && same(a->accuracy, b->accuracy));
        assert(same(a->payload_bytes, b->payload_bytes) && same(a->bytes_sent, b->bytes_sent));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct gsp_history *histories = NULL;
    struct gsp_error error = {0};
    size_t count = 0;
    uint64_t next = fuzz_byte(&input);
    char *text = (char *)fuzz_copy(input.bytes, input.left);
    check_kept(text, input.left, next);
    int rc = gsp_history_parse(&histories, &count, "history.csv", text, input.left, &error);
    assert(!rc || (rc == GSP_ERR_DATA && strncmp(error.message, "history.csv", 11) == 0));
    for (size_t i = 0; !rc && i < count; i++) {
        struct gsp_buffer written = {0};
        struct gsp_history *again;
        size_t nodes;
        put(&histories[i], &written);
        int twice = gsp_history_parse(&again, &nodes, "again.csv", (char *)written.data, written.length, NULL);
        assert(twice == 0 && nodes == 1);
        check_rows(&histories[i], again);
        gsp_histories_free(again, nodes);
        gsp_buffer_clear(&written);
    }
    gsp_histories_free(histories, rc ? 0 : count);
    free(text);
    return 0;
}
