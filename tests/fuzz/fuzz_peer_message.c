/* Messages between daemons: what is taken is written, read and written again to the same bytes. */
#include "fuzz.h"

#include <assert.h>
#include <gossip/wire.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gsp_message message, again;
    struct gsp_error error = {0};
    struct gsp_buffer once = {0}, twice = {0};
    if (gsp_message_unpack(&message, data, size, &error)) {
        assert(error.code && *error.message);
        return 0;
    }
    assert(gsp_message_pack(&message, &once) == 0);
    assert(gsp_message_unpack(&again, once.data + 4, once.length - 4, NULL) == 0);
    assert(gsp_message_pack(&again, &twice) == 0);
    assert(once.length == twice.length && memcmp(once.data, twice.data, once.length) == 0);
    gsp_message_clear(&again);
    gsp_message_clear(&message);
    gsp_buffer_clear(&once);
    gsp_buffer_clear(&twice);
    return 0;
}
