/* Networks whose results were written down: every bit of each node's x, and of each gossip message, is what it was when
 * tests/data/recorded-networks.txt was made. Deaths, power cuts, damaged files, full disks, cut connections and
 * partitions change none of it, nor does how the session layer is made; only the algorithm may.
 *
 * test_recorded compares; test_recorded --record prints the file anew. Two more records depend on when messages arrive,
 * so they hold only as long as a node says everything at the same moment; they are for comparing two programs:
 *   test_recorded --timed   results of networks that are stopped, reach a target, lose disks or nodes
 *   test_recorded --trace   digests of all that nodes hand out, in order, with the time
 * FIRST COUNT after a word chooses seeds. */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fate.h"
#include "sim/look.h"

enum { SEEDS = 200, STEPS_MAX = 1 << 16, LINE = 600 };
#define RECORD TEST_SOURCE "/tests/data/recorded-networks.txt"

/* ---- digests ---- */

struct digest {
    crypto_generichash_state state;
};

static void digest_begin(struct digest *digest)
{
    int rc = crypto_generichash_init(&digest->state, NULL, 0, crypto_generichash_BYTES);
    assert(rc == 0);
}

static void digest_bytes(struct digest *digest, const void *bytes, size_t length)
{
    if (length) crypto_generichash_update(&digest->state, bytes, length);
}

static void digest_number(struct digest *digest, uint64_t number)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(number >> 8 * i);
    digest_bytes(digest, bytes, sizeof bytes);
}

/* Doubles by their bits, the same on every machine. */
static void digest_doubles(struct digest *digest, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        digest_number(digest, bits);
    }
}

static uint64_t digest_end(struct digest *digest)
{
    uint8_t bytes[crypto_generichash_BYTES];
    uint64_t number = 0;
    crypto_generichash_final(&digest->state, bytes, sizeof bytes);
    for (int i = 0; i < 8; i++) number |= (uint64_t)bytes[i] << 8 * i;
    return number;
}

/* ---- what is seen of a network ---- */

/* All that nodes hand out, by what a change of it would mean. */
enum { SENT, STORED, REST, TRACES };

struct seen {
    size_t nodes;
    uint64_t ends[CLUSTER_NODES_MAX]; /* up to where each one's messages were looked at */
    uint64_t steps[CLUSTER_NODES_MAX];
    uint64_t *messages[CLUSTER_NODES_MAX]; /* by step: a digest of the payload; 0: none was seen */
    uint64_t x[CLUSTER_NODES_MAX];         /* a digest of the final one; 0: none */
    uint64_t recomputed;                   /* messages that were others when they were made again */
    uint64_t last_round;
    enum gsp_phase end;
    struct digest traces[TRACES];
    uint64_t actions[TRACES], bytes[TRACES];
};

static uint64_t digest_of_payload(const struct gsp_node *node, uint64_t step)
{
    struct digest digest;
    size_t length;
    const uint8_t *payload = gsp_node_log_view(node, step, &length);
    digest_begin(&digest);
    digest_number(&digest, length);
    digest_bytes(&digest, payload, length);
    uint64_t number = digest_end(&digest);
    return number ? number : 1;
}

/* A node keeps its own messages until they are of no use, so that each one is there after the event that made it. Who
 * was killed makes some of them again. */
static void see_messages(struct seen *seen, size_t i, const struct gsp_node *node)
{
    uint64_t base = gsp_node_log_base(node), end = gsp_node_log_end(node);
    uint64_t step = seen->ends[i] > base && seen->ends[i] <= end ? seen->ends[i] : base;
    for (; step < end; step++) {
        assert(step < STEPS_MAX);
        uint64_t message = digest_of_payload(node, step), *place = &seen->messages[i][step];
        seen->recomputed += *place && *place != message;
        *place = message;
        if (step > seen->steps[i]) seen->steps[i] = step;
    }
    seen->ends[i] = end;
}

