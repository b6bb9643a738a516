/* Writing a history, and cutting one back to where a run goes on. */
#include "store/history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN(name, seconds)                                                                                          \
    {                                                                                                                  \
#name, offsetof(struct gsp_history_row, name), seconds                                                         \
    }
const struct gsp__history_field gsp__history_columns[] = {
    COLUMN(loss, false),
    COLUMN(accuracy, false),
    COLUMN(consensus_error, false),
    COLUMN(payload_bytes, false),
    COLUMN(bytes_sent, false),
    COLUMN(bytes_received, false),
    COLUMN(gradient_seconds, true),
    COLUMN(coding_seconds, true),
    COLUMN(waiting_seconds, true),
    COLUMN(seconds, true),
    {NULL, 0, false},
};
_Static_assert(sizeof gsp__history_columns / sizeof *gsp__history_columns == GSP__HISTORY_COLUMNS + 1, "counted");

void gsp_history_run(char out[GSP_HISTORY_RUN], const struct gsp_run_key *run)
{
    snprintf(out, GSP_HISTORY_RUN, "%llu-%02x%02x%02x%02x", (unsigned long long)run->epoch, run->id[0], run->id[1],
             run->id[2], run->id[3]);
}

static void header(char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "round");
    for (const struct gsp__history_field *column = gsp__history_columns; column->name; column++)
        used += (size_t)snprintf(out + used, size - used, ",%s", column->name);
    snprintf(out + used, size - used, ",node,run\n");
}

enum { HEADER = 256, NUMBER = 32 };

int gsp_history_put_header(struct gsp_buffer *out)
{
    char line[HEADER];
    header(line, sizeof line);
    return gsp_buffer_append(out, line, strlen(line));
}

static size_t put_number(char *out, size_t size, const struct gsp_history_row *row,
                         const struct gsp__history_field *column)
{
    char text[NUMBER] = "";
    double value;
    memcpy(&value, (const char *)row + column->offset, sizeof value);
    if (column->seconds) value = rint(value * 1e6) / 1e6;
    if (isfinite(value)) gsp_number_format(text, sizeof text, value);
    return (size_t)snprintf(out, size, ",%s", text);
}

int gsp_history_put_row(struct gsp_buffer *out, const struct gsp_history_row *row, const char *node, const char *run)
{
    char line[(GSP__HISTORY_COLUMNS + 1) * NUMBER + GSP_NAME_MAX + GSP_HISTORY_RUN + 8];
    size_t used = (size_t)snprintf(line, sizeof line, "%llu", (unsigned long long)row->round);
    for (const struct gsp__history_field *column = gsp__history_columns; column->name; column++)
        used += put_number(line + used, sizeof line - used, row, column);
    used +=
        (size_t)snprintf(line + used, sizeof line - used, ",%.*s,%.*s\n", GSP_NAME_MAX, node, GSP_HISTORY_RUN - 1, run);
    return gsp_buffer_append(out, line, used);
}

/* Whether a line (without its end) is a round of this run; which one. */
static bool line_of(const char *line, size_t length, const char *run, uint64_t *round)
{
    char digits[24];
    size_t named = strlen(run), commas = 0;
    const char *comma = memchr(line, ',', length);
    if (!comma || (size_t)(comma - line) >= sizeof digits || length < named + 1) return false;
    if (memcmp(line + length - named, run, named) != 0 || line[length - named - 1] != ',') return false;
    for (size_t i = 0; i < length; i++) commas += line[i] == ',';
    snprintf(digits, sizeof digits, "%.*s", (int)(comma - line), line);
    return commas == GSP__HISTORY_COLUMNS + 2 && !gsp_count_parse(round, digits);
}

size_t gsp_history_keep(const char *text, size_t length, const char *run, uint64_t next, uint64_t *after)
{
    char first[HEADER];
    header(first, sizeof first);
    size_t kept = strlen(first);
    uint64_t round;
    *after = 0;
    if (length < kept || memcmp(text, first, kept) != 0) return 0;
    while (kept < length) {
        const char *line = text + kept, *end = memchr(line, '\n', length - kept);
        if (!end || !line_of(line, (size_t)(end - line), run, &round) || round < *after || round >= next) break;
        *after = round + 1;
        kept = (size_t)(end - text) + 1;
    }
    return kept;
}
