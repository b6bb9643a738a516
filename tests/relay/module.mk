# A TCP relay with faults, for tests with real processes.
check_PROGRAMS += tests/relay/relay
tests_relay_relay_SOURCES = tests/relay/main.c tests/relay/command.c tests/relay/command.h tests/relay/relay.h \
	tests/relay/link.c tests/relay/pair.c tests/relay/pair.h tests/relay/flow.c tests/relay/flow.h
tests_relay_relay_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS)
tests_relay_relay_LDADD = libgossip-core.la $(UV_LIBS)

dist_check_SCRIPTS += tests/relay/test_relay.py
TESTS += tests/relay/test_relay.py
EXTRA_DIST += tests/relay/relay.py
