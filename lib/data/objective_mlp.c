/* One hidden layer: out = W2 act(W1 a + b1) + b2 for a row a, and of that the loss of softmax or of least squares.
 * Parameters: W1 (hidden x columns), b1, W2 (outputs x hidden), b2. The products with W1 are those of all objectives,
 * with `hidden` outputs, in the data's precision; what comes after is in double, row by row, in a fixed order. */
#include "objective.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum activation { TANH, GELU, SOFTPLUS };
static const char *const activations[] = {"tanh", "gelu", "softplus", NULL};
static const char *const losses[] = {"auto", "softmax", "squares", NULL}; /* enum gsp_mlp_loss */

/* By the exponential of a negative number, so that nothing overflows. */
static double tanh_of(double u)
{
    double e = gsp_exp(-2 * fabs(u)), t = (1 - e) / (1 + e);
    return u < 0 ? -t : t;
}

/* u <- act(u); returns act'(u). */
static double tanh_at(double *u)
{
    *u = tanh_of(*u);
    return 1 - *u * *u;
}

/* In its form with tanh, which is u or 0 to the last bit from some size on. */
static double gelu_at(double *at)
{
    const double root = 0x1.9884533d43651p-1 /* sqrt(2 / pi) */, cubic = 0.044715, saturated = 8;
    double u = *at, square = u * u;
    if (fabs(u) > saturated) {
        *at = u > 0 ? u : 0;
        return u > 0 ? 1 : 0;
    }
    double t = tanh_of(root * (u + cubic * square * u));
    *at = 0.5 * u * (1 + t);
    return 0.5 * (1 + t) + 0.5 * u * (1 - t * t) * (root * (1 + 3 * cubic * square));
}

static double softplus_at(double *at)
{
    double u = *at, e = gsp_exp(-fabs(u));
    *at = (u > 0 ? u : 0) + gsp_log1p(e);
    if (isnan(u)) *at = u;
    return u > 0 ? 1 / (1 + e) : e / (1 + e);
}

static void activate(enum activation activation, size_t n, double *units, double *slopes)
{
    for (size_t h = 0; h < n; h++)
        slopes[h] = activation == TANH   ? tanh_at(&units[h])
                    : activation == GELU ? gelu_at(&units[h])
                                         : softplus_at(&units[h]);
}

/* ---- the layers after the first product ---- */

static size_t tail_size(const struct gsp__network *network)
{
    return network->hidden + network->outputs * (network->hidden + 1);
}

int gsp__network_init(struct gsp__network *network, const struct gsp_objective_choice *choice, size_t classes,
                      size_t rows)
{
    bool squares = choice->loss == GSP_MLP_SQUARES;
    *network = (struct gsp__network){.hidden = choice->hidden,
                                     .outputs = squares ? 1 : classes,
                                     .activation = choice->activation,
                                     .last = squares ? &gsp__linear : &gsp__softmax};
    network->slopes = gsp__matrix(GSP_FLOAT64, rows, network->hidden);
    network->out = gsp__matrix(GSP_FLOAT64, rows, network->outputs);
    network->sum = gsp__matrix(GSP_FLOAT64, 1, tail_size(network));
    if (network->slopes && network->out && network->sum) return 0;
    gsp__network_clear(network);
    return GSP_ERR_NOMEM;
}

double gsp__network_memory(const struct gsp_objective_choice *choice, size_t classes, size_t rows)
{
    double hidden = (double)choice->hidden, outputs = choice->loss == GSP_MLP_SQUARES ? 1 : (double)classes;
    return sizeof(double) * ((double)rows * (hidden + outputs) + hidden + outputs * (hidden + 1));
}

void gsp__network_clear(struct gsp__network *network)
{
    free(network->slopes);
    free(network->out);
    free(network->sum);
    *network = (struct gsp__network){0};
}

void gsp__network_begin(struct gsp__network *network, const double *tail)
{
    network->tail = tail;
    memset(network->sum, 0, tail_size(network) * sizeof *network->sum);
}

