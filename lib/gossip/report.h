/* gossip/report.h - status as a table and as JSON: one source for everything that shows it. */
#ifndef GOSSIP_REPORT_H
#define GOSSIP_REPORT_H

#include <gossip/wire.h>

struct gsp_style {
    bool colour;
    size_t width; /* columns of the terminal; 0: unlimited */
};
/* All return text that the caller frees, or NULL without memory. */
char *gsp_report_status(const struct gsp_reply *reply, const struct gsp_style *style);     /* one node: a few lines */
char *gsp_report_status_all(const struct gsp_reply *reply, const struct gsp_style *style); /* a table, one row a node */
char *gsp_report_peers(const struct gsp_reply *reply, const struct gsp_style *style);
char *gsp_report_status_json(const struct gsp_reply *reply);     /* one object: the keys of cli.md */
char *gsp_report_status_all_json(const struct gsp_reply *reply); /* {"nodes": [...]} */
char *gsp_report_peers_json(const struct gsp_reply *reply);

#endif
