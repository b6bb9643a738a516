# Sources of tools/sim.
bin_PROGRAMS += gossip-sim
gossip_sim_SOURCES = $(tools_common_sources) tools/sim/golden.c tools/sim/golden_case.c tools/sim/golden_case.h \
	tools/sim/lockstep.c tools/sim/main.c tools/sim/node_history.c tools/sim/options.c tools/sim/plain.c tools/sim/plan.c tools/sim/run.c \
	tools/sim/shards.c tools/sim/sim.h
gossip_sim_LDADD = libgossip-core.la

check_PROGRAMS += tests/unit/test_lockstep
TESTS += tests/unit/test_lockstep
tests_unit_test_lockstep_SOURCES = tests/unit/test_lockstep.c tests/unit/data_cases.h tools/sim/lockstep.c \
	tools/sim/plain.c tools/sim/shards.c
tests_unit_test_lockstep_CPPFLAGS = $(TEST_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_lockstep_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_lockstep_LDADD = $(TEST_LIBS)

dist_check_SCRIPTS += tests/golden.sh tests/gossip_sim.sh
TESTS += tests/golden.sh tests/gossip_sim.sh
EXTRA_DIST += tests/golden tests/lib.sh

# Not part of the tests: `make bench-programs`.
EXTRA_PROGRAMS += tests/bench/bench_round
EXTRA_DIST += tests/bench/bench_round.py
tests_bench_bench_round_SOURCES = tests/bench/bench_round.c tools/sim/lockstep.c tools/sim/shards.c
tests_bench_bench_round_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_bench_bench_round_LDADD = libgossip-core.la
