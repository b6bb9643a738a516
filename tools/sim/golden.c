/* gossip-sim golden: replays a recorded trajectory and says how far ours is from it. */
#include "golden_case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The greatest difference so far, and where. */
struct difference {
    double greatest;
    const char *what;
    size_t iteration, node;
};

static void compare(struct difference *difference, const char *what, size_t iteration, size_t node, size_t count,
                    const double *got, const double *recorded)
{
    for (size_t i = 0; i < count; i++) {
        double apart = fabs(got[i] - recorded[i]);
        if (apart <= difference->greatest) continue; /* a NaN goes on */
        *difference = (struct difference){isnan(apart) ? INFINITY : apart, what, iteration, node};
    }
}

static const double *start(void *context, size_t node)
{
    const struct golden_case *golden = context;
    return golden->x0 + node * golden->dimension;
}

static void compare_round(struct difference *difference, const struct golden_case *golden,
                          const struct lockstep *lockstep, double *mean)
{
    size_t t = (size_t)lockstep->round, d = golden->dimension;
    for (size_t i = 0; i < golden->count; i++)
        compare(difference, "x", t, i, d, gsp_node_x(lockstep->nodes[i]),
                golden->trajectory + (t * golden->count + i) * d);
    lockstep_mean(lockstep, mean);
    double loss = shards_loss(&golden->shards, mean);
    compare(difference, "the loss", t, 0, 1, &loss, &golden->loss[t]);
}

static int replay(struct difference *difference, struct golden_case *golden, struct gsp_error *error)
{
    const struct gsp_node_config config = {.graph = golden->graph,
                                           .dimension = golden->dimension,
                                           .compressor = golden->compressor,
                                           .gossip_steps = golden->gossip_steps,
                                           .eta = golden->eta,
                                           .eta_decay = 1,
                                           .gamma = golden->gamma,
                                           .gradients = true};
    struct lockstep lockstep;
    double *mean = gsp_vector(golden->dimension);
    int rc = mean ? lockstep_init(&lockstep, &config, golden->shards.objectives, start, golden) : GSP_ERR_NOMEM;
    if (rc) {
        free(mean);
        return gsp_error_set(error, rc, "%s", gsp_strerror(rc));
    }
    lockstep.recorded = golden->uniforms;
    compare_round(difference, golden, &lockstep, mean);
    while (lockstep.round < golden->iterations && !rc) {
        rc = lockstep_round(&lockstep, error);
        if (!rc) compare_round(difference, golden, &lockstep, mean);
    }
    for (size_t i = 0; i < golden->count && !rc; i++) {
        size_t at = i * golden->dimension;
        compare(difference, "z", golden->iterations, i, golden->dimension, gsp_node_z(lockstep.nodes[i]),
                golden->z + at);
        compare(difference, "s", golden->iterations, i, golden->dimension, gsp_node_s(lockstep.nodes[i]),
                golden->s + at);
    }
    lockstep_clear(&lockstep);
    free(mean);
    return rc;
}

static int judge(const char *folder, double tolerance)
{
    struct golden_case golden;
    struct gsp_error error = {0};
    struct difference difference = {0};
    int rc = golden_case_load(&golden, folder, &error);
    if (rc) {
        common_say("%s: %s", folder, error.message);
        return EXIT_CONFIG;
    }
    rc = replay(&difference, &golden, &error);
    golden_case_clear(&golden);
    if (rc) {
        common_say("%s: %s", folder, error.message);
        return EXIT_FAILED;
    }
    printf("%.3e greatest absolute difference over x, z, s and loss\n", difference.greatest);
    if (difference.greatest <= tolerance) return EXIT_DONE;
    common_say("%s: beyond the tolerance of %g: %s differs by %.3e at iteration %zu, node %zu", folder, tolerance,
               difference.what, difference.greatest, difference.iteration, difference.node + 1);
    return EXIT_FAILED;
}

static void help(void)
{
    printf("usage: gossip-sim golden DIR [--tolerance 1e-9]\n\n"
           "Replays the recorded trajectory in DIR (tests/golden/README.md tells its files) and\n"
           "prints the greatest absolute difference from it.\n\n"
           "params.json may have n 1 to %d; d, iterations and Q 1 to %d; task linear,\n"
           "logistic or relu; compressor full, top with k 1 to d, or qsgd with bits 1 to %d.\n\n"
           "Exit codes: 0 within the tolerance, 1 beyond it or diverged, 64 wrong use, 78 files\n"
           "that are no such case.\n",
           GSP_NODES_MAX, GOLDEN_MOST, GOLDEN_BITS_MAX);
}

int sim_golden(int argc, char **argv)
{
    const char *folder = NULL;
    double tolerance = 1e-9;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i], *value = NULL;
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            help();
            return EXIT_DONE;
        }
        if (strncmp(word, "--tolerance=", 12) == 0)
            value = word + 12;
        else if (strcmp(word, "--tolerance") == 0)
            value = i + 1 < argc ? argv[++i] : "";
        if (value) {
            if (gsp_number_parse(&tolerance, value) || tolerance < 0)
                return sim_usage("--tolerance '%s' is no number from 0 on, as in --tolerance 1e-9", value);
        } else if (word[0] == '-' && word[1]) {
            return sim_usage("golden has no option '%s'; it has --tolerance", word);
        } else if (folder) {
            return sim_usage("'%s' is one folder too many: golden replays one case", word);
        } else {
            folder = word;
        }
    }
    if (!folder) return sim_usage("golden needs the folder of a case: gossip-sim golden DIR");
    return judge(folder, tolerance);
}
