/* Quasi-global momentum (Lin et al., arXiv 2102.04761): m is an average of how x moved in whole rounds, neighbours and
 * all, so that it is nearly the same at every node, also where their gradients are not.
 *
 *     g <- g + mu m                                    before the step
 *     m <- mu m + (1 - mu) (x_begin - x_end) / eta_t   when the round's gossip is done
 *
 * x_begin need not be remembered: what it adds to m is added when the round begins, and what x_end takes is taken when
 * it ends. In between, also in a checkpoint, m is half of its next value, and open_round says so. */
#include "algo/node.h"

/* Below this no x of a plausible size moves, and 1 / eta might not be finite: m stays as it is. */
#define LEAST_ETA 0x1p-500

void gsp__momentum_open(struct gsp_node *node, uint64_t round, double eta)
{
    double mu = node->config.momentum, share = (1 - mu) / eta;
    double *m = node->momentum, *gradient = node->scratch;
    if (!m) return;
    gsp__momentum_close(node); /* a round that was left in its middle */
    gsp_axpy(node->d, mu, m, gradient);
    if (!(eta >= LEAST_ETA)) return;
    for (size_t i = 0; i < node->d; i++) m[i] = mu * m[i] + share * node->x[i];
    node->open_round = round;
}

void gsp__momentum_close(struct gsp_node *node)
{
    if (!node->open_round) return;
    double share = (1 - node->config.momentum) / gsp_eta_at(&node->config, node->open_round);
    gsp_axpy(node->d, -share, node->x, node->momentum);
    node->open_round = 0;
}
