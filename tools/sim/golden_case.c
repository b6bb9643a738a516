/* Reading a golden case. */
#include "golden_case.h"

#include "daemon/files.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void path_in(char *path, size_t size, const char *folder, const char *name)
{
    snprintf(path, size, "%s/%s", folder, name);
}

static int open_file(struct file_map *map, const char *path, struct gsp_error *error)
{
    struct gsp_error reason;
    int rc = file_map(map, path, &reason);
    if (!rc) return 0;
    bool elsewhere = access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
    return gsp_error_set(error, rc, "%s%s", reason.message,
                         elsewhere ? ": give the folder of a case (tests/golden/README.md tells its files)" : "");
}

/* An npy file that must hold `rows` rows and `count` numbers in all. */
static int load_array(double **values, const char *folder, const char *name, size_t rows, size_t count,
                      struct gsp_error *error)
{
    char path[4096];
    struct file_map map;
    size_t shape[2];
    path_in(path, sizeof path, folder, name);
    int rc = open_file(&map, path, error);
    if (rc) return rc;
    const struct gsp_file file = {path, map.bytes, map.length};
    rc = gsp_npy_read(&file, values, shape, error);
    file_unmap(&map);
    if (!rc && (shape[0] != rows || shape[0] * shape[1] != count)) {
        free(*values);
        *values = NULL;
        rc = gsp_error_set(error, GSP_ERR_DATA, "%s: %zu rows of %zu numbers where %zu of %zu are needed", path,
                           shape[0], shape[1], rows, count / rows);
    }
    return rc;
}

static int load_json(json_t **out, const char *folder, const char *name, struct gsp_error *error)
{
    char path[4096];
    struct file_map map;
    json_error_t reason;
    path_in(path, sizeof path, folder, name);
    int rc = open_file(&map, path, error);
    if (rc) return rc;
    *out = json_loadb((const char *)map.bytes, map.length, JSON_REJECT_DUPLICATES, &reason);
    file_unmap(&map);
    if (*out) return 0;
    return gsp_error_set(error, GSP_ERR_DATA, "%s:%d: %s", path, reason.line, reason.text);
}

/* A value as it is written, cut where it is long. */
static void excerpt(char *out, size_t size, const json_t *value)
{
    const size_t flags = JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15);
    memset(out, 0, size);
    if (!value) {
        snprintf(out, size, "missing");
    } else if (json_dumpb(value, out, size - 4, flags) > size - 4) { /* it left out what does not fit */
        memcpy(out + strlen(out), "...", 4);
    }
}

/* ---- params.json ---- */

static int unusable(const json_t *params, const char *key, const char *needed, struct gsp_error *error)
{
    char text[64];
    excerpt(text, sizeof text, json_object_get(params, key));
    return gsp_error_set(error, GSP_ERR_DATA, "params.json: %s is %s; it must be %s", key, text, needed);
}

static int read_number(double *out, const json_t *params, const char *key, struct gsp_error *error)
{
    const json_t *value = json_object_get(params, key);
    if (!json_is_number(value)) return unusable(params, key, "a number, such as 0.1", error);
    *out = json_number_value(value);
    return 0;
}

/* An integer from 1 to `most`; `why` tells where that comes from. */
static int read_count(size_t *out, const json_t *params, const char *key, size_t most, const char *why,
                      struct gsp_error *error)
{
    char needed[64];
    const json_t *value = json_object_get(params, key);
    if (json_is_integer(value) && json_integer_value(value) >= 1 && (uint64_t)json_integer_value(value) <= most) {
        *out = (size_t)json_integer_value(value);
        return 0;
    }
    snprintf(needed, sizeof needed, "an integer from 1 to %zu%s", most, why);
    return unusable(params, key, needed, error);
}

static int read_compressor(struct golden_case *golden, const json_t *params, struct gsp_error *error)
{
    const char *name = json_string_value(json_object_get(params, "compressor"));
    struct gsp_compressor *compressor = &golden->compressor;
    size_t kept = 0;
    int rc = 0;
    compressor->values = GSP_F64;
    if (name && !strcmp(name, "full")) {
        compressor->kind = gsp_kind_find(gsp_compressor_kinds(), "none");
    } else if (name && !strcmp(name, "top")) {
        compressor->kind = gsp_kind_find(gsp_compressor_kinds(), "topk");
        rc = read_count(&kept, params, "k", golden->dimension, ", which is d", error);
        compressor->fraction = (double)kept / (double)golden->dimension;
    } else if (name && !strcmp(name, "qsgd")) {
        compressor->kind = gsp_kind_find(gsp_compressor_kinds(), "qsgd");
        rc = read_count(&compressor->bits, params, "bits", GOLDEN_BITS_MAX, "", error);
        golden->draws = true;
    } else {
        rc = unusable(params, "compressor", "full, top or qsgd", error);
    }
    return rc;
}

