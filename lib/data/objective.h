/* What an objective's own file provides, and the block products that all of them share. */
#ifndef GSP_DATA_OBJECTIVE_H
#define GSP_DATA_OBJECTIVE_H

#include "internal.h"
#include "rows.h"

/* Returns the sum of the rows' losses; margins <- derivative of each row's loss by its margins. `parameter`: of the
 * choice. */
typedef double gsp__residuals(const double *parameter, size_t rows, size_t outputs, double *margins,
                              const double *targets);
/* Sum over rows of what the metric averages: 1 for a right answer, or the squared error. */
typedef double gsp__score(size_t rows, size_t outputs, const double *margins, const double *targets);

/* The class that a target means: of labels -1 and 1, -1 is class 0. */
static inline double gsp__label(double target)
{
    return target > 0 ? target : 0;
}

enum gsp__targets {
    GSP__TARGETS_REAL,
    GSP__TARGETS_TWO,    /* labels 0 and 1 */
    GSP__TARGETS_CLASSES /* labels 0 to classes - 1, and an output a class */
};

/* A kind of objective, in terms of margins: row i of A times the parameters, `outputs` numbers a row (one a class, or
 * 1). All in double, whatever the data's precision. */
struct gsp__family {
    struct gsp_kind kind; /* the first member: a choice points to it */
    enum gsp__targets targets;
    bool metric_is_accuracy;
    bool network; /* outputs are those of its layers (objective_mlp.c), and residuals and score of the last one */
    const char *stuck_at_zeros; /* why it cannot be trained from x = 0, whatever the data; NULL: it can */
    /* No second derivative of a row's loss along a margin is greater: L = curvature * lambda_max + l2. NULL: no such L
     * is known. */
    double (*curvature)(const double *parameter);
    /* What eta=auto takes for L - l2 where less than that is known to do; NULL: nowhere. */
    double (*usual)(size_t classes, double lambda_max);
    gsp__residuals *residuals;
    gsp__score *score;
};
const struct gsp__family *gsp__family(const struct gsp_objective_choice *choice);
enum gsp__targets gsp__targets(const struct gsp_objective_choice *choice);
/* Outputs of the whole, and of the product with the rows. */
size_t gsp__outputs(const struct gsp_objective_choice *choice, size_t classes);
size_t gsp__product_outputs(const struct gsp_objective_choice *choice, size_t classes);

/* The table of objectives: gsp__NAME is in objective_NAME.c. */
#define GSP__OBJECTIVES(X) X(linear) X(logistic) X(softmax) X(relu) X(geman) X(mlp)
extern const struct gsp__family gsp__worker; /* the last one, which no rows are for: residuals and score are NULL */
#define GSP__DECLARE(name) extern const struct gsp__family gsp__##name;
GSP__OBJECTIVES(GSP__DECLARE)
#undef GSP__DECLARE

/* Parameter `number` of a choice, a number above 0. */
#define GSP__OBJECTIVE_PARAMETER(number)                                                                               \
    .type = GSP_PARAMETER_NUMBER, .offset = offsetof(struct gsp_objective_choice, parameter[number])
extern const struct gsp_parameter gsp__no_parameters[];

double gsp__curvature_of_squares(const double *parameter); /* 1 */
gsp__score gsp__squared_errors;

/* ---- products with A in blocks of rows that stay in the second-level cache, so that a gradient reads A from memory
 * once: margins forward, then the same block transposed, while the next block goes forward (product.c) ---- */

/* Rows of a block: a function of nothing but the width of a row, so that results depend on the data alone. */
size_t gsp__block_rows(enum gsp_dtype dtype, size_t columns);

struct gsp__product {
    gsp__rows_kernel *kernel;
    enum gsp_dtype dtype;
    size_t columns, outputs, block; /* block: the most rows at a time */
    void *point;                    /* parameters in dtype: outputs x columns */
    double *margins;                /* of a block: rows x outputs */
    void *given, *got;              /* the same in dtype: what goes backward, and what came forward */
    void *partial;                  /* float32: a block's outputs x columns */
    double *sum;                    /* A^T residuals, over blocks: outputs x columns */
};
/* `backward`: whether rows will be taken backward. */
int gsp__product_init(struct gsp__product *product, enum gsp_dtype dtype, size_t columns, size_t outputs,
                      bool backward);
/* Bytes that it takes, at most. */
double gsp__product_memory(enum gsp_dtype dtype, size_t columns, size_t outputs, bool backward);
void gsp__product_clear(struct gsp__product *product);
/* Sets the parameters and sum = 0. */
void gsp__product_begin(struct gsp__product *product, const double *x);
/* sum += features^T margins, for `rows` rows whose margins, or what has been made of them, are at hand; then margins <-
 * those of `next_rows` rows. Either number may be 0. `ahead`: as many rows as `next`, to be asked for after those and
 * to be fetched from memory meanwhile; or NULL. It changes no result. */
void gsp__product_step(struct gsp__product *product, const void *features, size_t rows, const void *next,
                       size_t next_rows, const void *ahead);
/* All rows of `data` forward, block by block, and, if that is wanted, backward as `judge` makes their margins; NULL: as
 * they are. Returns the sum of what `judge` returns: the rows' losses. */
typedef double gsp__judge(void *context, size_t rows, double *margins, const double *targets);
double gsp__product_pass(struct gsp__product *product, const struct gsp_dataset *data, gsp__judge *judge, void *context,
                         bool backward);

/* ---- what comes after the first product of mlp (objective_mlp.c) ---- */

struct gsp__network {
    size_t hidden, outputs;
    int activation;
    const struct gsp__family *last; /* whose loss and score it is of the outputs */
    const double *tail;             /* the parameters after those of the product; borrowed */
    double *slopes, *out;           /* of a block: rows x hidden, rows x outputs */
    double *sum;                    /* of the derivatives by `tail`, over blocks */
};
/* `rows`: the most at a time. GSP_ERR_NOMEM. */
int gsp__network_init(struct gsp__network *network, const struct gsp_objective_choice *choice, size_t classes,
                      size_t rows);
double gsp__network_memory(const struct gsp_objective_choice *choice, size_t classes, size_t rows);
void gsp__network_clear(struct gsp__network *network);
/* Sets the parameters and sum = 0. */
void gsp__network_begin(struct gsp__network *network, const double *tail);
/* As gsp__residuals and gsp__score, of the product's margins. The former adds to `sum`. */
double gsp__network_residuals(struct gsp__network *network, size_t rows, double *units, const double *targets);
double gsp__network_score(struct gsp__network *network, size_t rows, double *units, const double *targets);
/* Makes x, which is N(0, 1/d), a start: weights N(0, 1/fan-in), biases 0. */
void gsp__network_scale(const struct gsp_objective_choice *choice, size_t outputs, size_t d, double *x);

/* ---- batches (batch.c) ---- */

/* Draws `batch` of `rows` rows without replacement: sets their bits in `chosen` ((rows + 63) / 64 words). Every subset
 * is equally likely. */
void gsp__batch_draw(uint64_t *chosen, size_t rows, size_t batch, const uint8_t key[32], uint64_t round);

#endif
