/* Where a node's rows are and how they are read: [Data] in gossipd.conf, and the same keys in --data. */
#include "table.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char section[] = "Data";

const struct gsp_option *gsp_data_option(const char *key)
{
    for (const struct gsp_option *option = gsp_daemon_options(); option->key; option++)
        if (strcmp(option->section, section) == 0 && strcasecmp(option->key, key) == 0) return option;
    return NULL;
}

/* Where the text of a key is kept; SIZE_MAX: its value is none. */
static size_t text_offset(const char *key)
{
    static const struct {
        const char *key;
        size_t offset;
    } texts[] = {{"Train", offsetof(struct gsp_data_config, train)},
                 {"Labels", offsetof(struct gsp_data_config, labels)},
                 {"Test", offsetof(struct gsp_data_config, test)},
                 {"TestLabels", offsetof(struct gsp_data_config, test_labels)},
                 {"Label", offsetof(struct gsp_data_config, label)},
                 {"Drop", offsetof(struct gsp_data_config, drop)}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(texts[i].key, key) == 0) return texts[i].offset;
    return SIZE_MAX;
}

static int set_text(char **text, const char *value)
{
    free(*text);
    *text = gsp_strdup(value);
    return *text ? 0 : GSP_ERR_NOMEM;
}

int gsp_data_config_set(struct gsp_data_config *config, const struct gsp_option *option, const char *value)
{
    uint64_t columns;
    size_t offset = text_offset(option->key);
    if (offset != SIZE_MAX) return set_text((char **)((char *)config + offset), value);
    if (strcmp(option->key, "Bias") == 0) {
        config->bias = strcmp(value, "yes") == 0;
    } else if (strcmp(option->key, "Missing") == 0) {
        config->missing = strcmp(value, "drop") == 0 ? GSP_MISSING_DROP : GSP_MISSING_REFUSE;
    } else if (strcmp(option->key, "Base") == 0) {
        config->base = *value == '0' ? GSP_BASE_ZERO : *value == '1' ? GSP_BASE_ONE : GSP_BASE_DETECTED;
    } else if (strcmp(option->key, "Features") == 0 && !gsp_count_parse(&columns, value)) {
        config->features = (size_t)columns;
    }
    return 0;
}

void gsp_data_config_clear(struct gsp_data_config *config)
{
    char *const texts[] = {config->train,       config->labels, config->test,
                           config->test_labels, config->label,  config->drop};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free(texts[i]);
    *config = (struct gsp_data_config){0};
}
