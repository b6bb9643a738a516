/* Nanoseconds a coordinate to encode a message, to check and expand it at the other end, and to apply what was
 * expanded; and the bytes that are sent, beside those of the longest form: bench_codec [COMPRESSOR...]. */
#include <gossip/algo.h>

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Processor time, so that a busy machine shows less. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct bench {
    struct gsp_codec *codec;
    size_t d, length, expanded_length;
    double *v, *z, *s;
    uint8_t *payload, *expanded, key[32];
    uint64_t step;
};

static void encode(struct bench *b)
{
    struct gsp_draws draws = {.key = b->key, .step = ++b->step};
    if (gsp_codec_encode(b->codec, b->v, &draws, b->payload, &b->length)) abort();
}

static void expand(struct bench *b)
{
    struct gsp_draws draws = {.key = b->key, .step = b->step};
    if (gsp_codec_expand(b->codec, b->payload, b->length, &draws, b->expanded, &b->expanded_length, NULL)) abort();
}

static void apply(struct bench *b)
{
    struct gsp_draws draws = {.key = b->key, .step = b->step};
    gsp_codec_apply(b->codec, b->expanded, b->expanded_length, &draws, 1e-9, b->s, b->z);
}

/* The best of several repetitions: other programs only ever add to it. */
static double nanoseconds(struct bench *b, void (*run)(struct bench *))
{
    enum { COORDINATES = 4000000, TRIES = 7 };
    size_t repeats = COORDINATES / b->d + 1;
    double best = 1e9;
    for (int i = 0; i < TRIES; i++) {
        double begun = now();
        for (size_t j = 0; j < repeats; j++) run(b);
        double each = (now() - begun) / (double)repeats;
        if (each < best) best = each;
    }
    return best / (double)b->d * 1e9;
}

static int measure(const char *text, size_t d)
{
    struct gsp_compressor compressor;
    struct gsp_error error;
    struct bench b = {.d = d};
    struct gsp_stream stream;
    int rc = gsp_compressor_parse(&compressor, text, &error);
    if (rc) {
        fprintf(stderr, "bench_codec: %s\n", error.message);
        return rc;
    }
    b.v = gsp_vector(d);
    b.z = gsp_vector(d);
    b.s = gsp_vector(d);
    b.payload = malloc(gsp_compressor_bound(&compressor, d));
    b.expanded = malloc(gsp_compressor_bound(&compressor, d));
    rc = b.v && b.z && b.s && b.payload && b.expanded ? gsp_codec_new(&b.codec, &compressor, d) : GSP_ERR_NOMEM;
    if (!rc) {
        gsp_stream_key(b.key, 1, "n001", "compressor");
        gsp_stream_init(&stream, b.key, 0);
        for (size_t i = 0; i < d; i++) b.v[i] = gsp_stream_normal(&stream);
        double encoding = nanoseconds(&b, encode), expanding = nanoseconds(&b, expand),
               applying = nanoseconds(&b, apply);
        printf("%-34s %8zu %8.2f %8.2f %8.2f %10zu %10zu\n", text, d, encoding, expanding, applying, b.length,
               b.expanded_length);
    }
    gsp_codec_free(b.codec);
    free(b.payload);
    free(b.expanded);
    free(b.v);
    free(b.z);
    free(b.s);
    return rc;
}

int main(int argc, char **argv)
{
    static const char *const usual[] = {"none",
                                        "none:values=bf16",
                                        "topk:fraction=0.1",
                                        "topk:fraction=0.01",
                                        "topk:fraction=0.1,values=bf16",
                                        "randk:fraction=0.1",
                                        "dropout:p=0.5",
                                        "qsgd:bits=2,bucket=128",
                                        "qsgd:bits=4,bucket=128",
                                        "qsgd:bits=8",
                                        "qsgd:bits=12",
                                        "sign",
                                        "sign:bucket=128"};
    static const size_t dimensions[] = {2000, 7850, 1000000};
    if (sodium_init() < 0) return 1;
    bool own = argc > 1;
    size_t count = own ? (size_t)argc - 1 : sizeof usual / sizeof *usual;
    printf("%-34s %8s %8s %8s %8s %10s %10s\n", "compressor (ns a coordinate)", "d", "encode", "expand", "apply",
           "bytes", "longest");
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < 3; k++) {
            if (measure(own ? argv[i + 1] : usual[i], dimensions[k])) return 1;
        }
    }
    return 0;
}
