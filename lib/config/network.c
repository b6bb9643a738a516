/* The network file: peers.conf. */
#include "ini.h"
#include "table.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct gsp_option network_options[] = {
    {.section = "Network",
     .key = "Name",
     .type = GSP_OPTION_TEXT,
     .required = true,
     .help = "the network's name, the same on every host"},
    {.section = "Network",
     .key = "Topology",
     .type = GSP_OPTION_CHOICE,
     .choices = "ring torus grid star complete hypercube edges random:",
     .required = true,
     .help = "who talks to whom: ring, torus, grid, star, complete, hypercube, random:degree=4,seed=1, or edges (given "
             "by [Edge]); nodes are placed in the order of the file"},
    {.section = "Network",
     .key = "Weights",
     .type = GSP_OPTION_CHOICE,
     .choices = "metropolis uniform explicit",
     .fallback = "metropolis",
     .help = "how neighbours are weighted: metropolis, uniform (regular graphs), or explicit (by [Edge])"},
    {.section = "Node",
     .key = "Name",
     .type = GSP_OPTION_TEXT,
     .required = true,
     .repeatable = true,
     .help = "the node's name: 1 to 32 of a-z 0-9 - ."},
    {.section = "Node",
     .key = "PublicKey",
     .type = GSP_OPTION_TEXT,
     .required = true,
     .repeatable = true,
     .help = "the node's public key in base64"},
    {.section = "Node",
     .key = "Endpoint",
     .type = GSP_OPTION_TEXT,
     .repeatable = true,
     .help = "host:port where neighbours reach the node, looked up at every dial; without it the node only dials out"},
    {.section = "Edge",
     .key = "Between",
     .type = GSP_OPTION_TEXT,
     .required = true,
     .repeatable = true,
     .help = "the two nodes that the edge joins, as in 'n001 n002'"},
    {.section = "Edge",
     .key = "Weight",
     .type = GSP_OPTION_NUMBER,
     .minimum = 0,
     .maximum = 1,
     .repeatable = true,
     .help = "the edge's weight in the mixing matrix, with Weights = explicit"},
    {0},
};

const struct gsp_option *gsp_network_options(void)
{
    return network_options;
}

/* Texts with the lines they stand on, sorted to find what is there twice and to look names up. */
struct word {
    const char *text;
    size_t length;
    size_t index;
    int line;
};

struct parser {
    struct gsp_network *network;
    const struct gsp__ini *ini;
    const char *file;
    struct gsp_problems *problems;
    struct word *words;     /* scratch, one a node */
    struct word *names;     /* sorted names */
    const char **name_list; /* for suggestions, NULL-terminated */
};

static int compare_texts(const struct word *a, const struct word *b)
{
    size_t shorter = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->text, b->text, shorter);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare_words(const void *a, const void *b)
{
    const struct word *left = a, *right = b;
    int order = compare_texts(left, right);
    return order ? order : (left->line > right->line) - (left->line < right->line);
}

static void report_twice(const struct parser *parser, struct word *words, size_t count, const char *what)
{
    qsort(words, count, sizeof *words, compare_words);
    for (size_t i = 1; i < count; i++)
        if (compare_texts(&words[i - 1], &words[i]) == 0)
            gsp_problems_add(parser->problems, "%s:%d: %s as the node on line %d; every node needs its own",
                             parser->file, words[i].line, what, words[i - 1].line);
}

static void parse_network_section(const struct parser *parser, const struct gsp__ini_section *section)
{
    struct gsp_network *network = parser->network;
    const struct gsp__ini_entry *name = gsp__ini_find(section, "Name");
    if (name && *name->value) {
        if (strlen(name->value) >= sizeof network->name)
            gsp_problems_add(parser->problems, "%s:%d: Name is longer than %zu characters", parser->file, name->line,
                             sizeof network->name - 1);
        else
            snprintf(network->name, sizeof network->name, "%s", name->value);
    }
    const struct gsp__ini_entry *topology = gsp__ini_find(section, "Topology");
    if (topology) {
        network->topology_line = topology->line;
        if (strlen(topology->value) >= sizeof network->topology)
            gsp_problems_add(parser->problems, "%s:%d: Topology is longer than %zu characters", parser->file,
                             topology->line, sizeof network->topology - 1);
        else
            snprintf(network->topology, sizeof network->topology, "%s", topology->value);
    }
    const struct gsp__ini_entry *weights = gsp__ini_find(section, "Weights");
    if (!weights || !*weights->value) return; /* metropolis */
    const struct gsp_option *option = gsp__option_find(network_options, "Network", "Weights");
    network->weights = (enum gsp_weights)gsp__choice_index(option->choices, weights->value);
    if (network->weights == GSP_WEIGHTS_EXPLICIT && *network->topology && strcmp(network->topology, "edges") != 0)
        gsp_problems_add(parser->problems,
                         "%s:%d: Weights = explicit needs Topology = edges, which gives each [Edge] its Weight",
                         parser->file, weights->line);
}

