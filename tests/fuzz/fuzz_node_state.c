/* The saved state of a node: what is taken is saved to the same bytes, and the node goes on from there. A byte picks
 * the compressor, one the dimension; the rest is the state. */
#include "fuzz.h"

#include <assert.h>
#include <gossip/algo.h>
#include <stdlib.h>
#include <string.h>

#include "node_config.h"

/* Whatever there is to do, until it waits for neighbours: silent ones, whose messages are its own. */
static void go_on(struct gsp_node *node, size_t d)
{
    struct gsp_work work;
    gsp_node_allow(node, UINT64_MAX);
    for (int turn = 0; turn < 8 && gsp_node_next(node, &work); turn++) {
        int rc = 0;
        if (work.stages & GSP_STAGE_MIX) rc = gsp_work_mix(&work);
        if (!rc && work.stages & GSP_STAGE_GRADIENT) {
            for (size_t i = 0; i < d; i++) work.gradient[i] = work.x[i];
            rc = gsp_work_gradient(&work);
        }
        if (!rc && work.stages & GSP_STAGE_ENCODE) rc = gsp_work_encode(&work);
        if (rc || gsp_node_finish(node, &work)) return; /* it diverged: numbers in a state may be any */
        size_t length;
        uint64_t step = gsp_node_log_end(node) - 1;
        const uint8_t *own = gsp_node_log_view(node, step, &length);
        for (size_t slot = 0; own && slot < 2; slot++)
            if (gsp_node_expected(node, slot) == step)
                gsp_node_accept(node, slot, step, own, length, NULL); /* randk and dropout may refuse it */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct gsp_graph *graph = NULL;
    struct gsp_node *node = NULL;
    struct gsp_node_config config;
    struct gsp_error error = {0};
    struct gsp_buffer saved = {0};
    unsigned compressor = fuzz_byte(&input);
    fuzz_node_config(&config, &graph, compressor, 1 + fuzz_byte(&input) % 64);
    uint8_t *state = fuzz_copy(input.bytes, input.left);
    if (gsp_node_load(&node, &config, state, input.left, &error) == 0) {
        int rc = gsp_node_save(node, &saved);
        assert(!rc && saved.length == input.left && memcmp(saved.data, state, saved.length) == 0);
        go_on(node, config.dimension);
    } else {
        assert(error.code && *error.message);
    }
    gsp_node_free(node);
    gsp_graph_free(graph);
    gsp_buffer_clear(&saved);
    free(state);
    return 0;
}