static void see_x(struct seen *seen, size_t i, const struct look_run *run)
{
    struct digest digest;
    digest_begin(&digest);
    digest_doubles(&digest, gsp_node_x(run->node), run->d);
    seen->x[i] = digest_end(&digest);
    seen->last_round = run->last_round;
    seen->end = run->end;
}

static void see_action(struct seen *seen, const struct cluster *cluster, size_t i, const struct gsp_action *action)
{
    bool files = action->type == GSP_ACTION_STORE || action->type == GSP_ACTION_HISTORY;
    size_t kind = action->type == GSP_ACTION_SEND ? SENT : files ? STORED : REST;
    bool bytes = action->type == GSP_ACTION_SEND || action->type == GSP_ACTION_REPLY || files;
    struct digest *trace = &seen->traces[kind];
    digest_number(trace, cluster_now(cluster));
    digest_number(trace, i);
    digest_number(trace, (uint64_t)action->type);
    digest_number(trace, action->connection);
    digest_number(trace, action->client);
    digest_number(trace, action->node);
    digest_number(trace, (uint64_t)action->file);
    digest_number(trace, action->graceful);
    digest_number(trace, bytes ? action->length : 0);
    if (bytes) digest_bytes(trace, action->bytes, action->length);
    seen->bytes[kind] += bytes ? action->length : 0;
    seen->actions[kind]++;
}

static void watch(void *context, const struct cluster *cluster, size_t i, const struct gsp_action *action)
{
    struct seen *seen = context;
    if (action) {
        see_action(seen, cluster, i, action);
        return;
    }
    struct look_run run = look_run(cluster_peer(cluster, i));
    if (!run.node) return;
    see_messages(seen, i, run.node);
    if (run.stage == LOOK_ENDED) see_x(seen, i, &run);
}

static struct seen *seen_new(size_t nodes)
{
    struct seen *seen = calloc(1, sizeof *seen);
    assert(seen);
    seen->nodes = nodes;
    for (size_t i = 0; i < nodes; i++) {
        seen->messages[i] = calloc(STEPS_MAX, sizeof *seen->messages[i]);
        assert(seen->messages[i]);
    }
    for (size_t kind = 0; kind < TRACES; kind++) digest_begin(&seen->traces[kind]);
    return seen;
}

static void seen_free(struct seen *seen)
{
    for (size_t i = 0; i < seen->nodes; i++) free(seen->messages[i]);
    free(seen);
}

/* ---- drawing ---- */

/* These lists are as they were when the record was made: another word in one of them makes other networks. */
static const char *draw_topology(struct gsp_stream *random, size_t nodes)
{
    static const char *const any[] = {"ring", "complete", "star", "grid"};
    uint64_t draw = gsp_stream_below(random, 6);
    if (draw == 4 && nodes >= 4) return "random:degree=2,seed=5";
    if (draw == 5 && nodes == 9) return "torus";
    if (draw == 5 && (nodes == 4 || nodes == 8)) return "hypercube";
    return any[draw % 4];
}

static const char *draw_compressor(struct gsp_stream *random)
{
    static const char *const compressors[] = {"none:values=f64",
                                              "none:values=f32",
                                              "none:values=bf16",
                                              "topk:fraction=0.5",
                                              "topk:fraction=0.2,values=f32",
                                              "randk:fraction=0.5",
                                              "dropout:p=0.6",
                                              "dropout:p=0.8,unbiased",
                                              "qsgd:bits=3",
                                              "qsgd:bits=6,bucket=2",
                                              "sign",
                                              "sign:bucket=3"};
    return compressors[gsp_stream_below(random, sizeof compressors / sizeof *compressors)];
}

