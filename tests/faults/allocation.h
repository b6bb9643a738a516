/* Allocations that fail on purpose. Programs that link allocation.c with the linker's --wrap (see module.mk) have every
 * malloc, calloc, realloc and aligned_alloc of libgossip go through it; those of shared libraries do not. */
#ifndef TESTS_FAULTS_ALLOCATION_H
#define TESTS_FAULTS_ALLOCATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From now on, allocations made while armed are counted from 1; the one with this number fails. 0: none does. */
void faults_begin(uint64_t fails);
void faults_arm(bool armed);
/* How many were counted. */
uint64_t faults_count(void);
bool faults_struck(void);
/* Blocks that were allocated since faults_begin, armed or not, and not freed. */
size_t faults_live(void);

#endif
