/* The variable-length codes: what is written is read again, in few bytes, and no bytes lead a reader astray. Bytes lie
 * in blocks of their exact size, so that a sanitizer sees one read too much. */
#include "algo/ans.h"
#include "algo/coding.h"
#include "unit/compress_cases.h"
#include "unit/run_suite.h"

#include <sodium.h>

enum spread { FEW, GEOMETRIC, UNIFORM, NONE, SPIKE, EXTREMES, RISING, SPREADS };

/* Levels of magnitude up to s, as fields. */
static void draw_fields(uint32_t *fields, size_t d, uint32_t s, enum spread spread, struct gsp_stream *stream)
{
    double scale = exp(log(2.0 * s) * gsp_stream_uniform(stream));
    for (size_t i = 0; i < d; i++) {
        double u = gsp_stream_uniform(stream);
        double magnitude = 0;
        switch (spread) {
        case FEW:
            magnitude = u < 0.01;
            break;
        case GEOMETRIC:
            magnitude = floor(-scale * log(1 - u) / 4);
            break;
        case UNIFORM:
            magnitude = floor(u * (s + 1.0));
            break;
        case NONE:
        case SPIKE:
            break;
        case EXTREMES:
            magnitude = s;
            break;
        case RISING:
            magnitude = floor((double)s * (double)i / (double)d);
            break;
        case SPREADS:
            break;
        }
        uint32_t whole = magnitude < s ? (uint32_t)magnitude : s;
        fields[i] = (spread == EXTREMES ? i % 2 : gsp_stream_below(stream, 2)) ? s + whole : s - whole;
    }
    if (spread == SPIKE) fields[gsp_stream_below(stream, d)] = gsp_stream_below(stream, 2) ? 2 * s : 0;
}

static size_t draw_dimension(struct gsp_stream *stream)
{
    return (size_t)exp(log(20000) * gsp_stream_uniform(stream));
}

/* Bytes that an ideal code of these tokens would need, with a sign and the plain bits. */
static double ideal_bytes(const uint32_t *fields, size_t d, uint32_t s)
{
    double bits = 0, counts[GSP__TOKENS_MAX] = {0};
    for (size_t i = 0; i < d; i++) {
        unsigned extra, token = gsp__token_of(fields[i] < s ? s - fields[i] : fields[i] - s);
        gsp__token_low(token, &extra);
        counts[token]++;
        bits += extra + (token > 0);
    }
    for (unsigned t = 0; t < GSP__TOKENS_MAX; t++)
        if (counts[t] > 0) bits += counts[t] * log2((double)d / counts[t]);
    return bits / 8;
}

struct levels {
    uint32_t s, *fields, *read;
    size_t d, room, length;
    uint8_t *bytes;
    struct gsp__ans *ans, *reader;
};

static void make_levels(struct levels *l, unsigned bits, enum spread spread, struct gsp_stream *stream)
{
    *l = (struct levels){.s = UINT32_C(1) << bits, .d = draw_dimension(stream)};
    l->fields = calloc(l->d, sizeof *l->fields);
    l->read = calloc(l->d, sizeof *l->read);
    l->room = gsp__fields_bytes(l->d, bits + 2);
    l->bytes = malloc(l->room);
    l->ans = gsp__ans_new(l->s);
    l->reader = gsp__ans_new(l->s);
    draw_fields(l->fields, l->d, l->s, spread, stream);
    l->length = gsp__ans_write(l->ans, l->d, l->fields, l->bytes, l->room);
    ck_assert(l->length < l->room);
}

static void free_levels(struct levels *l)
{
    free(l->fields);
    free(l->read);
    free(l->bytes);
    gsp__ans_free(l->ans);
    gsp__ans_free(l->reader);
}

/* Whether these bytes are taken; the fields are then in l->read. */
static bool reads(struct levels *l, const uint8_t *bytes, size_t length)
{
    struct gsp__ans_reader reader;
    uint8_t *exact = malloc(length ? length : 1);
    uint32_t least = UINT32_MAX, greatest = 0;
    memcpy(exact, bytes, length);
    bool good = gsp__ans_open(&reader, l->reader, l->d, exact, length);
    for (size_t at = 0; good && at < l->d; at += GSP__CHUNK)
        gsp__ans_read(&reader, gsp__smaller(GSP__CHUNK, l->d - at), l->read + at);
    for (size_t i = 0; good && i < l->d; i++) {
        least = l->read[i] < least ? l->read[i] : least;
        greatest = l->read[i] > greatest ? l->read[i] : greatest;
    }
    good = good && greatest <= 2 * l->s && gsp__ans_ended(&reader, least, greatest);
    free(exact);
    return good;
}

