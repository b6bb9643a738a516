/* Products of rows with vectors, and back: what a gradient spends its time in. Every number is one multiplication and
 * one addition at a time in a fixed order, so that the results are the same to the last bit on every processor and
 * wherever in memory the operands lie; no BLAS promises that. */
#ifndef GSP_DATA_ROWS_H
#define GSP_DATA_ROWS_H

#include <stddef.h>

/* Rows taken forward, to their margins, and others backward at the same time: what a processor waits for in the one it
 * computes in the other. All pointers are to doubles, or all to floats. A row is `columns` numbers, the rows of a side
 * follow each other; `point` and `sum` are outputs x columns, margins and factors rows x outputs. */
struct gsp__rows_work {
    size_t columns, outputs;
    size_t forward, backward; /* rows of each side; 0: the fields of that side are not looked at */
    /* margins[r][o] = row r . point o, summed in lanes of 128 bytes: element i in lane i mod 16 (32 of floats), and the
     * lanes pairwise; for doubles that is gsp_dot */
    const void *forward_features, *point;
    void *margins;
    /* sum o += factors[r][o] row r, for r ascending */
    const void *backward_features, *factors;
    void *sum;
    const void *ahead; /* as many rows as `forward`, to be fetched from memory meanwhile; NULL: nothing */
};

typedef void gsp__rows_kernel(const struct gsp__rows_work *work);
gsp__rows_kernel gsp__rows_double_plain, gsp__rows_double_avx2, gsp__rows_double_avx512;
gsp__rows_kernel gsp__rows_float_plain, gsp__rows_float_avx2, gsp__rows_float_avx512;

#endif