static int read_task(struct golden_case *golden, const json_t *params, struct gsp_error *error)
{
    static const char *const tasks[] = {"linear", "logistic", "relu"}; /* the authors'; ours have the same names */
    const char *task = json_string_value(json_object_get(params, "task"));
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++)
        if (task && strcmp(task, tasks[i]) == 0) return gsp_objective_parse(&golden->objective, task, error);
    return unusable(params, "task", "linear, logistic or relu", error);
}

static int read_params(struct golden_case *golden, const json_t *params, struct gsp_error *error)
{
    int rc = read_count(&golden->count, params, "n", GSP_NODES_MAX, "", error);
    if (!rc) rc = read_count(&golden->dimension, params, "d", GOLDEN_MOST, "", error);
    if (!rc) rc = read_count(&golden->iterations, params, "iterations", GOLDEN_MOST, "", error);
    if (!rc) rc = read_count(&golden->gossip_steps, params, "Q", GOLDEN_MOST, "", error);
    if (!rc) rc = read_number(&golden->eta, params, "eta", error);
    if (!rc) rc = read_number(&golden->gamma, params, "gamma", error);
    if (!rc) rc = read_number(&golden->l2, params, "reg", error);
    if (!rc) rc = read_task(golden, params, error);
    return rc ? rc : read_compressor(golden, params, error);
}

/* ---- W.npy ---- */

/* The mixing matrix as recorded, not as our own topologies would make it. */
static int make_graph(struct golden_case *golden, const double *w, struct gsp_error *error)
{
    size_t n = golden->count, edges = 0;
    struct gsp_graph *graph = golden->graph = gsp_alloc(1, sizeof *graph);
    if (!graph) return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    graph->count = n;
    graph->names = gsp_alloc(n, sizeof *graph->names);
    graph->first = gsp_alloc(n + 1, sizeof *graph->first);
    graph->neighbour = gsp_alloc(n * n, sizeof *graph->neighbour);
    graph->weight = gsp_alloc(n * n, sizeof *graph->weight);
    graph->self_weight = gsp_alloc(n, sizeof *graph->self_weight);
    if (!graph->names || !graph->first || !graph->neighbour || !graph->weight || !graph->self_weight)
        return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        snprintf(graph->names[i], sizeof *graph->names, "n%04zu", i + 1);
        graph->first[i] = edges;
        graph->self_weight[i] = w[i * n + i];
        for (size_t j = 0; j < n; j++) {
            if (j == i || w[i * n + j] == 0) continue;
            graph->neighbour[edges] = (uint32_t)j;
            graph->weight[edges++] = w[i * n + j];
        }
    }
    graph->first[n] = edges;
    return 0;
}

/* ---- A.npy, y.npy, partition.json ---- */

/* Gradients are computed in the data's precision, but numpy computes float32 or integer rows times a float64 x in
 * float64. Both hold the same numbers. */
static int widen(struct gsp_dataset *data, struct gsp_error *error)
{
    if (data->dtype == GSP_FLOAT64) return 0;
    const float *narrow = data->features;
    double *wide = gsp_vector(data->rows * data->columns);
    if (!wide) return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for %zu rows in float64", data->rows);
    for (size_t i = 0; i < data->rows * data->columns; i++) wide[i] = narrow[i];
    free(data->features);
    data->features = wide;
    data->dtype = GSP_FLOAT64;
    return 0;
}

static int load_data(struct gsp_dataset **out, const char *folder, struct gsp_error *error)
{
    char features_path[4096], targets_path[4096];
    struct file_map features_map = {0}, targets_map = {0};
    const struct gsp_data_options options = {0};
    path_in(features_path, sizeof features_path, folder, "A.npy");
    path_in(targets_path, sizeof targets_path, folder, "y.npy");
    int rc = open_file(&features_map, features_path, error);
    if (!rc) rc = open_file(&targets_map, targets_path, error);
    if (!rc) {
        const struct gsp_file features = {features_path, features_map.bytes, features_map.length},
                              targets = {targets_path, targets_map.bytes, targets_map.length};
        rc = gsp_dataset_read(out, &features, &targets, &options, error);
    }
    file_unmap(&features_map);
    file_unmap(&targets_map);
    return rc;
}

/* Whether it is [begin, end] with end from `least` to `most`. */
static bool is_range(const json_t *range, size_t begin, size_t least, size_t most)
{
    const json_t *from = json_array_get(range, 0), *to = json_array_get(range, 1);
    json_int_t end = json_integer_value(to);
    return json_array_size(range) == 2 && json_is_integer(from) && json_integer_value(from) == (json_int_t)begin &&
           json_is_integer(to) && end >= (json_int_t)least && end <= (json_int_t)most;
}

static int not_a_range(const json_t *range, size_t node, size_t begin, size_t least, size_t most,
                       struct gsp_error *error)
{
    char text[64], end[64];
    excerpt(text, sizeof text, range);
    if (least < most)
        snprintf(end, sizeof end, "from %zu to %zu", least, most);
    else
        snprintf(end, sizeof end, "at %zu", most);
    return gsp_error_set(
        error, GSP_ERR_DATA,
        "partition.json: the rows of node %zu are %s; they must begin at %zu and end %s, so that every "
        "row of A.npy is one node's",
        node, text, begin, end);
}

