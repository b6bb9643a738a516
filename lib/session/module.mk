# Sources and tests of lib/session.
gossipinclude_HEADERS += lib/gossip/session.h
libgossip_core_la_SOURCES += lib/session/actions.c lib/session/channel.c lib/session/channel.h lib/session/checkpoint.c \
	lib/session/connection.c lib/session/control.c lib/session/dial.c lib/session/edge.c lib/session/handshake.c \
	lib/session/history.c lib/session/job.c lib/session/journal.c lib/session/limits.h lib/session/link.c \
	lib/session/listed.c lib/session/lost.c lib/session/memory.c lib/session/network.c lib/session/peer.c lib/session/peer.h \
	lib/session/reload.c lib/session/restore.c lib/session/run.c lib/session/run_begin.c lib/session/runstate.c lib/session/start.c \
	lib/session/stranger.c lib/session/summary.c lib/session/target.c
libgossip_core_la_SOURCES += lib/session/cipher.c lib/session/cipher.h lib/session/key.c lib/session/noise.c \
	lib/session/noise.h lib/session/record.c lib/session/record.h

check_PROGRAMS += tests/unit/test_noise tests/unit/test_record
TESTS += tests/unit/test_noise tests/unit/test_record
tests_unit_test_noise_SOURCES = tests/unit/test_noise.c
tests_unit_test_noise_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_noise_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_noise_LDADD = $(TEST_LIBS)
tests_unit_test_record_SOURCES = tests/unit/test_record.c
tests_unit_test_record_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_record_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_record_LDADD = $(TEST_LIBS)

# Runs vectors of the Noise handshake, ours and other people's: every .json test is a file for it.
noinst_PROGRAMS += tests/noise-vectors
tests_noise_vectors_SOURCES = tests/noise_vectors.c
tests_noise_vectors_LDADD = libgossip-core.la
TEST_EXTENSIONS = .json
JSON_LOG_COMPILER = $(top_builddir)/tests/noise-vectors
TESTS += tests/data/noise/xk_vectors.json
EXTRA_DIST += tests/data/noise/xk_vectors.json
