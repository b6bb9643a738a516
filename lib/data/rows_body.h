/* The row kernels for one type of numbers: rows_double.c and rows_float.c include this after `typedef ... number`.
 * Rows are taken two at a time forward and four at a time back, so that vectors and sums are read and written less
 * often; each number still goes through the same additions in the same order. */
#include "base/cpu.h"
#include "data/rows.h"

#include <stdint.h>
#include <string.h>

/* `part`: what a register holds; a processor with narrower ones works on it in pieces. It may lie anywhere. */
enum { PART_BYTES = 32, PARTS = 4, WIDTH = PART_BYTES / sizeof(number), LANES = PARTS * WIDTH };
typedef number part __attribute__((vector_size(PART_BYTES), aligned(sizeof(number)), may_alias));

/* What memory brings at a time. */
enum { LINE = 2 * WIDTH };

/* A hint, which never faults. */
GSP__BODY void fetch(const number *ahead, size_t i)
{
    if (ahead) __builtin_prefetch(ahead + i, 0, 2);
}

/* The lanes of one row's sum. */
struct lanes {
    part parts[PARTS];
};

GSP__BODY void multiply(struct lanes *sum, const part *row, const part *x)
{
    for (size_t k = 0; k < PARTS; k++) sum->parts[k] += row[k] * x[k];
}

/* The last columns, fewer than LANES; then the lanes pairwise. */
GSP__BODY number finish(const struct lanes *sum, size_t rest, const number *row, const number *x)
{
    number lane[LANES];
    memcpy(lane, sum->parts, sizeof lane);
    for (size_t l = 0; l < rest; l++) lane[l] += row[l] * x[l];
    for (size_t width = LANES / 2; width; width /= 2)
        for (size_t l = 0; l < width; l++) lane[l] += lane[l + width];
    return lane[0];
}

/* `count` is 1 or 2; margins of rows are `outputs` apart. */
GSP__BODY void dot_few(size_t count, size_t columns, size_t outputs, const number *first, const number *x,
                       number *margins, const number *ahead)
{
    struct lanes sums[2] = {0};
    const number *second = first + (count - 1) * columns;
    size_t whole = columns - columns % LANES, rest = columns % LANES;
    for (size_t i = 0; i < whole; i += LANES) {
        fetch(ahead, i);
        fetch(ahead, i + LINE);
        multiply(&sums[0], (const part *)(first + i), (const part *)(x + i));
        if (count == 2) multiply(&sums[1], (const part *)(second + i), (const part *)(x + i));
    }
    margins[0] = finish(&sums[0], rest, first + whole, x + whole);
    if (count == 2) margins[outputs] = finish(&sums[1], rest, second + whole, x + whole);
}

GSP__BODY void dot(size_t rows, size_t columns, size_t outputs, const number *features, const number *point,
                   number *margins, const number *ahead)
{
    for (size_t r = 0; r < rows; r += 2)
        for (size_t o = 0; o < outputs; o++) {
            const number *row = features + r * columns, *x = point + o * columns;
            const number *next = ahead && o == 0 ? ahead + r / 2 * columns : NULL;
            if (r + 2 <= rows)
                dot_few(2, columns, outputs, row, x, margins + r * outputs + o, next);
            else
                dot_few(1, columns, outputs, row, x, margins + r * outputs + o, next);
        }
}

/* `count` is 1 or 4. `ahead`: half as many rows. */
GSP__BODY void add_few(size_t count, size_t columns, size_t outputs, const number *features, const number *margins,
                       number *restrict sum, const number *ahead)
{
    const number *next = ahead && count > 1 ? ahead + columns : NULL;
    size_t whole = columns - columns % LINE;
    for (size_t i = 0; i < whole; i += LINE) {
        part *total = (part *)(sum + i), low = total[0], high = total[1];
        fetch(ahead, i);
        fetch(next, i);
        for (size_t r = 0; r < count; r++) {
            const part *row = (const part *)(features + r * columns + i);
            low += margins[r * outputs] * row[0];
            high += margins[r * outputs] * row[1];
        }
        total[0] = low;
        total[1] = high;
    }
    for (size_t i = whole; i < columns; i++)
        for (size_t r = 0; r < count; r++) sum[i] += margins[r * outputs] * features[r * columns + i];
}

GSP__BODY void add(size_t rows, size_t columns, size_t outputs, const number *features, const number *margins,
                   number *sum, const number *ahead)
{
    size_t r = 0, half = rows / 2;
    for (; r + 4 <= rows; r += 4)
        for (size_t o = 0; o < outputs; o++)
            add_few(4, columns, outputs, features + r * columns, margins + r * outputs + o, sum + o * columns,
                    ahead && o == 0 ? ahead + (half + r / 2) * columns : NULL);
    for (; r < rows; r++)
        for (size_t o = 0; o < outputs; o++)
            add_few(1, columns, outputs, features + r * columns, margins + r * outputs + o, sum + o * columns, NULL);
}

static void dot_plain(size_t rows, size_t columns, size_t outputs, const void *features, const void *point,
                      void *margins, const void *ahead)
{
    dot(rows, columns, outputs, features, point, margins, ahead);
}

static void add_plain(size_t rows, size_t columns, size_t outputs, const void *features, const void *margins, void *sum,
                      const void *ahead)
{
    add(rows, columns, outputs, features, margins, sum, ahead);
}

GSP__AVX2 static void dot_avx2(size_t rows, size_t columns, size_t outputs, const void *features, const void *point,
                               void *margins, const void *ahead)
{
    dot(rows, columns, outputs, features, point, margins, ahead);
}

GSP__AVX2 static void add_avx2(size_t rows, size_t columns, size_t outputs, const void *features, const void *margins,
                               void *sum, const void *ahead)
{
    add(rows, columns, outputs, features, margins, sum, ahead);
}
