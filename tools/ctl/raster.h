/* raster.h - lines made of characters: eight dots in each where there is braille, else a letter. */
#ifndef GOSSIP_TOOLS_CTL_RASTER_H
#define GOSSIP_TOOLS_CTL_RASTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct raster {
    size_t columns, rows;          /* characters */
    size_t dots_across, dots_down; /* of all of them */
    bool unicode;
    uint8_t *dots;   /* by character: which of its dots are set */
    uint32_t *owner; /* and the line that was there last, counted from 1 */
};

/* 0 or GSP_ERR_NOMEM. */
int raster_init(struct raster *raster, size_t columns, size_t rows, bool unicode);
void raster_clear(struct raster *raster);
/* Takes all lines away. */
void raster_wipe(struct raster *raster);
/* A straight line between two dots, in coordinates of dots from the upper left corner. */
void raster_line(struct raster *raster, double x1, double y1, double x2, double y2, size_t line);
/* Prints a row of characters and a line end. */
void raster_print(const struct raster *raster, size_t row, bool colour);
/* Prints one character as this line has them. */
void raster_sample(size_t line, bool colour, bool unicode);

#endif