START_TEST(levels_are_read_as_they_were_written)
{
    unsigned bits = (unsigned)_i;
    struct gsp_stream stream;
    uint8_t key[32];
    start_stream(&stream, key, 100 + bits);
    for (int trial = 0; trial < 6 * SPREADS; trial++) {
        struct levels l;
        enum spread spread = (enum spread)(trial % SPREADS);
        make_levels(&l, bits, spread, &stream);
        if (l.length) {
            ck_assert_msg(reads(&l, l.bytes, l.length), "bits %u, trial %d", bits, trial);
            ck_assert_msg(memcmp(l.read, l.fields, l.d * sizeof *l.read) == 0, "bits %u, trial %d", bits, trial);
        }
        free_levels(&l);
    }
}
END_TEST

/* One per cent more, and the table and the states; or the fields are shorter. */
START_TEST(levels_take_little_more_than_their_entropy)
{
    unsigned bits = (unsigned)_i;
    struct gsp_stream stream;
    uint8_t key[32];
    start_stream(&stream, key, 200 + bits);
    for (int trial = 0; trial < 60; trial++) {
        struct levels l;
        make_levels(&l, bits, trial % 3 ? GEOMETRIC : trial % 2 ? FEW : NONE, &stream);
        double ideal = ideal_bytes(l.fields, l.d, l.s), allowed = 1.01 * ideal + 14 + 6.0 * (double)bits;
        ck_assert_msg((double)(l.length ? l.length : l.room) <= allowed,
                      "bits %u, trial %d: d %zu, %zu bytes of %zu, ideally %g", bits, trial, l.d, l.length, l.room,
                      ideal);
        free_levels(&l);
    }
}
END_TEST

