/* Row kernels on doubles. */
typedef double number;
#include "rows_body.h"

const struct gsp__rows_kernels gsp__rows_double_plain = {dot_plain, add_plain};
const struct gsp__rows_kernels gsp__rows_double_avx2 = {dot_avx2, add_avx2};
