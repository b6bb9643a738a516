/* gossip/data.h - data files (handed in as bytes), shards, and objectives over them. */
#ifndef GOSSIP_DATA_H
#define GOSSIP_DATA_H

#include <gossip/base.h>
#include <gossip/config.h>

enum gsp_dtype { GSP_FLOAT32, GSP_FLOAT64 };

/* What the columns of a text table are: their names, and the words that columns of words hold. */
struct gsp_schema;
void gsp_schema_free(struct gsp_schema *schema);

/* Rows of features, row-major, with one target a row. The precision is the file's, and gradients are computed in it. */
struct gsp_dataset {
    enum gsp_dtype dtype;
    size_t rows, columns; /* columns count the bias column */
    void *features;       /* rows x columns of dtype, 64-byte aligned */
    double *targets;      /* rows; labels are whole numbers */
    double target_max, target_min;
    bool targets_whole; /* every target is a whole number >= 0, or every one is -1 or 1, which are classes 0 and 1: they
                           may be labels */
    /* A digest of what the columns are called, in their order, and of the target's name; of libsvm what its indices
     * count from. 0: that is not known. Rows of different ones can't be trained on together. */
    uint64_t columns_named;
    enum gsp_base base;        /* of libsvm; else GSP_BASE_DETECTED */
    struct gsp_schema *schema; /* of a table; owned, may be NULL */
    char *notes;               /* lines to show: what was decided in reading it; owned, may be NULL */
};

/* A file as the program read or mapped it. */
struct gsp_file {
    const char *name; /* for messages, and for the format where the content does not tell */
    const uint8_t *bytes;
    size_t length;
};

#define GSP_CATEGORIES_MAX 1000 /* different words that a column may hold */

struct gsp_data_options {
    bool bias;       /* adds a last column of ones */
    size_t features; /* libsvm: the width, when the file may lack the last column; 0: from the file */
    enum gsp_base base;
    /* Tables: columns by their name in the header, or by number from 1. */
    const char *label; /* NULL: the last one */
    const char
        *drop; /* left out: a list separated by blanks, commas or semicolons, quotes around names that hold these */
    enum gsp_missing missing;
    bool test;  /* the rows to test on: of an npz that holds x_train and x_test the latter */
    bool alone; /* all rows are in this file: a column of words may be numbered by what is in it */
    /* The rows must be of one kind with this data set of `like_name`: the same columns (found by their names where both
     * have them, in any order), words numbered as there. NULL: they need not. */
    const struct gsp_dataset *like;
    const char *like_name;
};

/* Reads a data set: npy, npz (arrays x and y), text tables, libsvm, idx, idx.gz, told apart by content, then by name.
 * Tables are separated by commas, semicolons, tabs or white space, with quotes (RFC 4180), comments (#), decimal commas
 * beside semicolons and tabs, and a header: a first line with a word above numbers, words alone that are not those of
 * the rows, or 0, 1, 2,
 * ... A column of words is one-hot, in the order of their bytes. `labels`
 * is NULL when the targets are in the first file; else they are taken from there, and all columns of a csv are
 * features. npy and npz keep float32 and float64 (float16, integers of up to 16 bits and bool become float32, wider
 * ones float64, none is scaled), idx bytes become float32 / 255, csv and libsvm float64. GSP_ERR_DATA with a message
 * "file:line: ..." (or file, row and column, from 1) and a remedy: a truncated or other file, a non-finite number,
 * counts that do not match. The caller owns *out. */
int gsp_dataset_read(struct gsp_dataset **out, const struct gsp_file *data, const struct gsp_file *labels,
                     const struct gsp_data_options *options, struct gsp_error *error);
void gsp_dataset_free(struct gsp_dataset *dataset);
/* "objective=linear,samples=10000,features=2000,noise=0.05,seed=1": float64; A ~ N(0,1), w ~ N(1,1)/sqrt(features/2), y
 * = A w or max(A w, 0), plus noise. */
int gsp_dataset_synthetic(struct gsp_dataset **out, const char *text, struct gsp_error *error);
/* Appends lines for people, each with a word and its value from the twelfth letter on: the target and its classes, the
 * columns by name, and notes on what was decided in reading them and on what looks odd: a column that counts the rows
 * or is constant, columns that differ much in size. `bias`: the last column is that of ones. GSP_ERR_NOMEM. */
