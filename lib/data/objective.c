/* Objectives: their table, and gradient, loss and metric over a data set, whatever the kind. */
#include "objective.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct gsp_objective {
    const struct gsp__family *family;
    struct gsp_objective_choice choice;
    const struct gsp_dataset *data;
    double l2, weight; /* weight: what the gradient is multiplied by */
    size_t dimension, outputs;
    struct gsp__product product;
    struct gsp__network network; /* of a family that is one */
    /* stochastic gradients */
    size_t batch; /* 0: all rows */
    uint8_t batch_key[32];
    uint64_t *chosen;
    void *gathered; /* a block of chosen rows */
    double *gathered_targets;
};

/* ---- the table, and what is known of a choice without data ---- */

const struct gsp_kind *const *gsp_objective_kinds(void)
{
#define ENTRY(name) &gsp__##name.kind,
    static const struct gsp_kind *const kinds[] = {GSP__OBJECTIVES(ENTRY) & gsp__worker.kind, NULL};
#undef ENTRY
    return kinds;
}

int gsp_objective_parse(struct gsp_objective_choice *out, const char *text, struct gsp_error *error)
{
    struct gsp_objective_choice parsed = {0};
    int rc = gsp_kind_parse(gsp_objective_kinds(), "objective", text, &parsed.kind, &parsed, error);
    if (!rc) *out = parsed;
    return rc;
}

const struct gsp__family *gsp__family(const struct gsp_objective_choice *choice)
{
    return (const struct gsp__family *)choice->kind;
}

bool gsp_objective_of_worker(const struct gsp_objective_choice *choice)
{
    return choice->kind == &gsp__worker.kind;
}

enum gsp__targets gsp__targets(const struct gsp_objective_choice *choice)
{
    const struct gsp__family *family = gsp__family(choice);
    return family->network && choice->loss == GSP_MLP_SQUARES ? GSP__TARGETS_REAL : family->targets;
}

size_t gsp__outputs(const struct gsp_objective_choice *choice, size_t classes)
{
    return gsp__targets(choice) == GSP__TARGETS_CLASSES ? classes : 1;
}

size_t gsp__product_outputs(const struct gsp_objective_choice *choice, size_t classes)
{
    return gsp__family(choice)->network ? choice->hidden : gsp__outputs(choice, classes);
}

bool gsp_objective_takes_labels(const struct gsp_objective_choice *choice)
{
    return gsp__targets(choice) != GSP__TARGETS_REAL;
}

bool gsp_objective_takes_classes(const struct gsp_objective_choice *choice)
{
    return gsp__targets(choice) == GSP__TARGETS_CLASSES;
}

bool gsp_objective_metric_is_accuracy(const struct gsp_objective_choice *choice)
{
    return gsp__family(choice)->metric_is_accuracy && gsp__targets(choice) != GSP__TARGETS_REAL;
}

int gsp_objective_check_labels(const struct gsp_objective_choice *choice, size_t classes, const char *whose,
                               bool targets_whole, double target_max, struct gsp_error *error)
{
    if (!gsp_objective_takes_labels(choice)) return 0;
    if (!targets_whole)
        return gsp_error_set(
            error, GSP_ERR_DATA,
            "the targets of %s are no class labels (whole numbers from 0, or -1 and 1); objective=%s needs them, "
            "objective=linear does not",
            whose, choice->kind->name);
    bool many = gsp_objective_takes_classes(choice);
    double limit = !many ? 1 : classes ? (double)classes - 1 : INFINITY;
    if (target_max <= limit) return 0;
    return gsp_error_set(error, GSP_ERR_DATA, "%s has the label %g; objective=%s%s takes 0 to %g", whose, target_max,
                         choice->kind->name, many ? " with these classes" : "", limit);
}

/* ---- one over data ---- */

size_t gsp_objective_dimension(const struct gsp_dataset *data, const struct gsp_objective_choice *choice,
                               size_t classes)
{
    size_t dimension, second, outputs = gsp__outputs(choice, classes);
    if (gsp_objective_of_worker(choice)) return choice->dimension;
    if (__builtin_mul_overflow(data->columns, gsp__product_outputs(choice, classes), &dimension)) return SIZE_MAX;
    if (!gsp__family(choice)->network) return dimension;
    if (__builtin_mul_overflow(choice->hidden + 1, outputs, &second) ||
        __builtin_add_overflow(dimension, second, &dimension) ||
        __builtin_add_overflow(dimension, choice->hidden, &dimension))
        return SIZE_MAX;
    return dimension;
}

