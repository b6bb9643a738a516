/* The row kernel on floats, for AVX2. */
typedef float number;
enum { PART_BYTES = 32, GROUP = 2 };
#include "rows_body.h"

GSP__AVX2 void gsp__rows_float_avx2(const struct gsp__rows_work *work)
{
    rows(work);
}
