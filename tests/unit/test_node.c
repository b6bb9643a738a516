/* One node: the algorithm against its formulas, lockstep against copies, saving and loading, and what it refuses. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algo/consensus.h"
#include "algo/node.h"
#include "base/cpu.h"
#include "unit/run_suite.h"

enum { N = 5, D = 13, STEPS = 24, Q = 3 };

static const char *const COMPRESSORS[] = {
    "none:values=f64", "topk:fraction=0.3", "randk:fraction=0.3", "qsgd:bits=3", "sign", "dropout:p=0.4"};
enum { COMPRESSOR_COUNT = sizeof COMPRESSORS / sizeof *COMPRESSORS };

struct fixture {
    struct gsp_graph *graph;
    struct gsp_node *nodes[N];
    struct gsp_node_config configs[N];
    double x0[N][D];
};

static void fixture_with(struct fixture *f, const char *compressor, bool lockstep, double momentum)
{
    memset(f, 0, sizeof *f);
    ck_assert_int_eq(gsp_graph_topology(&f->graph, "ring", N, GSP_WEIGHTS_METROPOLIS, NULL), 0);
    for (size_t i = 0; i < N; i++) {
        f->configs[i] = (struct gsp_node_config){
            .graph = f->graph, .self = i, .dimension = D, .gossip_steps = Q, .eta = 0.1, .eta_decay = 0.9};
        f->configs[i].gamma = 0.2;
        f->configs[i].momentum = momentum;
        f->configs[i].seed = 7;
        f->configs[i].gradients = true;
        f->configs[i].others = lockstep ? f->nodes : NULL;
        ck_assert_int_eq(gsp_compressor_parse(&f->configs[i].compressor, compressor, NULL), 0);
        gsp_initial_point(f->x0[i], D, GSP_INIT_NORMAL, 3, f->graph->names[i]);
        ck_assert_int_eq(gsp_node_new(&f->nodes[i], &f->configs[i], f->x0[i]), 0);
        gsp_node_allow(f->nodes[i], STEPS);
    }
}

static void fixture_init(struct fixture *f, const char *compressor, bool lockstep)
{
    fixture_with(f, compressor, lockstep, 0);
}

static void fixture_clear(struct fixture *f)
{
    for (size_t i = 0; i < N; i++) gsp_node_free(f->nodes[i]);
    gsp_graph_free(f->graph);
}

/* grad f_i(x) = x - i: every node pulls to its own number. */
static void gradient_of(size_t i, const double *x, double *gradient)
{
    for (size_t j = 0; j < D; j++) gradient[j] = x[j] - (double)i;
}

/* Does whatever a node wants; returns the stages done. */
static unsigned turn(struct fixture *f, size_t i)
{
    struct gsp_work work;
    if (!gsp_node_next(f->nodes[i], &work)) return 0;
    if (work.stages & GSP_STAGE_MIX) ck_assert_int_eq(gsp_work_mix(&work), 0);
    if (work.stages & GSP_STAGE_GRADIENT) {
        gradient_of(i, work.x, work.gradient);
        ck_assert_int_eq(gsp_work_gradient(&work), 0);
    }
    if (work.stages & GSP_STAGE_ENCODE) ck_assert_int_eq(gsp_work_encode(&work), 0);
    ck_assert_int_eq(gsp_node_finish(f->nodes[i], &work), 0);
    return work.stages;
}

/* Hands every message that a neighbour has and this node expects over. */
static void deliver(struct fixture *f, size_t i)
{
    struct gsp_node *node = f->nodes[i];
    for (size_t slot = 0; slot < node->degree; slot++) {
        struct gsp_node *from = f->nodes[node->neighbours[slot].node];
        size_t length;
        uint64_t step = gsp_node_expected(node, slot);
        const uint8_t *payload = gsp_node_log_view(from, step, &length);
        if (payload && node->neighbours[slot].held_count < GSP__HELD_MAX)
            ck_assert_int_eq(gsp_node_accept(node, slot, step, payload, length, NULL), 0);
    }
}

/* Nodes take turns in a seeded order until nobody has anything to do. */
static void play(struct fixture *f, uint64_t seed)
{
    struct gsp_stream random;
    uint8_t key[32];
    gsp_stream_key(key, seed, "order", "test");
    gsp_stream_init(&random, key, 0);
    for (int idle = 0; idle < 200;) {
        size_t i = gsp_stream_below(&random, N);
        deliver(f, i);
        idle = turn(f, i) ? 0 : idle + 1;
    }
}