/* Where each node's rows begin: first[0] = 0, ..., first[count] = rows. Every node has at least one. */
static int read_ranges(size_t *first, size_t count, size_t rows, const json_t *ranges, struct gsp_error *error)
{
    if (json_array_size(ranges) != count)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "partition.json: rows has %zu ranges, but params.json n=%zu: give each node one",
                             json_array_size(ranges), count);
    if (rows < count)
        return gsp_error_set(error, GSP_ERR_DATA, "A.npy has %zu rows, too few for the %zu nodes of params.json", rows,
                             count);
    for (size_t i = 0; i < count; i++) {
        const json_t *range = json_array_get(ranges, i);
        size_t after = count - 1 - i, least = after ? first[i] + 1 : rows, most = rows - after;
        if (is_range(range, first[i], least, most)) {
            first[i + 1] = (size_t)json_integer_value(json_array_get(range, 1));
            continue;
        }
        return not_a_range(range, i + 1, first[i], least, most, error);
    }
    return 0;
}

static int cut(struct golden_case *golden, struct gsp_dataset **data, const json_t *partition, struct gsp_error *error)
{
    size_t *first = gsp_alloc(golden->count + 1, sizeof *first);
    if (!first) return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    int rc = read_ranges(first, golden->count, (*data)->rows, json_object_get(partition, "rows"), error);
    if (!rc) rc = shards_cut(&golden->shards, data, golden->count, first, error);
    free(first);
    return rc;
}

static int load_shards(struct golden_case *golden, const char *folder, struct gsp_error *error)
{
    struct gsp_dataset *data = NULL;
    json_t *partition = NULL;
    const struct gsp_objective_config config = {.choice = golden->objective, .l2 = golden->l2};
    int rc = load_data(&data, folder, error);
    if (!rc) rc = widen(data, error);
    if (!rc && data->columns != golden->dimension)
        rc = gsp_error_set(error, GSP_ERR_DATA, "A.npy has %zu columns, but params.json d=%zu", data->columns,
                           golden->dimension);
    if (!rc) rc = load_json(&partition, folder, "partition.json", error);
    if (!rc) rc = cut(golden, &data, partition, error);
    if (!rc) rc = shards_objectives(&golden->shards, golden->graph, &config, error);
    json_decref(partition);
    gsp_dataset_free(data);
    return rc;
}

/* ---- unif.npy ---- */

/* Outside [0, 1) qsgd would round to a level that it does not have. */
static int check_uniforms(const struct golden_case *golden, size_t draws, struct gsp_error *error)
{
    size_t d = golden->dimension, row = golden->count * d;
    for (size_t i = 0; i < draws * row; i++) {
        double uniform = golden->uniforms[i];
        if (uniform >= 0 && uniform < 1) continue;
        return gsp_error_set(error, GSP_ERR_DATA,
                             "unif.npy[%zu, %zu, %zu] is %.17g; it must be in [0, 1): record what numpy.random.random "
                             "drew",
                             i / row, i % row / d, i % d, uniform);
    }
    return 0;
}

int golden_case_load(struct golden_case *out, const char *folder, struct gsp_error *error)
{
    struct golden_case golden = {0};
    double *w = NULL;
    json_t *params = NULL;
    int rc = load_json(&params, folder, "params.json", error);
    if (!rc) rc = read_params(&golden, params, error);
    json_decref(params);
    size_t n = golden.count, whole = n * golden.dimension, steps = golden.iterations + 1;
    if (!rc) rc = load_array(&w, folder, "W.npy", n, n * n, error);
    if (!rc) rc = make_graph(&golden, w, error);
    free(w);
    if (!rc) rc = load_shards(&golden, folder, error);
    if (!rc) rc = load_array(&golden.x0, folder, "x0.npy", n, whole, error);
    if (!rc) rc = load_array(&golden.trajectory, folder, "trajectory.npy", steps, steps * whole, error);
    if (!rc) rc = load_array(&golden.z, folder, "Z.npy", n, whole, error);
    if (!rc) rc = load_array(&golden.s, folder, "S.npy", n, whole, error);
    if (!rc) rc = load_array(&golden.loss, folder, "loss.npy", steps, steps, error);
    if (!rc && golden.draws) {
        size_t draws = golden.iterations * golden.gossip_steps;
        rc = load_array(&golden.uniforms, folder, "unif.npy", draws, draws * whole, error);
        if (!rc) rc = check_uniforms(&golden, draws, error);
    }
    if (rc)
        golden_case_clear(&golden);
    else
        *out = golden;
    return rc;
}

void golden_case_clear(struct golden_case *golden)
{
    shards_clear(&golden->shards);
    gsp_graph_free(golden->graph);
    free(golden->trajectory);
    free(golden->z);
    free(golden->s);
    free(golden->x0);
    free(golden->loss);
    free(golden->uniforms);
    *golden = (struct golden_case){0};
}
