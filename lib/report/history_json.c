/* A history for programs. */
#include <gossip/report.h>

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *count(double value)
{
    return isfinite(value) ? json_integer((json_int_t)value) : json_null();
}

static json_t *row_object(const struct gsp_history_row *row)
{
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "round", (json_int_t)row->round, "loss",
                     number(row->loss), "accuracy", number(row->accuracy), "consensus_error",
                     number(row->consensus_error), "payload_bytes", count(row->payload_bytes), "bytes_sent",
                     count(row->bytes_sent), "bytes_received", count(row->bytes_received), "gradient_seconds",
                     number(row->gradient_seconds), "coding_seconds", number(row->coding_seconds), "waiting_seconds",
                     number(row->waiting_seconds), "seconds", number(row->seconds));
}

char *gsp_report_history_json(const struct gsp_history *history)
{
    json_t *rows = json_array();
    bool whole = rows != NULL;
    for (size_t i = 0; whole && i < history->count; i++)
        whole = !json_array_append_new(rows, row_object(&history->rows[i]));
    json_int_t run = (json_int_t)strtoll(history->run, NULL, 10);
    json_t *object = json_pack("{s:s, s:I, s:o}", "node", history->node, "run", run, "rows", rows);
    char *text = whole && object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    return text;
}
