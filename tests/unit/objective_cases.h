/* Objectives and points that tests share. */
#ifndef TESTS_UNIT_OBJECTIVE_CASES_H
#define TESTS_UNIT_OBJECTIVE_CASES_H

#include "objective_definitions.h"

static inline struct gsp_objective *new_objective(const struct gsp_dataset *data,
                                                  const struct gsp_objective_choice *kind, double l2, size_t batch)
{
    struct gsp_objective *objective;
    struct gsp_error error = {0};
    const struct gsp_objective_config config = {
        .choice = *kind, .classes = CLASSES, .l2 = l2, .batch = batch, .seed = 5, .node = "n001"};
    ck_assert_msg(!gsp_objective_new(&objective, data, &config, &error), "%s", error.message);
    return objective;
}

static inline double *random_point(size_t d, double scale, uint64_t seed)
{
    double *x = gsp_vector(d);
    struct gsp_stream stream;
    uint8_t key[32];
    ck_assert_ptr_nonnull(x);
    gsp_stream_key(key, seed, "", "test point");
    gsp_stream_init(&stream, key, 0);
    for (size_t i = 0; i < d; i++) x[i] = scale * gsp_stream_normal(&stream);
    return x;
}

#endif
