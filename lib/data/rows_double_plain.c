/* The row kernel on doubles, for any processor. */
typedef double number;
enum { PART_BYTES = 16, GROUP = 2 };
#include "rows_body.h"

void gsp__rows_double_plain(const struct gsp__rows_work *work)
{
    rows(work);
}
