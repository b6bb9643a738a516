/* The problem of a node whose gradients another process may compute. What it learns of that process is set from
 * outside; a task of it holds the state that came with the last answer. */
#include <gossip/problem.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct worker_problem {
    struct gsp_problem base;
    const struct gsp_problem *data; /* or NULL */
    struct gsp_worker_facts facts;  /* model.dimension 0: no worker is there */
};

struct worker_task {
    struct gsp_task base;
    struct gsp_buffer state;
};

static const struct worker_problem *problem_of(const struct gsp_problem *problem)
{
    return (const struct worker_problem *)problem;
}

/* What these settings are about, if not a worker: the node's rows. NULL: it has none, or they are about a worker. */
static const struct gsp_problem *inner(const struct gsp_problem *problem, const struct gsp_settings *settings,
                                       struct gsp_objective_choice *choice)
{
    if (gsp_objective_parse(choice, settings->objective, NULL) || gsp_objective_of_worker(choice)) return NULL;
    return problem_of(problem)->data;
}

static int check(const struct gsp_problem *problem, const struct gsp_settings *settings, struct gsp_error *error)
{
    struct gsp_objective_choice choice;
    const struct gsp_model_summary *model = &problem_of(problem)->facts.model;
    int rc = gsp_objective_parse(&choice, settings->objective, error);
    if (rc) return rc;
    const struct gsp_problem *data = inner(problem, settings, &choice);
    if (data) return data->type->check(data, settings, error);
    if (!gsp_objective_of_worker(&choice))
        return gsp_error_set(error, GSP_ERR_CONFIG, "objective=%s needs rows: Train in the [Data] of gossipd.conf",
                             choice.kind->name);
    if (!choice.dimension) return gsp_error_set(error, GSP_ERR_CONFIG, "the worker's dimension is not resolved");
    if (!model->dimension || model->dimension == choice.dimension) return 0;
    return gsp_error_set(error, GSP_ERR_CONFIG, "this node's worker has %llu parameters, the run %zu",
                         (unsigned long long)model->dimension, choice.dimension);
}

static size_t dimension(const struct gsp_problem *problem, const struct gsp_settings *settings)
{
    struct gsp_objective_choice choice = {0};
    const struct gsp_problem *data = inner(problem, settings, &choice);
    if (data) return data->type->dimension(data, settings);
    if (choice.dimension) return choice.dimension;
    return (size_t)problem_of(problem)->facts.model.dimension; /* before a start has resolved it */
}

/* The vectors that are shared with the worker, and its state here and on its way to the disk. */
static double memory(const struct gsp_problem *problem, const struct gsp_settings *settings)
{
    struct gsp_objective_choice choice = {0};
    const struct gsp_problem *data = inner(problem, settings, &choice);
    if (data) return data->type->memory(data, settings);
    return 16.0 * (double)dimension(problem, settings) + 3.0 * (double)problem_of(problem)->facts.state_max;
}

static void facts(const struct gsp_problem *base, struct gsp_problem_facts *out)
{
    const struct worker_problem *problem = problem_of(base);
    *out = (struct gsp_problem_facts){.target_max = NAN, .target_min = NAN};
    if (problem->data) problem->data->type->facts(problem->data, out);
    if (!problem->data) out->rows = problem->facts.rows;
    out->tested = out->tested || problem->facts.evaluates;
    out->model = problem->facts.model;
    out->stateful = problem->facts.state_max > 0;
}

/* A worker's data are its own affair. */
static void digest(const struct gsp_problem *base, uint8_t out[16])
{
    const struct gsp_problem *data = problem_of(base)->data;
    memset(out, 0, 16);
    if (data) data->type->digest(data, out);
}

static const char *fingerprint(const struct gsp_problem *problem, const struct gsp_settings *settings)
{
    struct gsp_objective_choice choice = {0};
    const struct gsp_problem *data = inner(problem, settings, &choice);
    return data ? data->type->fingerprint(data, settings) : problem_of(problem)->facts.fingerprint;
}

static double measure(const struct gsp_problem *base)
{
    const struct gsp_problem *data = problem_of(base)->data;
    return data ? data->type->measure(data) : 0;
}

static void drop(struct gsp_task *base)
{
    struct worker_task *task = (struct worker_task *)base;
    if (!task) return;
    gsp_buffer_clear(&task->state);
    free(task);
}

static void state(const struct gsp_task *base, const uint8_t **bytes, size_t *length)
{
    const struct worker_task *task = (const struct worker_task *)base;
    *bytes = task->state.data;
    *length = task->state.length;
}

static int load(struct gsp_task *base, const uint8_t *bytes, size_t length, struct gsp_error *error)
{
    struct worker_task *task = (struct worker_task *)base;
    task->state.length = 0;
    if (!gsp_buffer_append(&task->state, bytes, length)) return 0;
    return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for the worker's state of %zu bytes", length);
}

static const struct gsp_problem_type worker_type;

static int pose(struct gsp_task **out, const struct gsp_problem *problem, const struct gsp_settings *settings,
                const char *node, struct gsp_error *error)
{
    struct gsp_objective_choice choice = {0};
    const struct gsp_problem *data = inner(problem, settings, &choice);
    if (data) return data->type->pose(out, data, settings, node, error);
    struct worker_task *task = gsp_alloc(1, sizeof *task);
    if (!task) return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for a worker's task");
    task->base.type = &worker_type;
    *out = &task->base;
    return 0;
}

static const struct gsp_problem_type worker_type = {
    .name = "worker",
    .check = check,
    .dimension = dimension,
    .memory = memory,
    .facts = facts,
    .digest = digest,
    .fingerprint = fingerprint,
    .measure = measure,
    .pose = pose,
    .drop = drop,
    .state = state,
    .load = load,
};

int gsp_problem_worker(struct gsp_problem **out, const struct gsp_problem *data)
{
    struct worker_problem *problem = gsp_alloc(1, sizeof *problem);
    if (!problem) return GSP_ERR_NOMEM;
    *problem = (struct worker_problem){.base.type = &worker_type, .data = data};
    *out = &problem->base;
    return 0;
}

void gsp_problem_worker_set(struct gsp_problem *problem, const struct gsp_worker_facts *facts)
{
    ((struct worker_problem *)problem)->facts = facts ? *facts : (struct gsp_worker_facts){0};
}
