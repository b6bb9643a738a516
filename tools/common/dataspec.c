/* Data by a line of text: the files it names, or numbers made up by a seed. */
#include "common.h"

#include "daemon/rows.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* What the text says: keys of [Data] in lower case, and split. */
struct spec {
    struct gsp_data_config config;
    bool splits;
    double split; /* labels from it on become 1, the others 0 */
};

static int unknown_key(const char *key, struct gsp_error *error)
{
    const char *names[32] = {"split"};
    size_t count = 1;
    for (const struct gsp_option *option = gsp_daemon_options(); option->key; option++)
        if (gsp_data_option(option->key) == option && count + 1 < sizeof names / sizeof *names)
            names[count++] = option->key;
    const char *near = gsp_suggest(key, names);
    char lower[80] = "";
    for (size_t i = 0; near && near[i] && i + 1 < sizeof lower; i++) lower[i] = (char)tolower((unsigned char)near[i]);
    return gsp_error_set(error, GSP_ERR_USAGE, "data: there is no '%.80s'%s%s%s %s", key, near ? "; did you mean " : "",
                         lower, near ? "? Give" : "; give", COMMON_DATA_HELP);
}

static int set_split(struct spec *spec, const char *value, struct gsp_error *error)
{
    if (spec->splits) return gsp_error_set(error, GSP_ERR_USAGE, "data: split is given twice");
    spec->splits = true;
    if (!gsp_number_parse(&spec->split, value)) return 0;
    return gsp_error_set(error, GSP_ERR_USAGE,
                         "data: split=%.40s is no number: labels from it on become 1, the others 0", value);
}

/* `given` is a bit for each key that was. */
static int set(struct spec *spec, const char *key, const char *value, uint64_t *given, struct gsp_error *error)
{
    char reason[400];
    if (strcmp(key, "split") == 0) return set_split(spec, value, error);
    const struct gsp_option *option = gsp_data_option(key);
    if (!option) return unknown_key(key, error);
    uint64_t bit = UINT64_C(1) << (option - gsp_daemon_options());
    if (*given & bit) return gsp_error_set(error, GSP_ERR_USAGE, "data: %s is given twice", key);
    *given |= bit;
    if (gsp_option_check(option, value, reason, sizeof reason))
        return gsp_error_set(error, GSP_ERR_USAGE, "data: %s", reason);
    if (gsp_data_config_set(&spec->config, option, value)) return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    return 0;
}

/* Cuts `text` at its commas in place. */
static int parse(struct spec *spec, char *text, struct gsp_error *error)
{
    uint64_t given = 0;
    for (char *rest = text, *item; (item = strsep(&rest, ","));) {
        char *value = strchr(item, '=');
        if (!value || !value[1])
            return gsp_error_set(error, GSP_ERR_USAGE, "data: '%.80s' is not KEY=VALUE; give %s", item,
                                 COMMON_DATA_HELP);
        *value++ = 0;
        int rc = set(spec, item, value, &given, error);
        if (rc) return rc;
    }
    if (!spec->config.train)
        return gsp_error_set(error, GSP_ERR_USAGE, "data: train is missing; give %s", COMMON_DATA_HELP);
    if (spec->config.test_labels && !spec->config.test)
        return gsp_error_set(error, GSP_ERR_USAGE, "data: testlabels needs test, the rows that they belong to");
    return 0;
}

static int load_files(struct common_data *data, const struct spec *spec, bool alone, struct gsp_error *error)
{
    data->bias = spec->config.bias;
    int rc = rows_train(&data->train, &spec->config, NULL, alone, error);
    if (!rc && spec->config.test) rc = rows_test(&data->test, &spec->config, NULL, data->train, alone, error);
    if (rc == GSP_ERR_IO) rc = error->code = GSP_ERR_DATA; /* whatever keeps them from being read */
    if (!rc && spec->splits) gsp_dataset_split(data->train, spec->split);
    if (!rc && spec->splits && data->test) gsp_dataset_split(data->test, spec->split);
    return rc;
}

int common_data_load(struct common_data *out, const char *text, bool sort_labels, bool alone, struct gsp_error *error)
{
    static const char synthetic[] = "synthetic:";
    struct common_data data = {0};
    struct spec spec = {0};
    char *copy = NULL;
    int rc;
    if (strncmp(text, synthetic, strlen(synthetic)) == 0) {
        rc = gsp_dataset_synthetic(&data.train, text + strlen(synthetic), error);
    } else if (!(copy = gsp_strdup(text))) {
        rc = gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    } else {
        rc = parse(&spec, copy, error);
        if (!rc) rc = load_files(&data, &spec, alone, error);
    }
    if (!rc && sort_labels && gsp_dataset_sort(data.train))
        rc = gsp_error_set(error, GSP_ERR_NOMEM, "out of memory while sorting the rows by label");
    free(copy);
    gsp_data_config_clear(&spec.config);
    if (rc)
        common_data_clear(&data);
    else
        *out = data;
    return rc;
}

void common_data_clear(struct common_data *data)
{
    gsp_dataset_free(data->train);
    gsp_dataset_free(data->test);
    *data = (struct common_data){0};
}
