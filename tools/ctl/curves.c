#include "curves.h"

#include "client.h"
#include "daemon/files.h"
#include "fetch.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- reading ---- */

enum { CSV_MAX = 1 << 30 };

static int read_csv(const char *path, struct gsp_history **histories, size_t *count, struct gsp_error *error)
{
    struct gsp_buffer text = {0};
    int rc = file_read(&text, path, CSV_MAX, error);
    if (rc) rc = GSP_ERR_DATA;
    if (!rc) rc = gsp_history_parse(histories, count, path, (const char *)text.data, text.length, error);
    gsp_buffer_clear(&text);
    return common_exit_code(rc);
}

static int read_socket(const char *socket, struct gsp_history **histories, size_t *count, struct gsp_error *error)
{
    struct gsp_buffer csv = {0};
    int exit_code = fetch_history(socket, &csv, histories, error);
    gsp_buffer_clear(&csv);
    *count = 1;
    return exit_code;
}

static int add_source(struct curves *curves, const char *source, bool socket, struct gsp_error *error)
{
    struct gsp_history *histories = NULL;
    size_t count = 0, at = curves->source_count;
    int exit_code = (socket ? read_socket : read_csv)(source, &histories, &count, error);
    if (exit_code != EXIT_DONE) return exit_code;
    curves->sources[at] = histories;
    curves->source_sizes[at] = count;
    curves->source_count++;
    struct curve *list = realloc(curves->list, (curves->count + count) * sizeof *list);
    if (!list) {
        gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
        return EXIT_FAILED;
    }
    curves->list = list;
    for (size_t i = 0; i < count; i++) {
        struct curve *curve = &list[curves->count++];
        *curve = (struct curve){.history = &histories[i]};
        snprintf(curve->label, sizeof curve->label, "%s", *histories[i].node ? histories[i].node : source);
    }
    return EXIT_DONE;
}

static bool same_label(const struct curves *curves, size_t i)
{
    for (size_t k = 0; k < curves->count; k++)
        if (k != i && strcmp(curves->list[k].label, curves->list[i].label) == 0) return true;
    return false;
}

/* Curves of one node are told apart by their runs. */
static void tell_apart(struct curves *curves)
{
    bool *doubled = gsp_alloc(curves->count, sizeof *doubled);
    for (size_t i = 0; doubled && i < curves->count; i++) doubled[i] = same_label(curves, i);
    for (size_t i = 0; doubled && i < curves->count; i++) {
        const struct gsp_history *history = curves->list[i].history;
        if (doubled[i] && *history->run)
            snprintf(curves->list[i].label, sizeof curves->list[i].label, "%s %s", history->node, history->run);
    }
    free(doubled);
}

static bool is_socket(const char *path)
{
    struct stat about;
    return !stat(path, &about) && S_ISSOCK(about.st_mode);
}

int curves_load(struct curves *curves, const struct ctl *ctl, char *const *sources, int count)
{
    struct gsp_error error = {0};
    int exit_code = EXIT_DONE;
    size_t room = count > 0 ? (size_t)count : 1;
    curves->sources = gsp_alloc(room, sizeof *curves->sources);
    curves->source_sizes = gsp_alloc(room, sizeof *curves->source_sizes);
    if (!curves->sources || !curves->source_sizes) return client_fail(ctl, EXIT_FAILED, "out of memory");
    if (count == 0) exit_code = add_source(curves, ctl->socket, true, &error);
    for (int i = 0; exit_code == EXIT_DONE && i < count; i++)
        exit_code = add_source(curves, sources[i], is_socket(sources[i]), &error);
    if (exit_code != EXIT_DONE) return client_fail(ctl, exit_code, "%s", error.message);
    tell_apart(curves);
    return EXIT_DONE;
}

void curves_clear(struct curves *curves)
{
    for (size_t i = 0; i < curves->source_count; i++) gsp_histories_free(curves->sources[i], curves->source_sizes[i]);
    free(curves->sources);
    free(curves->source_sizes);
    free(curves->list);
    *curves = (struct curves){0};
}

/* ---- what is drawn ---- */

double curves_x(const struct curves *curves, const struct gsp_history_row *row)
{
    switch (curves->x) {
    case CURVES_BYTES:
        return row->bytes_sent;
    case CURVES_PAYLOAD:
        return row->payload_bytes;
    case CURVES_SECONDS:
        return row->seconds;
    case CURVES_ROUND:
        break;
    }
    return (double)row->round;
}

