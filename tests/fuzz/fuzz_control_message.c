/* Requests and replies of the control socket: the first byte says which. */
#include "fuzz.h"

#include <assert.h>
#include <gossip/wire.h>
#include <string.h>

static void play_request(const uint8_t *data, size_t size)
{
    struct gsp_request request, again;
    struct gsp_error error = {0};
    struct gsp_buffer once = {0}, twice = {0};
    if (gsp_request_unpack(&request, data, size, &error)) {
        assert(error.code && *error.message);
        return;
    }
    assert(gsp_request_pack(&request, &once) == 0);
    assert(gsp_request_unpack(&again, once.data + 4, once.length - 4, NULL) == 0);
    assert(gsp_request_pack(&again, &twice) == 0);
    assert(once.length == twice.length && memcmp(once.data, twice.data, once.length) == 0);
    gsp_request_clear(&again);
    gsp_request_clear(&request);
    gsp_buffer_clear(&once);
    gsp_buffer_clear(&twice);
}

static void play_reply(const uint8_t *data, size_t size)
{
    struct gsp_reply reply, again;
    struct gsp_error error = {0};
    struct gsp_buffer once = {0}, twice = {0};
    if (gsp_reply_unpack(&reply, data, size, &error)) {
        assert(error.code && *error.message);
        return;
    }
    assert(gsp_reply_pack(&reply, &once) == 0);
    assert(gsp_reply_unpack(&again, once.data + 4, once.length - 4, NULL) == 0);
    assert(gsp_reply_pack(&again, &twice) == 0);
    assert(once.length == twice.length && memcmp(once.data, twice.data, once.length) == 0);
    gsp_reply_clear(&again);
    gsp_reply_clear(&reply);
    gsp_buffer_clear(&once);
    gsp_buffer_clear(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size) return 0;
    if (data[0] & 1)
        play_request(data + 1, size - 1);
    else
        play_reply(data + 1, size - 1);
    return 0;
}
