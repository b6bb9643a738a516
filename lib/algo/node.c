/* One node of DeLi-CoCo as a state machine: gradient and encode, wait for the neighbours' messages, mix, and again. */
#include "algo/node.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char COMPRESSOR_STREAM[] = "compressor";

static int new_neighbour(struct gsp_node *node, size_t slot)
{
    const struct gsp_node_config *config = &node->config;
    const struct gsp_graph *graph = config->graph;
    struct gsp__neighbour *neighbour = &node->neighbours[slot];
    size_t entry = graph->first[config->self] + slot;
    neighbour->node = graph->neighbour[entry];
    neighbour->weight = graph->weight[entry];
    neighbour->expected = neighbour->since = 1;
    neighbour->counted = true;
    if (config->others) return 0;
    const char *name = graph->names[neighbour->node];
    gsp_stream_key(neighbour->key, config->seed, name, COMPRESSOR_STREAM);
    neighbour->received_digest = neighbour->applied_digest = gsp__digest_start(config->run_id, name);
    neighbour->copy = gsp_vector(node->d);
    return neighbour->copy ? 0 : GSP_ERR_NOMEM;
}

int gsp_node_new(struct gsp_node **out, const struct gsp_node_config *config, const double *x0)
{
    struct gsp_node *node = gsp_alloc(1, sizeof *node);
    if (!node) return GSP_ERR_NOMEM;
    const struct gsp_graph *graph = config->graph;
    const char *name = graph->names[config->self];
    node->config = *config;
    node->d = config->dimension;
    node->degree = graph->first[config->self + 1] - graph->first[config->self];
    node->self_weight = graph->self_weight[config->self];
    node->step = 1;
    node->consensus_error = node->residual = NAN;
    node->log.base = 1;
    node->log.base_digest = gsp__digest_start(config->run_id, name);
    gsp_stream_key(node->key, config->seed, name, COMPRESSOR_STREAM);
    node->x = gsp_vector(node->d);
    node->z = gsp_vector(node->d);
    node->s = gsp_vector(node->d);
    node->scratch = gsp_vector(node->d);
    if (config->momentum > 0) node->momentum = gsp_vector(node->d);
    node->outgoing.bytes = malloc(gsp_compressor_bound(&config->compressor, node->d));
    node->neighbours = gsp_alloc(node->degree, sizeof *node->neighbours);
    if (!node->x || !node->z || !node->s || !node->scratch || !node->outgoing.bytes || !node->neighbours) goto fail;
    if (config->momentum > 0 && !node->momentum) goto fail;
    if (gsp_codec_new(&node->codec, &config->compressor, node->d)) goto fail;
    if (!config->others && gsp_codec_new(&node->checker, &config->compressor, node->d)) goto fail;
    if (config->others && !(node->expanded.bytes = malloc(gsp_compressor_bound(&config->compressor, node->d))))
        goto fail;
    for (size_t slot = 0; slot < node->degree; slot++)
        if (new_neighbour(node, slot)) goto fail;
    memcpy(node->x, x0, node->d * sizeof *x0);
    *out = node;
    return 0;
fail:
    gsp_node_free(node);
    return GSP_ERR_NOMEM;
}

void gsp_node_free(struct gsp_node *node)
{
    if (!node) return;
    for (size_t slot = 0; node->neighbours && slot < node->degree; slot++) {
        struct gsp__neighbour *neighbour = &node->neighbours[slot];
        for (int i = 0; i < GSP__HELD_MAX; i++) free(neighbour->held[i].bytes);
        gsp__resync_free(neighbour->resync);
        free(neighbour->copy);
    }
    gsp__log_clear(&node->log);
    gsp_codec_free(node->codec);
    gsp_codec_free(node->checker);
    free(node->neighbours);
    free(node->outgoing.bytes);
    free(node->expanded.bytes);
    free(node->base_z);
    free(node->x);
    free(node->z);
    free(node->s);
    free(node->scratch);
    free(node->momentum);
    free(node);
}

void gsp_node_allow(struct gsp_node *node, uint64_t last)
{
    node->last = last;
}

/* ---- what to do next ---- */

static bool starts_round(const struct gsp_node *node, uint64_t step)
{
    return (step - 1) % node->config.gossip_steps == 0;
}

