/* The consensus step size by experiment: compressed consensus without gradients on the actual graph. */
#include "algo/node.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    STAND_IN_DIMENSION = 2000, /* where omega does not depend on d, this many coordinates tell as much */
    STEPS_MIN = 120,
    STEPS_MAX = 600,
    LADDER_LENGTH = 20
};
static const double HALF_OCTAVE = 0.70710678118654752440; /* the ladder's gammas: 1, 0.71, 0.5, 0.35, ... */
static const double MARGIN = 1.9;     /* the chosen gamma times this must not diverge: two rungs of the ladder */
static const double CONVERGED = 1e-9; /* relative error below which rounding, not gamma, decides */

struct experiment {
    const struct gsp_graph *graph;
    struct gsp_compressor compressor;
    size_t d, steps;
    double gamma;
    uint64_t seed;
    const volatile bool *cancelled;
    struct gsp_node **nodes;
    double *start; /* count x d */
};

struct outcome {
    double rate;   /* natural logarithm of the error's growth a step; negative is contraction */
    bool diverges; /* the error is not finite, or still grows at the last step */
};

/* |X - mean|_F: the distance of all nodes from their mean. */
static double distance_from_mean(const struct experiment *experiment, double *mean)
{
    size_t n = experiment->graph->count, d = experiment->d;
    memset(mean, 0, d * sizeof *mean);
    for (size_t i = 0; i < n; i++) gsp_axpy(d, 1.0 / (double)n, gsp_node_x(experiment->nodes[i]), mean);
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double *x = gsp_node_x(experiment->nodes[i]);
        for (size_t j = 0; j < d; j++) sum += (x[j] - mean[j]) * (x[j] - mean[j]);
    }
    return sqrt(sum);
}

static void free_nodes(struct experiment *experiment)
{
    for (size_t i = 0; experiment->nodes && i < experiment->graph->count; i++) gsp_node_free(experiment->nodes[i]);
    free(experiment->nodes);
    experiment->nodes = NULL;
}

static int make_nodes(struct experiment *experiment)
{
    size_t n = experiment->graph->count;
    experiment->nodes = gsp_alloc(n, sizeof *experiment->nodes);
    if (!experiment->nodes) return GSP_ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        struct gsp_node_config config = {
            .graph = experiment->graph,
            .self = i,
            .dimension = experiment->d,
            .compressor = experiment->compressor,
            .gossip_steps = 1,
            .gamma = experiment->gamma,
            .seed = experiment->seed,
            .others = experiment->nodes,
        };
        int rc = gsp_node_new(&experiment->nodes[i], &config, experiment->start + i * experiment->d);
        if (rc) return rc;
        gsp_node_allow(experiment->nodes[i], experiment->steps);
    }
    return 0;
}

/* One gossip step of all nodes: everyone encodes, then everyone mixes. */
static int gossip_step(struct experiment *experiment)
{
    for (int half = 0; half < 2; half++)
        for (size_t i = 0; i < experiment->graph->count; i++) {
            struct gsp_work work;
            bool something = gsp_node_next(experiment->nodes[i], &work);
            assert(something);
            int rc = half == 0 ? gsp_work_encode(&work) : gsp_work_mix(&work);
            if (!rc) rc = gsp_node_finish(experiment->nodes[i], &work);
            if (rc) return rc;
        }
    return 0;
}

/* Runs the steps, looking at the error at the start, at seven eighths and at the end. */
static int play(struct experiment *experiment, double *mean, struct outcome *outcome)
{
    *outcome = (struct outcome){.rate = INFINITY, .diverges = true};
    double before = distance_from_mean(experiment, mean), late = NAN, error = before;
    size_t look = experiment->steps - experiment->steps / 8, step = 0;
    while (step < experiment->steps) {
        if (experiment->cancelled && __atomic_load_n(experiment->cancelled, __ATOMIC_RELAXED)) return GSP_ERR_STATE;
        int rc = gossip_step(experiment);
        if (rc == GSP_ERR_DIVERGED) return 0;
        if (rc) return rc;
        step++;
        if (step % 16 == 0 || step == look || step == experiment->steps) {
            error = distance_from_mean(experiment, mean);
            if (!isfinite(error) || error > 1e3 * before) return 0;
            if (error < CONVERGED * before) break;
        }
        if (step == look) late = error;
    }
    if (!(error < CONVERGED * before) && error >= late) return 0;
    outcome->diverges = error >= before;
    outcome->rate = before > 0 && error > 0 ? gsp_ln(error / before) / (double)step : -INFINITY;
    return 0;
}

