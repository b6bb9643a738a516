/* A daemon's own file: gossipd.conf. */
#include "ini.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct gsp_option daemon_options[] = {
    {.section = "Daemon",
     .key = "Node",
     .type = GSP_OPTION_TEXT,
     .required = true,
     .help = "which [Node] of the peers file this daemon is"},
    {.section = "Daemon",
     .key = "Peers",
     .type = GSP_OPTION_TEXT,
     .required = true,
     .help = "the network file, the same on every host"},
    {.section = "Daemon",
     .key = "PrivateKey",
     .type = GSP_OPTION_TEXT,
     .required = true,
     .help = "the file with this node's private key in base64; mode 0600"},
    {.section = "Daemon",
     .key = "Listen",
     .type = GSP_OPTION_TEXT,
     .help = "address:port to listen on for neighbours; without it the daemon only dials out"},
    {.section = "Daemon",
     .key = "State",
     .type = GSP_OPTION_TEXT,
     .fallback = "/var/lib/gossipd",
     .help = "folder of the control socket"},
    {.section = "Data",
     .key = "Train",
     .type = GSP_OPTION_TEXT,
     .required = true,
     .unless = "Worker",
     .help = "this node's rows: a text table (csv; commas, semicolons, tabs or blanks), npy, npz (arrays x and y), "
             "libsvm, idx "
             "or idx.gz"},
    {.section = "Data",
     .key = "Labels",
     .type = GSP_OPTION_TEXT,
     .help = "file of the labels, when they are not in Train"},
    {.section = "Data",
     .key = "Test",
     .type = GSP_OPTION_TEXT,
     .help = "rows to test on; without it no accuracy is shown"},
    {.section = "Data",
     .key = "TestLabels",
     .type = GSP_OPTION_TEXT,
     .help = "file of the labels, when they are not in Test"},
    {.section = "Data",
     .key = "Label",
     .type = GSP_OPTION_TEXT,
     .help = "tables: the column of the target, by its name or number (default: the last)"},
    {.section = "Data",
     .key = "Drop",
     .type = GSP_OPTION_TEXT,
     .help = "tables: columns to leave out, by name or number; a list separated by blanks or ;, quotes around a name "
             "that holds "
             "blanks"},
    {.section = "Data",
     .key = "Missing",
     .type = GSP_OPTION_CHOICE,
     .choices = "refuse drop",
     .fallback = "refuse",
     .help = "tables: what happens where values are missing (empty, ?, NA, nan, null): refuse says how many in which "
             "columns, drop leaves their rows out"},
    {.section = "Data",
     .key = "Bias",
     .type = GSP_OPTION_YES_NO,
     .fallback = "no",
     .help = "yes: adds a last column of ones"},
    {.section = "Data",
     .key = "Features",
     .type = GSP_OPTION_COUNT,
     .minimum = 1,
     .maximum = 1e9,
     .unit = "columns",
     .help = "libsvm: the width, when a shard may lack the last column"},
    {.section = "Data",
     .key = "Base",
     .type = GSP_OPTION_CHOICE,
     .choices = "auto 0 1",
     .fallback = "auto",
     .help = "libsvm: what indices count from; auto: 0 where an index is 0, else 1"},
    {.section = "Worker",
     .key = "Command",
     .type = GSP_OPTION_TEXT,
     .help = "a program of yours that computes gradients (objective=worker): started by /bin/sh in the folder of this "
             "file, and again where it dies; without it one may connect to worker.sock in State"},
    {.section = "Worker",
     .key = "Timeout",
     .type = GSP_OPTION_NUMBER,
     .minimum = 0,
     .maximum = 1e9,
     .unit = "seconds",
     .fallback = "0",
     .help = "how long it may be at a step without a sign of life before it is ended; 0: for ever"},
    {0},
};

const struct gsp_option *gsp_daemon_options(void)
{
    return daemon_options;
}

struct parser {
    const struct gsp__ini *ini;
    const char *file;
    struct gsp_problems *problems;
    int rc;
};

/* The value of a key, or NULL if it was not given (or was bad, which is reported already). */
static const struct gsp__ini_entry *find(const struct parser *parser, const char *section, const char *key)
{
    for (size_t i = 0; i < parser->ini->count; i++) {
        if (strcmp(parser->ini->sections[i].name, section) != 0) continue;
        const struct gsp__ini_entry *entry = gsp__ini_find(&parser->ini->sections[i], key);
        return entry && *entry->value ? entry : NULL;
    }
    return NULL;
}

