/* Every allocation of every call that allocates fails once, in turn: the call says so, leaves nothing behind, and the
 * same call succeeds afterwards. (check allocates in its assertions, so what is played uses assert.) */
#include <assert.h>
#include <check.h>
#include <gossip/algo.h>
#include <gossip/data.h>
#include <gossip/report.h>
#include <gossip/store.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "faults/allocation.h"
#include "faults/samples.h"
#include "transport/channel.h"
#include "unit/run_suite.h"
#include "unit/wire_contents.h"

/* ---- files of the configuration ---- */

static int play_network(void)
{
    struct gsp_network *network = NULL;
    struct gsp_graph *graph = NULL;
    struct gsp_problems problems = {0};
    int rc = gsp_network_parse(&network, "peers.conf", SAMPLE_NETWORK, strlen(SAMPLE_NETWORK), &problems);
    if (!rc) rc = gsp_graph_from_network(&graph, "peers.conf", network, &problems);
    assert(!rc || problems.count + problems.untold > 0);
    gsp_graph_free(graph);
    gsp_network_free(network);
    gsp_problems_clear(&problems);
    return rc;
}

/* Problems are worth telling even when there is no memory to tell all of them. */
static int play_bad_network(void)
{
    struct gsp_network *network = NULL;
    struct gsp_problems problems = {0};
    static const char bad[] = "[Network]\nTopolgy = ring\n[Node]\nName = A\nPublicKey = x\n[Edge]\n= 1\n";
    int rc = gsp_network_parse(&network, "peers.conf", bad, strlen(bad), &problems);
    assert(rc && !network && problems.count + problems.untold > 0);
    gsp_problems_clear(&problems);
    return rc == GSP_ERR_CONFIG ? 0 : rc;
}

static int play_topologies(void)
{
    static const char *const topologies[] = {"ring", "torus", "random:degree=4,seed=2", "complete", "star"};
    int rc = 0;
    for (size_t i = 0; !rc && i < sizeof topologies / sizeof *topologies; i++) {
        struct gsp_graph *graph = NULL;
        rc = gsp_graph_topology(&graph, topologies[i], 9, GSP_WEIGHTS_METROPOLIS, NULL);
        gsp_graph_free(graph);
    }
    return rc;
}

static int play_daemon_file(void)
{
    struct gsp_daemon_config *config = NULL;
    struct gsp_problems problems = {0};
    int rc = gsp_daemon_config_parse(&config, "gossipd.conf", SAMPLE_DAEMON, strlen(SAMPLE_DAEMON), &problems);
    assert(!rc || problems.count + problems.untold > 0);
    gsp_daemon_config_free(config);
    gsp_problems_clear(&problems);
    return rc;
}

static int play_settings(void)
{
    struct gsp_settings settings;
    gsp_settings_default(&settings);
    char *text = gsp_settings_format(&settings);
    int rc = text ? gsp_settings_parse(&settings, text, NULL) : GSP_ERR_NOMEM;
    free(text);
    return rc;
}

/* ---- the algorithm ---- */

static int play_codecs(void)
{
    static const char *const compressors[] = {"none",          "topk:fraction=0.3",    "randk:fraction=0.3",
                                              "dropout:p=0.5", "qsgd:bits=4,bucket=7", "sign"};
    enum { D = 20 };
    double v[D], sum[D] = {0};
    uint8_t payload[1024], key[32] = {1};
    const struct gsp_draws draws = {.key = key, .step = 1};
    int rc = 0;
    for (size_t i = 0; i < D; i++) v[i] = (double)i - 7;
    for (size_t i = 0; !rc && i < sizeof compressors / sizeof *compressors; i++) {
        struct gsp_compressor compressor;
        struct gsp_codec *codec = NULL;
        size_t length;
        assert(gsp_compressor_parse(&compressor, compressors[i], NULL) == 0);
        rc = gsp_codec_new(&codec, &compressor, D);
        if (!rc) rc = gsp_codec_encode(codec, v, &draws, payload, &length);
        if (!rc) rc = gsp_codec_check(codec, payload, length, &draws, NULL);
        if (!rc) gsp_codec_apply(codec, payload, length, &draws, 0.5, sum, NULL);
        gsp_codec_free(codec);
    }
    return rc;
}