/* Faults as fate_draw draws them; the network and the settings from more than it knows. Returns the compressor. */
static const char *draw(struct fate *fate, enum fate_kind kind, uint64_t seed)
{
    static const char *const starts[] = {"zeros", "normal", "normal-same"};
    static const char *const objectives[] = {"linear", "relu", "geman"};
    struct gsp_stream random;
    uint8_t key[32];
    fate_draw(fate, kind, seed);
    gsp_stream_key(key, seed, "recorded", "draw");
    gsp_stream_init(&random, key, (uint64_t)kind);
    fate->options.nodes = 2 + gsp_stream_below(&random, 8);
    fate->options.topology = draw_topology(&random, fate->options.nodes);
    fate->options.features = 2 + gsp_stream_below(&random, 12);
    const char *compressor = draw_compressor(&random), *objective = objectives[gsp_stream_below(&random, 3)];
    const char *start = starts[gsp_stream_below(&random, 3)];
    bool relu = strcmp(objective, "relu") == 0;
    if (relu && strcmp(start, "zeros") == 0) start = "normal"; /* from zeros relu goes nowhere */
    fate->options.objective = relu ? "relu" : "linear";        /* of the data */
    if (kind == FATE_CRASHES) fate->rounds = 3 + gsp_stream_below(&random, 80);
    if (kind == FATE_STOPS) fate->rounds = 100 + gsp_stream_below(&random, 300); /* so that most stops come in time */
    size_t used = strlen(fate->settings);
    used += (size_t)snprintf(fate->settings + used, sizeof fate->settings - used,
                             "rounds=%" PRIu64 "\ncompressor=%s\nobjective=%s\ninit=%s\nseed=%" PRIu64
                             "\nl2=%s\neta_decay=%s\nmomentum=0\neta_schedule=constant\n",
                             fate->rounds, compressor, objective, start, gsp_stream_below(&random, 1000),
                             gsp_stream_below(&random, 2) ? "0" : "0.01", gsp_stream_below(&random, 2) ? "1" : "0.99");
    assert(used < sizeof fate->settings); /* a later line overrides an earlier one of its name */
    return compressor;
}

/* ---- lines ---- */

static uint64_t digest_all(const struct seen *seen, bool messages)
{
    struct digest digest;
    digest_begin(&digest);
    for (size_t i = 0; i < seen->nodes; i++) {
        digest_number(&digest, messages ? seen->steps[i] : seen->x[i]);
        for (uint64_t step = 1; messages && step <= seen->steps[i]; step++)
            digest_number(&digest, seen->messages[i][step]);
    }
    return digest_end(&digest);
}

static void put_result(char line[LINE], const struct fate *fate, const char *compressor, const struct seen *seen)
{
    uint64_t steps = 0;
    for (size_t i = 0; i < seen->nodes; i++) steps += seen->steps[i];
    snprintf(line, LINE,
             "%" PRIu64 " %zu %s %s: %s at round %" PRIu64 " of %" PRIu64 ", x %016" PRIx64 ", %" PRIu64
             " messages %016" PRIx64 "\n",
             fate->seed, fate->options.nodes, fate->options.topology, compressor, gsp_phase_name(seen->end),
             seen->last_round, fate->rounds, digest_all(seen, false), steps, digest_all(seen, true));
}

static void put_trace(char line[LINE], uint64_t seed, const char *kind, struct seen *seen)
{
    static const char *const names[TRACES] = {"sent", "stored", "rest"};
    size_t used = (size_t)snprintf(line, LINE, "%s %" PRIu64, kind, seed);
    for (size_t i = 0; i < TRACES; i++)
        used += (size_t)snprintf(line + used, LINE - used, ", %s %" PRIu64 " (%" PRIu64 " bytes) %016" PRIx64, names[i],
                                 seen->actions[i], seen->bytes[i], digest_end(&seen->traces[i]));
    snprintf(line + used, LINE - used, "\n");
}

/* All messages were seen, and none was another when it was made again. */
static bool is_whole(const struct seen *seen, char *wrong, size_t size)
{
    if (seen->recomputed) {
        snprintf(wrong, size, "%" PRIu64 " messages were others when they were made again", seen->recomputed);
        return false;
    }
    for (size_t i = 0; i < seen->nodes; i++)
        for (uint64_t step = 1; step <= seen->steps[i]; step++)
            if (!seen->messages[i][step]) {
                snprintf(wrong, size, "message %" PRIu64 " of node %zu was never seen", step, i);
                return false;
            }
    return true;
}

