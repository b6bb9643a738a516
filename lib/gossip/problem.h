/* gossip/problem.h - where gradients come from: the interface between a run and what it minimises.
 *
 * A *problem* is what one node brings to its network: today a data set, and whatever else can say how f_i falls at x. A
 * *task* is a problem posed for one run: with its settings, and the memory of its own that computing takes. The
 * implementations embed these structs as their first member. Nothing above this header knows a data set. */
#ifndef GOSSIP_PROBLEM_H
#define GOSSIP_PROBLEM_H

#include <gossip/base.h>
#include <gossip/config.h>
#include <gossip/data.h>
#include <gossip/wire.h>

struct gsp_problem_type;
struct gsp_problem {
    const struct gsp_problem_type *type;
};
struct gsp_task {
    const struct gsp_problem_type *type;
};

/* What all nodes learn of a node's problem, so that a start can be resolved and refused. */
struct gsp_problem_facts {
    uint64_t rows, columns; /* of the training data, the bias column counted */
    enum gsp_dtype dtype;
    double target_max, target_min;
    bool targets_whole;     /* struct gsp_dataset */
    uint64_t columns_named; /* struct gsp_dataset */
    bool stateful; /* a task of it carries something from round to round besides x; a worker: one that is there */
    bool tested;   /* evaluating it costs more than a gradient tells: it has data of its own for that */
    struct gsp_model_summary model; /* of a worker that is there; else dimension 0 */
};

/* Each function may be called on any thread, one call at a time a task; none keeps its arguments. */
struct gsp_problem_type {
    const char *name;
    /* Whether a task of these settings, which are resolved, may be posed. GSP_ERR_CONFIG. */
    int (*check)(const struct gsp_problem *problem, const struct gsp_settings *settings, struct gsp_error *error);
    /* d for these settings; 0 where there is none. */
    size_t (*dimension)(const struct gsp_problem *problem, const struct gsp_settings *settings);
    /* x, d values of N(0, 1/d), as init=normal and normal-same mean it for these settings. NULL: as they are. */
    void (*scale)(const struct gsp_problem *problem, const struct gsp_settings *settings, double *x);
    /* Bytes that a task of these settings takes, about; a real, since no integer type is sure to hold it. */
    double (*memory)(const struct gsp_problem *problem, const struct gsp_settings *settings);
    /* Fills in *out; cheap, and the same at every call. */
    void (*facts)(const struct gsp_problem *problem, struct gsp_problem_facts *out);
    /* Of everything that a gradient depends on besides settings and x: a run resumes only where it is the same. */
    void (*digest)(const struct gsp_problem *problem, uint8_t digest[16]);
    /* What computes, in at most GSP_FINGERPRINT_MAX bytes: another one may come to other bits, which is said where a
     * run is resumed, and not refused. Empty: not known yet. Never NULL. */
    const char *(*fingerprint)(const struct gsp_problem *problem, const struct gsp_settings *settings);
    /* The greatest eigenvalue of A^T A / m (gsp_lambda_max), which eta=auto needs: takes long. NaN: it has none. */
    double (*measure)(const struct gsp_problem *problem);
    /* Borrows the problem, which outlives the task. GSP_ERR_DATA where the problem does not suit the settings. */
    int (*pose)(struct gsp_task **out, const struct gsp_problem *problem, const struct gsp_settings *settings,
                const char *node, struct gsp_error *error);
    void (*drop)(struct gsp_task *task); /* frees it; NULL is allowed */

    /* gradient <- grad f(x) of round `round` (>= 1), *loss <- f(x). The result depends on the digest, the settings, the
     * round, x and the task's state alone. NULL: it answers later, in an event of the driver's
     * (GSP_ACTION_ASK, GSP_EVENT_ANSWER); then `evaluate` is NULL, too. */
    int (*gradient)(struct gsp_task *task, uint64_t round, const double *x, double *gradient, double *loss);
    /* *loss <- f(x) over all rows; *accuracy in [0, 1] on the data for that, NaN where there is none such. */
    int (*evaluate)(struct gsp_task *task, const double *x, double *loss, double *accuracy);

    /* What a task carries from round to round besides x, as bytes (a view, good until the next call; nothing: length 0)
     * and back; both NULL: nothing. It is part of the checkpoint after the round that it belongs to. For a task that
     * answers later these hold what came with the last answer. */
    void (*state)(const struct gsp_task *task, const uint8_t **bytes, size_t *length);
    int (*load)(struct gsp_task *task, const uint8_t *bytes, size_t length, struct gsp_error *error);
};

/* A node's own data set, with rows to test on or NULL; both are borrowed and outlive the problem. The caller frees *out
 * with gsp_problem_free. GSP_ERR_NOMEM. */
int gsp_problem_dataset(struct gsp_problem **out, const struct gsp_dataset *train, const struct gsp_dataset *test);

/* What a worker says of itself when it comes (doc/worker.md). */
struct gsp_worker_facts {
    struct gsp_model_summary model;
    char fingerprint[GSP_FINGERPRINT_MAX + 1];
    uint64_t rows, state_max; /* 0: not told; no state */
    enum gsp_dtype dtype;     /* of its vectors */
    bool evaluates;
};

/* A node whose gradients another process may compute: objective=worker. All other objectives are those of `data`, a
 * problem that outlives this one, or NULL. No worker is there yet. Free as above. GSP_ERR_NOMEM. */
int gsp_problem_worker(struct gsp_problem **out, const struct gsp_problem *data);
/* A worker has come, or (NULL) gone. Its peer is to hear of it by an event. Not while a task computes. */
void gsp_problem_worker_set(struct gsp_problem *problem, const struct gsp_worker_facts *facts);

/* A node and what its worker says of itself; both borrowed. */
struct gsp_node_model {
    const char *node;
    const struct gsp_model_summary *model;
};
/* Whether two nodes' workers can train one model from this init on. GSP_ERR_CONFIG names both and what differs. A node
 * is to be compared with itself, too. */
int gsp_model_check(const struct gsp_node_model *mine, const struct gsp_node_model *other, enum gsp_init init,
                    struct gsp_error *error);
/* Once all have been found to agree: what is left open until then, init=auto and the dimension, which goes into
 * settings->objective, too. */
void gsp_model_resolve(const struct gsp_model_summary *model, struct gsp_objective_choice *objective,
                       struct gsp_settings *settings);

/* Frees what one of these made; no task of it may be left. NULL is allowed. */
void gsp_problem_free(struct gsp_problem *problem);

#endif
