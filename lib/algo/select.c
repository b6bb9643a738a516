/* Selection by radix, from the most significant digit on: a histogram tells which digit the k-th greatest key has, and
 * only keys with that digit are looked at again. */
#include "algo/select.h"

#include <assert.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, FEW = 24 };

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

struct gsp__rank gsp__select(uint64_t *keys, size_t n, size_t k)
{
    assert(k >= 1 && k <= n);
    /* The first digit is the exponent of a double, the others cut its mantissa. */
    static const unsigned shifts[] = {52, 41, 30, 19, 8, 0};
    for (size_t level = 0; level < sizeof shifts / sizeof *shifts && n > FEW; level++) {
        uint32_t count[DIGITS];
        memset(count, 0, sizeof count);
        for (size_t i = 0; i < n; i++) count[keys[i] >> shifts[level] & (DIGITS - 1)]++;
        size_t digit = DIGITS - 1;
        for (; count[digit] < k; digit--) k -= count[digit];
        size_t kept = 0;
        for (size_t i = 0; i < n; i++) {
            uint64_t key = keys[i];
            keys[kept] = key;
            kept += (key >> shifts[level] & (DIGITS - 1)) == digit;
        }
        n = kept;
    }
    if (n <= FEW) return select_few(keys, n, k);
    return (struct gsp__rank){keys[0], k}; /* every digit agrees: all that are left are equal */
}
