/* The three stages of a node's work, pure functions on its vectors: gradient step, encode, mix (doc/algorithm.md). */
#include "algo/consensus.h"
#include "algo/node.h"

#include <assert.h>
#include <math.h>

/* x <- x - eta_t (grad f(x) + mu m) */
int gsp_work_gradient(struct gsp_work *work)
{
    struct gsp_node *node = work->node;
    assert(work->stages & GSP_STAGE_GRADIENT);
    gsp__momentum_open(node, work->round, work->eta);
    gsp_axpy(node->d, -work->eta, work->gradient, node->x);
    if (!node->config.gossip_steps) gsp__momentum_close(node);
    return gsp_finite(node->d, node->x) ? 0 : GSP_ERR_DIVERGED;
}

int gsp_work_update(struct gsp_work *work)
{
    struct gsp_node *node = work->node;
    assert(work->stages & GSP_STAGE_GRADIENT);
    assert(node->config.momentum == 0);
    gsp_axpy(node->d, 1, work->gradient, node->x);
    return gsp_finite(node->d, node->x) ? 0 : GSP_ERR_DIVERGED;
}

static const double *z_of(const struct gsp_node *node, size_t slot)
{
    const struct gsp__neighbour *neighbour = &node->neighbours[slot];
    return neighbour->copy ? neighbour->copy : node->config.others[neighbour->node]->z;
}

/* s <- w_ii z_i + sum_j w_ij z_j */
static void refresh_sum(struct gsp_node *node)
{
    for (size_t i = 0; i < node->d; i++) node->s[i] = node->self_weight * node->z[i];
    for (size_t slot = 0; slot < node->degree; slot++)
        if (node->neighbours[slot].counted) gsp_axpy(node->d, node->neighbours[slot].weight, z_of(node, slot), node->s);
}

/* m <- C(x - z) */
int gsp_work_encode(struct gsp_work *work)
{
    struct gsp_node *node = work->node;
    assert(work->stages & GSP_STAGE_ENCODE);
    uint64_t step = work->step;
    if (step > 1 && (step - 1) % GSP__REFRESH_STEPS == 0) refresh_sum(node);
    gsp_subtract(node->d, node->x, node->z, node->scratch);
    node->difference_norm = gsp_norm2(node->d, node->scratch);
    struct gsp_draws draws = {.key = node->key, .step = step, .recorded = work->recorded};
    int rc = gsp_codec_encode(node->codec, node->scratch, &draws, node->outgoing.bytes, &node->outgoing.length);
    if (rc || !node->config.others) return rc;
    return gsp_codec_expand(node->codec, node->outgoing.bytes, node->outgoing.length, &draws, node->expanded.bytes,
                            &node->expanded.length, NULL);
}

/* x <- x + gamma (s - z), and on the way what the compressor left and how far x is from its neighbours. */
static void consensus_step(struct gsp_node *node)
{
    struct gsp__measures measures;
    gsp__consensus(&measures, node->d, node->config.gamma, node->x, node->s, node->z);
    double norm = sqrt(measures.size), distance = sqrt(measures.apart);
    node->mixed_residual = node->difference_norm > 0 ? sqrt(measures.left) / node->difference_norm : 0;
    node->mixed_error = norm > 0 ? distance / norm : distance;
}

/* s <- s + w_ii m_i + sum_j w_ij m_j, z_i <- z_i + m_i, copies likewise. */
static void add_messages(struct gsp_node *node)
{
    struct gsp_draws draws = {.key = node->key, .step = node->step};
    gsp_codec_apply(node->codec, node->own.bytes, node->own.length, &draws, node->self_weight, node->s, node->z);
    for (size_t slot = 0; slot < node->degree; slot++) {
        struct gsp__neighbour *neighbour = &node->neighbours[slot];
        if (!neighbour->mixing.bytes) continue;
        draws.key = neighbour->copy ? neighbour->key : node->config.others[neighbour->node]->key;
        gsp_codec_apply(node->codec, neighbour->mixing.bytes, neighbour->mixing.length, &draws, neighbour->weight,
                        node->s, neighbour->copy);
    }
}

int gsp_work_mix(struct gsp_work *work)
{
    struct gsp_node *node = work->node;
    assert(work->stages & GSP_STAGE_MIX);
    if (work->refresh) refresh_sum(node);
    if (!node->added) add_messages(node);
    node->added = false;
    consensus_step(node);
    if (node->step % node->config.gossip_steps == 0) gsp__momentum_close(node);
    return isfinite(node->mixed_error) ? 0 : GSP_ERR_DIVERGED;
}
