/* Data files, read as a daemon reads them. */
#ifndef TESTS_FUZZ_READ_DATA_H
#define TESTS_FUZZ_READ_DATA_H

#include <gossip/data.h>

#include "fuzz.h"

/* What stands in front of the files in an input. */
struct fuzz_data_head {
    bool bias;
    bool labels;     /* two files: of the first its length is given, the second has the rest */
    bool wrapped;    /* the format's container is put around the bytes first, see the harness */
    size_t features; /* libsvm: 0 to 15 */
    size_t length;   /* of the first file */
};
struct fuzz_data_head fuzz_data_head(struct fuzz_input *input);
/* Reads a data set; what is taken must hold together, and survive sorting, slicing and being written and read again.
 * `labels` may be NULL. */
void fuzz_read_data(const struct fuzz_data_head *head, const struct gsp_file *data, const struct gsp_file *labels);
/* The whole of it, for a format without a container. */
void fuzz_data(const uint8_t *bytes, size_t size, const char *name);

#endif
