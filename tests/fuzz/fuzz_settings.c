/* The settings of a run as text, as they come from gossipctl and from other nodes: what is taken comes back the same
 * from the text that it is written as. */
#include "fuzz.h"

#include <assert.h>
#include <gossip/config.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gsp_settings settings, again;
    struct gsp_error error = {0};
    char *text = fuzz_text(data, size);
    gsp_settings_default(&settings);
    if (gsp_settings_parse(&settings, text, &error) == 0) {
        char *written = gsp_settings_format(&settings);
        gsp_settings_default(&again);
        assert(written && gsp_settings_parse(&again, written, NULL) == 0);
        char *twice = gsp_settings_format(&again);
        assert(twice && strcmp(written, twice) == 0);
        free(written);
        free(twice);
    } else {
        assert(error.code && *error.message);
    }
    error = (struct gsp_error){0};
    if (gsp_settings_set(&settings, text, &error)) assert(error.code && *error.message);
    free(text);
    return 0;
}
