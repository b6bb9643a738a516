/* Compressors through their codec: what is decoded is the definition's m, bit for bit, and contracts as promised. */
#include "algo/coding.h"
#include "algo/select.h"
#include "unit/compress_cases.h"
#include "unit/compress_definition.h"
#include "unit/run_suite.h"

#include <sodium.h>

struct fixture {
    struct gsp_compressor compressor;
    size_t d, length;
    struct gsp_codec *sender, *receiver;
    double *v, *m, *sum, *copy;
    uint8_t *payload, key[32];
    struct gsp_stream stream;
};

static void set_up(struct fixture *f, const char *text, size_t d, uint64_t seed)
{
    *f = (struct fixture){.compressor = parsed(text), .d = d};
    ck_assert_int_eq(gsp_codec_new(&f->sender, &f->compressor, d), 0);
    ck_assert_int_eq(gsp_codec_new(&f->receiver, &f->compressor, d), 0);
    f->v = gsp_vector(d);
    f->m = gsp_vector(d);
    f->sum = gsp_vector(d);
    f->copy = gsp_vector(d);
    f->payload = malloc(gsp_compressor_bound(&f->compressor, d)); /* no byte more: a sanitizer watches */
    start_stream(&f->stream, f->key, seed);
}

static void tear_down(struct fixture *f)
{
    gsp_codec_free(f->sender);
    gsp_codec_free(f->receiver);
    free(f->v);
    free(f->m);
    free(f->sum);
    free(f->copy);
    free(f->payload);
}

static void expect_definition(struct fixture *f, const struct gsp_draws *draws, const char *what)
{
    struct gsp_error error = {0};
    size_t bound = gsp_compressor_bound(&f->compressor, f->d);
    int rc = gsp_codec_encode(f->sender, f->v, draws, f->payload, &f->length);
    ck_assert_msg(!rc, "%s: encode gives %d", what, rc);
    ck_assert_msg(f->length <= bound, "%s: %zu bytes, bound %zu", what, f->length, bound);
    bool varies = f->sender->layout.shorter || f->sender->ops->count;
    ck_assert_msg(varies || f->length == bound, "%s: %zu bytes, not %zu", what, f->length, bound);
    rc = gsp_codec_check(f->receiver, f->payload, f->length, draws, &error);
    ck_assert_msg(!rc, "%s: check says: %s", what, error.message);
    define(&f->compressor, f->d, f->v, draws, f->m);
    const double weight = 1.0 / 3;
    for (size_t i = 0; i < f->d; i++) {
        f->copy[i] = 0.1 * (double)i;
        f->sum[i] = 1 - 0.3 * (double)i;
    }
    gsp_codec_apply(f->receiver, f->payload, f->length, draws, weight, f->sum, f->copy);
    for (size_t i = 0; i < f->d; i++) {
        double copy = 0.1 * (double)i, sum = 1 - 0.3 * (double)i, part = weight * f->m[i];
        copy += f->m[i];
        sum += part;
        if (copy == f->copy[i] && sum == f->sum[i]) continue;
        ck_abort_msg("%s: coordinate %zu (v %a, m %a) gives %a, %a not %a, %a", what, i, f->v[i], f->m[i], f->copy[i],
                     f->sum[i], copy, sum);
    }
    memset(f->copy, 0, f->d * sizeof *f->copy);
    memset(f->sum, 0, f->d * sizeof *f->sum);
    gsp_codec_apply(f->sender, f->payload, f->length, draws, 1, f->copy, NULL);
    for (size_t i = 0; i < f->d; i++) {
        if (f->copy[i] != f->m[i]) ck_abort_msg("%s: coordinate %zu alone", what, i);
    }
}