enum { NODES = 3, D = 6, STEPS = 6 };

/* All that a node can do until it waits for its neighbours. */
static int step_on(struct gsp_node *node)
{
    struct gsp_work work;
    int rc = 0;
    while (!rc && gsp_node_next(node, &work)) {
        if (work.stages & GSP_STAGE_MIX) rc = gsp_work_mix(&work);
        for (int j = 0; j < D && work.stages & GSP_STAGE_GRADIENT; j++) work.gradient[j] = work.x[j] - j;
        if (!rc && work.stages & GSP_STAGE_GRADIENT) rc = gsp_work_gradient(&work);
        if (!rc && work.stages & GSP_STAGE_ENCODE) rc = gsp_work_encode(&work);
        int finished = gsp_node_finish(node, &work);
        if (!rc) rc = finished;
    }
    return rc;
}

static int tell_all(struct gsp_node *nodes[NODES], const struct gsp_graph *graph, uint64_t step)
{
    int rc = 0;
    for (size_t i = 0; i < NODES; i++)
        for (size_t slot = 0; !rc && slot < 2; slot++) {
            size_t length;
            const struct gsp_node *from = nodes[graph->neighbour[graph->first[i] + slot]];
            const uint8_t *payload = gsp_node_log_view(from, step, &length);
            assert(payload);
            rc = gsp_node_accept(nodes[i], slot, step, payload, length, NULL);
        }
    return rc;
}

static int save_and_load(const struct gsp_node *node, const struct gsp_node_config *config)
{
    struct gsp_node *again = NULL;
    struct gsp_buffer bytes = {0};
    int rc = gsp_node_save(node, &bytes);
    if (!rc) rc = gsp_node_load(&again, config, bytes.data, bytes.length, NULL);
    gsp_node_free(again);
    gsp_buffer_clear(&bytes);
    return rc;
}

static int recover(const struct gsp_node *node, const struct gsp_node_config *config)
{
    struct gsp_node *again = NULL;
    int rc = gsp_node_recover(&again, config, 3, gsp_node_z(node), 7);
    for (size_t slot = 0; !rc && slot < 2; slot++) rc = gsp_node_resync(again, slot, 3, gsp_node_z(node), 8);
    gsp_node_free(again);
    return rc;
}

static int play_nodes(void)
{
    struct gsp_graph *graph = NULL;
    struct gsp_node *nodes[NODES] = {0};
    struct gsp_node_config config = {
        .dimension = D, .gossip_steps = 1, .eta = 0.1, .eta_decay = 1, .gamma = 0.2, .gradients = true};
    const double x0[D] = {1, 2, 3, 4, 5, 6};
    int rc = gsp_graph_topology(&graph, "ring", NODES, GSP_WEIGHTS_METROPOLIS, NULL);
    if (!rc) rc = gsp_compressor_parse(&config.compressor, "topk:fraction=0.5", NULL);
    config.graph = graph;
    for (size_t i = 0; !rc && i < NODES; i++) {
        config.self = i;
        rc = gsp_node_new(&nodes[i], &config, x0);
        if (!rc) gsp_node_allow(nodes[i], STEPS);
    }
    for (size_t i = 0; !rc && i < NODES; i++) rc = step_on(nodes[i]);
    for (uint64_t step = 1; !rc && step <= STEPS; step++) {
        rc = tell_all(nodes, graph, step);
        for (size_t i = 0; !rc && i < NODES; i++) rc = step_on(nodes[i]);
    }
    if (!rc) rc = save_and_load(nodes[NODES - 1], &config);
    if (!rc) rc = recover(nodes[NODES - 1], &config);
    for (size_t i = 0; i < NODES; i++) gsp_node_free(nodes[i]);
    gsp_graph_free(graph);
    return rc;
}

