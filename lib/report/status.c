/* The status of one node for people: what is going on, and which kind of thing to do next. */
#include "report/page.h"
#include "report/peers.h"
#include "report/phase.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BAR_LEAST = 10, BAR_MOST = 50 };

static void print_head(const struct gsp_summary *node, const struct gsp_style *style, struct gsp__page *page)
{
    const char *phase = gsp__phase_text(node);
    enum gsp__colour colour = gsp__phase_colour(node);
    gsp__page_add(page, "%s%s%s  %s%s%s", gsp__colour_on(style, GSP__BOLD), node->node,
                  gsp__colour_off(style, GSP__BOLD), gsp__colour_on(style, colour), phase,
                  gsp__colour_off(style, colour));
    if (node->run.epoch) gsp__page_add(page, "  run %llu", (unsigned long long)node->run.epoch);
    gsp__page_add(page, "\n");
}

/* "412 of 1000  [####----]  41 %, gossip step 2", the bar as wide as fits. */
static void print_round(const struct gsp_summary *node, const struct gsp_style *style, struct gsp__page *page)
{
    char head[64], tail[64], text[64 + 64 + BAR_MOST + 8];
    double part = node->rounds ? (double)node->round / (double)node->rounds : 0;
    if (part > 1) part = 1;
    /* Not all done is never shown as 100 %. */
    snprintf(head, sizeof head, "%llu of %llu", (unsigned long long)node->round, (unsigned long long)node->rounds);
    double percent = node->rounds ? 100.0 * (double)node->round / (double)node->rounds : 0;
    int length = snprintf(tail, sizeof tail, "%d %%", (int)fmin(percent, 100));
    if (node->gossip_step)
        snprintf(tail + length, sizeof tail - (size_t)length, ", gossip step %llu",
                 (unsigned long long)node->gossip_step);
    size_t taken = GSP__ENTRY_INDENT + strlen(head) + strlen(tail) + 6, bar = BAR_MOST;
    if (style->width && taken + bar > style->width) bar = style->width > taken ? style->width - taken : 0;
    if (bar < BAR_LEAST) {
        snprintf(text, sizeof text, "%s, %s", head, tail);
        gsp__page_entry(page, style, "round", text);
        return;
    }
    size_t full = (size_t)(part * (double)bar);
    gsp__page_entry_head(page, style, "round");
    gsp__page_add(page, "%s  [%s", head, gsp__colour_on(style, GSP__GREEN));
    gsp__page_repeat(page, '#', full);
    gsp__page_add(page, "%s", gsp__colour_off(style, GSP__GREEN));
    gsp__page_repeat(page, '-', bar - full);
    gsp__page_add(page, "]  %s\n", tail);
}

static void print_time(const struct gsp_summary *node, const struct gsp_style *style, struct gsp__page *page)
{
    char so_far[GSP_SHORT], left[GSP_SHORT], text[2 * GSP_SHORT + 16];
    if (isnan(node->seconds)) return;
    gsp_format_seconds(so_far, node->seconds);
    snprintf(text, sizeof text, "%s", so_far);
    if (node->phase == GSP_PHASE_RUNNING && node->round && node->round < node->rounds) {
        gsp_format_seconds(left, node->seconds * (double)(node->rounds - node->round) / (double)node->round);
        snprintf(text, sizeof text, "%s, about %s left", so_far, left);
    }
    gsp__page_entry(page, style, "time", text);
}

static void print_measures(const struct gsp_summary *node, const struct gsp_style *style, struct gsp__page *page)
{
    char text[GSP_SHORT];
    if (!isnan(node->loss)) {
        gsp__format_number(text, node->loss);
        gsp__page_entry(page, style, "loss", text);
    }
    if (!isnan(node->accuracy)) {
        gsp__format_percent(text, node->accuracy);
        gsp__page_entry(page, style, "accuracy", text);
    }
    if (!isnan(node->consensus_error)) {
        gsp__format_scientific(text, node->consensus_error);
        gsp__page_entry(page, style, "consensus", text);
    }
}

static void print_traffic(const struct gsp_summary *node, const struct gsp_style *style, struct gsp__page *page)
{
    char sent[GSP_SHORT], received[GSP_SHORT], text[2 * GSP_SHORT + 16];
    gsp_format_bytes(sent, node->bytes_sent);
    gsp_format_bytes(received, node->bytes_received);
    snprintf(text, sizeof text, "%s sent, %s received", sent, received);
    gsp__page_entry(page, style, "traffic", text);
}

static void print_waiting(const struct gsp_summary *node, const struct gsp_style *style, struct gsp__page *page)
{
    char names[GSP__NAMES_SIZE], text[GSP__NAMES_SIZE + 8];
    if (!node->waiting_count) return;
    gsp__waiting_names(names, node);
    snprintf(text, sizeof text, "for %s", names);
    gsp__page_entry(page, style, "waiting", text);
}

