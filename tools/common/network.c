/* peers.conf, for programs. */
#include "common.h"

#include "daemon/files.h"

int common_load_network(struct gsp_network **network, struct gsp_graph **graph, const char *path,
                        struct gsp_problems *problems)
{
    struct gsp_buffer text = {0};
    struct gsp_error error = {0};
    struct gsp_network *parsed = NULL;
    int rc = file_read(&text, path, NETWORK_FILE_MAX, &error);
    if (rc)
        gsp_problems_add(problems, "%s", error.message);
    else
        rc = gsp_network_parse(&parsed, path, (const char *)text.data, text.length, problems);
    if (!rc) rc = gsp_graph_from_network(graph, path, parsed, problems);
    gsp_buffer_clear(&text);
    if (rc)
        gsp_network_free(parsed);
    else
        *network = parsed;
    return rc;
}
