/* The paper's synthetic regression problems (its section 5), from a seed. */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct recipe {
    bool relu; /* targets are max(A w, 0); else A w */
    size_t samples, features;
    double noise;
    uint64_t seed;
};

static bool parse_count(const char *text, uint64_t *value)
{
    size_t digits = strspn(text, "0123456789");
    if (!digits || digits > 19 || text[digits]) return false;
    *value = strtoull(text, NULL, 10);
    return true;
}

static int parse_item(struct recipe *recipe, const char *key, const char *value, struct gsp_error *error)
{
    const uint64_t most = UINT64_C(1) << 31;
    uint64_t count;
    if (!strcmp(key, "objective")) {
        recipe->relu = !strcmp(value, "relu");
        if (!recipe->relu && strcmp(value, "linear") != 0)
            return gsp_error_set(error, GSP_ERR_USAGE, "synthetic: objective=%s: linear and relu can be drawn", value);
        return 0;
    }
    if (!strcmp(key, "samples") || !strcmp(key, "features")) {
        if (!parse_count(value, &count) || !count || count > most)
            return gsp_error_set(error, GSP_ERR_USAGE, "synthetic: %s=%s: it must be a whole number from 1 to %llu",
                                 key, value, (unsigned long long)most);
        *(*key == 's' ? &recipe->samples : &recipe->features) = (size_t)count;
        return 0;
    }
    if (!strcmp(key, "noise")) {
        const char *end = value + strlen(value);
        if (gsp__scan_number(value, end, &recipe->noise) != end || !isfinite(recipe->noise) || recipe->noise < 0)
            return gsp_error_set(error, GSP_ERR_USAGE, "synthetic: noise=%s: it must be a number from 0 on", value);
        return 0;
    }
    if (!strcmp(key, "seed")) {
        if (!parse_count(value, &recipe->seed))
            return gsp_error_set(error, GSP_ERR_USAGE, "synthetic: seed=%s: it must be a whole number from 0 on",
                                 value);
        return 0;
    }
    static const char *const keys[] = {"objective", "samples", "features", "noise", "seed", NULL};
    const char *near = gsp_suggest(key, keys);
    return gsp_error_set(error, GSP_ERR_USAGE,
                         "synthetic: unknown key '%s'%s%s%s; known are objective, samples, "
                         "features, noise, seed",
                         key, near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

static int parse_recipe(struct recipe *recipe, const char *text, struct gsp_error *error)
{
    *recipe = (struct recipe){false, 10000, 2000, 0.05, 1};
    char *copy = gsp_strdup(text), *state = NULL;
    int rc = copy ? 0 : gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    for (char *item = copy ? strtok_r(copy, ",", &state) : NULL; item && !rc; item = strtok_r(NULL, ",", &state)) {
        char *equals = strchr(item, '=');
        if (!equals) {
            rc = gsp_error_set(error, GSP_ERR_USAGE, "synthetic: '%s' is no key=value pair (such as samples=10000)",
                               item);
            break;
        }
        *equals = 0;
        rc = parse_item(recipe, item, equals + 1, error);
    }
    free(copy);
    return rc;
}

/* Every row has a stream of its own, so that a longer data set begins with the rows of a shorter one. */
static void draw(struct gsp_dataset *dataset, const struct recipe *recipe, double *weights)
{
    uint8_t weights_key[32], rows_key[32], noise_key[32];
    struct gsp_stream stream;
    gsp_stream_key(weights_key, recipe->seed, "synthetic", "weights");
    gsp_stream_key(rows_key, recipe->seed, "synthetic", "rows");
    gsp_stream_key(noise_key, recipe->seed, "synthetic", "noise");
    gsp_stream_init(&stream, weights_key, 0);
    double scale = 1 / sqrt((double)recipe->features / 2);
    for (size_t i = 0; i < recipe->features; i++) weights[i] = (1 + gsp_stream_normal(&stream)) * scale;
    for (size_t row = 0; row < recipe->samples; row++) {
        double *features = (double *)dataset->features + row * recipe->features;
        gsp_stream_init(&stream, rows_key, row);
        for (size_t i = 0; i < recipe->features; i++) features[i] = gsp_stream_normal(&stream);
        double clean = gsp_dot(recipe->features, features, weights);
        if (recipe->relu && !(clean > 0)) clean = 0;
        gsp_stream_init(&stream, noise_key, row);
        dataset->targets[row] = clean + recipe->noise * gsp_stream_normal(&stream);
    }
}

int gsp_dataset_synthetic(struct gsp_dataset **out, const char *text, struct gsp_error *error)
{
    struct recipe recipe;
    int rc = parse_recipe(&recipe, text, error);
    if (rc) return rc;
    struct gsp_dataset *dataset = gsp_alloc(1, sizeof *dataset);
    double *weights = gsp_vector(recipe.features);
    rc = GSP_ERR_NOMEM;
    if (!dataset || !weights) goto fail;
    rc = gsp__dataset_shape(dataset, "synthetic", GSP_FLOAT64, recipe.samples, recipe.features, false, error);
    if (rc) goto fail;
    rc = GSP_ERR_NOMEM;
    dataset->targets = gsp__matrix(GSP_FLOAT64, recipe.samples, 1);
    if (!dataset->targets) goto fail;
    draw(dataset, &recipe, weights);
    free(weights);
    gsp__dataset_finish(dataset);
    *out = dataset;
    return 0;
fail:
    free(weights);
    gsp_dataset_free(dataset);
    return gsp_error_set(error, rc, "synthetic: no memory for %zu samples of %zu features", recipe.samples,
                         recipe.features);
}