static int try_gamma(struct experiment *experiment, double gamma, double *mean, struct outcome *outcome)
{
    experiment->gamma = gamma;
    int rc = make_nodes(experiment);
    if (!rc) rc = play(experiment, mean, outcome);
    free_nodes(experiment);
    return rc;
}

/* Seeded N(0, 1) vectors, a stream for each node. */
static void draw_start(struct experiment *experiment)
{
    for (size_t i = 0; i < experiment->graph->count; i++) {
        uint8_t key[32];
        struct gsp_stream stream;
        gsp_stream_key(key, experiment->seed, experiment->graph->names[i], "calibrate");
        gsp_stream_init(&stream, key, 0);
        double *x = experiment->start + i * experiment->d;
        for (size_t j = 0; j < experiment->d; j++) x[j] = gsp_stream_normal(&stream);
    }
}

/* Coarser compressors need more steps until the error shows where it goes. */
static size_t steps_for(double omega)
{
    double steps = 8 / omega;
    return steps < STEPS_MIN ? STEPS_MIN : steps > STEPS_MAX ? STEPS_MAX : (size_t)steps;
}

/* Walks down the ladder. The best rung is the one that contracts most; the walk ends when three rungs in a row were
 * worse than it. */
static int descend(struct experiment *experiment, double *mean, double *best)
{
    double best_rate = 0, limit = INFINITY; /* limit: the least gamma seen to diverge, over the margin */
    size_t worse = 0;
    *best = 0;
    for (int rung = 0; rung < LADDER_LENGTH && worse < 3; rung++) {
        double gamma = ldexp(rung % 2 ? HALF_OCTAVE : 1, -(rung / 2));
        struct outcome outcome = {.diverges = true};
        int rc = try_gamma(experiment, gamma, mean, &outcome);
        if (rc) return rc;
        if (outcome.diverges) {
            limit = gamma / MARGIN;
            *best = best_rate = 0;
            worse = 0;
        } else if (gamma <= limit && outcome.rate < best_rate) {
            best_rate = outcome.rate;
            *best = gamma;
            worse = 0;
        } else if (*best > 0) {
            worse++;
        }
    }
    return 0;
}

int gsp_gamma_calibrate(double *gamma, const struct gsp_graph *graph, const struct gsp_compressor *compressor, size_t d,
                        uint64_t seed, const volatile bool *cancelled, struct gsp_error *error)
{
    if (graph->count == 1) {
        *gamma = 1;
        return 0;
    }
    double omega = gsp_compressor_omega(compressor, d);
    struct experiment experiment = {.graph = graph, .compressor = *compressor, .d = d, .seed = seed};
    if (gsp_compressor_scale_free(compressor) && d > STAND_IN_DIMENSION) experiment.d = STAND_IN_DIMENSION;
    experiment.steps = steps_for(omega);
    experiment.cancelled = cancelled;
    experiment.start = gsp_vector(graph->count * experiment.d);
    double *mean = gsp_vector(experiment.d);
    int rc = experiment.start && mean ? 0 : GSP_ERR_NOMEM;
    if (rc) {
        gsp_error_set(error, rc, "no memory to calibrate gamma for %zu nodes", graph->count);
        goto done;
    }
    draw_start(&experiment);
    rc = descend(&experiment, mean, gamma);
    if (rc) gsp_error_set(error, rc, "the calibration of gamma was interrupted");
    /* Where no rung contracts, theory still has an answer. */
    if (!rc && *gamma == 0) *gamma = gsp_gamma_safe(graph, omega);
done:
    free(experiment.start);
    free(mean);
    return rc;
}
