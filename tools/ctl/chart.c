/* Curves as a chart in a terminal: braille dots, or letters where there is no Unicode. */
#include "client.h"
#include "curves.h"
#include "raster.h"
#include "terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABELS = 8, ROWS_LEAST = 6, ROWS_MOST = 16, FRAME_LINES = 3, COLUMNS_LEAST = 40, TICK_GAP = 12 };

static bool speaks_unicode(void)
{
    setlocale(LC_CTYPE, "");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

struct chart {
    const struct curves *curves;
    enum curves_y which;
    struct raster *raster;
    struct gsp_style style;
    bool unicode, logarithmic;
    struct curves_range range; /* of y its logarithm, if logarithmic */
};

static double y_of(const struct chart *chart, const struct gsp_history_row *row)
{
    double y = curves_y(chart->which, row);
    return !chart->logarithmic ? y : y > 0 ? log10(y) : NAN;
}

static void find_range(struct chart *chart)
{
    struct curves_range range = curves_range(chart->curves, chart->which, chart->logarithmic);
    if (chart->logarithmic) {
        range.y_least = log10(range.y_least);
        range.y_most = log10(range.y_most);
    }
    curves_widen(&range);
    chart->range = range;
}

static double place(double value, double least, double most, size_t dots)
{
    return (value - least) / (most - least) * (double)(dots - 1);
}

static void draw_curve(const struct chart *chart, size_t i)
{
    const struct gsp_history *history = chart->curves->list[i].history;
    const struct raster *raster = chart->raster;
    double before_x = NAN, before_y = NAN;
    for (size_t k = 0; k < history->count; k++) {
        double x = curves_x(chart->curves, &history->rows[k]), y = y_of(chart, &history->rows[k]);
        if (!isfinite(x) || !isfinite(y)) {
            before_x = NAN;
            continue;
        }
        x = place(x, chart->range.x_least, chart->range.x_most, raster->dots_across);
        y = (double)(raster->dots_down - 1) - place(y, chart->range.y_least, chart->range.y_most, raster->dots_down);
        if (isnan(before_x))
            raster_line(chart->raster, x, y, x, y, i);
        else
            raster_line(chart->raster, before_x, before_y, x, y, i);
        before_x = x;
        before_y = y;
    }
}

/* ---- axes ---- */

/* 1, 2, 2.5 or 5 times a power of ten: the least that leaves at most `most` steps in `range`. */
static double nice_step(double range, double most)
{
    double power = pow(10, floor(log10(range / most)));
    static const double factors[] = {1, 2, 2.5, 5, 10};
    size_t i = 0;
    while (i < 4 && range / (factors[i] * power) > most) i++;
    return factors[i] * power;
}

/* 200, 1500, 20k, 1.5M */
static void short_number(char *text, size_t size, double value)
{
    static const char *const units[] = {"", "k", "M", "G", "T", "P"};
    size_t unit = 0;
    for (double least = 1e4; fabs(value) >= least && unit < 5; unit++, least = 1e3) value /= 1000;
    snprintf(text, size, "%.4g%s", value, units[unit]);
}

/* As many digits as tell a label from the next one. */
static void print_label(char *label, double value, double step)
{
    int digits = value == 0 ? 1 : (int)ceil(log10(fabs(value) / step) + 1.5);
    snprintf(label, LABELS + 8, "%.*g", digits < 3 ? 3 : digits > LABELS - 2 ? LABELS - 2 : digits, value);
}

/* Writes the label of every row that has one. */
static void label_rows(const struct chart *chart, char (*labels)[LABELS + 8])
{
    size_t rows = chart->raster->rows;
    static const double within[] = {1, 2, 5};
    double range = chart->range.y_most - chart->range.y_least;
    double step = chart->logarithmic ? fmax(1, ceil(range / (double)rows * 2)) : nice_step(range, (double)rows / 2);
    /* Less than two decades: 2 and 5 times, too. */
    size_t parts = chart->logarithmic && range < 2 ? 3 : 1;
    double first = floor(chart->range.y_least / step) * step;
    for (size_t k = 0; k <= 2 * rows + 2; k++) {
        double at = first + (double)k * step;
        for (size_t part = 0; part < parts; part++) {
            double y = chart->logarithmic ? at + log10(within[part]) : at;
            double row = (double)(rows - 1) - place(y, chart->range.y_least, chart->range.y_most, rows);
            if (row < -0.5 || row >= (double)rows - 0.5) continue;
            double value = chart->logarithmic ? within[part] * pow(10, at) : fabs(y) < step / 1000 ? 0 : y;
            char *label = labels[(size_t)(row + 0.5)];
            if (!*label) print_label(label, value, chart->logarithmic ? fabs(value) : step);
        }
    }
}

static void print_x_axis(const struct chart *chart)
{
    size_t columns = chart->raster->columns, used = 0;
    double range = chart->range.x_most - chart->range.x_least,
           step = nice_step(range, fmax(1, (double)columns / TICK_GAP));
    char *axis = gsp_alloc(columns + 1, 1), *numbers = gsp_alloc(columns + LABELS + 32, 1);
    if (axis && numbers) {
        memset(axis, '-', columns);
        memset(numbers, ' ', columns + LABELS + 31);
        double first = ceil(chart->range.x_least / step) * step;
        for (size_t k = 0; k <= columns; k++) {
            double at = first + (double)k * step;
            if (at > chart->range.x_most + step / 1000) break;
            char text[32];
            short_number(text, sizeof text, fabs(at) < step / 1000 ? 0 : at);
            size_t column = (size_t)(place(at, chart->range.x_least, chart->range.x_most, columns) + 0.5);
            size_t length = strlen(text), begin = column > length / 2 ? column - length / 2 : 0;
            if (column >= columns || (used > 0 && begin < used + 1)) continue;
            if (begin + length > columns) begin = columns - length;
            axis[column] = '+';
            memcpy(numbers + begin, text, length);
            used = begin + length;
        }
        numbers[used] = '\0';
        printf("%*s%s", LABELS, "", chart->unicode ? "\xe2\x94\x94" : "+");
        for (const char *c = axis; *c; c++)
            fputs(!chart->unicode ? (*c == '+' ? "+" : "-") : *c == '+' ? "\xe2\x94\xb4" : "\xe2\x94\x80", stdout);
        printf("\n%*s %s\n", LABELS, "", numbers);
    }
    free(axis);
    free(numbers);
}

static const char *bold(const struct chart *chart, bool on)
{
    return !chart->style.colour ? "" : on ? "\x1b[1m" : "\x1b[0m";
}

/* What it is, and the way it went: from where the curves begin to where they end. */
static void print_title(const struct chart *chart)
{
    static const char *const names[] = {"loss", "consensus error", "accuracy"};
    double least = chart->range.end_least, most = chart->range.end_most;
    printf("%*s %s%s%s", LABELS, "", bold(chart, true), names[chart->which], bold(chart, false));
    if (isfinite(least)) printf(least == most ? ", at the end %.4g" : ", at the end %.4g to %.4g", least, most);
    printf(chart->logarithmic ? " (log scale)\n" : "\n");
}

static void print_panel(struct chart *chart)
{
    char(*labels)[LABELS + 8] = gsp_alloc(chart->raster->rows, sizeof *labels);
    find_range(chart);
    raster_wipe(chart->raster);
    for (size_t i = 0; i < chart->curves->count; i++) draw_curve(chart, i);
    print_title(chart);
    if (labels) label_rows(chart, labels);
    for (size_t row = 0; row < chart->raster->rows; row++) {
        const char *label = labels ? labels[row] : "";
        const char *edge = !chart->unicode ? (*label ? "+" : "|") : *label ? "\xe2\x94\xa4" : "\xe2\x94\x82";
        printf("%*s%s", LABELS, label, edge);
        raster_print(chart->raster, row, chart->style.colour);
    }
    print_x_axis(chart);
    free(labels);
}

static void print_key(const struct curves *curves, const struct gsp_style *style, size_t width, bool unicode)
{
    size_t used = 0;
    if (curves->count == 1) return;
    for (size_t i = 0; i < curves->count; i++) {
        size_t length = 4 + strlen(curves->list[i].label);
        if (used > 0 && used + length > width) {
            putchar('\n');
            used = 0;
        }
        printf("%s ", used > 0 ? " " : "");
        raster_sample(i, style->colour, unicode);
        printf(" %s", curves->list[i].label);
        used += length;
    }
    putchar('\n');
}

int curves_chart(const struct curves *curves)
{
    struct chart chart = {.curves = curves, .style = terminal_style(), .unicode = speaks_unicode()};
    struct raster raster;
    char text[300];
    size_t width = chart.style.width > 0 ? chart.style.width : 80, panels = 0;
    for (int y = 0; y < CURVES_ACCURACY; y++) panels += curves_have(curves, (enum curves_y)y);
    size_t rows = terminal_height() / panels;
    rows = rows < ROWS_LEAST + FRAME_LINES + 1 ? ROWS_LEAST : rows - FRAME_LINES - 1;
    if (rows > ROWS_MOST) rows = ROWS_MOST;
    if (width < COLUMNS_LEAST) width = COLUMNS_LEAST;
    if (raster_init(&raster, width - LABELS - 2, rows, chart.unicode)) {
        common_say("out of memory");
        return EXIT_FAILED;
    }
    chart.raster = &raster;
    curves_describe(curves, text, sizeof text);
    printf("%s\n", text);
    for (int y = 0; y < CURVES_ACCURACY; y++) {
        if (!curves_have(curves, (enum curves_y)y)) continue;
        chart.which = (enum curves_y)y;
        chart.logarithmic = curves_logarithmic(curves, chart.which);
        print_panel(&chart);
    }
    int middle = (int)((width + LABELS) / 2 + strlen(curves_x_title(curves)) / 2);
    printf("%*s\n", middle, curves_x_title(curves));
    print_key(curves, &chart.style, width, chart.unicode);
    raster_clear(&raster);
    return EXIT_DONE;
}
