#include "allocation.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *block);

enum { SLOTS = 1 << 16 };

/* The blocks that live, in a hash table that is searched on from a block's place; freed ones leave a mark. */
static struct {
    bool armed, struck;
    uint64_t fails, count;
    size_t live;
    void *blocks[SLOTS];
} faults;
static char freed;

static size_t place_of(const void *block)
{
    return (size_t)((uintptr_t)block / 16 * UINT64_C(0x9e3779b97f4a7c15) >> 48);
}

static void *note(void *block)
{
    if (!block) return NULL;
    size_t place = place_of(block);
    assert(faults.live < SLOTS / 2);
    while (faults.blocks[place] && faults.blocks[place] != &freed) place = (place + 1) % SLOTS;
    faults.blocks[place] = block;
    faults.live++;
    return block;
}

static void forget(const void *block)
{
    size_t place = place_of(block), first = place;
    while (block && faults.blocks[place]) {
        if (faults.blocks[place] == block) {
            faults.blocks[place] = &freed;
            faults.live--;
            return;
        }
        place = (place + 1) % SLOTS;
        if (place == first) return; /* one that a library allocated */
    }
}

static bool fail(void)
{
    if (!faults.armed || ++faults.count != faults.fails) return false;
    faults.struck = true;
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fail() ? NULL : note(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fail() ? NULL : note(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    if (fail()) return NULL;
    void *grown = __real_realloc(block, size);
    if (!grown) return NULL;
    forget(block);
    return note(grown);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fail() ? NULL : note(__real_aligned_alloc(alignment, size));
}

void __wrap_free(void *block)
{
    forget(block);
    __real_free(block);
}

void faults_begin(uint64_t fails)
{
    memset(&faults, 0, sizeof faults);
    faults.fails = fails;
}

void faults_arm(bool armed)
{
    faults.armed = armed;
}

uint64_t faults_count(void)
{
    return faults.count;
}

bool faults_struck(void)
{
    return faults.struck;
}

size_t faults_live(void)
{
    return faults.live;
}
