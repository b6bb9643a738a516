/* Plays rounds of gossip-sim on the paper's SYN-1, 16 nodes on a torus: bench_round GOSSIP_STEPS COMPRESSOR. For every
 * line read it plays one round and answers with the seconds of processor time that it took. */
#include "tools/sim/sim.h"

#include <cblas.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NODES = 16 };

struct bench {
    struct gsp_graph *graph;
    struct shards shards;
    struct lockstep lockstep;
    size_t dimension;
    double *start;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static const double *start(void *context, size_t node)
{
    struct bench *bench = context;
    gsp_initial_point(bench->start, bench->dimension, GSP_INIT_NORMAL, 1, bench->graph->names[node]);
    return bench->start;
}

static int cut(struct bench *bench, struct gsp_error *error)
{
    struct gsp_dataset *data = NULL;
    size_t first[NODES + 1];
    int rc = gsp_dataset_synthetic(&data, "objective=linear,samples=10000,features=2000,noise=0.05", error);
    if (rc) return rc;
    bench->dimension = data->columns;
    for (size_t i = 0; i < NODES; i++) gsp_shard_range(data->rows, NODES, i, &first[i], &first[i + 1]);
    rc = shards_cut(&bench->shards, &data, NODES, first, error);
    gsp_dataset_free(data);
    struct gsp_objective_config config = {.l2 = 0.001};
    if (!rc) rc = gsp_objective_parse(&config.choice, "linear", error);
    return rc ? rc : shards_objectives(&bench->shards, bench->graph, &config, error);
}

static int prepare(struct bench *bench, const char *steps, const char *compressor, struct gsp_error *error)
{
    struct gsp_node_config config = {.eta = 0.2, .eta_decay = 1, .gamma = 0.05, .seed = 1, .gradients = true};
    config.gossip_steps = strtoull(steps, NULL, 10);
    int rc = gsp_compressor_parse(&config.compressor, compressor, error);
    if (!rc) rc = gsp_graph_topology(&bench->graph, "torus", NODES, GSP_WEIGHTS_METROPOLIS, error);
    if (!rc) rc = cut(bench, error);
    if (rc) return rc;
    config.graph = bench->graph;
    config.dimension = bench->dimension;
    bench->start = gsp_vector(bench->dimension);
    rc =
        bench->start ? lockstep_init(&bench->lockstep, &config, bench->shards.objectives, start, bench) : GSP_ERR_NOMEM;
    return rc ? gsp_error_set(error, rc, "%s", gsp_strerror(rc)) : 0;
}

int main(int argc, char **argv)
{
    struct bench bench = {0};
    struct gsp_error error = {0};
    if (argc != 3 || sodium_init() < 0) return EXIT_USAGE;
    openblas_set_num_threads(1);
    int rc = prepare(&bench, argv[1], argv[2], &error);
    while (!rc && getchar() != EOF) {
        double begun = now();
        rc = lockstep_round(&bench.lockstep, &error);
        printf("%.9f\n", now() - begun);
        fflush(stdout);
    }
    if (rc) fprintf(stderr, "bench_round: %s\n", error.message);
    lockstep_clear(&bench.lockstep);
    shards_clear(&bench.shards);
    gsp_graph_free(bench.graph);
    free(bench.start);
    return rc ? EXIT_FAILED : EXIT_DONE;
}
