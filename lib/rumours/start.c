/* A start at this node: a fresh summary of every node, every setting resolved from them, gamma calibrated; then it
 * floods. */
#include "rumours/inside.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Progress is told when it changes. */
static void tell(struct gsp__rumours *rumours, const char *text)
{
    struct gsp__start *start = &rumours->start;
    if (strcmp(text, start->progress) == 0) return;
    snprintf(start->progress, sizeof start->progress, "%s", text);
    gsp__reply_text(rumours->host, start->client, GSP_REPLY_DONE, true, "%s", text);
}

/* ---- the request ---- */

/* Why no start is possible now, whatever its settings; false: it is. */
static bool impossible(struct gsp__rumours *rumours)
{
    char waits[GSP_REASON_MAX];
    unsigned long long epoch = (unsigned long long)gsp__runs_state(rumours->runs)->run.epoch;
    if (gsp__runs_going_on(rumours->runs))
        gsp__start_refuse(rumours, GSP_REPLY_FAILED, "run %llu is going on; end it with: %s", epoch,
                          rumours->host->commands.stop);
    else if (gsp__reload_blocked(rumours, waits, sizeof waits))
        gsp__start_refuse(rumours, GSP_REPLY_FAILED, "%s", waits);
    else if (epoch >= GSP_COUNT_MAX)
        gsp__start_refuse(rumours, GSP_REPLY_FAILED, "the numbers of runs are used up; restart %s on all hosts",
                          rumours->host->commands.run_node);
    else
        return false;
    return true;
}

static int read_settings(struct gsp_settings *settings, const char *lines, struct gsp_error *error)
{
    gsp_settings_default(settings);
    char *text = gsp_strdup(lines), *rest = text;
    int rc = text ? 0 : gsp_error_set(error, GSP_ERR_NOMEM, "no memory");
    for (char *line; !rc && rest && (line = strsep(&rest, "\n"));)
        if (*line) rc = gsp_settings_set(settings, line, error);
    free(text);
    return rc;
}

/* What can be told of the settings, and resolved, without knowing anything of other nodes. */
static int check_settings(struct gsp__start *start, struct gsp_error *error)
{
    struct gsp_settings *settings = &start->settings;
    struct gsp_compressor compressor;
    int rc = gsp_compressor_parse(&compressor, settings->compressor, error);
    if (!rc) rc = gsp_objective_parse(&start->objective, settings->objective, error);
    if (!rc) rc = gsp_objective_settings(&start->objective, settings, error);
    if (!rc) rc = gsp__init_file_check(settings, error);
    if (rc || settings->gossip_steps) return rc;
    return gsp_error_set(error, GSP_ERR_USAGE,
                         "gossip_steps=0 leaves every node alone; that is for simulations. Choose at least 1");
}

void gsp__rumours_start(struct gsp__rumours *rumours, uint64_t client, const char *settings)
{
    struct gsp__start *start = &rumours->start;
    struct gsp_error error = {0};
    if (start->active) {
        gsp__reply_text(rumours->host, client, GSP_REPLY_FAILED, false,
                        "another start is under way at this node; wait for it");
        return;
    }
    *start = (struct gsp__start){.active = true, .client = client, .base = gsp__runs_state(rumours->runs)->run};
    if (impossible(rumours)) return;
    int rc = read_settings(&start->settings, settings, &error);
    if (!rc) rc = check_settings(start, &error);
    if (rc) {
        gsp__start_refuse(rumours, GSP_REPLY_USAGE, "%s", error.message);
        return;
    }
    start->deadline = rumours->host->now + (uint64_t)(1000 * start->settings.timeout);
    for (size_t i = 0; i < rumours->circle.node_count; i++) rumours->circle.nodes[i].fresh = false;
    gsp__own_entry(rumours)->fresh = true;
    gsp__own_entry(rumours)->summary.poll++;
    gsp__host_news(rumours->host, true);
}

/* ---- collecting ---- */