/* Other bytes are refused, or say other levels in range. */
START_TEST(damaged_levels_do_no_harm)
{
    unsigned bits = (unsigned)_i;
    struct gsp_stream stream;
    uint8_t key[32];
    start_stream(&stream, key, 300 + bits);
    unsigned taken = 0, tried = 0;
    for (int trial = 0; trial < 5 * SPREADS; trial++) {
        struct levels l;
        make_levels(&l, bits, (enum spread)(trial % SPREADS), &stream);
        for (int flip = 0; flip < 20 && l.length; flip++, tried++) {
            size_t bit = (size_t)gsp_stream_below(&stream, 8 * (flip % 2 ? l.length : gsp__smaller(l.length, 12)));
            l.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            taken += reads(&l, l.bytes, l.length);
            l.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (size_t length = 0; length < l.length; length += 1 + length / 8, tried++)
            taken += reads(&l, l.bytes, length);
        for (int nonsense = 0; nonsense < 20 && l.length > 8; nonsense++, tried++) {
            gsp_stream_bytes(&stream, l.bytes + nonsense % 8, l.length - (size_t)nonsense % 8);
            taken += reads(&l, l.bytes, l.length);
        }
        free_levels(&l);
    }
    ck_assert_msg(taken * 4 < tried, "%u of %u taken", taken, tried);
}
END_TEST

/* ---- models ---- */

START_TEST(tables_say_the_model)
{
    struct gsp_stream stream;
    uint8_t key[32], table[GSP__ANS_TABLE_MAX];
    start_stream(&stream, key, 400);
    for (int trial = 0; trial < 3000; trial++) {
        struct gsp__ans_model model, read;
        uint32_t counts[GSP__TOKENS_MAX] = {0};
        size_t d = 0;
        unsigned tokens = 1 + (unsigned)gsp_stream_below(&stream, GSP__TOKENS_MAX);
        for (unsigned t = 0; t < tokens; t++) {
            counts[t] = (uint32_t)exp(log(1e6) * gsp_stream_uniform(&stream)) - 1;
            if (trial % 3 == 0 && t < tokens / 2) counts[t] = 0;
            d += counts[t];
        }
        if (!d) continue;
        gsp__ans_model_fit(&model, counts, d);
        unsigned sum = model.frequency[0];
        for (unsigned t = 1; t < GSP__TOKENS_MAX; t++) {
            sum += 2u * model.frequency[t];
            ck_assert_msg(!counts[t] == !model.frequency[t], "trial %d, token %u", trial, t);
        }
        ck_assert_uint_eq(sum, GSP__ANS_SLOTS);
        ck_assert_uint_gt(model.frequency[0], 0);
        size_t length = gsp__ans_model_write(&model, table);
        ck_assert_uint_le(length, sizeof table);
        ck_assert_uint_eq(gsp__ans_model_read(&read, GSP__TOKENS_MAX, table, sizeof table), length);
        ck_assert_uint_eq(read.tokens, model.tokens);
        ck_assert(memcmp(read.frequency, model.frequency, sizeof read.frequency) == 0);
        ck_assert_uint_eq(gsp__ans_model_read(&read, model.tokens - 1, table, length), 0);
        for (size_t shorter = 0; shorter < length; shorter++)
            ck_assert_uint_eq(gsp__ans_model_read(&read, GSP__TOKENS_MAX, table, shorter), 0);
    }
}
END_TEST

START_TEST(tokens_partition_magnitudes)
{
    uint32_t next = 0;
    for (unsigned token = 0; token < GSP__TOKENS_MAX; token++) {
        unsigned extra;
        uint32_t low = gsp__token_low(token, &extra), width = UINT32_C(1) << extra;
        ck_assert_uint_eq(low, next);
        ck_assert_uint_eq(gsp__token_of(low), token);
        ck_assert_uint_eq(gsp__token_of(low + width - 1), token);
        next = low + width;
    }
    ck_assert_uint_eq(gsp__token_of(65536), GSP__TOKENS_MAX - 1);
}
END_TEST

/* ---- sets and Rice's code ---- */

START_TEST(integers_are_read_as_they_were_written)
{
    struct gsp_stream stream;
    uint8_t key[32];
    start_stream(&stream, key, 500);
    for (int trial = 0; trial < 400; trial++) {
        size_t n = draw_dimension(&stream) / 8;
        unsigned bits = (unsigned)gsp_stream_below(&stream, trial % 2 ? 8 : 32);
        uint32_t *integers = calloc(n + 1, sizeof *integers);
        uint64_t *read = calloc(n + 1, sizeof *read);
        for (size_t i = 0; i < n; i++)
            integers[i] = (uint32_t)fmin(-ldexp(2, (int)bits) * log(1 - gsp_stream_uniform(&stream)), UINT32_MAX);
        size_t length = gsp__rice_bytes(n, integers, bits);
        uint8_t *bytes = malloc(length + 1);
        gsp__rice_pack(n, integers, bits, bytes);
        struct gsp__rice_reader reader;
        ck_assert(gsp__rice_open(&reader, n, bits, bytes, length));
        for (size_t at = 0; at < n; at += 64) gsp__rice_read(&reader, gsp__smaller(64, n - at), read + at);
        ck_assert(gsp__rice_ended(&reader));
        for (size_t i = 0; i < n; i++) ck_assert_uint_eq(read[i], integers[i]);
        bytes[length] = 0;
        ck_assert(gsp__rice_open(&reader, n, bits, bytes, length + 1));
        gsp__rice_read(&reader, n, read);
        ck_assert(!gsp__rice_ended(&reader));
        ck_assert_uint_eq(gsp__rice_left(&reader), 1);
        free(integers);
        free(read);
        free(bytes);
    }
}
END_TEST

/* log2 of d over k. */
static double set_bits(double d, double k)
{
    return (lgamma(d + 1) - lgamma(k + 1) - lgamma(d - k + 1)) / log(2);
}

START_TEST(random_sets_take_little_more_than_they_must)
{
    static const double fractions[] = {0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4};
    struct gsp_stream stream;
    uint8_t key[32];
    start_stream(&stream, key, 600);
    for (size_t k = 0; k < sizeof fractions / sizeof *fractions; k++) {
        enum { D = 20000 };
        char text[64];
        snprintf(text, sizeof text, "topk:fraction=%g", fractions[k]);
        struct gsp_compressor compressor = parsed(text);
        struct gsp_codec *codec;
        double *v = gsp_vector(D), kept = fractions[k] * D;
        ck_assert_int_eq(gsp_codec_new(&codec, &compressor, D), 0);
        fill_vector(v, D, GAUSSIAN, &stream);
        uint8_t *payload = malloc(gsp_compressor_bound(&compressor, D));
        size_t length;
        ck_assert_int_eq(gsp_codec_encode(codec, v, &(struct gsp_draws){.key = key}, payload, &length), 0);
        double bits = 8 * ((double)length - 1 - 4 * kept), least = set_bits(D, kept);
        ck_assert_msg(bits <= 1.04 * least + 24, "%s: %g bits, at least %g", text, bits, least);
        free(v);
        free(payload);
        gsp_codec_free(codec);
    }
}
END_TEST

/* A payload of topk with these gaps and zeros for values; whether it passes. */
static bool gaps_pass(size_t d, size_t k, uint32_t *gaps, unsigned bits, size_t more)
{
    char text[64];
    snprintf(text, sizeof text, "topk:fraction=%.17g", (double)k / (double)d);
    struct gsp_compressor compressor = parsed(text);
    struct gsp_codec *codec;
    ck_assert_int_eq(gsp_codec_new(&codec, &compressor, d), 0);
    size_t before = 1 + 4 * k + 1, length = before + gsp__rice_bytes(k, gaps, bits) + more;
    uint8_t *payload = calloc(length, 1);
    payload[0] = 8;
    payload[before - 1] = (uint8_t)bits;
    gsp__rice_pack(k, gaps, bits, payload + before);
    struct gsp_draws draws = {.key = payload};
    bool passes = gsp_codec_check(codec, payload, length, &draws, NULL) == 0;
    double *sum = gsp_vector(d);
    if (passes) gsp_codec_apply(codec, payload, length, &draws, 1, sum, NULL);
    ck_assert_int_ne(gsp_codec_check(codec, payload, length - more - 1, &draws, NULL), 0);
    payload[before - 1] = 32;
    ck_assert_int_ne(gsp_codec_check(codec, payload, length, &draws, NULL), 0);
    free(sum);
    free(payload);
    gsp_codec_free(codec);
    return passes;
}

START_TEST(gaps_must_stay_below_d)
{
    enum { D = 1000, K = 20 };
    uint32_t gaps[K] = {0};
    ck_assert(gaps_pass(D, K, gaps, 5, 0));
    ck_assert(!gaps_pass(D, K, gaps, 5, 1)); /* a byte too much */
    gaps[K - 1] = D - K;
    ck_assert(gaps_pass(D, K, gaps, 5, 0));
    gaps[K - 1]++;
    ck_assert(!gaps_pass(D, K, gaps, 5, 0));
    gaps[0] = D;
    gaps[K - 1] = 0;
    ck_assert(!gaps_pass(D, K, gaps, 5, 0));
    gaps[0] = 0;
    gaps[3] = 12 * 31;
    ck_assert(gaps_pass(D, K, gaps, 4, 0));
    ck_assert(!gaps_pass(D, K, gaps, 0, 0)); /* longer than indices are */
}
END_TEST

int main(void)
{
    if (sodium_init() < 0) return EXIT_FAILURE;
    Suite *suite = suite_create("coding");
    TCase *test_case = tcase_create("coding");
    tcase_set_timeout(test_case, 60);
    tcase_add_loop_test(test_case, levels_are_read_as_they_were_written, 1, 17);
    tcase_add_loop_test(test_case, levels_take_little_more_than_their_entropy, 1, 17);
    tcase_add_loop_test(test_case, damaged_levels_do_no_harm, 1, 17);
    tcase_add_test(test_case, tables_say_the_model);
    tcase_add_test(test_case, tokens_partition_magnitudes);
    tcase_add_test(test_case, integers_are_read_as_they_were_written);
    tcase_add_test(test_case, random_sets_take_little_more_than_they_must);
    tcase_add_test(test_case, gaps_must_stay_below_d);
    suite_add_tcase(suite, test_case);
    return run_suite(suite);
}
