#include "setup.h"

#include "commands.h"
#include "files.h"
#include "rows.h"
#include "state.h"

#include <gossip/session.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define KEY_FILE_MAX 1024u

static void add_error(struct gsp_problems *problems, const struct gsp_error *error)
{
    gsp_problems_add(problems, "%s", error->message);
}

static void load_config(struct setup *setup, const char *file, struct gsp_problems *problems)
{
    struct gsp_buffer text = {0};
    struct gsp_error error = {0};
    setup->file = gsp_strdup(file);
    if (!setup->file) gsp_problems_add(problems, "%s: out of memory", file);
    if (file_read(&text, file, CONFIG_FILE_MAX, &error))
        add_error(problems, &error);
    else
        gsp_daemon_config_parse(&setup->config, file, (const char *)text.data, text.length, problems);
    gsp_buffer_clear(&text);
}

void setup_read_network(struct gsp_network **network, struct gsp_graph **graph, const char *file,
                        struct gsp_problems *problems)
{
    struct gsp_buffer text = {0};
    struct gsp_error error = {0};
    if (file_read(&text, file, NETWORK_FILE_MAX, &error))
        add_error(problems, &error);
    else if (!gsp_network_parse(network, file, (const char *)text.data, text.length, problems))
        gsp_graph_from_network(graph, file, *network, problems);
    gsp_buffer_clear(&text);
}

static void load_network(struct setup *setup, struct gsp_problems *problems)
{
    setup->peers = path_beside(setup->file, setup->config->peers);
    if (!setup->peers)
        gsp_problems_add(problems, "%s: out of memory", setup->config->peers);
    else
        setup_read_network(&setup->network, &setup->graph, setup->peers, problems);
}

/* A NULL-terminated list of the nodes' names, for a suggestion. */
static const char *nearest_name(const struct gsp_network *network, const char *name)
{
    const char **names = gsp_alloc(network->count + 1, sizeof *names);
    if (!names) return NULL;
    for (size_t i = 0; i < network->count; i++) names[i] = network->nodes[i].name;
    const char *nearest = gsp_suggest(name, names);
    free(names);
    return nearest;
}

/* Which [Node] am I? */
static bool find_self(struct setup *setup, struct gsp_problems *problems)
{
    const char *name = setup->config->node;
    long index = gsp_network_find(setup->network, name);
    if (index >= 0) {
        setup->self = (size_t)index;
        return true;
    }
    const char *nearest = nearest_name(setup->network, name);
    if (nearest)
        gsp_problems_add(problems, "%s: Node = %s: %s lists no such node; did you mean %s?", setup->file, name,
                         setup->peers, nearest);
    else
        gsp_problems_add(problems, "%s: Node = %s: %s lists no such node; add a [Node] for it there, on every host",
                         setup->file, name, setup->peers);
    return false;
}

static bool load_key(struct setup *setup, struct gsp_problems *problems)
{
    struct gsp_buffer text = {0};
    struct gsp_error error = {0};
    bool loaded = false;
    char *path = path_beside(setup->file, setup->config->private_key);
    if (!path) {
        gsp_problems_add(problems, "%s: out of memory", setup->config->private_key);
    } else if (file_read_private(&text, path, KEY_FILE_MAX, &error)) {
        add_error(problems, &error);
    } else if (gsp_key_decode(setup->secret_key, (const char *)text.data, text.length, &error)) {
        gsp_problems_add(problems, "%s: %s; " COMMANDS_OF_KEYS, path, error.message);
    } else {
        loaded = true;
    }
    if (text.data) sodium_memzero(text.data, text.capacity);
    gsp_buffer_clear(&text);
    free(path);
    return loaded;
}

static void check_key(const struct setup *setup, struct gsp_problems *problems)
{
    const struct gsp_network_node *node = &setup->network->nodes[setup->self];
    uint8_t public_key[GSP_KEY_BYTES];
    char mine[45], listed[45];
    if (gsp_public_key(public_key, setup->secret_key)) {
        gsp_problems_add(problems, "%s: PrivateKey = %s: is no usable X25519 key; make another with `gossipctl genkey`",
                         setup->file, setup->config->private_key);
        return;
    }
    if (memcmp(public_key, node->public_key, sizeof public_key) == 0) return;
    gsp_key_encode(mine, public_key);
    gsp_key_encode(listed, node->public_key);
    gsp_problems_add(
        problems,
        "%s: PrivateKey = %s: its public key is %s, but %s:%d lists %s for node %s; use %s's own key file, "
        "or correct PublicKey there on every host",
        setup->file, setup->config->private_key, mine, setup->peers, node->line, listed, node->name, node->name);
}

static void add_data_error(struct gsp_problems *problems, const struct setup *setup, const char *key,
                           const struct gsp_error *error)
{
    if (error->code == GSP_ERR_IO)
        gsp_problems_add(problems, "%s: correct %s in %s, or put the file there", error->message, key, setup->file);
    else
        gsp_problems_add(problems, "%s", error->message);
}