START_TEST(decoded_is_the_definition)
{
    static const size_t dimensions[] = {1,   2,   3,   5,    7,    8,    9,    15,   16,   17,  31,  32,
                                        33,  63,  64,  65,   100,  127,  128,  129,  255,  256, 257, 511,
                                        512, 513, 700, 1000, 1023, 1024, 1025, 4095, 4096, 5003};
    const char *text = every_compressor[_i];
    for (size_t k = 0; k < sizeof dimensions / sizeof *dimensions; k++) {
        struct fixture f;
        set_up(&f, text, dimensions[k], k + 1);
        for (int shape = 0; shape < SHAPES; shape++) {
            char what[200];
            snprintf(what, sizeof what, "%s, d %zu, shape %d, seed %zu", text, dimensions[k], shape, k + 1);
            fill_vector(f.v, f.d, (enum shape)shape, &f.stream);
            expect_definition(&f, &(struct gsp_draws){.key = f.key, .step = (uint64_t)shape + 1}, what);
        }
        tear_down(&f);
    }
}
END_TEST

START_TEST(encoding_is_a_function_of_its_inputs)
{
    const char *text = every_compressor[_i];
    struct fixture f;
    set_up(&f, text, 1031, 1);
    size_t bound = gsp_compressor_bound(&f.compressor, f.d), other_length;
    uint8_t *other = malloc(bound);
    for (uint64_t step = 1; step < 8; step++) {
        struct gsp_draws draws = {.key = f.key, .step = step};
        fill_vector(f.v, f.d, step % 2 ? GAUSSIAN : TIES, &f.stream);
        memset(f.payload, 0x00, bound);
        memset(other, 0xff, bound);
        ck_assert_int_eq(gsp_codec_encode(f.sender, f.v, &draws, f.payload, &f.length), 0);
        struct gsp_codec *fresh;
        ck_assert_int_eq(gsp_codec_new(&fresh, &f.compressor, f.d), 0);
        ck_assert_int_eq(gsp_codec_encode(fresh, f.v, &draws, other, &other_length), 0);
        ck_assert_msg(f.length == other_length && memcmp(f.payload, other, f.length) == 0, "%s, step %ju", text,
                      (uintmax_t)step);
        gsp_codec_free(fresh);
    }
    free(other);
    tear_down(&f);
}
END_TEST

/* As published trajectories are replayed: uniforms at the edge of the next level count exactly. */
START_TEST(recorded_uniforms_are_used_as_they_are)
{
    static const char *const texts[] = {"qsgd:bits=3,values=f64", "qsgd:bits=2,bucket=5,values=f64", "dropout:p=0.4",
                                        "topkq:fraction=0.3,bits=3,bucket=50"};
    struct fixture f;
    double *u = gsp_vector(1000);
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        set_up(&f, texts[k], 1000, 2);
        for (int trial = 0; trial < 20; trial++) {
            fill_vector(f.v, f.d, (enum shape)(trial % SHAPES), &f.stream);
            for (size_t i = 0; i < f.d; i++) u[i] = i % 7 ? gsp_stream_uniform(&f.stream) : i % 2 ? 0.4 : 1 - 0x1p-53;
            expect_definition(&f, &(struct gsp_draws){.key = f.key, .step = 1, .recorded = u}, texts[k]);
        }
        tear_down(&f);
    }
    free(u);
}
END_TEST

/* Neighbours send at the same step, one after the other. */
START_TEST(sets_are_the_senders)
{
    static const char *const texts[] = {"randk:fraction=0.3", "dropout:p=0.3"};
    for (size_t k = 0; k < 2; k++) {
        struct fixture f;
        uint8_t other[32];
        double u[200];
        set_up(&f, texts[k], 200, 5);
        gsp_stream_key(other, 5, "n002", "compressor");
        for (size_t i = 0; i < f.d; i++) u[i] = gsp_stream_uniform(&f.stream);
        fill_vector(f.v, f.d, GAUSSIAN, &f.stream);
        for (int turn = 0; turn < 6; turn++) {
            struct gsp_draws draws = {.key = turn % 2 ? other : f.key, .step = 9 + (uint64_t)turn / 4};
            expect_definition(&f, &draws, texts[k]);
            draws.recorded = u;
            if (turn >= 3) expect_definition(&f, &draws, texts[k]);
        }
        tear_down(&f);
    }
}
END_TEST

