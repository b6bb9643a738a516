/* Every objective's definition, written for reading, and the kinds that are tested by them: all of the table. */
#ifndef TESTS_UNIT_OBJECTIVE_DEFINITIONS_H
#define TESTS_UNIT_OBJECTIVE_DEFINITIONS_H

#include <gossip/data.h>

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 4, KINDS_MAX = 32 };

/* Every kind of the table, as its example says: each is tested by its definition below. */
static struct gsp_objective_choice kinds[KINDS_MAX];
static int KINDS;

static inline void choose_all(void)
{
    for (const struct gsp_kind *const *kind = gsp_objective_kinds(); *kind && KINDS < KINDS_MAX; kind++) {
        if (gsp_objective_parse(&kinds[KINDS], (*kind)->example, NULL)) abort();
        KINDS += !gsp_objective_of_worker(&kinds[KINDS]); /* no rows are for that */
    }
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
} definitions[] = {{"linear", define_linear, NULL, false},
                   {"logistic", define_logistic, NULL, false},
                   {"softmax", define_softmax, NULL, false},
                   {"relu", define_relu, above_zero, true},
                   {"geman", define_geman, NULL, false}};

/* The place of a kind's definition; a kind without one is not tested. */
static inline size_t definition_of(const struct gsp_objective_choice *kind)
{
    for (size_t i = 0; i < sizeof definitions / sizeof *definitions; i++)
        if (strcmp(definitions[i].name, kind->kind->name) == 0) return i;
    ck_abort_msg("objective %s has no definition here", kind->kind->name);
    return 0;
}

#endif
