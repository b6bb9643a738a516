/* peers.conf: parsed, made a graph of, hashed. */
#include "fuzz.h"

#include <assert.h>
#include <gossip/algo.h>
#include <math.h>

static void check_graph(const struct gsp_graph *graph)
{
    for (size_t i = 0; i < graph->count; i++) {
        double sum = graph->self_weight[i];
        for (size_t j = graph->first[i]; j < graph->first[i + 1]; j++) {
            assert(graph->neighbour[j] < graph->count && graph->neighbour[j] != i);
            sum += graph->weight[j];
        }
        assert(fabs(sum - 1) < 1e-6);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gsp_network *network = NULL;
    struct gsp_graph *graph = NULL;
    struct gsp_problems problems = {0};
    uint8_t hash[32];
    int rc = gsp_network_parse(&network, "peers.conf", (const char *)data, size, &problems);
    assert(rc ? problems.count > 0 : problems.count == 0);
    if (!rc) rc = gsp_graph_from_network(&graph, "peers.conf", network, &problems);
    assert(rc ? problems.count > 0 : problems.count == 0);
    if (!rc) {
        check_graph(graph);
        gsp_network_hash(hash, network, graph);
    }
    gsp_graph_free(graph);
    gsp_network_free(network);
    gsp_problems_clear(&problems);
    return 0;
}
