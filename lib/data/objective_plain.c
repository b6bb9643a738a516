/* What objectives without parameters share. */
#include "objective.h"

const struct gsp_parameter gsp__no_parameters[] = {{0}};