static int play_calibration(void)
{
    struct gsp_graph *graph = NULL;
    struct gsp_compressor compressor;
    double gamma;
    int rc = gsp_graph_topology(&graph, "ring", 4, GSP_WEIGHTS_METROPOLIS, NULL);
    if (!rc) rc = gsp_compressor_parse(&compressor, "sign", NULL);
    if (!rc) rc = gsp_gamma_calibrate(&gamma, graph, &compressor, 8, 1, NULL, NULL);
    gsp_graph_free(graph);
    return rc;
}

/* ---- data ---- */

static int read_sample(const struct sample_file *sample)
{
    struct gsp_dataset *dataset = NULL, *part = NULL, *again = NULL;
    struct gsp_buffer written = {0};
    struct gsp_error error = {0};
    const struct gsp_file file = {sample->name, sample->bytes, sample->length};
    const struct gsp_file labels = {sample->labels_name, sample->labels, sample->labels_length};
    const struct gsp_data_options options = {.bias = true};
    int rc = gsp_dataset_read(&dataset, &file, sample->labels ? &labels : NULL, &options, &error);
    if (!rc) rc = gsp_dataset_sort(dataset);
    if (!rc) rc = gsp_dataset_slice(&part, dataset, 0, 1);
    if (!rc) rc = gsp_dataset_write_npz(dataset, true, &written, NULL);
    const struct gsp_file archive = {"again.npz", written.data, written.length};
    if (!rc) rc = gsp_dataset_read(&again, &archive, NULL, &options, NULL);
    gsp_buffer_clear(&written);
    gsp_dataset_free(again);
    gsp_dataset_free(part);
    gsp_dataset_free(dataset);
    return rc;
}

static int read_text(const char *text, size_t length, const struct gsp_dataset *like, struct gsp_dataset **out)
{
    struct gsp_buffer lines = {0};
    const struct gsp_file file = {"t", (const uint8_t *)text, length};
    const struct gsp_data_options options = {
        .alone = true, .bias = true, .missing = GSP_MISSING_DROP, .drop = "id", .like = like, .like_name = "train"};
    int rc = gsp_dataset_read(out, &file, NULL, &options, NULL);
    if (!rc) rc = gsp_dataset_describe(*out, true, &lines);
    gsp_buffer_clear(&lines);
    return rc;
}

/* Tables of words, from ARFF and from UTF-16, the second one of one kind with the first. */
static int play_tables(void)
{
    static const char arff[] =
        "@relation r\n@attribute id {p,q}\n@attribute a real\n@attribute w {x,y}\n@attribute c {yes,no}\n"
        "@data\np,1,x,yes\nq,2,'y',no\np,?,x,no\n",
                      utf16[] = "\xff\xfe"
                                "c\0,\0a\0,\0w\0,\0i\0d\0\n\0n\0o\0,\0"
                                "4\0,\0y\0,\0p\0\n";
    struct gsp_dataset *train = NULL, *test = NULL;
    int rc = read_text(arff, sizeof arff - 1, NULL, &train);
    if (!rc) rc = read_text(utf16, sizeof utf16, train, &test);
    gsp_dataset_free(train);
    gsp_dataset_free(test);
    return rc;
}

static int play_files(void)
{
    size_t count;
    const struct sample_file *samples = sample_files(&count);
    int rc = 0;
    for (size_t i = 0; !rc && i < count; i++) rc = read_sample(&samples[i]);
    return rc;
}

static int play_points(void)
{
    const double values[4] = {1, 2, 3, 4};
    double *read = NULL;
    size_t shape[2];
    struct gsp_buffer bytes = {0};
    int rc = gsp_npy_write(values, 4, 2, &bytes);
    const struct gsp_file file = {"x.npy", bytes.data, bytes.length};
    if (!rc) rc = gsp_npy_read(&file, &read, shape, NULL);
    free(read);
    gsp_buffer_clear(&bytes);
    return rc;
}

