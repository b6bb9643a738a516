/* A run's beginning: the settings that were flooded, the problem posed, its initial point and its node. */
#include "run/inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- settings ---- */

/* Whether a file is there shows in the reason of a run that fails, and x0 reaches the neighbours. The driver keeps to
 * the folders that are laid out for gossipd; here what no parameters are kept in is refused at once. */
int gsp__init_file_check(const struct gsp_settings *settings, struct gsp_error *error)
{
    static const char ending[] = ".npy";
    const char *name = settings->init_file;
    size_t length = strlen(name);
    if (settings->init != GSP_INIT_FILE) return 0;
    if (length > strlen(ending) && strcmp(name + length - strlen(ending), ending) == 0) return 0;
    return gsp_error_set(error, GSP_ERR_CONFIG,
                         "init=file:%s: must be a .npy file in the folder of gossipd.conf or peers.conf", name);
}

int gsp__run_settings(const struct gsp__runs *runs, struct gsp_settings *settings, struct gsp_error *error)
{
    int rc = gsp_settings_parse(settings, runs->state.settings, error);
    if (rc) return rc;
    const char *open = settings->gossip_steps == 0 ? "gossip_steps is 0"
                       : settings->eta_auto        ? "eta is not resolved"
                       : settings->gamma_auto      ? "gamma is not resolved"
                                                   : NULL;
    if (open) return gsp_error_set(error, GSP_ERR_CONFIG, "%s", open);
    rc = runs->problem->type->check(runs->problem, settings, error);
    if (!rc) rc = gsp__init_file_check(settings, error);
    return rc ? rc : gsp__run_memory_check(runs, settings, error);
}

/* ---- the initial point ---- */

/* The longest file that can hold a row of d values for each node, with what npy needs besides. */
static size_t file_limit(const struct gsp__runs *runs)
{
    const struct gsp_settings *settings = &runs->run->settings;
    size_t d = runs->problem->type->dimension(runs->problem, settings), limit;
    const size_t header = 65536;
    if (__builtin_mul_overflow(d, sizeof(double) * runs->host->place.network->count, &limit)) limit = SIZE_MAX - header;
    if (runs->memory_limit && limit > runs->memory_limit / 3) limit = runs->memory_limit / 3;
    return limit + header;
}

void gsp__run_read_file(struct gsp__runs *runs)
{
    struct gsp_action *action = gsp__action_add(runs->host, GSP_ACTION_READ);
    if (!action) {
        gsp__run_fail(runs, "no memory");
        return;
    }
    snprintf(action->path, sizeof action->path, "%s", runs->run->settings.init_file);
    action->length = file_limit(runs);
    runs->run->file.awaited = true;
}

void gsp__runs_file(struct gsp__runs *runs, const char *path, const uint8_t *bytes, size_t length, const char *failure)
{
    struct gsp__run *run = runs->run;
    struct gsp_error error = {0};
    const struct gsp_file file = {.name = path, .bytes = bytes, .length = length};
    if (!run || !run->file.awaited || strcmp(path, run->settings.init_file) != 0) return;
    run->file.awaited = false;
    if (failure)
        gsp__run_fail(runs, "init=file:%s: %s", path, failure);
    else if (gsp_npy_read(&file, &run->file.values, run->file.shape, &error))
        gsp__run_fail(runs, "init=file: %s", error.message);
}

/* x0 from the file: (d), the same for all, or (n, d), a row for each node. */
static const double *point_from_file(const struct gsp__runs *runs, const struct gsp__run *run, struct gsp_error *error)
{
    size_t n = runs->host->place.network->count;
    const size_t *shape = run->file.shape;
    if (shape[0] == n && shape[1] == run->d) return run->file.values + runs->host->place.self * run->d;
    if ((shape[0] == 1 || shape[1] == 1) && shape[0] * shape[1] == run->d) return run->file.values;
    gsp_error_set(error, GSP_ERR_DATA, "init=file:%s holds %zu x %zu values; this run needs %zu, or %zu x %zu",
                  run->settings.init_file, shape[0], shape[1], run->d, n, run->d);
    return NULL;
}