static void load_data(struct setup *setup, struct gsp_problems *problems)
{
    const struct gsp_data_config *config = &setup->config->data;
    struct gsp_error error = {0};
    if (!config->train && config->test)
        gsp_problems_add(problems, "%s: Test = %s is of no use without Train", setup->file, config->test);
    if (!config->train) return;
    if (rows_train(&setup->train, config, setup->file, false, &error)) {
        add_data_error(problems, setup, "Train", &error);
        return;
    }
    if (config->test && rows_test(&setup->test, config, setup->file, setup->train, false, &error))
        add_data_error(problems, setup, "Test", &error);
}

static void find_state(struct setup *setup, struct gsp_problems *problems)
{
    struct gsp_error error = {0};
    setup->state = path_beside(setup->file, setup->config->state);
    if (!setup->state)
        gsp_problems_add(problems, "%s: out of memory", setup->config->state);
    else if (state_folder_check(setup->state, &error))
        gsp_problems_add(problems, "%s: %s", setup->file, error.message);
}

int setup_load(struct setup *setup, const char *file, struct gsp_problems *problems)
{
    *setup = (struct setup){0};
    load_config(setup, file, problems);
    if (!setup->file || !setup->config) return GSP_ERR_CONFIG;
    load_network(setup, problems);
    bool key = load_key(setup, problems);
    if (setup->network && find_self(setup, problems) && key) check_key(setup, problems);
    load_data(setup, problems);
    find_state(setup, problems);
    return problems->count == 0 && problems->untold == 0 ? 0 : GSP_ERR_CONFIG;
}

static bool same_file(const struct setup *setup, const char *file, const struct stat *about)
{
    struct stat other;
    char *path = file ? path_beside(setup->file, file) : NULL;
    bool same = path && !stat(path, &other) && other.st_dev == about->st_dev && other.st_ino == about->st_ino;
    free(path);
    return same;
}

bool setup_is_data(const struct setup *setup, const char *path)
{
    const struct gsp_data_config *config = &setup->config->data;
    const char *const files[] = {config->train, config->labels, config->test, config->test_labels};
    struct stat about;
    if (stat(path, &about)) return false;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (same_file(setup, files[i], &about)) return true;
    return false;
}

/* Whether a file, links followed, lies in the folder of another or below. */
static bool lies_beside(const char *real, const char *file)
{
    char *folder = path_beside(file, "."), *real_folder = folder ? realpath(folder, NULL) : NULL;
    size_t length = real_folder ? strlen(real_folder) : 0;
    bool beside = length > 0 && strncmp(real, real_folder, length) == 0 && real[length] == '/';
    free(real_folder);
    free(folder);
    return beside;
}

bool setup_may_read(const struct setup *setup, const char *path)
{
    char *real = realpath(path, NULL);
    bool may = real && (lies_beside(real, setup->file) || lies_beside(real, setup->peers));
    free(real);
    return may;
}

void setup_clear(struct setup *setup)
{
    sodium_memzero(setup->secret_key, sizeof setup->secret_key);
    gsp_dataset_free(setup->train);
    gsp_dataset_free(setup->test);
    gsp_graph_free(setup->graph);
    gsp_network_free(setup->network);
    gsp_daemon_config_free(setup->config);
    free(setup->file);
    free(setup->peers);
    free(setup->state);
    *setup = (struct setup){0};
}

static void print_dataset(const char *what, const char *file, const struct gsp_dataset *data, bool bias)
{
    struct gsp_buffer lines = {0};
    printf("%s%s: %zu rows, %zu columns, %s\n", what, file, data->rows, data->columns,
           data->dtype == GSP_FLOAT32 ? "float32" : "float64");
    if (!gsp_dataset_describe(data, bias, &lines)) fwrite(lines.data, 1, lines.length, stdout);
    gsp_buffer_clear(&lines);
}

void setup_print(const struct setup *setup)
{
    const struct gsp_daemon_config *config = setup->config;
    const struct gsp_network_node *me = &setup->network->nodes[setup->self];
    const struct gsp_graph *graph = setup->graph;
    printf("node       %s of network %s (%s): %zu nodes, %s, diameter %zu, delta %.4g, beta %.4g\n", me->name,
           setup->network->name, setup->peers, graph->count, setup->network->topology, graph->diameter, graph->delta,
           graph->beta);
    printf("neighbours");
    for (size_t k = graph->first[setup->self]; k < graph->first[setup->self + 1]; k++)
        printf(" %s", graph->names[graph->neighbour[k]]);
    if (graph->first[setup->self] == graph->first[setup->self + 1]) printf(" none");
    char key[45];
    gsp_key_encode(key, me->public_key);
    printf("\npublic key %s\n", key);
    if (config->listen_port != 0)
        printf("listens on %s port %" PRIu16 "\n", config->listen_host, config->listen_port);
    else
        printf("listens    nowhere: it only dials out\n");
    printf("state      %s\n", setup->state);
    if (setup->train) print_dataset("train      ", config->data.train, setup->train, config->data.bias);
    if (config->worker)
        printf("worker     %s\n",
               config->worker_command ? config->worker_command : "whoever connects to worker.sock in State");
    if (setup->test) print_dataset("test       ", config->data.test, setup->test, config->data.bias);
}
