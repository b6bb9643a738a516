/* What the driver is to do next, in order. */
#include "host/host.h"

#include <stdio.h>
#include <stdlib.h>

static int grow(struct gsp__actions *actions)
{
    size_t capacity = actions->capacity ? 2 * actions->capacity : 16;
    struct gsp_action *list = gsp_alloc(capacity, sizeof *list);
    if (!list) return GSP_ERR_NOMEM;
    for (size_t i = 0; i < actions->count; i++) list[i] = actions->list[(actions->first + i) % actions->capacity];
    free(actions->list);
    *actions = (struct gsp__actions){.list = list, .count = actions->count, .capacity = capacity};
    return 0;
}

struct gsp_action *gsp__action_add(struct gsp__host *host, enum gsp_action_type type)
{
    struct gsp__actions *actions = &host->actions;
    if (actions->count == actions->capacity && grow(actions)) {
        gsp_log(&host->log, GSP_LOG_ERROR, "out of memory: something to be done was not done");
        return NULL;
    }
    struct gsp_action *action = &actions->list[(actions->first + actions->count++) % actions->capacity];
    *action = (struct gsp_action){.type = type};
    return action;
}

bool gsp__action_next(struct gsp__host *host, struct gsp_action *out)
{
    struct gsp__actions *actions = &host->actions;
    if (!actions->count) return false;
    *out = actions->list[actions->first];
    actions->first = (actions->first + 1) % actions->capacity;
    actions->count--;
    return true;
}

void gsp__actions_undial(struct gsp__host *host)
{
    struct gsp__actions *actions = &host->actions;
    size_t kept = 0;
    for (size_t i = 0; i < actions->count; i++) {
        const struct gsp_action *action = &actions->list[(actions->first + i) % actions->capacity];
        if (action->type == GSP_ACTION_DIAL) continue;
        actions->list[(actions->first + kept++) % actions->capacity] = *action;
    }
    actions->count = kept;
    gsp__action_add(host, GSP_ACTION_UNDIAL);
}

/* ---- replies ---- */

void gsp__reply(struct gsp__host *host, uint64_t client, const struct gsp_reply *reply)
{
    struct gsp_buffer bytes = {0};
    struct gsp_action *action = gsp_reply_pack(reply, &bytes) ? NULL : gsp__action_add(host, GSP_ACTION_REPLY);
    if (!action) {
        gsp_buffer_clear(&bytes);
        gsp_log(&host->log, GSP_LOG_ERROR, "no memory for a reply");
        return;
    }
    action->client = client;
    action->last = !reply->more;
    action->bytes = bytes.data;
    action->length = bytes.length;
}

void gsp__reply_text(struct gsp__host *host, uint64_t client, enum gsp_reply_code code, bool more, const char *format,
                     ...)
{
    struct gsp_reply reply = {.code = code, .more = more};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reply.message, sizeof reply.message, format, arguments);
    va_end(arguments);
    snprintf(reply.version, sizeof reply.version, "%s", host->version);
    gsp__reply(host, client, &reply);
}
