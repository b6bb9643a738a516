/* A history as a table. */
#include "report/table.h"

#include <math.h>
#include <stdio.h>

static const struct gsp__column columns[] = {
    {"ROUND", true, 0},   {"LOSS", true, 0},    {"ACCURACY", true, 1}, {"CONSENSUS", true, 2},
    {"PAYLOAD", true, 6}, {"SENT", true, 3},    {"RECEIVED", true, 7}, {"GRADIENT", true, 5},
    {"CODING", true, 8},  {"WAITING", true, 4}, {"SECONDS", true, 0},
};

static void add_bytes(struct gsp__table *table, double bytes)
{
    char text[GSP_SHORT] = "";
    if (bytes >= 0) gsp_format_bytes(text, (uint64_t)bytes);
    gsp__table_add(table, GSP__PLAIN, text);
}

static void add_seconds(struct gsp__table *table, double seconds)
{
    char text[GSP_SHORT] = "";
    if (!isnan(seconds)) snprintf(text, sizeof text, "%.3f", seconds);
    gsp__table_add(table, GSP__PLAIN, text);
}

static void add_row(struct gsp__table *table, const struct gsp_history_row *row)
{
    char text[GSP_SHORT];
    snprintf(text, sizeof text, "%llu", (unsigned long long)row->round);
    gsp__table_add(table, GSP__PLAIN, text);
    gsp__format_number(text, row->loss);
    gsp__table_add(table, GSP__PLAIN, text);
    /* Most rounds are not evaluated: a column without any accuracy is left out. */
    if (isnan(row->accuracy))
        *text = 0;
    else
        gsp__format_percent(text, row->accuracy);
    gsp__table_add(table, GSP__PLAIN, text);
    gsp__format_scientific(text, row->consensus_error);
    gsp__table_add(table, GSP__PLAIN, text);
    add_bytes(table, row->payload_bytes);
    add_bytes(table, row->bytes_sent);
    add_bytes(table, row->bytes_received);
    add_seconds(table, row->gradient_seconds);
    add_seconds(table, row->coding_seconds);
    add_seconds(table, row->waiting_seconds);
    add_seconds(table, row->seconds);
}

char *gsp_report_history(const struct gsp_history *history, const struct gsp_style *style)
{
    struct gsp__table table;
    struct gsp__page page = {0};
    gsp__table_init(&table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < history->count; i++) add_row(&table, &history->rows[i]);
    gsp__table_print(&table, style, 0, &page);
    gsp__table_clear(&table);
    return gsp__page_finish(&page);
}