static void play_lockstep(struct fixture *f)
{
    for (int half = 0; half < 2 * STEPS; half++)
        for (size_t i = 0; i < N; i++) ck_assert(turn(f, i) != 0);
}

/* The same with gsp_nodes_add_messages between encode and mix. */
static void play_together(struct fixture *f)
{
    for (int half = 0; half < 2 * STEPS; half++) {
        if (half % 2) gsp_nodes_add_messages(f->nodes, N);
        for (size_t i = 0; i < N; i++) ck_assert(turn(f, i) != 0);
    }
}

START_TEST(together_equals_one_by_one)
{
    struct fixture one_by_one, together;
    fixture_init(&one_by_one, COMPRESSORS[_i], true);
    fixture_init(&together, COMPRESSORS[_i], true);
    play_lockstep(&one_by_one);
    play_together(&together);
    for (size_t i = 0; i < N; i++) {
        const struct gsp_node *a = one_by_one.nodes[i], *b = together.nodes[i];
        ck_assert_uint_eq(gsp_node_digest(a, STEPS), gsp_node_digest(b, STEPS));
        ck_assert(memcmp(a->x, b->x, sizeof one_by_one.x0[i]) == 0 && memcmp(a->z, b->z, sizeof one_by_one.x0[i]) == 0);
        ck_assert(memcmp(a->s, b->s, sizeof one_by_one.x0[i]) == 0);
    }
    fixture_clear(&one_by_one);
    fixture_clear(&together);
}
END_TEST

/* The round of doc/algorithm.md written out with C = identity, against the node. */
START_TEST(follows_the_formulas)
{
    struct fixture f;
    fixture_init(&f, "none:values=f64", true);
    double x[N][D], z[N][D] = {{0}}, s[N][D] = {{0}}, m[N][D];
    memcpy(x, f.x0, sizeof x);
    for (int k = 1; k <= STEPS; k++) {
        for (size_t i = 0; i < N; i++) {
            double eta = 0.1 * pow(0.9, (k - 1) / Q), gradient[D];
            gradient_of(i, x[i], gradient);
            for (size_t j = 0; j < D; j++) {
                if ((k - 1) % Q == 0) x[i][j] -= eta * gradient[j];
                m[i][j] = x[i][j] - z[i][j];
            }
        }
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < D; j++) {
                s[i][j] += (m[i][j] + m[(i + 1) % N][j] + m[(i + N - 1) % N][j]) / 3;
                z[i][j] += m[i][j];
                x[i][j] += 0.2 * (s[i][j] - z[i][j]);
            }
    }
    play_lockstep(&f);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < D; j++) {
            ck_assert_double_eq_tol(gsp_node_x(f.nodes[i])[j], x[i][j], 1e-12);
            ck_assert_double_eq_tol(gsp_node_s(f.nodes[i])[j], s[i][j], 1e-12);
        }
    ck_assert_uint_eq(gsp_node_round(f.nodes[0]), STEPS / Q);
    fixture_clear(&f);
}
END_TEST

/* Whatever the order of turns and deliveries, nodes with copies give the bits of nodes in lockstep. */
START_TEST(any_order_equals_lockstep)
{
    struct fixture lockstep, copies;
    const char *compressor = COMPRESSORS[_i % COMPRESSOR_COUNT];
    const double momentum = _i < 4 * COMPRESSOR_COUNT ? 0 : 0.8;
    fixture_with(&lockstep, compressor, true, momentum);
    fixture_with(&copies, compressor, false, momentum);
    play_lockstep(&lockstep);
    play(&copies, (uint64_t)_i);
    for (size_t i = 0; i < N; i++) {
        ck_assert_uint_eq(gsp_node_step(copies.nodes[i]), STEPS + 1);
        ck_assert(memcmp(gsp_node_x(copies.nodes[i]), gsp_node_x(lockstep.nodes[i]), D * sizeof(double)) == 0);
        ck_assert(memcmp(gsp_node_s(copies.nodes[i]), gsp_node_s(lockstep.nodes[i]), D * sizeof(double)) == 0);
        for (size_t slot = 0; slot < copies.nodes[i]->degree; slot++) {
            const struct gsp__neighbour *neighbour = &copies.nodes[i]->neighbours[slot];
            ck_assert(memcmp(neighbour->copy, gsp_node_z(copies.nodes[neighbour->node]), D * sizeof(double)) == 0);
            ck_assert_uint_eq(gsp_node_digest_of(copies.nodes[i], slot),
                              gsp_node_digest(copies.nodes[neighbour->node], STEPS));
        }
    }
    fixture_clear(&lockstep);
    fixture_clear(&copies);
}
END_TEST