int gsp_dataset_describe(const struct gsp_dataset *dataset, bool bias, struct gsp_buffer *out);
/* Sorts the rows by target, stably. */
int gsp_dataset_sort(struct gsp_dataset *dataset);
/* Makes two classes of many: targets from `threshold` on become 1, the others 0. */
void gsp_dataset_split(struct gsp_dataset *dataset, double threshold);
/* The rows of shard `index` of `count`: floor(rows / count) each, the last takes the rest. */
void gsp_shard_range(size_t rows, size_t count, size_t index, size_t *first, size_t *last);
/* A copy of rows [first, last), at least one. */
int gsp_dataset_slice(struct gsp_dataset **out, const struct gsp_dataset *dataset, size_t first, size_t last);
/* The data set as an npz file with arrays x (without the last column if `drop_bias`) and y; the caller frees buffer. */
int gsp_dataset_write_npz(const struct gsp_dataset *dataset, bool drop_bias, struct gsp_buffer *out,
                          struct gsp_error *error);

/* npy bytes of a float64 array: shape (count) or, with rows > 0, (rows, count / rows). */
int gsp_npy_write(const double *values, size_t count, size_t rows, struct gsp_buffer *out);
/* Reads a npy of floats or integers into doubles; shape[0..1], a vector has shape[1] = 1. The caller frees *values. */
int gsp_npy_read(const struct gsp_file *file, double **values, size_t shape[2], struct gsp_error *error);

/* ---- objectives: f_i(x), mean over the rows plus (l2 / 2) |x|^2 ---- */

#define GSP_CLASSES_MAX 1000000

struct gsp_objective;

enum { GSP_OBJECTIVE_PARAMETERS = 4 };

#define GSP_WORKER_DIMENSION_MAX 1000000000.0
enum gsp_mlp_loss { GSP_MLP_AUTO, GSP_MLP_SOFTMAX, GSP_MLP_SQUARES };

/* A kind of objective and its parameters, in the order of the kind's table. */
struct gsp_objective_choice {
    const struct gsp_kind *kind; /* of gsp_objective_kinds */
    double parameter[GSP_OBJECTIVE_PARAMETERS];
    size_t dimension;     /* of a worker's model; 0: as the workers say */
    size_t hidden;        /* units of mlp */
    int activation, loss; /* of mlp; loss: enum gsp_mlp_loss, of which auto is as softmax until it is resolved */
};
/* All kinds, ending with NULL. */
const struct gsp_kind *const *gsp_objective_kinds(void);
/* It is what a worker computes: no rows are for it, and of the functions below gsp_objective_dimension alone. */
bool gsp_objective_of_worker(const struct gsp_objective_choice *choice);
/* Reads the setting `objective`, as gsp_kind_usage of these kinds tells. GSP_ERR_CONFIG with a suggestion; *out is then
 * unchanged. */
int gsp_objective_parse(struct gsp_objective_choice *out, const char *text, struct gsp_error *error);

/* Whether targets are class labels, whole numbers from 0 on. */
bool gsp_objective_takes_labels(const struct gsp_objective_choice *choice);
/* Whether it has as many outputs as there are classes: the setting `classes` then counts, and may not stay at auto. */
bool gsp_objective_takes_classes(const struct gsp_objective_choice *choice);
/* Whether targets of which this is known (struct gsp_dataset) will do. `classes` 0: any number of them. `whose` are
 * they, for messages: "n002". GSP_ERR_DATA. */
int gsp_objective_check_labels(const struct gsp_objective_choice *choice, size_t classes, const char *whose,
                               bool targets_whole, double target_max, struct gsp_error *error);

/* What an objective asks of the other settings of a run, which is known before any data are. Resolves init=auto: zeros,
 * or where it cannot be trained from there, normal-same. GSP_ERR_CONFIG for init=zeros there, for eta=auto where no
 * smoothness constant is known, and for init=worker where no worker computes. */
int gsp_objective_settings(const struct gsp_objective_choice *choice, struct gsp_settings *settings,
                           struct gsp_error *error);

/* Resolves what the choice leaves to the targets, of which this is known of all nodes (mlp: its loss), there and in
 * settings->objective. GSP_ERR_CONFIG where the text is too long. */
