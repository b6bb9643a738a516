/* What the fuzz harnesses share. Each harness is a file with one LLVMFuzzerTestOneInput: built with --enable-fuzz it is
 * a libFuzzer program, else replay.c gives it a main that plays its corpus. A property that does not hold fails an
 * assertion: to the fuzzer that is a crash. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <gossip/base.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Input that is taken piece by piece; what is not there is 0. */
struct fuzz_input {
    const uint8_t *bytes;
    size_t left;
};

static inline uint8_t fuzz_byte(struct fuzz_input *input)
{
    if (!input->left) return 0;
    input->left--;
    return *input->bytes++;
}

static inline uint16_t fuzz_u16(struct fuzz_input *input)
{
    unsigned low = fuzz_byte(input);
    return (uint16_t)(low | (unsigned)fuzz_byte(input) << 8);
}

static inline uint64_t fuzz_u64(struct fuzz_input *input)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value |= (uint64_t)fuzz_byte(input) << (8 * i);
    return value;
}

/* Up to `length` bytes; *length becomes how many there are. */
static inline const uint8_t *fuzz_bytes(struct fuzz_input *input, size_t *length)
{
    const uint8_t *bytes = input->bytes;
    if (*length > input->left) *length = input->left;
    input->bytes += *length;
    input->left -= *length;
    return bytes;
}

/* A copy of just this size, so that a sanitizer sees what reads beyond its end; free(). */
uint8_t *fuzz_copy(const uint8_t *bytes, size_t length);
/* The bytes as a text that ends; free(). */
char *fuzz_text(const uint8_t *bytes, size_t length);

#endif
