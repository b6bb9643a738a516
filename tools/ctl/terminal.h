/* terminal.h - how to write to stdout: colours, width and a line that is written over, on a terminal alone. */
#ifndef GOSSIP_TOOLS_CTL_TERMINAL_H
#define GOSSIP_TOOLS_CTL_TERMINAL_H

#include <gossip/report.h>

/* No colours and no limit of width unless stdout is a terminal (and NO_COLOR is not set). */
struct gsp_style terminal_style(void);
/* Lines of the terminal, 24 if stdout is none. */
size_t terminal_height(void);

/* What goes on, to be seen: on a terminal one line that is written over, else a line for what is new. */
struct progress {
    bool quiet, live;
    char shown[512];
};
void progress_begin(struct progress *progress, bool quiet);
/* The state of things. On a terminal it replaces what stood there; else it becomes a line if it differs. */
void progress_show(struct progress *progress, const char *text);
/* Takes the live line away. */
void progress_end(struct progress *progress);

#endif
