/* A compressor as text. */
#include "fuzz.h"

#include <assert.h>
#include <gossip/algo.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gsp_compressor compressor, again;
    struct gsp_error error = {0};
    char *text = fuzz_text(data, size), written[64], twice[64];
    if (gsp_compressor_parse(&compressor, text, &error) == 0) {
        gsp_compressor_format(&compressor, written, sizeof written);
        assert(gsp_compressor_parse(&again, written, NULL) == 0);
        gsp_compressor_format(&again, twice, sizeof twice);
        assert(strcmp(written, twice) == 0);
        for (size_t d = 1; d < 100000; d = 3 * d + 1) {
            double omega = gsp_compressor_omega(&compressor, d);
            assert(omega >= 0 && omega <= 1 && gsp_compressor_bound(&compressor, d) > 0);
        }
    } else {
        assert(error.code && *error.message);
    }
    free(text);
    return 0;
}
