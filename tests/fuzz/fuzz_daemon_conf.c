/* gossipd.conf. */
#include "fuzz.h"

#include <assert.h>
#include <gossip/config.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gsp_daemon_config *config = NULL;
    struct gsp_problems problems = {0};
    int rc = gsp_daemon_config_parse(&config, "gossipd.conf", (const char *)data, size, &problems);
    assert(rc ? problems.count > 0 : problems.count == 0);
    if (!rc) assert(gsp_name_valid(config->node) && config->peers && config->private_key && config->state);
    gsp_daemon_config_free(config);
    gsp_problems_clear(&problems);
    return 0;
}
