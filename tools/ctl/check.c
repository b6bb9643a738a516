/* `gossipctl check`: reads what gossipd would read and says what it means. */
#include "ctl.h"
#include "inquire.h"

#include "daemon/files.h"
#include "daemon/setup.h"

#include <gossip/report.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct check {
    const char *file;
    bool daemon; /* a gossipd.conf; else a peers.conf */
    struct setup setup;
    struct gsp_worker_facts worker; /* dimension 0: none was started */
    const struct gsp_network *network;
    const struct gsp_graph *graph;
    char hash[65];
    struct gsp_compressor compressor;
    uint64_t dimension;
    bool dimension_given;
    double omega, gamma;
};

/* Whether a file's first section is one of gossipd.conf's; a file without sections is taken by its name. */
static bool is_daemon_file(const char *path, const char *text)
{
    for (const char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        line += strspn(line, " \t\r\n");
        if (strncmp(line, "[Daemon", 7) == 0 || strncmp(line, "[Data", 5) == 0) return true;
        if (strncmp(line, "[Network", 8) == 0 || strncmp(line, "[Node", 5) == 0) return false;
    }
    const char *name = strrchr(path, '/');
    return strcmp(name ? name + 1 : path, "peers.conf") != 0;
}

static int parse_options(struct ctl *ctl, struct check *check)
{
    struct gsp_error error = {0};
    struct gsp_settings settings;
    gsp_settings_default(&settings);
    const char *compressor = ctl_value(ctl, "--compressor"), *dimension = ctl_value(ctl, "--dimension");
    if (gsp_compressor_parse(&check->compressor, compressor ? compressor : settings.compressor, &error))
        return ctl_usage(ctl, "--compressor: %s", error.message);
    check->dimension = 10000;
    check->dimension_given = dimension;
    if (dimension &&
        (gsp_count_parse(&check->dimension, dimension) || !check->dimension || check->dimension > 1000000000000))
        return ctl_usage(ctl, "--dimension %s is not a number from 1 to 1000000000000", dimension);
    return 0;
}

/* Its own words, for those who read them before a run does. */
static int inquire(struct check *check, struct gsp_problems *problems)
{
    const struct gsp_daemon_config *config = check->setup.config;
    struct gsp_error error = {0};
    char *folder = path_beside(check->setup.file, ".");
    int rc = folder ? inquire_worker(&check->worker, config->worker_command, folder, config->node, &error)
                    : gsp_error_set(&error, GSP_ERR_NOMEM, "out of memory");
    if (rc)
        gsp_problems_add(problems, "%s: [Worker] Command = %s: %s", check->setup.file, config->worker_command,
                         error.message);
    free(folder);
    return rc;
}

static int load(struct check *check, struct gsp_problems *problems)
{
    struct gsp_buffer text = {0};
    struct gsp_error error = {0};
    int rc = file_read(&text, check->file, NETWORK_FILE_MAX, &error);
    if (!rc) rc = gsp_buffer_append(&text, "", 1);
    if (rc)
        gsp_problems_add(problems, "%s", *error.message ? error.message : gsp_strerror(rc));
    else
        check->daemon = is_daemon_file(check->file, (const char *)text.data);
    gsp_buffer_clear(&text);
    if (rc) return rc;
    if (check->daemon)
        rc = setup_load(&check->setup, check->file, problems);
    else
        rc = common_load_network(&check->setup.network, &check->setup.graph, check->file, problems);
    check->network = check->setup.network;
    check->graph = check->setup.graph;
    if (!rc && check->daemon && check->setup.config->worker_command) rc = inquire(check, problems);
    return rc;
}

static void measure(struct check *check)
{
    uint8_t hash[32];
    gsp_network_hash(hash, check->network, check->graph);
    sodium_bin2hex(check->hash, sizeof check->hash, hash, sizeof hash);
    if (!check->dimension_given && check->worker.model.dimension) check->dimension = check->worker.model.dimension;
    check->omega = gsp_compressor_omega(&check->compressor, (size_t)check->dimension);
    check->gamma = gsp_gamma_safe(check->graph, check->omega);
}

