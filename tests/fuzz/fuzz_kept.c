/* Files that a node keeps over a restart. The first byte says of which kind, and whether the hash at the end is to be
 * made right first: else nearly nothing gets beyond it. */
#include "fuzz.h"

#include <assert.h>
#include <gossip/store.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

enum { HASH = 16 };

static void make_hash_right(uint8_t *bytes, size_t length)
{
    XXH128_canonical_t canonical;
    if (length < HASH) return;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, length - HASH));
    memcpy(bytes + length - HASH, canonical.digest, HASH);
}

/* Written again, it reads as the same. */
static void check(const struct gsp_kept *kept)
{
    struct gsp_buffer again = {0};
    struct gsp_kept twice;
    int rc = gsp_kept_begin(kept, &again);
    if (!rc) rc = gsp_buffer_append(&again, kept->body, kept->length);
    if (!rc) rc = gsp_kept_seal(&again);
    assert(!rc);
    rc = gsp_kept_read(&twice, kept->kind, again.data, again.length, NULL);
    assert(!rc && twice.generation == kept->generation && twice.final == kept->final);
    assert(twice.length == kept->length && memcmp(twice.body, kept->body, kept->length) == 0);
    assert(gsp_run_key_compare(&twice.state.run, &kept->state.run) == 0);
    gsp_buffer_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct gsp_kept kept;
    struct gsp_error error = {0};
    unsigned head = fuzz_byte(&input);
    enum gsp_kept_kind kind = (enum gsp_kept_kind)(GSP_KEPT_RUN + (head >> 1) % 3);
    uint8_t *bytes = fuzz_copy(input.bytes, input.left);
    if (head & 1) make_hash_right(bytes, input.left);
    if (gsp_kept_read(&kept, kind, bytes, input.left, &error) == 0)
        check(&kept);
    else
        assert(error.code && *error.message);
    free(bytes);
    return 0;
}
