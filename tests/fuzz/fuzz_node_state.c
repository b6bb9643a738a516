/* The saved state of a node, in this format and the one before: what is taken and saved again loads as the same, and
 * the node goes on from there. A byte picks the compressor, one the dimension; the rest is the state. */
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

/* What was read of it is what is written. */
static void check(const struct gsp_node *node, const struct gsp_node_config *config)
{
    struct gsp_node *again = NULL;
    struct gsp_buffer once = {0}, twice = {0};
    size_t d = 0;
    uint64_t step = 0;
    int rc = gsp_node_save(node, &once);
    if (!rc) rc = gsp_node_saved(once.data, once.length, &d, &step, NULL);
    assert(rc == 0 && d == config->dimension && step == gsp_node_step(node));
    rc = gsp_node_load(&again, config, once.data, once.length, NULL);
    if (!rc) rc = gsp_node_save(again, &twice);
    assert(rc == 0 && once.length == twice.length && memcmp(once.data, twice.data, once.length) == 0);
    gsp_node_free(again);
    gsp_buffer_clear(&once);
    gsp_buffer_clear(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct gsp_graph *graph = NULL;
    struct gsp_node *node = NULL;
    struct gsp_node_config config;
    struct gsp_error error = {0};
    unsigned compressor = fuzz_byte(&input);
    fuzz_node_config(&config, &graph, compressor, 1 + fuzz_byte(&input) % 64);
    uint8_t *state = fuzz_copy(input.bytes, input.left);
    if (gsp_node_load(&node, &config, state, input.left, &error) == 0) {
        check(node, &config);
        go_on(node, config.dimension);
    } else {
        assert(error.code && *error.message);
    }
    gsp_node_free(node);
    gsp_graph_free(graph);
    free(state);
    return 0;
}
