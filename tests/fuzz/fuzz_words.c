/* Single words that people write: numbers, endpoints, keys, names of nodes and topologies. */
#include "fuzz.h"

#include <assert.h>
#include <gossip/algo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void numbers(const char *text)
{
    uint64_t count;
    double number, again;
    char written[32];
    gsp_count_parse(&count, text);
    if (gsp_number_parse(&number, text)) return;
    assert(isfinite(number));
    gsp_number_format(written, sizeof written, number);
    assert(gsp_number_parse(&again, written) == 0 && memcmp(&number, &again, sizeof number) == 0);
}

static void endpoint(const char *text)
{
    char host[254], reason[300] = "";
    uint16_t port;
    if (gsp_endpoint_parse(host, &port, text, reason, sizeof reason))
        assert(*reason);
    else
        assert(*host && port);
}

static void key(const uint8_t *data, size_t size)
{
    uint8_t bytes[GSP_KEY_BYTES], again[GSP_KEY_BYTES];
    char written[45];
    struct gsp_error error = {0};
    if (gsp_key_decode(bytes, (const char *)data, size, &error)) {
        assert(*error.message);
        return;
    }
    gsp_key_encode(written, bytes);
    assert(gsp_key_decode(again, written, strlen(written), NULL) == 0 && memcmp(bytes, again, sizeof bytes) == 0);
}

static void graph(const char *text)
{
    struct gsp_graph *made = NULL;
    struct gsp_error error = {0};
    if (gsp_graph_topology(&made, text, 9, GSP_WEIGHTS_METROPOLIS, &error) == 0)
        assert(made->count == 9 && made->delta > 0);
    else
        assert(*error.message);
    gsp_graph_free(made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    numbers(text);
    endpoint(text);
    key(data, size);
    graph(text);
    gsp_name_valid(text);
    free(text);
    return 0;
}
