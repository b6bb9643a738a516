/* The rows of every node, and its objective over them. */
#include "sim.h"

#include <stdlib.h>

int shards_cut(struct shards *shards, struct gsp_dataset **train, size_t count, const size_t *first,
               struct gsp_error *error)
{
    struct shards cut = {.count = count, .rows = (*train)->rows};
    cut.data = gsp_alloc(count, sizeof *cut.data);
    cut.objectives = gsp_alloc(count, sizeof *cut.objectives);
    if (!cut.data || !cut.objectives) goto fail;
    if (count == 1) {
        cut.data[0] = *train;
    } else {
        for (size_t i = 0; i < count; i++)
            if (gsp_dataset_slice(&cut.data[i], *train, first[i], first[i + 1])) goto fail;
        gsp_dataset_free(*train);
    }
    *train = NULL;
    *shards = cut;
    return 0;
fail:
    shards_clear(&cut);
    return gsp_error_set(error, GSP_ERR_NOMEM, "no memory to cut %zu rows into %zu shards", (*train)->rows, count);
}

int shards_objectives(struct shards *shards, const struct gsp_graph *graph, const struct gsp_objective_config *config,
                      struct gsp_error *error)
{
    for (size_t i = 0; i < shards->count; i++) {
        struct gsp_objective_config own = *config;
        own.node = graph->names[i];
        int rc = gsp_objective_new(&shards->objectives[i], shards->data[i], &own, error);
        if (rc) {
            gsp_error_prefix(error, "the shard of %s", graph->names[i]);
            return rc;
        }
    }
    return 0;
}

double shards_loss(const struct shards *shards, const double *x)
{
    double loss = 0;
    for (size_t i = 0; i < shards->count; i++)
        loss += gsp_objective_loss(shards->objectives[i], x) * (double)shards->data[i]->rows;
    return loss / (double)shards->rows;
}

void shards_clear(struct shards *shards)
{
    for (size_t i = 0; i < shards->count; i++) {
        if (shards->objectives) gsp_objective_free(shards->objectives[i]);
        if (shards->data) gsp_dataset_free(shards->data[i]);
    }
    free(shards->data);
    free(shards->objectives);
    *shards = (struct shards){0};
}
