/* Products of rows with vectors, and back: what a gradient spends its time in. Every number is one multiplication and
 * one addition at a time in a fixed order, so that the results are the same to the last bit on every processor and
 * wherever in memory the operands lie; no BLAS promises that. */
#ifndef GSP_DATA_ROWS_H
#define GSP_DATA_ROWS_H

#include <stddef.h>

/* Kernels on doubles, or on floats: all pointers are to those. `rows` rows of `columns` numbers follow each other at
 * `features`; `outputs` vectors of `columns` numbers at `point` and `sum`; margins are rows x outputs. `ahead` is what
 * will be asked for next, as many rows, and is fetched from memory meanwhile: half of it by dot, half by add. NULL:
 * nothing. */
struct gsp__rows_kernels {
    /* margins[r][o] = row r . point o, summed in lanes of 128 bytes: element i in lane i mod 16 (32 of floats), and the
     * lanes pairwise; for doubles that is gsp_dot */
    void (*dot)(size_t rows, size_t columns, size_t outputs, const void *features, const void *point, void *margins,
                const void *ahead);
    /* sum o += margins[r][o] row r, for r ascending */
    void (*add)(size_t rows, size_t columns, size_t outputs, const void *features, const void *margins, void *sum,
                const void *ahead);
};
extern const struct gsp__rows_kernels gsp__rows_double_plain, gsp__rows_double_avx2; /* rows_double.c */
extern const struct gsp__rows_kernels gsp__rows_float_plain, gsp__rows_float_avx2;   /* rows_float.c */

#endif
