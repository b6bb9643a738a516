/* A run's beginning: the settings that were flooded, its objective, its initial point and its node. */
#include "session/peer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- settings ---- */

/* What another node floods as resolved settings, and whether this one can run them. */
int gsp__run_settings(const struct gsp_peer *peer, struct gsp_settings *settings, struct gsp_error *error)
{
    struct gsp_objective_choice choice;
    int rc = gsp_settings_parse(settings, peer->state.settings, error);
    if (!rc) rc = gsp_objective_parse(&choice, settings->objective, error);
    if (rc) return rc;
    const char *open = settings->gossip_steps == 0                                      ? "gossip_steps is 0"
                       : settings->eta_auto                                             ? "eta is not resolved"
                       : settings->gamma_auto                                           ? "gamma is not resolved"
                       : gsp_objective_takes_classes(&choice) && settings->classes == 0 ? "classes is not resolved"
                                                                                        : NULL;
    if (open) return gsp_error_set(error, GSP_ERR_CONFIG, "%s", open);
    rc = gsp__init_file_check(settings, error);
    return rc ? rc : gsp__run_memory_check(peer, settings, error);
}

struct gsp__run *gsp__run_new(struct gsp_peer *peer)
{
    struct gsp__run *run = gsp_alloc(1, sizeof *run);
    if (!run) {
        gsp_log(&peer->config.log, GSP_LOG_ERROR, "no memory for run %llu", (unsigned long long)peer->state.run.epoch);
        return NULL;
    }
    run->key = peer->state.run;
    run->begun_at = run->ended_at = run->waiting_since = GSP__NEVER;
    run->loss = run->accuracy = run->first_loss = NAN;
    run->saved = run->durable = 1;
    gsp__bytes_total(peer, &run->sent_before, &run->received_before);
    return run;
}

/* ---- the initial point ---- */

/* The longest file that can hold a row of d values for each node, with what npy needs besides. */
static size_t file_limit(const struct gsp_peer *peer, const struct gsp__run *run)
{
    const struct gsp_settings *settings = &run->settings;
    struct gsp_objective_choice choice;
    size_t d = SIZE_MAX, limit;
    const size_t header = 65536;
    if (!gsp_objective_parse(&choice, settings->objective, NULL)) /* which gsp__run_settings has done before */
        d = gsp_objective_dimension(peer->config.train, &choice, (size_t)settings->classes);
    if (__builtin_mul_overflow(d, sizeof(double) * peer->config.network->count, &limit)) limit = SIZE_MAX - header;
    if (peer->config.memory_limit && limit > peer->config.memory_limit / 3) limit = peer->config.memory_limit / 3;
    return limit + header;
}

void gsp__run_read_file(struct gsp_peer *peer, struct gsp__run *run)
{
    struct gsp_action *action = gsp__action_add(peer, GSP_ACTION_READ);
    if (!action) {
        gsp__run_state_abort(peer, "no memory");
        return;
    }
    snprintf(action->path, sizeof action->path, "%s", run->settings.init_file);
    action->length = file_limit(peer, run);
    run->awaiting_file = true;
}

void gsp_peer_file(struct gsp_peer *peer, const char *path, const uint8_t *bytes, size_t length, const char *failure,
                   uint64_t now)
{
    struct gsp__run *run = peer->run;
    peer->now = now;
    if (!run || !run->awaiting_file || strcmp(path, run->settings.init_file) != 0) return;
    run->awaiting_file = false;
    struct gsp_error error = {0};
    struct gsp_file file = {.name = path, .bytes = bytes, .length = length};
    if (failure)
        gsp__run_state_abort(peer, "init=file:%s: %s", path, failure);
    else if (gsp_npy_read(&file, &run->file_values, run->file_shape, &error))
        gsp__run_state_abort(peer, "init=file: %s", error.message);
    gsp_peer_tick(peer, now);
}