static int use_objective(const struct gsp_dataset *dataset, const char *text, size_t batch)
{
    struct gsp_objective *objective = NULL;
    struct gsp_objective_config config = {.batch = batch, .node = "n001"};
    double x[8] = {0}, gradient[8], loss;
    int rc = gsp_objective_parse(&config.choice, text, NULL);
    if (!rc) rc = gsp_objective_new(&objective, dataset, &config, NULL);
    if (rc) return rc;
    gsp_objective_gradient(objective, 1, x, gradient, &loss);
    if (isnan(gsp_objective_loss(objective, x)) || isnan(gsp_objective_metric(objective, dataset, x)))
        rc = GSP_ERR_NOMEM;
    gsp_objective_free(objective);
    return rc;
}

static int play_objectives(void)
{
    struct gsp_dataset *dataset = NULL;
    uint8_t digest[16];
    int rc = gsp_dataset_synthetic(&dataset, "objective=linear,samples=12,features=4,seed=1", NULL);
    if (!rc) rc = use_objective(dataset, "linear", 0);
    if (!rc) rc = use_objective(dataset, "relu", 3);
    if (!rc && isnan(gsp_lambda_max(dataset))) rc = GSP_ERR_NOMEM;
    if (!rc) gsp_data_digest(digest, dataset);
    gsp_dataset_free(dataset);
    return rc;
}

/* ---- messages ---- */

static int play_messages(void)
{
    int rc = 0;
    for (int type = GSP_MSG_WELCOME; !rc && type <= GSP_MSG_CLOSE; type++) {
        struct gsp_stream stream = stream_of(type, "faults");
        struct gsp_message message, again;
        struct gsp_buffer bytes = {0};
        uint8_t payload[4096];
        any_message(&stream, (enum gsp_message_type)type, &message, payload);
        rc = gsp_message_pack(&message, &bytes);
        if (!rc) rc = gsp_message_unpack(&again, bytes.data + 4, bytes.length - 4, NULL);
        if (!rc) gsp_message_clear(&again);
        gsp_buffer_clear(&bytes);
    }
    return rc;
}

static int play_control_messages(void)
{
    struct gsp_stream stream = stream_of(1, "faults");
    struct gsp_request request, request_again;
    struct gsp_reply reply, again;
    struct gsp_buffer bytes = {0};
    char settings[256];
    faults_arm(false); /* the samples themselves need memory */
    any_request(&stream, &request, settings, sizeof settings);
    any_reply(&stream, &reply);
    faults_arm(true);
    int rc = gsp_request_pack(&request, &bytes);
    if (!rc) rc = gsp_request_unpack(&request_again, bytes.data + 4, bytes.length - 4, NULL);
    if (!rc) gsp_request_clear(&request_again);
    bytes.length = 0;
    if (!rc) rc = gsp_reply_pack(&reply, &bytes);
    if (!rc) rc = gsp_reply_unpack(&again, bytes.data + 4, bytes.length - 4, NULL);
    if (!rc) gsp_reply_clear(&again);
    gsp_buffer_clear(&bytes);
    gsp_reply_clear(&reply);
    return rc;
}

static int play_channel(void)
{
    struct gsp__channel channel = {0};
    const struct gsp_message message = {.type = GSP_MSG_CLOSE, .u.close.reason = "over"};
    uint8_t *sealed = NULL;
    const uint8_t *bytes;
    size_t length;
    int rc = gsp__channel_put(&channel, &message);
    if (!rc) rc = gsp__channel_seal(&channel, 1, &sealed, &length);
    if (!rc) rc = gsp__channel_feed(&channel, sealed, length, NULL);
    if (!rc) rc = gsp__channel_next(&channel, 1000, &bytes, &length, NULL) == 1 ? 0 : GSP_ERR_FORMAT;
    free(sealed);
    gsp__channel_clear(&channel);
    return rc;
}

