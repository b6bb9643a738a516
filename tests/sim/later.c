/* A problem that answers later. */
#include "sim/later.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct later_task {
    struct gsp_task base;
    struct gsp_task *inner; /* of the data set */
    struct later_process *process;
    size_t d;
    double *state; /* as it came with the last answer, or from a checkpoint: d values */
};

/* What computes. */
struct later_process {
    struct later_task *posed; /* the newest */
    double *gradient;         /* of the last answer */
    double *memory;           /* NULL: it was just born */
    bool forgets;             /* takes no state that it is given */
};

struct later_problem {
    struct gsp_problem base;
    struct gsp_problem_type type;
    const char *fingerprint;
    struct gsp_problem *inner;
    struct later_process *process;
};

static const struct later_problem *problem_of(const struct gsp_problem *problem)
{
    return (const struct later_problem *)problem;
}

static int check(const struct gsp_problem *problem, const struct gsp_settings *settings, struct gsp_error *error)
{
    const struct gsp_problem *inner = problem_of(problem)->inner;
    return inner->type->check(inner, settings, error);
}

static size_t dimension(const struct gsp_problem *problem, const struct gsp_settings *settings)
{
    const struct gsp_problem *inner = problem_of(problem)->inner;
    return inner->type->dimension(inner, settings);
}

static double memory(const struct gsp_problem *problem, const struct gsp_settings *settings)
{
    const struct gsp_problem *inner = problem_of(problem)->inner;
    return inner->type->memory(inner, settings);
}

static void facts(const struct gsp_problem *problem, struct gsp_problem_facts *out)
{
    const struct gsp_problem *inner = problem_of(problem)->inner;
    inner->type->facts(inner, out);
    out->stateful = problem->type->state != NULL;
}

static void digest(const struct gsp_problem *problem, uint8_t out[16])
{
    const struct gsp_problem *inner = problem_of(problem)->inner;
    inner->type->digest(inner, out);
}

static const char *fingerprint(const struct gsp_problem *problem, const struct gsp_settings *settings)
{
    (void)settings;
    return problem_of(problem)->fingerprint;
}

static double measure(const struct gsp_problem *problem)
{
    const struct gsp_problem *inner = problem_of(problem)->inner;
    return inner->type->measure(inner);
}

static void drop(struct gsp_task *base)
{
    struct later_task *task = (struct later_task *)base;
    if (!task) return;
    if (task->process->posed == task) task->process->posed = NULL;
    task->inner->type->drop(task->inner);
    free(task->state);
    free(task);
}

static int pose(struct gsp_task **out, const struct gsp_problem *base, const struct gsp_settings *settings,
                const char *node, struct gsp_error *error)
{
    const struct later_problem *problem = problem_of(base);
    struct later_task *task = gsp_alloc(1, sizeof *task);
    assert(task);
    int rc = problem->inner->type->pose(&task->inner, problem->inner, settings, node, error);
    if (rc) {
        free(task);
        return rc;
    }
    task->base.type = &problem->type;
    task->process = problem->process;
    task->d = dimension(base, settings);
    task->state = gsp_vector(task->d);
    assert(task->state);
    problem->process->posed = task;
    free(problem->process->memory); /* a new task begins, whatever the process did before */
    problem->process->memory = NULL;
    *out = &task->base;
    return 0;
}

static void state(const struct gsp_task *base, const uint8_t **bytes, size_t *length)
{
    const struct later_task *task = (const struct later_task *)base;
    *bytes = (const uint8_t *)task->state;
    *length = task->d * sizeof *task->state;
}

static int load(struct gsp_task *base, const uint8_t *bytes, size_t length, struct gsp_error *error)
{
    struct later_task *task = (struct later_task *)base;
    if (length != 8 * task->d) return gsp_error_set(error, GSP_ERR_DATA, "a state of %zu bytes", length);
    memcpy(task->state, bytes, length);
    return 0;
}

/* What every such problem does; whether it has a state, later_new decides. */
static const struct gsp_problem_type TYPE = {
    .name = "later",
    .check = check,
    .dimension = dimension,
    .memory = memory,
    .facts = facts,
    .digest = digest,
    .fingerprint = fingerprint,
    .measure = measure,
    .pose = pose,
    .drop = drop,
};

struct gsp_problem *later_new(const struct gsp_dataset *data, const char *fingerprint, bool stateful)
{
    struct later_problem *problem = gsp_alloc(1, sizeof *problem);
    struct later_process *process = gsp_alloc(1, sizeof *process);
    assert(problem && process);
    problem->type = TYPE;
    if (stateful) {
        problem->type.state = state;
        problem->type.load = load;
    }
    problem->base.type = &problem->type;
    problem->fingerprint = fingerprint;
    problem->process = process;
    int rc = gsp_problem_dataset(&problem->inner, data, NULL);
    assert(rc == 0);
    return &problem->base;
}

void later_free(struct gsp_problem *base)
{
    struct later_problem *problem = (struct later_problem *)base;
    if (!problem) return;
    gsp_problem_free(problem->inner);
    free(problem->process->gradient);
    free(problem->process->memory);
    free(problem->process);
    free(problem);
}

void later_forget(struct gsp_problem *base)
{
    problem_of(base)->process->forgets = true;
}

void later_die(struct gsp_problem *base)
{
    struct later_process *process = problem_of(base)->process;
    free(process->memory);
    process->memory = NULL;
}

/* The process has a state of its own; one that was just born is given what the task holds. */
static void remember(struct later_process *process)
{
    const struct later_task *task = process->posed;
    if (process->memory) return;
    process->memory = gsp_vector(task->d);
    assert(process->memory);
    if (!process->forgets) memcpy(process->memory, task->state, task->d * sizeof *task->state);
}

static void answer_gradient(struct later_process *process, uint64_t round, const double *x, bool save,
                            struct gsp_answer *out)
{
    const struct later_task *task = process->posed;
    free(process->gradient);
    process->gradient = gsp_vector(task->d);
    assert(process->gradient);
    task->inner->type->gradient(task->inner, round, x, process->gradient, &out->loss);
    out->dtype = GSP_FLOAT64;
    out->vector = process->gradient;
    out->dimension = task->d;
    if (!task->base.type->state) return;
    remember(process); /* heavy-ball momentum, of the process's own */
    for (size_t i = 0; i < task->d; i++) process->memory[i] = 0.5 * process->memory[i] + process->gradient[i];
    memcpy(process->gradient, process->memory, task->d * sizeof *process->memory);
    out->state_kept = !save;
    if (!save) return;
    out->state = (const uint8_t *)process->memory;
    out->state_length = task->d * sizeof *process->memory;
}

bool later_answer(struct gsp_problem *base, const struct gsp_question *question, const double *x, bool save,
                  struct gsp_answer *out)
{
    struct later_process *process = problem_of(base)->process;
    const struct later_task *task = process->posed;
    if (!task) return false;
    *out = (struct gsp_answer){.question = *question};
    if (question->ask == GSP_ASK_GRADIENT)
        answer_gradient(process, question->round, x, save, out);
    else
        task->inner->type->evaluate(task->inner, x, &out->loss, &out->accuracy);
    return true;
}
