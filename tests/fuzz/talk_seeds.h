/* What an orderly worker sends, as input of fuzz_talk. */
#ifndef TESTS_FUZZ_TALK_SEEDS_H
#define TESTS_FUZZ_TALK_SEEDS_H

#include <gossip/base.h>

/* Appends it: HELLO, a question or two, and their answers. `inline_vectors`: nothing is shared. */
void talk_seed(struct gsp_buffer *out, bool inline_vectors);

#endif
