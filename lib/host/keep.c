/* What a node keeps over a restart: the names, and trying again to write it. */
#include "host/retry.h"

#include <stdio.h>
#include <string.h>

const char *gsp_keep_name(enum gsp_keep file)
{
    static const char *const names[GSP_KEEP_COUNT] = {"run", "checkpoint.a", "checkpoint.b", "result"};
    return names[file];
}

void gsp__retry_failed(struct gsp__host *host, struct gsp__retry *retry, enum gsp_keep file, const char *failure)
{
    bool news = strcmp(retry->failure, failure) != 0;
    snprintf(retry->failure, sizeof retry->failure, "%s", failure);
    retry->back_off = retry->back_off ? 2 * retry->back_off : GSP__DISK_FIRST;
    if (retry->back_off > GSP__DISK_MAX) retry->back_off = GSP__DISK_MAX;
    retry->at = host->now + retry->back_off;
    if (news)
        gsp_log(&host->log, GSP_LOG_ERROR, "%s cannot be written: %s; it is tried again and nothing is lost",
                gsp_keep_name(file), failure);
    gsp__host_news(host, true);
}

void gsp__retry_succeeded(struct gsp__host *host, struct gsp__retry *retry, enum gsp_keep file)
{
    if (retry->failure[0]) {
        gsp_log(&host->log, GSP_LOG_INFO, "%s is written", gsp_keep_name(file));
        gsp__host_news(host, true);
    }
    *retry = (struct gsp__retry){0};
}