static int initial_point(const struct gsp__runs *runs, const struct gsp__run *run, double *x, struct gsp_error *error)
{
    const double *from = NULL;
    switch (run->settings.init) {
    case GSP_INIT_LAST:
        if (!runs->last.of.run.epoch || runs->last.of.d != run->d)
            return gsp_error_set(error, GSP_ERR_STATE, "init=last, but no run has left an x of dimension %zu here",
                                 run->d);
        from = runs->last.x;
        break;
    case GSP_INIT_WORKER:
        from = run->file.values;
        if (!from) return gsp_error_set(error, GSP_ERR_CONFIG, "init=worker is for objective=worker alone");
        break;
    case GSP_INIT_FILE:
        from = point_from_file(runs, run, error);
        if (!from) return GSP_ERR_DATA;
        break;
    case GSP_INIT_NORMAL:
    case GSP_INIT_NORMAL_SAME:
        gsp_initial_point(x, run->d, run->settings.init, run->settings.seed, runs->host->place.name);
        if (runs->problem->type->scale) runs->problem->type->scale(runs->problem, &run->settings, x);
        return 0;
    default:
        gsp_initial_point(x, run->d, run->settings.init, run->settings.seed, runs->host->place.name);
        return 0;
    }
    memcpy(x, from, run->d * sizeof *x);
    return 0;
}

/* ---- the node ---- */

int gsp__run_pose(struct gsp__runs *runs, struct gsp__run *run, struct gsp_error *error)
{
    const struct gsp_problem *problem = runs->problem;
    run->d = problem->type->dimension(problem, &run->settings);
    return problem->type->pose(&run->task, problem, &run->settings, runs->host->place.name, error);
}

int gsp__run_node_config(const struct gsp__runs *runs, struct gsp__run *run, struct gsp_node_config *config,
                         struct gsp_error *error)
{
    const struct gsp_settings *settings = &run->settings;
    *config = (struct gsp_node_config){
        .graph = runs->host->place.graph,
        .self = runs->host->place.self,
        .dimension = run->d,
        .gradients = true,
    };
    gsp_node_config_take(config, settings);
    memcpy(config->run_id, run->key.id, sizeof config->run_id);
    int rc = gsp_compressor_parse(&config->compressor, settings->compressor, error);
    if (rc) return rc;
    run->payload_bound = gsp_compressor_bound(&config->compressor, run->d);
    gsp__plan_make(run);
    return 0;
}

static int make_node(struct gsp__runs *runs, struct gsp__run *run, struct gsp_error *error)
{
    struct gsp_node_config config;
    int rc = gsp__run_node_config(runs, run, &config, error);
    if (rc) return rc;
    double *x0 = gsp_vector(run->d);
    rc = x0 ? initial_point(runs, run, x0, error)
            : gsp_error_set(error, GSP_ERR_NOMEM, "no memory for %zu parameters", run->d);
    if (!rc && gsp_node_new(&run->node, &config, x0))
        rc = gsp_error_set(error, GSP_ERR_NOMEM, "no memory for %zu parameters", run->d);
    free(x0);
    return rc;
}

/* The initial point is the worker's, and not there yet. */
static bool begins_elsewhere(const struct gsp__run *run)
{
    return run->settings.init == GSP_INIT_WORKER && gsp__run_asks(run) && !run->file.values;
}

void gsp__run_begin(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    struct gsp_error error = {0};
    assert(run->stage == GSP__RUN_PREPARING && !run->node && !run->file.awaited);
    int rc = run->task ? 0 : gsp__run_pose(runs, run, &error);
    if (!rc && begins_elsewhere(run)) {
        gsp__ask(runs, GSP_ASK_BEGIN, 0);
        return;
    }
    gsp__makers_compare(runs);
    if (!rc) rc = make_node(runs, run, &error);
    free(run->file.values); /* a row for every node, maybe */
    run->file.values = NULL;
    if (rc) {
        gsp__run_fail(runs, "%s", error.message);
        return;
    }
    if (run->restarted) run->replay_until = 1 + run->plan.reach;
    gsp__run_enter(run, GSP__RUN_ACTIVE);
    run->scores.evaluated_at = runs->host->now;
    gsp__history_open(runs);
    gsp__run_allow(runs);
    gsp__run_open(runs);
}