/* The points of small order have no secret: the shared secret with any key comes out as zero, which libsodium tells. */
static bool low_order(const uint8_t public_key[GSP_KEY_BYTES])
{
    uint8_t scalar[GSP_KEY_BYTES] = {64}, product[GSP_KEY_BYTES];
    return crypto_scalarmult(product, scalar, public_key) != 0;
}

static void parse_node_key(const struct parser *parser, const struct gsp__ini_entry *entry, uint8_t *key)
{
    struct gsp_error error = {0};
    if (gsp_key_decode(key, entry->value, strlen(entry->value), &error))
        gsp_problems_add(parser->problems, "%s:%d: PublicKey is %s", parser->file, entry->line, error.message);
    else if (low_order(key))
        gsp_problems_add(parser->problems,
                         "%s:%d: PublicKey is a point of low order, which is nobody's key: print the node's own from "
                         "its private key",
                         parser->file, entry->line);
}

static void parse_node(const struct parser *parser, const struct gsp__ini_section *section,
                       struct gsp_network_node *node)
{
    node->line = section->line;
    const struct gsp__ini_entry *name = gsp__ini_find(section, "Name");
    if (name && *name->value) {
        if (gsp_name_valid(name->value))
            snprintf(node->name, sizeof node->name, "%s", name->value);
        else
            gsp_problems_add(parser->problems,
                             "%s:%d: Name = %.60s is not a node's name: 1 to %d of a-z 0-9 - . , the first a letter or "
                             "digit",
                             parser->file, name->line, name->value, GSP_NAME_MAX);
    }
    const struct gsp__ini_entry *key = gsp__ini_find(section, "PublicKey");
    if (key && *key->value) parse_node_key(parser, key, node->public_key);
    const struct gsp__ini_entry *endpoint = gsp__ini_find(section, "Endpoint");
    char reason[300];
    if (endpoint && *endpoint->value &&
        gsp_endpoint_parse(node->host, &node->port, endpoint->value, reason, sizeof reason))
        gsp_problems_add(parser->problems, "%s:%d: Endpoint = %s", parser->file, endpoint->line, reason);
}

static void report_twice_keys(const struct parser *parser)
{
    static const uint8_t none[GSP_KEY_BYTES];
    const struct gsp_network *network = parser->network;
    size_t count = 0;
    for (size_t i = 0; i < network->count; i++) {
        const struct gsp_network_node *node = &network->nodes[i];
        if (memcmp(node->public_key, none, sizeof none) != 0)
            parser->words[count++] = (struct word){(const char *)node->public_key, GSP_KEY_BYTES, i, node->line};
    }
    report_twice(parser, parser->words, count, "the same PublicKey");
}

static int compare_endpoints(const void *a, const void *b)
{
    const struct gsp_network_node *const *left = a, *const *right = b;
    int order = strcasecmp((*left)->host, (*right)->host);
    if (order == 0) order = ((*left)->port > (*right)->port) - ((*left)->port < (*right)->port);
    return order ? order : ((*left)->line > (*right)->line) - ((*left)->line < (*right)->line);
}

static void report_twice_endpoints(const struct parser *parser, const struct gsp_network_node **nodes)
{
    const struct gsp_network *network = parser->network;
    size_t count = 0;
    for (size_t i = 0; i < network->count; i++)
        if (*network->nodes[i].host) nodes[count++] = &network->nodes[i];
    qsort(nodes, count, sizeof *nodes, compare_endpoints);
    for (size_t i = 1; i < count; i++)
        if (strcasecmp(nodes[i - 1]->host, nodes[i]->host) == 0 && nodes[i - 1]->port == nodes[i]->port)
            gsp_problems_add(parser->problems,
                             "%s:%d: the same Endpoint as the node on line %d; every node needs its own", parser->file,
                             nodes[i]->line, nodes[i - 1]->line);
}

static void sort_names(const struct parser *parser)
{
    const struct gsp_network *network = parser->network;
    size_t named = 0;
    for (size_t i = 0; i < network->count; i++) {
        const struct gsp_network_node *node = &network->nodes[i];
        if (*node->name) parser->name_list[named++] = node->name;
        parser->words[i] = (struct word){node->name, strlen(node->name), i, node->line};
    }
    qsort(parser->words, network->count, sizeof *parser->words, compare_words);
    memcpy(parser->names, parser->words, network->count * sizeof *parser->names);
    size_t unnamed = network->count - named; /* empty names sort first; they are reported already */
    report_twice(parser, parser->words + unnamed, named, "the same Name");
}