const char *curves_x_title(const struct curves *curves)
{
    static const char *const titles[] = {
        [CURVES_ROUND] = "round",
        [CURVES_BYTES] = "bytes a node has sent to all neighbours, everything included",
        [CURVES_PAYLOAD] = "bytes of payload a node has sent to one neighbour",
        [CURVES_SECONDS] = "seconds",
    };
    return titles[curves->x];
}

double curves_y(enum curves_y which, const struct gsp_history_row *row)
{
    return which == CURVES_LOSS ? row->loss : which == CURVES_CONSENSUS ? row->consensus_error : row->accuracy;
}

bool curves_have(const struct curves *curves, enum curves_y which)
{
    for (size_t i = 0; i < curves->count; i++) {
        size_t known = 0;
        for (size_t k = 0; k < curves->list[i].history->count; k++) {
            const struct gsp_history_row *row = &curves->list[i].history->rows[k];
            known += isfinite(curves_x(curves, row)) && isfinite(curves_y(which, row));
        }
        if (known > 1) return true;
    }
    return false;
}

struct curves_range curves_range(const struct curves *curves, enum curves_y which, bool logarithmic)
{
    struct curves_range range = {.x_least = INFINITY, .y_least = INFINITY, .end_least = NAN, .end_most = NAN};
    range.x_most = range.y_most = -INFINITY;
    for (size_t i = 0; i < curves->count; i++) {
        double last = NAN;
        for (size_t k = 0; k < curves->list[i].history->count; k++) {
            const struct gsp_history_row *row = &curves->list[i].history->rows[k];
            double x = curves_x(curves, row), y = curves_y(which, row);
            if (!isfinite(x)) continue;
            range.x_least = fmin(range.x_least, x);
            range.x_most = fmax(range.x_most, x);
            last = y;
            if (!isfinite(y) || (logarithmic && y <= 0)) continue;
            range.y_least = fmin(range.y_least, y);
            range.y_most = fmax(range.y_most, y);
        }
        range.end_least = fmin(range.end_least, last); /* fmin and fmax pass over NaN */
        range.end_most = fmax(range.end_most, last);
    }
    return range;
}

void curves_widen(struct curves_range *range)
{
    const double narrow = 1e-9, room = 0.5;
    double x = fmax(fabs(range->x_least), fabs(range->x_most)), y = fmax(fabs(range->y_least), fabs(range->y_most));
    if (range->x_most - range->x_least <= narrow * x) range->x_most = range->x_least + fmax(1, 2 * narrow * x);
    if (range->y_most - range->y_least > narrow * y) return;
    range->y_least -= fmax(room, 2 * narrow * y);
    range->y_most += fmax(room, 2 * narrow * y);
}

bool curves_logarithmic(const struct curves *curves, enum curves_y which)
{
    const double factor = 3;
    if (which == CURVES_ACCURACY) return false;
    struct curves_range all = curves_range(curves, which, false), above = curves_range(curves, which, true);
    /* Nodes that start alike agree exactly: such a point of consensus is left out. */
    bool whole = which == CURVES_CONSENSUS || all.y_least > 0;
    return whole && above.y_most > factor * above.y_least;
}

void curves_describe(const struct curves *curves, char *text, size_t size)
{
    const struct gsp_history *first = curves->list[0].history;
    bool one_run = *first->run;
    uint64_t begin = UINT64_MAX, end = 0;
    for (size_t i = 0; i < curves->count; i++) {
        const struct gsp_history *history = curves->list[i].history;
        if (strcmp(history->run, first->run) != 0) one_run = false;
        if (history->rows[0].round < begin) begin = history->rows[0].round;
        if (history->rows[history->count - 1].round > end) end = history->rows[history->count - 1].round;
    }
    if (curves->title) {
        snprintf(text, size, "%s", curves->title);
        return;
    }
    size_t used = curves->count == 1 ? (size_t)snprintf(text, size, "%s", curves->list[0].label)
                                     : (size_t)snprintf(text, size, "%zu nodes", curves->count);
    if (used >= size) return;
    /* A daemon's run is a number and the beginning of an id. */
    size_t number = strspn(first->run, "0123456789"), shown = number ? number : strlen(first->run);
    if (one_run) used += (size_t)snprintf(text + used, size - used, ", run %.*s", (int)shown, first->run);
    if (used < size) snprintf(text + used, size - used, ", rounds %" PRIu64 " to %" PRIu64, begin, end);
}
