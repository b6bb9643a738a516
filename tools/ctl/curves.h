/* curves.h - what `gossipctl plot` draws: histories of several nodes, against one of several things. */
#ifndef GOSSIP_TOOLS_CTL_CURVES_H
#define GOSSIP_TOOLS_CTL_CURVES_H

#include "ctl.h"

#include <gossip/store.h>

struct curve {
    char label[80];
    const struct gsp_history *history;
};

enum curves_x { CURVES_ROUND, CURVES_BYTES, CURVES_PAYLOAD, CURVES_SECONDS };
enum curves_y { CURVES_LOSS, CURVES_CONSENSUS, CURVES_ACCURACY, CURVES_Y_COUNT };

struct curves {
    size_t count;
    struct curve *list;
    enum curves_x x;
    const char *title; /* NULL: none was given */
    /* what they are of */
    size_t source_count;
    struct gsp_history **sources;
    size_t *source_sizes;
};

/* Reads the curves of every source, a control socket or a CSV file; without any, of the daemon at ctl->socket. Returns
 * an exit code; a failure was said. End with curves_clear in any case. */
int curves_load(struct curves *curves, const struct ctl *ctl, char *const *sources, int count);
void curves_clear(struct curves *curves);

double curves_x(const struct curves *curves, const struct gsp_history_row *row);
double curves_y(enum curves_y which, const struct gsp_history_row *row);
const char *curves_x_title(const struct curves *curves);
/* Whether there is anything to draw: two rounds of one curve at least. */
bool curves_have(const struct curves *curves, enum curves_y which);
/* Whether all values are above 0 and far enough apart for a logarithmic axis to say more. */
bool curves_logarithmic(const struct curves *curves, enum curves_y which);
struct curves_range {
    double x_least, x_most; /* the same for whatever is drawn above one another */
    double y_least, y_most;
    double end_least, end_most; /* of the last rounds of all curves; NaN: not known */
};
/* Of the points that are drawn, on a logarithmic axis those above 0. */
struct curves_range curves_range(const struct curves *curves, enum curves_y which, bool logarithmic);
/* Makes room where there is too little to draw: where what is least and most are the same, or as good as that. */
void curves_widen(struct curves_range *range);
/* "9 nodes, run 3, rounds 0 to 800", or what was given as title. */
void curves_describe(const struct curves *curves, char *text, size_t size);

/* Draws for a terminal (chart.c) and with gnuplot into a file (gnuplot.c); exit codes. */
int curves_chart(const struct curves *curves);
int curves_gnuplot(const struct ctl *ctl, const struct curves *curves, const char *path);

#endif
