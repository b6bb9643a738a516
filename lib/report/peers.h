/* The table of a node's links. */
#ifndef GOSSIP_REPORT_PEERS_H
#define GOSSIP_REPORT_PEERS_H

#include "report/page.h"

void gsp__print_peers(const struct gsp_reply *reply, const struct gsp_style *style, size_t indent,
                      struct gsp__page *page);

#endif
