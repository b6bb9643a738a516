/* Every objective's definition, written for reading, and the kinds that are tested by them: all of the table. */
#ifndef TESTS_UNIT_OBJECTIVE_DEFINITIONS_H
#define TESTS_UNIT_OBJECTIVE_DEFINITIONS_H

#include <gossip/data.h>

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 4, KINDS_MAX = 32 };

/* Every kind of the table, as its example says, and what else its parameters make of it: each is tested by its
 * definition below. */
static struct gsp_objective_choice kinds[KINDS_MAX];
static int KINDS;

static inline void choose_all(void)
{
    for (const struct gsp_kind *const *kind = gsp_objective_kinds(); *kind && KINDS < KINDS_MAX; kind++) {
        if (gsp_objective_parse(&kinds[KINDS], (*kind)->example, NULL)) abort();
        KINDS += !gsp_objective_of_worker(&kinds[KINDS]); /* no rows are for that */
    }
    static const char *const more[] = {"mlp:hidden=3,loss=squares", "mlp:hidden=7,activation=softplus,loss=softmax",
                                       "mlp:hidden=1,activation=tanh,loss=softmax"};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (gsp_objective_parse(&kinds[KINDS++], more[i], NULL)) abort();
}

static const struct gsp_objective_choice *named(const char *text)
{
    static struct gsp_objective_choice choice;
    ck_assert(!gsp_objective_parse(&choice, text, NULL));
    return &choice;
}

static inline size_t outputs_of(const struct gsp_objective_choice *kind)
{
    return gsp_objective_takes_classes(kind) ? CLASSES : 1;
}

static inline size_t labels_of(const struct gsp_objective_choice *kind)
{
    return gsp_objective_takes_classes(kind) ? CLASSES : gsp_objective_takes_labels(kind) ? 2 : 0;
}

/* Loss of one row; derivative by each margin. */
typedef long double definition(const double *parameter, const long double *margin, double target,
                               long double *derivative);

static inline long double define_linear(const double *parameter, const long double *margin, double target,
                                        long double *derivative)
{
    (void)parameter;
    derivative[0] = *margin - target;
    return 0.5L * derivative[0] * derivative[0];
}

static inline long double above_zero(long double margin)
{
    return margin > 0 ? margin : 0;
}

static inline long double define_relu(const double *parameter, const long double *margin, double target,
                                      long double *derivative)
{
    (void)parameter;
    long double kept = above_zero(*margin);
    derivative[0] = *margin > 0 ? kept - target : 0;
    return 0.5L * (kept - target) * (kept - target);
}

static inline long double define_geman(const double *parameter, const long double *margin, double target,
                                       long double *derivative)
{
    (void)parameter;
    long double value = *margin - target;
    derivative[0] = value + 8 * value / powl(1 + value * value, 2);
    return 0.5L * value * value + 4 - 4 / (1 + value * value);
}

static inline long double define_logistic(const double *parameter, const long double *margin, double target,
                                          long double *derivative)
{
    (void)parameter;
    derivative[0] = 1 / (1 + expl(-*margin)) - target;
    return target == 1 ? log1pl(expl(-*margin)) : log1pl(expl(*margin));
}

static inline long double define_softmax(const double *parameter, const long double *margin, double target,
                                         long double *derivative)
{
    (void)parameter;
    long double total = 0;
    for (size_t k = 0; k < CLASSES; k++) total += expl(margin[k]);
    for (size_t k = 0; k < CLASSES; k++) derivative[k] = expl(margin[k]) / total - (k == (size_t)target);
    return logl(total) - margin[(size_t)target];
}

static const struct {
    const char *name;
    definition *loss;
    long double (*guess)(long double margin); /* of the target; NULL: the margin itself */
    bool kinks;                               /* where no step is safe */
} definitions[] = {{"linear", define_linear, NULL, false},   {"logistic", define_logistic, NULL, false},
                   {"softmax", define_softmax, NULL, false}, {"relu", define_relu, above_zero, true},
                   {"geman", define_geman, NULL, false},     {"mlp", define_softmax, NULL, false}};

