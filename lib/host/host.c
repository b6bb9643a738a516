/* The outside as the rooms see it: its clock, its log, this node's place, and who has a node's vectors. */
#include "host/host.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

/* ---- the log ---- */

/* The caller's log, but never more than it can take: others have a say in how much there is to tell. */
static void write_some(void *context, enum gsp_log_level level, const char *message)
{
    struct gsp__host *host = context;
    struct gsp__quiet_log *quiet = &host->quiet;
    if (level >= GSP_LOG_INFO) {
        if (!gsp__allow(&quiet->until, host->now, GSP__LOG_LINES_TIME, GSP__LOG_LINES_BURST)) {
            quiet->left_out++;
            return;
        }
        if (quiet->left_out)
            gsp_log(&quiet->sink, GSP_LOG_WARNING, "%zu lines were left out here: too many at once", quiet->left_out);
        quiet->left_out = 0;
    }
    gsp_log(&quiet->sink, level, "%s", message);
}

/* ---- life ---- */

void gsp__host_init(struct gsp__host *host, const struct gsp_log *log, const uint8_t entropy[32])
{
    *host = (struct gsp__host){.quiet.sink = *log};
    host->log = (struct gsp_log){.write = write_some, .context = host};
    gsp_stream_init(&host->random, entropy, 0);
}

void gsp__host_clear(struct gsp__host *host)
{
    struct gsp_action action;
    assert(!host->job);
    while (gsp__action_next(host, &action))
        if (action.type != GSP_ACTION_STORE) free(action.bytes); /* those are the room's that wants them stored */
    free(host->actions.list);
    sodium_memzero(host, sizeof *host);
}

/* ---- the place ---- */

void gsp__host_enter(struct gsp__host *host, const struct gsp_network *network, const struct gsp_graph *graph,
                     size_t self)
{
    const struct gsp_network *next = host->place.next;
    host->place = (struct gsp__place){
        .network = network, .graph = graph, .self = self, .name = network->nodes[self].name, .next = next};
    gsp_network_hash(host->place.hash, network, graph);
}

static size_t slots_of(const struct gsp__place *place)
{
    return place->graph->first[place->self + 1] - place->graph->first[place->self];
}

static size_t node_at(const struct gsp__place *place, size_t slot)
{
    assert(slot < slots_of(place));
    return place->graph->neighbour[place->graph->first[place->self] + slot];
}

size_t gsp__slots(const struct gsp__host *host)
{
    return slots_of(&host->place);
}

size_t gsp__node_at(const struct gsp__host *host, size_t slot)
{
    return node_at(&host->place, slot);
}

const char *gsp__name_at(const struct gsp__host *host, size_t slot)
{
    return host->place.network->nodes[gsp__node_at(host, slot)].name;
}

size_t gsp__slot_of(const struct gsp__host *host, size_t node)
{
    for (size_t slot = 0; slot < gsp__slots(host); slot++)
        if (gsp__node_at(host, slot) == node) return slot;
    return GSP__NOBODY;
}

bool gsp__removed(const struct gsp__host *host, size_t node)
{
    const struct gsp_network *next = host->place.next;
    if (!next) return false;
    const uint8_t *key = host->place.network->nodes[node].public_key;
    for (size_t i = 0; i < next->count; i++)
        if (memcmp(next->nodes[i].public_key, key, GSP_KEY_BYTES) == 0) return false;
    return true;
}

long gsp__same_node(const struct gsp_network *network, const struct gsp_network_node *node)
{
    long i = gsp_network_find(network, node->name);
    return i >= 0 && memcmp(network->nodes[i].public_key, node->public_key, GSP_KEY_BYTES) == 0 ? i : -1;
}

size_t gsp__slot_before(const struct gsp__host *host, const struct gsp__place *next, size_t slot)
{
    if (!host->place.network) return GSP__NOBODY;
    long before = gsp__same_node(host->place.network, &next->network->nodes[node_at(next, slot)]);
    return before < 0 ? GSP__NOBODY : gsp__slot_of(host, (size_t)before);
}

/* ---- what others may make us do ---- */

bool gsp__allow(uint64_t *until, uint64_t now, uint64_t time, uint64_t burst)
{
    uint64_t from = *until > now ? *until : now;
    if (from + time - now > burst * time) return false;
    *until = from + time;
    return true;
}

bool gsp__number_plausible(uint64_t known, uint64_t number, uint64_t step)
{
    return number <= (known > GSP__NUMBER_FREE_MAX ? known : GSP__NUMBER_FREE_MAX) + step;
}

/* ---- news ---- */

void gsp__host_news(struct gsp__host *host, bool urgent)
{
    host->news = true;
    host->urgent |= urgent;
}

/* ---- who has a node's vectors ---- */

void gsp__lend(struct gsp__host *host, const struct gsp_node *node, enum gsp__lending lending)
{
    assert(host->lending == GSP__LENT_NOTHING && node && lending != GSP__LENT_NOTHING);
    host->borrowed = node;
    host->lending = lending;
}

void gsp__take_back(struct gsp__host *host)
{
    host->borrowed = NULL;
    host->lending = GSP__LENT_NOTHING;
}

bool gsp__vectors_free(const struct gsp__host *host, const struct gsp_node *node)
{
    return host->lending == GSP__LENT_NOTHING || host->borrowed != node;
}

bool gsp__state_free(const struct gsp__host *host, const struct gsp_node *node)
{
    return host->lending != GSP__LENT_STATE || host->borrowed != node;
}

/* ---- texts ---- */

void gsp__append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}
