# Sources of tools/sim.
bin_PROGRAMS += gossip-sim
gossip_sim_SOURCES = tools/sim/golden.c tools/sim/golden_case.c tools/sim/golden_case.h tools/sim/main.c \
	tools/sim/node_history.c tools/sim/options.c tools/sim/plan.c tools/sim/run.c tools/sim/scores.c \
	tools/sim/workers.c tools/sim/workers.h
gossip_sim_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS)
gossip_sim_LDADD = libgossip-sim.la libgossip-tools.la libgossip-beside.la libgossip-daemon.la libgossip-core.la $(UV_LIBS)

# What its tests and benchmarks use as well.
noinst_LTLIBRARIES += libgossip-sim.la
libgossip_sim_la_SOURCES = tools/sim/lockstep.c tools/sim/plain.c tools/sim/shards.c tools/sim/sim.h

test_programs += tests/unit/test_lockstep
tests_unit_test_lockstep_LDADD = libgossip-sim.la $(LDADD)

dist_check_SCRIPTS += tests/golden.sh tests/gossip_sim.sh tests/gossip_sim_tables.sh tests/gossip_sim_worker.sh
TESTS += tests/golden.sh tests/gossip_sim.sh tests/gossip_sim_tables.sh tests/gossip_sim_worker.sh
EXTRA_DIST += tests/golden tests/data/tables

# Not part of the tests: `make bench-programs`.
EXTRA_PROGRAMS += tests/bench/bench_round
EXTRA_DIST += tests/bench/bench_round.py
tests_bench_bench_round_LDADD = libgossip-sim.la libgossip-core.la
