/* `gossipctl eval`: what a node's parameters are worth on other data. */
#include "client.h"
#include "fetch.h"
#include "terminal.h"

#include <gossip/config.h>
#include <gossip/data.h>

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct model {
    char node[GSP_NAME_MAX + 1];
    struct fetched_vector x; /* and the run that it is of */
    struct gsp_settings settings;
    struct gsp_objective_choice objective;
};

struct score {
    size_t rows;
    double loss, metric; /* accuracy, or mean squared error */
};

static int fetch_name(const struct ctl *ctl, struct model *model)
{
    struct gsp_request request = {.type = GSP_REQ_STATUS};
    struct gsp_reply reply;
    int exit_code = client_ask_or_say(ctl, &request, &reply);
    if (exit_code != EXIT_DONE) return exit_code;
    if (reply.node_count > 0) memcpy(model->node, reply.nodes[0].node, sizeof model->node);
    gsp_reply_clear(&reply);
    return EXIT_DONE;
}

/* The parameters, and the settings that tell what they are parameters of: those of their own run, which need not be the
 * newest. */
static int fetch_model(const struct ctl *ctl, struct model *model)
{
    struct gsp_error error = {0};
    int exit_code = fetch_name(ctl, model);
    if (exit_code != EXIT_DONE) return exit_code;
    exit_code = fetch_vector(ctl->socket, 'x', &model->x, &error);
    if (exit_code != EXIT_DONE) return client_fail(ctl, exit_code, "%s", error.message);
    if (!*model->x.settings)
        return client_fail(ctl, EXIT_FAILED,
                           "the network has changed since run %" PRIu64 ", and with that its settings are gone: its x "
                           "is there still (gossipctl dump x), and a new run can begin from it (init=last)",
                           model->x.run.epoch);
    int rc = gsp_settings_parse(&model->settings, model->x.settings, &error);
    if (!rc) rc = gsp_objective_parse(&model->objective, model->settings.objective, &error);
    return rc ? client_fail(ctl, EXIT_FAILED, "the run's settings: %s", error.message) : EXIT_DONE;
}

static int evaluate(const struct model *model, const struct gsp_dataset *data, struct score *score,
                    struct gsp_error *error)
{
    const struct gsp_settings *settings = &model->settings;
    const struct gsp_objective_config config = {
        .choice = model->objective, .classes = (size_t)settings->classes, .l2 = settings->l2};
    size_t dimension = gsp_objective_dimension(data, &model->objective, config.classes);
    size_t width = gsp_objective_columns(&model->objective, config.classes, (size_t)model->x.count);
    struct gsp_objective *objective;
    if (dimension != model->x.count)
        return gsp_error_set(error, GSP_ERR_DATA, "these data have %zu columns, and the model takes %zu%s",
                             data->columns, width,
                             data->columns + 1 == width ? ": was it trained with a bias? Then add bias=yes" : "");
    int rc = gsp_objective_new(&objective, data, &config, error);
    if (rc) return rc;
    *score = (struct score){.rows = data->rows,
                            .loss = gsp_objective_loss(objective, model->x.values),
                            .metric = gsp_objective_metric(objective, data, model->x.values)};
    gsp_objective_free(objective);
    return 0;
}

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *score_object(const struct score *score, bool accuracy)
{
    return json_pack("{s:I, s:o, s:o, s:o}", "rows", (json_int_t)score->rows, "loss", number(score->loss), "accuracy",
                     accuracy ? number(score->metric) : json_null(), "mse",
                     accuracy ? json_null() : number(score->metric));
}

static int print_json(const struct ctl *ctl, const struct model *model, const struct score *train,
                      const struct score *test)
{
    bool accuracy = gsp_objective_metric_is_accuracy(&model->objective);
    json_t *object = score_object(train, accuracy);
    json_t *about =
        json_pack("{s:s, s:I, s:I, s:o}", "node", model->node, "run", (json_int_t)model->x.run.epoch, "round",
                  (json_int_t)model->x.round, "test", test ? score_object(test, accuracy) : json_null());
    bool whole = object && about && json_object_update(about, object) == 0;
    int exit_code = client_print(ctl, whole ? json_dumps(about, JSON_COMPACT) : NULL);
    json_decref(object);
    json_decref(about);
    return exit_code;
}

static void print_score(const char *what, const struct score *score, bool accuracy)
{
    char loss[32];
    snprintf(loss, sizeof loss, "%.6g", score->loss);
    printf("%-6s %8zu rows   loss %-12s ", what, score->rows, loss);
    if (accuracy)
        printf("accuracy %.2f %%\n", 100 * score->metric);
    else
        printf("mse %.6g\n", score->metric);
}

static int print(const struct ctl *ctl, const struct model *model, const struct score *train, const struct score *test)
{
    bool accuracy = gsp_objective_metric_is_accuracy(&model->objective);
    if (ctl->json) return print_json(ctl, model, train, test);
    printf("%s after round %" PRIu64 " of run %" PRIu64 ", %s:\n", model->node, model->x.round, model->x.run.epoch,
           model->settings.objective);
    print_score("train", train, accuracy);
    if (test) print_score("test", test, accuracy);
    return EXIT_DONE;
}

static int run_eval(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    const char *spec = ctl_value(ctl, "--data");
    struct model model = {0};
    struct common_data data = {0};
    struct gsp_error error = {0};
    struct score train = {0}, test = {0};
    if (!spec) return ctl_usage(ctl, "on which data? Give --data %s", COMMON_DATA_HELP);
    int rc = common_data_load(&data, spec, false, false, &error);
    if (rc) return client_fail(ctl, common_exit_code(rc), "%s", error.message);
    int exit_code = fetch_model(ctl, &model);
    if (exit_code == EXIT_DONE) {
        rc = evaluate(&model, data.train, &train, &error);
        if (!rc && data.test) rc = evaluate(&model, data.test, &test, &error);
        exit_code = rc ? client_fail(ctl, common_exit_code(rc), "%s", error.message)
                       : print(ctl, &model, &train, data.test ? &test : NULL);
    }
    common_data_clear(&data);
    free(model.x.values);
    return exit_code;
}

static const struct ctl_option eval_options[] = {
    {"--data", "SPEC", COMMON_DATA_HELP},
    {0},
};

const struct ctl_command ctl_eval = {
    .name = "eval",
    .synopsis = "--data SPEC",
    .summary = "loss and accuracy of the parameters on other data",
    .details = "Takes this node's parameters x, as `dump` does, and tells their loss (l2 included) and\n"
               "their accuracy, or mean squared error for regression, on the rows of other files. What\n"
               "is given as train and as test is only evaluated; nothing is trained.\n\n"
               "  gossipctl eval --data train=new.npy,labels=new-labels.npy,bias=yes\n",
    .options = eval_options,
    .json = true,
    .run = run_eval,
};
