/* Tables of text. */
#include "report/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The last column may be cut to LAST_LEAST columns before another is left out for it. */
enum { GAP = 2, LAST_LEAST = 24 };

/* How a table is laid out in a given width. */
struct layout {
    size_t width[GSP__COLUMNS_MAX];
    bool shown[GSP__COLUMNS_MAX];
    size_t last; /* the last shown column */
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t greater(size_t a, size_t b)
{
    return a > b ? a : b;
}

void gsp__table_init(struct gsp__table *table, const struct gsp__column *columns, size_t count)
{
    assert(count > 0 && count <= GSP__COLUMNS_MAX);
    *table = (struct gsp__table){.columns = columns, .column_count = count};
}

void gsp__table_add(struct gsp__table *table, enum gsp__colour colour, const char *text)
{
    if (table->cell_count == table->capacity) {
        size_t capacity = table->capacity ? 2 * table->capacity : 64;
        struct gsp__cell *grown = realloc(table->cells, capacity * sizeof *grown);
        if (!grown) {
            table->failed = true;
            return;
        }
        table->cells = grown;
        table->capacity = capacity;
    }
    char *copy = gsp_strdup(text);
    if (!copy) {
        table->failed = true;
        return;
    }
    /* A cell is one line. */
    for (char *at = copy; *at; at++)
        if (*at == '\n') *at = ' ';
    table->cells[table->cell_count++] = (struct gsp__cell){copy, colour};
}

/* The width of a line whose last column has at most `last_most`. */
static size_t total_width(const struct gsp__table *table, const struct layout *layout, size_t last_most)
{
    size_t width = 0;
    for (size_t c = 0; c < table->column_count; c++)
        if (layout->shown[c])
            width += (c == layout->last ? smaller(layout->width[c], last_most) : layout->width[c]) + (width ? GAP : 0);
    return width;
}

static void find_last(const struct gsp__table *table, struct layout *layout)
{
    for (size_t c = 0; c < table->column_count; c++)
        if (layout->shown[c]) layout->last = c;
}

/* Leaves out the column that is wanted least; false if none may go. */
static bool drop_one(const struct gsp__table *table, struct layout *layout)
{
    size_t least = table->column_count;
    for (size_t c = 0; c < table->column_count; c++)
        if (layout->shown[c] && table->columns[c].drop > (least < table->column_count ? table->columns[least].drop : 0))
            least = c;
    if (least == table->column_count) return false;
    layout->shown[least] = false;
    find_last(table, layout);
    return true;
}

static void lay_out(const struct gsp__table *table, size_t width, struct layout *layout)
{
    *layout = (struct layout){0};
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t columns = gsp__text_columns(table->cells[i].text), c = i % table->column_count;
        if (columns > layout->width[c]) layout->width[c] = columns;
    }
    for (size_t c = 0; c < table->column_count; c++) {
        size_t title = gsp__text_columns(table->columns[c].title);
        layout->shown[c] = layout->width[c] > 0;
        if (title > layout->width[c]) layout->width[c] = title;
    }
    find_last(table, layout);
    while (width && total_width(table, layout, LAST_LEAST) > width && drop_one(table, layout)) continue;
    size_t last = layout->width[layout->last], before = total_width(table, layout, SIZE_MAX) - last;
    size_t least = greater(gsp__text_columns(table->columns[layout->last].title), 3),
           room = width > before ? width - before : 0;
    if (width && last > room) layout->width[layout->last] = greater(room, smaller(last, least));
}

/* The first `columns` columns of a text, its end shown as "..." if it has more. */
static void print_cut(struct gsp__page *page, const char *text, size_t columns)
{
    size_t bytes = 0, keep = columns > 3 ? columns - 3 : 0;
    if (gsp__text_columns(text) <= columns) {
        gsp__page_add(page, "%s", text);
        return;
    }
    while (text[bytes] && (keep || ((uint8_t)text[bytes] & 0xc0) == 0x80)) {
        keep -= ((uint8_t)text[bytes] & 0xc0) != 0x80;
        bytes++;
    }
    gsp__page_add(page, "%.*s%.*s", (int)bytes, text, (int)columns, "...");
}

static void print_cell(const struct gsp__table *table, const struct layout *layout, const struct gsp_style *style,
                       size_t c, const char *text, enum gsp__colour colour, struct gsp__page *page)
{
    size_t columns = gsp__text_columns(text), width = layout->width[c], padding = columns < width ? width - columns : 0;
    if (table->columns[c].right) gsp__page_repeat(page, ' ', padding);
    gsp__page_add(page, "%s", gsp__colour_on(style, colour));
    print_cut(page, text, width);
    gsp__page_add(page, "%s", gsp__colour_off(style, colour));
    /* No line ends in spaces. */
    if (c == layout->last)
        gsp__page_add(page, "\n");
    else
        gsp__page_repeat(page, ' ', GAP + (table->columns[c].right ? 0 : padding));
}

static void trim_spaces(struct gsp__page *page)
{
    struct gsp_buffer *buffer = &page->buffer;
    if (page->failed || !buffer->length || buffer->data[buffer->length - 1] != '\n') return;
    size_t end = buffer->length - 1;
    while (end && buffer->data[end - 1] == ' ') end--;
    buffer->data[end] = '\n';
    buffer->length = end + 1;
}

void gsp__table_print(const struct gsp__table *table, const struct gsp_style *style, size_t indent,
                      struct gsp__page *page)
{
    struct layout layout;
    assert(table->column_count > 0);
    if (table->failed) {
        page->failed = true;
        return;
    }
    lay_out(table, style->width > indent ? style->width - indent : style->width, &layout);
    gsp__page_repeat(page, ' ', indent);
    for (size_t c = 0; c < table->column_count; c++)
        if (layout.shown[c]) print_cell(table, &layout, style, c, table->columns[c].title, GSP__BOLD, page);
    for (size_t row = 0; row < table->cell_count / table->column_count; row++) {
        gsp__page_repeat(page, ' ', indent);
        for (size_t c = 0; c < table->column_count; c++) {
            const struct gsp__cell *cell = &table->cells[row * table->column_count + c];
            enum gsp__colour colour = *cell->text ? cell->colour : GSP__PLAIN;
            if (layout.shown[c]) print_cell(table, &layout, style, c, cell->text, colour, page);
        }
        trim_spaces(page);
    }
}

void gsp__table_clear(struct gsp__table *table)
{
    for (size_t i = 0; i < table->cell_count; i++) free(table->cells[i].text);
    free(table->cells);
    *table = (struct gsp__table){0};
}
