/* The problem of a node that has rows: f_i is the mean of an objective over its data set. */
#include <gossip/problem.h>
#include <gossip/store.h>

#include <math.h>
#include <stdlib.h>

struct dataset_problem {
    struct gsp_problem base;
    const struct gsp_dataset *train, *test;
};

struct dataset_task {
    struct gsp_task base;
    const struct dataset_problem *problem;
    struct gsp_objective *objective;
};

static const struct gsp_dataset *train_of(const struct gsp_problem *problem)
{
    return ((const struct dataset_problem *)problem)->train;
}

static int check(const struct gsp_problem *problem, const struct gsp_settings *settings, struct gsp_error *error)
{
    struct gsp_objective_choice choice;
    (void)problem;
    int rc = gsp_objective_parse(&choice, settings->objective, error);
    if (!rc && gsp_objective_of_worker(&choice))
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "objective=worker, but this node has no worker: give it one by [Worker] in gossipd.conf");
    if (rc || settings->classes || !gsp_objective_takes_classes(&choice)) return rc;
    return gsp_error_set(error, GSP_ERR_CONFIG, "classes is not resolved");
}

static size_t dimension(const struct gsp_problem *problem, const struct gsp_settings *settings)
{
    struct gsp_objective_choice choice;
    if (gsp_objective_parse(&choice, settings->objective, NULL)) return 0;
    return gsp_objective_dimension(train_of(problem), &choice, (size_t)settings->classes);
}

static void scale(const struct gsp_problem *problem, const struct gsp_settings *settings, double *x)
{
    struct gsp_objective_choice choice;
    if (gsp_objective_parse(&choice, settings->objective, NULL)) return;
    gsp_objective_scale(&choice, (size_t)settings->classes, dimension(problem, settings), x);
}

static double memory(const struct gsp_problem *problem, const struct gsp_settings *settings)
{
    struct gsp_objective_choice choice;
    if (gsp_objective_parse(&choice, settings->objective, NULL)) return 0;
    return gsp_objective_memory(train_of(problem), &choice, (size_t)settings->classes);
}

static void facts(const struct gsp_problem *problem, struct gsp_problem_facts *out)
{
    const struct gsp_dataset *data = train_of(problem);
    *out = (struct gsp_problem_facts){
        .rows = data->rows,
        .columns = data->columns,
        .dtype = data->dtype,
        .target_max = data->target_max,
        .target_min = data->target_min,
        .targets_whole = data->targets_whole,
        .columns_named = data->columns_named,
        .tested = ((const struct dataset_problem *)problem)->test,
    };
}

static void digest(const struct gsp_problem *problem, uint8_t out[16])
{
    gsp_data_digest(out, train_of(problem));
}

/* Our own kernels give the same bits on every processor. */
static const char *fingerprint(const struct gsp_problem *problem, const struct gsp_settings *settings)
{
    (void)problem;
    (void)settings;
    return "gossipd";
}

static double measure(const struct gsp_problem *problem)
{
    return gsp_lambda_max(train_of(problem));
}

static void drop(struct gsp_task *task)
{
    if (!task) return;
    gsp_objective_free(((struct dataset_task *)task)->objective);
    free(task);
}

static const struct gsp_problem_type dataset_type;

static int pose(struct gsp_task **out, const struct gsp_problem *problem, const struct gsp_settings *settings,
                const char *node, struct gsp_error *error)
{
    struct gsp_objective_config config = {
        .classes = (size_t)settings->classes,
        .l2 = settings->l2,
        .mean_rows = settings->mean_rows,
        .batch = (size_t)settings->batch,
        .seed = settings->seed,
        .node = node,
    };
    int rc = gsp_objective_parse(&config.choice, settings->objective, error);
    if (rc) return rc;
    struct dataset_task *task = gsp_alloc(1, sizeof *task);
    if (!task) return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for an objective");
    task->base.type = &dataset_type;
    task->problem = (const struct dataset_problem *)problem;
    rc = gsp_objective_new(&task->objective, task->problem->train, &config, error);
    if (rc) {
        free(task);
        return rc;
    }
    *out = &task->base;
    return 0;
}

static int gradient(struct gsp_task *task, uint64_t round, const double *x, double *out, double *loss)
{
    gsp_objective_gradient(((struct dataset_task *)task)->objective, round, x, out, loss);
    return 0;
}

static int evaluate(struct gsp_task *base, const double *x, double *loss, double *accuracy)
{
    struct dataset_task *task = (struct dataset_task *)base;
    const struct gsp_dataset *test = task->problem->test;
    *loss = gsp_objective_loss(task->objective, x);
    bool known = test && gsp_objective_metric_is_accuracy(gsp_objective_chosen(task->objective));
    *accuracy = known ? gsp_objective_metric(task->objective, test, x) : NAN;
    return 0;
}

static const struct gsp_problem_type dataset_type = {
    .name = "data set",
    .check = check,
    .dimension = dimension,
    .scale = scale,
    .memory = memory,
    .facts = facts,
    .digest = digest,
    .fingerprint = fingerprint,
    .measure = measure,
    .pose = pose,
    .drop = drop,
    .gradient = gradient,
    .evaluate = evaluate,
};

int gsp_problem_dataset(struct gsp_problem **out, const struct gsp_dataset *train, const struct gsp_dataset *test)
{
    struct dataset_problem *problem = gsp_alloc(1, sizeof *problem);
    if (!problem) return GSP_ERR_NOMEM;
    *problem = (struct dataset_problem){.base.type = &dataset_type, .train = train, .test = test};
    *out = &problem->base;
    return 0;
}

void gsp_problem_free(struct gsp_problem *problem)
{
    free(problem);
}
