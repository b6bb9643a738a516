/* Row kernels on floats. */
typedef float number;
#include "rows_body.h"

const struct gsp__rows_kernels gsp__rows_float_plain = {dot_plain, add_plain};
const struct gsp__rows_kernels gsp__rows_float_avx2 = {dot_avx2, add_avx2};
