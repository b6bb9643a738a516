/* gossip-sim: many nodes in one process, the same core as the daemons', no network. */
#ifndef GOSSIP_TOOLS_SIM_H
#define GOSSIP_TOOLS_SIM_H

#include "tools/common/common.h"

#include <signal.h>
#include <stdio.h>

int sim_golden(int argc, char **argv); /* golden.c; these two return exit codes */
int sim_run(int argc, char **argv);    /* run.c */
/* Says on stderr what is wrong with the command line and where to read on; returns EXIT_USAGE. */
int sim_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- nodes in lockstep (lockstep.c) ---- */

struct lockstep;

/* Gradients that come from elsewhere than from objectives. */
struct lockstep_source {
    void *context;
    /* A round begins, every node at its x: those gradients are wanted next. */
    int (*begin)(void *context, const struct lockstep *lockstep, struct gsp_error *error);
    /* work->gradient and *loss of a node; with *update the former is rather what x changes by. */
    int (*take)(void *context, size_t node, const struct gsp_work *work, double *loss, bool *update,
                struct gsp_error *error);
};

struct lockstep {
    size_t count, dimension;
    uint64_t gossip_steps, round; /* round: completed */
    struct gsp_node **nodes;
    struct gsp_objective *const *objectives; /* borrowed: f_i; NULL: */
    const struct lockstep_source *source;    /* borrowed; set after lockstep_init */
    bool crowded;                            /* nodes have so many neighbours that messages are best added together */
    double *losses;                          /* f_i at x_i as the last round began */
    const double *recorded;                  /* NULL, or uniforms by step, node and coordinate (golden cases) */
};
/* `config` is what the nodes have in common; node i starts at start(context, i), which is valid until the next call. */
int lockstep_init(struct lockstep *lockstep, const struct gsp_node_config *config,
                  struct gsp_objective *const *objectives, const double *(*start)(void *context, size_t node),
                  void *context);
void lockstep_clear(struct lockstep *lockstep);
/* One round of every node. GSP_ERR_DIVERGED names node and round. */
int lockstep_round(struct lockstep *lockstep, struct gsp_error *error);
/* The mean of the nodes' parameters. */
void lockstep_mean(const struct lockstep *lockstep, double *mean);
/* |X - mean|_F / (sqrt(n) |mean|). */
double lockstep_consensus_error(const struct lockstep *lockstep, const double *mean);
/* What a node has sent to one neighbour so far, the mean over nodes. */
double lockstep_payload_bytes(const struct lockstep *lockstep);

/* How good some parameters are; NaN: not known. */
struct score {
    double loss, metric;
};

/* ---- every node's history (node_history.c) ---- */

struct node_history {
    FILE *file; /* NULL: none is kept */
    const char *path;
    const struct lockstep *lockstep; /* borrowed */
    const struct gsp_graph *graph;   /* borrowed: the names */
    struct gsp_history_row *rows;    /* of the last completed round, a node each */
    bool accuracy;                   /* the metric of the test data is one */
};
int node_history_open(struct node_history *history, const char *path, const struct lockstep *lockstep,
                      const struct gsp_graph *graph, struct gsp_error *error);
/* A round is complete; its losses are known when the next one has begun. */
void node_history_round(struct node_history *history, double seconds);
int node_history_write(struct node_history *history, const double *losses, struct gsp_error *error);
/* The last round, after which no gradient is taken; a node's scores each. */
int node_history_end(struct node_history *history, double seconds, const struct score *scores, struct gsp_error *error);
int node_history_close(struct node_history *history, struct gsp_error *error);

/* ---- data of all nodes (shards.c) ---- */

struct shards {
    size_t count, rows; /* rows: of all */
    struct gsp_dataset **data;
    struct gsp_objective **objectives;
};
/* Cuts `train` at first[0], ..., first[count] (the last is its number of rows). Takes *train over and sets it to NULL.
 */
int shards_cut(struct shards *shards, struct gsp_dataset **train, size_t count, const size_t *first,
               struct gsp_error *error);
/* Makes f_i for every shard; config->node is set from the graph's names. */
int shards_objectives(struct shards *shards, const struct gsp_graph *graph, const struct gsp_objective_config *config,
                      struct gsp_error *error);
/* The loss of one x over all rows. */
double shards_loss(const struct shards *shards, const double *x);
void shards_clear(struct shards *shards);

/* ---- the run command ---- */

struct workers; /* workers.h */

struct run_options {
    struct gsp_settings settings;
    struct gsp_compressor compressor;
    struct gsp_objective_choice objective;
    size_t nodes;
    const char *topology, *peers, *data, *worker, *history, *node_history, *dump;
    enum gsp_weights weights;
    bool sort_labels, json;
};
/* Reads the words after `run`. Returns 0 to go on; else *exit_code is the exit code to end with. */
int run_options_read(struct run_options *options, int argc, char **argv, int *exit_code);
void run_options_help(void);

/* Everything a run needs, settings resolved (plan.c). */
struct plan {
    const struct run_options *options;
    struct gsp_settings settings; /* nothing is auto any more */
    struct gsp_objective_choice objective;
    struct gsp_graph *graph;
    struct gsp_network *network; /* with --peers */
    struct shards shards;
    struct gsp_dataset *test; /* or NULL */
    struct workers *workers;  /* in the place of shards and test, or NULL */
    struct gsp_buffer about;  /* what a table of rows looks like, in lines */
    size_t dimension;
    double *start;        /* init=file: where every node begins, */
    bool start_each;      /* or a row for each node */
    double *start_buffer; /* what a drawn start is written to */
};
int plan_make(struct plan *plan, const struct run_options *options, const volatile bool *interrupted,
              struct gsp_error *error);
/* Where a node begins; a start function for lockstep_init, with the plan as context. */
const double *plan_start(void *plan, size_t node);
/* What node i counts (gsp_weight); a worker counts as a node. */
double plan_weight(const struct plan *plan, size_t i);
void plan_clear(struct plan *plan);

/* Every node's own x, scored over its rows and on the test data, or by its worker (scores.c). */
int score_nodes(const struct plan *plan, const struct lockstep *lockstep, struct score *out, struct gsp_error *error);
/* One x at all nodes: the loss over all rows; with `metric` that, too. */
int score_mean(const struct plan *plan, const struct lockstep *lockstep, const double *mean, bool metric,
               struct score *out, struct gsp_error *error);

/* ---- output ---- */

/* A number in plain decimals, never with an exponent, to 15 significant digits; `size` of 400 is always enough. */
void sim_plain(char *text, size_t size, double value);

#endif