static int play_kept(void)
{
    struct gsp_kept kept = {.kind = GSP_KEPT_CHECKPOINT}, again;
    struct gsp_buffer bytes = {0};
    kept.state.run.epoch = 1;
    strcpy(kept.state.origin, "n001");
    int rc = gsp_kept_begin(&kept, &bytes);
    if (!rc) rc = gsp_buffer_append(&bytes, "body", 4);
    if (!rc) rc = gsp_kept_seal(&bytes);
    if (!rc) rc = gsp_kept_read(&again, GSP_KEPT_CHECKPOINT, bytes.data, bytes.length, NULL);
    gsp_buffer_clear(&bytes);
    return rc;
}

static int take(char *text)
{
    int rc = text ? 0 : GSP_ERR_NOMEM;
    free(text);
    return rc;
}

static int play_reports(void)
{
    static char *(*const shown[])(const struct gsp_reply *, const struct gsp_style *) = {gsp_report_status_all,
                                                                                         gsp_report_peers};
    static char *(*const told[])(const struct gsp_reply *) = {gsp_report_status_json, gsp_report_status_all_json,
                                                              gsp_report_peers_json};
    const struct gsp_style style = {.width = 80};
    struct gsp_summary node = {.node = "n001", .number = 1, .phase = GSP_PHASE_RUNNING, .rounds = 9, .round = 3};
    struct gsp_link_status link = {.name = "n002", .state = "up"};
    struct gsp_reply reply = {.node_count = 1, .nodes = &node, .link_count = 1, .links = &link};
    int rc = take(gsp_report_status(&reply, "see to it", &style));
    for (int i = 0; !rc && i < 2; i++) rc = take(shown[i](&reply, &style));
    for (int i = 0; !rc && i < 3; i++) rc = take(told[i](&reply));
    return rc;
}

/* ---- each of them ---- */

static const struct {
    const char *name;
    int (*play)(void);
} scenarios[] = {
    {"peers.conf", play_network},
    {"a bad peers.conf", play_bad_network},
    {"topologies", play_topologies},
    {"gossipd.conf", play_daemon_file},
    {"settings", play_settings},
    {"codecs", play_codecs},
    {"nodes", play_nodes},
    {"calibration", play_calibration},
    {"data files", play_files},
    {"tables", play_tables},
    {"initial points", play_points},
    {"objectives", play_objectives},
    {"messages between daemons", play_messages},
    {"messages of the control socket", play_control_messages},
    {"the encrypted channel", play_channel},
    {"kept files", play_kept},
    {"reports", play_reports},
};

START_TEST(every_allocation_fails_once)
{
    uint64_t at = 1;
    for (bool struck = true; struck; at++) {
        faults_begin(at);
        faults_arm(true);
        int rc = scenarios[_i].play();
        faults_arm(false);
        size_t left = faults_live();
        struck = faults_struck();
        ck_assert_msg(left == 0, "%s: %zu blocks are left after allocation %llu failed", scenarios[_i].name, left,
                      (unsigned long long)at);
        bool tolerant = scenarios[_i].play == play_bad_network; /* it fails anyway, and tells what it can */
        ck_assert_msg(struck && !tolerant ? rc == GSP_ERR_NOMEM : !rc || rc == GSP_ERR_NOMEM,
                      "%s: allocation %llu failed, and the result was %d", scenarios[_i].name, (unsigned long long)at,
                      rc);
        ck_assert_msg(struck || !rc, "%s: no allocation failed, and the result was %d", scenarios[_i].name, rc);
    }
    ck_assert_msg(at > 2, "%s allocates nothing", scenarios[_i].name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("allocation");
    TCase *tests = tcase_create("each fails once");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_allocation_fails_once, 0, (int)(sizeof scenarios / sizeof *scenarios));
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
