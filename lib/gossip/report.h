/* gossip/report.h - status as a table and as JSON: one source for everything that shows it. */
#ifndef GOSSIP_REPORT_H
#define GOSSIP_REPORT_H

#include <gossip/store.h>
#include <gossip/wire.h>

struct gsp_style {
    bool colour;
    size_t width; /* columns of the terminal; 0: unlimited */
};
/* What the user of a node should do next; the words for it are the program's. */
enum gsp_advice {
    GSP_ADVICE_NONE,          /* nothing: it runs, or nothing is known of it */
    GSP_ADVICE_BEGIN,         /* begin a run: none was there yet */
    GSP_ADVICE_REACH,         /* see that the nodes it waits for can be reached; or end the run at once */
    GSP_ADVICE_WORKER,        /* see why its own worker is not there: nothing goes on without it */
    GSP_ADVICE_BEGIN_ANOTHER, /* begin another run: this one was stopped at once and has no result */
    GSP_ADVICE_USE,           /* save the result, or go on from it */
    GSP_ADVICE_USE_IF_EVEN,   /* the same, but going on needs all nodes to have stopped after the same round */
    GSP_ADVICE_MEND           /* mend what the reason names, then begin a run */
};
enum gsp_advice gsp_report_advice(const struct gsp_reply *reply); /* on nodes[0], which is there */

/* All return whole lines in UTF-8 that the caller frees, or NULL without memory. What a node has not told, or nobody
 * has heard of a node (number 0), is "-" or left out for people, null in JSON. Tables that are too wide for `width`
 * leave out their least important columns. */
/* nodes[0] on a few lines; `next`, unless NULL or empty, is shown as what to do next. */
char *gsp_report_status(const struct gsp_reply *reply, const char *next, const struct gsp_style *style);
char *gsp_report_status_all(const struct gsp_reply *reply, const struct gsp_style *style); /* a table, one row a node */
char *gsp_report_peers(const struct gsp_reply *reply, const struct gsp_style *style);      /* a table, one row a link */
/* One object on one line, with the keys: node, phase, reason, run, round, rounds,
 * gossip_step, loss, accuracy, consensus_error, bytes_sent, bytes_received, waiting_for, seconds, peers; and run_id,
 * waiting_count (waiting_for names at most GSP_WAITING_MAX), settings (of the run, an object of texts), version, worker
 * (null, or {phase, phase_seconds, step_seconds, detail, model, dimension, metrics: {name: value...}}). */
char *gsp_report_status_json(const struct gsp_reply *reply);
/* {"nodes": [...]}: such objects without settings, version and worker; their peers are null, since each node knows only
 * its own. */
char *gsp_report_status_all_json(const struct gsp_reply *reply);
/* {"node": name, "peers": [{name, state, bytes_sent, bytes_received, rtt_ms, detail}...]} */
char *gsp_report_peers_json(const struct gsp_reply *reply);
/* A table, one row a round. */
char *gsp_report_history(const struct gsp_history *history, const struct gsp_style *style);
/* {"node": name, "run": number, "rows": [{...}...]}, each row with the columns of the file. */
char *gsp_report_history_json(const struct gsp_history *history);

/* Sizes and times as people read them; what is no time is "-". */
enum { GSP_SHORT = 32 };
void gsp_format_bytes(char out[GSP_SHORT], uint64_t bytes);   /* 512 B, 1.5 KiB, 12.0 MiB */
void gsp_format_seconds(char out[GSP_SHORT], double seconds); /* 4.2 s, 59 s, 1m05s, 2h05m, 3d04h */

#endif
