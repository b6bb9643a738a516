#include "samples.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

#define NPY_HEADER(shape) "\x93NUMPY\1\0\x3c\0{'descr': '|u1', 'fortran_order': False, 'shape': (" shape "), }\n"
#define IDX_IMAGES        "\0\0\10\3\0\0\0\2\0\0\0\2\0\0\0\2\1\2\3\4\5\6\7\377"
#define IDX_LABELS        "\0\0\10\1\0\0\0\2\1\0"
/* The images, as `gzip -n` packs them. */
#define IDX_IMAGES_GZ                                                                                                  \
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x63\x60\xe0\x60\x66\x60\x60\x60\x82"                                     \
    "\x61\x46\x26\x66\x16\x56\x36\xf6\xff\x00\xda\x53\x3b\x82\x18\x00\x00\x00"

static const struct sample_file samples[] = {
    {"t.csv", BYTES("a,b,y\n1,2,0\n3,4,1\n"), NULL, NULL, 0},
    {"t.csv", BYTES("1,2\n3,4\n"), "l.csv", BYTES("0\n1\n")},
    {"t.svm", BYTES("1 1:0.5 3:2\n0 2:1\n"), NULL, NULL, 0},
    {"t.npy", BYTES(NPY_HEADER("2, 2") "\1\2\3\4"), "l.npy", BYTES(NPY_HEADER("2,  ") "\0\1")},
    {"t-idx3-ubyte", BYTES(IDX_IMAGES), "t-idx1-ubyte", BYTES(IDX_LABELS)},
    {"t-idx3-ubyte.gz", BYTES(IDX_IMAGES_GZ), "t-idx1-ubyte", BYTES(IDX_LABELS)},
};

const struct sample_file *sample_files(size_t *count)
{
    *count = sizeof samples / sizeof *samples;
    return samples;
}
