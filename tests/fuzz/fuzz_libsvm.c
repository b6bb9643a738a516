/* libsvm files; a second file, if there is one, holds labels. */
#include "read_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_data(data, size, "data.libsvm");
    return 0;
}
