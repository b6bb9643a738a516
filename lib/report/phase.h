/* Words that the forms of a status share. */
#ifndef GOSSIP_REPORT_PHASE_H
#define GOSSIP_REPORT_PHASE_H

#include "report/page.h"

/* "unknown" for a node that nobody has heard of. */
const char *gsp__phase_text(const struct gsp_summary *node);
enum gsp__colour gsp__phase_colour(const struct gsp_summary *node);

/* "n001, n002 and 3 more". */
enum { GSP__NAMES_SIZE = GSP_WAITING_MAX * (GSP_NAME_MAX + 2) + 40 };
void gsp__waiting_names(char out[GSP__NAMES_SIZE], const struct gsp_summary *node);

#endif
