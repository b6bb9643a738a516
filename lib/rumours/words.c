/* What a reload says: what has changed, what is wrong with a file, what a new network waits for. */
#include "rumours/inside.h"

#include <stdio.h>
#include <string.h>

static bool has_moved(const struct gsp_network_node *from, const struct gsp_network_node *to)
{
    return strcmp(from->host, to->host) != 0 || from->port != to->port;
}

bool gsp__reload_changes(char *text, size_t size, const struct gsp_network *from, const struct gsp_network *to)
{
    bool others = false;
    for (size_t i = 0; i < to->count; i++)
        if (gsp__same_node(from, &to->nodes[i]) < 0) {
            gsp__append(text, size, ", added %s", to->nodes[i].name);
            others = true;
        }
    for (size_t i = 0; i < from->count; i++) {
        long same = gsp__same_node(to, &from->nodes[i]);
        if (same < 0) {
            gsp__append(text, size, ", removed %s", from->nodes[i].name);
            others = true;
        } else if (has_moved(&from->nodes[i], &to->nodes[same])) {
            gsp__append(text, size, ", moved %s", from->nodes[i].name);
        }
    }
    return others;
}

void gsp__reload_describe(const struct gsp__rumours *rumours, struct gsp_summary *out)
{
    char text[GSP_REASON_MAX];
    if (gsp__reload_blocked(rumours, text, sizeof text))
        gsp__append(out->reason, sizeof out->reason, "%s%s", *out->reason ? "; " : "", text);
}

void gsp__reload_tell(struct gsp__rumours *rumours, uint64_t client, enum gsp_reply_code code, bool more,
                      const char *format, ...)
{
    char text[GSP_REASON_MAX * 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    bool bad = code != GSP_REPLY_DONE || more;
    gsp_log(&rumours->host->log, bad ? GSP_LOG_WARNING : GSP_LOG_INFO, "reload: %s", text);
    if (client != GSP_NO_CLIENT) gsp__reply_text(rumours->host, client, code, more, "%s", text);
}

/* A reload cannot change this node's name or key, nor the network's name. That is part of the handshake's prologue, so
 * with a host that has another name not even the handshake succeeds, and it could not be told why. */
void gsp__reload_check_identity(const struct gsp__rumours *rumours, const struct gsp_network *network, const char *file,
                                struct gsp_problems *problems)
{
    const struct gsp__place *place = &rumours->host->place;
    const struct gsp_network_node *self = &place->network->nodes[place->self];
    if (strcmp(network->name, place->network->name) != 0)
        gsp_problems_add(problems,
                         "%s: Name = %s: the network is called %s while gossipd runs; for another name stop gossipd on "
                         "all hosts, and start it again",
                         file, network->name, place->network->name);
    long i = gsp_network_find(network, self->name);
    if (i < 0)
        gsp_problems_add(problems,
                         "%s: lists no node %s, which this daemon is: add it, or, if it is to leave the network, stop "
                         "this gossipd",
                         file, self->name);
    else if (memcmp(network->nodes[i].public_key, self->public_key, GSP_KEY_BYTES) != 0)
        gsp_problems_add(problems,
                         "%s:%d: lists another PublicKey for %s than that of the key which this daemon holds: correct "
                         "it, or, if the key file has changed, too, restart this gossipd",
                         file, network->nodes[i].line, self->name);
}
