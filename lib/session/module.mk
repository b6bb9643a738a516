# The whole peer, which composes the rooms. Sources and tests of lib/session.
gossipinclude_HEADERS += lib/gossip/session.h
libgossip_core_la_SOURCES += lib/session/control.c lib/session/events.c lib/session/inside.h lib/session/outbox.c \
	lib/session/peer.c

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
