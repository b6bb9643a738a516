/* The k-th greatest of a set of keys. */
#ifndef GSP_ALGO_SELECT_H
#define GSP_ALGO_SELECT_H

#include <stddef.h>
#include <stdint.h>

struct gsp__rank {
    uint64_t key; /* the k-th greatest */
    size_t ties;  /* how many keys equal to it are among the k greatest */
};
/* 1 <= k <= n; keys below 2^63. Reorders and forgets keys. Time O(n), whatever their order and values. */
struct gsp__rank gsp__select(uint64_t *keys, size_t n, size_t k);

#endif
