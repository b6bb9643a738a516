#include "raster.h"

#include <gossip/base.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int raster_init(struct raster *raster, size_t columns, size_t rows, bool unicode)
{
    *raster = (struct raster){.columns = columns,
                              .rows = rows,
                              .dots_across = unicode ? 2 * columns : columns,
                              .dots_down = unicode ? 4 * rows : rows,
                              .unicode = unicode};
    raster->dots = gsp_alloc(columns * rows, sizeof *raster->dots);
    raster->owner = gsp_alloc(columns * rows, sizeof *raster->owner);
    if (raster->dots && raster->owner) return 0;
    raster_clear(raster);
    return GSP_ERR_NOMEM;
}

void raster_clear(struct raster *raster)
{
    free(raster->dots);
    free(raster->owner);
    *raster = (struct raster){0};
}

void raster_wipe(struct raster *raster)
{
    memset(raster->dots, 0, raster->columns * raster->rows * sizeof *raster->dots);
    memset(raster->owner, 0, raster->columns * raster->rows * sizeof *raster->owner);
}

static void set_dot(struct raster *raster, size_t x, size_t y, size_t line)
{
    /* Unicode counts a braille character's dots down its columns, the lowest row last. */
    static const uint8_t bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    if (x >= raster->dots_across || y >= raster->dots_down) return;
    size_t column = raster->unicode ? x / 2 : x, row = raster->unicode ? y / 4 : y;
    size_t at = row * raster->columns + column;
    raster->dots[at] |= raster->unicode ? bits[y % 4][x % 2] : 1;
    raster->owner[at] = (uint32_t)line + 1;
}

void raster_line(struct raster *raster, double x1, double y1, double x2, double y2, size_t line)
{
    double steps = ceil(fmax(fabs(x2 - x1), fabs(y2 - y1)));
    for (double i = 0; i <= steps; i++) {
        double part = steps > 0 ? i / steps : 0;
        set_dot(raster, (size_t)(x1 + part * (x2 - x1) + 0.5), (size_t)(y1 + part * (y2 - y1) + 0.5), line);
    }
}

/* Colours that can be read on light and on dark ground. */
static const char *colour_of(size_t line)
{
    static const char *const codes[] = {"\x1b[34m", "\x1b[31m", "\x1b[32m", "\x1b[35m", "\x1b[36m", "\x1b[33m"};
    return codes[line % (sizeof codes / sizeof *codes)];
}

static char letter_of(size_t line)
{
    static const char letters[] = "*o+x#@%&";
    return letters[line % (sizeof letters - 1)];
}

static void print_character(uint8_t dots, size_t line, bool unicode)
{
    if (unicode)
        printf("\xe2%c%c", (char)(0xa0 | dots >> 6), (char)(0x80 | (dots & 0x3f)));
    else
        putchar(letter_of(line));
}

void raster_print(const struct raster *raster, size_t row, bool colour)
{
    const uint8_t *dots = raster->dots + row * raster->columns;
    const uint32_t *owner = raster->owner + row * raster->columns;
    size_t end = raster->columns;
    uint32_t before = 0;
    while (end > 0 && dots[end - 1] == 0) end--; /* no line ends in spaces */
    for (size_t i = 0; i < end; i++) {
        if (dots[i] == 0) {
            putchar(' ');
            continue;
        }
        if (colour && owner[i] != before) fputs(colour_of(owner[i] - 1), stdout);
        before = owner[i];
        print_character(dots[i], owner[i] - 1, raster->unicode);
    }
    fputs(colour && before != 0 ? "\x1b[0m\n" : "\n", stdout);
}

void raster_sample(size_t line, bool colour, bool unicode)
{
    const uint8_t dash = 0x12; /* the two dots of a braille character's second row */
    if (colour) fputs(colour_of(line), stdout);
    print_character(dash, line, unicode);
    if (unicode) print_character(dash, line, unicode);
    if (colour) fputs("\x1b[0m", stdout);
}