static bool ready_node(const struct gsp__rumours *rumours, size_t i)
{
    const struct gsp__known_node *node = &rumours->circle.nodes[i];
    if (gsp_objective_of_worker(&rumours->start.objective) && !node->summary.model.dimension) return false;
    if (i == rumours->host->place.self) return rumours->data.measured;
    return node->fresh && gsp_run_key_compare(&node->summary.run, &rumours->start.base) == 0 && node->summary.ended &&
           !isnan(node->summary.lambda_max);
}

/* What keeps a node that answered; the node's own end may be on its way here. */
static const char *lacks(const struct gsp__rumours *rumours, size_t i)
{
    const struct gsp__known_node *node = &rumours->circle.nodes[i];
    bool self = i == rumours->host->place.self, worker = gsp_objective_of_worker(&rumours->start.objective);
    if ((self || node->fresh) && worker && !node->summary.model.dimension)
        return node->summary.reason[0] ? " (its worker is not there; see its status)" : " (has no worker)";
    if (self) return " (measures its data)";
    if (!node->fresh) return "";
    if (gsp_run_key_compare(&node->summary.run, &rumours->start.base) != 0) return " (does not know the last run yet)";
    if (!node->summary.ended) return " (still in the last run)";
    return node->summary.reason[0] ? " (see its status)" : " (has not measured its data)";
}

/* Names the nodes that are not ready, and why if they answered; returns how many there are. */
static size_t list_missing(const struct gsp__rumours *rumours, char *text, size_t size)
{
    enum { ROOM = GSP_NAME_MAX + 64 }; /* for one node, and the dots */
    size_t missing = 0, used = 0;
    text[0] = 0;
    for (size_t i = 0; i < rumours->circle.node_count; i++) {
        if (ready_node(rumours, i)) continue;
        missing++;
        if (used + ROOM < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s%s", used ? ", " : "",
                                     rumours->host->place.network->nodes[i].name, lacks(rumours, i));
        else if (strcmp(text + used - 3, "...") != 0)
            used += (size_t)snprintf(text + used, size - used, ", ...");
    }
    return missing;
}

/* False: some node is not ready, which is told, or ends the start when time is up. */
static bool all_ready(struct gsp__rumours *rumours)
{
    const struct gsp_commands *commands = &rumours->host->commands;
    char missing[GSP_REASON_MAX - 64], text[GSP_REASON_MAX];
    if (!list_missing(rumours, missing, sizeof missing)) return true;
    snprintf(text, sizeof text, "waiting for %s", missing);
    if (rumours->host->now >= rumours->start.deadline)
        gsp__start_refuse(
            rumours, GSP_REPLY_FAILED,
            "not all nodes are ready after %g s; missing: %s. Is %s running there? %s shows the nodes, %s the "
            "links; timeout=SECONDS waits longer",
            rumours->start.settings.timeout, missing, commands->run_node, commands->status_all, commands->peers);
    else
        tell(rumours, text);
    return false;
}

/* ---- calibrating ---- */

struct calibrate_job {
    struct gsp_job base;
    const struct gsp_graph *graph;
    struct gsp_compressor compressor;
    size_t d;
    uint64_t seed;
    double gamma;
};

static int run_calibration(struct gsp_job *base)
{
    struct calibrate_job *job = (struct calibrate_job *)base;
    int rc = gsp_gamma_calibrate(&job->gamma, job->graph, &job->compressor, job->d, job->seed, &base->cancelled,
                                 &base->error);
    base->stage = GSP_JOB_DONE;
    return rc;
}

static void calibrated(void *room, struct gsp_job *base, const double *seconds)
{
    struct gsp__rumours *rumours = room;
    struct gsp__start *start = &rumours->start;
    (void)seconds;
    rumours->calibration = NULL;
    if (!start->active || !start->calibrating) return;
    if (base->rc) {
        gsp__start_refuse(rumours, GSP_REPLY_FAILED, "%s", base->error.message);
        return;
    }
    start->settings.gamma = ((const struct calibrate_job *)base)->gamma;
    start->settings.gamma_auto = false;
    start->calibrating = false;
    gsp__rumours_start_tick(rumours);
}

