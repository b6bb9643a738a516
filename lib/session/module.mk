# The whole peer, which composes the rooms. Sources and tests of lib/session.
gossipinclude_HEADERS += lib/gossip/session.h
libgossip_core_la_SOURCES += lib/session/control.c lib/session/events.c lib/session/inside.h lib/session/outbox.c \
	lib/session/peer.c

test_programs += tests/unit/test_noise tests/unit/test_record

# Runs vectors of the Noise handshake, ours and other people's: every .json test is a file for it.
noinst_PROGRAMS += tests/noise-vectors
tests_noise_vectors_SOURCES = tests/noise_vectors.c
tests_noise_vectors_LDADD = libgossip-core.la
TEST_EXTENSIONS = .json
JSON_LOG_COMPILER = $(top_builddir)/tests/noise-vectors
TESTS += tests/data/noise/xk_vectors.json
EXTRA_DIST += tests/data/noise/xk_vectors.json
