/* A user's program against the installed library: public headers, pkg-config's flags and nothing else. */
#include <gossip/algo.h>
#include <gossip/base.h>
#include <gossip/config.h>
#include <gossip/data.h>
#include <gossip/report.h>
#include <gossip/session.h>
#include <gossip/wire.h>

#include <stdio.h>

int main(void)
{
    struct gsp_error error = {0};
    struct gsp_compressor compressor;
    struct gsp_graph *graph = NULL;
    if (gsp_compressor_parse(&compressor, "topk:fraction=0.1", &error) != 0 ||
        gsp_graph_topology(&graph, "torus", 9, GSP_WEIGHTS_METROPOLIS, &error) != 0) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    double omega = gsp_compressor_omega(&compressor, 1000);
    printf("%zu nodes, omega %g, safe gamma %g\n", graph->count, omega, gsp_gamma_safe(graph, omega));
    gsp_graph_free(graph);
    return 0;
}
