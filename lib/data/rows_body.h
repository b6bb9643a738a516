/* The row kernel for one type of numbers and one kind of processor: the rows_*.c include this after `typedef ...
 * number`, `enum { PART_BYTES, GROUP }`: what a register holds, and the rows to take at a time, so that vectors and
 * sums are read and written less often. Neither changes a result: each number goes through the same additions in the
 * same order. */
#include "base/cpu.h"
#include "data/rows.h"

#include <stddef.h>

enum { LANES = 128 / sizeof(number), WIDTH = PART_BYTES / sizeof(number), PARTS = LANES / WIDTH };
typedef number part __attribute__((vector_size(PART_BYTES), aligned(sizeof(number)), may_alias)); /* lies anywhere */

/* The lanes of one row's sum. */
struct lanes {
    part parts[PARTS];
};

/* Hints, which never fault: the next rows to the second-level cache, and what comes soon in this one to the first. */
GSP__BODY void fetch(size_t rows, size_t columns, const number *row, const number *ahead)
{
    enum { LINE = LANES / 2, SOON = 8 * LANES };
    for (size_t r = 0; r < rows; r++) {
        __builtin_prefetch(ahead + r * columns, 0, 2);
        __builtin_prefetch(ahead + r * columns + LINE, 0, 2);
        __builtin_prefetch(row + r * columns + SOON, 0, 3);
        __builtin_prefetch(row + r * columns + SOON + LINE, 0, 3);
    }
}

GSP__BODY void multiply(size_t rows, size_t columns, const number *row, const number *x, struct lanes *sums)
{
    for (size_t k = 0; k < PARTS; k++)
        for (size_t r = 0; r < rows; r++)
            sums[r].parts[k] += *(const part *)(row + r * columns + k * WIDTH) * *(const part *)(x + k * WIDTH);
}

GSP__BODY void add(size_t rows, size_t columns, const number *row, const number *factors, number *sum)
{
    part with = *(const part *)sum;
    for (size_t r = 0; r < rows; r++) with += factors[r] * *(const part *)(row + r * columns);
    *(part *)sum = with;
}

/* The last columns, fewer than LANES, of all rows before any is read again: a processor waits once for what was written
 * in pieces and is read whole. */
GSP__BODY void multiply_rest(size_t rows, size_t columns, size_t rest, const number *row, const number *x,
                             struct lanes *sums)
{
    number lane[GROUP][LANES];
    for (size_t r = 0; r < rows; r++) {
        for (size_t k = 0; k < PARTS; k++) *(part *)(lane[r] + k * WIDTH) = sums[r].parts[k];
        for (size_t l = 0; l < rest; l++) lane[r][l] += row[r * columns + l] * x[l];
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < PARTS; k++) sums[r].parts[k] = *(const part *)(lane[r] + k * WIDTH);
}

/* The lanes pairwise, in place. */
GSP__BODY number total(struct lanes *sum)
{
    number lane[WIDTH];
    for (size_t half = PARTS / 2; half; half /= 2)
        for (size_t k = 0; k < half; k++) sum->parts[k] += sum->parts[k + half];
    *(part *)lane = sum->parts[0];
    for (size_t half = WIDTH / 2; half; half /= 2)
        for (size_t l = 0; l < half; l++) lane[l] += lane[l + half];
    return lane[0];
}

/* Rows from `r` on, `forward` and `backward` of them: constants, 0, 1 or GROUP. */
GSP__BODY void few(size_t forward, size_t backward, const struct gsp__rows_work *work, size_t r, size_t o)
{
    size_t columns = work->columns, outputs = work->outputs, whole = columns - columns % LANES, i = 0;
    const number *row = forward ? (const number *)work->forward_features + r * columns : NULL;
    const number *x = forward ? (const number *)work->point + o * columns : NULL;
    const number *back = backward ? (const number *)work->backward_features + r * columns : NULL;
    const number *ahead = forward > 1 && work->ahead && !o ? (const number *)work->ahead + r * columns : NULL;
    number *restrict sum = backward ? (number *)work->sum + o * columns : NULL;
    number factors[GROUP];
    struct lanes sums[GROUP];
    for (size_t f = 0; f < forward; f++)
        for (size_t k = 0; k < PARTS; k++) sums[f].parts[k] = (part){0};
    for (size_t b = 0; b < backward; b++) factors[b] = ((const number *)work->factors)[(r + b) * outputs + o];
    for (; i < whole; i += LANES) {
        if (ahead) fetch(forward, columns, row + i, ahead + i);
        if (forward) multiply(forward, columns, row + i, x + i, sums);
        for (size_t k = 0; backward && k < LANES; k += WIDTH)
            add(backward, columns, back + i + k, factors, sum + i + k);
    }
    if (forward && whole < columns) multiply_rest(forward, columns, columns - whole, row + whole, x + whole, sums);
    for (size_t f = 0; f < forward; f++) ((number *)work->margins)[(r + f) * outputs + o] = total(&sums[f]);
    for (; backward && i + WIDTH <= columns; i += WIDTH) add(backward, columns, back + i, factors, sum + i);
    for (; backward && i < columns; i++) {
        number with = sum[i];
        for (size_t b = 0; b < backward; b++) with += factors[b] * back[b * columns + i];
        sum[i] = with;
    }
}

/* A group of rows, of which either side may have only some. */
GSP__BODY void group(const struct gsp__rows_work *work, size_t r, size_t o)
{
    bool forward = r + GROUP <= work->forward, backward = r + GROUP <= work->backward;
    if (forward && backward) {
        few(GROUP, GROUP, work, r, o);
        return;
    }
    if (forward)
        few(GROUP, 0, work, r, o);
    else
        for (size_t f = r; f < work->forward; f++) few(1, 0, work, f, o);
    if (backward)
        few(0, GROUP, work, r, o);
    else
        for (size_t b = r; b < work->backward; b++) few(0, 1, work, b, o);
}

GSP__BODY void rows(const struct gsp__rows_work *work)
{
    size_t most = work->forward > work->backward ? work->forward : work->backward;
    for (size_t r = 0; r < most; r += GROUP)
        for (size_t o = 0; o < work->outputs; o++) group(work, r, o);
}