double gsp_objective_memory(const struct gsp_dataset *data, const struct gsp_objective_choice *choice, size_t classes)
{
    size_t outputs = gsp__product_outputs(choice, classes), columns = data->columns;
    double block = (double)gsp__block_rows(data->dtype, columns), element = (double)gsp__dtype_size(data->dtype);
    double batch = block * ((double)columns * element + sizeof(double)) + (double)data->rows / 8;
    double wide = gsp__product_memory(GSP_FLOAT64, columns, outputs, false);
    double narrow = gsp__product_memory(GSP_FLOAT32, columns, outputs, false);
    double evaluation = wide > narrow ? wide : narrow;   /* test data may have another precision */
    size_t rows = gsp__block_rows(GSP_FLOAT32, columns); /* no block has more */
    double network = gsp__family(choice)->network ? 2 * gsp__network_memory(choice, classes, rows) : 0;
    return gsp__product_memory(data->dtype, columns, outputs, true) + batch + evaluation + network;
}

static int check_targets(const struct gsp_dataset *data, const struct gsp_objective_choice *choice, size_t classes,
                         struct gsp_error *error)
{
    const char *name = choice->kind->name;
    for (size_t row = 0; row < data->rows; row++) {
        double target = data->targets_whole ? gsp__label(data->targets[row]) : data->targets[row];
        switch (gsp__targets(choice)) {
        case GSP__TARGETS_REAL:
            return 0;
        case GSP__TARGETS_TWO:
            if (target == 0 || target == 1) break;
            return gsp_error_set(error, GSP_ERR_DATA,
                                 "row %zu: label %.10g: objective=%s needs labels 0 and 1, or -1 and 1 (for more "
                                 "classes use objective=softmax)",
                                 row + 1, target, name);
        case GSP__TARGETS_CLASSES:
            if (target >= 0 && target < (double)classes && target == floor(target)) break;
            return gsp_error_set(error, GSP_ERR_DATA,
                                 "row %zu: label %.10g, but classes=%zu: objective=%s needs whole labels from 0 to "
                                 "classes - 1 (set classes, or renumber the labels)",
                                 row + 1, target, classes, name);
        }
    }
    return 0;
}

static int allocate(struct gsp_objective *objective)
{
    const struct gsp_dataset *data = objective->data;
    const struct gsp_objective_choice *choice = &objective->choice;
    size_t outputs = gsp__product_outputs(choice, objective->outputs);
    int rc = gsp__product_init(&objective->product, data->dtype, data->columns, outputs, true);
    if (!rc && objective->family->network)
        rc = gsp__network_init(&objective->network, choice, objective->outputs, objective->product.block);
    if (rc || !objective->batch) return rc;
    objective->chosen = gsp_alloc(data->rows / 64 + 1, sizeof *objective->chosen);
    objective->gathered = gsp__matrix(data->dtype, objective->product.block, data->columns);
    objective->gathered_targets = gsp__matrix(GSP_FLOAT64, objective->product.block, 1);
    return objective->chosen && objective->gathered && objective->gathered_targets ? 0 : GSP_ERR_NOMEM;
}

int gsp_objective_new(struct gsp_objective **out, const struct gsp_dataset *data,
                      const struct gsp_objective_config *config, struct gsp_error *error)
{
    const struct gsp__family *family = gsp__family(&config->choice);
    if (gsp_objective_of_worker(&config->choice))
        return gsp_error_set(error, GSP_ERR_CONFIG, "objective=%s is computed by a worker, not from rows",
                             family->kind.name);
    if (gsp_objective_takes_classes(&config->choice) && (config->classes < 2 || config->classes > GSP_CLASSES_MAX))
        return gsp_error_set(error, GSP_ERR_DATA, "classes=%zu: %s needs from 2 to %d classes", config->classes,
                             family->kind.name, GSP_CLASSES_MAX);
    int rc = check_targets(data, &config->choice, config->classes, error);
    if (rc) return rc;
    struct gsp_objective *objective = gsp_alloc(1, sizeof *objective);
    if (!objective) return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    objective->family = family;
    objective->choice = config->choice;
    objective->data = data;
    objective->l2 = config->l2;
    objective->weight = config->mean_rows > 0 ? (double)data->rows / config->mean_rows : 1;
    objective->outputs = gsp__outputs(&config->choice, config->classes);
    objective->dimension = gsp_objective_dimension(data, &config->choice, config->classes);
    if (config->batch && config->batch < data->rows) {
        assert(config->node);
        objective->batch = config->batch;
        gsp_stream_key(objective->batch_key, config->seed, config->node, "batch");
    }
    rc = allocate(objective);
    if (rc) {
        gsp_error_set(error, rc, "no memory for the gradient of %zu parameters", objective->dimension);
        gsp_objective_free(objective);
        return rc;
    }
    *out = objective;
    return 0;
}

void gsp_objective_free(struct gsp_objective *objective)
{
    if (!objective) return;
    gsp__product_clear(&objective->product);
    gsp__network_clear(&objective->network);
    free(objective->chosen);
    free(objective->gathered);
    free(objective->gathered_targets);
    free(objective);
}