/* The place of a kind's definition; a kind without one is not tested. */
static inline size_t definition_of(const struct gsp_objective_choice *kind)
{
    const char *name = kind->loss == GSP_MLP_SQUARES ? "linear" : kind->kind->name;
    for (size_t i = 0; i < sizeof definitions / sizeof *definitions; i++)
        if (strcmp(definitions[i].name, name) == 0) return i;
    ck_abort_msg("objective %s has no definition here", kind->kind->name);
    return 0;
}

/* ---- from a row to its margins: a product, or the layers of mlp ---- */

enum { UNITS_MAX = 8 };

static inline long double define_activation(int activation, long double u, long double *slope)
{
    const long double root = sqrtl(2 / 3.14159265358979323846264338327950288L), cubic = 0.044715L;
    long double t = activation == 1 ? tanhl(root * (u + cubic * u * u * u)) : tanhl(u);
    switch (activation) {
    case 0:
        *slope = 1 - t * t;
        return t;
    case 1:
        *slope = (1 + t) / 2 + u / 2 * (1 - t * t) * root * (1 + 3 * cubic * u * u);
        return u / 2 * (1 + t);
    default:
        *slope = 1 / (1 + expl(-u));
        return log1pl(expl(u));
    }
}

static inline long double row_times(const struct gsp_dataset *data, size_t row, const double *x)
{
    long double sum = 0;
    for (size_t j = 0; j < data->columns; j++) sum += (long double)feature(data, row, j) * x[j];
    return sum;
}

/* margin; and of mlp what its units give, and their slopes. */
static inline void define_margins(const struct gsp_objective_choice *kind, const struct gsp_dataset *data, size_t row,
                                  const double *x, long double *margin, long double *unit, long double *slope)
{
    size_t outputs = outputs_of(kind), hidden = kind->hidden;
    const double *b1 = x + hidden * data->columns, *w2 = b1 + hidden, *b2 = w2 + outputs * hidden;
    for (size_t k = 0; !hidden && k < outputs; k++) margin[k] = row_times(data, row, x + k * data->columns);
    for (size_t h = 0; h < hidden; h++)
        unit[h] = define_activation(kind->activation, row_times(data, row, x + h * data->columns) + b1[h], &slope[h]);
    for (size_t k = 0; hidden && k < outputs; k++) {
        margin[k] = b2[k];
        for (size_t h = 0; h < hidden; h++) margin[k] += w2[k * hidden + h] * unit[h];
    }
}

/* gradient += that of a row whose loss has these derivatives by its margins. */
static inline void define_backward(const struct gsp_objective_choice *kind, const struct gsp_dataset *data, size_t row,
                                   const double *x, const long double *derivative, const long double *unit,
                                   const long double *slope, long double *gradient)
{
    size_t outputs = outputs_of(kind), hidden = kind->hidden, first = hidden * data->columns;
    size_t second = first + hidden, last = second + outputs * hidden;
    for (size_t k = 0; !hidden && k < outputs; k++)
        for (size_t j = 0; j < data->columns; j++)
            gradient[k * data->columns + j] += derivative[k] * feature(data, row, j);
    for (size_t h = 0; h < hidden; h++) {
        long double back = 0;
        for (size_t k = 0; k < outputs; k++) {
            back += derivative[k] * x[second + k * hidden + h] * slope[h];
            gradient[second + k * hidden + h] += derivative[k] * unit[h];
        }
        gradient[first + h] += back;
        for (size_t j = 0; j < data->columns; j++) gradient[h * data->columns + j] += back * feature(data, row, j);
    }
    for (size_t k = 0; hidden && k < outputs; k++) gradient[last + k] += derivative[k];
}

#endif
