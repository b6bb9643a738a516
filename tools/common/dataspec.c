/* Data by a line of text: the files it names, or numbers made up by a seed. */
#include "common.h"

#include "daemon/files.h"

#include <stdlib.h>
#include <string.h>

enum key { TRAIN, LABELS, TEST, TEST_LABELS, BIAS, FEATURES, SPLIT, KEYS };
static const char *const key_names[] = {"train", "labels", "test", "testlabels", "bias", "features", "split", NULL};

static int find_key(const char *name)
{
    for (int key = 0; key < KEYS; key++)
        if (strcmp(key_names[key], name) == 0) return key;
    return -1;
}

/* Cuts `text` at its commas in place; values[key] points into it. */
static int split(char *text, char *values[KEYS], struct gsp_error *error)
{
    for (char *rest = text, *item; (item = strsep(&rest, ","));) {
        char *value = strchr(item, '=');
        if (!value || !value[1])
            return gsp_error_set(error, GSP_ERR_USAGE, "data: '%.80s' is not KEY=VALUE; give %s", item,
                                 COMMON_DATA_HELP);
        *value++ = 0;
        int key = find_key(item);
        const char *near = gsp_suggest(item, key_names);
        if (key < 0)
            return gsp_error_set(error, GSP_ERR_USAGE, "data: there is no '%.80s'%s%s%s %s", item,
                                 near ? "; did you mean " : "", near ? near : "", near ? "? Give" : "; give",
                                 COMMON_DATA_HELP);
        if (values[key]) return gsp_error_set(error, GSP_ERR_USAGE, "data: %s is given twice", item);
        values[key] = value;
    }
    if (!values[TRAIN]) return gsp_error_set(error, GSP_ERR_USAGE, "data: train is missing; give %s", COMMON_DATA_HELP);
    if (values[TEST_LABELS] && !values[TEST])
        return gsp_error_set(error, GSP_ERR_USAGE, "data: testlabels needs test, the rows that they belong to");
    if (values[BIAS] && strcmp(values[BIAS], "yes") != 0 && strcmp(values[BIAS], "no") != 0)
        return gsp_error_set(error, GSP_ERR_USAGE, "data: bias=%.40s is neither yes nor no", values[BIAS]);
    return 0;
}

static int read_files(struct gsp_dataset **out, const char *path, const char *labels_path,
                      const struct gsp_data_options *options, struct gsp_error *error)
{
    struct file_map data_map = {0}, labels_map = {0};
    int rc = file_map(&data_map, path, error);
    if (!rc && labels_path) rc = file_map(&labels_map, labels_path, error);
    if (rc) rc = GSP_ERR_DATA; /* whatever keeps it from being read */
    if (!rc) {
        struct gsp_file data = {.name = path, .bytes = data_map.bytes, .length = data_map.length};
        struct gsp_file labels = {.name = labels_path, .bytes = labels_map.bytes, .length = labels_map.length};
        rc = gsp_dataset_read(out, &data, labels_path ? &labels : NULL, options, error);
    }
    file_unmap(&data_map);
    file_unmap(&labels_map);
    return rc;
}

static int load_files(struct common_data *data, char *values[KEYS], struct gsp_error *error)
{
    uint64_t features = 0;
    if (values[FEATURES] && (gsp_count_parse(&features, values[FEATURES]) || features < 1 || features > 1000000000))
        return gsp_error_set(error, GSP_ERR_USAGE, "data: features=%.40s is not a whole number from 1 to 1000000000",
                             values[FEATURES]);
    double threshold = 0;
    if (values[SPLIT] && gsp_number_parse(&threshold, values[SPLIT]))
        return gsp_error_set(error, GSP_ERR_USAGE,
                             "data: split=%.40s is no number: labels from it on become 1, the others 0", values[SPLIT]);
    struct gsp_data_options options = {.bias = values[BIAS] && strcmp(values[BIAS], "yes") == 0,
                                       .features = (size_t)features};
    data->bias = options.bias;
    int rc = read_files(&data->train, values[TRAIN], values[LABELS], &options, error);
    if (!rc && values[SPLIT]) gsp_dataset_split(data->train, threshold);
    if (rc || !values[TEST]) return rc;
    options.features = data->train->columns - options.bias; /* a libsvm file may lack its last columns */
    rc = read_files(&data->test, values[TEST], values[TEST_LABELS], &options, error);
    if (!rc && values[SPLIT]) gsp_dataset_split(data->test, threshold);
    if (!rc && data->test->columns != data->train->columns)
        rc = gsp_error_set(error, GSP_ERR_DATA, "%s has %zu columns and %s has %zu: they must be of one kind",
                           values[TEST], data->test->columns - data->bias, values[TRAIN],
                           data->train->columns - data->bias);
    return rc;
}

int common_data_load(struct common_data *out, const char *spec, bool sort_labels, struct gsp_error *error)
{
    static const char synthetic[] = "synthetic:";
    struct common_data data = {0};
    char *values[KEYS] = {0}, *text = NULL;
    int rc;
    if (strncmp(spec, synthetic, strlen(synthetic)) == 0) {
        rc = gsp_dataset_synthetic(&data.train, spec + strlen(synthetic), error);
    } else if (!(text = gsp_strdup(spec))) {
        rc = gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    } else {
        rc = split(text, values, error);
        if (!rc) rc = load_files(&data, values, error);
    }
    if (!rc && sort_labels && gsp_dataset_sort(data.train))
        rc = gsp_error_set(error, GSP_ERR_NOMEM, "out of memory while sorting the rows by label");
    free(text);
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