/* "computing for 12 s, last step 0.21 s", "away for 3 s: killed by signal 9". */
static void print_worker(const struct gsp_worker_status *worker, const struct gsp_summary *node,
                         const struct gsp_style *style, struct gsp__page *page)
{
    char text[GSP_MODEL_MAX + GSP_REASON_MAX + 4 * GSP_SHORT] = "", seconds[GSP_SHORT];
    size_t used = 0;
    if (!worker->phase) return;
    if (node->model.dimension)
        used += (size_t)snprintf(text, sizeof text, "%s, %llu parameters: ", node->model.name,
                                 (unsigned long long)node->model.dimension);
    used += (size_t)snprintf(text + used, sizeof text - used, "%s", gsp_worker_phase_name(worker->phase));
    if (!isnan(worker->phase_seconds)) {
        gsp_format_seconds(seconds, worker->phase_seconds);
        used += (size_t)snprintf(text + used, sizeof text - used, " for %s", seconds);
    }
    if (!isnan(worker->step_seconds))
        used += (size_t)snprintf(text + used, sizeof text - used, ", last step %.3g s", worker->step_seconds);
    if (*worker->detail) snprintf(text + used, sizeof text - used, ": %s", worker->detail);
    gsp__page_entry(page, style, "worker", text);
}

static void print_metrics(const struct gsp_worker_status *worker, const struct gsp_style *style, struct gsp__page *page)
{
    char text[GSP_METRICS_MAX * (GSP_METRIC_NAME_MAX + GSP_SHORT + 4)] = "", number[GSP_SHORT];
    size_t used = 0;
    for (size_t i = 0; i < worker->metric_count; i++) {
        gsp__format_number(number, worker->metrics[i].value);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s", i ? ", " : "", worker->metrics[i].name,
                                 number);
    }
    if (used) gsp__page_entry(page, style, "metrics", text);
}

/* Nothing goes on here before its worker does. */
static bool lacks_worker(const struct gsp_reply *reply)
{
    const struct gsp_summary *node = &reply->nodes[0];
    if (reply->worker.phase != GSP_WORKER_AWAY && reply->worker.phase != GSP_WORKER_STARTING) return false;
    return node->phase == GSP_PHASE_IDLE ||
           (node->phase == GSP_PHASE_WAITING && node->waiting_count && strcmp(node->waiting[0], node->node) == 0);
}

enum gsp_advice gsp_report_advice(const struct gsp_reply *reply)
{
    const struct gsp_summary *node = &reply->nodes[0];
    if (!node->number) return GSP_ADVICE_NONE;
    if (lacks_worker(reply)) return GSP_ADVICE_WORKER;
    switch (node->phase) {
    case GSP_PHASE_IDLE:
        return GSP_ADVICE_BEGIN;
    case GSP_PHASE_WAITING:
        return GSP_ADVICE_REACH;
    case GSP_PHASE_STOPPED:
        return node->result == node->run.epoch ? GSP_ADVICE_USE_IF_EVEN : GSP_ADVICE_BEGIN_ANOTHER;
    case GSP_PHASE_DONE:
        return GSP_ADVICE_USE;
    case GSP_PHASE_FAILED:
        return GSP_ADVICE_MEND;
    case GSP_PHASE_RUNNING:
        break;
    }
    return GSP_ADVICE_NONE;
}

static void print_links(const struct gsp_reply *reply, const struct gsp_style *style, struct gsp__page *page)
{
    char text[64];
    size_t up = 0;
    if (!reply->link_count) return;
    for (size_t i = 0; i < reply->link_count; i++) up += strcmp(reply->links[i].state, "up") == 0;
    snprintf(text, sizeof text, "%zu of %zu up", up, reply->link_count);
    gsp__page_entry(page, style, "peers", text);
    gsp__page_add(page, "\n");
    gsp__print_peers(reply, style, 2, page);
}

char *gsp_report_status(const struct gsp_reply *reply, const char *next, const struct gsp_style *style)
{
    struct gsp__page page = {0};
    if (!reply->node_count) {
        gsp__page_add(&page, "nothing is known of this node\n");
        return gsp__page_finish(&page);
    }
    const struct gsp_summary *node = &reply->nodes[0];
    print_head(node, style, &page);
    if (node->number) {
        if (*node->reason) gsp__page_entry(&page, style, "reason", node->reason);
        if (node->run.epoch && node->rounds) print_round(node, style, &page);
        print_waiting(node, style, &page);
        print_time(node, style, &page);
        print_measures(node, style, &page);
        print_metrics(&reply->worker, style, &page);
        print_worker(&reply->worker, node, style, &page);
        print_traffic(node, style, &page);
    }
    if (next && *next) gsp__page_entry(&page, style, "next", next);
    print_links(reply, style, &page);
    return gsp__page_finish(&page);
}
