/* `gossipctl init`: makes the files of a network that runs as it is. */
#include "init.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_PORT = 7401 };

static int parse_weights(struct ctl *ctl, struct init_plan *plan)
{
    const char *weights = ctl_value(ctl, "--weights");
    if (!weights || strcmp(weights, "metropolis") == 0)
        plan->weights = GSP_WEIGHTS_METROPOLIS;
    else if (strcmp(weights, "uniform") == 0)
        plan->weights = GSP_WEIGHTS_UNIFORM;
    else
        return ctl_usage(ctl, "--weights %s is neither metropolis nor uniform", weights);
    return 0;
}

static int parse_plan(struct ctl *ctl, struct init_plan *plan)
{
    const char *nodes = ctl_value(ctl, "--nodes");
    plan->topology = ctl_value(ctl, "--topology");
    plan->dir = ctl_value(ctl, "--dir");
    plan->name = ctl_value(ctl, "--name");
    if (!nodes || !plan->topology || !plan->dir)
        return ctl_usage(ctl, "%s is missing", !nodes ? "--nodes N" : !plan->topology ? "--topology T" : "--dir D");
    if (!plan->name) plan->name = "gossip";
    uint64_t count;
    if (gsp_count_parse(&count, nodes) || count < 1 || count > GSP_NODES_MAX)
        return ctl_usage(ctl, "--nodes %s is not a number from 1 to %d", nodes, GSP_NODES_MAX);
    plan->count = (size_t)count;
    if (ctl_value(ctl, "--sort-labels") && !ctl_value(ctl, "--data"))
        return ctl_usage(ctl, "--sort-labels needs --data, the rows to sort");
    return parse_weights(ctl, plan);
}

/* Writes `pattern` with each %s replaced by `name`. */
static bool fill_in(char *out, size_t size, const char *pattern, const char *name)
{
    size_t used = 0;
    while (*pattern) {
        bool here = strncmp(pattern, "%s", 2) == 0;
        size_t length = here ? strlen(name) : 1;
        if (used + length >= size) return false;
        memcpy(out + used, here ? name : pattern, length);
        used += length;
        pattern += here ? 2 : 1;
    }
    out[used] = 0;
    return true;
}

/* One of --endpoints: a pattern with %s, or a list with one for every node. */
static int given_endpoint(struct ctl *ctl, struct init_plan *plan, const char **list, size_t index)
{
    const char *whole = ctl_value(ctl, "--endpoints");
    struct init_node *node = &plan->nodes[index];
    if (strstr(whole, "%s")) {
        if (!fill_in(node->endpoint, sizeof node->endpoint, whole, node->name))
            return ctl_usage(ctl, "--endpoints %s is too long", whole);
        return 0;
    }
    size_t length = strcspn(*list, ",");
    if (length == 0 || length >= sizeof node->endpoint || (index + 1 == plan->count && (*list)[length]))
        return ctl_usage(ctl,
                         "--endpoints must give one HOST:PORT for each of the %zu nodes, or a pattern with %%s for the "
                         "node's name",
                         plan->count);
    memcpy(node->endpoint, *list, length);
    *list += length + ((*list)[length] == ',');
    return 0;
}

static int place_elsewhere(struct ctl *ctl, struct init_plan *plan)
{
    const char *list = ctl_value(ctl, "--endpoints"), *listen = ctl_value(ctl, "--listen");
    for (size_t i = 0; i < plan->count; i++) {
        struct init_node *node = &plan->nodes[i];
        char host[254], reason[300];
        uint16_t port;
        int rc = given_endpoint(ctl, plan, &list, i);
        if (rc) return rc;
        if (gsp_endpoint_parse(host, &port, node->endpoint, reason, sizeof reason))
            return ctl_usage(ctl, "--endpoints: %s", reason);
        if (listen && gsp_endpoint_parse(host, &(uint16_t){0}, listen, reason, sizeof reason))
            return ctl_usage(ctl, "--listen: %s", reason);
        if (listen)
            snprintf(node->listen, sizeof node->listen, "%s", listen);
        else
            snprintf(node->listen, sizeof node->listen, strchr(host, ':') ? "[::]:%u" : "0.0.0.0:%u", (unsigned)port);
    }
    return 0;
}