/* topk guesses a threshold from the coordinates at steps of the golden ratio; here those are the only large ones. */
START_TEST(topk_survives_a_wrong_guess)
{
    struct fixture f;
    set_up(&f, "topk:fraction=0.3", 6000, 1);
    for (size_t i = 0; i < f.d; i++) f.v[i] = 1e-6 * gsp_stream_normal(&f.stream);
    for (uint64_t j = 0; j < 512; j++) {
        uint64_t scattered = j * UINT64_C(0x9e3779b97f4a7c15) >> 32;
        f.v[scattered * f.d >> 32] = 1 + (double)(j % 3);
    }
    expect_definition(&f, &(struct gsp_draws){.key = f.key, .step = 1}, "large where the sample is");
    tear_down(&f);
}
END_TEST

/* Mean and standard error of |C(v) - v|^2 / |v|^2 over draws and vectors must not exceed 1 - omega. */
START_TEST(contracts_by_omega_on_average)
{
    static const size_t dimensions[] = {1, 10, 200, 1500};
    const char *text = every_compressor[_i];
    for (size_t k = 0; k < 4; k++) {
        struct fixture f;
        set_up(&f, text, dimensions[k], 11);
        double omega = gsp_compressor_omega(&f.compressor, f.d);
        ck_assert_msg(omega > 0 && omega <= 1, "%s: omega %g", text, omega);
        for (int shape = 0; shape < TINY; shape++) {
            enum { DRAWS = 300 };
            double mean = 0, square = 0;
            fill_vector(f.v, f.d, (enum shape)shape, &f.stream);
            double size = gsp_dot(f.d, f.v, f.v);
            for (uint64_t step = 1; step <= DRAWS && shape != ZEROS; step++) {
                struct gsp_draws draws = {.key = f.key, .step = step};
                if (gsp_codec_encode(f.sender, f.v, &draws, f.payload, &f.length)) ck_abort_msg("%s: encode", text);
                memset(f.sum, 0, f.d * sizeof *f.sum);
                gsp_codec_apply(f.sender, f.payload, f.length, &draws, 1, f.sum, NULL);
                gsp_axpy(f.d, -1, f.v, f.sum);
                double error = gsp_dot(f.d, f.sum, f.sum) / size;
                mean += error / DRAWS;
                square += error * error / DRAWS;
            }
            double deviation = sqrt(fmax(0, square - mean * mean) / DRAWS);
            ck_assert_msg(mean <= 1 - omega + 5 * deviation + 1e-12,
                          "%s, d %zu, shape %d: error %g +- %g, 1 - omega %g", text, f.d, shape, mean, deviation,
                          1 - omega);
        }
        tear_down(&f);
    }
}
END_TEST