/* ---- records ---- */

/* Plays one; false, and says why, if what fate_play looks at is not as it must be. */
static bool play(struct fate *fate, struct seen *seen)
{
    struct fate_sum sum = {0};
    char wrong[600] = "";
    fate->options.watch = watch;
    fate->options.watch_context = seen;
    bool fine = fate_play(fate, &sum, wrong, sizeof wrong);
    bool exact = !fate->wipes && !fate->absences;
    if (fine && exact) fine = is_whole(seen, wrong, sizeof wrong);
    if (!fine) printf("FAILED %" PRIu64 ": %s\n", fate->seed, wrong);
    return fine;
}

static bool record(char line[LINE], uint64_t seed)
{
    struct fate fate;
    const char *compressor = draw(&fate, FATE_CRASHES, seed);
    struct seen *seen = seen_new(fate.options.nodes);
    bool fine = play(&fate, seen);
    put_result(line, &fate, compressor, seen);
    seen_free(seen);
    return fine;
}

/* Which of the fates that depend on time: each kind in turn, one with a target. */
static bool record_timed(uint64_t seed, bool trace)
{
    static const char *const names[FATE_KINDS] = {"crashes", "stops", "wipes", "losses", "both"};
    enum fate_kind kind = trace ? (enum fate_kind)(seed % FATE_KINDS) : FATE_STOPS + (enum fate_kind)(seed % 4);
    struct fate fate;
    char line[LINE];
    const char *compressor = draw(&fate, kind, seed);
    if (kind == FATE_STOPS && seed % 8 == 0) {
        fate.stops = 0;
        size_t used = strlen(fate.settings);
        snprintf(fate.settings + used, sizeof fate.settings - used, "target_loss=0.02\n");
    }
    struct seen *seen = seen_new(fate.options.nodes);
    bool fine = play(&fate, seen);
    if (trace)
        put_trace(line, seed, names[kind], seen);
    else
        put_result(line, &fate, compressor, seen);
    printf("%s%s%s", trace ? "" : names[kind], trace ? "" : " ", line);
    seen_free(seen);
    return fine;
}

static size_t compare(uint64_t first, uint64_t count)
{
    char was[LINE], is[LINE];
    size_t failed = 0;
    FILE *file = fopen(RECORD, "r");
    if (!file) {
        perror(RECORD);
        return 1;
    }
    for (uint64_t seed = 1; seed < first + count; seed++) {
        bool there = fgets(was, sizeof was, file) != NULL;
        if (seed < first) continue;
        bool fine = record(is, seed) && there && strcmp(was, is) == 0;
        if (!fine) printf("FAILED\n  was: %s  is:  %s", there ? was : "not there\n", is);
        failed += !fine;
    }
    fclose(file);
    printf("%.0f%%: Checks: %" PRIu64 ", Failures: %zu, Errors: 0\n", 100.0 * (double)(count - failed) / (double)count,
           count, failed);
    return failed;
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "--compare";
#ifdef __SANITIZE_ADDRESS__
    uint64_t first = 1, count = 24; /* each takes ten times as long */
#else
    uint64_t first = 1, count = SEEDS;
#endif
    if (argc == 4) {
        first = strtoull(argv[2], NULL, 10);
        count = strtoull(argv[3], NULL, 10);
    }
    bool records = strcmp(word, "--record") == 0, traces = strcmp(word, "--trace") == 0;
    size_t failed = 0;
    char line[LINE];
    if (strcmp(word, "--compare") == 0 && argc != 3) return compare(first, count) ? EXIT_FAILURE : EXIT_SUCCESS;
    if ((!records && !traces && strcmp(word, "--timed") != 0) || argc == 3 || argc > 4) {
        fprintf(stderr, "usage: test_recorded [--compare|--record|--timed|--trace [FIRST COUNT]]\n");
        return 64;
    }
    for (uint64_t seed = first; seed < first + count; seed++) {
        failed += records ? !record(line, seed) : !record_timed(seed, traces);
        if (records) fputs(line, stdout);
    }
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
