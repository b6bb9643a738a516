/* Networks whose gradients are answered later, through everything that a fate brings (fate.h). `test_problem_fates
 * SEED` plays one seed. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fate.h"
#include "unit/run_suite.h"

#ifdef __SANITIZE_ADDRESS__
enum { FIRST_SEED = 1, SEEDS = 20 };
#else
enum { FIRST_SEED = 1, SEEDS = 100 };
#endif

enum { FORGETFUL_SEEDS = 20 };

/* ---- fates ---- */

static void play_fate(enum fate_kind kind, enum cluster_problem problem, uint64_t seed)
{
    struct fate fate;
    struct fate_sum sum = {0};
    char wrong[600] = "";
    fate_draw(&fate, kind, seed);
    fate.options.problem = problem;
    fate.problem_deaths = seed % 9;
    ck_assert_msg(fate_play(&fate, &sum, wrong, sizeof wrong), "kind %d, seed %llu: %s", (int)kind,
                  (unsigned long long)seed, wrong);
    ck_assert_uint_eq(sum.problem_deaths, fate.problem_deaths);
}

/* Compared to the bits with where gradients are computed at once, without a disturbance. */
START_TEST(crashes_change_nothing)
{
    play_fate(FATE_CRASHES, CLUSTER_LATER, (uint64_t)_i);
}
END_TEST

START_TEST(stops_are_at_one_round)
{
    play_fate(FATE_STOPS, CLUSTER_LATER, (uint64_t)_i);
}
END_TEST

START_TEST(lost_disks_and_neighbours_are_made_good)
{
    play_fate((enum fate_kind)(FATE_WIPES + _i % 3), CLUSTER_LATER, (uint64_t)_i);
}
END_TEST

START_TEST(a_state_survives_crashes)
{
    play_fate(_i % 2 ? FATE_STOPS : FATE_CRASHES, CLUSTER_STATEFUL, (uint64_t)_i);
}
END_TEST

/* The same seeds with what computes taking no state that it is given. Where it died in the middle of a run this is
 * found, which is what shows that the test above could find it; a death before the first step costs nothing. */
START_TEST(a_forgotten_state_is_found)
{
    size_t found = 0, died = 0;
    for (uint64_t seed = 1; seed <= FORGETFUL_SEEDS; seed++) {
        struct fate fate;
        struct fate_sum sum = {0};
        char wrong[600] = "";
        fate_draw(&fate, FATE_CRASHES, seed);
        fate.options.problem = CLUSTER_FORGETFUL;
        fate.problem_deaths = 2;
        found += !fate_play(&fate, &sum, wrong, sizeof wrong) && strstr(wrong, "another x") != NULL;
        died += sum.problem_deaths > 0;
    }
    ck_assert_uint_eq(died, FORGETFUL_SEEDS);
    ck_assert_msg(found >= FORGETFUL_SEEDS / 2, "found in %zu of %d fates", found, FORGETFUL_SEEDS);
}
END_TEST

int main(int argc, char **argv)
{
    int first = argc == 2 ? atoi(argv[1]) : FIRST_SEED, last = argc == 2 ? first + 1 : FIRST_SEED + SEEDS;
    Suite *suite = suite_create("fates of problems that answer later");
    TCase *tests = tcase_create("fates");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, crashes_change_nothing, first, last);
    tcase_add_loop_test(tests, stops_are_at_one_round, first, last);
    tcase_add_loop_test(tests, lost_disks_and_neighbours_are_made_good, first, last);
    tcase_add_loop_test(tests, a_state_survives_crashes, first, last);
    tcase_add_test(tests, a_forgotten_state_is_found);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