static const struct gsp__job_type calibrate_type = {.run = run_calibration, .done = calibrated};

static void calibrate(struct gsp__rumours *rumours)
{
    const struct gsp_settings *settings = &rumours->start.settings;
    tell(rumours, "calibrating gamma");
    rumours->start.calibrating = true;
    if (rumours->host->job) return; /* tried again when it is back */
    struct calibrate_job *job = gsp__job_new(rumours->host, sizeof *job, &calibrate_type, rumours, GSP_JOB_CALIBRATE);
    if (!job) return;
    rumours->calibration = &job->base;
    int rc = gsp_compressor_parse(&job->compressor, settings->compressor, NULL);
    assert(!rc); /* check_settings has seen to it */
    (void)rc;
    job->graph = rumours->host->place.graph;
    job->d = rumours->problem->type->dimension(rumours->problem, settings);
    job->seed = settings->seed;
}

/* ---- flooding ---- */

void gsp__start_begun(struct gsp__rumours *rumours)
{
    struct gsp__start *start = &rumours->start;
    const struct gsp_run_state *state = gsp__runs_state(rumours->runs);
    if (!start->active || !start->key.epoch || gsp_run_key_compare(&state->run, &start->key) != 0) return;
    struct gsp_reply reply = {.run = state->run};
    snprintf(reply.message, sizeof reply.message, "run %llu has begun", (unsigned long long)state->run.epoch);
    snprintf(reply.settings, sizeof reply.settings, "%s", state->settings);
    snprintf(reply.version, sizeof reply.version, "%s", rumours->host->version);
    gsp__reply(rumours->host, start->client, &reply);
    start->active = start->calibrating = false;
}

static void flood(struct gsp__rumours *rumours)
{
    struct gsp__start *start = &rumours->start;
    struct gsp_run_state state = {.run.epoch = start->base.epoch + 1};
    gsp_stream_bytes(&rumours->host->random, state.run.id, sizeof state.run.id);
    snprintf(state.origin, sizeof state.origin, "%s", rumours->host->place.name);
    char *text = gsp_settings_format(&start->settings);
    if (!text || strlen(text) >= sizeof state.settings) {
        free(text);
        gsp__start_refuse(rumours, GSP_REPLY_FAILED, "no memory for the settings");
        return;
    }
    memcpy(state.settings, text, strlen(text) + 1);
    free(text);
    start->key = state.run;
    rumours->journal.wanted = state;
    gsp__journal_changed(rumours);
}

/* ---- whatever stage it is at: can it go on? ---- */

/* Another run came first; false: none did. */
static bool overtaken(struct gsp__rumours *rumours)
{
    const struct gsp_run_state *wanted = &rumours->journal.wanted;
    if (gsp_run_key_compare(&wanted->run, &rumours->start.base) == 0) return false;
    gsp__start_refuse(rumours, GSP_REPLY_FAILED, "run %llu was started at %s first",
                      (unsigned long long)wanted->run.epoch, wanted->origin);
    return true;
}

void gsp__rumours_start_tick(struct gsp__rumours *rumours)
{
    struct gsp__start *start = &rumours->start;
    const struct gsp_run_key *wanted = &rumours->journal.wanted.run;
    if (!start->active) return;
    gsp__rumours_tell(rumours); /* a start goes by what nodes tell of themselves, this one too */
    if (start->key.epoch && gsp_run_key_compare(wanted, &start->key) == 0) return; /* on its way to the disk */
    if (overtaken(rumours)) return;
    if (start->calibrating) {
        if (!rumours->host->job) calibrate(rumours);
        return;
    }
    if (rumours->data.measured && isnan(rumours->data.lambda_max)) {
        gsp__start_refuse(rumours, GSP_REPLY_CONFIG,
                          "the numbers in the data of %s are too large to square; scale the columns",
                          rumours->host->place.name);
        return;
    }
    if (!all_ready(rumours) || !gsp__start_resolve(rumours)) return;
    if (start->settings.gamma_auto)
        calibrate(rumours);
    else
        flood(rumours);
}
