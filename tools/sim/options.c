/* The command line of gossip-sim run. */
#include "sim.h"

#include <string.h>

enum option { NODES, TOPOLOGY, WEIGHTS, PEERS, DATA, SORT_LABELS, WORKER, HISTORY, NODE_HISTORY, DUMP, JSON, OPTIONS };

static const struct {
    const char *name, *argument, *help;
} known[OPTIONS] = {
    [NODES] = {"--nodes", "N", "nodes, named n001, n002, ..."},
    [TOPOLOGY] = {"--topology", "T", "ring, torus, grid, star, complete, hypercube or random:degree=4,seed=1"},
    [WEIGHTS] = {"--weights", "W", "metropolis (default) or uniform"},
    [PEERS] = {"--peers", "FILE", "take nodes, edges and weights from this network file instead"},
    [DATA] = {"--data", "SPEC", COMMON_DATA_HELP},
    [SORT_LABELS] = {"--sort-labels", NULL, "sort the rows by label before they are cut into shards"},
    [WORKER] = {"--worker", "COMMAND",
                "objective=worker: /bin/sh starts it once a node, in this folder, with GOSSIPD_NODE (n001, ...) in its "
                "environment, as gossipd does with [Worker]; $GOSSIPD_NODE may stand in it"},
    [HISTORY] = {"--history", "FILE", "write a CSV file: round,loss,consensus_error,payload_bytes,seconds"},
    [NODE_HISTORY] =
        {"--node-history", "FILE",
         "write a CSV file with a line for each node and round, its own loss as its daemon would record it"},
    [DUMP] = {"--dump", "FILE", "write all nodes' parameters at the end, an npy of float64 (nodes, parameters)"},
    [JSON] = {"--json", NULL, "print JSON, for programs to read"}};

void run_options_help(void)
{
    puts("usage: gossip-sim run [KEY=VALUE...] --nodes N --topology T --data SPEC [OPTION...]\n"
         "       gossip-sim run objective=worker [KEY=VALUE...] --nodes N --topology T --worker COMMAND [OPTION...]\n\n"
         "Trains one model on many nodes, each with its own shard of the rows, without a network. The\n"
         "last line on stdout is loss=... rounds=... payload_bytes=... seconds=... (and accuracy=...,\n"
         "or mse=... for regression, with test data): the loss of the mean of all nodes' parameters\n"
         "over all rows, and the bytes one node sent to one neighbour, on average.\n\n"
         "Programs of your own compute the gradients with --worker: loss and accuracy are then the mean\n"
         "of what the workers say of that mean, by their rows. A worker that fails or dies ends the run.\n\n"
         "Options:");
    for (int i = 0; i < OPTIONS; i++) {
        char name[40];
        snprintf(name, sizeof name, "%s%s%s", known[i].name, known[i].argument ? " " : "",
                 known[i].argument ? known[i].argument : "");
        common_print_entry(name, known[i].help);
    }
    common_print_settings();
}

static int unknown_option(const char *word)
{
    const char *names[OPTIONS + 2];
    for (int i = 0; i < OPTIONS; i++) names[i] = known[i].name;
    names[OPTIONS] = "--help";
    names[OPTIONS + 1] = NULL;
    const char *near = gsp_suggest(word, names);
    return sim_usage("run has no option '%s'%s%s%s", word, near ? "; did you mean " : "", near ? near : "",
                     near ? "?" : "");
}

/* One option at argv[*at], which is moved past its value. 0, or an exit code. */
static int take_option(const char *values[OPTIONS], int argc, char **argv, int *at)
{
    const char *word = argv[*at];
    size_t length = strcspn(word, "=");
    const char *value = word[length] ? word + length + 1 : NULL;
    for (int i = 0; i < OPTIONS; i++) {
        if (strncmp(known[i].name, word, length) != 0 || known[i].name[length]) continue;
        if (values[i]) return sim_usage("%s is given twice", known[i].name);
        if (!known[i].argument && value) return sim_usage("%s takes no value", known[i].name);
        if (known[i].argument && !value && *at + 1 < argc) value = argv[++*at];
        if (known[i].argument && (!value || !*value))
            return sim_usage("%s needs its %s", known[i].name, known[i].argument);
        values[i] = value ? value : "";
        return 0;
    }
    return unknown_option(word);
}