/* The neighbours' messages of the step in hand, or false if one is missing. */
static bool collect(struct gsp_node *node)
{
    for (size_t slot = 0; slot < node->degree; slot++) {
        struct gsp__neighbour *neighbour = &node->neighbours[slot];
        if (node->config.others) {
            struct gsp_node *other = node->config.others[neighbour->node];
            if (!gsp__log_at(&other->log, node->step)) return false;
            neighbour->mixing = other->expanded;
        } else if (!neighbour->counted || neighbour->resync) {
            neighbour->mixing = (struct gsp__payload){0}; /* nothing is mixed in */
        } else {
            if (neighbour->awaited || !neighbour->held_count) return false;
            neighbour->mixing = neighbour->held[node->step % GSP__HELD_MAX];
        }
    }
    return true;
}

static unsigned next_stages(struct gsp_node *node)
{
    if (node->config.gossip_steps == 0) return node->step <= node->last ? GSP_STAGE_GRADIENT : 0;
    if (!node->begun) {
        if (node->step > node->last) return 0;
        return GSP_STAGE_ENCODE | (node->config.gradients && starts_round(node, node->step) ? GSP_STAGE_GRADIENT : 0);
    }
    if (!collect(node)) return 0;
    /* In lockstep nobody may encode before all have mixed; and a round's end is looked at before the next begins. */
    bool on = !node->config.others && node->step < node->last && !starts_round(node, node->step + 1);
    return GSP_STAGE_MIX | (on ? GSP_STAGE_ENCODE : 0);
}

bool gsp_node_next(struct gsp_node *node, struct gsp_work *work)
{
    assert(!node->working);
    if (!node->config.others) gsp__node_catch_up(node);
    unsigned stages = next_stages(node);
    if (!stages) return false;
    *work = (struct gsp_work){.stages = stages, .node = node, .x = node->x, .gradient = node->scratch};
    if (stages & GSP_STAGE_MIX) {
        work->refresh = node->stale;
        node->stale = false;
    }
    work->step = node->step + (stages == (GSP_STAGE_MIX | GSP_STAGE_ENCODE));
    work->round = node->config.gossip_steps ? (work->step - 1) / node->config.gossip_steps + 1 : work->step;
    if (stages & GSP_STAGE_GRADIENT) work->eta = gsp_eta_at(&node->config, work->round);
    if (stages & GSP_STAGE_MIX)
        node->own = node->config.others ? node->expanded : gsp__log_at(&node->log, node->step)->payload;
    node->working = true;
    return true;
}

/* ---- what was done ---- */

static void finish_mix(struct gsp_node *node)
{
    for (size_t slot = 0; slot < node->degree && !node->config.others; slot++) {
        struct gsp__neighbour *neighbour = &node->neighbours[slot];
        size_t place = node->step % GSP__HELD_MAX;
        if (!neighbour->mixing.bytes) continue;
        free(neighbour->mixing.bytes);
        neighbour->mixing = (struct gsp__payload){0};
        if (neighbour->orphaned) {
            neighbour->orphaned = false;
            continue;
        }
        neighbour->held[place] = (struct gsp__payload){0};
        neighbour->held_count--;
        neighbour->applied_digest = neighbour->held_digest[place];
    }
    node->consensus_error = node->mixed_error;
    node->residual = node->mixed_residual;
    if (node->step % node->config.gossip_steps == 0) node->round++;
    node->step++;
    node->begun = false;
}

static int finish_encode(struct gsp_node *node)
{
    const struct gsp__payload *payload = &node->outgoing;
    uint64_t previous = gsp_node_digest(node, node->step - 1);
    uint64_t digest = gsp__digest_next(previous, node->config.run_id, node->step, payload->bytes, payload->length);
    int rc = gsp__log_append(&node->log, payload->bytes, payload->length, digest);
    if (rc) return rc;
    node->counters.payload_bytes += payload->length;
    node->begun = true;
    if (node->config.others) gsp_node_log_trim(node, node->step);
    return 0;
}

