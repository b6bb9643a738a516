/* The row kernel on floats, for AVX-512. */
typedef float number;
enum { PART_BYTES = 64, GROUP = 4 };
#include "rows_body.h"

GSP__AVX512 void gsp__rows_float_avx512(const struct gsp__rows_work *work)
{
    rows(work);
}