/* x0 from the file: (d), the same for all, or (n, d), a row for each node. */
static const double *point_from_file(const struct gsp_peer *peer, const struct gsp__run *run, struct gsp_error *error)
{
    size_t n = peer->config.network->count;
    const size_t *shape = run->file_shape;
    if (shape[0] == n && shape[1] == run->d) return run->file_values + peer->config.self * run->d;
    if ((shape[0] == 1 || shape[1] == 1) && shape[0] * shape[1] == run->d) return run->file_values;
    gsp_error_set(error, GSP_ERR_DATA, "init=file:%s holds %zu x %zu values; this run needs %zu, or %zu x %zu",
                  run->settings.init_file, shape[0], shape[1], run->d, n, run->d);
    return NULL;
}

static int initial_point(struct gsp_peer *peer, struct gsp__run *run, double *x, struct gsp_error *error)
{
    const double *from = NULL;
    switch (run->settings.init) {
    case GSP_INIT_LAST:
        if (!peer->last_x || peer->last_d != run->d)
            return gsp_error_set(error, GSP_ERR_STATE, "init=last, but no run has left an x of dimension %zu here",
                                 run->d);
        from = peer->last_x;
        break;
    case GSP_INIT_FILE:
        from = point_from_file(peer, run, error);
        if (!from) return GSP_ERR_DATA;
        break;
    default:
        gsp_initial_point(x, run->d, run->settings.init, run->settings.seed, peer->name);
        return 0;
    }
    memcpy(x, from, run->d * sizeof *x);
    return 0;
}

/* ---- the node ---- */

int gsp__run_objective(struct gsp_peer *peer, struct gsp__run *run, struct gsp_error *error)
{
    const struct gsp_settings *settings = &run->settings;
    struct gsp_objective_config config = {
        .classes = settings->classes,
        .l2 = settings->l2,
        .batch = settings->batch,
        .seed = settings->seed,
        .node = peer->name,
    };
    int rc = gsp_objective_parse(&config.choice, settings->objective, error);
    if (rc) return rc;
    run->d = gsp_objective_dimension(peer->config.train, &config.choice, settings->classes);
    return gsp_objective_new(&run->objective, peer->config.train, &config, error);
}

int gsp__run_node_config(const struct gsp_peer *peer, struct gsp__run *run, struct gsp_node_config *config,
                         struct gsp_error *error)
{
    const struct gsp_settings *settings = &run->settings;
    *config = (struct gsp_node_config){
        .graph = peer->config.graph,
        .self = peer->config.self,
        .dimension = run->d,
        .gossip_steps = settings->gossip_steps,
        .eta = settings->eta,
        .eta_decay = settings->eta_decay,
        .gamma = settings->gamma,
        .seed = settings->seed,
        .gradients = true,
    };
    memcpy(config->run_id, run->key.id, sizeof config->run_id);
    int rc = gsp_compressor_parse(&config->compressor, settings->compressor, error);
    if (rc) return rc;
    run->payload_bound = gsp_compressor_bound(&config->compressor, run->d);
    gsp__checkpoint_plan(run);
    return 0;
}

static int make_node(struct gsp_peer *peer, struct gsp__run *run, struct gsp_error *error)
{
    struct gsp_node_config config;
    int rc = gsp__run_node_config(peer, run, &config, error);
    if (rc) return rc;
    double *x0 = gsp_vector(run->d);
    rc = x0 ? initial_point(peer, run, x0, error)
            : gsp_error_set(error, GSP_ERR_NOMEM, "no memory for %zu parameters", run->d);
    if (!rc && gsp_node_new(&run->node, &config, x0))
        rc = gsp_error_set(error, GSP_ERR_NOMEM, "no memory for %zu parameters", run->d);
    free(x0);
    return rc;
}

/* Everything the run needs is there: builds its objective and node, and opens the links for it. */
void gsp__run_begin(struct gsp_peer *peer)
{
    struct gsp__run *run = peer->run;
    struct gsp_error error = {0};
    int rc = gsp__run_objective(peer, run, &error);
    if (!rc) rc = make_node(peer, run, &error);
    free(run->file_values); /* a row for every node, maybe */
    run->file_values = NULL;
    if (rc) {
        gsp__run_state_abort(peer, "%s", error.message);
        return;
    }
    if (run->restarted) run->replay_until = 1 + run->reach;
    run->stage = GSP__RUN_ACTIVE;
    run->evaluated_at = peer->now;
    gsp__history_open(peer);
    gsp__run_allow(peer);
    gsp__links_open(peer);
}
