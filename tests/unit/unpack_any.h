/* Bytes from outside, as any of our messages. */
#ifndef TESTS_UNIT_UNPACK_ANY_H
#define TESTS_UNIT_UNPACK_ANY_H

#include <gossip/wire.h>

#include <check.h>

/* `kind` 0: between daemons, 1: a request, 2: a reply. A refusal must give its reason. */
static inline int unpack_any(int kind, const uint8_t *bytes, size_t length)
{
    struct gsp_error error = {0};
    int rc;
    if (kind == 0) {
        struct gsp_message message;
        rc = gsp_message_unpack(&message, bytes, length, &error);
        if (!rc) gsp_message_clear(&message);
    } else if (kind == 1) {
        struct gsp_request request;
        rc = gsp_request_unpack(&request, bytes, length, &error);
        if (!rc) gsp_request_clear(&request);
    } else {
        struct gsp_reply reply;
        rc = gsp_reply_unpack(&reply, bytes, length, &error);
        if (!rc) gsp_reply_clear(&reply);
    }
    ck_assert_msg(!rc || (rc == GSP_ERR_FORMAT && error.code == rc && *error.message), "%d: %s", rc, error.message);
    return rc;
}

#endif