static char *copy_text(struct parser *parser, const char *section, const char *key)
{
    const struct gsp__ini_entry *entry = find(parser, section, key);
    if (!entry) return NULL;
    char *copy = gsp_strdup(entry->value);
    if (!copy) parser->rc = GSP_ERR_NOMEM;
    return copy;
}

static void parse_daemon_section(struct parser *parser, struct gsp_daemon_config *config)
{
    const struct gsp__ini_entry *node = find(parser, "Daemon", "Node");
    if (node && gsp_name_valid(node->value))
        snprintf(config->node, sizeof config->node, "%s", node->value);
    else if (node)
        gsp_problems_add(parser->problems,
                         "%s:%d: Node = %.60s is not a node's name: 1 to %d of a-z 0-9 - . , the first a letter or "
                         "digit",
                         parser->file, node->line, node->value, GSP_NAME_MAX);
    const struct gsp__ini_entry *listen = find(parser, "Daemon", "Listen");
    char reason[300];
    if (listen && gsp_endpoint_parse(config->listen_host, &config->listen_port, listen->value, reason, sizeof reason))
        gsp_problems_add(parser->problems, "%s:%d: Listen = %s", parser->file, listen->line, reason);
    config->peers = copy_text(parser, "Daemon", "Peers");
    config->private_key = copy_text(parser, "Daemon", "PrivateKey");
    config->state = copy_text(parser, "Daemon", "State");
    if (!config->state && !parser->rc) config->state = gsp_strdup("/var/lib/gossipd");
    if (!config->state) parser->rc = GSP_ERR_NOMEM;
}

static void parse_data_section(struct parser *parser, struct gsp_daemon_config *config)
{
    for (const struct gsp_option *option = daemon_options; option->key; option++) {
        const struct gsp__ini_entry *entry =
            strcmp(option->section, "Data") == 0 ? find(parser, "Data", option->key) : NULL;
        if (entry && gsp_data_config_set(&config->data, option, entry->value)) parser->rc = GSP_ERR_NOMEM;
    }
    const struct gsp__ini_entry *test_labels = find(parser, "Data", "TestLabels");
    if (test_labels && !find(parser, "Data", "Test"))
        gsp_problems_add(parser->problems, "%s:%d: TestLabels needs Test, the rows that these labels belong to",
                         parser->file, test_labels->line);
}

static bool has_section(const struct parser *parser, const char *section)
{
    for (size_t i = 0; i < parser->ini->count; i++)
        if (strcmp(parser->ini->sections[i].name, section) == 0) return true;
    return false;
}

static void parse_worker_section(struct parser *parser, struct gsp_daemon_config *config)
{
    config->worker = has_section(parser, "Worker");
    config->worker_command = copy_text(parser, "Worker", "Command");
    const struct gsp__ini_entry *timeout = find(parser, "Worker", "Timeout");
    if (timeout && gsp_number_parse(&config->worker_timeout, timeout->value)) config->worker_timeout = 0;
}

int gsp_daemon_config_parse(struct gsp_daemon_config **out, const char *file, const char *text, size_t length,
                            struct gsp_problems *problems)
{
    size_t before = problems->count + problems->untold;
    struct gsp__ini ini = {0};
    struct parser parser = {.ini = &ini, .file = file, .problems = problems};
    struct gsp_daemon_config *config = gsp_alloc(1, sizeof *config);
    int rc = config ? gsp__ini_parse(&ini, daemon_options, file, text, length, problems) : GSP_ERR_NOMEM;
    if (!rc || rc == GSP_ERR_CONFIG) {
        parse_daemon_section(&parser, config);
        parse_data_section(&parser, config);
        parse_worker_section(&parser, config);
        if (parser.rc) rc = parser.rc;
    }
    gsp__ini_clear(&ini);
    if (rc == GSP_ERR_NOMEM) gsp_problems_add(problems, "%s: out of memory", file);
    if (rc != GSP_ERR_NOMEM && problems->count + problems->untold > before) rc = GSP_ERR_CONFIG;
    if (rc)
        gsp_daemon_config_free(config);
    else
        *out = config;
    return rc;
}

void gsp_daemon_config_free(struct gsp_daemon_config *config)
{
    if (!config) return;
    free(config->peers);
    free(config->private_key);
    free(config->state);
    gsp_data_config_clear(&config->data);
    free(config->worker_command);
    free(config);
}