static int apply_options(struct run_options *options, const char *const values[OPTIONS])
{
    uint64_t nodes = 0;
    options->topology = values[TOPOLOGY];
    options->peers = values[PEERS];
    options->data = values[DATA];
    options->worker = values[WORKER];
    options->history = values[HISTORY];
    options->node_history = values[NODE_HISTORY];
    options->dump = values[DUMP];
    options->sort_labels = values[SORT_LABELS] != NULL;
    options->json = values[JSON] != NULL;
    if (options->peers) {
        int other = values[NODES] ? NODES : values[TOPOLOGY] ? TOPOLOGY : values[WEIGHTS] ? WEIGHTS : -1;
        if (other >= 0) return sim_usage("%s is what --peers says already: give one of them", known[other].name);
        return 0;
    }
    if (!values[NODES]) return sim_usage("--nodes N is missing (or --peers FILE)");
    if (gsp_count_parse(&nodes, values[NODES]) || nodes < 1 || nodes > GSP_NODES_MAX)
        return sim_usage("--nodes %s is no whole number from 1 to %d", values[NODES], GSP_NODES_MAX);
    options->nodes = (size_t)nodes;
    if (!options->topology && nodes > 1) return sim_usage("--topology T is missing: %s", known[TOPOLOGY].help);
    if (!options->topology) options->topology = "ring"; /* of one node */
    if (values[WEIGHTS] && strcmp(values[WEIGHTS], "uniform") == 0)
        options->weights = GSP_WEIGHTS_UNIFORM;
    else if (values[WEIGHTS] && strcmp(values[WEIGHTS], "metropolis") != 0)
        return sim_usage("--weights %s: there are metropolis and uniform", values[WEIGHTS]);
    return 0;
}

/* A worker computes, or an objective over the data. */
static int check_source(const struct run_options *options)
{
    bool by_worker = gsp_objective_of_worker(&options->objective);
    if (by_worker && !options->worker)
        return sim_usage("--worker COMMAND is missing: the program that computes for objective=worker");
    if (!by_worker && options->worker)
        return sim_usage("--worker is for objective=worker, not for objective=%s", options->objective.kind->name);
    if (!by_worker && !options->data) return sim_usage("--data SPEC is missing: %s", COMMON_DATA_HELP);
    if (by_worker && (options->data || options->sort_labels))
        return sim_usage("%s is for objectives over rows; a worker reads its own data",
                         options->data ? "--data" : "--sort-labels");
    return 0;
}

static int apply_setting(struct gsp_settings *settings, const char *assignment)
{
    struct gsp_error error = {0};
    if (!gsp_settings_set(settings, assignment, &error)) return EXIT_DONE;
    common_say("%s", error.message);
    return EXIT_USAGE; /* a setting is a word of the command line, as for gossipctl start */
}

int run_options_read(struct run_options *options, int argc, char **argv, int *exit_code)
{
    const char *values[OPTIONS] = {0};
    struct gsp_error error = {0};
    *options = (struct run_options){.weights = GSP_WEIGHTS_METROPOLIS};
    gsp_settings_default(&options->settings);
    *exit_code = EXIT_DONE;
    for (int i = 0; i < argc && !*exit_code; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            run_options_help();
            return -1;
        }
        *exit_code =
            argv[i][0] == '-' ? take_option(values, argc, argv, &i) : apply_setting(&options->settings, argv[i]);
    }
    if (!*exit_code) *exit_code = apply_options(options, values);
    if (*exit_code) return -1;
    int rc = gsp_compressor_parse(&options->compressor, options->settings.compressor, &error);
    if (!rc) rc = gsp_objective_parse(&options->objective, options->settings.objective, &error);
    if (!rc) rc = gsp_objective_settings(&options->objective, &options->settings, &error);
    if (!rc && options->settings.init == GSP_INIT_LAST)
        rc = gsp_error_set(&error, GSP_ERR_CONFIG,
                           "init=last: gossip-sim has no earlier run to go on from; use init=file:PATH with a dump");
    if (rc) {
        common_say("%s", error.message);
        *exit_code = EXIT_USAGE;
    } else {
        *exit_code = check_source(options);
    }
    return *exit_code ? -1 : 0;
}
