/* Whole networks that crash, lose power and disks, from seeds: `test_crashes` plays those of CI, `test_crashes --seeds
 * FIRST COUNT` others, `test_crashes KIND SEED` one (CLUSTER_LOG=1 shows what the nodes log). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fate.h"

static const char *const kinds[FATE_KINDS] = {"crashes", "stops", "wipes", "losses", "both"};

static bool play(enum fate_kind kind, uint64_t seed, struct fate_sum *sum)
{
    struct fate fate;
    char wrong[600] = "";
    fate_draw(&fate, kind, seed);
    if (fate_play(&fate, sum, wrong, sizeof wrong)) return true;
    printf("FAILED %s %llu: %s\n  again: %s %s %llu\n", kinds[kind], (unsigned long long)seed, wrong,
           "build/tests/sim/test_crashes", kinds[kind], (unsigned long long)seed);
    fflush(stdout);
    return false;
}

static size_t play_all(uint64_t first, uint64_t count)
{
    struct fate_sum sum = {0};
    size_t failed = 0;
    for (uint64_t seed = first; seed < first + count; seed++)
        for (enum fate_kind kind = 0; kind < FATE_KINDS; kind++) failed += !play(kind, seed, &sum);
    printf("%llu networks, %.1f virtual hours: %llu deaths, %llu power cuts, %llu damaged files, %llu full disks, %llu "
           "lost "
           "disks, %llu cut connections, %llu stops, %llu absences\n",
           (unsigned long long)sum.runs, (double)sum.virtual_ms / 3600e3, (unsigned long long)sum.deaths,
           (unsigned long long)sum.power_cuts, (unsigned long long)sum.damages, (unsigned long long)sum.full_disks,
           (unsigned long long)sum.wipes, (unsigned long long)sum.cuts, (unsigned long long)sum.stops,
           (unsigned long long)sum.absences);
    printf("%.0f%%: Checks: %llu, Failures: %zu, Errors: 0\n", 100.0 * (double)(sum.runs - failed) / (double)sum.runs,
           (unsigned long long)sum.runs, failed);
    return failed;
}

int main(int argc, char **argv)
{
    struct fate_sum sum = {0};
    if (argc == 4 && strcmp(argv[1], "--seeds") == 0)
        return play_all(strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10)) ? EXIT_FAILURE : EXIT_SUCCESS;
    if (argc == 3)
        for (enum fate_kind kind = 0; kind < FATE_KINDS; kind++)
            if (strcmp(argv[1], kinds[kind]) == 0)
                return play(kind, strtoull(argv[2], NULL, 10), &sum) ? EXIT_SUCCESS : EXIT_FAILURE;
    if (argc != 1) {
        fprintf(stderr, "usage: test_crashes [--seeds FIRST COUNT | crashes|stops|wipes|losses|both SEED]\n");
        return 64;
    }
#ifdef __SANITIZE_ADDRESS__
    const uint64_t seeds = 48; /* each takes ten times as long */
#else
    const uint64_t seeds = 400; /* of each kind: 2,000 networks */
#endif
    return play_all(1, seeds) ? EXIT_FAILURE : EXIT_SUCCESS;
}
