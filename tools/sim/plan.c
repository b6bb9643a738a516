/* What a run is to do: the network, the shards, and settings of which nothing is left at auto. */
#include "workers.h"

#include "daemon/files.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int load_graph(struct plan *plan, struct gsp_error *error)
{
    const struct run_options *options = plan->options;
    if (!options->peers)
        return gsp_graph_topology(&plan->graph, options->topology, options->nodes, options->weights, error);
    struct gsp_problems problems = {0};
    int rc = common_load_network(&plan->network, &plan->graph, options->peers, &problems);
    if (rc) common_say_problems(&problems);
    gsp_problems_clear(&problems);
    return rc ? gsp_error_set(error, GSP_ERR_CONFIG, "%s can't be used", options->peers) : 0;
}

static int resolve_classes(struct plan *plan, const struct gsp_dataset *train, struct gsp_error *error)
{
    const struct gsp_objective_choice *choice = &plan->objective;
    size_t classes;
    if (!gsp_objective_takes_classes(choice) || plan->settings.classes) return 0;
    int rc = gsp_classes_auto(&classes, choice, train->target_max, train->targets_whole, (double)train->rows, error);
    if (!rc) plan->settings.classes = classes;
    return rc;
}

static int cut(struct plan *plan, struct gsp_dataset **train, struct gsp_error *error)
{
    size_t count = plan->graph->count, rows = (*train)->rows;
    if (rows < count)
        return gsp_error_set(error, GSP_ERR_DATA, "%zu rows can't be shared by %zu nodes: each needs at least one",
                             rows, count);
    size_t *first = gsp_alloc(count + 1, sizeof *first);
    if (!first) return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < count; i++) gsp_shard_range(rows, count, i, &first[i], &first[i + 1]);
    int rc = shards_cut(&plan->shards, train, count, first, error);
    free(first);
    return rc;
}

static int load_data(struct plan *plan, struct gsp_error *error)
{
    struct common_data data;
    const struct gsp_settings *settings = &plan->settings;
    int rc = common_data_load(&data, plan->options->data, plan->options->sort_labels, true, error);
    if (rc) return rc;
    plan->test = data.test;
    data.test = NULL;
    if (data.train->schema && gsp_dataset_describe(data.train, data.bias, &plan->about))
        rc = gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    if (!rc) rc = gsp_objective_resolve(&plan->objective, &plan->settings, data.train->targets_whole, error);
    if (!rc) rc = resolve_classes(plan, data.train, error);
    if (!rc) rc = cut(plan, &data.train, error);
    if (!rc) gsp_weight_resolve(&plan->settings, (double)plan->shards.rows, plan->shards.count);
    common_data_clear(&data);
    if (rc) return rc;
    plan->dimension = gsp_objective_dimension(plan->shards.data[0], &plan->objective, (size_t)settings->classes);
    const struct gsp_objective_config config = {.choice = plan->objective,
                                                .classes = (size_t)settings->classes,
                                                .l2 = settings->l2,
                                                .mean_rows = settings->mean_rows,
                                                .batch = (size_t)settings->batch,
                                                .seed = settings->seed};
    return shards_objectives(&plan->shards, plan->graph, &config, error);
}

static int load_workers(struct plan *plan, const volatile bool *interrupted, struct gsp_error *error)
{
    int rc = workers_start(&plan->workers, plan->graph, plan->options->worker, interrupted, error);
    if (!rc) rc = workers_resolve(plan->workers, &plan->objective, &plan->settings, error);
    plan->dimension = plan->objective.dimension;
    return rc;
}

double plan_weight(const struct plan *plan, size_t i)
{
    return plan->workers ? 1 : gsp_weight(&plan->settings, (double)plan->shards.data[i]->rows);
}

static int resolve_eta(struct plan *plan, const volatile bool *interrupted, struct gsp_error *error)
{
    double greatest = 0, share = 0;
    if (!plan->settings.eta_auto) return 0;
    for (size_t i = 0; i < plan->shards.count && !*interrupted; i++) {
        double lambda = gsp_lambda_max(plan->shards.data[i]);
        if (!isfinite(lambda))
            return gsp_error_set(error, GSP_ERR_DATA,
                                 "eta=auto: the numbers in the shard of %s are too large to square; scale the columns",
                                 plan->graph->names[i]);
        greatest = fmax(greatest, plan_weight(plan, i) * lambda);
        share = fmax(share, plan_weight(plan, i));
    }
    plan->settings.eta =
        gsp_eta_auto(&plan->objective, (size_t)plan->settings.classes, greatest, share * plan->settings.l2);
    plan->settings.eta_auto = false;
    return 0;
}

