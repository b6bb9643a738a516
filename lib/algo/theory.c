/* Step sizes that theory promises. */
#include <gossip/algo.h>

double gsp_gamma_safe(const struct gsp_graph *graph, double omega)
{
    double delta = graph->delta, beta2 = graph->beta * graph->beta;
    double below = 16 * delta + delta * delta + 4 * beta2 + 2 * delta * beta2 - 8 * delta * omega;
    return below > 0 ? delta * delta * omega / below : 0; /* 0 only where delta is: nothing is promised there */
}
