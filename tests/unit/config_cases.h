/* What the tests of lib/config and of the graph share: looking for a problem in a list. */
#ifndef TESTS_UNIT_CONFIG_CASES_H
#define TESTS_UNIT_CONFIG_CASES_H

#include <gossip/base.h>

#include <check.h>
#include <stdio.h>
#include <string.h>

/* Exactly one problem begins with `start` and contains `part`. */
static inline void expect_problem(const struct gsp_problems *problems, const char *start, const char *part)
{
    size_t found = 0;
    for (size_t i = 0; i < problems->count; i++)
        found += strncmp(problems->messages[i], start, strlen(start)) == 0 && strstr(problems->messages[i], part);
    if (found == 1) return;
    for (size_t i = 0; i < problems->count; i++) fprintf(stderr, "  %s\n", problems->messages[i]);
    ck_abort_msg("%zu problems begin with '%s' and contain '%s'", found, start, part);
}

static inline void expect_count(const struct gsp_problems *problems, size_t count)
{
    if (problems->count == count && problems->untold == 0) return;
    for (size_t i = 0; i < problems->count; i++) fprintf(stderr, "  %s\n", problems->messages[i]);
    ck_abort_msg("%zu problems where %zu were expected", problems->count, count);
}

static inline struct gsp_stream test_stream(uint64_t seed)
{
    uint8_t key[32];
    struct gsp_stream stream;
    gsp_stream_key(key, seed, "", "test");
    gsp_stream_init(&stream, key, 0);
    return stream;
}

static inline int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}

#endif
