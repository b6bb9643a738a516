/* The row kernel on doubles, for AVX2. */
typedef double number;
enum { PART_BYTES = 32, GROUP = 2 };
#include "rows_body.h"

GSP__AVX2 void gsp__rows_double_avx2(const struct gsp__rows_work *work)
{
    rows(work);
}
