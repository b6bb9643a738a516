/* A random stream for each step, from (seed, node, round). */
#include "worker/inside.h"

#include <sodium.h>
#include <string.h>

enum { BLOCK = 64 };

void gsp__worker_seed(struct gsp_worker *worker)
{
    uint8_t numbers[16];
    crypto_generichash_state hash;
    for (int i = 0; i < 8; i++) {
        numbers[i] = (uint8_t)(worker->run.seed >> 8 * i);
        numbers[8 + i] = (uint8_t)(worker->round >> 8 * i);
    }
    crypto_generichash_init(&hash, NULL, 0, sizeof worker->random_key);
    crypto_generichash_update(&hash, numbers, sizeof numbers);
    crypto_generichash_update(&hash, (const uint8_t *)worker->run.node, strlen(worker->run.node));
    crypto_generichash_final(&hash, worker->random_key, sizeof worker->random_key);
    worker->random_at = 0;
}

void gsp_worker_random(struct gsp_worker *worker, void *bytes, size_t length)
{
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    uint8_t *out = bytes;
    memset(out, 0, length);
    while (worker->in_step && length) {
        size_t offset = worker->random_at % BLOCK, count = BLOCK - offset;
        uint8_t block[BLOCK] = {0};
        crypto_stream_chacha20_xor_ic(block, block, BLOCK, nonce, worker->random_at / BLOCK, worker->random_key);
        if (count > length) count = length;
        memcpy(out, block + offset, count);
        worker->random_at += count;
        out += count;
        length -= count;
    }
}

uint64_t gsp_worker_below(struct gsp_worker *worker, uint64_t bound)
{
    uint64_t value, least = -bound % bound; /* 2^64 mod bound values are too many */
    do gsp_worker_random(worker, &value, sizeof value);
    while (value < least && worker->in_step);
    return value % bound;
}