int gsp_objective_resolve(struct gsp_objective_choice *choice, struct gsp_settings *settings, bool targets_whole,
                          struct gsp_error *error);
/* From x ~ N(0, 1/d) (init=normal, normal-same) to where this objective begins: for mlp weights ~ N(0, 1/fan-in) and
 * biases of 0, for all others x as it is. */
void gsp_objective_scale(const struct gsp_objective_choice *choice, size_t classes, size_t d, double *x);
/* Columns of the data of d parameters; 0: there are none such. */
size_t gsp_objective_columns(const struct gsp_objective_choice *choice, size_t classes, size_t d);

struct gsp_objective_config {
    struct gsp_objective_choice choice;
    size_t classes; /* where the objective takes classes */
    double l2;
    double mean_rows; /* of struct gsp_settings: the gradient is this data set's share, rows / mean_rows of it; 0: all
                         of it */
    size_t batch; /* 0: all rows; else that many rows a gradient, drawn with the stream (seed, node, "batch", round) */
    uint64_t seed;
    const char *node; /* the name whose stream draws the batch; copied */
};

/* d for these data and settings. */
size_t gsp_objective_dimension(const struct gsp_dataset *data, const struct gsp_objective_choice *choice,
                               size_t classes);
/* Bytes that an objective of these takes besides the data, about; a real, since no integer type is sure to hold it. */
double gsp_objective_memory(const struct gsp_dataset *data, const struct gsp_objective_choice *choice, size_t classes);
/* Borrows `data`. GSP_ERR_DATA if its targets do not fit (labels out of range, not whole), saying which row. */
int gsp_objective_new(struct gsp_objective **out, const struct gsp_dataset *data,
                      const struct gsp_objective_config *config, struct gsp_error *error);
void gsp_objective_free(struct gsp_objective *objective);
/* What it was made of. */
const struct gsp_objective_choice *gsp_objective_chosen(const struct gsp_objective *objective);
/* gradient <- grad f(x) of round `round` (>= 1), times rows / mean_rows where that is set, *loss <- f(x) over the same
 * rows. The result depends on the data, the settings and x alone, to the last bit, not on the processor or on where
 * they lie in memory. Touches only the objective's own scratch: one call at a time an objective. */
void gsp_objective_gradient(struct gsp_objective *objective, uint64_t round, const double *x, double *gradient,
                            double *loss);
/* f(x) over all rows. */
double gsp_objective_loss(struct gsp_objective *objective, const double *x);
/* Over other data, which must have the same columns: the test metric. Accuracy in [0,1], or the mean squared error. NaN
 * without memory. */
double gsp_objective_metric(struct gsp_objective *objective, const struct gsp_dataset *data, const double *x);
bool gsp_objective_metric_is_accuracy(const struct gsp_objective_choice *choice);
/* L, an upper bound of the curvature: a multiple of lambda, from gsp_lambda_max, plus l2 (doc/algorithm.md). */
double gsp_smoothness(const struct gsp_objective_choice *choice, double lambda_max, double l2);
/* The greatest eigenvalue of A^T A / m by power iteration from a fixed start, which keeps all iterates (Lanczos): at
 * most 100 readings of A, about 20. Slightly conservative: from 0.5 % below to 0.5 % above the truth on the spectra
 * tried. NaN without memory. */
double gsp_lambda_max(const struct gsp_dataset *data);

/* ---- what settings left at auto become, from what is known of all nodes' data ---- */

/* eta, from the greatest lambda_max of all nodes: 1/L; where less than L is known to do, as for softmax, 1 over that.
 */
double gsp_eta_auto(const struct gsp_objective_choice *choice, size_t classes, double greatest_lambda, double l2);
/* What a node of so many rows counts in a run of these settings: 1, or rows / mean_rows. */
double gsp_weight(const struct gsp_settings *settings, double rows);
/* weight=auto and weight=rows, from the number of all nodes' rows. For objectives over rows; a worker's counts as a
 * node (gsp_objective_settings). */
void gsp_weight_resolve(struct gsp_settings *settings, double rows, size_t nodes);
/* `classes`, from the greatest label of all nodes, whether all are whole (struct gsp_dataset), and the number of all
 * rows. */
int gsp_classes_auto(size_t *classes, const struct gsp_objective_choice *choice, double target_max, bool targets_whole,
                     double rows, struct gsp_error *error);

#endif
