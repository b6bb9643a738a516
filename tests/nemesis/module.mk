# Nine daemons under faults drawn from a seed (tests/nemesis/run --help).
check_LTLIBRARIES += tests/nemesis/wallclock.la
tests_nemesis_wallclock_la_SOURCES = tests/nemesis/wallclock.c
tests_nemesis_wallclock_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nowhere

nemesis_files = tests/nemesis/daemons.py tests/nemesis/namespaces.py tests/nemesis/network.py tests/nemesis/play.py \
	tests/nemesis/run tests/nemesis/schedule.py tests/nemesis/workers.py
EXTRA_DIST += $(nemesis_files) tests/bench/bench_checkpoints.py tests/bench/bench_recovery.py tests/bench/fashion.py
dist_check_SCRIPTS += tests/nemesis/test_nemesis.sh tests/nemesis/test_workers.sh
TESTS += tests/nemesis/test_nemesis.sh tests/nemesis/test_workers.sh
