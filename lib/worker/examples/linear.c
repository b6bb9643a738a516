/* Least squares by a worker in C: f(x) = mean of (a^T x - b)^2 / 2 over batches of rows drawn anew each step.
 *
 *     cc -o linear linear.c $(pkg-config --cflags --libs libgossip-worker)
 *     [Worker]
 *     Command = ./linear --shard shard.csv
 *
 * The shard's lines are numbers with commas in between, the last of which is b; a 1 is added to each row. */
#include <gossip/worker.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 32 };

struct shard {
    size_t rows, columns; /* with the 1 */
    double *a, *b;        /* rows * columns; rows */
};

static size_t count_numbers(const char *line)
{
    size_t count = 1;
    for (; *line; line++) count += *line == ',';
    return count;
}

/* False: a line that is not like the first, or no memory. */
static bool add_row(struct shard *shard, const char *line)
{
    size_t n = shard->columns;
    double *a = realloc(shard->a, (shard->rows + 1) * n * sizeof *a);
    if (a) shard->a = a;
    double *b = realloc(shard->b, (shard->rows + 1) * sizeof *b);
    if (b) shard->b = b;
    if (!a || !b) return false;
    a += shard->rows * n;
    for (size_t j = 0; j < n; j++) {
        char *end;
        double value = strtod(line, &end);
        if (end == line || (j + 1 < n && *end != ',')) return false;
        line = end + 1;
        if (j + 1 < n)
            a[j] = value;
        else
            b[shard->rows] = value;
    }
    a[n - 1] = 1;
    shard->rows++;
    return true;
}

static bool read_shard(struct shard *shard, const char *path)
{
    static char line[1 << 16];
    FILE *file = fopen(path, "re");
    bool good = file != NULL;
    while (good && fgets(line, sizeof line, file)) {
        if (!shard->rows) shard->columns = count_numbers(line);
        good = add_row(shard, line);
    }
    if (file) fclose(file);
    return good && shard->rows > 0;
}

/* a^T x - b of one row. */
static double residual(const struct shard *shard, size_t row, const double *x)
{
    double sum = -shard->b[row];
    for (size_t j = 0; j < shard->columns; j++) sum += shard->a[row * shard->columns + j] * x[j];
    return sum;
}

static int evaluate(void *context, struct gsp_worker *worker, const void *x)
{
    const struct shard *shard = context;
    double sum = 0;
    for (size_t i = 0; i < shard->rows; i++) sum += pow(residual(shard, i, x), 2) / 2;
    return gsp_worker_metric(worker, "loss", sum / (double)shard->rows);
}

/* Fills g at x; returns the batch's loss. */
static double gradient(struct gsp_worker *worker, const struct shard *shard, const double *x, double *g)
{
    double loss = 0;
    memset(g, 0, shard->columns * sizeof *g);
    for (int k = 0; k < BATCH; k++) {
        size_t row = (size_t)gsp_worker_below(worker, shard->rows);
        double r = residual(shard, row, x);
        loss += r * r / 2 / BATCH;
        for (size_t j = 0; j < shard->columns; j++) g[j] += r * shard->a[row * shard->columns + j] / BATCH;
    }
    return loss;
}

/* Computes steps until the daemon ends. */
static int work(struct shard *shard)
{
    struct gsp_worker *worker = NULL;
    struct gsp_worker_step step;
    struct gsp_worker_error error;
    struct gsp_worker_model model = {.name = "linear",
                                     .dimension = shard->columns,
                                     .dtype = GSP_WORKER_F64,
                                     .rows = shard->rows,
                                     .context = shard,
                                     .evaluate = evaluate};
    int rc = gsp_worker_open(&worker, &model, &error);
    while (!rc && (rc = gsp_worker_next(worker, &step, &error)) == 1) {
        double loss = gradient(worker, shard, step.x, step.gradient);
        rc = gsp_worker_gradient(worker, step.gradient, loss, BATCH, &error);
    }
    if (rc) fprintf(stderr, "linear: %s\n", error.message);
    gsp_worker_close(worker);
    return rc ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct shard shard = {0};
    int code = 1;
    if (argc != 3 || strcmp(argv[1], "--shard") != 0) {
        fprintf(stderr, "usage: linear --shard FILE.csv\n");
        return 64;
    }
    if (read_shard(&shard, argv[2]))
        code = work(&shard);
    else
        fprintf(stderr, "%s: line %zu can't be read as the numbers of the first one\n", argv[2], shard.rows + 1);
    free(shard.a);
    free(shard.b);
    return code;
}
