/* gossip-sim run: trains, and tells how it went. */
#include "workers.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NUMBER = 400 };

/* Set by SIGINT and SIGTERM. */
static volatile bool interrupted;

static void interrupt(int signal)
{
    (void)signal;
    interrupted = true;
}

static void catch_interrupts(void)
{
    /* A second one ends the program at once. */
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

struct run {
    struct plan plan;
    struct lockstep lockstep;
    FILE *history;
    struct node_history nodes;
    double *mean;
    double seconds;                        /* of rounds only */
    double shown;                          /* when progress was shown last */
    bool terminal;                         /* stderr is one */
    bool reached;                          /* the mean loss is at target_loss */
    struct score score;                    /* of the mean, as last measured, */
    double consensus_error, payload_bytes; /* and these */
    struct score *scores;                  /* of each node at the end, where somebody wants them */
};

/* ---- while it runs ---- */

/* The mean of the nodes' losses as the last round began, each by its weight. */
static double last_loss(const struct run *run)
{
    const struct lockstep *lockstep = &run->lockstep;
    double sum = 0;
    if (!lockstep->round) return NAN;
    for (size_t i = 0; i < lockstep->count; i++) sum += plan_weight(&run->plan, i) * lockstep->losses[i];
    return sum / (double)lockstep->count;
}

static int measure(struct run *run, bool metric, struct gsp_error *error)
{
    lockstep_mean(&run->lockstep, run->mean);
    int rc = score_mean(&run->plan, &run->lockstep, run->mean, metric, &run->score, error);
    if (rc) return rc;
    if (run->plan.workers && isnan(run->score.loss)) run->score.loss = last_loss(run); /* they know none */
    run->consensus_error = lockstep_consensus_error(&run->lockstep, run->mean);
    run->payload_bytes = lockstep_payload_bytes(&run->lockstep);
    if (isfinite(run->score.loss) || (run->plan.workers && !run->lockstep.round)) return 0;
    return gsp_error_set(error, GSP_ERR_DIVERGED, "the run diverged: the loss is not finite after round %llu",
                         (unsigned long long)run->lockstep.round);
}

static int write_history(struct run *run, struct gsp_error *error)
{
    char loss[NUMBER], consensus_error[NUMBER], bytes[NUMBER];
    sim_plain(loss, sizeof loss, run->score.loss);
    sim_plain(consensus_error, sizeof consensus_error, run->consensus_error);
    sim_plain(bytes, sizeof bytes, run->payload_bytes);
    fprintf(run->history, "%llu,%s,%s,%s,%.6f\n", (unsigned long long)run->lockstep.round, loss, consensus_error, bytes,
            run->seconds);
    /* Every row at once, so that whatever ends the run leaves the rows so far. */
    if (!fflush(run->history)) return 0;
    return gsp_error_set(error, GSP_ERR_IO, "%s: %s", run->plan.options->history, strerror(errno));
}

static void show_progress(struct run *run, bool last)
{
    const double interval = 0.2;
    if (!run->terminal || (!last && now() - run->shown < interval)) return;
    run->shown = now();
    if (last)
        fprintf(stderr, "\r\033[K");
    else
        fprintf(stderr, "\r\033[Kround %llu of %llu", (unsigned long long)run->lockstep.round,
                (unsigned long long)run->plan.settings.rounds);
}

/* Whether the nodes' mean loss, as the last round began, was low enough to end with it. */
static bool target_reached(const struct run *run)
{
    double target = run->plan.settings.target_loss;
    return target > 0 && last_loss(run) <= target;
}

static int do_rounds(struct run *run, struct gsp_error *error)
{
    uint64_t rounds = run->plan.settings.rounds;
    int rc = 0;
    if (run->history) {
        rc = measure(run, false, error);
        if (!rc) rc = write_history(run, error);
    }
    while (!rc && run->lockstep.round < rounds && !run->reached && !interrupted) {
        if (run->nodes.file) node_history_round(&run->nodes, run->seconds);
        double begin = now();
        rc = lockstep_round(&run->lockstep, error);
        run->seconds += now() - begin;
        if (!rc && run->nodes.file) rc = node_history_write(&run->nodes, run->lockstep.losses, error);
        if (!rc && run->history) {
            rc = measure(run, false, error);
            if (!rc) rc = write_history(run, error);
        }
        run->reached = target_reached(run);
        show_progress(run, false);
    }
    show_progress(run, true);
    if (!rc && run->lockstep.round < rounds && !run->reached)
        return gsp_error_set(error, GSP_ERR_STATE, "interrupted after round %llu of %llu",
                             (unsigned long long)run->lockstep.round, (unsigned long long)rounds);
    return rc ? rc : measure(run, true, error);
}

/* ---- what it leaves ---- */

static int dump(const struct run *run, struct gsp_error *error)
{
    const char *path = run->plan.options->dump;
    size_t n = run->lockstep.count, d = run->lockstep.dimension;
    struct gsp_buffer bytes = {0};
    double *values = gsp_alloc(n * d, sizeof *values);
    int rc = values ? 0 : GSP_ERR_NOMEM;
    for (size_t i = 0; i < n && !rc; i++)
        memcpy(values + i * d, gsp_node_x(run->lockstep.nodes[i]), d * sizeof *values);
    if (!rc) rc = gsp_npy_write(values, n * d, n, &bytes);
    free(values);
    if (rc) {
        gsp_buffer_clear(&bytes);
        return gsp_error_set(error, rc, "no memory to write %s", path);
    }
    FILE *file = fopen(path, "wb");
    bool written = file && fwrite(bytes.data, 1, bytes.length, file) == bytes.length;
    if (file && fclose(file)) written = false;
    gsp_buffer_clear(&bytes);
    return written ? 0 : gsp_error_set(error, GSP_ERR_IO, "%s: %s", path, strerror(errno));
}

/* That of a worker is called by its name in status. */
static const char *metric_name(const struct plan *plan)
{
    return plan->workers || gsp_objective_metric_is_accuracy(&plan->objective) ? "accuracy" : "mse";
}

static void print_result(const struct run *run)
{
    const struct plan *plan = &run->plan;
    char loss[NUMBER], bytes[NUMBER], metric[NUMBER];
    sim_plain(loss, sizeof loss, run->score.loss);
    sim_plain(bytes, sizeof bytes, run->payload_bytes);
    sim_plain(metric, sizeof metric, run->score.metric);
    printf("loss=%s rounds=%llu payload_bytes=%s seconds=%.6f", loss, (unsigned long long)run->lockstep.round, bytes,
           run->seconds);
    if (plan->test || !isnan(run->score.metric)) printf(" %s=%s", metric_name(plan), metric);
    putchar('\n');
}

static void print_beginning(const struct plan *plan)
{
    const struct gsp_objective_choice *choice = &plan->objective;
    char eta[32], gamma[32], compressor[128], objective[128];
    gsp_number_format(eta, sizeof eta, plan->settings.eta);
    gsp_number_format(gamma, sizeof gamma, plan->settings.gamma);
    gsp_compressor_format(&plan->options->compressor, compressor, sizeof compressor);
    gsp_kind_format(choice->kind, choice, objective, sizeof objective);
    if (plan->about.length) fwrite(plan->about.data, 1, plan->about.length, stdout);
    size_t rows = plan->workers ? workers_rows_of_all(plan->workers) : plan->shards.rows;
    printf("%zu node%s, ", plan->graph->count, plan->graph->count == 1 ? "" : "s");
    if (plan->workers) printf("model %s, ", workers_model(plan->workers));
    if (rows) printf("%zu rows, ", rows);
    printf("%zu parameters\n", plan->dimension);
    printf("objective=%s rounds=%llu gossip_steps=%llu compressor=%s eta=%s gamma=%s\n", objective,
           (unsigned long long)plan->settings.rounds, (unsigned long long)plan->settings.gossip_steps, compressor, eta,
           gamma);
}

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* Every node's own loss, and its metric on the test data. */
static json_t *nodes_json(const struct run *run)
{
    json_t *nodes = json_array();
    for (size_t i = 0; i < run->lockstep.count; i++) {
        json_t *node = json_object();
        json_object_set_new(node, "node", json_string(run->plan.graph->names[i]));
        json_object_set_new(node, "loss", number(run->scores[i].loss));
        json_object_set_new(node, metric_name(&run->plan), number(run->scores[i].metric));
        json_array_append_new(nodes, node);
    }
    return nodes;
}

static void print_json(const struct run *run)
{
    const struct plan *plan = &run->plan;
    json_t *result = json_object();
    json_object_set_new(result, "loss", number(run->score.loss));
    json_object_set_new(result, "rounds", json_integer((json_int_t)run->lockstep.round));
    json_object_set_new(result, "payload_bytes", number(run->payload_bytes));
    json_object_set_new(result, "seconds", number(run->seconds));
    json_object_set_new(result, metric_name(plan), number(run->score.metric));
    json_object_set_new(result, "consensus_error", number(run->consensus_error));
    json_object_set_new(result, "eta", number(plan->settings.eta));
    json_object_set_new(result, "gamma", number(plan->settings.gamma));
    json_object_set_new(result, "parameters", json_integer((json_int_t)plan->dimension));
    json_object_set_new(result, "nodes", nodes_json(run));
    json_dumpf(result, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(result);
}

static void advise(const struct plan *plan)
{
    char eta[32], gamma[32];
    gsp_number_format(eta, sizeof eta, plan->settings.eta);
    gsp_number_format(gamma, sizeof gamma, plan->settings.gamma);
    common_say(
        "choose a smaller step size than eta=%s%s, or a smaller consensus step size than gamma=%s (or gamma=auto)", eta,
        plan->workers ? "" : " (or eta=auto)", gamma);
}

/* ---- all of it ---- */

static int open_history(struct run *run, const char *path, struct gsp_error *error)
{
    if (!(run->history = fopen(path, "w"))) return gsp_error_set(error, GSP_ERR_IO, "%s: %s", path, strerror(errno));
    fputs("round,loss,consensus_error,payload_bytes,seconds\n", run->history);
    return 0;
}

static int score_each(struct run *run, struct gsp_error *error)
{
    run->scores = gsp_alloc(run->lockstep.count, sizeof *run->scores);
    if (!run->scores) return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    return score_nodes(&run->plan, &run->lockstep, run->scores, error);
}

static int execute(struct run *run, const struct run_options *options, struct gsp_error *error)
{
    int rc = plan_make(&run->plan, options, &interrupted, error);
    if (rc) return rc;
    struct gsp_node_config config = {.graph = run->plan.graph,
                                     .dimension = run->plan.dimension,
                                     .compressor = options->compressor,
                                     .gradients = true};
    gsp_node_config_take(&config, &run->plan.settings);
    run->mean = gsp_vector(run->plan.dimension);
    rc = run->mean ? lockstep_init(&run->lockstep, &config, run->plan.shards.objectives, plan_start, &run->plan)
                   : GSP_ERR_NOMEM;
    if (rc)
        return gsp_error_set(error, rc, "no memory for %zu nodes of %zu parameters", run->plan.graph->count,
                             run->plan.dimension);
    /* Only now: what is wrong with the rest must not cost an earlier history. */
    if (options->history && (rc = open_history(run, options->history, error))) return rc;
    if (options->node_history) {
        rc = node_history_open(&run->nodes, options->node_history, &run->lockstep, run->plan.graph, error);
        run->nodes.accuracy = run->plan.workers || gsp_objective_metric_is_accuracy(&run->plan.objective);
        if (rc) return rc;
    }
    if (run->plan.workers) run->lockstep.source = workers_source(run->plan.workers);
    if (!options->json) print_beginning(&run->plan);
    rc = do_rounds(run, error);
    if (rc == GSP_ERR_DIVERGED) {
        common_say("%s", error->message);
        advise(&run->plan);
        error->message[0] = 0;
    }
    if (!rc && (run->nodes.file || options->json)) rc = score_each(run, error);
    if (!rc && run->nodes.file) rc = node_history_end(&run->nodes, run->seconds, run->scores, error);
    if (!rc && options->dump) rc = dump(run, error);
    if (!rc) (options->json ? print_json : print_result)(run);
    return rc;
}

int sim_run(int argc, char **argv)
{
    struct run_options options;
    struct run run = {.terminal = isatty(STDERR_FILENO)};
    struct gsp_error error = {0};
    int exit_code;
    if (run_options_read(&options, argc, argv, &exit_code)) return exit_code;
    catch_interrupts();
    int rc = execute(&run, &options, &error);
    if (run.history && fclose(run.history) && !rc)
        rc = gsp_error_set(&error, GSP_ERR_IO, "%s: %s", options.history, strerror(errno));
    struct gsp_error closing = {0};
    if (node_history_close(&run.nodes, &closing) && !rc) {
        error = closing;
        rc = error.code;
    }
    lockstep_clear(&run.lockstep);
    plan_clear(&run.plan);
    if (rc && error.message[0]) common_say("%s", error.message); /* after the last words of a worker */
    free(run.mean);
    free(run.scores);
    return common_exit_code(rc);
}
