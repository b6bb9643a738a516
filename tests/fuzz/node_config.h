/* The node whose saved states are fuzzed: one of a ring of three. */
#ifndef TESTS_FUZZ_NODE_CONFIG_H
#define TESTS_FUZZ_NODE_CONFIG_H

#include <gossip/algo.h>

#include <assert.h>

/* *graph is made for it, and the caller's to free. */
static inline void fuzz_node_config(struct gsp_node_config *config, struct gsp_graph **graph, unsigned compressor,
                                    size_t d)
{
    const struct gsp_kind *const *kinds = gsp_compressor_kinds();
    size_t count = 0;
    while (kinds[count]) count++;
    assert(count);
    int rc = gsp_graph_topology(graph, "ring", 3, GSP_WEIGHTS_METROPOLIS, NULL);
    assert(!rc);
    *config = (struct gsp_node_config){
        .graph = *graph, .dimension = d, .gossip_steps = 2, .eta = 0.1, .eta_decay = 1, .gamma = 0.2};
    config->seed = 1;
    config->gradients = true;
    rc = gsp_compressor_parse(&config->compressor, kinds[compressor % count]->example, NULL);
    assert(!rc);
}

#endif
