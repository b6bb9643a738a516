/* A start at this node: a fresh summary of every node, every setting resolved from them, gamma calibrated; then it
 * floods. */
#include "session/peer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_FAILED = 1, EXIT_USAGE = 64, EXIT_CONFIG = 78 };

/* What was handed to the disk cannot be called back, and a crash would find it there: from then on it is the write that
 * decides whether the run begins, and nobody may be told otherwise. */
bool gsp__start_decided(const struct gsp_peer *peer)
{
    const struct gsp__journal *journal = &peer->journal;
    const struct gsp_run_key *key = &peer->start.key;
    return peer->start.active && key->epoch && journal->out && gsp_run_key_compare(&journal->writing.run, key) == 0 &&
           gsp_run_key_compare(&journal->wanted.run, key) == 0;
}

/* The run that it would begin is not wanted any more: what is on the disk, or on its way there, stays. */
static void withdraw(struct gsp_peer *peer)
{
    struct gsp__journal *journal = &peer->journal;
    if (!peer->start.key.epoch || gsp_run_key_compare(&journal->wanted.run, &peer->start.key) != 0) return;
    journal->wanted = journal->out ? journal->writing : peer->state;
}

void gsp__start_refuse(struct gsp_peer *peer, int exit_code, const char *format, ...)
{
    char reason[GSP_REASON_MAX * 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    gsp_log(&peer->config.log, GSP_LOG_WARNING, "start refused: %s", reason);
    gsp__reply_text(peer, peer->start.client, exit_code, false, "%s", reason);
    withdraw(peer);
    peer->start.active = peer->start.calibrating = false;
    if (peer->job && peer->job->kind == GSP__JOB_CALIBRATE) gsp_job_cancel(peer->job);
}

/* Progress is told when it changes. */
static void tell(struct gsp_peer *peer, const char *text)
{
    if (strcmp(text, peer->start.progress) == 0) return;
    snprintf(peer->start.progress, sizeof peer->start.progress, "%s", text);
    gsp__reply_text(peer, peer->start.client, 0, true, "%s", text);
}

/* ---- the request ---- */

static bool check_settings(struct gsp_peer *peer, const struct gsp_settings *settings)
{
    struct gsp_compressor compressor;
    struct gsp_error error = {0};
    if (gsp_compressor_parse(&compressor, settings->compressor, &error) ||
        gsp_objective_parse(&peer->start.objective, settings->objective, &error) ||
        gsp__init_file_check(settings, &error)) {
        gsp__start_refuse(peer, EXIT_USAGE, "%s", error.message);
        return false;
    }
    if (settings->gossip_steps == 0) {
        gsp__start_refuse(peer, EXIT_USAGE,
                          "gossip_steps=0 leaves every node alone; that is for gossip-sim. Choose at least 1");
        return false;
    }
    return true;
}

void gsp__start_begin(struct gsp_peer *peer, uint64_t client, const char *settings)
{
    struct gsp__start *start = &peer->start;
    if (start->active) {
        gsp__reply_text(peer, client, EXIT_FAILED, false, "another start is under way at this node; wait for it");
        return;
    }
    *start = (struct gsp__start){.active = true, .client = client, .base = peer->state.run};
    if (peer->run && peer->run->stage != GSP__RUN_ENDED) {
        gsp__start_refuse(peer, EXIT_FAILED, "run %llu is going on; end it with: gossipctl stop",
                          (unsigned long long)peer->state.run.epoch);
        return;
    }
    char waits[GSP_REASON_MAX];
    if (peer->reload.next_network && gsp__reload_blocked(peer, waits, sizeof waits)) {
        gsp__start_refuse(peer, EXIT_FAILED, "%s", waits);
        return;
    }
    if (start->base.epoch >= GSP_COUNT_MAX) {
        gsp__start_refuse(peer, EXIT_FAILED, "the numbers of runs are used up; restart gossipd on all hosts");
        return;
    }
    struct gsp_error error = {0};
    gsp_settings_default(&start->settings);
    char *text = gsp_strdup(settings);
    int rc = text ? 0 : gsp_error_set(&error, GSP_ERR_NOMEM, "no memory");
    char *rest = text;
    for (char *line; !rc && rest && (line = strsep(&rest, "\n"));)
        if (*line) rc = gsp_settings_set(&start->settings, line, &error);
    free(text);
    if (rc) {
        gsp__start_refuse(peer, EXIT_USAGE, "%s", error.message);
        return;
    }
    if (!check_settings(peer, &start->settings)) return;
    start->deadline = peer->now + (uint64_t)(1000 * start->settings.timeout);
    for (size_t i = 0; i < peer->config.network->count; i++) peer->nodes[i].fresh = i == peer->config.self;
    peer->nodes[peer->config.self].summary.poll++;
    gsp__summary_changed(peer, true);
}

/* ---- collecting ---- */

static bool ready_node(const struct gsp_peer *peer, size_t i)
{
    if (i == peer->config.self) return peer->measured;
    const struct gsp__known_node *node = &peer->nodes[i];
    return node->fresh && gsp_run_key_compare(&node->summary.run, &peer->start.base) == 0 && node->summary.ended &&
           !isnan(node->summary.lambda_max);
}

/* What keeps a node that answered; the node's own end may be on its way here. */
static const char *lacks(const struct gsp_peer *peer, size_t i)
{
    const struct gsp__known_node *node = &peer->nodes[i];
    if (i == peer->config.self) return " (measures its data)"; /* this node */
    if (!node->fresh) return "";
    if (gsp_run_key_compare(&node->summary.run, &peer->start.base) != 0) return " (does not know the last run yet)";
    if (!node->summary.ended) return " (still in the last run)";
    return node->summary.reason[0] ? " (see its status)" : " (has not measured its data)";
}

/* Names the nodes that are not ready, and why if they answered; returns how many there are. */
static size_t list_missing(const struct gsp_peer *peer, char *text, size_t size)
{
    enum { ROOM = GSP_NAME_MAX + 64 }; /* for one node, and the dots */
    size_t missing = 0, used = 0;
    text[0] = 0;
    for (size_t i = 0; i < peer->config.network->count; i++) {
        if (ready_node(peer, i)) continue;
        missing++;
        if (used + ROOM < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s%s", used ? ", " : "",
                                     peer->config.network->nodes[i].name, lacks(peer, i));
        else if (strcmp(text + used - 3, "...") != 0)
            used += (size_t)snprintf(text + used, size - used, ", ...");
    }
    return missing;
}

/* ---- resolving ---- */

static const struct gsp_summary *summary_of(const struct gsp_peer *peer, size_t i)
{
    return &peer->nodes[i].summary;
}

static bool check_columns(struct gsp_peer *peer)
{
    const struct gsp_summary *mine = summary_of(peer, peer->config.self);
    for (size_t i = 0; i < peer->config.network->count; i++) {
        const struct gsp_summary *other = summary_of(peer, i);
        if (other->columns == mine->columns) continue;
        gsp__start_refuse(peer, EXIT_CONFIG,
                          "the data of %s have %llu columns, those of %s %llu (bias included): all nodes need the same "
                          "features; check Train, Bias and Features there",
                          other->node, (unsigned long long)other->columns, mine->node,
                          (unsigned long long)mine->columns);
        return false;
    }
    return true;
}

/* init=last begins from what one and the same run has left at every node. */
static bool check_results(struct gsp_peer *peer)
{
    static const char remedy[] = "begin anew (leave init=last away) or from a file (gossipctl dump x, init=file:PATH)";
    const struct gsp_summary *mine = summary_of(peer, peer->config.self);
    if (peer->start.settings.init != GSP_INIT_LAST) return true;
    for (size_t i = 0; i < peer->config.network->count; i++) {
        const struct gsp_summary *other = summary_of(peer, i);
        if (!other->result)
            gsp__start_refuse(peer, EXIT_CONFIG, "init=last: %s has no result of a run to go on from; %s", other->node,
                              remedy);
        else if (mine->result && other->result != mine->result)
            gsp__start_refuse(peer, EXIT_CONFIG,
                              "init=last needs the result of one run at every node, but that of %s is run %llu's, that "
                              "of %s run %llu's; %s",
                              mine->node, (unsigned long long)mine->result, other->node,
                              (unsigned long long)other->result, remedy);
        else
            continue;
        return false;
    }
    return true;
}

/* Labels that the objective can use, and `classes` from the greatest of them. */
static bool resolve_classes(struct gsp_peer *peer)
{
    const struct gsp_objective_choice *choice = &peer->start.objective;
    struct gsp_settings *settings = &peer->start.settings;
    struct gsp_error error = {0};
    size_t classes = (size_t)settings->classes;
    double greatest = 0;
    int rc = 0;
    for (size_t i = 0; i < peer->config.network->count && !rc; i++) {
        const struct gsp_summary *other = summary_of(peer, i);
        rc = gsp_objective_check_labels(choice, classes, other->node, other->targets_whole, other->target_max, &error);
        if (other->target_max > greatest) greatest = other->target_max;
    }
    if (!rc && gsp_objective_takes_classes(choice) && !classes)
        rc = gsp_classes_auto(&classes, choice, greatest, true, &error);
    if (rc) gsp__start_refuse(peer, EXIT_CONFIG, "%s", error.message);
    settings->classes = classes;
    return !rc;
}

static void resolve_eta(struct gsp_peer *peer)
{
    struct gsp_settings *settings = &peer->start.settings;
    if (!settings->eta_auto) return;
    double greatest = 0;
    for (size_t i = 0; i < peer->config.network->count; i++)
        if (summary_of(peer, i)->lambda_max > greatest) greatest = summary_of(peer, i)->lambda_max;
    settings->eta = gsp_eta_auto(&peer->start.objective, (size_t)settings->classes, greatest, settings->l2);
    settings->eta_auto = false;
}

/* ---- flooding ---- */

/* The run that is in force now may be the one that this start began. */
void gsp__start_begun(struct gsp_peer *peer)
{
    struct gsp_run_key key = peer->state.run;
    if (!peer->start.active || !peer->start.key.epoch || gsp_run_key_compare(&key, &peer->start.key) != 0) return;
    struct gsp_reply reply = {.run = key};
    snprintf(reply.message, sizeof reply.message, "run %llu has begun", (unsigned long long)key.epoch);
    snprintf(reply.settings, sizeof reply.settings, "%s", peer->state.settings);
    snprintf(reply.version, sizeof reply.version, "%s", peer->config.version);
    gsp__reply(peer, peer->start.client, &reply);
    peer->start.active = peer->start.calibrating = false;
}

/* The run goes to the disk, and then to everybody. */
static void flood(struct gsp_peer *peer)
{
    struct gsp_run_state state = {.run.epoch = peer->start.base.epoch + 1};
    gsp_stream_bytes(&peer->random, state.run.id, sizeof state.run.id);
    snprintf(state.origin, sizeof state.origin, "%s", peer->name);
    char *text = gsp_settings_format(&peer->start.settings);
    if (!text || strlen(text) >= sizeof state.settings) {
        free(text);
        gsp__start_refuse(peer, EXIT_FAILED, "no memory for the settings");
        return;
    }
    memcpy(state.settings, text, strlen(text) + 1);
    free(text);
    peer->start.key = state.run;
    peer->journal.wanted = state;
    gsp__journal_changed(peer);
}

/* ---- calibrating ---- */

static void calibrate(struct gsp_peer *peer)
{
    const struct gsp_settings *settings = &peer->start.settings;
    tell(peer, "calibrating gamma");
    peer->start.calibrating = true;
    if (peer->job) return; /* tried again when it is back */
    struct gsp_job *job = gsp__job_new(peer, GSP__JOB_CALIBRATE);
    if (!job || gsp_compressor_parse(&job->compressor, settings->compressor, NULL)) return;
    job->graph = peer->config.graph;
    job->d = gsp_objective_dimension(peer->config.train, &peer->start.objective, settings->classes);
    job->seed = settings->seed;
    job->stage = gsp__job_first_stage(job);
}

void gsp__start_calibrated(struct gsp_peer *peer, const struct gsp_job *job)
{
    if (!peer->start.active || !peer->start.calibrating) return;
    if (job->rc) {
        gsp__start_refuse(peer, EXIT_FAILED, "%s", job->error.message);
        return;
    }
    peer->start.settings.gamma = job->gamma;
    peer->start.settings.gamma_auto = false;
    peer->start.calibrating = false;
    gsp__start_tick(peer);
}

/* Whatever stage the start is at: can it go on? */
void gsp__start_tick(struct gsp_peer *peer)
{
    struct gsp__start *start = &peer->start;
    if (!start->active) return;
    const struct gsp_run_state *wanted = &peer->journal.wanted;
    bool own = start->key.epoch && gsp_run_key_compare(&wanted->run, &start->key) == 0;
    if (!own && gsp_run_key_compare(&wanted->run, &start->base) != 0) {
        gsp__start_refuse(peer, EXIT_FAILED, "run %llu was started at %s first", (unsigned long long)wanted->run.epoch,
                          wanted->origin);
        return;
    }
    if (own) return; /* on its way to the disk */
    if (start->calibrating) {
        if (!peer->job) calibrate(peer);
        return;
    }
    if (peer->measured && isnan(peer->lambda_max)) {
        gsp__start_refuse(peer, EXIT_CONFIG, "the numbers in the data of %s are too large to square; scale the columns",
                          peer->name);
        return;
    }
    char missing[GSP_REASON_MAX - 64], text[GSP_REASON_MAX];
    if (list_missing(peer, missing, sizeof missing)) {
        snprintf(text, sizeof text, "waiting for %s", missing);
        if (peer->now >= start->deadline)
            gsp__start_refuse(peer, EXIT_FAILED,
                              "not all nodes are ready after %g s; missing: %s. Is gossipd running there? gossipctl "
                              "status --all shows the nodes, gossipctl peers the links; timeout=SECONDS waits longer",
                              start->settings.timeout, missing);
        else
            tell(peer, text);
        return;
    }
    if (!check_columns(peer) || !check_results(peer) || !resolve_classes(peer)) return;
    resolve_eta(peer);
    if (start->settings.gamma_auto)
        calibrate(peer);
    else
        flood(peer);
}