int gsp_node_finish(struct gsp_node *node, struct gsp_work *work)
{
    assert(node->working && work->node == node);
    node->working = false;
    if (work->stages & GSP_STAGE_MIX) finish_mix(node);
    if (!node->config.others) gsp__node_catch_up(node);
    if (work->stages & GSP_STAGE_ENCODE) return finish_encode(node);
    if (work->stages == GSP_STAGE_GRADIENT) node->round = node->step++; /* Q = 0: a round is a gradient step */
    return 0;
}

int gsp_node_accept(struct gsp_node *node, size_t slot, uint64_t step, const uint8_t *payload, size_t length,
                    struct gsp_error *error)
{
    assert(slot < node->degree && !node->config.others);
    struct gsp__neighbour *neighbour = &node->neighbours[slot];
    if (step != neighbour->expected)
        return gsp_error_set(error, GSP_ERR_PROTOCOL, "message of step %llu where %llu is next",
                             (unsigned long long)step, (unsigned long long)neighbour->expected);
    if (neighbour->held_count == GSP__HELD_MAX)
        return gsp_error_set(error, GSP_ERR_PROTOCOL, "a third message, of step %llu, while step %llu is in hand",
                             (unsigned long long)step, (unsigned long long)node->step);
    struct gsp_draws draws = {.key = neighbour->key, .step = step};
    size_t bound = gsp_compressor_bound(&node->config.compressor, node->d), expanded_length;
    uint8_t *expanded = malloc(bound);
    if (!expanded) return gsp_error_set(error, GSP_ERR_NOMEM, "no memory for a message of %zu bytes", bound);
    int rc = gsp_codec_expand(node->checker, payload, length, &draws, expanded, &expanded_length, error);
    if (rc) {
        free(expanded);
        return rc;
    }
    size_t place = step % GSP__HELD_MAX;
    neighbour->held[place] = (struct gsp__payload){expanded, expanded_length};
    neighbour->received_digest =
        gsp__digest_next(neighbour->received_digest, node->config.run_id, step, payload, length);
    neighbour->held_digest[place] = neighbour->received_digest;
    neighbour->held_count++;
    neighbour->expected++;
    return 0;
}

/* ---- queries ---- */

uint64_t gsp_node_step(const struct gsp_node *node)
{
    return node->step;
}

uint64_t gsp_node_round(const struct gsp_node *node)
{
    return node->round;
}

bool gsp_node_waiting_for(const struct gsp_node *node, size_t slot)
{
    assert(slot < node->degree && !node->config.others);
    const struct gsp__neighbour *neighbour = &node->neighbours[slot];
    if (!node->begun || neighbour->down || node->step < neighbour->since) return false;
    if (neighbour->resync && neighbour->resync->step > node->step) return false;
    return neighbour->awaited || neighbour->held_count == 0;
}

uint64_t gsp_node_expected(const struct gsp_node *node, size_t slot)
{
    assert(slot < node->degree);
    return node->neighbours[slot].expected;
}

const double *gsp_node_x(const struct gsp_node *node)
{
    return node->x;
}

const double *gsp_node_z(const struct gsp_node *node)
{
    return node->z;
}

const double *gsp_node_s(const struct gsp_node *node)
{
    return node->s;
}

double gsp_node_consensus_error(const struct gsp_node *node)
{
    return node->consensus_error;
}

double gsp_node_residual(const struct gsp_node *node)
{
    return node->residual;
}

const struct gsp_counters *gsp_node_counters(const struct gsp_node *node)
{
    return &node->counters;
}

void gsp_node_add_seconds(struct gsp_node *node, double gradient, double coding, double waiting)
{
    node->counters.gradient_seconds += gradient;
    node->counters.coding_seconds += coding;
    node->counters.waiting_seconds += waiting;
}

void gsp_initial_point(double *x, size_t d, enum gsp_init init, uint64_t seed, const char *name)
{
    memset(x, 0, d * sizeof *x);
    if (init != GSP_INIT_NORMAL && init != GSP_INIT_NORMAL_SAME) return;
    uint8_t key[32];
    struct gsp_stream stream;
    gsp_stream_key(key, seed, init == GSP_INIT_NORMAL ? name : "", "init");
    gsp_stream_init(&stream, key, 0);
    double scale = 1 / sqrt((double)d);
    for (size_t i = 0; i < d; i++) x[i] = scale * gsp_stream_normal(&stream);
}