static int resolve_gamma(struct plan *plan, const volatile bool *interrupted, struct gsp_error *error)
{
    if (!plan->settings.gamma_auto) return 0;
    plan->settings.gamma = 1;
    plan->settings.gamma_auto = false;
    if (plan->graph->count == 1 || !plan->settings.gossip_steps) return 0; /* nobody to mix with */
    return gsp_gamma_calibrate(&plan->settings.gamma, plan->graph, &plan->options->compressor, plan->dimension,
                               plan->settings.seed, interrupted, error);
}

/* init=file: one vector, where all nodes begin, or a row for each, as --dump writes it. */
static int load_start(struct plan *plan, struct gsp_error *error)
{
    const char *path = plan->settings.init_file;
    struct file_map map;
    size_t shape[2];
    int rc = file_map(&map, path, error);
    if (rc) return GSP_ERR_DATA; /* whatever keeps it from being read */
    const struct gsp_file file = {path, map.bytes, map.length};
    rc = gsp_npy_read(&file, &plan->start, shape, error);
    file_unmap(&map);
    if (rc) return rc;
    size_t nodes = plan->graph->count;
    plan->start_each = shape[0] == nodes && shape[1] == plan->dimension;
    bool one_vector = (shape[0] == 1 || shape[1] == 1) && shape[0] * shape[1] == plan->dimension;
    if (plan->start_each || one_vector) return 0;
    return gsp_error_set(error, GSP_ERR_DATA, "%s: %zu x %zu numbers, but the model has %zu parameters, at %zu nodes",
                         path, shape[0], shape[1], plan->dimension, nodes);
}

const double *plan_start(void *context, size_t node)
{
    struct plan *plan = context;
    if (plan->settings.init == GSP_INIT_WORKER) return workers_point(plan->workers, node);
    if (plan->start) return plan->start + (plan->start_each ? node * plan->dimension : 0);
    gsp_initial_point(plan->start_buffer, plan->dimension, plan->settings.init, plan->settings.seed,
                      plan->graph->names[node]);
    if (plan->settings.init == GSP_INIT_NORMAL || plan->settings.init == GSP_INIT_NORMAL_SAME)
        gsp_objective_scale(&plan->objective, (size_t)plan->settings.classes, plan->dimension, plan->start_buffer);
    return plan->start_buffer;
}

int plan_make(struct plan *plan, const struct run_options *options, const volatile bool *interrupted,
              struct gsp_error *error)
{
    *plan = (struct plan){.options = options, .settings = options->settings, .objective = options->objective};
    int rc = load_graph(plan, error);
    if (!rc) rc = options->worker ? load_workers(plan, interrupted, error) : load_data(plan, error);
    if (!rc && !(plan->start_buffer = gsp_vector(plan->dimension)))
        rc = gsp_error_set(error, GSP_ERR_NOMEM, "no memory for %zu parameters", plan->dimension);
    if (!rc && plan->settings.init == GSP_INIT_FILE) rc = load_start(plan, error);
    if (!rc) rc = resolve_eta(plan, interrupted, error);
    if (!rc && !*interrupted) rc = resolve_gamma(plan, interrupted, error);
    if (!rc && !*interrupted && plan->workers) rc = workers_begin(plan->workers, &plan->settings, error);
    if (*interrupted) rc = gsp_error_set(error, GSP_ERR_STATE, "interrupted before the first round");
    if (rc) plan_clear(plan);
    return rc;
}

void plan_clear(struct plan *plan)
{
    workers_end(plan->workers); /* before the names of the graph */
    shards_clear(&plan->shards);
    gsp_dataset_free(plan->test);
    gsp_graph_free(plan->graph);
    gsp_network_free(plan->network);
    gsp_buffer_clear(&plan->about);
    free(plan->start);
    free(plan->start_buffer);
    *plan = (struct plan){0};
}
