/* npy files: as data, and as an initial point. */
#include "read_data.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void initial_point(const uint8_t *data, size_t size)
{
    double *values = NULL;
    size_t shape[2];
    struct gsp_error error = {0};
    uint8_t *copy = fuzz_copy(data, size);
    const struct gsp_file file = {"x.npy", copy, size};
    if (gsp_npy_read(&file, &values, shape, &error)) {
        assert(!values && *error.message);
    } else {
        struct gsp_buffer out = {0};
        int rc = gsp_npy_write(values, shape[0] * shape[1], shape[0], &out);
        assert(!rc);
        gsp_buffer_clear(&out);
    }
    free(values);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size) initial_point(data + 1, size - 1);
    fuzz_data(data, size, "data.npy");
    return 0;
}
