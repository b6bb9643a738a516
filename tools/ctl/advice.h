/* advice.h - the words for what to do next. */
#ifndef GOSSIP_TOOLS_CTL_ADVICE_H
#define GOSSIP_TOOLS_CTL_ADVICE_H

#include <gossip/report.h>

/* What to type next at the node that a reply to STATUS tells of; NULL: nothing. */
const char *advice_text(const struct gsp_reply *reply);

#endif