static int compare_name(const void *key, const void *word)
{
    return compare_texts(key, word);
}

/* Reads one node of "Between = a b" and moves *text past it; false when it is unknown or missing. */
static bool parse_end(const struct parser *parser, const struct gsp__ini_entry *entry, const char **text, size_t *index)
{
    *text += strspn(*text, " \t");
    struct word key = {.text = *text, .length = strcspn(*text, " \t")};
    *text += key.length;
    if (key.length == 0) {
        gsp_problems_add(parser->problems, "%s:%d: Between = %.80s must name two nodes, as in 'n001 n002'",
                         parser->file, entry->line, entry->value);
        return false;
    }
    const struct word *found =
        bsearch(&key, parser->names, parser->network->count, sizeof *parser->names, compare_name);
    if (found) {
        *index = found->index;
        return true;
    }
    char name[65];
    snprintf(name, sizeof name, "%.*s", (int)(key.length < 64 ? key.length : 64), key.text);
    const char *near = gsp_suggest(name, parser->name_list);
    gsp_problems_add(parser->problems, "%s:%d: there is no node '%s'%s%s%s", parser->file, entry->line, name,
                     near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return false;
}

static void parse_edge_weight(const struct parser *parser, const struct gsp__ini_section *section,
                              struct gsp_network_edge *edge)
{
    const struct gsp__ini_entry *weight = gsp__ini_find(section, "Weight");
    bool explicit = parser->network->weights == GSP_WEIGHTS_EXPLICIT;
    if (explicit && !weight)
        gsp_problems_add(parser->problems, "%s:%d: this [Edge] lacks its Weight, which Weights = explicit needs",
                         parser->file, section->line);
    else if (!explicit && weight)
        gsp_problems_add(parser->problems,
                         "%s:%d: Weight is only used with Weights = explicit: say so in [Network] or drop it",
                         parser->file, weight->line);
    else if (weight && *weight->value && !gsp_number_parse(&edge->weight, weight->value) && edge->weight == 0)
        gsp_problems_add(parser->problems, "%s:%d: Weight = 0 carries nothing: drop the [Edge] or give it a weight",
                         parser->file, weight->line);
}

static void parse_edge(const struct parser *parser, const struct gsp__ini_section *section)
{
    struct gsp_network *network = parser->network;
    const struct gsp__ini_entry *between = gsp__ini_find(section, "Between");
    struct gsp_network_edge edge = {.line = section->line};
    parse_edge_weight(parser, section, &edge);
    if (!between || !*between->value) return;
    const char *text = between->value;
    bool known_a = parse_end(parser, between, &text, &edge.a);
    if (!known_a && !*text) return;
    bool known_b = parse_end(parser, between, &text, &edge.b);
    if (text[strspn(text, " \t")])
        gsp_problems_add(parser->problems, "%s:%d: Between = %.80s must name two nodes, no more", parser->file,
                         between->line, between->value);
    else if (known_a && known_b && edge.a == edge.b)
        gsp_problems_add(parser->problems, "%s:%d: Between joins %s with itself", parser->file, between->line,
                         network->nodes[edge.a].name);
    else if (known_a && known_b)
        network->edges[network->edge_count++] = edge;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int compare_edges(const void *a, const void *b)
{
    const struct gsp_network_edge *const *left = a, *const *right = b;
    size_t low_left = smaller((*left)->a, (*left)->b), low_right = smaller((*right)->a, (*right)->b);
    if (low_left != low_right) return low_left < low_right ? -1 : 1;
    size_t sum_left = (*left)->a + (*left)->b, sum_right = (*right)->a + (*right)->b;
    if (sum_left != sum_right) return sum_left < sum_right ? -1 : 1;
    return ((*left)->line > (*right)->line) - ((*left)->line < (*right)->line);
}

static bool same_edge(const struct gsp_network_edge *a, const struct gsp_network_edge *b)
{
    return (a->a == b->a && a->b == b->b) || (a->a == b->b && a->b == b->a);
}

static int report_twice_edges(const struct parser *parser)
{
    const struct gsp_network *network = parser->network;
    const struct gsp_network_edge **sorted = gsp_alloc(network->edge_count, sizeof *sorted);
    if (!sorted) return GSP_ERR_NOMEM;
    for (size_t i = 0; i < network->edge_count; i++) sorted[i] = &network->edges[i];
    qsort(sorted, network->edge_count, sizeof *sorted, compare_edges);
    for (size_t i = 1; i < network->edge_count; i++)
        if (same_edge(sorted[i - 1], sorted[i]))
            gsp_problems_add(parser->problems, "%s:%d: %s and %s are joined already on line %d; keep one [Edge]",
                             parser->file, sorted[i]->line, network->nodes[sorted[i]->a].name,
                             network->nodes[sorted[i]->b].name, sorted[i - 1]->line);
    free(sorted);
    return 0;
}

static int parse_edges(struct parser *parser)
{
    struct gsp_network *network = parser->network;
    size_t sections = 0, first = 0;
    for (size_t i = parser->ini->count; i-- > 0;) {
        if (strcmp(parser->ini->sections[i].name, "Edge") != 0) continue;
        sections++;
        first = i;
    }
    bool expected = strcmp(network->topology, "edges") == 0;
    if (sections && !expected && *network->topology)
        gsp_problems_add(parser->problems, "%s:%d: [Edge] is only used with Topology = edges: say so or drop the edges",
                         parser->file, parser->ini->sections[first].line);
    if (!expected) return 0;
    network->edges = gsp_alloc(sections, sizeof *network->edges);
    if (!network->edges) return GSP_ERR_NOMEM;
    for (size_t i = 0; i < parser->ini->count; i++)
        if (strcmp(parser->ini->sections[i].name, "Edge") == 0) parse_edge(parser, &parser->ini->sections[i]);
    return report_twice_edges(parser);
}

static int parse_nodes(struct parser *parser, size_t count)
{
    struct gsp_network *network = parser->network;
    const struct gsp_network_node **nodes = gsp_alloc(count, sizeof *nodes);
    network->nodes = gsp_alloc(count, sizeof *network->nodes);
    parser->words = gsp_alloc(count, sizeof *parser->words);
    parser->names = gsp_alloc(count, sizeof *parser->names);
    parser->name_list = gsp_alloc(count + 1, sizeof *parser->name_list);
    if (!nodes || !network->nodes || !parser->words || !parser->names || !parser->name_list) {
        free(nodes);
        return GSP_ERR_NOMEM;
    }
    for (size_t i = 0; i < parser->ini->count; i++)
        if (strcmp(parser->ini->sections[i].name, "Node") == 0)
            parse_node(parser, &parser->ini->sections[i], &network->nodes[network->count++]);
    sort_names(parser);
    report_twice_keys(parser);
    report_twice_endpoints(parser, nodes);
    free(nodes);
    return 0;
}

static int parse_sections(struct parser *parser)
{
    size_t nodes = 0;
    for (size_t i = 0; i < parser->ini->count; i++) {
        const struct gsp__ini_section *section = &parser->ini->sections[i];
        if (strcmp(section->name, "Network") == 0) parse_network_section(parser, section);
        if (strcmp(section->name, "Node") == 0) nodes++;
    }
    if (nodes == 0) gsp_problems_add(parser->problems, "%s: there is no [Node]: list every node", parser->file);
    if (nodes > GSP_NODES_MAX) {
        gsp_problems_add(parser->problems, "%s: %zu nodes are more than %d", parser->file, nodes, GSP_NODES_MAX);
        return GSP_ERR_CONFIG;
    }
    int rc = parse_nodes(parser, nodes);
    return rc ? rc : parse_edges(parser);
}

int gsp_network_parse(struct gsp_network **out, const char *file, const char *text, size_t length,
                      struct gsp_problems *problems)
{
    size_t before = problems->count + problems->untold;
    struct gsp__ini ini = {0};
    struct parser parser = {.ini = &ini, .file = file, .problems = problems};
    int rc = GSP_ERR_NOMEM;
    parser.network = gsp_alloc(1, sizeof *parser.network);
    if (!parser.network) goto done;
    rc = gsp__ini_parse(&ini, network_options, file, text, length, problems);
    if (!rc || rc == GSP_ERR_CONFIG) rc = parse_sections(&parser);
done:
    if (rc == GSP_ERR_NOMEM) gsp_problems_add(problems, "%s: out of memory", file);
    gsp__ini_clear(&ini);
    free(parser.words);
    free(parser.names);
    free(parser.name_list);
    if (!rc && problems->count + problems->untold > before) rc = GSP_ERR_CONFIG;
    if (rc == GSP_ERR_LIMIT) rc = GSP_ERR_CONFIG;
    if (rc)
        gsp_network_free(parser.network);
    else
        *out = parser.network;
    return rc;
}

void gsp_network_free(struct gsp_network *network)
{
    if (!network) return;
    free(network->nodes);
    free(network->edges);
    free(network);
}

long gsp_network_find(const struct gsp_network *network, const char *name)
{
    for (size_t i = 0; i < network->count; i++)
        if (strcmp(network->nodes[i].name, name) == 0) return (long)i;
    return -1;
}
