/* The row kernel on floats, for any processor. */
typedef float number;
enum { PART_BYTES = 16, GROUP = 2 };
#include "rows_body.h"

void gsp__rows_float_plain(const struct gsp__rows_work *work)
{
    rows(work);
}
