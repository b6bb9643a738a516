/* Which rows make up a stochastic gradient. */
#include "objective.h"

#include <assert.h>
#include <string.h>

/* Floyd's sampling: one draw a row, and all subsets of the size are equally likely. */
void gsp__batch_draw(uint64_t *chosen, size_t rows, size_t batch, const uint8_t key[32], uint64_t round)
{
    enum { BITS = 64 };
    assert(batch && batch <= rows);
    struct gsp_stream stream;
    gsp_stream_init(&stream, key, round);
    memset(chosen, 0, (rows + BITS - 1) / BITS * sizeof *chosen);
    for (size_t top = rows - batch; top < rows; top++) {
        size_t row = (size_t)gsp_stream_below(&stream, top + 1);
        if (chosen[row / BITS] >> row % BITS & 1) row = top;
        chosen[row / BITS] |= UINT64_C(1) << row % BITS;
    }
}