const struct gsp_objective_choice *gsp_objective_chosen(const struct gsp_objective *objective)
{
    return &objective->choice;
}

static const void *row_of(const struct gsp_dataset *data, size_t row)
{
    return (const char *)data->features + row * data->columns * gsp__dtype_size(data->dtype);
}

/* A block's loss; margins <- what goes backward. */
static double judge(void *context, size_t rows, double *margins, const double *targets)
{
    struct gsp_objective *objective = context;
    if (objective->family->network) return gsp__network_residuals(&objective->network, rows, margins, targets);
    return objective->family->residuals(objective->choice.parameter, rows, objective->outputs, margins, targets);
}

static void begin(struct gsp_objective *objective, const double *x)
{
    const struct gsp__product *product = &objective->product;
    gsp__product_begin(&objective->product, x);
    if (objective->family->network) gsp__network_begin(&objective->network, x + product->outputs * product->columns);
}

/* The loss, and the gradient in product->sum, of the rows drawn for this round, gathered block by block in ascending
 * order. */
static double pass_batch(struct gsp_objective *objective, uint64_t round)
{
    enum { BITS = 64 };
    const struct gsp_dataset *data = objective->data;
    struct gsp__product *product = &objective->product;
    size_t width = data->columns * gsp__dtype_size(data->dtype), held = 0, left = objective->batch;
    double loss = 0;
    gsp__batch_draw(objective->chosen, data->rows, objective->batch, objective->batch_key, round);
    for (size_t row = 0; left; row++) {
        if (!(objective->chosen[row / BITS] >> row % BITS & 1)) continue;
        memcpy((char *)objective->gathered + held * width, row_of(data, row), width);
        objective->gathered_targets[held++] = data->targets[row];
        if (--left && held < product->block) continue;
        gsp__product_step(product, NULL, 0, objective->gathered, held, NULL);
        loss += judge(objective, held, product->margins, objective->gathered_targets);
        gsp__product_step(product, objective->gathered, held, NULL, 0, NULL);
        held = 0;
    }
    return loss;
}

static double penalty(const struct gsp_objective *objective, const double *x)
{
    return objective->l2 ? 0.5 * objective->l2 * gsp_dot(objective->dimension, x, x) : 0;
}

void gsp_objective_gradient(struct gsp_objective *objective, uint64_t round, const double *x, double *gradient,
                            double *loss)
{
    begin(objective, x);
    double total = objective->batch ? pass_batch(objective, round)
                                    : gsp__product_pass(&objective->product, objective->data, judge, objective, true);
    double rows = (double)(objective->batch ? objective->batch : objective->data->rows);
    size_t first = objective->product.outputs * objective->product.columns;
    const double *sum = objective->product.sum, *rest = objective->network.sum;
    for (size_t i = 0; i < first; i++) gradient[i] = sum[i] / rows + objective->l2 * x[i];
    for (size_t i = first; i < objective->dimension; i++) gradient[i] = rest[i - first] / rows + objective->l2 * x[i];
    if (objective->weight != 1)
        for (size_t i = 0; i < objective->dimension; i++) gradient[i] *= objective->weight;
    *loss = total / rows + penalty(objective, x);
}

double gsp_objective_loss(struct gsp_objective *objective, const double *x)
{
    begin(objective, x);
    double total = gsp__product_pass(&objective->product, objective->data, judge, objective, false);
    return total / (double)objective->data->rows + penalty(objective, x);
}

double gsp_objective_metric(struct gsp_objective *objective, const struct gsp_dataset *data, const double *x)
{
    struct gsp__product product;
    assert(data->columns == objective->data->columns);
    /* The test data may have another precision, so the scratch is not the objective's. */
    size_t outputs = objective->product.outputs;
    struct gsp__network network = {0};
    bool layers = objective->family->network;
    if (gsp__product_init(&product, data->dtype, data->columns, outputs, false)) return NAN;
    if (layers && gsp__network_init(&network, &objective->choice, objective->outputs, product.block)) {
        gsp__product_clear(&product);
        return NAN;
    }
    gsp__product_begin(&product, x);
    if (layers) gsp__network_begin(&network, x + outputs * data->columns);
    double total = 0;
    for (size_t row = 0; row < data->rows; row += product.block) {
        size_t count = data->rows - row < product.block ? data->rows - row : product.block;
        const double *targets = data->targets + row;
        gsp__product_step(&product, NULL, 0, row_of(data, row), count, NULL);
        total += layers ? gsp__network_score(&network, count, product.margins, targets)
                        : objective->family->score(count, outputs, product.margins, targets);
    }
    gsp__product_clear(&product);
    gsp__network_clear(&network);
    return total / (double)data->rows;
}