static void degrees(const struct gsp_graph *graph, size_t *least, size_t *most)
{
    *least = SIZE_MAX;
    *most = 0;
    for (size_t i = 0; i < graph->count; i++) {
        size_t degree = graph->first[i + 1] - graph->first[i];
        if (degree < *least) *least = degree;
        if (degree > *most) *most = degree;
    }
}

static const char *weights_name(enum gsp_weights weights)
{
    static const char *const names[] = {"metropolis", "uniform", "explicit"};
    return names[weights];
}

static void print_network(const struct check *check)
{
    const struct gsp_graph *graph = check->graph;
    char compressor[64];
    size_t least, most;
    degrees(graph, &least, &most);
    gsp_compressor_format(&check->compressor, compressor, sizeof compressor);
    printf("network    %s: %zu nodes, %zu edges, topology %s, weights %s\n", check->network->name, graph->count,
           graph->first[graph->count] / 2, check->network->topology, weights_name(check->network->weights));
    if (least == most)
        printf("degree     %zu\n", most);
    else
        printf("degree     %zu to %zu\n", least, most);
    printf("diameter   %zu\n"
           "delta      %.6g   spectral gap: how much closer a gossip step brings the nodes\n"
           "beta       %.6g   |I - W|\n"
           "hash       %s   the same on all hosts\n"
           "safe gamma %.3g   for %s in %llu dimensions; gamma=auto measures a greater one\n",
           graph->diameter, graph->delta, graph->beta, check->hash, check->gamma, compressor,
           (unsigned long long)check->dimension);
}

static const char *dtype_name(enum gsp_dtype dtype)
{
    return dtype == GSP_FLOAT32 ? "float32" : "float64";
}

static void print_model(const struct gsp_worker_facts *facts)
{
    char state[GSP_SHORT];
    gsp_format_bytes(state, facts->state_max);
    printf("model      %s: %llu parameters, %s; %s\n", facts->model.name, (unsigned long long)facts->model.dimension,
           dtype_name(facts->dtype), facts->fingerprint);
    printf("           %s initial point of its own, %s%s, %s", facts->model.has_x0 ? "an" : "no",
           facts->state_max ? "a state of at most " : "no state", facts->state_max ? state : "",
           facts->evaluates ? "evaluates" : "can't evaluate");
    if (facts->rows) printf(", %llu rows", (unsigned long long)facts->rows);
    printf("\n");
}

static json_t *worker_json(const struct check *check)
{
    const struct gsp_daemon_config *config = check->setup.config;
    const struct gsp_worker_facts *facts = &check->worker;
    if (!config->worker) return json_null();
    if (!config->worker_command) return json_pack("{s:n}", "command");
    return json_pack("{s:s, s:s, s:I, s:s, s:s, s:b, s:I, s:I, s:b}", "command", config->worker_command, "model",
                     facts->model.name, "dimension", (json_int_t)facts->model.dimension, "dtype",
                     dtype_name(facts->dtype), "fingerprint", facts->fingerprint, "x0", facts->model.has_x0, "rows",
                     (json_int_t)facts->rows, "state_max", (json_int_t)facts->state_max, "evaluates", facts->evaluates);
}

static json_t *neighbour_names(const struct gsp_graph *graph, size_t node)
{
    json_t *names = json_array();
    for (size_t k = graph->first[node]; k < graph->first[node + 1]; k++)
        json_array_append_new(names, json_string(graph->names[graph->neighbour[k]]));
    return names;
}

static json_t *daemon_json(const struct check *check)
{
    const struct setup *setup = &check->setup;
    const struct gsp_network_node *self = &setup->network->nodes[setup->self];
    char key[45];
    gsp_key_encode(key, self->public_key);
    json_t *listen = json_null();
    if (setup->config->listen_port)
        listen = json_sprintf(strchr(setup->config->listen_host, ':') ? "[%s]:%u" : "%s:%u", setup->config->listen_host,
                              (unsigned)setup->config->listen_port);
    return json_pack("{s:s, s:s, s:o, s:o, s:s, s:s, s:I, s:I, s:o}", "node", self->name, "public_key", key,
                     "neighbours", neighbour_names(setup->graph, setup->self), "listen", listen, "peers", setup->peers,
                     "state", setup->state, "rows", (json_int_t)(setup->train ? setup->train->rows : 0), "columns",
                     (json_int_t)(setup->train ? setup->train->columns : 0), "worker", worker_json(check));
}

