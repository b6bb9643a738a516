/* The idx format of MNIST and its kin, plain or in gzip: big-endian, images as bytes. */
#include "internal.h"

#include <string.h>

enum { DIMENSIONS_MAX = 8 };

int gsp__idx_header(struct gsp__source *source, struct gsp__array *array, struct gsp_error *error)
{
    static const struct {
        uint8_t code;
        enum gsp__element element;
    } elements[] = {{0x08, GSP__ELEMENT_U8},  {0x09, GSP__ELEMENT_I8},  {0x0b, GSP__ELEMENT_I16},
                    {0x0c, GSP__ELEMENT_I32}, {0x0d, GSP__ELEMENT_F32}, {0x0e, GSP__ELEMENT_F64}};
    uint8_t magic[4], sizes[4 * DIMENSIONS_MAX];
    uint64_t shape[DIMENSIONS_MAX];
    int rc = source->read(source, magic, sizeof magic, error);
    if (rc) return rc;
    size_t known = sizeof elements / sizeof *elements, type = 0;
    while (type < known && elements[type].code != magic[2]) type++;
    if (magic[0] || magic[1] || type == known || !magic[3] || magic[3] > DIMENSIONS_MAX)
        return gsp_error_set(error, GSP_ERR_DATA,
                             "%s: it is no idx file (it begins with %02x %02x %02x %02x); known are npy, npz, csv, "
                             "libsvm, idx and idx.gz",
                             source->name, magic[0], magic[1], magic[2], magic[3]);
    rc = source->read(source, sizes, 4 * (size_t)magic[3], error);
    if (rc) return rc;
    for (size_t i = 0; i < magic[3]; i++) {
        const uint8_t *size = sizes + 4 * i;
        shape[i] = (uint64_t)size[0] << 24 | (uint64_t)size[1] << 16 | (uint64_t)size[2] << 8 | size[3];
    }
    *array = (struct gsp__array){.element = elements[type].element, .big_endian = true, .divisor = 1};
    return gsp__array_shape(array, shape, magic[3], source, error);
}

/* The bytes of an idx file, plain or compressed. */
static int open_idx(struct gsp__source *source, struct gsp__gzip *gzip, const struct gsp_file *file,
                    struct gsp__array *array, struct gsp_error *error)
{
    *gzip = (struct gsp__gzip){0};
    int rc = 0;
    if (file->length >= 2 && file->bytes[0] == 0x1f && file->bytes[1] == 0x8b)
        rc = gsp__source_gzip(source, gzip, file, error);
    else
        gsp__source_memory(source, file);
    return rc ? rc : gsp__idx_header(source, array, error);
}

int gsp__idx_dataset(struct gsp_dataset *dataset, const struct gsp_file *file, const struct gsp__want *want,
                     struct gsp_error *error)
{
    struct gsp__source source;
    struct gsp__gzip gzip;
    struct gsp__array array;
    int rc = open_idx(&source, &gzip, file, &array, error);
    if (!rc) {
        if (array.element == GSP__ELEMENT_U8) array.divisor = 255; /* grey values become 0 to 1 */
        rc = gsp__array_features(&source, &array, want->bias, dataset, error);
    }
    gsp__gzip_clear(&gzip);
    return rc;
}

int gsp__idx_targets(double **targets, size_t *count, const struct gsp_file *file, struct gsp_error *error)
{
    struct gsp__source source;
    struct gsp__gzip gzip;
    struct gsp__array array;
    int rc = open_idx(&source, &gzip, file, &array, error);
    if (!rc) rc = gsp__array_targets(&source, &array, targets, count, error);
    gsp__gzip_clear(&gzip);
    return rc;
}
