/* The size of the gradient step of a round, and what else a run's settings say of its nodes. */
#include <gossip/algo.h>

void gsp_node_config_take(struct gsp_node_config *config, const struct gsp_settings *settings)
{
    config->gossip_steps = settings->gossip_steps;
    config->eta = settings->eta;
    config->eta_decay = settings->eta_decay;
    config->eta_schedule = settings->eta_schedule;
    config->rounds = settings->rounds;
    config->momentum = settings->momentum;
    config->gamma = settings->gamma;
    config->seed = settings->seed;
}

/* decay^exponent by squaring: the same bits on every machine, unlike pow. */
static double power(double base, uint64_t exponent)
{
    double result = 1;
    for (; exponent; exponent >>= 1) {
        if (exponent & 1) result *= base;
        base *= base;
    }
    return result;
}

double gsp_eta_at(const struct gsp_node_config *config, uint64_t round)
{
    double eta = config->eta * power(config->eta_decay, round - 1);
    if (config->eta_schedule == GSP_ETA_CONSTANT) return eta;
    /* (1 + cos a) / 2 is the square of cos(a / 2), which stays exact where the steps become small. */
    double root = gsp_cos_pi(0.5 * ((double)(round - 1) / (double)config->rounds));
    return eta * (root * root);
}
