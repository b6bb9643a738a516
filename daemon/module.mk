# Sources of daemon.
bin_PROGRAMS += gossipd
gossipd_SOURCES = daemon/main.c daemon/loop.c daemon/daemon.h daemon/log.c daemon/log.h daemon/net.c daemon/net.h \
	daemon/listen.c daemon/listen.h daemon/dial.c daemon/dial.h daemon/work.c daemon/work.h daemon/control.c \
	daemon/control.h daemon/signals.c daemon/signals.h daemon/store.c daemon/store.h daemon/history.c daemon/history.h \
	daemon/reload.c daemon/reload.h daemon/worker.c daemon/worker.h daemon/worker_words.c daemon/worker_words.h
gossipd_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS)
gossipd_LDADD = libgossip-beside.la libgossip-daemon.la libgossip-core.la $(UV_LIBS)

# Workers and the talk with them: the simulator's, too.
noinst_LTLIBRARIES += libgossip-beside.la
libgossip_beside_la_SOURCES = daemon/worker_link.c daemon/worker_link.h daemon/worker_process.c daemon/worker_process.h
libgossip_beside_la_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS)

# What of it the tools and tests use as well.
noinst_LTLIBRARIES += libgossip-daemon.la
libgossip_daemon_la_SOURCES = daemon/commands.c daemon/commands.h daemon/files.c daemon/files.h daemon/rows.c daemon/rows.h daemon/setup.c \
	daemon/setup.h daemon/state.c daemon/state.h daemon/unix_socket.c daemon/unix_socket.h

# Real processes over loopback.
daemon_tests = tests/daemon/bad_files.sh tests/daemon/bad_runs.sh tests/daemon/control.sh \
	tests/daemon/disk.sh tests/daemon/history.sh tests/daemon/old_files.sh tests/daemon/operator.sh tests/daemon/reload.sh tests/daemon/tables.sh tests/daemon/train.sh \
	tests/daemon/worker.sh tests/daemon/worker_attached.sh tests/daemon/worker_faults.sh tests/daemon/worker_torch.sh
TESTS += $(daemon_tests)
check_PROGRAMS += tests/kept-tool
tests_kept_tool_SOURCES = tests/kept_tool.c
EXTRA_DIST += tests/data/kept-2.sh tests/data/kept-2.tar.gz
EXTRA_DIST += tests/lib.sh tests/daemon/cutter.pl tests/daemon/worker_model.py tests/daemon/worker_rogue.py $(daemon_tests)

# Not part of the tests: `make bench-programs`.
EXTRA_PROGRAMS += tests/bench/bench_worker tests/bench/worker_cheap
tests_bench_bench_worker_CPPFLAGS = $(gossipd_CPPFLAGS)
tests_bench_bench_worker_LDADD = libgossip-beside.la libgossip-core.la $(UV_LIBS)
tests_bench_worker_cheap_LDADD = libgossip-worker-core.la
EXTRA_DIST += tests/bench/bench_large.sh tests/bench/worker_cheap.py
