/* Vectors and compressors that the tests of the codec share. */
#ifndef COMPRESS_CASES_H
#define COMPRESS_CASES_H

#include <gossip/algo.h>

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const every_compressor[] = {
    "none",
    "none:values=f64",
    "none:values=bf16",
    "topk:fraction=0.001",
    "topk:fraction=0.1",
    "topk:fraction=0.02,values=f64",
    "topk:fraction=0.5,values=bf16",
    "topk:fraction=1",
    "randk:fraction=0.1",
    "randk:fraction=0.5,values=bf16",
    "randk:fraction=1,values=f64",
    "dropout:p=0.3",
    "dropout:p=0.8,unbiased",
    "dropout:p=1,values=f64",
    "dropout:p=0.05,values=bf16",
    "qsgd:bits=1",
    "qsgd:bits=2,bucket=128",
    "qsgd:bits=3,values=f64",
    "qsgd:bits=4,bucket=37,values=bf16",
    "qsgd:bits=6,bucket=1",
    "qsgd:bits=8",
    "qsgd:bits=11,bucket=8",
    "qsgd:bits=16,bucket=700,values=f64",
    "sign",
    "sign:bucket=1",
    "sign:bucket=100,values=f64",
    "sign:bucket=64,values=bf16",
    "topkq:fraction=0.1,bits=4",
    "topkq:fraction=0.001,bits=8",
    "topkq:fraction=0.3,bits=2,bucket=64,values=bf16",
    "topkq:fraction=1,bits=16,bucket=1,values=f64",
    "topkq:fraction=0.05,bits=6,bucket=500,values=f64",
};
enum { COMPRESSORS = sizeof every_compressor / sizeof *every_compressor };

static inline struct gsp_compressor parsed(const char *text)
{
    struct gsp_compressor compressor;
    struct gsp_error error;
    ck_assert_msg(gsp_compressor_parse(&compressor, text, &error) == 0, "%s", error.message);
    return compressor;
}

static inline bool is(const struct gsp_compressor *compressor, const char *name)
{
    return strcmp(compressor->kind->name, name) == 0;
}

enum shape { GAUSSIAN, HEAVY_TAIL, SPARSE, CONSTANT, TIES, ONE, ZEROS, SMALL, LARGE, TINY, SHAPES };

/* A vector of the shape; all but ZEROS have a non-zero coordinate. SMALL and LARGE are near the ends of what f32
 * holds in full precision, TINY is below. */
static inline void fill_vector(double *v, size_t d, enum shape shape, struct gsp_stream *stream)
{
    for (size_t i = 0; i < d; i++) {
        double x = gsp_stream_normal(stream), u = gsp_stream_uniform(stream);
        switch (shape) {
        case GAUSSIAN:
            v[i] = x;
            break;
        case HEAVY_TAIL:
            v[i] = x / (u * u * u + 1e-9);
            break;
        case SPARSE:
            v[i] = u < 0.05 ? x : 0;
            break;
        case CONSTANT:
            v[i] = -0.7;
            break;
        case TIES:
            v[i] = floor(5 * u) - 2;
            break;
        case ONE:
        case ZEROS:
            v[i] = u < 0.5 ? 0.0 : -0.0;
            break;
        case SMALL:
            v[i] = x * 0x1p-110;
            break;
        case LARGE:
            v[i] = x * 0x1p110;
            break;
        case TINY:
            v[i] = x * 0x1p-129;
            break;
        case SHAPES:
            break;
        }
    }
    if (shape == ONE || shape == SPARSE || shape == TIES) v[gsp_stream_below(stream, d)] = -3.25;
}

static inline void start_stream(struct gsp_stream *stream, uint8_t key[32], uint64_t seed)
{
    gsp_stream_key(key, seed, "n001", "compressor");
    uint8_t other[32];
    gsp_stream_key(other, seed, "n001", "test");
    gsp_stream_init(stream, other, 0);
}

#endif
