/* What objectives ask of the settings of a run, and what is made of those that are left at auto. */
#include "data_cases.h"
#include "objective_cases.h"
#include "objective_definitions.h"

#include <gossip/algo.h>

/* What a start tells of a node whose targets will not do. */
START_TEST(labels_of_a_node_are_judged_by_what_is_known_of_them)
{
    static const struct {
        const char *objective;
        size_t classes;
        bool whole;
        double greatest;
        const char *refused;
    } rows[] = {{"linear", 0, false, 1e9, NULL},
                {"logistic", 0, true, 1, NULL},
                {"logistic", 7, true, 2, "n2 has the label 2; objective=logistic takes 0 to 1"},
                {"logistic", 0, false, 1, "the targets of n2 are no class labels"},
                {"softmax", 0, true, 999, NULL},
                {"softmax", 3, true, 2, NULL},
                {"softmax", 3, true, 3, "n2 has the label 3; objective=softmax with these classes takes 0 to 2"},
                {"softmax", 3, false, 2, "objective=softmax needs them, objective=linear does not"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gsp_error error = {0};
        int rc = gsp_objective_check_labels(named(rows[i].objective), rows[i].classes, "n2", rows[i].whole,
                                            rows[i].greatest, &error);
        ck_assert_int_eq(rc, rows[i].refused ? GSP_ERR_DATA : 0);
        if (rows[i].refused) ck_assert_msg(strstr(error.message, rows[i].refused), "%s", error.message);
    }
}
END_TEST

START_TEST(nodes_count_by_their_rows)
{
    struct gsp_settings settings = {0};
    struct gsp_error error = {0};
    gsp_weight_resolve(&settings, 100, 4);
    ck_assert(settings.weight == GSP_WEIGHT_ROWS && settings.mean_rows == 25);
    ck_assert_double_eq(gsp_weight(&settings, 50), 2);
    ck_assert_double_eq(gsp_weight(&settings, 25), 1);
    settings = (struct gsp_settings){.weight = GSP_WEIGHT_NODES};
    gsp_weight_resolve(&settings, 100, 4);
    ck_assert_double_eq(gsp_weight(&settings, 50), 1);
    settings = (struct gsp_settings){.eta = 0.1};
    ck_assert(!gsp_objective_settings(named("worker"), &settings, &error) && settings.weight == GSP_WEIGHT_NODES);
    settings.weight = GSP_WEIGHT_ROWS;
    ck_assert_int_eq(gsp_objective_settings(named("worker"), &settings, &error), GSP_ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(error.message, "not for workers"));
}
END_TEST

START_TEST(classes_follow_from_the_labels)
{
    struct gsp_error error = {0};
    size_t classes = 0;
    ck_assert(!gsp_classes_auto(&classes, named("softmax"), 9, true, 100, &error) && classes == 10);
    ck_assert(!gsp_classes_auto(&classes, named("softmax"), 0, true, 1, &error) && classes == 2);
    ck_assert_int_eq(gsp_classes_auto(&classes, named("softmax"), 9, false, 100, &error), GSP_ERR_DATA);
    ck_assert_ptr_nonnull(strstr(error.message, "whole numbers"));
    ck_assert_int_eq(gsp_classes_auto(&classes, named("softmax"), 1e6, true, 1e9, &error), GSP_ERR_DATA);
    ck_assert_ptr_nonnull(strstr(error.message, "1000000"));
}
END_TEST

/* An objective whose gradient at zeros is 0 begins elsewhere, and is refused there; any other begins at zeros. */
START_TEST(no_run_begins_where_nothing_moves)
{
    const struct gsp_objective_choice *kind = &kinds[_i];
    struct gsp_dataset *data = random_dataset(GSP_FLOAT64, 30, 4, labels_of(kind), 5);
    struct gsp_objective *objective = new_objective(data, kind, 0.1, 0);
    size_t d = gsp_objective_dimension(data, kind, CLASSES), still = 0;
    double *x = gsp_vector(d), *gradient = gsp_vector(d), loss;
    struct gsp_settings settings;
    struct gsp_error error = {0};
    gsp_objective_gradient(objective, 1, x, gradient, &loss);
    size_t weights = kind->hidden * (data->columns + 1); /* of mlp only its last biases would move */
    while (still < d && gradient[still] == 0) still++;
    if (kind->hidden && still >= weights) still = d;
    gsp_settings_default(&settings);
    settings.eta_auto = false;
    ck_assert_int_eq(gsp_objective_settings(kind, &settings, &error), 0);
    ck_assert_int_eq(settings.init, still == d ? GSP_INIT_NORMAL_SAME : GSP_INIT_ZEROS);
    settings.init = GSP_INIT_ZEROS;
    ck_assert_int_eq(gsp_objective_settings(kind, &settings, &error), still == d ? GSP_ERR_CONFIG : 0);
    ck_assert(still != d || strstr(error.message, "init=normal-same"));
    for (settings.init = GSP_INIT_NORMAL; settings.init <= GSP_INIT_FILE; settings.init++) {
        enum gsp_init given = settings.init;
        if (given == GSP_INIT_WORKER) {
            ck_assert_int_eq(gsp_objective_settings(kind, &settings, &error), GSP_ERR_CONFIG);
            ck_assert_ptr_nonnull(strstr(error.message, "init=worker is for objective=worker"));
            continue;
        }
        ck_assert(gsp_objective_settings(kind, &settings, &error) == 0 && settings.init == given);
    }
    gsp_objective_free(objective);
    gsp_dataset_free(data);
    free(x);
    free(gradient);
}
END_TEST

/* The layers of mlp begin as wide as what comes into them; its loss goes by the targets; its eta must be given. */
START_TEST(mlp_begins_scaled_and_is_resolved)
{
    enum { COLUMNS = 100, HIDDEN = 50, D = HIDDEN * COLUMNS + HIDDEN + CLASSES * (HIDDEN + 1) };
    struct gsp_objective_choice choice = *named("mlp:hidden=50");
    double x[D], first = 0, second = 0;
    gsp_initial_point(x, D, GSP_INIT_NORMAL_SAME, 1, "n001");
    gsp_objective_scale(&choice, CLASSES, D, x);
    const double *b1 = x + HIDDEN * COLUMNS, *w2 = b1 + HIDDEN, *b2 = w2 + CLASSES * HIDDEN;
    for (size_t i = 0; i < HIDDEN * COLUMNS; i++) first += x[i] * x[i] / (HIDDEN * COLUMNS);
    for (size_t i = 0; i < CLASSES * HIDDEN; i++) second += w2[i] * w2[i] / (CLASSES * HIDDEN);
    ck_assert_double_eq_tol(first, 1.0 / COLUMNS, 0.1 / COLUMNS);
    ck_assert_double_eq_tol(second, 1.0 / HIDDEN, 0.4 / HIDDEN);
    for (size_t i = 0; i < HIDDEN; i++) ck_assert(b1[i] == 0);
    for (size_t i = 0; i < CLASSES; i++) ck_assert(b2[i] == 0);

    struct gsp_settings settings;
    struct gsp_error error = {0};
    gsp_settings_default(&settings);
    ck_assert_int_eq(gsp_objective_settings(&choice, &settings, &error), GSP_ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(error.message, "eta=0.1"));
    for (int whole = 0; whole < 2; whole++) {
        choice = *named("mlp:hidden=50");
        ck_assert_int_eq(gsp_objective_resolve(&choice, &settings, whole, &error), 0);
        ck_assert_str_eq(settings.objective, whole ? "mlp:hidden=50,loss=softmax" : "mlp:hidden=50,loss=squares");
        ck_assert(gsp_objective_takes_classes(&choice) == whole && gsp_objective_metric_is_accuracy(&choice) == whole);
        ck_assert_int_eq(gsp_objective_resolve(&choice, &settings, !whole, &error), 0); /* it stays */
        ck_assert(gsp_objective_takes_classes(&choice) == whole);
    }
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, nodes_count_by_their_rows);
    tcase_add_test(tcase, classes_follow_from_the_labels);
    tcase_add_test(tcase, labels_of_a_node_are_judged_by_what_is_known_of_them);
    tcase_add_test(tcase, mlp_begins_scaled_and_is_resolved);
    tcase_add_loop_test(tcase, no_run_begins_where_nothing_moves, 0, KINDS);
}

int main(void)
{
    choose_all();
    return run_suite("objective settings", add);
}
