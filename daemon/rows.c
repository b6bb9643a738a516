/* Rows by the names of their files. */
#include "rows.h"

#include "files.h"

#include <stdlib.h>

/* A file as it lies in memory. */
struct mapped {
    char *path;
    struct file_map map;
};

static int open_file(struct mapped *mapped, const char *name, const char *beside, struct gsp_error *error)
{
    mapped->path = beside ? path_beside(beside, name) : gsp_strdup(name);
    if (!mapped->path) return gsp_error_set(error, GSP_ERR_NOMEM, "%s: out of memory", name);
    return file_map(&mapped->map, mapped->path, error);
}

static void close_file(struct mapped *mapped)
{
    file_unmap(&mapped->map);
    free(mapped->path);
}

static struct gsp_file contents(const struct mapped *mapped)
{
    return (struct gsp_file){.name = mapped->path, .bytes = mapped->map.bytes, .length = mapped->map.length};
}

static int read_rows(struct gsp_dataset **out, const char *name, const char *labels_name, const char *beside,
                     const struct gsp_data_options *options, struct gsp_error *error)
{
    struct mapped data = {0}, labels = {0};
    int rc = open_file(&data, name, beside, error);
    if (!rc && labels_name) rc = open_file(&labels, labels_name, beside, error);
    if (!rc) {
        const struct gsp_file data_file = contents(&data), labels_file = contents(&labels);
        rc = gsp_dataset_read(out, &data_file, labels_name ? &labels_file : NULL, options, error);
    }
    close_file(&data);
    close_file(&labels);
    return rc;
}

static struct gsp_data_options options_of(const struct gsp_data_config *config, bool alone)
{
    return (struct gsp_data_options){.bias = config->bias,
                                     .features = config->features,
                                     .base = config->base,
                                     .label = config->label,
                                     .drop = config->drop,
                                     .missing = config->missing,
                                     .alone = alone};
}

int rows_train(struct gsp_dataset **out, const struct gsp_data_config *config, const char *file, bool alone,
               struct gsp_error *error)
{
    const struct gsp_data_options options = options_of(config, alone);
    return read_rows(out, config->train, config->labels, file, &options, error);
}

int rows_test(struct gsp_dataset **out, const struct gsp_data_config *config, const char *file,
              const struct gsp_dataset *train, bool alone, struct gsp_error *error)
{
    struct gsp_dataset *test = NULL;
    struct gsp_data_options options = options_of(config, alone);
    options.features = train->columns - config->bias; /* a libsvm file may lack its last columns */
    options.test = true;
    if (options.base == GSP_BASE_DETECTED) options.base = train->base;
    options.like = train;
    options.like_name = config->train;
    int rc = read_rows(&test, config->test, config->test_labels, file, &options, error);
    if (rc) return rc;
    if (test->columns != train->columns) {
        rc = gsp_error_set(error, GSP_ERR_DATA,
                           "Test = %s has %zu columns and Train = %s has %zu: they must be of one kind", config->test,
                           test->columns - config->bias, config->train, train->columns - config->bias);
        gsp_dataset_free(test);
        return rc;
    }
    *out = test;
    return 0;
}