static int place_here(struct ctl *ctl, struct init_plan *plan)
{
    const char *text = ctl_value(ctl, "--base-port");
    uint64_t port = FIRST_PORT;
    if (ctl_value(ctl, "--listen"))
        return ctl_usage(ctl, "--listen needs --endpoints: where the others reach what listens there");
    if (text && (gsp_count_parse(&port, text) || port < 1 || port > 65535))
        return ctl_usage(ctl, "--base-port %s is not a port: give a number from 1 to 65535", text);
    if (port + plan->count - 1 > 65535)
        return ctl_usage(ctl, "%zu nodes from port %llu on would need ports above 65535: give a lower --base-port",
                         plan->count, (unsigned long long)port);
    for (size_t i = 0; i < plan->count; i++) {
        struct init_node *node = &plan->nodes[i];
        snprintf(node->endpoint, sizeof node->endpoint, "127.0.0.1:%u", (unsigned)(port + i));
        memcpy(node->listen, node->endpoint, sizeof node->listen);
    }
    return 0;
}

static int place_nodes(struct ctl *ctl, struct init_plan *plan)
{
    plan->nodes = gsp_alloc(plan->count, sizeof *plan->nodes);
    if (!plan->nodes) {
        common_say("out of memory");
        return EXIT_FAILED;
    }
    for (size_t i = 0; i < plan->count; i++) plan->nodes[i].name = plan->graph->names[i];
    if (!ctl_value(ctl, "--endpoints")) return place_here(ctl, plan);
    if (ctl_value(ctl, "--base-port")) return ctl_usage(ctl, "give --base-port or --endpoints, not both");
    return place_elsewhere(ctl, plan);
}

static int load_data(struct ctl *ctl, struct init_plan *plan)
{
    struct gsp_error error = {0};
    const char *spec = ctl_value(ctl, "--data");
    if (!spec) return 0;
    int rc = common_data_load(&plan->data, spec, ctl_value(ctl, "--sort-labels") != NULL, true, &error);
    if (rc) {
        common_say("%s", error.message);
        return common_exit_code(rc);
    }
    plan->has_data = true;
    if (plan->data.train->rows < plan->count) {
        common_say("%zu rows are too few for %zu nodes: every node needs one at least", plan->data.train->rows,
                   plan->count);
        return EXIT_CONFIG;
    }
    for (size_t i = 0; i < plan->count; i++)
        gsp_shard_range(plan->data.train->rows, plan->count, i, &plan->nodes[i].first_row, &plan->nodes[i].last_row);
    return 0;
}

static int print_json(const struct init_plan *plan)
{
    json_t *nodes = json_array();
    for (size_t i = 0; i < plan->count; i++) {
        const struct init_node *node = &plan->nodes[i];
        json_t *rows = plan->has_data ? json_integer((json_int_t)(node->last_row - node->first_row)) : json_null();
        json_array_append_new(nodes, json_pack("{s:s, s:o, s:o, s:s, s:s, s:o}", "name", node->name, "config",
                                               json_sprintf("%s/%s/gossipd.conf", plan->dir, node->name), "socket",
                                               json_sprintf("%s/%s/state/control.sock", plan->dir, node->name),
                                               "endpoint", node->endpoint, "listen", node->listen, "rows", rows));
    }
    json_t *object =
        json_pack("{s:s, s:o, s:s, s:I, s:o}", "network", plan->name, "peers", json_sprintf("%s/peers.conf", plan->dir),
                  "topology", plan->topology, "diameter", (json_int_t)plan->graph->diameter, "nodes", nodes);
    int rc = object ? json_dumpf(object, stdout, JSON_COMPACT) : -1;
    json_decref(object);
    putchar('\n');
    return rc ? EXIT_FAILED : EXIT_DONE;
}

