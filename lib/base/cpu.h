/* Kernels in several builds of one source: for any processor of the architecture, and for AVX2 and AVX-512 where they
 * are there. All round every operation alike, so which one runs shows in the time only. */
#ifndef GSP_BASE_CPU_H
#define GSP_BASE_CPU_H

#include <stdbool.h>

/* The same bits everywhere need every operation rounded once, to its type, in the order it is written in. (16 is said
 * where there is a type of 16 bits, and is as 0 for all others.) */
#if defined(__FAST_MATH__) || (defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0 && __FLT_EVAL_METHOD__ != 16)
#error "results would not be the same to the last bit: compile without -ffast-math, on x86 with -msse2 -mfpmath=sse"
#endif

/* Put before a kernel's shared body, so that each build inlines and vectorises it by itself. */
#define GSP__BODY static inline __attribute__((always_inline))

/* GSP_PLAIN_KERNELS leaves AVX2 and AVX-512 out; a test is built so. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(GSP_PLAIN_KERNELS)
#define GSP__AVX2   __attribute__((target("avx2")))    /* without FMA: nothing is fused */
#define GSP__AVX512 __attribute__((target("avx512f"))) /* has FMA: -ffp-contract=off keeps it out */
static inline bool gsp__has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

/* Of the generations that do not run slower for using it. */
static inline bool gsp__has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vbmi2");
}
#else
#define GSP__AVX2
#define GSP__AVX512
static inline bool gsp__has_avx2(void)
{
    return false;
}

static inline bool gsp__has_avx512(void)
{
    return false;
}
#endif

#endif
