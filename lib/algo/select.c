/* Selection by radix, from the most significant digit in which keys differ on: a histogram tells which digit the k-th
 * greatest key has, and only keys with that digit are looked at again. */
#include "algo/select.h"

#include <assert.h>
#include <string.h>

/* Keys below MANY are counted by short digits: the counters, too, must be cleared and searched. */
enum { LONG_DIGIT = 11, SHORT_DIGIT = 6, MANY = 512, FEW = 24 };

/* Insertion sort, greatest first. */
static void sort_few(uint64_t *keys, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint64_t key = keys[i];
        size_t j = i;
        for (; j && keys[j - 1] < key; j--) keys[j] = keys[j - 1];
        keys[j] = key;
    }
}

static struct gsp__rank select_few(uint64_t *keys, size_t n, size_t k)
{
    sort_few(keys, n);
    size_t first = k - 1;
    while (first && keys[first - 1] == keys[k - 1]) first--;
    return (struct gsp__rank){keys[k - 1], k - first};
}

/* Bits that it takes to write value. */
static unsigned width_of(uint64_t value)
{
    return value ? 64 - (unsigned)__builtin_clzll(value) : 0;
}

/* Keys of which (key - least) has the bits above `shift` + `bits` in common are counted by the `bits` below; the k-th
 * greatest has a digit, and those that have it too stay. */
static size_t keep_digit(uint64_t *keys, size_t n, size_t *k, uint64_t least, unsigned shift, unsigned bits)
{
    uint32_t count[1 << LONG_DIGIT];
    size_t mask = ((size_t)1 << bits) - 1, digit = mask, kept = 0;
    memset(count, 0, (mask + 1) * sizeof *count);
    for (size_t i = 0; i < n; i++) count[(keys[i] - least) >> shift & mask]++;
    for (; count[digit] < *k; digit--) *k -= count[digit];
    for (size_t i = 0; i < n; i++) {
        uint64_t key = keys[i];
        keys[kept] = key;
        kept += ((key - least) >> shift & mask) == digit;
    }
    return kept;
}

struct gsp__rank gsp__select(uint64_t *keys, size_t n, size_t k)
{
    assert(k >= 1 && k <= n);
    uint64_t least = keys[0], greatest = keys[0];
    for (size_t i = 1; i < n; i++) {
        least = keys[i] < least ? keys[i] : least;
        greatest = keys[i] > greatest ? keys[i] : greatest;
    }
    unsigned shift = width_of(greatest - least);
    while (shift && n > FEW) {
        unsigned bits = n > MANY ? LONG_DIGIT : SHORT_DIGIT;
        if (bits > shift) bits = shift;
        shift -= bits;
        n = keep_digit(keys, n, &k, least, shift, bits);
    }
    if (n <= FEW) return select_few(keys, n, k);
    return (struct gsp__rank){keys[0], k}; /* every digit agrees: all that are left are equal */
}
