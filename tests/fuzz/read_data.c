#include "read_data.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct fuzz_data_head fuzz_data_head(struct fuzz_input *input)
{
    struct fuzz_data_head head = {0};
    unsigned flags = fuzz_byte(input);
    head.bias = flags & 1;
    head.labels = flags & 2;
    head.wrapped = flags & 4;
    head.features = flags >> 4;
    head.length = head.labels || head.wrapped ? fuzz_u16(input) : input->left;
    return head;
}

static size_t width(const struct gsp_dataset *dataset)
{
    return dataset->dtype == GSP_FLOAT32 ? sizeof(float) : sizeof(double);
}

static void check(const struct gsp_dataset *dataset)
{
    size_t count = dataset->rows * dataset->columns;
    assert(dataset->rows && dataset->columns);
    for (size_t i = 0; i < count; i++)
        assert(isfinite(dataset->dtype == GSP_FLOAT32 ? (double)((const float *)dataset->features)[i]
                                                      : ((const double *)dataset->features)[i]));
    for (size_t i = 0; i < dataset->rows; i++) {
        assert(dataset->targets[i] >= dataset->target_min && dataset->targets[i] <= dataset->target_max);
        if (dataset->targets_whole && fabs(dataset->targets[i]) != 1)
            assert(dataset->targets[i] >= 0 && floor(dataset->targets[i]) == dataset->targets[i]);
    }
}

/* As npz and back: the same numbers. */
static void write_and_read(const struct gsp_dataset *dataset)
{
    struct gsp_dataset *again = NULL;
    struct gsp_buffer bytes = {0};
    const struct gsp_data_options options = {0};
    int rc = gsp_dataset_write_npz(dataset, false, &bytes, NULL);
    assert(!rc);
    const struct gsp_file file = {"again.npz", bytes.data, bytes.length};
    rc = gsp_dataset_read(&again, &file, NULL, &options, NULL);
    assert(!rc && again->rows == dataset->rows && again->columns == dataset->columns);
    assert(again->dtype == dataset->dtype);
    assert(memcmp(again->features, dataset->features, dataset->rows * dataset->columns * width(dataset)) == 0);
    assert(memcmp(again->targets, dataset->targets, dataset->rows * sizeof(double)) == 0);
    gsp_dataset_free(again);
    gsp_buffer_clear(&bytes);
}

void fuzz_read_data(const struct fuzz_data_head *head, const struct gsp_file *data, const struct gsp_file *labels)
{
    struct gsp_dataset *dataset = NULL, *part = NULL;
    struct gsp_error error = {0};
    /* The other half of what may be asked for goes with these. */
    const struct gsp_data_options options = {.bias = head->bias,
                                             .features = head->features,
                                             .alone = !head->bias,
                                             .missing = head->features % 2 ? GSP_MISSING_DROP : GSP_MISSING_REFUSE,
                                             .drop = head->bias ? "1" : NULL};
    int rc = gsp_dataset_read(&dataset, data, labels, &options, &error);
    if (rc) {
        assert(!dataset && rc == GSP_ERR_DATA && error.code == rc && *error.message);
        return;
    }
    check(dataset);
    write_and_read(dataset);
    rc = gsp_dataset_slice(&part, dataset, dataset->rows / 2, dataset->rows);
    assert(!rc);
    check(part);
    rc = gsp_dataset_sort(dataset);
    assert(!rc);
    check(dataset);
    gsp_dataset_free(part);
    gsp_dataset_free(dataset);
}

void fuzz_data(const uint8_t *bytes, size_t size, const char *name)
{
    struct fuzz_input input = {bytes, size};
    struct fuzz_data_head head = fuzz_data_head(&input);
    size_t length = head.length;
    const uint8_t *start = fuzz_bytes(&input, &length);
    uint8_t *first = fuzz_copy(start, length), *second = fuzz_copy(input.bytes, input.left);
    const struct gsp_file data = {name, first, length}, labels = {name, second, input.left};
    fuzz_read_data(&head, &data, head.labels ? &labels : NULL);
    free(first);
    free(second);
}
