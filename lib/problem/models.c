/* The models of all nodes' workers are to be one model, which settles what a start leaves open. */
#include <gossip/problem.h>

#include <string.h>

#define ADVICE "all nodes need the same model; start the same program as their worker"

/* Where the workers' own initial points count, all must have one or none; the same one, but for init=worker. */
static int check_points(const struct gsp_node_model *mine, const struct gsp_node_model *other, enum gsp_init init,
                        struct gsp_error *error)
{
    const struct gsp_model_summary *a = mine->model, *b = other->model;
    if (init == GSP_INIT_WORKER && !b->has_x0)
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "init=worker: the worker of %s has no initial point; leave init away, or give it one",
                             other->node);
    if (a->has_x0 != b->has_x0)
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "the worker of %s has an initial point, that of %s none: " ADVICE
                             ", or choose another init, which takes none of them",
                             a->has_x0 ? mine->node : other->node, a->has_x0 ? other->node : mine->node);
    if (init == GSP_INIT_WORKER || memcmp(a->x0, b->x0, sizeof a->x0) == 0) return 0;
    return gsp_error_set(error, GSP_ERR_CONFIG,
                         "the worker of %s begins at another point than that of %s: give all the same seed, or say "
                         "init=worker if each is to begin at its own point, or another init, which takes none of them",
                         other->node, mine->node);
}

int gsp_model_check(const struct gsp_node_model *mine, const struct gsp_node_model *other, enum gsp_init init,
                    struct gsp_error *error)
{
    const struct gsp_model_summary *a = mine->model, *b = other->model;
    if (a->dimension != b->dimension)
        return gsp_error_set(error, GSP_ERR_CONFIG, "the model of %s has %llu parameters, that of %s %llu: " ADVICE,
                             other->node, (unsigned long long)b->dimension, mine->node,
                             (unsigned long long)a->dimension);
    if (strcmp(a->name, b->name) != 0)
        return gsp_error_set(error, GSP_ERR_CONFIG, "the model of %s is called '%s', that of %s '%s': " ADVICE,
                             other->node, b->name, mine->node, a->name);
    bool asks = init == GSP_INIT_AUTO || init == GSP_INIT_WORKER;
    return asks ? check_points(mine, other, init, error) : 0;
}

void gsp_model_resolve(const struct gsp_model_summary *model, struct gsp_objective_choice *objective,
                       struct gsp_settings *settings)
{
    if (settings->init == GSP_INIT_AUTO) settings->init = model->has_x0 ? GSP_INIT_WORKER : GSP_INIT_ZEROS;
    objective->dimension = (size_t)model->dimension;
    gsp_kind_format(objective->kind, objective, settings->objective, sizeof settings->objective);
}