static void print_plan(const struct init_plan *plan)
{
    const struct init_node *first = &plan->nodes[0], *last = &plan->nodes[plan->count - 1];
    const char *objective = "";
    printf("%s: %zu node%s (%s%s%s), topology %s, at %s%s%s\n", plan->dir, plan->count, plan->count == 1 ? "" : "s",
           first->name, first == last ? "" : " to ", first == last ? "" : last->name, plan->topology, first->endpoint,
           first == last ? "" : " to ", first == last ? "" : last->endpoint);
    if (plan->has_data) {
        const struct gsp_dataset *train = plan->data.train;
        printf("%zu rows of %zu columns were shared out, %zu to a node%s\n", train->rows, train->columns,
               first->last_row - first->first_row, plan->data.test ? "; each has all test rows" : "");
        if (!train->targets_whole) objective = "objective=linear ";
    } else {
        printf("no data yet: give every node its rows under [Data] in its gossipd.conf, or a program under [Worker], "
               "then\n");
    }
    printf("\nstart every node, on its host:\n"
           "  gossipd -c %s/%s/gossipd.conf\n"
           "then train, from any of them:\n"
           "  gossipctl -s %s/%s/state/control.sock start %s--wait\n",
           plan->dir, first->name, plan->dir, first->name, objective);
}

static int run(struct ctl *ctl, struct init_plan *plan)
{
    struct gsp_error error = {0};
    int exit_code = parse_plan(ctl, plan);
    if (exit_code) return exit_code;
    int rc = gsp_graph_topology(&plan->graph, plan->topology, plan->count, plan->weights, &error);
    if (rc == GSP_ERR_CONFIG) return ctl_usage(ctl, "%s", error.message);
    if (!rc) {
        exit_code = place_nodes(ctl, plan);
        if (!exit_code) exit_code = load_data(ctl, plan);
        if (exit_code) return exit_code;
        rc = init_write(plan, &error);
    }
    if (rc) {
        common_say("%s", error.message);
        return common_exit_code(rc);
    }
    if (ctl->json) return print_json(plan);
    print_plan(plan);
    return EXIT_DONE;
}

static int run_init(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    struct init_plan plan = {0};
    int exit_code = run(ctl, &plan);
    common_data_clear(&plan.data);
    gsp_graph_free(plan.graph);
    free(plan.nodes);
    return exit_code;
}

static const struct ctl_option init_options[] = {
    {"--nodes", "N", "how many nodes; they are named n001, n002, ..."},
    {"--topology", "T", "ring, torus, grid, star, complete, hypercube or random:degree=4,seed=1"},
    {"--dir", "D", "the folder to make the network in; it may hold no network yet"},
    {"--data", "SPEC", COMMON_DATA_HELP},
    {"--sort-labels", NULL, "sort the rows by label before they are cut into shards, so that no node sees all classes"},
    {"--base-port", "P", "all on this host: the nodes listen on 127.0.0.1, ports P, P+1, ... (default 7401)"},
    {"--endpoints", "E",
     "each on a host or in a container of its own: HOST:PORT of every node in turn, separated by "
     "commas, or one HOST:PORT with %s for the node's name"},
    {"--listen", "A:P", "with --endpoints: what every node listens on (default: its endpoint's port on 0.0.0.0)"},
    {"--name", "NAME", "the network's name (default gossip)"},
    {"--weights", "W", "metropolis (the default) or uniform, the weights of neighbours in the mixing matrix"},
    {0},
};

const struct ctl_command ctl_init = {
    .name = "init",
    .synopsis = "--nodes N --topology T --dir D [OPTION...]",
    .summary = "make a network: peers.conf, and keys, configuration and data of every node",
    .details = "Makes the files of a network that runs as it is: D/peers.conf, the same for all, and\n"
               "for every node a folder D/NAME with its gossipd.conf, its key NAME.key and, with\n"
               "--data, its rows: shard.npz (floor(rows / N) each, the last takes the rest) and\n"
               "test.npz. Nothing is overwritten, and after a failure nothing is left behind.\n"
               "\n"
               "Nine nodes on this host, no node with all labels:\n"
               "  gossipctl init --nodes 9 --topology torus --dir net --sort-labels \\\n"
               "      --data train=x.npy,labels=y.npy,test=xt.npy,testlabels=yt.npy,bias=yes\n"
               "\n"
               "Three hosts; copy net/peers.conf and a node's folder to each, side by side:\n"
               "  gossipctl init --nodes 3 --topology ring --dir net \\\n"
               "      --endpoints a.example:7400,b.example:7400,c.example:7400\n"
               "\n"
               "Containers that find each other by the names of the nodes:\n"
               "  gossipctl init --nodes 9 --topology torus --dir net --endpoints %s:7400\n",
    .options = init_options,
    .json = true,
    .run = run_init,
};
