/* A node's links for people. */
#include "report/peers.h"
#include "report/table.h"

#include <stdio.h>
#include <string.h>

static enum gsp__colour state_colour(const char *state)
{
    if (strcmp(state, "up") == 0) return GSP__GREEN;
    return strcmp(state, "connecting") == 0 ? GSP__YELLOW : GSP__RED;
}

/* What there is to say about links, each under its state: "  down       n004: connection refused". */
static void print_details(const struct gsp_reply *reply, const struct gsp_style *style, struct gsp__page *page)
{
    const char *before = "\n";
    for (size_t i = 0; i < reply->link_count; i++) {
        const struct gsp_link_status *link = &reply->links[i];
        char text[sizeof link->name + sizeof link->detail + 2];
        if (!*link->detail) continue;
        snprintf(text, sizeof text, "%s: %s", link->name, link->detail);
        gsp__page_add(page, "%s", before);
        gsp__page_entry(page, style, link->state, text);
        before = "";
    }
}

void gsp__print_peers(const struct gsp_reply *reply, const struct gsp_style *style, size_t indent,
                      struct gsp__page *page)
{
    static const struct gsp__column columns[] = {
        {"PEER", false, 0}, {"STATE", false, 0}, {"RTT", true, 3}, {"SENT", true, 1}, {"RECEIVED", true, 2},
    };
    struct gsp__table table;
    gsp__table_init(&table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < reply->link_count; i++) {
        const struct gsp_link_status *link = &reply->links[i];
        char text[GSP_SHORT];
        gsp__table_add(&table, GSP__PLAIN, link->name);
        gsp__table_add(&table, state_colour(link->state), link->state);
        gsp__format_milliseconds(text, link->rtt_ms);
        gsp__table_add(&table, GSP__PLAIN, text);
        gsp_format_bytes(text, link->bytes_sent);
        gsp__table_add(&table, GSP__PLAIN, text);
        gsp_format_bytes(text, link->bytes_received);
        gsp__table_add(&table, GSP__PLAIN, text);
    }
    gsp__table_print(&table, style, indent, page);
    gsp__table_clear(&table);
    print_details(reply, style, page);
}

char *gsp_report_peers(const struct gsp_reply *reply, const struct gsp_style *style)
{
    struct gsp__page page = {0};
    if (reply->link_count)
        gsp__print_peers(reply, style, 0, &page);
    else
        gsp__page_add(&page, "no peers: peers.conf has no edge at this node\n");
    return gsp__page_finish(&page);
}