static int print_json(const struct check *check)
{
    const struct gsp_graph *graph = check->graph;
    char compressor[64];
    size_t least, most;
    degrees(graph, &least, &most);
    gsp_compressor_format(&check->compressor, compressor, sizeof compressor);
    json_t *object =
        json_pack("{s:s, s:I, s:I, s:s, s:s, s:I, s:I, s:I, s:f, s:f, s:s, s:s, s:I, s:f, s:f, s:o}", "network",
                  check->network->name, "nodes", (json_int_t)graph->count, "edges",
                  (json_int_t)(graph->first[graph->count] / 2), "topology", check->network->topology, "weights",
                  weights_name(check->network->weights), "degree_min", (json_int_t)least, "degree_max",
                  (json_int_t)most, "diameter", (json_int_t)graph->diameter, "delta", graph->delta, "beta", graph->beta,
                  "hash", check->hash, "compressor", compressor, "dimension", (json_int_t)check->dimension, "omega",
                  check->omega, "gamma_safe", check->gamma, "daemon", check->daemon ? daemon_json(check) : json_null());
    int rc = object ? json_dumpf(object, stdout, JSON_COMPACT) : -1;
    json_decref(object);
    putchar('\n');
    return rc ? EXIT_FAILED : EXIT_DONE;
}

static int print(const struct ctl *ctl, struct check *check)
{
    measure(check);
    if (ctl->json) return print_json(check);
    if (check->daemon) setup_print(&check->setup);
    if (check->worker.model.dimension) print_model(&check->worker);
    print_network(check);
    return EXIT_DONE;
}

static int run_check(struct ctl *ctl, int argc, char **argv)
{
    struct check check = {.file = ctl_value(ctl, "-c")};
    struct gsp_problems problems = {0};
    if (check.file && argc) return ctl_usage(ctl, "give one file, not both %s and %s", check.file, argv[0]);
    if (argc) check.file = argv[0];
    if (!check.file) return ctl_usage(ctl, "which file? Give a gossipd.conf or a peers.conf");
    int exit_code = parse_options(ctl, &check);
    if (exit_code) return exit_code;
    if (!load(&check, &problems)) {
        exit_code = print(ctl, &check);
    } else {
        common_say_problems(&problems);
        exit_code = EXIT_CONFIG;
    }
    gsp_problems_clear(&problems);
    setup_clear(&check.setup);
    return exit_code;
}

static const struct ctl_option check_options[] = {
    {"-c", "FILE", "the file to check, as gossipd takes it; FILE alone will do"},
    {"--compressor", "C", "the compressor to print the safe gamma for (default: that of the settings)"},
    {"--dimension", "D", "the number of parameters to print it for (default: the worker's, or 10000)"},
    {0},
};

const struct ctl_command ctl_check = {
    .name = "check",
    .synopsis = "[-c] FILE",
    .summary = "check a gossipd.conf or peers.conf and say what it means",
    .details = "Reads a peers.conf, or a gossipd.conf with all files that it names, as gossipd would\n"
               "before it starts, and says what it means: who the neighbours are, how far apart the\n"
               "nodes are, how fast they agree (delta, beta), the hash that all hosts must share, and\n"
               "the consensus step size that theory holds safe. A worker's Command is run until it has\n"
               "said what it is. All problems are told at once, each\n"
               "with its file and line; the exit code is then 78.\n"
               "\n"
               "  gossipctl check net/peers.conf\n"
               "  gossipctl check -c net/n001/gossipd.conf --json\n",
    .options = check_options,
    .most = 1,
    .json = true,
    .run = run_check,
};