/* The bounds cannot be better than the worst vector: reached by one coordinate (sign) or equal ones (topk). */
START_TEST(omega_is_the_tables)
{
    const double f32 = 1 - 0x1p-48, bf16 = 1 - 0x1p-16;
    static const struct {
        const char *text;
        double omega;
        bool scale_free;
    } rows[] = {{"none:values=f64", 1, true},
                {"topk:fraction=0.1,values=f64", 0.1, true},
                {"randk:fraction=0.25,values=f64", 0.25, true},
                {"dropout:p=0.3,values=f64", 0.3, true},
                {"dropout:p=0.8,unbiased,values=f64", 0.75, true},
                {"qsgd:bits=2,values=f64", 1 / 6.0, false}, /* tau = 1 + min(20 / 4, 400 / 16) */
                {"qsgd:bits=8,values=f64", 1 / (1 + 400 / 65536.0), false},
                {"qsgd:bits=2,bucket=16,values=f64", 0.5, true},
                {"topkq:fraction=0.1,bits=2,values=f64", 0.1 / 2.5811388300841898, false},
                {"topkq:fraction=0.1,bits=4,bucket=16,values=f64", 0.1 / (1 + 16 / 256.0), true},
                {"sign:values=f64", 1 / 400.0, false},
                {"sign:bucket=64,values=f64", 1 / 64.0, true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gsp_compressor c = parsed(rows[i].text);
        ck_assert_msg(fabs(gsp_compressor_omega(&c, 400) - rows[i].omega) < 1e-12, "%s", rows[i].text);
        ck_assert_msg(gsp_compressor_scale_free(&c) == rows[i].scale_free, "%s", rows[i].text);
    }
    struct gsp_compressor c = parsed("none");
    ck_assert(gsp_compressor_omega(&c, 400) == f32);
    c = parsed("none:values=bf16");
    ck_assert(gsp_compressor_omega(&c, 400) == bf16);
}
END_TEST

START_TEST(sizes_are_the_documented_ones)
{
    static const struct {
        const char *text;
        size_t d, bytes;
    } rows[] = {{"none", 7850, 1 + 4 * 7850},
                {"none:values=bf16", 7850, 1 + 2 * 7850},
                {"topk:fraction=0.01", 7850, 1 + 4 * 78 + (78 * 13 + 7) / 8}, /* 78.5 rounds to even */
                {"topk:fraction=0.1", 7850, 1 + 4 * 785 + (7850 + 7) / 8}, /* a bitmap is shorter than 785 * 13 bits */
                {"topk:fraction=0.1", 1, 1 + 4},
                {"topk:fraction=0.5", 2, 1 + 4 + 1},
                {"topk:fraction=0.01", 1024, 1 + 4 * 10 + (10 * 10 + 7) / 8},
                {"topk:fraction=0.01", 1025, 1 + 4 * 10 + (10 * 11 + 7) / 8},
                {"randk:fraction=0.1,values=f64", 7850, 1 + 8 * 785},
                {"dropout:p=0.01", 100, 1 + 4 * 100},
                {"qsgd:bits=2", 7850, 1 + 4 + (7850 * 4 + 7) / 8},
                {"qsgd:bits=8", 7850, 1 + 4 + (7850 * 10 + 7) / 8},
                {"qsgd:bits=4,bucket=128", 7850, 1 + 4 * 62 + (7850 * 6 + 7) / 8},
                {"sign:bucket=50", 7850, 1 + 4 * 157 + (7850 + 7) / 8}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gsp_compressor c = parsed(rows[i].text);
        ck_assert_msg(gsp_compressor_bound(&c, rows[i].d) == rows[i].bytes, "%s, d %zu: %zu bytes", rows[i].text,
                      rows[i].d, gsp_compressor_bound(&c, rows[i].d));
    }
}
END_TEST

/* Denormal and huge vectors: an answer or a refusal, never a value that is not finite. */
START_TEST(extreme_vectors_are_coded_or_refused)
{
    static const double sizes[] = {5e-324, 1e-310, 1e-200, 1e-160, 1e-45, 1e30, 3e38, 1e150, 1e160, 1e300, 1.7e308};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct fixture f;
        set_up(&f, every_compressor[_i], 300, 3);
        for (size_t i = 0; i < f.d; i++) f.v[i] = (2 * gsp_stream_uniform(&f.stream) - 1) * sizes[k];
        struct gsp_draws draws = {.key = f.key, .step = k};
        int rc = gsp_codec_encode(f.sender, f.v, &draws, f.payload, &f.length);
        ck_assert(!rc || (rc == GSP_ERR_DIVERGED && sizes[k] > 1));
        if (!rc) {
            ck_assert_int_eq(gsp_codec_check(f.receiver, f.payload, f.length, &draws, NULL), 0);
            gsp_codec_apply(f.receiver, f.payload, f.length, &draws, 1, f.sum, NULL);
            ck_assert(gsp_finite(f.d, f.sum));
        }
        tear_down(&f);
    }
    struct fixture f;
    set_up(&f, every_compressor[_i], 300, 4);
    static const double bad[] = {INFINITY, -INFINITY, NAN, -NAN};
    for (size_t k = 0; k < 40; k++) {
        uint64_t most = UINT64_MAX >> 1; /* the NaN of all ones, too */
        double nan_of_ones;
        memcpy(&nan_of_ones, &most, sizeof most);
        fill_vector(f.v, f.d, GAUSSIAN, &f.stream);
        f.v[gsp_stream_below(&f.stream, f.d)] = k % 5 < 4 ? bad[k % 5] : nan_of_ones;
        int rc = gsp_codec_encode(f.sender, f.v, &(struct gsp_draws){.key = f.key, .step = k}, f.payload, &f.length);
        ck_assert_msg(rc == GSP_ERR_DIVERGED, "%s gives %d", every_compressor[_i], rc);
    }
    tear_down(&f);
}
END_TEST

