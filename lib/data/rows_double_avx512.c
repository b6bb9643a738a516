/* The row kernel on doubles, for AVX-512. */
typedef double number;
enum { PART_BYTES = 64, GROUP = 4 };
#include "rows_body.h"

GSP__AVX512 void gsp__rows_double_avx512(const struct gsp__rows_work *work)
{
    rows(work);
}
