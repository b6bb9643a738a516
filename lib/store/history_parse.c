/* Reading histories: those of daemons, and gossip-sim's. */
#include "store/history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a column of the file is; an index into gsp__history_columns, or one of these. */
enum { ROUND = GSP__HISTORY_COLUMNS, NODE, RUN, OTHER };
enum { COLUMNS_MAX = 64, CELL_MAX = 64 };

struct parser {
    const char *name;
    size_t line;
    int columns[COLUMNS_MAX];
    size_t column_count;
    struct gsp_history *histories;
    size_t count, capacity;
    size_t last; /* the history that the last line went to: the next line's is most often the same or the next one */
    struct gsp_error *error;
};

static int wrong(const struct parser *parser, const char *what)
{
    return gsp_error_set(parser->error, GSP_ERR_DATA, "%s:%zu: %s", parser->name, parser->line, what);
}

/* The next cell of a line; false if it is too long. *at is NULL after the last. */
static bool next_cell(char cell[CELL_MAX], const char **at, const char *end)
{
    const char *comma = memchr(*at, ',', (size_t)(end - *at)), *stop = comma ? comma : end;
    size_t length = (size_t)(stop - *at);
    if (length >= CELL_MAX) return false;
    memcpy(cell, *at, length);
    cell[length] = 0;
    *at = comma ? comma + 1 : NULL;
    return true;
}

static int column_of(const char *name)
{
    if (strcmp(name, "round") == 0) return ROUND;
    if (strcmp(name, "node") == 0) return NODE;
    if (strcmp(name, "run") == 0) return RUN;
    for (int i = 0; i < GSP__HISTORY_COLUMNS; i++)
        if (strcmp(name, gsp__history_columns[i].name) == 0) return i;
    return OTHER;
}

static int read_header(struct parser *parser, const char *at, const char *end)
{
    bool seen[OTHER + 1] = {false};
    char cell[CELL_MAX];
    while (at) {
        if (parser->column_count == COLUMNS_MAX) return wrong(parser, "more columns than any history has");
        if (!next_cell(cell, &at, end)) return wrong(parser, "this is not the header of a history");
        int column = column_of(cell);
        if (column != OTHER && seen[column]) return wrong(parser, "a column is there twice");
        seen[column] = true;
        parser->columns[parser->column_count++] = column;
    }
    if (seen[ROUND] && seen[column_of("loss")]) return 0;
    return wrong(parser, "no history: its header must name the columns round and loss");
}

static struct gsp_history *find(struct parser *parser, const char *node)
{
    for (size_t i = 0; i < parser->count; i++) {
        size_t at = (parser->last + i) % parser->count;
        if (strcmp(parser->histories[at].node, node) != 0) continue;
        parser->last = at;
        return &parser->histories[at];
    }
    return NULL;
}

static void *grown(void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) return array;
    size_t more = *capacity ? 2 * *capacity : 16;
    void *bigger = realloc(array, more * size);
    if (bigger) *capacity = more;
    return bigger;
}

/* The history of a node, a new one if need be; NULL without memory. */
static struct gsp_history *history_of(struct parser *parser, const char *node, const char *run)
{
    struct gsp_history *history = find(parser, node);
    if (history) return history;
    struct gsp_history *more = grown(parser->histories, parser->count, &parser->capacity, sizeof *parser->histories);
    if (!more) return NULL;
    parser->histories = more;
    history = &more[parser->count];
    *history = (struct gsp_history){0};
    memcpy(history->node, node, strlen(node) + 1);
    memcpy(history->run, run, strlen(run) + 1);
    parser->last = parser->count++;
    return history;
}

static int add_row(struct parser *parser, const char *node, const char *run, const struct gsp_history_row *row)
{
    struct gsp_history *history = history_of(parser, node, run);
    struct gsp_history_row *rows =
        history ? grown(history->rows, history->count, &history->capacity, sizeof *rows) : NULL;
    if (!rows) return gsp_error_set(parser->error, GSP_ERR_NOMEM, "%s: out of memory", parser->name);
    history->rows = rows;
    if (strcmp(history->run, run) != 0) return wrong(parser, "a line of another run than those before it");
    if (history->count && rows[history->count - 1].round >= row->round)
        return wrong(parser, "the rounds of a node do not ascend");
    rows[history->count++] = *row;
    return 0;
}

static int read_line(struct parser *parser, const char *at, const char *end)
{
    char cell[CELL_MAX], node[GSP_NAME_MAX + 1] = "", run[GSP_HISTORY_RUN] = "";
    struct gsp_history_row row = {0};
    for (int i = 0; i < GSP__HISTORY_COLUMNS; i++) {
        const double unknown = NAN;
        memcpy((char *)&row + gsp__history_columns[i].offset, &unknown, sizeof unknown);
    }
    for (size_t i = 0; i < parser->column_count; i++) {
        double value = NAN;
        if (!at) return wrong(parser, "fewer cells than the header names");
        if (!next_cell(cell, &at, end)) return wrong(parser, "a cell is too long");
        switch (parser->columns[i]) {
        case OTHER:
            break;
        case NODE:
            if (strlen(cell) >= sizeof node) return wrong(parser, "the node's name is too long");
            memcpy(node, cell, strlen(cell) + 1);
            break;
        case RUN:
            if (strlen(cell) >= sizeof run) return wrong(parser, "the run's name is too long");
            memcpy(run, cell, strlen(cell) + 1);
            break;
        case ROUND:
            if (gsp_count_parse(&row.round, cell)) return wrong(parser, "the round is no whole number");
            break;
        default:
            if (*cell && gsp_number_parse(&value, cell)) return wrong(parser, "a cell is no number");
            memcpy((char *)&row + gsp__history_columns[parser->columns[i]].offset, &value, sizeof value);
        }
    }
    if (at) return wrong(parser, "more cells than the header names");
    return add_row(parser, node, run, &row);
}

int gsp_history_parse(struct gsp_history **out, size_t *count, const char *name, const char *text, size_t length,
                      struct gsp_error *error)
{
    struct parser parser = {.name = name, .error = error};
    const char *end = text + length, *stop;
    int rc = 0;
    for (; !rc && text < end && (stop = memchr(text, '\n', (size_t)(end - text))); text = stop + 1) {
        parser.line++;
        const char *last = stop > text && stop[-1] == '\r' ? stop - 1 : stop;
        rc = parser.line == 1 ? read_header(&parser, text, last) : read_line(&parser, text, last);
    }
    if (!rc && !parser.count)
        rc = gsp_error_set(error, GSP_ERR_DATA, "%s: no round in it%s", name, parser.line ? " yet" : "; it is empty");
    if (rc) {
        gsp_histories_free(parser.histories, parser.count);
        return rc;
    }
    *out = parser.histories;
    *count = parser.count;
    return 0;
}

void gsp_histories_free(struct gsp_history *histories, size_t count)
{
    for (size_t i = 0; i < count; i++) free(histories[i].rows);
    free(histories);
}
