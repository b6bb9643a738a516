/* Summaries of all nodes, passed on: only the newest of each. */
#include "rumours/inside.h"

#include <sodium.h>

uint64_t gsp__summary_hash(const struct gsp_summary *summary)
{
    struct gsp_message message = {.type = GSP_MSG_SUMMARY, .u.summary = *summary};
    struct gsp_buffer bytes = {0};
    uint8_t hash[16] = {0};
    if (gsp_message_pack(&message, &bytes) == 0)
        crypto_generichash(hash, sizeof hash, bytes.data, bytes.length, NULL, 0);
    gsp_buffer_clear(&bytes);
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value |= (uint64_t)hash[i] << (8 * i);
    return value;
}

void gsp__summary_forward(struct gsp__rumours *rumours, size_t node, size_t except)
{
    for (size_t slot = 0; slot < rumours->circle.slot_count; slot++) {
        struct gsp__audience *audience = &rumours->circle.audience[slot];
        if (slot == except || !gsp__transport_up(rumours->transport, slot) || audience->summary_due[node]) continue;
        audience->summary_due[node] = true;
        audience->summaries_due++;
    }
}

/* The neighbour has it already. */
static void spare(struct gsp__audience *audience, size_t node)
{
    if (!audience->summary_due[node]) return;
    audience->summary_due[node] = false;
    audience->summaries_due--;
}

bool gsp__summary_outlived(const struct gsp__rumours *rumours, size_t node)
{
    return node != rumours->host->place.self &&
           rumours->host->now - rumours->circle.nodes[node].heard_at >= GSP__SUMMARY_FORGET_TIME;
}

/* A summary in this node's own name that it did not write (a life before this one): number on from there. */
static void received_own(struct gsp__rumours *rumours, const struct gsp_summary *summary)
{
    struct gsp_summary *own = &gsp__own_entry(rumours)->summary;
    if (!gsp__number_plausible(own->number, summary->number, GSP__OWN_NUMBER_STEP_MAX)) return;
    if (!gsp__allow(&rumours->own_number_until, rumours->host->now, GSP__OWN_NUMBER_TIME, GSP__OWN_NUMBER_BURST))
        return;
    own->number = summary->number;
    if (summary->poll >= own->poll && gsp__number_plausible(own->poll, summary->poll, GSP__OWN_NUMBER_STEP_MAX))
        own->poll = summary->poll + rumours->start.active;
    gsp__host_news(rumours->host, true);
}

/* False: what it says is impossible, and the link has ended. */
static bool in_range(struct gsp__rumours *rumours, size_t slot, const struct gsp_summary *summary)
{
    if (summary->number != 0 && summary->number <= GSP_COUNT_MAX && summary->poll <= GSP_COUNT_MAX) return true;
    gsp__transport_fail(rumours->transport, slot, "a summary of %s with the number %llu, poll %llu", summary->node,
                        (unsigned long long)summary->number, (unsigned long long)summary->poll);
    return false;
}

void gsp__summary_received(struct gsp__rumours *rumours, size_t slot, const struct gsp_summary *summary)
{
    long node = gsp_network_find(rumours->host->place.network, summary->node);
    if (node < 0) {
        gsp__transport_fail(rumours->transport, slot, "a summary of %s, which is not in our peers.conf", summary->node);
        return;
    }
    if (!in_range(rumours, slot, summary)) return;
    struct gsp__known_node *known = &rumours->circle.nodes[node];
    uint64_t *number = &known->summary.number;
    if (gsp__summary_outlived(rumours, (size_t)node)) *number = known->digest = 0;
    if (*number && !gsp__number_plausible(*number, summary->number, GSP__NUMBER_STEP_MAX)) return;
    if (summary->number < *number) return;
    uint64_t digest = gsp__summary_hash(summary);
    if (summary->number == *number && digest == known->digest) {
        spare(&rumours->circle.audience[slot], (size_t)node);
        return;
    }
    if ((size_t)node == rumours->host->place.self) {
        received_own(rumours, summary);
        return;
    }
    if (summary->number == *number && digest < known->digest) return;
    if (summary->poll > known->summary.poll) gsp__host_news(rumours->host, true); /* its start wants fresh ones */
    *known =
        (struct gsp__known_node){.summary = *summary, .digest = digest, .heard_at = rumours->host->now, .fresh = true};
    gsp__summary_forward(rumours, (size_t)node, slot);
}