/* units: what came out of the first product; act of it afterwards. */
static void forward(struct gsp__network *network, size_t rows, double *units)
{
    size_t hidden = network->hidden, outputs = network->outputs;
    const double *b1 = network->tail, *w2 = b1 + hidden, *b2 = w2 + outputs * hidden;
    for (size_t row = 0; row < rows; row++) {
        double *unit = units + row * hidden, *out = network->out + row * outputs;
        for (size_t h = 0; h < hidden; h++) unit[h] += b1[h];
        activate((enum activation)network->activation, hidden, unit, network->slopes + row * hidden);
        for (size_t k = 0; k < outputs; k++) out[k] = gsp_dot(hidden, w2 + k * hidden, unit) + b2[k];
    }
}

double gsp__network_residuals(struct gsp__network *network, size_t rows, double *units, const double *targets)
{
    size_t hidden = network->hidden, outputs = network->outputs;
    const double *w2 = network->tail + hidden;
    double *sum1 = network->sum, *sum2 = sum1 + hidden, *sum_out = sum2 + outputs * hidden;
    forward(network, rows, units);
    double loss = network->last->residuals(NULL, rows, outputs, network->out, targets);
    for (size_t row = 0; row < rows; row++) {
        double *unit = units + row * hidden;
        const double *out = network->out + row * outputs, *slope = network->slopes + row * hidden;
        for (size_t k = 0; k < outputs; k++) gsp_axpy(hidden, out[k], unit, sum2 + k * hidden);
        gsp_axpy(outputs, 1, out, sum_out);
        memset(unit, 0, hidden * sizeof *unit);
        for (size_t k = 0; k < outputs; k++) gsp_axpy(hidden, out[k], w2 + k * hidden, unit);
        for (size_t h = 0; h < hidden; h++) unit[h] *= slope[h];
        gsp_axpy(hidden, 1, unit, sum1);
    }
    return loss;
}

double gsp__network_score(struct gsp__network *network, size_t rows, double *units, const double *targets)
{
    forward(network, rows, units);
    return network->last->score(rows, network->outputs, network->out, targets);
}

/* ---- where it begins ---- */

void gsp__network_scale(const struct gsp_objective_choice *choice, size_t outputs, size_t d, double *x)
{
    size_t hidden = choice->hidden, tail = hidden + outputs * (hidden + 1);
    size_t first = d - tail, columns = first / hidden;
    double w1 = sqrt((double)d) / sqrt((double)columns), w2 = sqrt((double)d) / sqrt((double)hidden);
    double *b1 = x + first, *second = b1 + hidden;
    for (size_t i = 0; i < first; i++) x[i] *= w1;
    memset(b1, 0, hidden * sizeof *b1);
    for (size_t i = 0; i < outputs * hidden; i++) second[i] *= w2;
    memset(second + outputs * hidden, 0, outputs * sizeof *second);
}

static const struct gsp_parameter parameters[] = {{.key = "hidden",
                                                   .letter = "H",
                                                   .type = GSP_PARAMETER_COUNT,
                                                   .offset = offsetof(struct gsp_objective_choice, hidden),
                                                   .required = true,
                                                   .maximum = GSP_CLASSES_MAX},
                                                  {.key = "activation",
                                                   .letter = "A",
                                                   .type = GSP_PARAMETER_WORD,
                                                   .offset = offsetof(struct gsp_objective_choice, activation),
                                                   .fallback = TANH,
                                                   .words = activations},
                                                  {.key = "loss",
                                                   .letter = "L",
                                                   .type = GSP_PARAMETER_WORD,
                                                   .offset = offsetof(struct gsp_objective_choice, loss),
                                                   .fallback = GSP_MLP_AUTO,
                                                   .words = losses},
                                                  {0}};

const struct gsp__family gsp__mlp = {
    .kind = {.name = "mlp",
             .help = "a hidden layer of H units; A: tanh (default), gelu or softplus; L: softmax for labels, squares "
                     "for other targets, auto (default): by the targets",
             .example = "mlp:hidden=5,activation=gelu,loss=softmax",
             .parameters = parameters},
    .targets = GSP__TARGETS_CLASSES, /* but for loss=squares */
    .metric_is_accuracy = true,
    .network = true,
    .stuck_at_zeros = "all hidden units would stay alike"};
