/* The status of all nodes for people: a table, then a line that counts, then the reasons. */
#include "report/phase.h"
#include "report/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void add_progress(struct gsp__table *table, const struct gsp_summary *node)
{
    char text[64];
    if (node->run.epoch && node->rounds)
        snprintf(text, sizeof text, "%llu/%llu", (unsigned long long)node->round, (unsigned long long)node->rounds);
    else
        snprintf(text, sizeof text, "-");
    gsp__table_add(table, GSP__PLAIN, text);
}

static void add_node(struct gsp__table *table, const struct gsp_summary *node)
{
    char text[GSP_SHORT], names[GSP__NAMES_SIZE];
    add_progress(table, node);
    gsp__format_number(text, node->loss);
    gsp__table_add(table, GSP__PLAIN, text);
    gsp__format_percent(text, node->accuracy);
    gsp__table_add(table, GSP__PLAIN, text);
    gsp__format_scientific(text, node->consensus_error);
    gsp__table_add(table, GSP__PLAIN, text);
    gsp_format_bytes(text, node->bytes_sent);
    gsp__table_add(table, GSP__PLAIN, text);
    gsp_format_bytes(text, node->bytes_received);
    gsp__table_add(table, GSP__PLAIN, text);
    gsp_format_seconds(text, node->seconds);
    gsp__table_add(table, GSP__PLAIN, text);
    gsp__waiting_names(names, node);
    gsp__table_add(table, GSP__YELLOW, names);
}

static void print_table(const struct gsp_reply *reply, const struct gsp_style *style, struct gsp__page *page)
{
    static const struct gsp__column columns[] = {
        {"NODE", false, 0},    {"PHASE", false, 0},       {"ROUND", true, 0}, {"LOSS", true, 2},
        {"ACCURACY", true, 1}, {"CONSENSUS", true, 3},    {"SENT", true, 4},  {"RECEIVED", true, 6},
        {"TIME", true, 5},     {"WAITING FOR", false, 0},
    };
    enum { COLUMNS = sizeof columns / sizeof *columns, KNOWN = 2 };
    struct gsp__table table;
    gsp__table_init(&table, columns, COLUMNS);
    for (size_t i = 0; i < reply->node_count; i++) {
        const struct gsp_summary *node = &reply->nodes[i];
        gsp__table_add(&table, GSP__PLAIN, node->node);
        gsp__table_add(&table, gsp__phase_colour(node), gsp__phase_text(node));
        if (node->number) {
            add_node(&table, node);
            continue;
        }
        for (size_t c = KNOWN; c < COLUMNS; c++) gsp__table_add(&table, GSP__DIM, c + 1 < COLUMNS ? "-" : "");
    }
    gsp__table_print(&table, style, 0, page);
    gsp__table_clear(&table);
}

/* "9 nodes: 7 running, 2 waiting". */
static void print_counts(const struct gsp_reply *reply, struct gsp__page *page)
{
    size_t counts[GSP_PHASE_FAILED + 2] = {0};
    enum { UNKNOWN = GSP_PHASE_FAILED + 1 };
    const char *separator = ": ";
    for (size_t i = 0; i < reply->node_count; i++)
        counts[reply->nodes[i].number ? (size_t)reply->nodes[i].phase : UNKNOWN]++;
    gsp__page_add(page, "\n%zu node%s", reply->node_count, reply->node_count == 1 ? "" : "s");
    for (size_t phase = 0; phase <= UNKNOWN; phase++) {
        if (!counts[phase]) continue;
        gsp__page_add(page, "%s%zu %s", separator, counts[phase],
                      phase == UNKNOWN ? "unknown" : gsp_phase_name((enum gsp_phase)phase));
        separator = ", ";
    }
    gsp__page_add(page, "\n");
}

static bool same_reason(const struct gsp_summary *a, const struct gsp_summary *b)
{
    return a->number && b->number && strcmp(a->reason, b->reason) == 0;
}

/* Each reason once, with the nodes that give it; an aborted run has one for all. */
static void print_reasons(const struct gsp_reply *reply, const struct gsp_style *style, struct gsp__page *page)
{
    enum { NAMED = 5 };
    for (size_t i = 0; i < reply->node_count; i++) {
        const struct gsp_summary *node = &reply->nodes[i];
        char text[NAMED * (GSP_NAME_MAX + 2) + GSP_REASON_MAX + 64];
        size_t used = 0, sharing = 0, first = i;
        if (!node->number || !*node->reason) continue;
        for (size_t j = 0; j < i && first == i; j++)
            if (same_reason(&reply->nodes[j], node)) first = j;
        if (first != i) continue;
        for (size_t j = i; j < reply->node_count; j++) {
            if (!same_reason(&reply->nodes[j], node)) continue;
            if (sharing < NAMED)
                used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", sharing ? ", " : "",
                                         reply->nodes[j].node);
            sharing++;
        }
        if (sharing == reply->node_count)
            used = 0;
        else if (sharing > NAMED)
            used += (size_t)snprintf(text + used, sizeof text - used, " and %zu more", sharing - NAMED);
        snprintf(text + used, sizeof text - used, "%s%s", used ? ": " : "", node->reason);
        gsp__page_entry(page, style, "reason", text);
    }
}

char *gsp_report_status_all(const struct gsp_reply *reply, const struct gsp_style *style)
{
    struct gsp__page page = {0};
    print_table(reply, style, &page);
    print_counts(reply, &page);
    print_reasons(reply, style, &page);
    return gsp__page_finish(&page);
}