START_TEST(tiny_vectors_keep_their_direction)
{
    struct fixture f;
    set_up(&f, "qsgd:bits=16,values=f64", 50, 1);
    for (size_t i = 0; i < f.d; i++) f.v[i] = 1e-200 * gsp_stream_normal(&f.stream);
    struct gsp_draws draws = {.key = f.key, .step = 1};
    ck_assert_int_eq(gsp_codec_encode(f.sender, f.v, &draws, f.payload, &f.length), 0);
    gsp_codec_apply(f.sender, f.payload, f.length, &draws, 1, f.sum, NULL);
    for (size_t i = 0; i < f.d; i++) ck_assert(fabs(f.sum[i] - f.v[i]) < 2e-204);
    tear_down(&f);
}
END_TEST

static int descending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

START_TEST(selection_agrees_with_sorting)
{
    struct gsp_stream stream;
    uint8_t key[32];
    start_stream(&stream, key, 8);
    for (int trial = 0; trial < 400; trial++) {
        size_t n = 1 + (size_t)gsp_stream_below(&stream, trial % 10 ? 200 : 5000),
               k = 1 + (size_t)gsp_stream_below(&stream, n);
        uint64_t *keys = calloc(n, sizeof *keys), *sorted = calloc(n, sizeof *sorted);
        unsigned shift = (unsigned)gsp_stream_below(&stream, 63),
                 width = 1 + (unsigned)gsp_stream_below(&stream, 63 - shift);
        for (size_t i = 0; i < n; i++) {
            keys[i] = sorted[i] = gsp_stream_below(&stream, UINT64_C(1) << width) << shift; /* often equal */
        }
        qsort(sorted, n, sizeof *sorted, descending);
        size_t greater = 0;
        while (sorted[greater] > sorted[k - 1]) greater++;
        struct gsp__rank rank = gsp__select(keys, n, k);
        ck_assert_msg(rank.key == sorted[k - 1] && rank.ties == k - greater, "trial %d", trial);
        free(keys);
        free(sorted);
    }
}
END_TEST

START_TEST(dimensions_have_limits)
{
    struct gsp_compressor c = parsed("none");
    struct gsp_codec *codec = NULL;
    ck_assert_int_eq(gsp_codec_new(&codec, &c, 0), GSP_ERR_USAGE);
    ck_assert_int_eq(gsp_codec_new(&codec, &c, (size_t)UINT32_MAX + 1), GSP_ERR_LIMIT);
    ck_assert_ptr_null(codec);
}
END_TEST

int main(void)
{
    if (sodium_init() < 0) return EXIT_FAILURE;
    Suite *suite = suite_create("compress");
    TCase *test_case = tcase_create("compress");
    tcase_set_timeout(test_case, 60);
    tcase_add_loop_test(test_case, decoded_is_the_definition, 0, COMPRESSORS);
    tcase_add_loop_test(test_case, encoding_is_a_function_of_its_inputs, 0, COMPRESSORS);
    tcase_add_test(test_case, recorded_uniforms_are_used_as_they_are);
    tcase_add_test(test_case, sets_are_the_senders);
    tcase_add_test(test_case, topk_survives_a_wrong_guess);
    tcase_add_loop_test(test_case, contracts_by_omega_on_average, 0, COMPRESSORS);
    tcase_add_test(test_case, omega_is_the_tables);
    tcase_add_test(test_case, sizes_are_the_documented_ones);
    tcase_add_loop_test(test_case, extreme_vectors_are_coded_or_refused, 0, COMPRESSORS);
    tcase_add_test(test_case, tiny_vectors_keep_their_direction);
    tcase_add_test(test_case, selection_agrees_with_sorting);
    tcase_add_test(test_case, dimensions_have_limits);
    suite_add_tcase(suite, test_case);
    return run_suite(suite);
}