/* Stopping all nodes at some step, saving and loading each, and going on changes no bit. */
START_TEST(saved_and_loaded_goes_on)
{
    struct fixture whole, parts;
    const char *compressor = COMPRESSORS[_i % COMPRESSOR_COUNT];
    const double momentum = _i < 4 * COMPRESSOR_COUNT ? 0 : 0.8;
    fixture_with(&whole, compressor, false, momentum);
    fixture_with(&parts, compressor, false, momentum);
    play(&whole, 1);
    uint64_t pause = 1 + (uint64_t)_i % (STEPS - 1);
    for (size_t i = 0; i < N; i++) gsp_node_allow(parts.nodes[i], pause);
    play(&parts, 2);
    for (size_t i = 0; i < N; i++) {
        struct gsp_buffer bytes = {0};
        ck_assert_int_eq(gsp_node_save(parts.nodes[i], &bytes), 0);
        struct gsp_node *loaded = NULL;
        struct gsp_error error;
        for (size_t cut = 0; cut < bytes.length; cut += 1 + bytes.length / 50)
            ck_assert_int_ne(gsp_node_load(&loaded, &parts.configs[i], bytes.data, cut, &error), 0);
        ck_assert_int_eq(gsp_node_load(&loaded, &parts.configs[i], bytes.data, bytes.length, &error), 0);
        gsp_node_free(parts.nodes[i]);
        parts.nodes[i] = loaded;
        gsp_node_allow(loaded, STEPS);
        gsp_buffer_clear(&bytes);
    }
    play(&parts, 3);
    for (size_t i = 0; i < N; i++) {
        ck_assert_uint_eq(gsp_node_step(parts.nodes[i]), STEPS + 1);
        ck_assert(memcmp(gsp_node_x(parts.nodes[i]), gsp_node_x(whole.nodes[i]), D * sizeof(double)) == 0);
        ck_assert_uint_eq(gsp_node_digest(parts.nodes[i], STEPS), gsp_node_digest(whole.nodes[i], STEPS));
        ck_assert_uint_eq(gsp_node_counters(parts.nodes[i])->payload_bytes,
                          gsp_node_counters(whole.nodes[i])->payload_bytes);
    }
    fixture_clear(&whole);
    fixture_clear(&parts);
}
END_TEST

START_TEST(refuses_what_does_not_belong)
{
    struct fixture f;
    struct gsp_error error;
    fixture_init(&f, "topk:fraction=0.3", false);
    ck_assert(turn(&f, 0) && turn(&f, 1));
    size_t length, slot = 0;
    while (f.nodes[0]->neighbours[slot].node != 1) slot++;
    const uint8_t *payload = gsp_node_log_view(f.nodes[1], 1, &length);
    ck_assert_int_eq(gsp_node_accept(f.nodes[0], slot, 2, payload, length, &error), GSP_ERR_PROTOCOL);
    ck_assert_int_eq(gsp_node_accept(f.nodes[0], slot, 1, payload, length - 1, &error), GSP_ERR_FORMAT);
    ck_assert(gsp_node_waiting_for(f.nodes[0], slot));
    ck_assert_int_eq(gsp_node_accept(f.nodes[0], slot, 1, payload, length, &error), 0);
    ck_assert(!gsp_node_waiting_for(f.nodes[0], slot));
    ck_assert_int_eq(gsp_node_accept(f.nodes[0], slot, 2, payload, length, &error), 0);
    ck_assert_int_eq(gsp_node_accept(f.nodes[0], slot, 3, payload, length, &error), GSP_ERR_PROTOCOL);
    struct gsp_buffer bytes = {0};
    ck_assert_int_eq(gsp_node_save(f.nodes[0], &bytes), GSP_ERR_STATE); /* not at a step boundary */
    gsp_buffer_clear(&bytes);
    fixture_clear(&f);
}
END_TEST

START_TEST(log_keeps_what_is_needed)
{
    struct fixture f;
    fixture_init(&f, "none", false);
    play(&f, 5);
    struct gsp_node *node = f.nodes[2];
    ck_assert_uint_eq(gsp_node_log_base(node), 1);
    ck_assert_uint_eq(gsp_node_log_end(node), STEPS + 1);
    uint64_t digest = gsp_node_digest(node, 9);
    gsp_node_log_trim(node, 10);
    size_t length;
    ck_assert_ptr_null(gsp_node_log_view(node, 9, &length));
    ck_assert_ptr_nonnull(gsp_node_log_view(node, 10, &length));
    ck_assert_uint_eq(gsp_node_digest(node, 9), digest);
    fixture_clear(&f);
}
END_TEST

