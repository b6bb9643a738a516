/* The workers of a simulated network, one a node (doc/worker.md): the daemons' own processes and talks with them, in
 * one loop. All are asked at once and waited for together. None is started again: whatever ends one ends the run. */
#ifndef GOSSIP_TOOLS_SIM_WORKERS_H
#define GOSSIP_TOOLS_SIM_WORKERS_H

#include "sim.h"

/* Starts `command` once for every node of the graph, and waits until all have said what they are. The graph and
 * *interrupted, which is looked at while waiting, outlive the workers. GSP_ERR_STATE: a worker failed, or interrupted;
 * the message names its node. workers_end in any case. */
int workers_start(struct workers **out, const struct gsp_graph *graph, const char *command,
                  const volatile bool *interrupted, struct gsp_error *error);
/* STOP, SIGTERM, after 5 s SIGKILL: no process of theirs is left. NULL is allowed. */
void workers_end(struct workers *workers);

/* What the workers' model leaves open, as when daemons start a run. GSP_ERR_CONFIG: the models differ. */
int workers_resolve(const struct workers *workers, struct gsp_objective_choice *objective,
                    struct gsp_settings *settings, struct gsp_error *error);
/* Rows of a node, and of all; 0: not told, by one of them. */
size_t workers_rows(const struct workers *workers, size_t node);
size_t workers_rows_of_all(const struct workers *workers);
const char *workers_model(const struct workers *workers);

/* The run that follows has these settings, which are resolved. With init=worker the initial points are fetched. */
int workers_begin(struct workers *workers, const struct gsp_settings *settings, struct gsp_error *error);
/* init=worker: where a node begins. */
const double *workers_point(const struct workers *workers, size_t node);
/* Their gradients, or updates, for a lockstep; lives as long as they do. */
const struct lockstep_source *workers_source(const struct workers *workers);
/* How good x[i] is as the worker of node i says; NaN is what it does not know. */
int workers_evaluate(struct workers *workers, uint64_t round, const double *const *x, struct score *out,
                     struct gsp_error *error);

#endif