START_TEST(non_finite_is_divergence)
{
    struct fixture f;
    struct gsp_work work;
    fixture_init(&f, "none", true);
    ck_assert(gsp_node_next(f.nodes[0], &work));
    gradient_of(0, work.x, work.gradient);
    work.gradient[D - 1] = NAN;
    ck_assert_int_eq(gsp_work_gradient(&work), GSP_ERR_DIVERGED);
    fixture_clear(&f);
}
END_TEST

START_TEST(initial_points)
{
    double a[200], b[200], same[200], zero[200];
    double sum = 0;
    gsp_initial_point(a, 200, GSP_INIT_NORMAL, 1, "n001");
    gsp_initial_point(b, 200, GSP_INIT_NORMAL, 1, "n002");
    gsp_initial_point(same, 200, GSP_INIT_NORMAL_SAME, 1, "n001");
    gsp_initial_point(zero, 200, GSP_INIT_ZEROS, 1, "n001");
    ck_assert(memcmp(a, b, sizeof a) != 0);
    gsp_initial_point(b, 200, GSP_INIT_NORMAL_SAME, 1, "n002");
    ck_assert(memcmp(same, b, sizeof b) == 0);
    for (size_t i = 0; i < 200; i++) {
        ck_assert(zero[i] == 0);
        sum += a[i] * a[i];
    }
    ck_assert_double_eq_tol(sum, 1, 0.4); /* N(0, 1/d): the squares sum to 1, give or take four deviations */
}
END_TEST

static double in_lanes(size_t n, const double *terms)
{
    double lane[8] = {0};
    for (size_t i = 0; i < n; i++) lane[i % 8] += terms[i];
    return ((lane[0] + lane[2]) + (lane[4] + lane[6])) + ((lane[1] + lane[3]) + (lane[5] + lane[7]));
}

static bool same(const double *a, const double *b, size_t n)
{
    return n == 0 || memcmp(a, b, n * sizeof *a) == 0;
}

/* Both builds against the definition, bit for bit, at every length. */
START_TEST(consensus_is_its_definition)
{
    enum { LONGEST = 50 };
    double x[LONGEST] = {0}, s[LONGEST], z[LONGEST], left[LONGEST], apart[LONGEST], size[LONGEST], moved[LONGEST];
    struct gsp_stream stream;
    uint8_t key[32];
    gsp_stream_key(key, 4, "consensus", "test");
    gsp_stream_init(&stream, key, 0);
    for (size_t n = 0; n <= LONGEST; n++) {
        for (size_t i = 0; i < n; i++) {
            x[i] = gsp_stream_normal(&stream);
            s[i] = gsp_stream_normal(&stream);
            z[i] = gsp_stream_normal(&stream);
            volatile double step = 0.3 * (s[i] - z[i]); /* volatile: rounded before the addition */
            moved[i] = x[i] + step;
            left[i] = (x[i] - z[i]) * (x[i] - z[i]);
            apart[i] = (moved[i] - s[i]) * (moved[i] - s[i]);
            size[i] = moved[i] * moved[i];
        }
        const double expected[3] = {in_lanes(n, left), in_lanes(n, apart), in_lanes(n, size)};
        for (int build = 0; build < (gsp__has_avx2() ? 2 : 1); build++) {
            double got[LONGEST];
            struct gsp__measures measures;
            memcpy(got, x, sizeof got);
            (build ? gsp__consensus_avx2 : gsp__consensus_plain)(&measures, n, 0.3, got, s, z);
            ck_assert_msg(same(got, moved, n), "build %d, n %zu", build, n);
            ck_assert(same((const double[]){measures.left, measures.apart, measures.size}, expected, 3));
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("node");
    TCase *tests = tcase_create("node");
    tcase_add_test(tests, follows_the_formulas);
    tcase_add_loop_test(tests, any_order_equals_lockstep, 0, 8 * COMPRESSOR_COUNT);
    tcase_add_loop_test(tests, saved_and_loaded_goes_on, 0, 8 * COMPRESSOR_COUNT);
    tcase_add_test(tests, refuses_what_does_not_belong);
    tcase_add_test(tests, log_keeps_what_is_needed);
    tcase_add_test(tests, non_finite_is_divergence);
    tcase_add_test(tests, initial_points);
    tcase_add_test(tests, consensus_is_its_definition);
    tcase_add_loop_test(tests, together_equals_one_by_one, 0, COMPRESSOR_COUNT);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
